/* The table environment_state. */
#include "store/matrix.h"

#include "db/db.h"
#include "store/set.h"

#define CURRENT "current_deployment_id, current_version_id, current_version, current_rollout, current_since"
#define LATEST "latest_deployment_id, latest_version_id, latest_version, latest_state, latest_attempted_at, latest_deployed_at"

SQL_STATEMENT(get_cell, "SELECT product_id, environment_id, " CURRENT ", " LATEST " FROM environment_state "
						"WHERE account_id = $1 AND product_id = $2 AND environment_id = $3");
SQL_STATEMENT(put_cell,
	"INSERT INTO environment_state (account_id, product_id, environment_id, " CURRENT ", " LATEST ") "
	"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) "
	"ON CONFLICT (account_id, product_id, environment_id) DO UPDATE SET "
	"current_deployment_id = excluded.current_deployment_id, current_version_id = excluded.current_version_id, "
	"current_version = excluded.current_version, current_rollout = excluded.current_rollout, "
	"current_since = excluded.current_since, latest_deployment_id = excluded.latest_deployment_id, "
	"latest_version_id = excluded.latest_version_id, latest_version = excluded.latest_version, "
	"latest_state = excluded.latest_state, latest_attempted_at = excluded.latest_attempted_at, "
	"latest_deployed_at = excluded.latest_deployed_at");
SQL_STATEMENT(forget_product, "DELETE FROM environment_state WHERE account_id = $1 AND product_id = $2");
SQL_STATEMENT(forget_environment, "DELETE FROM environment_state WHERE account_id = $1 AND environment_id = $2");
#define CELL \
	"s.product_id, s.environment_id, s.current_deployment_id, s.current_version_id, s.current_version, s.current_rollout, " \
	"s.current_since, s.latest_deployment_id, s.latest_version_id, s.latest_version, s.latest_state, s.latest_attempted_at, " \
	"s.latest_deployed_at"
/* From the few products that were chosen to their cells, and not the other way round. */
#define OF_CHOSEN_PRODUCTS \
	"FROM product p CROSS JOIN environment_state s WHERE p.account_id = $1 AND " IN_SET( \
		"$2", "p.id") " AND s.account_id = p.account_id AND s.product_id = p.id AND " IN_SET("$3", "s.environment_id")
/* No names and no order: to sort thousands of wide rows, or to look up the same few names for each, would be half of the work. */
SQL_STATEMENT(
	all_cells, "SELECT " CELL " FROM environment_state s WHERE s.account_id = $1 AND " IN_SET("$2", "s.environment_id"));
SQL_STATEMENT(cells_of_products, "SELECT " CELL " " OF_CHOSEN_PRODUCTS);
/* Each cell that exists today had its first attempt some time; for each, the newest at the moment asked for, by two index searches. They are
 * made once, before anything is joined: the limit, which nothing reaches, keeps both engines from searching anew wherever such an id is named.
 * Where the latest attempt is the current deployment, it is not read twice. */
#define EVERY "1000000000"
#define AT_PLACE "d.account_id = s.account_id AND d.product_id = s.product_id AND d.environment_id = s.environment_id "
SQL_STATEMENT(all_cells_at,
	"SELECT s.product_id, s.environment_id, s.current_id AS current_deployment_id, c.version_id AS current_version_id, "
	"cv.name AS current_version, c.rollout AS current_rollout, c.ended_at AS current_since, s.latest_id AS latest_deployment_id, "
	"COALESCE(l.version_id, c.version_id) AS latest_version_id, COALESCE(lv.name, cv.name) AS latest_version, "
	"COALESCE(l.state, c.state) AS latest_state, COALESCE(l.attempted_at, c.attempted_at) AS latest_attempted_at, "
	"COALESCE(l.started_at, l.received_at, c.started_at, c.received_at) AS latest_deployed_at, "
	"CASE WHEN l.id IS NULL THEN c.started_at ELSE l.started_at END AS latest_started_at, "
	"CASE WHEN l.id IS NULL THEN c.ended_at ELSE l.ended_at END AS latest_ended_at "
	"FROM (SELECT s.account_id, s.product_id, s.environment_id, "
	"(SELECT d.id FROM deployment d WHERE " AT_PLACE "AND d.state = 'completed' AND d.ended_at <= $4 "
	"ORDER BY d.ended_at DESC, d.id DESC LIMIT 1) AS current_id, "
	"(SELECT d.id FROM deployment d WHERE " AT_PLACE "AND d.attempted_at <= $4 "
	"ORDER BY d.attempted_at DESC, d.id DESC LIMIT 1) AS latest_id " OF_CHOSEN_PRODUCTS " LIMIT " EVERY ") s "
	"LEFT JOIN deployment c ON c.account_id = s.account_id AND c.id = s.current_id "
	"LEFT JOIN version cv ON cv.account_id = c.account_id AND cv.id = c.version_id "
	"LEFT JOIN deployment l ON l.account_id = s.account_id AND l.id = s.latest_id AND s.latest_id IS DISTINCT FROM s.current_id "
	"LEFT JOIN version lv ON lv.account_id = l.account_id AND lv.id = l.version_id "
	"WHERE (s.current_id IS NOT NULL OR s.latest_id IS NOT NULL)");

#define OF_PRODUCTS \
	"p.name AS product_name FROM product p JOIN environment_state s ON s.account_id = p.account_id AND s.product_id = p.id "
SQL_STATEMENT(each_cell, "SELECT " CELL ", " OF_PRODUCTS "WHERE p.account_id = $1 AND p.deleted_at IS NULL AND " IN_SET(
							 "$2", "p.id") " AND " IN_SET("$3", "s.environment_id") " ORDER BY p.name, p.id, s.environment_id");
SQL_STATEMENT(each_cell_of_product, "SELECT " CELL ", e.name AS environment_name, " OF_PRODUCTS
									"LEFT JOIN environment e ON e.account_id = s.account_id AND e.id = s.environment_id "
									"WHERE p.account_id = $1 AND p.id = $2 AND p.deleted_at IS NULL ORDER BY s.environment_id");

/* Its texts are the row's: they live until the next one. */
static void cell_see(struct rows *r, struct matrix_cell *c)
{
	*c = (struct matrix_cell){.latest_state = STATE_ABORTED};
	c->product_id = row_text(r, "product_id");
	c->environment_id = row_text(r, "environment_id");
	c->current_deployment_id = row_text(r, "current_deployment_id");
	c->current_version_id = row_text(r, "current_version_id");
	c->current_version = row_text(r, "current_version");
	(void)rollout_from_name(row_text(r, "current_rollout"), &c->current_rollout);
	c->current_since = row_time(r, "current_since");
	c->latest_deployment_id = row_text(r, "latest_deployment_id");
	c->latest_version_id = row_text(r, "latest_version_id");
	c->latest_version = row_text(r, "latest_version");
	(void)state_from_name(row_text(r, "latest_state"), &c->latest_state);
	c->latest_attempted_at = row_time(r, "latest_attempted_at");
	c->latest_deployed_at = row_time(r, "latest_deployed_at");
}

static void cell_keep(struct arena *a, struct matrix_cell *c)
{
	struct text *const texts[] = {&c->product_id, &c->environment_id, &c->current_deployment_id, &c->current_version_id,
		&c->current_version, &c->latest_deployment_id, &c->latest_version_id, &c->latest_version};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) *texts[i] = text_copy(a, *texts[i]);
}

/* An attempt that ended after the moment was still open then; it was started if its start is not after the moment. */
static void cell_as_it_was(struct rows *r, struct matrix_cell *c, time_us at)
{
	if (!c->latest_deployment_id.p) return;
	time_us started = row_time(r, "latest_started_at"), ended = row_time(r, "latest_ended_at");
	if (ended != TIME_NONE && ended <= at) {
		c->latest_deployed_at = c->latest_state == STATE_COMPLETED ? ended : c->latest_deployed_at;
		return;
	}
	c->latest_state = started != TIME_NONE && started <= at ? STATE_STARTED : STATE_PENDING;
}

enum rc matrix_ask(struct db *db, int64_t account, struct text product_id, struct text environment_id, struct rows *question)
{
	return db_select(db, question, &get_cell, P_INT(account), P_TEXT(product_id), P_TEXT(environment_id));
}

enum rc matrix_answer(struct rows *question, struct arena *a, struct matrix_cell *ret)
{
	bool found = rows_next(question);
	if (found) {
		cell_see(question, ret);
		cell_keep(a, ret);
	}
	enum rc rc = rows_done(question);
	return rc != RC_OK || found ? rc : RC_NOT_FOUND;
}

enum rc matrix_get(
	struct db *db, struct arena *a, int64_t account, struct text product_id, struct text environment_id, struct matrix_cell *ret)
{
	struct rows question;
	(void)matrix_ask(db, account, product_id, environment_id, &question); /* the answer says so too */
	return matrix_answer(&question, a, ret);
}

enum rc matrix_put(struct db *db, int64_t account, const struct matrix_cell *c)
{
	return db_exec(db, &put_cell, P_INT(account), P_TEXT(c->product_id), P_TEXT(c->environment_id),
		P_TEXT(c->current_deployment_id), P_TEXT(c->current_version_id), P_TEXT(c->current_version),
		P_CSTR(rollout_name(c->current_rollout)), P_TIME(c->current_since), P_TEXT(c->latest_deployment_id),
		P_TEXT(c->latest_version_id), P_TEXT(c->latest_version), P_CSTR(state_name(c->latest_state)),
		P_TIME(c->latest_attempted_at), P_TIME(c->latest_deployed_at));
}

enum rc matrix_forget_product(struct db *db, int64_t account, struct text product_id)
{
	return db_exec(db, &forget_product, P_INT(account), P_TEXT(product_id));
}

enum rc matrix_forget_environment(struct db *db, int64_t account, struct text environment_id)
{
	return db_exec(db, &forget_environment, P_INT(account), P_TEXT(environment_id));
}

enum rc matrix_each(
	struct db *db, int64_t account, struct text product_ids, struct text environment_ids, matrix_cell_each *each, void *context)
{
	struct rows r;
	struct matrix_cell c;
	enum rc rc = db_select(db, &r, &each_cell, P_INT(account), P_TEXT(product_ids), P_TEXT(environment_ids));
	while (rc == RC_OK && rows_next(&r)) {
		cell_see(&r, &c);
		c.product_name = row_text(&r, "product_name");
		each(context, &c);
	}
	return rows_done(&r);
}

enum rc matrix_cells(struct db *db, int64_t account, struct text product_ids, struct text environment_ids, time_us at,
	matrix_cell_each *each, void *context)
{
	struct rows r;
	struct matrix_cell c;
	enum rc rc;
	if (at != TIME_NONE)
		rc = db_select(db, &r, &all_cells_at, P_INT(account), P_TEXT(product_ids), P_TEXT(environment_ids), P_TIME(at));
	else if (product_ids.p)
		rc = db_select(db, &r, &cells_of_products, P_INT(account), P_TEXT(product_ids), P_TEXT(environment_ids));
	else
		rc = db_select(db, &r, &all_cells, P_INT(account), P_TEXT(environment_ids));
	while (rc == RC_OK && rows_next(&r)) {
		cell_see(&r, &c);
		if (at != TIME_NONE) cell_as_it_was(&r, &c, at);
		each(context, &c);
	}
	return rows_done(&r);
}

enum rc matrix_of_product(struct db *db, int64_t account, struct text product_id, matrix_cell_each *each, void *context)
{
	struct rows r;
	struct matrix_cell c;
	enum rc rc = db_select(db, &r, &each_cell_of_product, P_INT(account), P_TEXT(product_id));
	while (rc == RC_OK && rows_next(&r)) {
		cell_see(&r, &c);
		c.product_name = row_text(&r, "product_name");
		c.environment_name = row_text(&r, "environment_name");
		each(context, &c);
	}
	return rows_done(&r);
}
