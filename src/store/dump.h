/* All tables as rows of values, for export and import: which columns there are, reading them in the order of the key,
 * inserting them.
 *
 * A migration that adds a table or a column adds it in dump_tables.c: a test compares that list with the schema. */
#pragma once

#include <stdbool.h>

#include "db/db.h"

enum { DUMP_TABLES_MOST = 64, DUMP_COLUMNS = 32, DUMP_KEYS = 3 }; /* at most */

/* What a row that does not have the column gets: it was exported by a program that did not know it yet. */
enum dump_default { NEEDED, NULLABLE, ZERO };

struct dump_column {
	const char *name;
	enum param_kind kind; /* PARAM_INT or PARAM_TEXT */
	enum dump_default standard; /* also: only a NULLABLE one may be null */
};

struct dump_table {
	const char *name;
	const struct dump_column *columns;
	size_t count; /* of columns */
	size_t keys; /* so many of the first columns are the key */
	struct sql *page, *insert, *count_all;
};

extern const struct dump_table DUMP_TABLES[];
extern const size_t DUMP_TABLE_COUNT;

/* The oldest schema whose rows are still right in today's tables: a migration that rewrites rows, and does not only add to
 * them, makes it its own number. */
enum { DUMP_OLDEST_SCHEMA = 1 };

const struct dump_table *dump_table_find(struct text name); /* NULL: there is none */

/* row has a value for each column; its texts live until the call returns. Anything but RC_OK ends the reading. */
typedef enum rc dump_each(void *context, const struct dump_table *t, const struct param *row);
/* Page by page, so that no engine holds more than a few MiB. The failure is db_error()'s, or what each() returned. */
enum rc dump_read(struct db *db, const struct dump_table *t, dump_each *each, void *context) must_check;
enum rc dump_count(struct db *db, const struct dump_table *t, int64_t *ret) must_check;
/* row has t->count values. RC_CONFLICT: its key, or a name that may be there once only, is there already. */
enum rc dump_insert(struct db *db, const struct dump_table *t, const struct param *row) must_check;
