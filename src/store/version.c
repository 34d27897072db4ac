/* The table version. */
#include "store/version.h"

#include "db/db.h"
#include "store/search.h"
#include "store/set.h"

#define SELECT \
	"SELECT v.id, v.product_id, v.name, v.scm_sha, v.scm_repository, v.created_at, p.name AS product_name FROM version v " \
	"LEFT JOIN product p ON p.account_id = v.account_id AND p.id = v.product_id WHERE v.account_id = $1 "
#define PAGE \
	"AND v.id < $2 AND " IN_SET("$3", "v.product_id") " AND (CAST($4 AS TEXT) IS NULL OR " SET_HAS( \
		"$4", "v.name") " OR " SET_HAS("$4", \
		"v.id") ") " \
				"AND (CAST($5 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM deployment d WHERE d.account_id = v.account_id AND " \
				"d.version_id = v.id " \
				"AND " SET_HAS("$5", "d.state") ") OR EXISTS (SELECT 1 FROM build b WHERE b.account_id = v.account_id " \
												"AND b.version_id = v.id AND " SET_HAS( \
													"$5", "b.state") ")) " \
																	 "AND (CAST($6 AS BIGINT) IS NULL OR v.created_at >= $6) " \
																	 "AND (CAST($7 AS BIGINT) IS NULL " \
																	 "OR v.created_at < $7) AND " SEARCHED( \
																		 "$9", "v.name") " ORDER BY v.id DESC LIMIT $8"

SQL_STATEMENT(get_version, SELECT "AND v.id = $2");
SQL_STATEMENT(find_version, SELECT "AND v.product_id = $2 AND v.name = $3");
SQL_STATEMENT(insert_version, "INSERT INTO version (account_id, id, product_id, name, scm_sha, scm_repository, created_at) "
							  "VALUES ($1, $2, $3, $4, $5, $6, $7)");
SQL_STATEMENT(set_source, "UPDATE version SET scm_sha = $3, scm_repository = COALESCE(scm_repository, $4) "
						  "WHERE account_id = $1 AND id = $2");
SQL_STATEMENT(list_versions, SELECT PAGE);
SQL_STATEMENT(list_versions_of_product, SELECT "AND v.product_id = $10 " PAGE);

static void version_read(struct rows *r, struct arena *a, struct version *v)
{
	v->id = text_copy(a, row_text(r, "id"));
	v->product_id = text_copy(a, row_text(r, "product_id"));
	v->name = text_copy(a, row_text(r, "name"));
	v->scm_sha = text_copy(a, row_text(r, "scm_sha"));
	v->scm_repository = text_copy(a, row_text(r, "scm_repository"));
	v->created_at = row_time(r, "created_at");
	v->product_name = text_copy(a, row_text(r, "product_name"));
}

static enum rc version_one(struct rows *r, enum rc rc, struct arena *a, struct version *ret)
{
	bool found = rc == RC_OK && rows_next(r);
	if (found) version_read(r, a, ret);
	rc = rows_done(r);
	return rc != RC_OK || found ? rc : RC_NOT_FOUND;
}

enum rc version_get(struct db *db, struct arena *a, int64_t account, struct text id, struct version *ret)
{
	struct rows r;
	return version_one(&r, db_select(db, &r, &get_version, P_INT(account), P_TEXT(id)), a, ret);
}

enum rc version_find(
	struct db *db, struct arena *a, int64_t account, struct text product_id, struct text name, struct version *ret)
{
	struct rows r;
	return version_one(&r, db_select(db, &r, &find_version, P_INT(account), P_TEXT(product_id), P_TEXT(name)), a, ret);
}

enum rc version_insert(struct db *db, int64_t account, const struct version *v)
{
	return db_exec(db, &insert_version, P_INT(account), P_TEXT(v->id), P_TEXT(v->product_id), P_TEXT(v->name), P_TEXT(v->scm_sha),
		P_TEXT(v->scm_repository), P_TIME(v->created_at));
}

enum rc version_set_source(struct db *db, int64_t account, struct text id, struct text scm_sha, struct text scm_repository)
{
	return db_exec(db, &set_source, P_INT(account), P_TEXT(id), P_TEXT(scm_sha), P_TEXT(scm_repository));
}

enum rc version_list(struct db *db, struct arena *a, int64_t account, const struct version_filter *f, const struct page *page,
	version_each *each, void *context)
{
	struct param params[] = {P_INT(account), P_TEXT(page_before(page)), P_TEXT(f->product_ids), P_TEXT(f->names),
		P_TEXT(f->states), P_TIME(f->since), P_TIME(f->until), P_INT(page->limit + 1), P_TEXT(search_pattern(a, f->search)),
		P_TEXT(f->product_id)};
	struct rows r;
	enum rc rc = f->product_id.p ? db_select_params(db, &r, &list_versions_of_product, params, 10)
								 : db_select_params(db, &r, &list_versions, params, 9);
	while (rc == RC_OK && rows_next(&r)) {
		struct version v;
		version_read(&r, a, &v);
		each(context, &v);
	}
	return rows_done(&r);
}
