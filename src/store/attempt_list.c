/* Reading deployments and builds: single ones, lists, and what an environment's history says. */
#include "db/db.h"
#include "store/attempt_private.h"
#include "store/set.h"

#define BUILD_SELECT \
	"SELECT " RECORD_COLUMNS( \
		"b.") ", p.name AS product_name, v.name AS version FROM build b " \
			  "LEFT JOIN product p ON p.account_id = b.account_id AND p.id = b.product_id " \
			  "LEFT JOIN version v ON v.account_id = b.account_id AND v.id = b.version_id WHERE b.account_id = $1 "
#define DEPLOYMENT_SELECT \
	"SELECT " RECORD_COLUMNS( \
		"d.") ", d.environment_id, d.rollout, d.deploy_url, p.name AS product_name, v.name AS version, " \
			  "e.name AS environment_name FROM deployment d " \
			  "LEFT JOIN product p ON p.account_id = d.account_id AND p.id = d.product_id " \
			  "LEFT JOIN version v ON v.account_id = d.account_id AND v.id = d.version_id " \
			  "LEFT JOIN environment e ON e.account_id = d.account_id AND e.id = d.environment_id WHERE d.account_id = $1 "

/* Every list has the same parameters; the statements differ in the condition that an index serves. */
#define RESIDUAL(t) \
	"AND " t "id < $2 AND " IN_SET("$3", t "product_id") " AND ($4 IS NULL OR " SET_HAS("$4", "v.name") " OR " SET_HAS( \
		"$4", "v.id") ") " \
					  "AND " IN_SET("$5", t "state") " " \
													 "AND ($6 IS NULL OR " SET_HAS("$6", t "actor") " OR " SET_HAS( \
														 "$6", t "actor_email") " OR " SET_HAS("$6", \
														 t "actor_name") ") " \
																		 "AND ($7 IS NULL OR " t \
																		 "attempted_at >= $7) AND ($8 IS NULL OR " t \
																		 "attempted_at < $8) "
#define DEPLOYMENT_RESIDUAL \
	RESIDUAL("d.") \
	"AND " IN_SET("$10", "d.environment_id") " AND " IN_SET("$11", "d.rollout") " "
/* As the condition of the partial index, word by word. */
#define UNSUCCESSFUL(t) "AND " t "state <> 'completed' AND " t "state <> 'pending' AND " t "state <> 'started' "
#define BUILD_PAGE RESIDUAL("b.") "ORDER BY b.id DESC LIMIT $9"
#define DEPLOYMENT_PAGE DEPLOYMENT_RESIDUAL "ORDER BY d.id DESC LIMIT $9"
/* The few that are open, from their index: the index is not in the order of the list, so a plain condition would walk the account. */
#define OPEN_ONES(table) "(SELECT o.id FROM " table " o WHERE o.account_id = $1 AND o.state IN ('pending', 'started')) "

SQL_STATEMENT(builds_all, BUILD_SELECT BUILD_PAGE);
SQL_STATEMENT(builds_unsuccessful, BUILD_SELECT UNSUCCESSFUL("b.") BUILD_PAGE);
SQL_STATEMENT(builds_open, BUILD_SELECT "AND b.id IN " OPEN_ONES("build") BUILD_PAGE);
SQL_STATEMENT(builds_of_product, BUILD_SELECT "AND b.product_id = $10 " BUILD_PAGE);
SQL_STATEMENT(builds_of_version, BUILD_SELECT "AND b.version_id = $10 " BUILD_PAGE);
SQL_STATEMENT(deployments_all, DEPLOYMENT_SELECT DEPLOYMENT_PAGE);
SQL_STATEMENT(deployments_unsuccessful, DEPLOYMENT_SELECT UNSUCCESSFUL("d.") DEPLOYMENT_PAGE);
SQL_STATEMENT(deployments_open, DEPLOYMENT_SELECT "AND d.id IN " OPEN_ONES("deployment") DEPLOYMENT_PAGE);
/* Its index is in the order of attempts: the page's ids first, so that only its rows are read whole. */
SQL_STATEMENT(deployments_of_product,
	DEPLOYMENT_SELECT "AND d.id IN (SELECT d.id FROM deployment d "
					  "LEFT JOIN version v ON v.account_id = d.account_id AND v.id = d.version_id "
					  "WHERE d.account_id = $1 AND d.product_id = $12 " DEPLOYMENT_PAGE ") ORDER BY d.id DESC");
SQL_STATEMENT(deployments_of_environment, DEPLOYMENT_SELECT "AND d.environment_id = $12 " DEPLOYMENT_PAGE);
SQL_STATEMENT(deployments_of_version, DEPLOYMENT_SELECT "AND d.version_id = $12 " DEPLOYMENT_PAGE);
SQL_STATEMENT(get_build, BUILD_SELECT "AND b.id = $2");
SQL_STATEMENT(get_deployment, DEPLOYMENT_SELECT "AND d.id = $2");

#define COMPLETED "AND d.product_id = $2 AND d.environment_id = $3 AND d.state = 'completed' "
#define BY_END "ORDER BY d.ended_at DESC, d.id DESC LIMIT 1"
SQL_STATEMENT(current_deployment, DEPLOYMENT_SELECT COMPLETED "AND d.ended_at <= $4 " BY_END);
/* One bound on the index's column, so that the search begins at the end in question, and the tie among equal ends. */
SQL_STATEMENT(
	deployment_directly_before, DEPLOYMENT_SELECT COMPLETED "AND d.ended_at <= $4 AND (d.ended_at < $4 OR d.id < $5) " BY_END);
SQL_STATEMENT(latest_deployment, DEPLOYMENT_SELECT "AND d.product_id = $2 AND d.environment_id = $3 AND d.attempted_at <= $4 "
												   "ORDER BY d.attempted_at DESC, d.id DESC LIMIT 1");
/* Among the last hundred: a place where nothing ends well or badly must not make its events slow. */
SQL_STATEMENT(finished_before,
	"SELECT recent.state FROM (SELECT d.state, d.attempted_at, d.id FROM deployment d WHERE d.account_id = $1 AND d.product_id = "
	"$2 "
	"AND d.environment_id = $3 AND d.attempted_at <= $4 AND d.id <> $5 ORDER BY d.attempted_at DESC, d.id DESC LIMIT 100) recent "
	"WHERE recent.state = 'completed' OR recent.state = 'failed' ORDER BY recent.attempted_at DESC, recent.id DESC LIMIT 1");
SQL_STATEMENT(was_current, "SELECT 1 AS found FROM deployment WHERE account_id = $1 AND version_id = $2 AND environment_id = $3 "
						   "AND state = 'completed' AND id <> $5 AND (ended_at < $4 OR (ended_at = $4 AND id < $5)) LIMIT 1");
SQL_STATEMENT(count_between,
	"SELECT COUNT(*) AS n FROM version v WHERE v.account_id = $1 AND v.product_id = $2 AND v.id > $3 AND v.id <= $4 "
	"AND EXISTS (SELECT 1 FROM build b WHERE b.account_id = v.account_id AND b.version_id = v.id "
	"AND b.state = 'completed')");

static void named_read(struct rows *r, struct arena *a, enum kind kind, struct record *ret)
{
	attempt_read(r, a, kind, ret);
	ret->product_name = text_copy(a, row_text(r, "product_name"));
	ret->version = text_copy(a, row_text(r, "version"));
	if (kind == KIND_DEPLOYMENT) ret->environment_name = text_copy(a, row_text(r, "environment_name"));
}

static enum rc named_one(struct rows *r, enum rc rc, struct arena *a, enum kind kind, struct record *ret)
{
	bool found = rc == RC_OK && rows_next(r);
	if (found) named_read(r, a, kind, ret);
	rc = rows_done(r);
	return rc != RC_OK || found ? rc : RC_NOT_FOUND;
}

enum rc attempt_get(struct db *db, struct arena *a, int64_t account, enum kind kind, struct text id, struct record *ret)
{
	struct rows r;
	enum rc rc = db_select(db, &r, kind == KIND_BUILD ? &get_build : &get_deployment, P_INT(account), P_TEXT(id));
	return named_one(&r, rc, a, kind, ret);
}

/* The index that narrows most. ret_key: its one value, absent where the statement has none. */
static struct sql *list_statement(enum kind kind, const struct attempt_filter *f, struct text *ret_key)
{
	bool build = kind == KIND_BUILD;
	*ret_key = TEXT_ABSENT;
	if (f->version_id.p) return *ret_key = f->version_id, build ? &builds_of_version : &deployments_of_version;
	if (f->only_open) return build ? &builds_open : &deployments_open;
	if (f->product_id.p) return *ret_key = f->product_id, build ? &builds_of_product : &deployments_of_product;
	if (f->only_unsuccessful) return build ? &builds_unsuccessful : &deployments_unsuccessful;
	if (f->environment_id.p && !build) return *ret_key = f->environment_id, &deployments_of_environment;
	return build ? &builds_all : &deployments_all;
}

enum rc attempt_list(struct db *db, struct arena *a, int64_t account, enum kind kind, const struct attempt_filter *f,
	const struct page *page, record_each *each, void *context)
{
	struct param p[12] = {P_INT(account), P_TEXT(page_before(page)), P_TEXT(f->product_ids), P_TEXT(f->versions),
		P_TEXT(f->states), P_TEXT(f->actors), P_TIME(f->since), P_TIME(f->until), P_INT(page->limit + 1)};
	size_t n = 9;
	if (kind == KIND_DEPLOYMENT) {
		p[n++] = P_TEXT(f->environment_ids);
		p[n++] = P_TEXT(f->rollouts);
	}
	struct text key;
	struct sql *statement = list_statement(kind, f, &key);
	if (key.p) p[n++] = P_TEXT(key);
	struct rows r;
	enum rc rc = db_select_params(db, &r, statement, p, n);
	while (rc == RC_OK && rows_next(&r)) {
		struct record record;
		named_read(&r, a, kind, &record);
		each(context, &record);
	}
	return rows_done(&r);
}

enum rc deployment_current(struct db *db, struct arena *a, int64_t account, struct text product_id, struct text environment_id,
	time_us at, struct record *ret)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &current_deployment, P_INT(account), P_TEXT(product_id), P_TEXT(environment_id),
		P_INT(at == TIME_NONE ? INT64_MAX : at));
	return named_one(&r, rc, a, KIND_DEPLOYMENT, ret);
}

enum rc deployment_before(struct db *db, struct arena *a, int64_t account, struct text product_id, struct text environment_id,
	time_us end, struct text id, struct record *ret)
{
	struct rows r;
	enum rc rc = db_select(
		db, &r, &deployment_directly_before, P_INT(account), P_TEXT(product_id), P_TEXT(environment_id), P_TIME(end), P_TEXT(id));
	return named_one(&r, rc, a, KIND_DEPLOYMENT, ret);
}

enum rc deployment_latest(struct db *db, struct arena *a, int64_t account, struct text product_id, struct text environment_id,
	time_us at, struct record *ret)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &latest_deployment, P_INT(account), P_TEXT(product_id), P_TEXT(environment_id),
		P_INT(at == TIME_NONE ? INT64_MAX : at));
	return named_one(&r, rc, a, KIND_DEPLOYMENT, ret);
}

enum rc deployment_follows_failure(struct db *db, int64_t account, const struct record *r, bool *ret)
{
	struct rows rows;
	enum rc rc = db_select(db, &rows, &finished_before, P_INT(account), P_TEXT(r->product_id), P_TEXT(r->environment_id),
		P_TIME(r->attempt.attempted_at), P_TEXT(r->id));
	bool failed = rc == RC_OK && rows_next(&rows) && text_is(row_text(&rows, "state"), "failed");
	rc = rows_done(&rows);
	if (rc == RC_OK) *ret = failed;
	return rc;
}

enum rc deployment_was_current(
	struct db *db, int64_t account, struct text version_id, struct text environment_id, time_us end, struct text id, bool *ret)
{
	struct rows r;
	enum rc rc = db_select(
		db, &r, &was_current, P_INT(account), P_TEXT(version_id), P_TEXT(environment_id), P_TIME(end), P_TEXT(id));
	bool found = rc == RC_OK && rows_next(&r);
	rc = rows_done(&r);
	if (rc == RC_OK) *ret = found;
	return rc;
}

enum rc builds_between(struct db *db, int64_t account, struct text product_id, struct text older_version_id,
	struct text newer_version_id, int64_t *ret)
{
	struct rows r;
	enum rc rc = db_select(
		db, &r, &count_between, P_INT(account), P_TEXT(product_id), P_TEXT(older_version_id), P_TEXT(newer_version_id));
	int64_t n = rc == RC_OK && rows_next(&r) ? row_int(&r, "n") : 0;
	rc = rows_done(&r);
	if (rc == RC_OK) *ret = n;
	return rc;
}
