/* The table personal_token (declared in credential.h). */
#include "db/db.h"
#include "store/credential.h"
#include "store/people_revision.h"

#define COLUMNS "id, user_id, name, token_digest, created_at, expires_at, last_used_at, revoked_at, revision"
#define SELECT "SELECT account_id, " COLUMNS " FROM personal_token "

SQL_STATEMENT(
	insert_token, "INSERT INTO personal_token (account_id, " COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
SQL_STATEMENT(get_token, SELECT "WHERE account_id = $1 AND id = $2 AND user_id = $3 AND revoked_at IS NULL");
SQL_STATEMENT(revoke_token, "UPDATE personal_token SET revoked_at = $4, revision = $5 "
							"WHERE account_id = $1 AND id = $2 AND user_id = $3 AND revoked_at IS NULL");
SQL_STATEMENT(revoke_tokens_of_user, "UPDATE personal_token SET revoked_at = $3, revision = $4 "
									 "WHERE account_id = $1 AND user_id = $2 AND revoked_at IS NULL");
SQL_STATEMENT(touch_token, "UPDATE personal_token SET last_used_at = $3 WHERE account_id = $1 AND id = $2 "
						   "AND (last_used_at IS NULL OR last_used_at < $3)");
SQL_STATEMENT(count_tokens,
	"SELECT COUNT(*) AS n FROM personal_token WHERE account_id = $1 AND user_id = $2 AND revoked_at IS NULL "
	"AND (expires_at IS NULL OR expires_at > $3)");
SQL_STATEMENT(
	list_tokens, SELECT "WHERE account_id = $1 AND user_id = $2 AND id < $3 AND revoked_at IS NULL ORDER BY id DESC LIMIT $4");
SQL_STATEMENT(tokens_since, SELECT "WHERE revision > $1 ORDER BY revision");

static void token_read(struct rows *r, struct arena *a, struct personal_token *t)
{
	t->account = row_int(r, "account_id");
	t->id = text_copy(a, row_text(r, "id"));
	t->user_id = text_copy(a, row_text(r, "user_id"));
	t->name = text_copy(a, row_text(r, "name"));
	t->token_digest = text_copy(a, row_text(r, "token_digest"));
	t->created_at = row_time(r, "created_at");
	t->expires_at = row_time(r, "expires_at");
	t->last_used_at = row_time(r, "last_used_at");
	t->revoked_at = row_time(r, "revoked_at");
	t->revision = row_int(r, "revision");
}

static enum rc token_rows(struct rows *r, enum rc rc, struct arena *a, personal_token_each *each, void *context)
{
	while (rc == RC_OK && rows_next(r)) {
		struct personal_token t;
		token_read(r, a, &t);
		each(context, &t);
	}
	return rows_done(r);
}

enum rc personal_token_insert(struct db *db, struct personal_token *t)
{
	enum rc rc = people_revision_raise(db, &t->revision);
	if (rc != RC_OK) return rc;
	return db_exec(db, &insert_token, P_INT(t->account), P_TEXT(t->id), P_TEXT(t->user_id), P_TEXT(t->name),
		P_TEXT(t->token_digest), P_TIME(t->created_at), P_TIME(t->expires_at), P_TIME(t->last_used_at), P_TIME(t->revoked_at),
		P_INT(t->revision));
}

enum rc personal_token_get(
	struct db *db, struct arena *a, int64_t account, struct text user_id, struct text id, struct personal_token *ret)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &get_token, P_INT(account), P_TEXT(id), P_TEXT(user_id));
	bool found = rc == RC_OK && rows_next(&r);
	if (found) token_read(&r, a, ret);
	rc = rows_done(&r);
	return rc != RC_OK || found ? rc : RC_NOT_FOUND;
}

enum rc personal_token_revoke(struct db *db, int64_t account, struct text user_id, struct text id, time_us now)
{
	int64_t revision, changed = 0;
	enum rc rc = people_revision_raise(db, &revision);
	if (rc == RC_OK)
		rc = db_exec_count(
			db, &changed, &revoke_token, P_INT(account), P_TEXT(id), P_TEXT(user_id), P_TIME(now), P_INT(revision));
	return rc != RC_OK || changed ? rc : RC_NOT_FOUND;
}

enum rc personal_token_revoke_all(struct db *db, int64_t account, struct text user_id, time_us now)
{
	int64_t revision;
	enum rc rc = people_revision_raise(db, &revision);
	if (rc != RC_OK) return rc;
	return db_exec(db, &revoke_tokens_of_user, P_INT(account), P_TEXT(user_id), P_TIME(now), P_INT(revision));
}

enum rc personal_token_touch(struct db *db, int64_t account, struct text id, time_us used_at)
{
	return db_exec(db, &touch_token, P_INT(account), P_TEXT(id), P_TIME(used_at));
}

enum rc personal_token_count(struct db *db, int64_t account, struct text user_id, time_us now, int64_t *ret)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &count_tokens, P_INT(account), P_TEXT(user_id), P_TIME(now));
	int64_t n = rc == RC_OK && rows_next(&r) ? row_int(&r, "n") : 0;
	rc = rows_done(&r);
	if (rc == RC_OK) *ret = n;
	return rc;
}

enum rc personal_token_list(struct db *db, struct arena *a, int64_t account, struct text user_id, const struct page *page,
	personal_token_each *each, void *context)
{
	struct rows r;
	enum rc rc = db_select(
		db, &r, &list_tokens, P_INT(account), P_TEXT(user_id), P_TEXT(page_before(page)), P_INT(page->limit + 1));
	return token_rows(&r, rc, a, each, context);
}

enum rc personal_token_each_since(struct db *db, struct arena *a, int64_t revision, personal_token_each *each, void *context)
{
	struct rows r;
	return token_rows(&r, db_select(db, &r, &tokens_since, P_INT(revision)), a, each, context);
}
