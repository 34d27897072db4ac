/* A table for a terminal: what is too wide is cut where that is allowed, and continued below where that is not enough. */
#include "cli/table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/ci_log.h"
#include "cli/glyph.h"

enum { GAP = 2, USUAL_WIDTH = 80, MOST_WIDTH = 10000 };

struct table {
	struct arena *arena;
	struct table_column *columns;
	size_t count;
	struct table_row {
		struct table_cell *cells;
		bool below; /* belongs to the one before */
	} * rows;
	size_t row_count, room;
};

/* Columns that are printed side by side: the first one of the table, and those from `from` up to `to`. */
struct band {
	size_t from, to;
	size_t *widths; /* by the number of the column */
};

static const char *const COLOURS[TABLE_MARKS] = {
	[TABLE_GOOD] = "\033[32m",
	[TABLE_RUNNING] = "\033[36m",
	[TABLE_WARNING] = "\033[33m",
	[TABLE_BAD] = "\033[31m",
	[TABLE_FAINT] = "\033[2m",
	[TABLE_HEADING] = "\033[1m",
};

struct table *table_new(struct arena *a, const struct table_column *columns, size_t count)
{
	struct table *t = arena_new_of(a, struct table);
	t->arena = a;
	t->columns = arena_copy(a, columns, count * sizeof *columns);
	t->count = count;
	return t;
}

/* A product that is named like a command of a CI system ("::add-mask::") is not to become one in its log. */
static struct text harmless(struct arena *a, struct text t)
{
	if (!t.p || !t.n || (!memmem(t.p, t.n, "##", 2) && !memmem(t.p, t.n, "::", 2))) return t;
	buf_auto out = BUF_INIT(t.n * 2);
	ci_log_text(&out, t, true);
	return text_copy(a, buf_view(&out));
}

static void add_row(struct table *t, const struct table_cell *cells, bool below)
{
	if (t->row_count == t->room) {
		size_t room = t->room ? t->room * 2 : 32;
		struct table_row *rows = arena_array_of(t->arena, struct table_row, room);
		if (t->row_count) memcpy(rows, t->rows, t->row_count * sizeof *rows);
		t->rows = rows;
		t->room = room;
	}
	struct table_cell *copies = arena_copy(t->arena, cells, t->count * sizeof *cells);
	for (size_t i = 0; i < t->count; i++) copies[i].text = harmless(t->arena, cells[i].text);
	t->rows[t->row_count++] = (struct table_row){copies, below};
}

void table_row(struct table *t, const struct table_cell *cells)
{
	add_row(t, cells, false);
}

void table_row_below(struct table *t, const struct table_cell *cells)
{
	add_row(t, cells, true);
}

size_t table_text_width(struct text t)
{
	size_t width = 0;
	for (size_t at = 0; at < t.n;) {
		struct glyph g = glyph_at(t, at);
		width += g.width;
		at += g.bytes;
	}
	return width;
}

size_t table_terminal_width(int fd)
{
	struct winsize size;
	const char *wish = getenv("COLUMNS");
	uint64_t wished;
	if (!isatty(fd)) return 0;
	if (wish && text_to_u64(text_from(wish), &wished) && wished > 0 && wished <= MOST_WIDTH) return wished;
	return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : USUAL_WIDTH;
}

/* ---- widths ---- */

static size_t natural_width(const struct table *t, size_t column)
{
	size_t widest = table_text_width(text_from(t->columns[column].title));
	for (size_t i = 0; i < t->row_count; i++) {
		size_t width = table_text_width(t->rows[i].cells[column].text);
		if (width > widest) widest = width;
	}
	return widest;
}

static size_t least_width(const struct table *t, size_t column, size_t natural)
{
	size_t least = t->columns[column].least;
	return least && least < natural ? least : natural;
}

static bool in_band(const struct band *b, size_t column)
{
	return column == 0 || (column >= b->from && column < b->to);
}

static size_t band_width(const struct table *t, const struct band *b)
{
	size_t width = 0;
	for (size_t i = 0; i < t->count; i++)
		if (in_band(b, i)) width += b->widths[i] + (i ? GAP : 0);
	return width;
}

/* Takes from the widest column that may still give, one column of the terminal after the other. `least` NULL: all may, down to one. */
static void shrink(const struct table *t, struct band *b, size_t width, const size_t *least)
{
	for (size_t excess = band_width(t, b); excess > width; excess--) {
		size_t widest = t->count;
		for (size_t i = 0; i < t->count; i++) {
			if (!in_band(b, i) || b->widths[i] <= (least ? least[i] : 1)) continue;
			if (widest == t->count || b->widths[i] > b->widths[widest]) widest = i;
		}
		if (widest == t->count) return;
		b->widths[widest]--;
	}
}

/* As many columns as fit at their least; one besides the first in any case. */
static size_t band_end(const struct table *t, size_t from, size_t width, const size_t *least)
{
	size_t used = least[0], to = from;
	for (; to < t->count; to++) {
		used += GAP + least[to];
		if (used > width && to > from) break;
	}
	return to;
}

/* ---- text ---- */

/* How many bytes of t take at most `width` columns. */
static size_t fitting(struct text t, size_t width)
{
	size_t at = 0, used = 0;
	while (at < t.n) {
		struct glyph g = glyph_at(t, at);
		if (used + g.width > width) break;
		used += g.width;
		at += g.bytes;
	}
	return at;
}

static void put_safely(struct buf *out, struct text t)
{
	for (size_t at = 0; at < t.n;) {
		struct glyph g = glyph_at(t, at);
		if (g.safe)
			buf_add(out, t.p + at, g.bytes);
		else
			buf_cstr(out, GLYPH_UNSAFE);
		at += g.bytes;
	}
}

/* Gives the columns that were used. */
static size_t put_cut(struct buf *out, struct text t, size_t width)
{
	size_t whole = table_text_width(t);
	if (whole <= width) return put_safely(out, t), whole;
	struct text kept = {t.p, fitting(t, width ? width - 1 : 0)};
	put_safely(out, kept);
	buf_cstr(out, GLYPH_CUT);
	return table_text_width(kept) + 1;
}

static void put_spaces(struct buf *out, size_t n)
{
	for (; n; n--) buf_char(out, ' ');
}

/* `owed`: spaces before what comes next; nothing is written behind the last text of a line. */
static void put_cell(
	struct buf *out, const struct table_cell *cell, size_t width, const struct table_column *column, bool colour, size_t *owed)
{
	const char *sequence = colour ? COLOURS[cell->mark] : NULL;
	if (!cell->text.n) {
		*owed += width;
		return;
	}
	size_t natural = table_text_width(cell->text), used = natural < width ? natural : width;
	put_spaces(out, *owed + (column->right ? width - used : 0));
	if (sequence) buf_cstr(out, sequence);
	used = put_cut(out, cell->text, width);
	if (sequence) buf_cstr(out, "\033[0m");
	*owed = column->right || used > width ? 0 : width - used;
}

static void put_row(const struct table *t, const struct band *b, const struct table_cell *cells, bool colour, struct buf *out)
{
	size_t owed = 0;
	for (size_t i = 0; i < t->count; i++) {
		if (!in_band(b, i)) continue;
		if (i) owed += GAP;
		put_cell(out, &cells[i], b->widths[i], &t->columns[i], colour, &owed);
	}
	buf_char(out, '\n');
}

static bool has_text(const struct band *b, const struct table_row *row)
{
	for (size_t i = b->from; i < b->to; i++)
		if (row->cells[i].text.n) return true;
	return false;
}

/* In a table that is whole every row is shown; in a part of one, those that say something there, or a line below them does. */
static bool is_shown(const struct table *t, const struct band *b, size_t row)
{
	if (b->to - b->from + 1 >= t->count || has_text(b, &t->rows[row])) return true;
	for (size_t i = row + 1; !t->rows[row].below && i < t->row_count && t->rows[i].below; i++)
		if (has_text(b, &t->rows[i])) return true;
	return false;
}

static void put_band(const struct table *t, const struct band *b, bool colour, struct buf *out)
{
	struct table_cell *titles = arena_array_of(t->arena, struct table_cell, t->count);
	for (size_t i = 0; i < t->count; i++) titles[i] = (struct table_cell){text_from(t->columns[i].title), TABLE_HEADING};
	put_row(t, b, titles, colour, out);
	for (size_t i = 0; i < t->row_count; i++)
		if (is_shown(t, b, i)) put_row(t, b, t->rows[i].cells, colour, out);
}

void table_print(const struct table *t, size_t width, bool colour, struct buf *out)
{
	if (!t->count) return;
	size_t *natural = arena_array_of(t->arena, size_t, t->count), *least = arena_array_of(t->arena, size_t, t->count);
	struct band b = {.from = 1, .to = t->count, .widths = arena_array_of(t->arena, size_t, t->count)};
	for (size_t i = 0; i < t->count; i++) {
		natural[i] = natural_width(t, i);
		least[i] = least_width(t, i, natural[i]);
	}
	do {
		memcpy(b.widths, natural, t->count * sizeof *natural);
		if (width) {
			b.to = band_end(t, b.from, width, least);
			shrink(t, &b, width, least);
			shrink(t, &b, width, NULL);
		}
		if (b.from > 1) buf_char(out, '\n');
		put_band(t, &b, colour, out);
		b.from = b.to;
	} while (b.from < t->count);
}
