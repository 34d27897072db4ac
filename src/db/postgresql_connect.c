/* Connecting, and connecting again.
 *
 * An attempt runs in a thread of its own, because only libpq itself walks through several hosts with their timeouts, and that may take
 * seconds which nobody who wants an answer should wait. Who needs the connection waits for the attempt a moment: long enough for a server
 * that is there, when the connection was good until now; hardly at all while the server is known to be away. One attempt is in flight at a
 * time, and after a failed one none is made for a while that doubles up to two seconds. */
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "db/libpq.h"
#include "db/postgresql.h"

enum {
	FIRST_WAIT_MICROS = 1000000, /* for an attempt, when the connection was good until now */
	AWAY_WAIT_MICROS = 20000, /* while the server is away */
	LEAST_BACKOFF_MICROS = 100000,
	MOST_BACKOFF_MICROS = 2000000,
	SETUP_MICROS = 3000000, /* for each answer while a session is set up */
};

/* For a writer: a commit is on the disk when it is answered, even if the server is set up to be quicker than that; nobody waits for a lock
 * for ever; and what a process that is cut off from the server has locked is free again soon. Where sessions are not ours, the transaction
 * says it (postgresql_pipeline.c).
 * For a reader: what is read is mostly in memory or on a disk that need not seek. PostgreSQL's default is for one that must, and for it whole
 * tables are read where an index would do. Who has chosen another figure is right. */
#define READER \
	"SELECT set_config('random_page_cost', '1.1', false) WHERE current_setting('random_page_cost') = '4'; SET jit = off"
static const char *const SETTINGS[] = {
	[DB_READ] = READER,
	[DB_READ_REPLICA] = READER,
	[DB_WRITE] = ("SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';"
				  "SET jit = off; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '10s'"),
};

struct attempt {
	char *uri;
	enum db_mode mode;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	/* Under the lock */
	bool done;
	bool abandoned; /* nobody waits any more: the thread frees it */
	PGconn *c; /* NULL: it failed */
	bool prepared; /* of the location, as it was found out */
	struct err err;
};

static void attempt_free(struct attempt *a)
{
	if (a->c) PQfinish(a->c);
	pthread_cond_destroy(&a->wake);
	pthread_mutex_destroy(&a->lock);
	free(a->uri);
	free(a);
}

/* ---- in the thread ---- */

static void ignore_notice(void *context, const PGresult *result)
{
	(void)context, (void)result;
}

static enum rc refuse(const struct postgresql_location *l, PGconn *c, struct err *err)
{
	char sentence[ERR_TEXT_MAX] = "no memory for a connection";

	if (c)
		postgresql_location_mask(
			l, *PQerrorMessage(c) ? PQerrorMessage(c) : "the database does not answer", sentence, sizeof sentence);
	if (c) PQfinish(c);
	return err_set(err, RC_UNAVAILABLE, "%s", sentence);
}

/* A pooler gives its clients a process number of its own, and lets the server's through when it is asked for. What kind of pooler it is
 * cannot be seen: without kept statements every kind works. */
static bool is_pooled(PGconn *c, int64_t patience, enum waited *ret)
{
	static atomic_flag told = ATOMIC_FLAG_INIT;
	PGresult *result = postgresql_ask(c, "SELECT pg_backend_pid()", patience, ret);
	bool pooled = PQresultStatus(result) == PGRES_TUPLES_OK && strtol(PQgetvalue(result, 0, 0), NULL, 10) != PQbackendPID(c);

	PQclear(result);
	if (pooled && !atomic_flag_test_and_set(&told))
		log_warn("a connection pooler stands before the database: the server keeps no prepared statements",
			LOG_STR(
				"advice", "say versioner_prepared=off in the URI, or =on if the pooler gives each client a session of its own"));
	return pooled;
}

static enum rc make_session(struct postgresql_location *l, PGconn *c, enum db_mode mode, struct err *err)
{
	int64_t patience = l->timeout < SETUP_MICROS ? l->timeout : SETUP_MICROS;
	enum waited waited = WAITED_HERE;
	bool good = PQsetnonblocking(c, 1) == 0;

	PQsetNoticeReceiver(c, ignore_notice, NULL);
	if (good && !l->prepared_given) l->prepared = !is_pooled(c, patience, &waited);
	if (good && waited == WAITED_HERE && l->prepared) {
		PGresult *result = postgresql_ask(c, SETTINGS[mode], patience, &waited);
		good = PQresultStatus(result) == PGRES_COMMAND_OK;
		PQclear(result);
	}
	return good && waited == WAITED_HERE && PQenterPipelineMode(c) == 1 ? RC_OK : refuse(l, c, err);
}

static enum rc connect_now(const struct attempt *a, PGconn **ret, bool *ret_prepared, struct err *err)
{
	struct postgresql_location l;
	enum rc rc = postgresql_location_read(a->uri, a->mode, &l, err);

	if (rc != RC_OK) return rc;
	PGconn *c = PQconnectdbParams((const char *const *)l.keywords, (const char *const *)l.values, 0);
	rc = c && PQstatus(c) == CONNECTION_OK ? make_session(&l, c, a->mode, err) : refuse(&l, c, err);
	if (rc == RC_OK) *ret = c;
	if (rc == RC_OK) *ret_prepared = l.prepared;
	postgresql_location_done(&l);
	return rc;
}

static void *attempt_run(void *arg)
{
	struct attempt *a = arg;
	struct err err = {0};
	PGconn *c = NULL;
	bool prepared = false;

	(void)connect_now(a, &c, &prepared, &err);
	pthread_mutex_lock(&a->lock);
	a->done = true;
	a->c = c;
	a->prepared = prepared;
	a->err = err;
	bool abandoned = a->abandoned;
	pthread_cond_signal(&a->wake);
	pthread_mutex_unlock(&a->lock);
	if (abandoned) attempt_free(a);
	return NULL;
}

/* ---- beside it ---- */

static struct attempt *attempt_start(const struct postgresql_db *own)
{
	struct attempt *a = mem_zalloc(sizeof *a);
	pthread_condattr_t monotonic;
	pthread_attr_t detached;
	pthread_t thread;

	a->uri = mem_strdup(own->uri);
	a->mode = own->replica ? DB_READ_REPLICA : own->head.mode;
	pthread_mutex_init(&a->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&a->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &detached, attempt_run, a) != 0) {
		a->done = true;
		err_set(&a->err, RC_UNAVAILABLE, "no thread could be started");
	}
	pthread_attr_destroy(&detached);
	return a;
}

/* Until it is done or the time is over; whether it is done. */
static bool attempt_wait(struct attempt *a, int64_t micros)
{
	int64_t until = micros == FOREVER ? FOREVER : clock_monotonic() + micros;
	struct timespec at = {.tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000};

	pthread_mutex_lock(&a->lock);
	while (!a->done && clock_monotonic() < until) {
		if (until == FOREVER)
			pthread_cond_wait(&a->wake, &a->lock);
		else
			pthread_cond_timedwait(&a->wake, &a->lock, &at);
	}
	bool done = a->done;
	pthread_mutex_unlock(&a->lock);
	return done;
}

void postgresql_abandon_attempt(struct postgresql_db *own)
{
	struct attempt *a = own->attempt;

	if (!a) return;
	own->attempt = NULL;
	pthread_mutex_lock(&a->lock);
	bool done = a->done;
	a->abandoned = true;
	pthread_mutex_unlock(&a->lock);
	if (done) attempt_free(a);
}

static void back_off(struct postgresql_db *own)
{
	own->away = true;
	if (own->backoff < LEAST_BACKOFF_MICROS) own->backoff = LEAST_BACKOFF_MICROS;
	own->retry_at = clock_monotonic() + own->backoff;
	own->backoff = own->backoff * 2 < MOST_BACKOFF_MICROS ? own->backoff * 2 : MOST_BACKOFF_MICROS;
}

/* The thread has let go of the attempt: it is done. */
static enum rc attempt_take(struct postgresql_db *own, struct err *err)
{
	struct attempt *a = own->attempt;

	own->attempt = NULL;
	pthread_mutex_lock(&a->lock);
	own->c = a->c;
	own->location.prepared = a->prepared;
	a->c = NULL;
	if (!own->c) *err = a->err;
	pthread_mutex_unlock(&a->lock);
	attempt_free(a);
	if (!own->c) return back_off(own), err->rc;
	own->away = own->head.lost = false;
	own->backoff = 0;
	own->heard_at = clock_monotonic();
	own->unsent = 0;
	own->generation++;
	own->limit_set = 0;
	own->marks = MARKS_UNKNOWN;
	return RC_OK;
}

static enum rc connect_within(struct postgresql_db *own, int64_t micros)
{
	struct err err;

	if (!own->attempt && clock_monotonic() < own->retry_at) return db_fail(&own->head, RC_UNAVAILABLE, "the database is away");
	if (!own->attempt) own->waited = false;
	if (!own->attempt) own->attempt = attempt_start(own);
	/* One waits for an attempt, and not each of thousands that stand in a queue. */
	if (own->away && own->waited) micros = 0;
	own->waited = true;
	if (!attempt_wait(own->attempt, micros)) {
		own->away = true;
		return db_fail(&own->head, RC_UNAVAILABLE, "the database does not answer");
	}
	enum rc rc = attempt_take(own, &err);
	return rc == RC_OK ? RC_OK : db_fail(&own->head, rc, "%s", err.text);
}

enum rc postgresql_connect_first(struct postgresql_db *own, struct err *err)
{
	own->attempt = attempt_start(own);
	(void)attempt_wait(own->attempt, FOREVER);
	return attempt_take(own, err);
}

void postgresql_connect_some_time(struct postgresql_db *own)
{
	own->head.lost = true;
	(void)connect_within(own, 0);
	own->away = false; /* that is not known yet: the first who needs it waits a moment longer */
}

void postgresql_drop(struct postgresql_db *own)
{
	own->head.lost = true;
	if (own->c) PQfinish(own->c);
	own->c = NULL;
	own->sent_count = own->unsent = 0;
	own->begun = false;
	own->lock_count = 0;
}

/* A connection that the server or the network ended while it was idle says so when it is read from. */
static bool is_alive(struct postgresql_db *own)
{
	struct pollfd fd = {.fd = PQsocket(own->c), .events = POLLIN};

	while (PQstatus(own->c) == CONNECTION_OK && poll(&fd, 1, 0) > 0)
		if (!PQconsumeInput(own->c)) break;
	return PQstatus(own->c) == CONNECTION_OK;
}

enum rc postgresql_ready(struct postgresql_db *own)
{
	/* What a rollback left to be read; a failure there ended with it. */
	if (own->c && own->sent_count) (void)postgresql_settle(own);
	if (own->c && !postgresql_is_suspect(own) && is_alive(own)) return RC_OK;
	postgresql_drop(own);
	return connect_within(own, own->away ? AWAY_WAIT_MICROS : FIRST_WAIT_MICROS);
}
