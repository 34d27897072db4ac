/* The table product. */
#include "store/product.h"

#include "db/db.h"
#include "store/search.h"
#include "store/set.h"

#define COLUMNS "id, name, description, extra_metadata, created_at, updated_at"

SQL_STATEMENT(get_product, "SELECT " COLUMNS " FROM product WHERE account_id = $1 AND id = $2 AND deleted_at IS NULL");
SQL_STATEMENT(find_product, "SELECT " COLUMNS " FROM product WHERE account_id = $1 AND name = $2 AND deleted_at IS NULL");
SQL_STATEMENT(insert_product, "INSERT INTO product (account_id, id, name, description, extra_metadata, created_at, updated_at) "
							  "VALUES ($1, $2, $3, $4, $5, $6, $7)");
SQL_STATEMENT(update_product, "UPDATE product SET name = $3, description = $4, extra_metadata = $5, updated_at = $6 "
							  "WHERE account_id = $1 AND id = $2 AND deleted_at IS NULL");
SQL_STATEMENT(hide_product, "UPDATE product SET deleted_at = $3 WHERE account_id = $1 AND id = $2 AND deleted_at IS NULL");
SQL_STATEMENT(list_products, "SELECT " COLUMNS " FROM product WHERE account_id = $1 AND id < $2 AND deleted_at IS NULL "
							 "AND " IN_SET("$3", "name") " AND " SEARCHED("$5", "name") " ORDER BY id DESC LIMIT $4");
SQL_STATEMENT(names_of_products, "SELECT id, name FROM product WHERE account_id = $1 AND deleted_at IS NULL "
								 "AND " IN_SET("$2", "id") " ORDER BY name, id");

static void product_read(struct rows *r, struct arena *a, struct product *p)
{
	p->id = text_copy(a, row_text(r, "id"));
	p->name = text_copy(a, row_text(r, "name"));
	p->description = text_copy(a, row_text(r, "description"));
	p->extra_metadata = text_copy(a, row_text(r, "extra_metadata"));
	p->created_at = row_time(r, "created_at");
	p->updated_at = row_time(r, "updated_at");
}

static enum rc product_one(struct rows *r, enum rc rc, struct arena *a, struct product *ret)
{
	bool found = rc == RC_OK && rows_next(r);
	if (found) product_read(r, a, ret);
	rc = rows_done(r);
	return rc != RC_OK || found ? rc : RC_NOT_FOUND;
}

enum rc product_get(struct db *db, struct arena *a, int64_t account, struct text id, struct product *ret)
{
	struct rows r;
	return product_one(&r, db_select(db, &r, &get_product, P_INT(account), P_TEXT(id)), a, ret);
}

enum rc product_find(struct db *db, struct arena *a, int64_t account, struct text name, struct product *ret)
{
	struct rows r;
	return product_one(&r, db_select(db, &r, &find_product, P_INT(account), P_TEXT(name)), a, ret);
}

enum rc product_insert(struct db *db, int64_t account, const struct product *p)
{
	return db_exec(db, &insert_product, P_INT(account), P_TEXT(p->id), P_TEXT(p->name), P_TEXT(p->description),
		P_TEXT(p->extra_metadata), P_TIME(p->created_at), P_TIME(p->updated_at));
}

enum rc product_update(struct db *db, int64_t account, const struct product *p)
{
	return db_exec(db, &update_product, P_INT(account), P_TEXT(p->id), P_TEXT(p->name), P_TEXT(p->description),
		P_TEXT(p->extra_metadata), P_TIME(p->updated_at));
}

enum rc product_hide(struct db *db, int64_t account, struct text id, time_us now)
{
	int64_t changed = 0;
	enum rc rc = db_exec_count(db, &changed, &hide_product, P_INT(account), P_TEXT(id), P_TIME(now));
	return rc != RC_OK || changed ? rc : RC_NOT_FOUND;
}

enum rc product_list(struct db *db, struct arena *a, int64_t account, struct text names, struct text search,
	const struct page *page, product_each *each, void *context)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &list_products, P_INT(account), P_TEXT(page_before(page)), P_TEXT(names),
		P_INT(page->limit + 1), P_TEXT(search_pattern(a, search)));
	while (rc == RC_OK && rows_next(&r)) {
		struct product p;
		product_read(&r, a, &p);
		each(context, &p);
	}
	return rows_done(&r);
}

enum rc product_names(struct db *db, int64_t account, struct text ids, product_name_each *each, void *context)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &names_of_products, P_INT(account), P_TEXT(ids));
	while (rc == RC_OK && rows_next(&r)) each(context, row_text(&r, "id"), row_text(&r, "name"));
	return rows_done(&r);
}
