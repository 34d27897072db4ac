/* What the PostgreSQL driver's files share. Only postgresql*.c include it, behind libpq.h. */
#pragma once

#include "db/db_driver.h"

enum {
	MOST_PARAMETERS = 100,
	MARK_SIZE = 37, /* a UUID and NUL */
	MOST_LOCKS_KNOWN = 64,
};

/* ---- the location (postgresql_location.c) ---- */

enum { LOCATION_WORDS = 80 };
struct postgresql_location {
	char *keywords[LOCATION_WORDS]; /* NULL-terminated, as PQconnectdbParams() takes them; owned */
	char *values[LOCATION_WORDS];
	size_t count;
	/* Whether the session is ours from one transaction to the next: statements are kept on the server, settings are set once. False behind a
	 * pooler of transactions. Unless the URI says it, each connection finds out. */
	bool prepared;
	bool prepared_given;
	int64_t timeout; /* microseconds that the server may be silent while it is waited for */
};

/* Takes our own parameters out of a URI and adds what libpq does not do by itself: short timeouts, a writer only to a server that takes
 * writes. No sentence holds a part of the URI: a badly written one may have its password anywhere. */
enum rc postgresql_location_read(const char *uri, enum db_mode mode, struct postgresql_location *ret, struct err *err);
void postgresql_location_done(struct postgresql_location *l);
void postgresql_location_show(const char *uri, char *ret, size_t size); /* servers and database only */
/* libpq's sentence on one line, with the password masked where it stands. */
void postgresql_location_mask(const struct postgresql_location *l, const char *sentence, char *ret, size_t size);

/* ---- the connection ---- */

/* Something sent whose answer has not been read. */
enum sent_kind {
	SENT_WORD, /* BEGIN and the like */
	SENT_COMMIT,
	SENT_PARSE,
	SENT_STATEMENT,
	SENT_TRY_LOCK, /* says whether it has the lock */
	SENT_SYNC,
};
struct sent {
	enum sent_kind kind;
	bool forgiven; /* what became of it does not matter any more: it was rolled back */
	struct postgresql_statement *st; /* NULL for words */
	struct turn *turn; /* who sent it; NULL: no turns are taken */
	struct pg_result **answer; /* where the result belongs, the caller's then; NULL: nobody wants it */
};

/* The driver's own statements. */
enum own_statement { OWN_LOCK, OWN_TRY_LOCK, OWN_MARK, OWN_FENCE, OWN_TABLE, OWN_COUNT };

enum marks { MARKS_UNKNOWN, MARKS_NONE, MARKS_THERE };

struct postgresql_db {
	struct db head;
	char *uri;
	bool replica; /* opened as one: what is read may be old */
	struct postgresql_location location;
	struct pg_conn *c; /* NULL: lost, or never had */
	uint64_t generation; /* counts connections: what was prepared on an earlier one is not prepared */
	struct attempt *attempt; /* to connect, in flight; postgresql_connect.c */
	int64_t retry_at, backoff; /* clock_monotonic() time before which no attempt is made, and the pause after the next failure */
	bool away; /* the last attempt failed, or takes long */
	bool waited; /* for the attempt in flight, by somebody */
	int64_t asked_at, heard_at; /* clock_monotonic() of the last wait's beginning, and of the server's last sign of life */
	int64_t limit_set; /* the read limit that the session has */
	uint64_t listens; /* on the connection of this generation; 0: on none */
	bool patient; /* what runs now may take as long as it likes */
	bool brief; /* what runs now is answered soon or not at all */

	/* The transaction */
	bool begun; /* BEGIN has been sent */
	bool wrote;
	bool refused_early; /* the last failure is the server's word about something that was sent before COMMIT */
	bool lock_busy; /* the last failure is a lock that another transaction has */
	bool lock_held; /* it has sent for a lock */
	uint64_t locks[MOST_LOCKS_KNOWN]; /* hashes of the names that this transaction has locked */
	size_t lock_count;
	enum marks marks;
	char mark[MARK_SIZE], mark_before[MARK_SIZE]; /* of the last commit, and of the one before */

	/* The pipeline */
	struct sent *sent;
	size_t sent_count, sent_room;
	size_t unsent; /* bytes given to libpq since it was known that all had left, at most */

	struct postgresql_statement *statements[OWN_COUNT]; /* NULL: not used yet */
	struct postgresql_cursor *idle_cursors;
};

struct postgresql_statement {
	struct db_statement head;
	const char *text; /* in PostgreSQL's words; owned when it is not the program's literal */
	char name[24]; /* on the server */
	uint64_t prepared; /* on the connection of this generation; 0: on none */
	bool writes;
};

struct postgresql_cursor {
	struct db_cursor head;
	struct pg_result *result; /* NULL: not answered yet */
	bool begun; /* rows are counted */
	int row, rows;
	struct postgresql_cursor *next; /* among the idle ones */
};

static inline struct postgresql_db *postgresql_of(struct db *db)
{
	return (struct postgresql_db *)db;
}

/* postgresql_error.c */
/* What a failed result means; keeps its sentence, behind where the statement stands (st may be NULL). A connection that is good for nothing any
 * more is dropped. */
enum rc postgresql_fail(struct postgresql_db *own, const struct pg_result *result, const struct postgresql_statement *st);
/* The connection broke: drops it. */
enum rc postgresql_lost(struct postgresql_db *own);

/* postgresql_wait.c. The state of what has fallen silent is the process's: all connections to the store learn of it. */
enum awaited { AWAIT_RESULT, AWAIT_SENT };
enum waited { WAITED_HERE, WAITED_BROKEN, WAITED_SILENT };
#define FOREVER INT64_MAX
/* Until PQgetResult() would not block, or all has left; silent: nothing has come for so long. */
enum waited postgresql_wait_for(struct pg_conn *c, enum awaited what, int64_t micros);
/* Outside of the pipeline: the last result of what was asked, the caller's; NULL: *ret says why. */
struct pg_result *postgresql_read_last(struct pg_conn *c, int64_t micros, enum waited *ret);
struct pg_result *postgresql_ask(struct pg_conn *c, const char *text, int64_t micros, enum waited *ret);
/* How long this connection waits for an answer now. */
int64_t postgresql_patience(const struct postgresql_db *own);
enum rc postgresql_await(struct postgresql_db *own); /* the next result; on failure the connection is dropped */
enum rc postgresql_make_room(struct postgresql_db *own, size_t bytes); /* before they are sent */
/* After any result but WAITED_HERE: drops the connection. */
enum rc postgresql_not_here(struct postgresql_db *own, enum waited waited);
/* Another connection found the server silent, and this one has not heard of it since. */
bool postgresql_is_suspect(const struct postgresql_db *own);

/* postgresql_connect.c */
/* Makes sure that there is a connection and that nothing old is to be read on it. */
enum rc postgresql_ready(struct postgresql_db *own);
/* The first one: waits as long as it takes. */
enum rc postgresql_connect_first(struct postgresql_db *own, struct err *err);
/* Begins to connect; waits for nothing. */
void postgresql_connect_some_time(struct postgresql_db *own);
void postgresql_drop(struct postgresql_db *own);
void postgresql_abandon_attempt(struct postgresql_db *own);

/* postgresql_pipeline.c: what is sent is answered later, in order. After a failure all up to the next sync is passed over by the server. */
enum rc postgresql_send_word(struct postgresql_db *own, enum sent_kind kind, const char *word);
enum rc postgresql_send(struct postgresql_db *own, enum sent_kind kind, struct postgresql_statement *st,
	const struct param *params, struct pg_result **answer);
/* Asks the server to keep the statement; postgresql_send() does when it is not yet there. */
enum rc postgresql_send_parse(struct postgresql_db *own, struct postgresql_statement *st);
enum rc postgresql_sync(struct postgresql_db *own); /* and flushes; does not wait */
void postgresql_forgive(struct postgresql_db *own); /* all that was sent so far */
void postgresql_give_up(struct postgresql_db *own, struct pg_result **answer); /* it is not wanted any more */
/* Reads all answers, and puts the good ones where they belong; the first failure. */
enum rc postgresql_settle(struct postgresql_db *own);
/* Sync and settle, or where turns are taken a rest until that has been done for all. */
enum rc postgresql_wait(struct postgresql_db *own);
enum rc postgresql_round(struct db *db);
/* Begins the transaction on the server, before its first statement. */
enum rc postgresql_ensure_begun(struct postgresql_db *own);
/* Statements by the simple protocol, which takes several at once; NULL after a failure, which is kept. */
struct pg_result *postgresql_say(struct postgresql_db *own, const char *text, enum rc *ret);

/* postgresql_rows.c */
/* One of the driver's own. */
struct postgresql_statement *postgresql_statement(struct postgresql_db *own, enum own_statement which);
enum rc postgresql_prepare(struct db *db, const struct sql *s, struct db_statement **ret);
void postgresql_discard(struct db_statement *st);
enum rc postgresql_check(struct db *db, const struct sql *s);
enum rc postgresql_exec(struct db *db, struct db_statement *st, const struct param *params, int64_t *ret_changed);
enum rc postgresql_select(struct db *db, struct db_statement *st, const struct param *params, struct db_cursor **ret);
enum rc postgresql_next(struct db *db, struct db_cursor *c, bool *ret_row);
void postgresql_reset(struct db *db, struct db_cursor *c);
bool postgresql_is_null(struct db_cursor *c, int column);
int64_t postgresql_integer(struct db_cursor *c, int column);
struct text postgresql_text(struct db_cursor *c, int column);
void postgresql_free_cursors(struct postgresql_db *own);

/* postgresql_lock.c */
enum rc postgresql_lock(struct db *db, struct text name);
bool postgresql_mend(struct db *db);

/* postgresql_outcome.c */
enum rc postgresql_find_marks(struct postgresql_db *own); /* once for each connection, outside of transactions */
enum rc postgresql_mark(struct postgresql_db *own); /* before COMMIT */
enum rc postgresql_commit_outcome(struct db *db);

/* postgresql_line.c */
extern const struct db_line POSTGRESQL_LINE;

/* postgresql_upkeep.c */
enum rc postgresql_script(struct db *db, const char *text);
enum rc postgresql_has_table(struct db *db, const char *name, bool *ret);
enum rc postgresql_backup(struct db *db, const char *path);
enum rc postgresql_integrity(struct db *db, struct buf *problems);
enum rc postgresql_tidy(struct db *db, int64_t *ret_waiting);
