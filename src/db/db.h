/* A connection to the store's engine, and statements on it. Knows no noun of the product.
 *
 * A statement is a static literal made by SQL_STATEMENT(): PostgreSQL's spelling in the subset that SQLite shares ($1,
 * ON CONFLICT … DO UPDATE … RETURNING, FILTER, IS DISTINCT FROM). Every literal is collected in a linker section, so that each
 * connection prepares each statement once and a test prepares all of them on every engine.
 *
 *   SQL_STATEMENT(find, "SELECT id, name FROM product WHERE account_id = $1 AND name = $2");
 *   struct rows r;
 *   enum rc rc = db_select(db, &r, &find, P_INT(account), P_TEXT(name));
 *   while (rc == RC_OK && rows_next(&r)) id = text_copy(arena, row_text(&r, "id"));
 *   rc = rows_done(&r);
 *
 * Failure is sticky in a transaction: after a failed statement all others on the connection fail with the same rc until the
 * transaction has been rolled back, so a sequence may be checked at its end. Outside of a transaction nothing sticks.
 * RC_CONFLICT is a violated unique index, RC_FULL a full disk, RC_UNAVAILABLE a lock that could not be had or a lost server,
 * RC_CORRUPT a damaged file, RC_AGAIN a fight with another transaction that this one lost: run again, it will probably go well.
 *
 * In a transaction db_exec() may return before the engine has looked at the statement. Its failure is then that of a later one: of the next
 * that has something to give (a select, a count), of db_release() or of db_commit(). db_error() names the statement that failed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/text.h"

struct db;

struct sql {
	const char *text;
	const char *file; /* where it stands: for errors and the test that prepares all */
	int line;
	int index; /* set once by db_statements() */
} __attribute__((aligned(32)));

/* Defines a statement:  SQL_STATEMENT(find_product, "SELECT …"); at file scope. */
#define SQL_STATEMENT(name, literal) \
	static struct sql name __attribute__((section("sql_statements"), used)) = {(literal), __FILE__, __LINE__, -1}

struct sql *db_statements(size_t *ret_count); /* all of the program */

enum param_kind { PARAM_NULL, PARAM_INT, PARAM_TEXT };
struct param {
	enum param_kind kind;
	int64_t integer;
	struct text text;
};
#define P_INT(v) ((struct param){.kind = PARAM_INT, .integer = (v)})
#define P_BOOL(v) P_INT((v) ? 1 : 0)
#define P_TEXT(t) param_text(t) /* absent is NULL */
#define P_CSTR(s) param_text(text_from(s))
#define P_TIME(t) param_time(t) /* TIME_NONE is NULL */
#define P_NULL ((struct param){.kind = PARAM_NULL})
static inline struct param param_text(struct text t)
{
	return t.p ? (struct param){.kind = PARAM_TEXT, .text = t} : P_NULL;
}
static inline struct param param_time(time_us t)
{
	return t == TIME_NONE ? P_NULL : P_INT(t);
}

struct db_cursor;
struct rows {
	struct db *db;
	struct db_cursor *cursor; /* the driver's */
	int column; /* where the search for the next name begins */
	enum rc rc;
};

enum db_mode { DB_READ, DB_WRITE, DB_READ_REPLICA };

/* location: a path, or a connection string of another engine (by its scheme). DB_READ opens what is there. DB_READ_REPLICA is DB_READ of a
 * copy that may be behind: it need not be reachable yet, and RC_INVALID is for an engine that has none. */
enum rc db_open(const char *location, enum db_mode mode, struct db **ret, struct err *err) must_check;
void db_close(struct db *db); /* NULL is fine; rolls back what is open */
const char *db_engine_name(const struct db *db); /* "sqlite" */
bool db_location_has_replicas(const char *location); /* whether its engine knows them */
const char *db_location(const struct db *db); /* as given to db_open: may hold a password, never for a log */
void db_location_shown(const char *location, char *ret, size_t size); /* the same without secrets, for people and logs */

enum rc db_begin(struct db *db) must_check; /* DB_WRITE: takes the engine's write lock now, not at the first write */
enum rc db_commit(struct db *db) must_check; /* RC_OK: it is on the disk. Otherwise it is rolled back, or RC_UNKNOWN */
/* After db_commit said RC_UNKNOWN, until the next one: asks whether it happened. RC_OK: it did; RC_NOT_FOUND: it did not, and never will;
 * RC_UNKNOWN: not known yet; RC_FAILED: it cannot be found out. May take about a second; outside of transactions. */
enum rc db_commit_outcome(struct db *db) must_check;
void db_rollback(struct db *db);
bool db_in_transaction(const struct db *db);
/* A read transaction of a DB_READ connection may take 10 seconds, then its statements fail with RC_UNAVAILABLE. This is for commands that
 * read or write everything: no limit that they could meet, and an engine that is silent is waited for. */
void db_be_patient(struct db *db);
/* The process ends: from `until` (clock_monotonic()) on nobody waits longer than a moment for an engine that does not answer. From any thread;
 * for all connections, also those that wait now. */
void db_hurry(int64_t until);

/* Serialises with every other transaction that locks the same name until the end of this one; an engine with one writer has nothing to do.
 * The lock is there when the next select has given a row or its end, which fails with RC_AGAIN where waiting might never end. Outside of a transaction
 * nothing is locked. */
enum rc db_lock(struct db *db, struct text name);

/* A part of the transaction that can fail alone. Not nested; db_release or db_rollback_to ends it: after a failed release only the latter. */
enum rc db_savepoint(struct db *db) must_check;
enum rc db_release(struct db *db) must_check;
enum rc db_rollback_to(struct db *db) must_check; /* also mends a statement's failure inside the part */

enum rc db_failure(const struct db *db); /* the sticky failure, RC_OK if none */
const struct err *db_error(const struct db *db); /* the last failure's sentence; stays after the rollback, until the next begin */
uint64_t db_changed(const struct db *db); /* rows written since the connection was opened; for "did this part write anything?" */

enum rc db_exec_params(struct db *db, struct sql *s, const struct param *params, size_t count, int64_t *ret_changed);
enum rc db_select_params(struct db *db, struct rows *r, struct sql *s, const struct param *params, size_t count);
#define DB_PARAMS(...) \
	(const struct param[]){P_NULL __VA_OPT__(, ) __VA_ARGS__} + 1, \
		sizeof((struct param[]){P_NULL __VA_OPT__(, ) __VA_ARGS__}) / sizeof(struct param) - 1
/* Runs a statement without a result. */
#define db_exec(db, s, ...) db_exec_params((db), (s), DB_PARAMS(__VA_ARGS__), NULL)
/* The same, and how many rows it changed. */
#define db_exec_count(db, ret, s, ...) db_exec_params((db), (s), DB_PARAMS(__VA_ARGS__), (ret))
/* Runs s (one with RETURNING has written when this returns; another may only have been sent in a transaction, and its failure is rows_next's)
 * and begins its result; always followed by rows_done(), also after a failure. What is asked before the first rows_next() shares its round
 * trip. Parameters need to live until rows_done. A result still open when its statement is used again, or when the transaction
 * or part ends, is a mistake in the program and ends the process. */
#define db_select(db, r, s, ...) db_select_params((db), (r), (s), DB_PARAMS(__VA_ARGS__))

bool rows_next(struct rows *r); /* false at the end and on failure: rows_done() tells which */
enum rc rows_done(struct rows *r) must_check; /* resets the statement */
/* Columns by name, which is a literal. Names asked in the order of the SELECT cost one comparison each. An unknown name ends the process: it is a
 * mistake in the program that the statements' test finds. Text is valid until the next rows_ call on r. */
struct text row_text(struct rows *r, const char *column); /* NULL gives TEXT_ABSENT */
int64_t row_int(struct rows *r, const char *column); /* NULL gives 0 */
time_us row_time(struct rows *r, const char *column); /* NULL gives TIME_NONE */
bool row_null(struct rows *r, const char *column);

/* ---- what a commit tells ---- */

/* Kept with the transaction (or part): told to the connection's listener once it is committed, forgotten when it is rolled back. One
 * that has just been kept is not kept again. topic is a literal; payload is copied, at most 104 bytes. */
void db_signal(struct db *db, const char *topic, struct text payload);
/* Told of every signal that this connection commits, on its thread, directly after the commit and before the pipeline's jobs are done. One
 * listener; NULL for none. */
typedef void db_signal_each(void *context, const char *topic, struct text payload);
void db_listen(struct db *db, db_signal_each *listener, void *context);

/* Words of a statement that depend on how many may write at a time: to an engine with one writer what is for several is a comment; a driver
 * with several takes that instead. Not nested; neither may hold the end of a comment. */
#define SQL_BY_WRITERS(one, several) SQL_ONE_WRITER one SQL_SEVERAL_WRITERS several SQL_WRITERS_END
#define SQL_ONE_WRITER "/*one*/"
#define SQL_SEVERAL_WRITERS "/*several "
#define SQL_WRITERS_END "*/"
/* Put behind a SELECT of rows that are to be locked: rows that another transaction has locked are passed over instead of waited for. */
#define SQL_SKIP_LOCKED SQL_BY_WRITERS("", "FOR UPDATE SKIP LOCKED")

/* Many statements separated by ';' without parameters: migrations, engine settings. */
enum rc db_script(struct db *db, const char *text, struct err *err) must_check;
enum rc db_backup(struct db *db, const char *path, struct err *err) must_check; /* online and consistent, while others write */
enum rc db_integrity(struct db *db, struct buf *ret_problems, struct err *err) must_check; /* one problem a line; empty: none */
/* Prepares s; for the test of all statements. */
enum rc db_prepare_check(struct db *db, struct sql *s, struct err *err) must_check;
enum rc db_has_table(struct db *db, const char *name, bool *ret, struct err *err) must_check;
/* Moves finished log pages into the main file (SQLite's checkpoint), without waiting for anybody. ret_waiting: pages not yet
 * moved. */
enum rc db_tidy(struct db *db, int64_t *ret_waiting);
/* Makes db_tidy on this connection pause so many microseconds after each chunk of pages that it moves, having handed the chunk to
 * the disk, so that others' syncs need not wait for all of it at once; 0: no pauses. */
void db_tidy_pace(struct db *db, int64_t micros);
/* Pages in the log when this connection last committed; 0 on an engine that looks after its log itself. */
int64_t db_log_pages(const struct db *db);
