/* Whether a commit happened, when the connection broke before it was answered.
 *
 * Each transaction that writes puts a mark of its own, a new UUID, into the table commit_mark, on the way to COMMIT and without a round trip
 * of its own; it takes the mark before it away. After the connection broke, the same mark is put there once more, by ON CONFLICT DO NOTHING:
 * the server makes that wait for a transaction that is still under way, and then it finds the mark (it was committed) or puts it there as a
 * fence, and whatever is left of the old transaction can never be committed any more. A fence has a negative time: the connection may break
 * again, and then our fence is not taken for the transaction's mark. What is found is written to and committed as well: by that it is on the
 * synchronous standby, too, before anybody is told. The number of the transaction would not do: after a failover the new primary gives the
 * numbers that it has not seen to others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/uuid.h"
#include "db/libpq.h"
#include "db/postgresql.h"

/* Of processes that are no more. */
static const char CLEAR[] = "DELETE FROM commit_mark WHERE abs(made_at) < (extract(epoch FROM now()) - 86400) * 1000000";

enum rc postgresql_find_marks(struct postgresql_db *own)
{
	enum rc rc;

	if (own->marks != MARKS_UNKNOWN) return RC_OK;
	own->brief = true;
	PGresult *result = postgresql_say(own, "SELECT to_regclass('commit_mark') IS NOT NULL", &rc);
	if (result) own->marks = strcmp(PQgetvalue(result, 0, 0), "t") == 0 ? MARKS_THERE : MARKS_NONE;
	PQclear(result);
	if (rc == RC_OK && own->marks == MARKS_THERE) PQclear(postgresql_say(own, CLEAR, &rc));
	own->brief = false;
	return rc;
}

/* The mark, and the one that it takes the place of. */
#define MARK_PARAMS(own, time) \
	{ \
		P_CSTR((own)->mark), (own)->mark_before[0] ? P_CSTR((own)->mark_before) : P_NULL, P_TIME(time) \
	}

enum rc postgresql_mark(struct postgresql_db *own)
{
	own->mark[0] = '\0';
	if (own->marks != MARKS_THERE) return RC_OK;
	uuid_new(own->mark);
	const struct param params[] = MARK_PARAMS(own, clock_now());
	return postgresql_send(own, SENT_WORD, postgresql_statement(own, OWN_MARK), params, NULL);
}

/* Whose is what was found: as put_fence(). */
static int is_fence(struct postgresql_db *own)
{
	char statement[160];
	enum rc rc;

	snprintf(
		statement, sizeof statement, "UPDATE commit_mark SET made_at = made_at WHERE id = '%s' RETURNING made_at < 0", own->mark);
	PGresult *result = postgresql_say(own, statement, &rc);
	int fence = rc != RC_OK || PQntuples(result) != 1 ? -1 : strcmp(PQgetvalue(result, 0, 0), "t") == 0;
	PQclear(result);
	return fence;
}

/* 1: a fence is there, now or since an earlier try; 0: the transaction's mark is there; -1: that could not be found out. */
static int put_fence(struct postgresql_db *own)
{
	const struct param params[] = MARK_PARAMS(own, -clock_now());
	PGresult *result = NULL;
	enum rc rc = postgresql_send_word(own, SENT_WORD, "BEGIN ISOLATION LEVEL READ COMMITTED");

	if (rc == RC_OK) rc = postgresql_send_word(own, SENT_WORD, "SET LOCAL lock_timeout = '1s'");
	if (rc == RC_OK) rc = postgresql_send(own, SENT_STATEMENT, postgresql_statement(own, OWN_FENCE), params, &result);
	if (rc == RC_OK) rc = postgresql_wait(own);
	if (rc != RC_OK) return PQclear(result), -1;
	int put = strcmp(PQcmdTuples(result), "0") != 0;
	PQclear(result);
	return put ? put : is_fence(own);
}

static enum rc end_fence(struct postgresql_db *own, int put)
{
	enum rc rc = postgresql_send_word(own, put < 0 ? SENT_WORD : SENT_COMMIT, put < 0 ? "ROLLBACK" : "COMMIT");

	return rc == RC_OK ? postgresql_wait(own) : rc;
}

enum rc postgresql_commit_outcome(struct db *db)
{
	struct postgresql_db *own = postgresql_of(db);

	if (!own->mark[0]) return RC_FAILED; /* the table was not there, or nothing was written */
	if (postgresql_ready(own) != RC_OK) return RC_UNKNOWN;
	own->brief = true;
	int put = put_fence(own);
	enum rc rc = own->c ? end_fence(own, put) : RC_UNAVAILABLE;
	own->brief = false;
	if (put < 0 || rc != RC_OK) return RC_UNKNOWN;
	memcpy(own->mark_before, own->mark, sizeof own->mark);
	own->mark[0] = '\0';
	return put ? RC_NOT_FOUND : RC_OK;
}
