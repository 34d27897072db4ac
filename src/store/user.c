/* The table app_user. */
#include "store/user.h"

#include "db/db.h"
#include "store/people_revision.h"

#define COLUMNS \
	"id, email, name, role, password_hash, created_at, updated_at, last_login_at, deactivated_at, deleted_at, revision"
#define SELECT "SELECT account_id, " COLUMNS " FROM app_user "

SQL_STATEMENT(insert_user, "INSERT INTO app_user (account_id, " COLUMNS ") "
						   "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)");
SQL_STATEMENT(update_user, "UPDATE app_user SET email = $3, name = $4, role = $5, password_hash = $6, updated_at = $7, "
						   "deactivated_at = $8, deleted_at = $9, revision = $10 WHERE account_id = $1 AND id = $2");
SQL_STATEMENT(note_login, "UPDATE app_user SET last_login_at = $3 WHERE account_id = $1 AND id = $2");
SQL_STATEMENT(get_user, SELECT "WHERE account_id = $1 AND id = $2 AND deleted_at IS NULL");
SQL_STATEMENT(find_email, SELECT "WHERE account_id = $1 AND lower(email) = $2 AND deleted_at IS NULL");
SQL_STATEMENT(list_users, SELECT "WHERE account_id = $1 AND id < $2 AND deleted_at IS NULL ORDER BY id DESC LIMIT $3");
SQL_STATEMENT(count_role, "SELECT COUNT(*) AS n FROM app_user WHERE account_id = $1 AND role = $2 "
						  "AND deactivated_at IS NULL AND deleted_at IS NULL");
SQL_STATEMENT(emails_of_role, "SELECT email FROM app_user WHERE account_id = $1 AND role = $2 "
							  "AND deactivated_at IS NULL AND deleted_at IS NULL ORDER BY lower(email)");
SQL_STATEMENT(users_since, SELECT "WHERE revision > $1 ORDER BY revision");

static void user_read(struct rows *r, struct arena *a, struct user *u)
{
	u->account = row_int(r, "account_id");
	u->id = text_copy(a, row_text(r, "id"));
	u->email = text_copy(a, row_text(r, "email"));
	u->name = text_copy(a, row_text(r, "name"));
	u->role = text_copy(a, row_text(r, "role"));
	u->password_hash = text_copy(a, row_text(r, "password_hash"));
	u->created_at = row_time(r, "created_at");
	u->updated_at = row_time(r, "updated_at");
	u->last_login_at = row_time(r, "last_login_at");
	u->deactivated_at = row_time(r, "deactivated_at");
	u->deleted_at = row_time(r, "deleted_at");
	u->revision = row_int(r, "revision");
}

static enum rc user_one(struct rows *r, enum rc rc, struct arena *a, struct user *ret)
{
	bool found = rc == RC_OK && rows_next(r);
	if (found) user_read(r, a, ret);
	rc = rows_done(r);
	return rc != RC_OK || found ? rc : RC_NOT_FOUND;
}

static enum rc user_rows(struct rows *r, enum rc rc, struct arena *a, user_each *each, void *context)
{
	while (rc == RC_OK && rows_next(r)) {
		struct user u;
		user_read(r, a, &u);
		each(context, &u);
	}
	return rows_done(r);
}

enum rc user_insert(struct db *db, struct user *u)
{
	enum rc rc = people_revision_raise(db, &u->revision);
	if (rc != RC_OK) return rc;
	return db_exec(db, &insert_user, P_INT(u->account), P_TEXT(u->id), P_TEXT(u->email), P_TEXT(u->name), P_TEXT(u->role),
		P_TEXT(u->password_hash), P_TIME(u->created_at), P_TIME(u->updated_at), P_TIME(u->last_login_at),
		P_TIME(u->deactivated_at), P_TIME(u->deleted_at), P_INT(u->revision));
}

enum rc user_update(struct db *db, struct user *u)
{
	enum rc rc = people_revision_raise(db, &u->revision);
	if (rc != RC_OK) return rc;
	return db_exec(db, &update_user, P_INT(u->account), P_TEXT(u->id), P_TEXT(u->email), P_TEXT(u->name), P_TEXT(u->role),
		P_TEXT(u->password_hash), P_TIME(u->updated_at), P_TIME(u->deactivated_at), P_TIME(u->deleted_at), P_INT(u->revision));
}

enum rc user_logged_in(struct db *db, int64_t account, struct text id, time_us now)
{
	return db_exec(db, &note_login, P_INT(account), P_TEXT(id), P_TIME(now));
}

enum rc user_get(struct db *db, struct arena *a, int64_t account, struct text id, struct user *ret)
{
	struct rows r;
	return user_one(&r, db_select(db, &r, &get_user, P_INT(account), P_TEXT(id)), a, ret);
}

enum rc user_find_email(struct db *db, struct arena *a, int64_t account, struct text email, struct user *ret)
{
	struct rows r;
	return user_one(&r, db_select(db, &r, &find_email, P_INT(account), P_TEXT(text_lower(a, email))), a, ret);
}

enum rc user_list(struct db *db, struct arena *a, int64_t account, const struct page *page, user_each *each, void *context)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &list_users, P_INT(account), P_TEXT(page_before(page)), P_INT(page->limit + 1));
	return user_rows(&r, rc, a, each, context);
}

enum rc user_count_active(struct db *db, int64_t account, struct text role, int64_t *ret)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &count_role, P_INT(account), P_TEXT(role));
	int64_t n = rc == RC_OK && rows_next(&r) ? row_int(&r, "n") : 0;
	rc = rows_done(&r);
	if (rc == RC_OK) *ret = n;
	return rc;
}

enum rc user_emails(struct db *db, struct arena *a, int64_t account, struct text role,
	void (*each)(void *context, struct text email), void *context)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &emails_of_role, P_INT(account), P_TEXT(role));
	while (rc == RC_OK && rows_next(&r)) each(context, text_copy(a, row_text(&r, "email")));
	return rows_done(&r);
}

enum rc user_each_since(struct db *db, struct arena *a, int64_t revision, user_each *each, void *context)
{
	struct rows r;
	return user_rows(&r, db_select(db, &r, &users_since, P_INT(revision)), a, each, context);
}
