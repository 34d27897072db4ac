/* Calls between processes: LISTEN and NOTIFY.
 *
 * A channel belongs to a database and not to a schema, so its name holds the number of one of our tables: stores that share a database do not
 * hear each other. NOTIFY takes a lock of the whole database at its commit; that is why no transaction of the product has one in it, and why
 * this commit waits for no disk: after a crash of the database every listener connects anew and looks at everything anyway.
 *
 * Every question here has a time in which it must be answered, because nobody else watches over this connection. */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "db/libpq.h"
#include "db/postgresql.h"

enum { ANSWER_MICROS = 2000000 };
#define CHANNEL "'versioner_' || to_regclass('commit_mark')::oid::text"

/* ---- a question and its answer ---- */

static enum rc no_answer(struct postgresql_db *own)
{
	postgresql_drop(own);
	return db_fail(&own->head, RC_UNAVAILABLE, "the database does not answer");
}

static bool is_good(const PGresult *result)
{
	return PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK;
}

/* ret_value: the first column of the first row, empty when it is NULL; may be NULL itself. */
static enum rc ask(struct postgresql_db *own, const char *text, const char *value, char *ret_value, size_t size)
{
	enum waited waited;

	if (PQsendQueryParams(own->c, text, value ? 1 : 0, NULL, &value, NULL, NULL, 0) != 1) return postgresql_lost(own);
	PGresult *result = postgresql_read_last(own->c, ANSWER_MICROS, &waited);
	enum rc rc = waited == WAITED_HERE ? RC_OK : waited == WAITED_BROKEN ? postgresql_lost(own) : no_answer(own);
	if (rc == RC_OK) own->heard_at = clock_monotonic();
	if (rc == RC_OK && !is_good(result)) rc = postgresql_fail(own, result, NULL);
	if (rc == RC_OK && ret_value) snprintf(ret_value, size, "%s", PQntuples(result) ? PQgetvalue(result, 0, 0) : "");
	PQclear(result);
	return rc;
}

/* ---- the line ---- */

static enum rc leave_pipeline(struct postgresql_db *own)
{
	return PQpipelineStatus(own->c) == PQ_PIPELINE_OFF || PQexitPipelineMode(own->c) == 1 ? RC_OK : postgresql_lost(own);
}

static enum rc line_listen(struct db *db)
{
	struct postgresql_db *own = postgresql_of(db);
	char channel[64] = "", text[96];
	enum rc rc = postgresql_ready(own);

	if (rc == RC_OK && !own->location.prepared) /* nobody hears on a session that is given to others in between */
		return db_fail(db, RC_NOT_FOUND, "the session belongs to a pooler");
	if (rc == RC_OK) rc = leave_pipeline(own);
	if (rc == RC_OK) rc = ask(own, "SET synchronous_commit = off", NULL, NULL, 0);
	if (rc == RC_OK) rc = ask(own, "SELECT " CHANNEL, NULL, channel, sizeof channel);
	if (rc != RC_OK) return rc;
	if (!channel[0]) return db_fail(db, RC_NOT_FOUND, "the store's tables are not there");
	snprintf(text, sizeof text, "LISTEN %s", channel);
	own->listens = own->generation;
	return ask(own, text, NULL, NULL, 0);
}

static enum rc line_call(struct db *db, struct text payload)
{
	struct postgresql_db *own = postgresql_of(db);
	char value[LINE_MOST + 1];
	enum rc rc = postgresql_ready(own);

	if (rc != RC_OK) return rc;
	if (own->listens && own->listens != own->generation) { /* a new connection does not listen yet */
		own->listens = 0;
		return db_fail(db, RC_UNAVAILABLE, "the connection that listened was lost");
	}
	if (payload.n > LINE_MOST) return db_fail(db, RC_INVALID, "a call is too long");
	memcpy(value, payload.p, payload.n);
	value[payload.n] = '\0';
	bool in_pipeline = PQpipelineStatus(own->c) != PQ_PIPELINE_OFF;
	rc = leave_pipeline(own);
	if (rc == RC_OK) rc = ask(own, "SELECT pg_notify(" CHANNEL ", $1)", value, NULL, 0);
	if (own->c && in_pipeline && PQenterPipelineMode(own->c) != 1) return postgresql_lost(own);
	return rc;
}

static enum rc line_wait(struct db *db, int other, int64_t micros)
{
	struct postgresql_db *own = postgresql_of(db);

	if (!own->c) return postgresql_lost(own);
	struct pollfd fds[] = {{.fd = PQsocket(own->c), .events = POLLIN}, {.fd = other, .events = POLLIN}};
	int ready = poll(fds, 2, (int)((micros + 999) / 1000));
	if (ready > 0 && fds[0].revents && PQconsumeInput(own->c) != 1) return postgresql_lost(own);
	return RC_OK;
}

static bool line_heard(struct db *db, struct buf *ret_payload)
{
	struct postgresql_db *own = postgresql_of(db);
	PGnotify *notice = own->c ? PQnotifies(own->c) : NULL;

	if (!notice) return false;
	buf_clear(ret_payload);
	buf_cstr(ret_payload, notice->extra);
	PQfreemem(notice);
	return true;
}

static enum rc line_check(struct db *db)
{
	struct postgresql_db *own = postgresql_of(db);
	return own->c ? ask(own, "SELECT 1", NULL, NULL, 0) : postgresql_lost(own);
}

const struct db_line POSTGRESQL_LINE = {
	.listen = line_listen, .call = line_call, .wait = line_wait, .heard = line_heard, .check = line_check};
