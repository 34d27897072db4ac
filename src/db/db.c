/* The engine-independent front of a connection: finds the driver, keeps the transaction's state, the sticky failure and the
 * prepared statements, and hands everything else to the driver's table. */
#include "db/db_driver.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/log.h"
#include "db/turns.h"

/* The first that claims a location gets it. */
static const struct db_driver *const DRIVERS[] = {&DB_POSTGRESQL, &DB_SQLITE};

enum { READ_LIMIT_SECONDS = 10, HURRIED_MICROS = 500000 };

/* Waiting */

static _Atomic int64_t hurry = INT64_MAX;

void db_hurry(int64_t until)
{
	atomic_store(&hurry, until);
}

int64_t db_time_left(int64_t since, int64_t micros)
{
	int64_t latest = atomic_load(&hurry), moment = since + HURRIED_MICROS;
	int64_t until = micros < INT64_MAX - since ? since + micros : INT64_MAX;

	if (latest < moment) latest = moment;
	return (until < latest ? until : latest) - clock_monotonic();
}

/* Failure */

enum rc db_fail(struct db *db, enum rc rc, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(db->error.text, sizeof db->error.text, format, args);
	va_end(args);
	db->error.rc = rc;
	return rc;
}

_Noreturn void db_bug(const struct sql *s, const char *what)
{
	log_error(what, LOG_STR("file", s ? s->file : ""), LOG_INT("line", s ? s->line : 0));
	abort();
}

/* What follows a failure inside a transaction fails likewise. */
static enum rc stick(struct db *db, enum rc rc)
{
	if (rc != RC_OK && db->in_transaction && db->sticky == RC_OK) db->sticky = rc;
	return rc;
}

/* The same, for functions that hand the sentence to their caller. */
static enum rc stick_err(struct db *db, enum rc rc, struct err *err)
{
	if (rc != RC_OK && err) *err = db->error;
	return stick(db, rc);
}

enum rc db_failure(const struct db *db)
{
	return db->sticky;
}

const struct err *db_error(const struct db *db)
{
	return &db->error;
}

/* The connection */

const struct db_driver *db_driver_of(const char *location)
{
	for (size_t i = 0; i < sizeof DRIVERS / sizeof *DRIVERS; i++)
		if (DRIVERS[i]->claims(location)) return DRIVERS[i];
	return NULL;
}

enum rc db_open(const char *location, enum db_mode mode, struct db **ret, struct err *err)
{
	const struct db_driver *driver = db_driver_of(location);
	struct db *db;
	enum rc rc;
	size_t count;

	if (!driver) /* only the scheme is shown: a password may follow it */
		return err_set(err, RC_INVALID, "no database engine is known for a location that begins with \"%.*s\"",
			(int)strcspn(location, ":"), location);
	db_statements(&count);
	if (mode == DB_READ_REPLICA && !driver->replicas) return err_set(err, RC_INVALID, "%s has no replicas", driver->name);
	rc = driver->open(location, mode, &db, err);
	if (rc != RC_OK) return rc;
	db->driver = driver;
	db->mode = mode == DB_WRITE ? DB_WRITE : DB_READ;
	db->location = mem_strdup(location);
	db->statements = mem_zalloc((count + 1) * sizeof(struct db_statement *));
	db->lock_waits = true;
	db->read_limit = SECONDS_US(READ_LIMIT_SECONDS);
	db->signals = BUF_INIT(MIB(4)); /* beyond it they are found without having been told of */
	*ret = db;
	return RC_OK;
}

void db_close(struct db *db)
{
	size_t count;

	if (!db) return;
	db_rollback(db);
	db_statements(&count);
	for (size_t i = 0; i < count; i++)
		if (db->statements[i]) db->driver->discard(db->statements[i]);
	free(db->statements);
	turns_free(db->turns);
	free(db->location);
	buf_done(&db->signals);
	db->driver->close(db);
}

const char *db_engine_name(const struct db *db)
{
	return db->driver->name;
}

bool db_location_has_replicas(const char *location)
{
	const struct db_driver *driver = db_driver_of(location);
	return driver && driver->replicas;
}

const char *db_location(const struct db *db)
{
	return db->location;
}

void db_location_shown(const char *location, char *ret, size_t size)
{
	const struct db_driver *driver = db_driver_of(location);

	if (driver && driver->show)
		driver->show(location, ret, size);
	else
		snprintf(ret, size, "%s", driver ? location : "a database of an unknown kind");
}

uint64_t db_changed(const struct db *db)
{
	return db->changed;
}

int64_t db_log_pages(const struct db *db)
{
	return db->log_pages;
}

/* The transaction */

static void require_all_done(const struct db *db)
{
	if (db->open_results == 0) return;
	size_t count;
	db_statements(&count);
	for (size_t i = 0; i < count; i++)
		if (db->statements[i] && db->statements[i]->open)
			db_bug(db->statements[i]->sql, "a result was not closed by rows_done before the transaction or part ended");
}

static void leave_transaction(struct db *db)
{
	db->in_transaction = db->in_part = false;
	db->sticky = RC_OK;
}

enum rc db_begin(struct db *db)
{
	if (db->in_transaction) db_bug(NULL, "db_begin inside a transaction");
	require_all_done(db);
	db->error = (struct err){0};
	enum rc rc = db->driver->begin(db);
	db->in_transaction = rc == RC_OK;
	return rc;
}

enum rc db_commit(struct db *db)
{
	if (!db->in_transaction) db_bug(NULL, "db_commit without a transaction");
	require_all_done(db);
	enum rc rc = db->sticky != RC_OK ? db->sticky : db->driver->commit(db);
	if (rc != RC_OK) db->driver->rollback(db);
	leave_transaction(db);
	if (rc == RC_OK || rc == RC_UNKNOWN)
		signals_tell(db); /* a listener that looks and finds nothing has lost nothing */
	else
		signals_forget(db, 0);
	return rc;
}

enum rc db_commit_outcome(struct db *db)
{
	if (db->in_transaction) db_bug(NULL, "db_commit_outcome inside a transaction");
	return db->driver->commit_outcome ? db->driver->commit_outcome(db) : RC_FAILED;
}

enum rc db_lock(struct db *db, struct text name)
{
	if (!db->in_transaction) return RC_OK;
	if (db->sticky != RC_OK) return db->sticky;
	return db->driver->lock ? stick(db, db->driver->lock(db, name)) : RC_OK;
}

bool db_mend(struct db *db)
{
	require_all_done(db);
	if (db->sticky != RC_AGAIN || !db->driver->mend || !db->driver->mend(db)) return false;
	db->sticky = RC_OK;
	return true;
}

void db_rollback(struct db *db)
{
	if (!db->in_transaction) return;
	require_all_done(db);
	db->driver->rollback(db);
	leave_transaction(db);
	signals_forget(db, 0);
}

bool db_in_transaction(const struct db *db)
{
	return db->in_transaction;
}

void db_be_patient(struct db *db)
{
	db->patient = true;
	db->read_limit = DAYS_US(20); /* as milliseconds it fits into 32 bits */
}

enum rc db_savepoint(struct db *db)
{
	if (!db->in_transaction || db->in_part || db->turn)
		db_bug(NULL, "db_savepoint outside of a transaction, inside a part, or where turns are taken");
	if (db->sticky != RC_OK) return db->sticky;
	enum rc rc = stick(db, db->driver->savepoint(db));
	db->in_part = rc == RC_OK;
	db->signals_before_part = db->signal_count;
	return rc;
}

enum rc db_release(struct db *db)
{
	if (!db->in_part) db_bug(NULL, "db_release without db_savepoint");
	require_all_done(db);
	if (db->sticky != RC_OK) return db->sticky;
	enum rc rc = stick(db, db->driver->release(db));
	db->in_part = rc != RC_OK;
	return rc;
}

enum rc db_rollback_to(struct db *db)
{
	if (!db->in_part) db_bug(NULL, "db_rollback_to without db_savepoint");
	require_all_done(db);
	db->in_part = false;
	signals_forget(db, db->signals_before_part);
	enum rc rc = db->driver->rollback_to(db);
	db->sticky = rc;
	return rc;
}

/* Statements */

/* The statement of this connection, ready to run: prepared, not in use, and for that many parameters. */
static enum rc statement_of(struct db *db, struct sql *s, size_t count, struct db_statement **ret)
{
	if (db->sticky != RC_OK) return db->sticky;
	if (s->index < 0) db_bug(s, "a statement that SQL_STATEMENT did not make");
	struct db_statement **st = &db->statements[s->index];
	if (!*st) {
		enum rc rc = db->driver->prepare(db, s, st);
		if (rc != RC_OK) return rc;
	}
	if ((*st)->open && !db->turn) db_bug(s, "a statement was used again before rows_done");
	if ((*st)->params == count) {
		*ret = *st;
		return RC_OK;
	}
	db_fail(db, RC_FAILED, "%s:%d: %zu parameters for a statement that takes %zu", s->file, s->line, count, (*st)->params);
	return RC_FAILED;
}

enum rc db_exec_params(struct db *db, struct sql *s, const struct param *params, size_t count, int64_t *ret_changed)
{
	struct db_statement *st;
	int64_t changed = 0;
	enum rc rc = statement_of(db, s, count, &st);

	if (rc == RC_OK) rc = db->driver->exec(db, st, params, ret_changed ? &changed : NULL);
	if (rc == RC_OK && ret_changed) *ret_changed = changed;
	return stick(db, rc);
}

enum rc db_select_params(struct db *db, struct rows *r, struct sql *s, const struct param *params, size_t count)
{
	struct db_statement *st;

	*r = (struct rows){.db = db};
	r->rc = statement_of(db, s, count, &st);
	if (r->rc != RC_OK) return stick(db, r->rc);
	struct db_cursor *cursor;
	r->rc = db->driver->select(db, st, params, &cursor);
	if (r->rc != RC_OK) return stick(db, r->rc);
	st->open++;
	db->open_results++;
	r->cursor = cursor;
	return RC_OK;
}

static void rows_close(struct rows *r)
{
	struct db_cursor *cursor = r->cursor;

	if (!cursor) return;
	cursor->st->open--;
	r->db->open_results--;
	r->db->driver->reset(r->db, cursor);
	r->cursor = NULL;
}

bool rows_next(struct rows *r)
{
	bool row = false;

	if (!r->cursor) return false;
	r->column = 0;
	r->rc = r->db->sticky != RC_OK ? r->db->sticky : stick(r->db, r->db->driver->next(r->db, r->cursor, &row));
	if (r->rc == RC_OK && row) return true;
	rows_close(r); /* at once: the engine need not hold its snapshot until rows_done */
	return false;
}

enum rc rows_done(struct rows *r)
{
	rows_close(r);
	return r->rc;
}

static int column_named(struct rows *r, struct db_statement *st, const char *name)
{
	for (int i = 0, at = r->column; i < st->columns; i++, at++) {
		if (at >= st->columns) at = 0;
		if (strcmp(st->names[at], name) != 0) continue;
		st->asked[at] = name;
		return at;
	}
	log_error("a statement has no such column", LOG_STR("column", name));
	db_bug(st->sql, "unknown column");
}

/* Columns are mostly asked for in the order of the SELECT, and by the same literal: the search begins behind the last one found, and
 * a name is compared when its literal is first met there. */
static int column_of(struct rows *r, const char *name)
{
	if (!r->cursor) db_bug(NULL, "a column was read without a row");
	struct db_statement *st = r->cursor->st;
	if (!st->asked) st->asked = mem_zalloc(((size_t)st->columns + 1) * sizeof *st->asked);
	int at = r->column;
	if (at >= st->columns || st->asked[at] != name) at = column_named(r, st, name);
	r->column = at + 1;
	return at;
}

struct text row_text(struct rows *r, const char *column)
{
	int at = column_of(r, column);
	struct text t = r->db->driver->text(r->cursor, at);
	return t.n == 0 && r->db->driver->is_null(r->cursor, at) ? TEXT_ABSENT : t; /* the rarer question last */
}

int64_t row_int(struct rows *r, const char *column)
{
	int at = column_of(r, column);
	return r->db->driver->integer(r->cursor, at);
}

time_us row_time(struct rows *r, const char *column)
{
	int at = column_of(r, column);
	time_us t = r->db->driver->integer(r->cursor, at);
	return t == 0 && r->db->driver->is_null(r->cursor, at) ? TIME_NONE : t;
}

bool row_null(struct rows *r, const char *column)
{
	return r->db->driver->is_null(r->cursor, column_of(r, column));
}

/* The whole store */

enum rc db_script(struct db *db, const char *text, struct err *err)
{
	return stick_err(db, db->sticky != RC_OK ? db->sticky : db->driver->script(db, text), err);
}

enum rc db_has_table(struct db *db, const char *name, bool *ret, struct err *err)
{
	return stick_err(db, db->sticky != RC_OK ? db->sticky : db->driver->has_table(db, name, ret), err);
}

enum rc db_backup(struct db *db, const char *path, struct err *err)
{
	if (db->in_transaction) db_bug(NULL, "db_backup inside a transaction");
	return stick_err(db, db->driver->backup(db, path), err);
}

enum rc db_integrity(struct db *db, struct buf *ret_problems, struct err *err)
{
	return stick_err(db, db->sticky != RC_OK ? db->sticky : db->driver->integrity(db, ret_problems), err);
}

void db_tidy_pace(struct db *db, int64_t micros)
{
	db->tidy_pace = micros;
}

enum rc db_tidy(struct db *db, int64_t *ret_waiting)
{
	return db->driver->tidy(db, ret_waiting);
}

enum rc db_prepare_check(struct db *db, struct sql *s, struct err *err)
{
	struct db_statement *st;
	enum rc rc = db->driver->prepare(db, s, &st);

	if (rc == RC_OK) db->driver->discard(st);
	if (rc == RC_OK && db->driver->check) rc = db->driver->check(db, s);
	return stick_err(db, rc, err);
}
