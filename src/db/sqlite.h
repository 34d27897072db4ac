/* What the SQLite driver's files share. Only sqlite*.c include it, behind libsqlite3.h. */
#pragma once

#include "db/db_driver.h"

/* The words that steer a transaction, prepared once. */
enum sqlite_word { WORD_BEGIN, WORD_COMMIT, WORD_ROLLBACK, WORD_SAVEPOINT, WORD_RELEASE, WORD_ROLLBACK_TO, WORD_COUNT };

struct sqlite_db {
	struct db head;
	struct sqlite3 *h;
	struct sqlite3_stmt *words[WORD_COUNT];
	int pace_fd; /* sqlite_tidy.c; -1: not open */
	int64_t deadline; /* of the read transaction, in clock_monotonic() time; 0: none */
};

struct sqlite_statement {
	struct db_statement head;
	struct db_cursor cursor; /* the only one */
	struct sqlite3 *h;
	struct sqlite3_stmt *stmt;
	int *position; /* of $1, $2 … among SQLite's own numbers, by n - 1; 0: not used */
	bool row_waits; /* the first row was stepped to by select and not yet given */
};

static inline struct sqlite_db *sqlite_of(struct db *db)
{
	return (struct sqlite_db *)db;
}

/* sqlite_error.c: what a result code of h means. */
enum rc sqlite_rc(struct sqlite3 *h, int code);
/* Keeps SQLite's sentence for db_error(), behind where the statement stands (s may be NULL). */
enum rc sqlite_fail(struct db *db, int code, const struct sql *s);

/* sqlite_rows.c */
enum rc sqlite_prepare(struct db *db, const struct sql *s, struct db_statement **ret);
void sqlite_discard(struct db_statement *st);
enum rc sqlite_exec(struct db *db, struct db_statement *st, const struct param *params, int64_t *ret_changed);
enum rc sqlite_select(struct db *db, struct db_statement *st, const struct param *params, struct db_cursor **ret);
enum rc sqlite_next(struct db *db, struct db_cursor *c, bool *ret_row);
void sqlite_reset(struct db *db, struct db_cursor *c);
bool sqlite_is_null(struct db_cursor *c, int column);
int64_t sqlite_integer(struct db_cursor *c, int column);
struct text sqlite_text(struct db_cursor *c, int column);

/* sqlite_upkeep.c */
enum rc sqlite_has_table(struct db *db, const char *name, bool *ret);
enum rc sqlite_integrity(struct db *db, struct buf *problems);

/* sqlite_tidy.c */
enum rc sqlite_tidy(struct db *db, int64_t *ret_waiting);

/* sqlite_backup.c */
enum rc sqlite_backup(struct db *db, const char *path);
