/* A table of text for a terminal: columns by the width that characters have there (UTF-8, double-width, combining), fitted into the
 * terminal's width by cutting cells of columns that may shrink. Where that is not enough it is printed in parts, one below the other, each
 * with the first column; a part leaves out rows that are empty there. Control characters of a cell are shown as "·": what a server sends must
 * not steer the terminal. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"

enum table_mark { TABLE_PLAIN, TABLE_GOOD, TABLE_RUNNING, TABLE_WARNING, TABLE_BAD, TABLE_FAINT, TABLE_HEADING, TABLE_MARKS };

struct table_cell {
	struct text text; /* absent: empty */
	enum table_mark mark; /* a colour, where colours are wanted; never the only sign */
};

struct table_column {
	const char *title;
	size_t least; /* columns of the terminal that it keeps when there is too little room; 0: it is never cut */
	bool right; /* aligned */
};

struct table;
/* columns are copied; the titles stay the caller's. Everything is in the arena. */
struct table *table_new(struct arena *a, const struct table_column *columns, size_t count);
void table_row(struct table *t, const struct table_cell *cells); /* as many as columns; texts stay the caller's */
/* A second line of the row before: a part that shows it shows that one too. */
void table_row_below(struct table *t, const struct table_cell *cells);
void table_print(const struct table *t, size_t width, bool colour, struct buf *out); /* width 0: as wide as it takes */

size_t table_text_width(struct text t); /* columns of the terminal; bytes that are no UTF-8 count one each */
/* Columns of the terminal behind fd; COLUMNS where it is set; 0 when it is no terminal. */
size_t table_terminal_width(int fd);
