/* SQLSTATEs as our results. */
#include <string.h>

#include "db/libpq.h"
#include "db/postgresql.h"

/* By the beginning of the code; the first that fits. dead: the connection is of no use any more. */
static const struct {
	const char *begins;
	enum rc rc;
	bool dead;
} CODES[] = {
	{"23505", RC_CONFLICT, false}, /* a unique index */
	{"23P01", RC_CONFLICT, false},
	{"40001", RC_AGAIN, false}, /* serialization */
	{"40P01", RC_AGAIN, false}, /* deadlock */
	{"26000", RC_FAILED, true}, /* a prepared statement that is not there, or that somebody else has made */
	{"42P05", RC_FAILED, true},
	{"25006", RC_UNAVAILABLE, true}, /* read-only: what was the primary is a standby now */
	{"25P03", RC_UNAVAILABLE, true}, /* idle for too long in a transaction, said the server */
	{"57P05", RC_UNAVAILABLE, true},
	{"53100", RC_FULL, false}, /* the disk */
	{"53", RC_UNAVAILABLE, false}, /* memory, connections */
	{"55P03", RC_UNAVAILABLE, false}, /* a lock that could not be had */
	{"57014", RC_UNAVAILABLE, false}, /* took too long, or was cancelled by somebody */
	{"57P", RC_UNAVAILABLE, true}, /* shutting down, starting, dropped */
	{"58", RC_UNAVAILABLE, false}, /* the server's files */
	{"08", RC_UNAVAILABLE, true},
	{"XX001", RC_CORRUPT, false},
	{"XX002", RC_CORRUPT, false},
	{"22021", RC_INVALID, false}, /* not UTF-8 */
	{"22P05", RC_INVALID, false},
};

static enum rc rc_of(const char *state, bool *ret_dead)
{
	*ret_dead = false;
	for (size_t i = 0; i < sizeof CODES / sizeof *CODES; i++) {
		if (strncmp(state, CODES[i].begins, strlen(CODES[i].begins)) != 0) continue;
		*ret_dead = CODES[i].dead;
		return CODES[i].rc;
	}
	return RC_FAILED;
}

/* The first sentence only: the detail may quote rows. */
static void sentence_of(struct postgresql_db *own, const PGresult *result, const char *state, char *ret, size_t size)
{
	const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	if (strcmp(state, "57014") == 0 && own->head.mode == DB_READ) primary = "the read took too long";
	if (strcmp(state, "26000") == 0 || strcmp(state, "42P05") == 0)
		primary = "a connection pooler mixes our prepared statements with others': the database URI needs versioner_prepared=off";
	postgresql_location_mask(&own->location, primary ? primary : PQresultErrorMessage(result), ret, size);
}

enum rc postgresql_fail(struct postgresql_db *own, const PGresult *result, const struct postgresql_statement *st)
{
	const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	char sentence[ERR_TEXT_MAX];
	bool dead;

	own->lock_busy = false; /* more than that */
	if (!state) return postgresql_lost(own);
	enum rc rc = rc_of(state, &dead);
	sentence_of(own, result, state, sentence, sizeof sentence);
	if (dead) postgresql_drop(own);
	if (!st || !st->head.sql) return db_fail(&own->head, rc, "%s (%s)", sentence, state);
	return db_fail(&own->head, rc, "%s:%d: %s (%s)", st->head.sql->file, st->head.sql->line, sentence, state);
}

enum rc postgresql_lost(struct postgresql_db *own)
{
	char sentence[ERR_TEXT_MAX] = "";

	if (own->c) postgresql_location_mask(&own->location, PQerrorMessage(own->c), sentence, sizeof sentence);
	postgresql_drop(own);
	return db_fail(&own->head, RC_UNAVAILABLE, "the connection to the database was lost%s%s", sentence[0] ? ": " : "", sentence);
}
