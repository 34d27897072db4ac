/* Statements of SQLite: prepared, bound, stepped, and their columns. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "db/libsqlite3.h"
#include "db/sqlite.h"

enum { MOST_PARAMETERS = 999 };

static struct sqlite_statement *of(struct db_statement *st)
{
	return (struct sqlite_statement *)st;
}

static struct sqlite_statement *read_by(struct db_cursor *c)
{
	return of(c->st);
}

/* The n of "$n"; 0 when the name is anything else. */
static size_t number_of(const char *name)
{
	char *end;
	unsigned long n;

	if (!name || name[0] != '$' || name[1] < '1' || name[1] > '9') return 0;
	n = strtoul(name + 1, &end, 10);
	return *end == '\0' && n <= MOST_PARAMETERS ? (size_t)n : 0;
}

/* SQLite numbers named parameters by their first appearance, so "$2 … $1" needs a map. */
static bool map_parameters(struct sqlite_statement *st)
{
	int count = sqlite3_bind_parameter_count(st->stmt);

	for (int i = 1; i <= count; i++) {
		size_t n = number_of(sqlite3_bind_parameter_name(st->stmt, i));
		if (n == 0) return false;
		if (n > st->head.params) st->head.params = n;
	}
	st->position = mem_zalloc((st->head.params + 1) * sizeof(int));
	for (int i = 1; i <= count; i++) st->position[number_of(sqlite3_bind_parameter_name(st->stmt, i)) - 1] = i;
	return true;
}

/* Copied, because SQLite's own strings go away when it prepares a statement anew after a change of the schema. */
static void copy_names(struct sqlite_statement *st)
{
	st->head.columns = sqlite3_column_count(st->stmt);
	st->head.names = mem_zalloc(((size_t)st->head.columns + 1) * sizeof(char *));
	for (int i = 0; i < st->head.columns; i++) {
		const char *name = sqlite3_column_name(st->stmt, i);
		st->head.names[i] = mem_strdup(name ? name : "");
	}
}

enum rc sqlite_prepare(struct db *db, const struct sql *s, struct db_statement **ret)
{
	struct sqlite_db *own = sqlite_of(db);
	sqlite3_stmt *stmt;
	const char *rest;
	int code = sqlite3_prepare_v3(own->h, s->text, -1, SQLITE_PREPARE_PERSISTENT, &stmt, &rest);

	if (code != SQLITE_OK) return sqlite_fail(db, code, s);
	struct sqlite_statement *st = mem_zalloc(sizeof *st);
	st->head.sql = s;
	st->cursor.st = &st->head;
	st->h = own->h;
	st->stmt = stmt;
	copy_names(st);
	if (!stmt || rest[strspn(rest, " \t\r\n;")] != '\0' || !map_parameters(st)) {
		sqlite_discard(&st->head);
		return db_fail(db, RC_FAILED, "%s:%d: not one statement with parameters $1, $2 …", s->file, s->line);
	}
	*ret = &st->head;
	return RC_OK;
}

void sqlite_discard(struct db_statement *head)
{
	struct sqlite_statement *st = of(head);

	sqlite3_finalize(st->stmt);
	for (int i = 0; i < head->columns; i++) free(head->names[i]);
	free(head->names);
	free(head->asked);
	free(st->position);
	free(st);
}

/* Text is not copied: it lives until the statement is reset, and no step follows that without a new binding. */
static int bind_one(sqlite3_stmt *stmt, int at, const struct param *p)
{
	switch (p->kind) {
	case PARAM_INT: return sqlite3_bind_int64(stmt, at, p->integer);
	case PARAM_TEXT: return sqlite3_bind_text64(stmt, at, p->text.p, p->text.n, SQLITE_STATIC, SQLITE_UTF8);
	case PARAM_NULL: break;
	}
	return sqlite3_bind_null(stmt, at);
}

static enum rc bind_all(struct db *db, struct sqlite_statement *st, const struct param *params)
{
	for (size_t i = 0; i < st->head.params; i++) {
		if (st->position[i] == 0) continue;
		int code = bind_one(st->stmt, st->position[i], &params[i]);
		if (code != SQLITE_OK) return sqlite_fail(db, code, st->head.sql);
	}
	return RC_OK;
}

static void finish(struct db *db, struct sqlite_statement *st)
{
	sqlite3_reset(st->stmt);
	db->changed = (uint64_t)sqlite3_total_changes64(st->h);
}

enum rc sqlite_exec(struct db *db, struct db_statement *head, const struct param *params, int64_t *ret_changed)
{
	struct sqlite_statement *st = of(head);
	int64_t before = sqlite3_total_changes64(st->h);
	int code;
	enum rc rc = bind_all(db, st, params);

	if (rc != RC_OK) return rc;
	while ((code = sqlite3_step(st->stmt)) == SQLITE_ROW) continue;
	if (code != SQLITE_DONE) rc = sqlite_fail(db, code, head->sql);
	finish(db, st);
	/* sqlite3_changes64() keeps the number of an earlier statement when this one changes nothing. */
	if (rc == RC_OK && ret_changed) *ret_changed = sqlite3_total_changes64(st->h) != before ? sqlite3_changes64(st->h) : 0;
	return rc;
}

static enum rc step(struct db *db, struct sqlite_statement *st, bool *ret_row)
{
	int code = sqlite3_step(st->stmt);

	if (code != SQLITE_ROW && code != SQLITE_DONE) return sqlite_fail(db, code, st->head.sql);
	*ret_row = code == SQLITE_ROW;
	return RC_OK;
}

/* The first step is done here, so that a statement with RETURNING has written also for a caller who reads no row. */
enum rc sqlite_select(struct db *db, struct db_statement *head, const struct param *params, struct db_cursor **ret)
{
	struct sqlite_statement *st = of(head);
	enum rc rc = bind_all(db, st, params);

	if (rc == RC_OK) rc = step(db, st, &st->row_waits);
	if (rc != RC_OK) return sqlite_reset(db, &st->cursor), rc;
	*ret = &st->cursor;
	return RC_OK;
}

enum rc sqlite_next(struct db *db, struct db_cursor *c, bool *ret_row)
{
	struct sqlite_statement *st = read_by(c);

	if (!st->row_waits && !sqlite3_stmt_busy(st->stmt)) { /* the first step found no row */
		*ret_row = false;
		return RC_OK;
	}
	if (!st->row_waits) return step(db, st, ret_row);
	st->row_waits = false;
	*ret_row = true;
	return RC_OK;
}

void sqlite_reset(struct db *db, struct db_cursor *c)
{
	read_by(c)->row_waits = false;
	finish(db, read_by(c));
}

bool sqlite_is_null(struct db_cursor *c, int column)
{
	return sqlite3_column_type(read_by(c)->stmt, column) == SQLITE_NULL;
}

int64_t sqlite_integer(struct db_cursor *c, int column)
{
	return sqlite3_column_int64(read_by(c)->stmt, column);
}

/* As a blob, because as text SQLite would copy it to put a NUL behind it. */
struct text sqlite_text(struct db_cursor *c, int column)
{
	sqlite3_stmt *stmt = read_by(c)->stmt;
	const char *p = sqlite3_column_blob(stmt, column);

	if (!p && sqlite3_column_bytes(stmt, column) > 0) db_bug(c->st->sql, "out of memory for a column's text");
	return p ? (struct text){p, (size_t)sqlite3_column_bytes(stmt, column)} : TEXT("");
}
