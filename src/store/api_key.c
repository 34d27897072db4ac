/* The table api_key. */
#include "store/api_key.h"

#include "db/db.h"
#include "store/signal.h"

#define SELECT \
	"SELECT k.account_id, a.slug, k.key_number, k.id, k.name, k.scopes, k.secret_digest, k.created_by, k.created_at, " \
	"k.last_used_at, k.revoked_at FROM api_key k JOIN account a ON a.id = k.account_id "

SQL_STATEMENT(next_number, "SELECT COALESCE(MAX(key_number), 0) + 1 AS number FROM api_key WHERE account_id = $1");
SQL_STATEMENT(insert_key, "INSERT INTO api_key (account_id, key_number, id, name, scopes, secret_digest, created_by, created_at) "
						  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
SQL_STATEMENT(revoke_key, "UPDATE api_key SET revoked_at = $3 WHERE account_id = $1 AND key_number = $2 AND revoked_at IS NULL");
SQL_STATEMENT(touch_key, "UPDATE api_key SET last_used_at = $3 WHERE account_id = $1 AND key_number = $2 "
						 "AND (last_used_at IS NULL OR last_used_at < $3)");
SQL_STATEMENT(get_key, SELECT "WHERE k.account_id = $1 AND k.key_number = $2");
SQL_STATEMENT(find_key, SELECT "WHERE k.account_id = $1 AND k.id = $2");
SQL_STATEMENT(list_keys, SELECT "WHERE k.account_id = $1 AND k.id < $2 ORDER BY k.id DESC LIMIT $3");
SQL_STATEMENT(all_keys, SELECT "ORDER BY k.account_id, k.key_number");
SQL_STATEMENT(read_revision, "SELECT value FROM revision WHERE name = 'api_key'");
SQL_STATEMENT(raise_revision, "UPDATE revision SET value = value + 1 WHERE name = 'api_key'");

enum rc api_key_next_number(struct db *db, int64_t account, int64_t *ret)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &next_number, P_INT(account));
	int64_t number = rc == RC_OK && rows_next(&r) ? row_int(&r, "number") : 1;
	rc = rows_done(&r);
	if (rc == RC_OK) *ret = number;
	return rc;
}

/* For those who have the keys in memory: here and in other processes. The signal only makes it quicker. */
static enum rc tell_all(struct db *db)
{
	enum rc rc = db_exec(db, &raise_revision);
	if (rc == RC_OK && db_in_transaction(db)) keys_signal(db);
	return rc;
}

enum rc api_key_insert(struct db *db, const struct api_key *k)
{
	enum rc rc = db_exec(db, &insert_key, P_INT(k->account), P_INT(k->number), P_TEXT(k->id), P_TEXT(k->name), P_TEXT(k->scopes),
		P_TEXT(k->secret_digest), P_TEXT(k->created_by), P_TIME(k->created_at));
	return rc == RC_OK ? tell_all(db) : rc;
}

enum rc api_key_revoke(struct db *db, int64_t account, int64_t number, time_us now)
{
	int64_t changed = 0;
	enum rc rc = db_exec_count(db, &changed, &revoke_key, P_INT(account), P_INT(number), P_TIME(now));
	if (rc != RC_OK) return rc;
	return changed ? tell_all(db) : RC_NOT_FOUND;
}

enum rc api_key_touch(struct db *db, int64_t account, int64_t number, time_us used_at)
{
	return db_exec(db, &touch_key, P_INT(account), P_INT(number), P_TIME(used_at));
}

static void key_read(struct rows *r, struct arena *a, struct api_key *k)
{
	k->account = row_int(r, "account_id");
	k->account_slug = text_copy(a, row_text(r, "slug"));
	k->number = row_int(r, "key_number");
	k->id = text_copy(a, row_text(r, "id"));
	k->name = text_copy(a, row_text(r, "name"));
	k->scopes = text_copy(a, row_text(r, "scopes"));
	k->secret_digest = text_copy(a, row_text(r, "secret_digest"));
	k->created_by = text_copy(a, row_text(r, "created_by"));
	k->created_at = row_time(r, "created_at");
	k->last_used_at = row_time(r, "last_used_at");
	k->revoked_at = row_time(r, "revoked_at");
}

static enum rc key_one(struct rows *r, enum rc rc, struct arena *a, struct api_key *ret)
{
	bool found = rc == RC_OK && rows_next(r);
	if (found) key_read(r, a, ret);
	rc = rows_done(r);
	return rc != RC_OK || found ? rc : RC_NOT_FOUND;
}

static enum rc key_rows(struct rows *r, enum rc rc, struct arena *a, api_key_show *each, void *context)
{
	while (rc == RC_OK && rows_next(r)) {
		struct api_key k;
		key_read(r, a, &k);
		each(context, &k);
	}
	return rows_done(r);
}

enum rc api_key_get(struct db *db, struct arena *a, int64_t account, int64_t number, struct api_key *ret)
{
	struct rows r;
	return key_one(&r, db_select(db, &r, &get_key, P_INT(account), P_INT(number)), a, ret);
}

enum rc api_key_find(struct db *db, struct arena *a, int64_t account, struct text id, struct api_key *ret)
{
	struct rows r;
	return key_one(&r, db_select(db, &r, &find_key, P_INT(account), P_TEXT(id)), a, ret);
}

enum rc api_key_list(struct db *db, struct arena *a, int64_t account, const struct page *page, api_key_show *each, void *context)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &list_keys, P_INT(account), P_TEXT(page_before(page)), P_INT(page->limit + 1));
	return key_rows(&r, rc, a, each, context);
}

enum rc api_key_each(struct db *db, struct arena *a, api_key_show *each, void *context)
{
	struct rows r;
	return key_rows(&r, db_select(db, &r, &all_keys), a, each, context);
}

enum rc api_key_revision(struct db *db, int64_t *ret)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &read_revision);
	int64_t value = rc == RC_OK && rows_next(&r) ? row_int(&r, "value") : 0;
	rc = rows_done(&r);
	if (rc == RC_OK) *ret = value;
	return rc;
}
