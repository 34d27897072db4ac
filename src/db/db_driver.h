/* What an engine's driver gives the front (db.c): the heads of its connection and its statements, and one table of functions.
 * Private to this room. Nothing above the table knows an engine; the front keeps the transaction's state, the sticky failure and
 * the prepared statements, so a driver holds only what its library needs. */
#pragma once

#include "db/db.h"

/* A statement prepared on one connection: the head of the driver's own struct. */
struct db_statement {
	const struct sql *sql;
	char **names; /* of the result's columns; owned, as are the strings */
	const char **asked; /* the literal by which each was last asked for; the front's, freed with the names */
	int columns;
	size_t params; /* the highest n of its $n: so many must be given */
	size_t open; /* results being read; the front's. More than one only where turns are taken */
};

/* A result that is being read: the head of the driver's own struct, if it needs one. */
struct db_cursor {
	struct db_statement *st;
};

enum { SIGNAL_PAYLOAD = 104 };
/* One of db_signal(). */
struct db_signal {
	const char *topic;
	size_t length;
	char payload[SIGNAL_PAYLOAD];
};

/* A connection: the head of the driver's own struct. */
struct db {
	const struct db_driver *driver;
	/* Kept by the driver */
	uint64_t changed; /* rows written so far; right whenever no result is open */
	int64_t tidy_pace; /* microseconds; see db_tidy_pace */
	int64_t log_pages; /* db_log_pages */
	bool lost; /* there is no connection now */
	/* Kept by the front */
	enum db_mode mode;
	char *location;
	bool in_transaction;
	bool in_part;
	enum rc sticky;
	struct err error;
	size_t open_results;
	struct db_statement **statements; /* by sql->index; NULL: not prepared yet */
	struct buf signals; /* of struct db_signal: what this transaction tells when it is committed */
	size_t signal_count, signals_before_part;
	db_signal_each *listener;
	void *listener_context;
	struct turns *turns; /* the turns' books; NULL: never taken. turns.h */
	struct turn *turn; /* the one that runs now; NULL: the connection is one job's alone */
	bool lock_waits; /* db_lock waits for a lock also while it holds others; see batch.c */
	bool patient; /* waits for an answer as long as it takes: db_be_patient() */
	int64_t read_limit; /* microseconds that a read transaction may keep the engine busy, then RC_UNAVAILABLE */
};

/* A function that fails has called db_fail(). After a failure inside a transaction the front calls nothing but next, reset, mend,
 * rollback_to and rollback. */
struct db_driver {
	const char *name;
	bool
		several_writers; /* other processes may write between two statements: a violated index may be theirs, and gone when looked at again */
	bool replicas; /* DB_READ_REPLICA */
	bool (*claims)(const char *location);
	void (*show)(const char *location, char *ret, size_t size); /* NULL: it has no secrets */
	/* Allocates the connection (zeroed but for its own fields). Failures go to err: there is no connection yet. */
	enum rc (*open)(const char *location, enum db_mode mode, struct db **ret, struct err *err);
	void (*close)(struct db *db); /* frees it; its statements are discarded already */

	enum rc (*begin)(struct db *db); /* by db->mode; also where a lost connection is opened again */
	enum rc (*commit)(struct db *db); /* on failure rollback follows */
	enum rc (*commit_outcome)(struct db *db); /* NULL: it cannot be found out */
	void (*rollback)(struct db *db); /* of what is still open, if anything: engines roll back by themselves on some failures */
	enum rc (*savepoint)(struct db *db);
	enum rc (*release)(struct db *db); /* on failure rollback_to follows */
	enum rc (*rollback_to)(struct db *db); /* and ends the part */
	enum rc (*lock)(struct db *db, struct text name); /* NULL: one writer */
	bool (*mend)(struct db *db); /* whether the failure is a busy lock and the transaction as good as before; NULL: never */

	enum rc (*round)(struct db *db); /* reads the answers to all that turns wait for; NULL: no turns are taken. turns.h */

	enum rc (*prepare)(struct db *db, const struct sql *s, struct db_statement **ret);
	void (*discard)(struct db_statement *st);
	enum rc (*check)(struct db *db, const struct sql *s); /* NULL: prepare has looked at all of it */
	enum rc (*exec)(struct db *db, struct db_statement *st, const struct param *params, int64_t *ret_changed); /* may be NULL */
	enum rc (*select)(struct db *db, struct db_statement *st, const struct param *params, struct db_cursor **ret);
	enum rc (*next)(struct db *db, struct db_cursor *c, bool *ret_row);
	void (*reset)(struct db *db, struct db_cursor *c); /* ends what select began */
	bool (*is_null)(struct db_cursor *c, int column);
	int64_t (*integer)(struct db_cursor *c, int column); /* of null: 0 */
	struct text (*text)(struct db_cursor *c, int column); /* of null: empty */

	enum rc (*script)(struct db *db, const char *text);
	enum rc (*has_table)(struct db *db, const char *name, bool *ret);
	enum rc (*backup)(struct db *db, const char *path);
	enum rc (*integrity)(struct db *db, struct buf *problems);
	enum rc (*tidy)(struct db *db, int64_t *ret_waiting);

	const struct db_line *line; /* NULL: nobody else can be called */
};

/* Calls between processes on the same store (wakeup.c). A connection that listens does nothing else. */
struct db_line {
	/* Connects if need be, and listens; waits for at most a second or two. RC_NOT_FOUND: this connection cannot listen. */
	enum rc (*listen)(struct db *db);
	/* Of DB_WRITE, outside of transactions: what it calls is at the others' when it returns. At most LINE_MOST bytes, without NUL. */
	enum rc (*call)(struct db *db, struct text payload);
	/* Until something can be read from fd (-1: none), something is heard, or the time is over. Also a sign that the connection lives. */
	enum rc (*wait)(struct db *db, int fd, int64_t micros);
	bool (*heard)(struct db *db, struct buf *ret_payload); /* the next one; false: none is left */
	enum rc (*check)(struct db *db); /* asks the other end whether it is there */
};
enum { LINE_MOST = 7900 };

extern const struct db_driver DB_SQLITE, DB_POSTGRESQL;
const struct db_driver *db_driver_of(const char *location); /* NULL: nobody's */

/* After RC_AGAIN from db_lock: true when the transaction is as it was before and goes on. */
bool db_mend(struct db *db);

/* What is left of a wait of so many microseconds that began at `since` (clock_monotonic()); INT64_MAX: no end. Less after db_hurry(). */
int64_t db_time_left(int64_t since, int64_t micros);

void signals_tell(struct db *db); /* to the listener; none are left */
void signals_forget(struct db *db, size_t from); /* the first `from` stay */

/* Keeps the sentence for db_error(); returns rc. */
enum rc db_fail(struct db *db, enum rc rc, const char *format, ...) printf_like(3, 4);
/* A mistake in the program: a log line, then the process ends. */
_Noreturn void db_bug(const struct sql *s, const char *what);
