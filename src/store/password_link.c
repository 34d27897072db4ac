/* The table password_link (declared in credential.h). */
#include "db/db.h"
#include "store/credential.h"

SQL_STATEMENT(put_link,
	"INSERT INTO password_link (account_id, user_id, token_digest, created_at, expires_at) "
	"VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_id, user_id) DO UPDATE SET "
	"token_digest = excluded.token_digest, created_at = excluded.created_at, expires_at = excluded.expires_at");
SQL_STATEMENT(find_link, "SELECT user_id, token_digest, created_at, expires_at FROM password_link "
						 "WHERE account_id = $1 AND token_digest = $2");
SQL_STATEMENT(drop_link, "DELETE FROM password_link WHERE account_id = $1 AND user_id = $2");

enum rc password_link_put(struct db *db, const struct password_link *l)
{
	return db_exec(db, &put_link, P_INT(l->account), P_TEXT(l->user_id), P_TEXT(l->token_digest), P_TIME(l->created_at),
		P_TIME(l->expires_at));
}

enum rc password_link_find(struct db *db, struct arena *a, int64_t account, struct text token_digest, struct password_link *ret)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &find_link, P_INT(account), P_TEXT(token_digest));
	bool found = rc == RC_OK && rows_next(&r);
	if (found)
		*ret = (struct password_link){.account = account,
			.user_id = text_copy(a, row_text(&r, "user_id")),
			.token_digest = text_copy(a, row_text(&r, "token_digest")),
			.created_at = row_time(&r, "created_at"),
			.expires_at = row_time(&r, "expires_at")};
	rc = rows_done(&r);
	return rc != RC_OK || found ? rc : RC_NOT_FOUND;
}

enum rc password_link_drop(struct db *db, int64_t account, struct text user_id)
{
	return db_exec(db, &drop_link, P_INT(account), P_TEXT(user_id));
}
