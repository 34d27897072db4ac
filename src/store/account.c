/* The table account. */
#include "store/account.h"

#include "db/db.h"

SQL_STATEMENT(count_accounts, "SELECT COUNT(*) AS n FROM account");
SQL_STATEMENT(get_account, "SELECT slug, name FROM account WHERE id = $1");
SQL_STATEMENT(find_account, "SELECT id FROM account WHERE slug = $1");
SQL_STATEMENT(next_account, "SELECT id FROM account WHERE id > $1 ORDER BY id LIMIT 1");
SQL_STATEMENT(insert_account, "INSERT INTO account (id, slug, name, created_at) VALUES ($1, $2, $3, $4)");

static enum rc one_number(struct rows *r, enum rc rc, const char *column, int64_t *ret)
{
	bool found = rc == RC_OK && rows_next(r);
	int64_t n = found ? row_int(r, column) : 0;
	rc = rows_done(r);
	if (rc != RC_OK) return rc;
	if (!found) return RC_NOT_FOUND;
	*ret = n;
	return RC_OK;
}

enum rc account_get(struct db *db, struct arena *a, int64_t id, struct account *ret)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &get_account, P_INT(id));
	bool found = rc == RC_OK && rows_next(&r);
	struct account account = {.id = id};
	if (found) account.slug = text_copy(a, row_text(&r, "slug")), account.name = text_copy(a, row_text(&r, "name"));
	rc = rows_done(&r);
	if (rc != RC_OK) return rc;
	if (!found) return RC_NOT_FOUND;
	*ret = account;
	return RC_OK;
}

enum rc account_count(struct db *db, int64_t *ret)
{
	struct rows r;
	return one_number(&r, db_select(db, &r, &count_accounts), "n", ret);
}

enum rc account_find(struct db *db, struct text slug, int64_t *ret_id)
{
	struct rows r;
	return one_number(&r, db_select(db, &r, &find_account, P_TEXT(slug)), "id", ret_id);
}

enum rc account_next(struct db *db, int64_t after, int64_t *ret)
{
	struct rows r;
	return one_number(&r, db_select(db, &r, &next_account, P_INT(after)), "id", ret);
}

enum rc account_insert(struct db *db, int64_t id, struct text slug, struct text name, time_us now)
{
	return db_exec(db, &insert_account, P_INT(id), P_TEXT(slug), P_TEXT(name), P_TIME(now));
}

bool account_slug_valid(struct text slug)
{
	if (slug.n < 1 || slug.n > 40 || slug.p[0] == '-' || slug.p[slug.n - 1] == '-') return false;
	for (size_t i = 0; i < slug.n; i++) {
		char c = slug.p[i];
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) return false;
	}
	return true;
}
