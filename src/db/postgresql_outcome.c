/* Whether a commit happened, when the connection broke before it was answered.
 *
 * Each transaction that writes puts a mark of its own, a new UUID, into the table commit_mark, on the way to COMMIT and without a round trip
 * of its own; it takes the mark before it away. After the connection broke, the same mark is put there once more, by ON CONFLICT DO NOTHING:
 * the server makes that wait for a transaction that is still under way, and then it finds the mark (it was committed) or puts it there, and
 * whatever is left of the old transaction can never be committed any more. The number of the transaction would not do: after a failover the
 * new primary gives the numbers that it has not seen to others. */
#include <stdlib.h>
#include <string.h>

#include "base/uuid.h"
#include "db/libpq.h"
#include "db/postgresql.h"

/* Of processes that are no more. */
static const char CLEAR[] = "DELETE FROM commit_mark WHERE made_at < (extract(epoch FROM now()) - 86400) * 1000000";

enum rc postgresql_find_marks(struct postgresql_db *own)
{
	enum rc rc;

	if (own->marks != MARKS_UNKNOWN) return RC_OK;
	PGresult *result = postgresql_say(own, "SELECT to_regclass('commit_mark') IS NOT NULL", &rc);
	if (!result) return rc;
	own->marks = strcmp(PQgetvalue(result, 0, 0), "t") == 0 ? MARKS_THERE : MARKS_NONE;
	PQclear(result);
	if (own->marks == MARKS_THERE) PQclear(postgresql_say(own, CLEAR, &rc));
	return rc;
}

/* The mark, and the one that it takes the place of. */
#define MARK_PARAMS(own) \
	{ \
		P_CSTR((own)->mark), (own)->mark_before[0] ? P_CSTR((own)->mark_before) : P_NULL, P_TIME(clock_now()) \
	}

enum rc postgresql_mark(struct postgresql_db *own)
{
	own->mark[0] = '\0';
	if (own->marks != MARKS_THERE) return RC_OK;
	uuid_new(own->mark);
	const struct param params[] = MARK_PARAMS(own);
	return postgresql_send(own, SENT_WORD, postgresql_statement(own, OWN_MARK), params);
}

/* Whether the mark had to be put there: 1, or 0 when it was there; -1 when that could not be found out. */
static int put_fence(struct postgresql_db *own)
{
	const struct param params[] = MARK_PARAMS(own);
	PGresult *result = NULL;
	enum rc rc = postgresql_send_word(own, SENT_WORD, "BEGIN ISOLATION LEVEL READ COMMITTED");

	if (rc == RC_OK) rc = postgresql_send_word(own, SENT_WORD, "SET LOCAL lock_timeout = '1s'");
	if (rc == RC_OK) rc = postgresql_send(own, SENT_STATEMENT, postgresql_statement(own, OWN_FENCE), params);
	if (rc == RC_OK) rc = postgresql_sync(own);
	if (rc == RC_OK) rc = postgresql_settle(own, &result);
	if (rc != RC_OK) return -1;
	int put = strcmp(PQcmdTuples(result), "0") != 0;
	PQclear(result);
	return put;
}

static enum rc end_fence(struct postgresql_db *own, int put)
{
	enum rc rc = postgresql_send_word(own, put == 1 ? SENT_COMMIT : SENT_WORD, put == 1 ? "COMMIT" : "ROLLBACK");

	if (rc == RC_OK) rc = postgresql_sync(own);
	return rc == RC_OK ? postgresql_settle(own, NULL) : rc;
}

enum rc postgresql_commit_outcome(struct db *db)
{
	struct postgresql_db *own = postgresql_of(db);

	if (!own->mark[0]) return RC_FAILED; /* the table was not there, or nothing was written */
	if (postgresql_ready(own) != RC_OK) return RC_UNKNOWN;
	int put = put_fence(own);
	enum rc rc = own->c ? end_fence(own, put) : RC_UNAVAILABLE;
	if (put == 0) rc = RC_OK; /* that was the answer, whatever became of the ROLLBACK */
	if (put < 0 || rc != RC_OK) return RC_UNKNOWN;
	memcpy(own->mark_before, own->mark, sizeof own->mark);
	own->mark[0] = '\0';
	return put ? RC_NOT_FOUND : RC_OK;
}
