/* The pipeline: statements are sent without waiting for the answer of the one before, and answers are read when one is needed.
 *
 * A failure makes the server pass over everything up to the next sync, so the first failure that is read is the one that counts, and it is
 * known which statement met it. Until then the caller believes that it went well; the front learns of it from the next statement that
 * waits (a select, a count, the end of a part, COMMIT). That is early enough: nothing is told to anybody before COMMIT has been answered.
 *
 * What is rolled back is forgiven: its answers are read some time, and do not matter. So a rollback waits for nothing either. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "db/libpq.h"
#include "db/postgresql.h"
#include "db/turns.h"

enum { MESSAGE_BYTES = 100 }; /* around what is said, about */

static void note(struct postgresql_db *own, enum sent_kind kind, struct postgresql_statement *st, PGresult **answer)
{
	if (own->sent_count == own->sent_room) {
		own->sent_room = own->sent_room ? own->sent_room * 2 : 64;
		own->sent = mem_realloc(own->sent, own->sent_room * sizeof *own->sent);
	}
	own->sent[own->sent_count++] = (struct sent){.kind = kind, .st = st, .turn = own->head.turn, .answer = answer};
}

/* ---- sending ---- */

enum rc postgresql_send_word(struct postgresql_db *own, enum sent_kind kind, const char *word)
{
	enum rc rc = own->c ? postgresql_make_room(own, strlen(word) + MESSAGE_BYTES) : postgresql_lost(own);

	if (rc != RC_OK) return rc;
	if (PQsendQueryParams(own->c, word, 0, NULL, NULL, NULL, NULL, 0) != 1) return postgresql_lost(own);
	note(own, kind, NULL, NULL);
	return RC_OK;
}

/* A statement's parameters as libpq takes them. Numbers go as text, so that the server reads them as whatever type it found for the
 * parameter; texts go as they are, with their length. */
struct bound {
	const char *values[MOST_PARAMETERS];
	int lengths[MOST_PARAMETERS], formats[MOST_PARAMETERS];
	char numbers[MOST_PARAMETERS][24];
	size_t bytes; /* of all, about */
};

static bool bind_one(struct bound *b, size_t i, const struct param *p)
{
	b->lengths[i] = 0;
	b->formats[i] = p->kind == PARAM_TEXT;
	b->values[i] = p->kind == PARAM_NULL ? NULL : b->numbers[i];
	if (p->kind == PARAM_INT) snprintf(b->numbers[i], sizeof b->numbers[i], "%" PRId64, p->integer);
	if (p->kind != PARAM_TEXT) return true;
	b->values[i] = p->text.p;
	b->lengths[i] = (int)p->text.n;
	b->bytes += p->text.n;
	return p->text.n <= INT32_MAX && !memchr(p->text.p, '\0', p->text.n);
}

static enum rc bind_all(
	struct postgresql_db *own, const struct postgresql_statement *st, const struct param *params, struct bound *b)
{
	const struct sql *s = st->head.sql;

	b->bytes = MESSAGE_BYTES + st->head.params * sizeof b->numbers[0] + (own->location.prepared ? 0 : strlen(st->text));
	for (size_t i = 0; i < st->head.params; i++)
		if (!bind_one(b, i, &params[i]))
			return db_fail(&own->head, RC_INVALID, "%s:%d: a text with a NUL byte cannot be stored", s->file, s->line);
	return RC_OK;
}

enum rc postgresql_send_parse(struct postgresql_db *own, struct postgresql_statement *st)
{
	enum rc rc = own->c ? postgresql_make_room(own, strlen(st->text) + MESSAGE_BYTES) : postgresql_lost(own);

	if (rc != RC_OK) return rc;
	if (PQsendPrepare(own->c, st->name, st->text, 0, NULL) != 1) return postgresql_lost(own);
	note(own, SENT_PARSE, st, NULL);
	st->prepared = own->generation;
	return RC_OK;
}

enum rc postgresql_send(struct postgresql_db *own, enum sent_kind kind, struct postgresql_statement *st,
	const struct param *params, PGresult **answer)
{
	struct bound b;
	int sent;

	if (!own->c) return postgresql_lost(own);
	enum rc rc = bind_all(own, st, params, &b);
	/* Once for each connection, together with the first use. */
	if (rc == RC_OK && own->location.prepared && st->prepared != own->generation) rc = postgresql_send_parse(own, st);
	if (rc == RC_OK) rc = postgresql_make_room(own, b.bytes);
	if (rc != RC_OK) return rc;
	if (own->location.prepared)
		sent = PQsendQueryPrepared(own->c, st->name, (int)st->head.params, b.values, b.lengths, b.formats, 0);
	else
		sent = PQsendQueryParams(own->c, st->text, (int)st->head.params, NULL, b.values, b.lengths, b.formats, 0);
	if (sent != 1) return postgresql_lost(own);
	note(own, kind, st, answer);
	return RC_OK;
}

enum rc postgresql_sync(struct postgresql_db *own)
{
	if (!own->c || PQpipelineSync(own->c) != 1) return postgresql_lost(own);
	note(own, SENT_SYNC, NULL, NULL);
	return RC_OK;
}

void postgresql_forgive(struct postgresql_db *own)
{
	for (size_t i = 0; i < own->sent_count; i++) own->sent[i].forgiven = true, own->sent[i].answer = NULL;
}

void postgresql_give_up(struct postgresql_db *own, PGresult **answer)
{
	for (size_t i = own->sent_count; i > 0; i--)
		if (own->sent[i - 1].answer == answer) own->sent[i - 1].answer = NULL;
}

/* ---- the beginning of a transaction ---- */

/* How long a read may take: the session's own, where sessions are ours; it must not be part of the transaction, which may be rolled back. */
static enum rc send_limit(struct postgresql_db *own)
{
	char word[80];
	int64_t limit = own->head.read_limit;

	if (own->head.mode != DB_READ || limit == own->limit_set) return RC_OK;
	snprintf(word, sizeof word, "SET statement_timeout = %" PRId64, limit < 1000 ? INT64_C(1) : limit / 1000);
	enum rc rc = postgresql_send_word(own, SENT_WORD, word);
	if (rc == RC_OK) rc = postgresql_sync(own);
	if (rc == RC_OK) own->limit_set = limit;
	return rc;
}

/* The same and the settings of postgresql_connect.c, for this transaction only: the next one may run in another session. */
static enum rc send_local_settings(struct postgresql_db *own)
{
	char word[400];
	int64_t limit = own->head.read_limit;

	if (own->head.mode == DB_READ)
		snprintf(word, sizeof word, "SELECT set_config('jit', 'off', true), set_config('statement_timeout', '%" PRId64 "', true)",
			limit < 1000 ? INT64_C(1) : limit / 1000);
	else
		snprintf(word, sizeof word,
			"SELECT set_config('lock_timeout', '10s', true), set_config('idle_in_transaction_session_timeout', '10s', true), "
			"set_config('synchronous_commit', coalesce(nullif(current_setting('synchronous_commit'), 'off'), 'on'), true)");
	return postgresql_send_word(own, SENT_WORD, word);
}

enum rc postgresql_ensure_begun(struct postgresql_db *own)
{
	static const char *const BEGIN[] = {
		[DB_READ] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
		[DB_WRITE] = "BEGIN ISOLATION LEVEL READ COMMITTED",
	};
	enum rc rc = RC_OK;

	if (!own->head.in_transaction || own->begun) return RC_OK;
	if (own->location.prepared) rc = send_limit(own);
	if (rc == RC_OK) rc = postgresql_send_word(own, SENT_WORD, BEGIN[own->head.mode]);
	own->begun = rc == RC_OK;
	return rc == RC_OK && !own->location.prepared ? send_local_settings(own) : rc;
}

/* ---- reading ---- */

static bool is_good(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);
	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

static enum rc judge_good(struct postgresql_db *own, const struct sent *sent, PGresult *result)
{
	if (sent->kind == SENT_COMMIT && strcmp(PQcmdStatus(result), "COMMIT") != 0)
		return db_fail(&own->head, RC_FAILED, "the transaction was rolled back by the server");
	if (sent->kind != SENT_TRY_LOCK || PQntuples(result) != 1 || strcmp(PQgetvalue(result, 0, 0), "t") == 0) return RC_OK;
	own->lock_count = 0;
	if (sent->turn) return sent->turn->lock_refused = true, RC_OK;
	own->lock_busy = true;
	return db_fail(&own->head, RC_AGAIN, "another transaction has the lock");
}

/* What one answer means for what was sent. */
static enum rc judge(struct postgresql_db *own, const struct sent *sent, PGresult *result)
{
	if (is_good(result)) return sent->forgiven ? RC_OK : judge_good(own, sent, result);
	if (sent->kind == SENT_PARSE) sent->st->prepared = 0;
	if (PQresultStatus(result) == PGRES_PIPELINE_ABORTED) return RC_OK; /* what made the server pass over it came before */
	if (PQstatus(own->c) == CONNECTION_BAD || !PQresultErrorField(result, PG_DIAG_SQLSTATE)) return postgresql_lost(own);
	if (sent->forgiven) return RC_OK;
	own->refused_early = sent->kind != SENT_COMMIT;
	return postgresql_fail(own, result, sent->st);
}

/* The answer to one thing sent. *ret_result: it, the caller's. */
static enum rc read_one(struct postgresql_db *own, const struct sent *sent, PGresult **ret_result)
{
	enum rc rc = postgresql_await(own);

	if (rc != RC_OK) return rc;
	PGresult *result = PQgetResult(own->c), *end = NULL;
	if (!result) return postgresql_lost(own);
	*ret_result = result;
	if (sent->kind == SENT_SYNC) return PQresultStatus(result) == PGRES_PIPELINE_SYNC ? RC_OK : postgresql_lost(own);
	rc = judge(own, sent, result);
	while (own->c) {
		enum rc ended = postgresql_await(own);
		if (ended != RC_OK) return rc != RC_OK ? rc : ended;
		if (!(end = PQgetResult(own->c))) break;
		PQclear(end);
	}
	return rc;
}

enum rc postgresql_settle(struct postgresql_db *own)
{
	PGresult *result = NULL;
	enum rc first = RC_OK;

	own->lock_busy = own->refused_early = false;
	/* By number: the list is emptied when the connection is dropped. */
	for (size_t i = 0; own->c && i < own->sent_count; i++) {
		struct sent sent = own->sent[i];
		enum rc rc = read_one(own, &sent, &result);
		if (first == RC_OK) first = rc;
		if (first == RC_OK && sent.answer)
			*sent.answer = result;
		else
			PQclear(result);
		result = NULL;
	}
	if (!own->c && first == RC_OK) first = postgresql_lost(own);
	own->sent_count = own->unsent = 0;
	return first;
}

enum rc postgresql_round(struct db *db)
{
	struct postgresql_db *own = postgresql_of(db);
	enum rc rc = postgresql_sync(own);

	return rc == RC_OK ? postgresql_settle(own) : rc;
}

enum rc postgresql_wait(struct postgresql_db *own)
{
	return own->head.turn ? turn_rest(&own->head) : postgresql_round(&own->head);
}

/* ---- outside of the pipeline ---- */

PGresult *postgresql_say(struct postgresql_db *own, const char *text, enum rc *ret)
{
	enum waited waited = WAITED_BROKEN;
	PGresult *result = NULL;

	*ret = postgresql_ensure_begun(own);
	if (*ret == RC_OK && own->sent_count) *ret = postgresql_sync(own);
	if (*ret == RC_OK) *ret = postgresql_settle(own);
	if (*ret != RC_OK) return NULL;
	own->asked_at = clock_monotonic();
	if (PQexitPipelineMode(own->c) == 1) result = postgresql_ask(own->c, text, postgresql_patience(own), &waited);
	if (!result)
		*ret = postgresql_not_here(own, waited);
	else if (PQstatus(own->c) == CONNECTION_BAD)
		*ret = postgresql_lost(own);
	else if (!is_good(result))
		*ret = postgresql_fail(own, result, NULL);
	if (own->c && PQenterPipelineMode(own->c) != 1) *ret = postgresql_lost(own);
	if (*ret == RC_OK) return result;
	PQclear(result);
	return NULL;
}
