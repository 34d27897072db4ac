/* One statement over product, version and environment, for the hot path of recording an event. */
#include "store/place.h"

#include <inttypes.h>

#include "db/db.h"

SQL_STATEMENT(find_place, "SELECT p.id AS product_id, v.id AS version_id, v.scm_sha, v.scm_repository, e.id AS environment_id, "
						  "e.type AS environment_type, a.notification_revision FROM account a "
						  "LEFT JOIN product p ON p.account_id = a.id AND p.name = $2 AND p.deleted_at IS NULL "
						  "LEFT JOIN version v ON v.account_id = a.id AND v.product_id = p.id AND v.name = $3 "
						  "LEFT JOIN environment e ON e.account_id = a.id AND e.name = $4 AND e.deleted_at IS NULL "
						  "WHERE a.id = $1");

enum rc place_lock(struct db *db, struct arena *a, int64_t account, enum place_lock what, struct text name)
{
	static const char *const NOUNS[] = {[PLACE_PRODUCT] = "product", [PLACE_ENVIRONMENT] = "environment"};
	return db_lock(db, text_from(arena_printf(a, "%s %" PRId64 " %.*s", NOUNS[what], account, TEXT_ARGS(name))));
}

enum rc place_find(struct db *db, struct arena *a, int64_t account, struct text product_name, struct text version,
	struct text environment_name, struct place *ret)
{
	struct rows r;
	struct place place = {.environment_type = ENV_OTHER};
	enum rc rc = db_select(db, &r, &find_place, P_INT(account), P_TEXT(product_name), P_TEXT(version), P_TEXT(environment_name));
	bool found = rc == RC_OK && rows_next(&r);
	if (found) {
		place.product_id = text_copy(a, row_text(&r, "product_id"));
		place.version_id = text_copy(a, row_text(&r, "version_id"));
		place.scm_sha = text_copy(a, row_text(&r, "scm_sha"));
		place.scm_repository = text_copy(a, row_text(&r, "scm_repository"));
		place.environment_id = text_copy(a, row_text(&r, "environment_id"));
		(void)environment_type_parse(row_text(&r, "environment_type"), &place.environment_type);
		place.notification_revision = row_int(&r, "notification_revision");
	}
	rc = rows_done(&r);
	if (rc != RC_OK) return rc;
	if (!found) return RC_NOT_FOUND;
	*ret = place;
	return RC_OK;
}
