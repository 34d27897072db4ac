/* The table session (declared in credential.h). */
#include "db/db.h"
#include "store/credential.h"
#include "store/people_revision.h"

SQL_STATEMENT(insert_session,
	"INSERT INTO session (account_id, id, user_id, token_digest, peer, created_at, seen_at, expires_at, revision) "
	"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
SQL_STATEMENT(
	end_session, "UPDATE session SET ended_at = $3, revision = $4 WHERE account_id = $1 AND id = $2 AND ended_at IS NULL");
SQL_STATEMENT(end_sessions_of_user,
	"UPDATE session SET ended_at = $4, revision = $5 WHERE account_id = $1 AND user_id = $2 AND id <> $3 AND ended_at IS NULL");
SQL_STATEMENT(touch_session, "UPDATE session SET seen_at = $3 WHERE account_id = $1 AND id = $2 AND seen_at < $3");
/* A session is cut when it would have expired, also when it ended before: until then other processes may still have to learn of its end. */
SQL_STATEMENT(cut_sessions, "DELETE FROM session WHERE account_id = $1 AND id IN (SELECT s.id FROM session s "
							"WHERE s.account_id = $1 AND s.expires_at < $2 ORDER BY s.expires_at LIMIT $3)");
SQL_STATEMENT(sessions_since,
	"SELECT account_id, id, user_id, token_digest, peer, created_at, seen_at, expires_at, ended_at, revision "
	"FROM session WHERE revision > $1 ORDER BY revision");

enum rc session_insert(struct db *db, struct session *s)
{
	enum rc rc = people_revision_raise(db, &s->revision);
	if (rc != RC_OK) return rc;
	return db_exec(db, &insert_session, P_INT(s->account), P_TEXT(s->id), P_TEXT(s->user_id), P_TEXT(s->token_digest),
		P_TEXT(s->peer), P_TIME(s->created_at), P_TIME(s->seen_at), P_TIME(s->expires_at), P_INT(s->revision));
}

enum rc session_end(struct db *db, int64_t account, struct text id, time_us now)
{
	int64_t revision, changed = 0;
	enum rc rc = people_revision_raise(db, &revision);
	if (rc == RC_OK) rc = db_exec_count(db, &changed, &end_session, P_INT(account), P_TEXT(id), P_TIME(now), P_INT(revision));
	return rc != RC_OK || changed ? rc : RC_NOT_FOUND;
}

enum rc session_end_all(struct db *db, int64_t account, struct text user_id, struct text but_id, time_us now)
{
	int64_t revision;
	enum rc rc = people_revision_raise(db, &revision);
	if (rc != RC_OK) return rc;
	return db_exec(db, &end_sessions_of_user, P_INT(account), P_TEXT(user_id), P_TEXT(but_id.p ? but_id : TEXT("")), P_TIME(now),
		P_INT(revision));
}

enum rc session_touch(struct db *db, int64_t account, struct text id, time_us seen_at)
{
	return db_exec(db, &touch_session, P_INT(account), P_TEXT(id), P_TIME(seen_at));
}

enum rc session_cut(struct db *db, int64_t account, time_us before, int64_t most, int64_t *ret_deleted)
{
	return db_exec_count(db, ret_deleted, &cut_sessions, P_INT(account), P_TIME(before), P_INT(most));
}

enum rc session_each_since(struct db *db, struct arena *a, int64_t revision, session_each *each, void *context)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &sessions_since, P_INT(revision));
	while (rc == RC_OK && rows_next(&r)) {
		struct session s = {.account = row_int(&r, "account_id")};
		s.id = text_copy(a, row_text(&r, "id"));
		s.user_id = text_copy(a, row_text(&r, "user_id"));
		s.token_digest = text_copy(a, row_text(&r, "token_digest"));
		s.peer = text_copy(a, row_text(&r, "peer"));
		s.created_at = row_time(&r, "created_at");
		s.seen_at = row_time(&r, "seen_at");
		s.expires_at = row_time(&r, "expires_at");
		s.ended_at = row_time(&r, "ended_at");
		s.revision = row_int(&r, "revision");
		each(context, &s);
	}
	return rows_done(&r);
}
