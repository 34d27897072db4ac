/* The file of an export: one JSON object a line.
 *
 *   {"versioner":"0.1.0","format":1,"schema":4,"exported_at":1764000000000000,"tables":["account", …]}
 *   {"t":"account","r":{"id":1,"slug":"default","name":"default","created_at":1763000000000000,"notification_revision":0}}
 *   …
 *   {"rows":{"account":1, …},"digest":"…"}
 *
 * Times are microseconds since 1970. The digest is BLAKE2b-256 over all lines before its own, with their newlines: a file that
 * was cut or changed is noticed. Reading takes every line as hostile. */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/secret.h"
#include "store/dump.h"

enum { DUMP_FORMAT = 1 };

struct dump_header {
	int64_t schema;
	time_us exported_at;
	char program[32]; /* the version that wrote it */
};

struct dump_trailer {
	int64_t rows[DUMP_TABLES_MOST]; /* in the order of DUMP_TABLES */
	char digest[DIGEST_HEX_SIZE];
};

/* Each writes one line with its newline. */
void dump_write_header(struct buf *b, const struct dump_header *h);
void dump_write_row(struct buf *b, const struct dump_table *t, const struct param *row);
void dump_write_trailer(struct buf *b, const struct dump_trailer *t);

/* RC_INVALID with a sentence for what is not as written above. */
enum rc dump_read_header(struct arena *a, struct text line, struct dump_header *ret, struct err *err) must_check;
enum rc dump_read_trailer(struct arena *a, struct text line, struct dump_trailer *ret, struct err *err) must_check;
/* ret_row has DUMP_COLUMNS places; texts are in the line or the arena. */
enum rc dump_read_row(
	struct arena *a, struct text line, const struct dump_table **ret_table, struct param *ret_row, struct err *err) must_check;
/* Whether the line is a row, and of which table: all that is looked at in lines that are stored already. */
enum dump_line { DUMP_LINE_ROW, DUMP_LINE_TRAILER, DUMP_LINE_NEITHER };
enum dump_line dump_look(struct text line, const struct dump_table **ret_table);
