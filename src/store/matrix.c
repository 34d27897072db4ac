/* The table environment_state. */
#include "store/matrix.h"

#include "base/limits.h"
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
SQL_STATEMENT(each_cell,
	"SELECT s.product_id, s.environment_id, s.current_deployment_id, s.current_version_id, s.current_version, "
	"s.current_rollout, s.current_since, s.latest_deployment_id, s.latest_version_id, s.latest_version, "
	"s.latest_state, s.latest_attempted_at, s.latest_deployed_at, p.name AS product_name, e.name AS environment_name "
	"FROM product p JOIN environment_state s ON s.account_id = p.account_id AND s.product_id = p.id "
	"LEFT JOIN environment e ON e.account_id = s.account_id AND e.id = s.environment_id "
	"WHERE p.account_id = $1 AND p.deleted_at IS NULL AND " IN_SET(
		"$2", "p.id") " "
					  "AND " IN_SET("$3", "s.environment_id") " ORDER BY p.name, p.id");
/* Each cell that exists today had its first attempt some time; for each, the newest at the moment asked for, by two index searches. */
SQL_STATEMENT(each_cell_at,
	"SELECT s.product_id, s.environment_id, c.id AS current_deployment_id, c.version_id AS current_version_id, "
	"cv.name AS current_version, c.rollout AS current_rollout, c.ended_at AS current_since, l.id AS latest_deployment_id, "
	"l.version_id AS latest_version_id, lv.name AS latest_version, l.state AS latest_state, "
	"l.attempted_at AS latest_attempted_at, COALESCE(l.started_at, l.received_at) AS latest_deployed_at, "
	"p.name AS product_name, e.name AS environment_name, l.started_at AS latest_started_at, l.ended_at AS latest_ended_at "
	"FROM product p JOIN environment_state s ON s.account_id = p.account_id AND s.product_id = p.id "
	"LEFT JOIN environment e ON e.account_id = s.account_id AND e.id = s.environment_id "
	"LEFT JOIN deployment c ON c.account_id = s.account_id AND c.id = "
	"(SELECT d.id FROM deployment d WHERE d.account_id = s.account_id AND d.product_id = s.product_id "
	"AND d.environment_id = s.environment_id AND d.state = 'completed' AND d.ended_at <= $4 "
	"ORDER BY d.ended_at DESC, d.id DESC LIMIT 1) "
	"LEFT JOIN version cv ON cv.account_id = c.account_id AND cv.id = c.version_id "
	"LEFT JOIN deployment l ON l.account_id = s.account_id AND l.id = "
	"(SELECT d.id FROM deployment d WHERE d.account_id = s.account_id AND d.product_id = s.product_id "
	"AND d.environment_id = s.environment_id AND d.attempted_at <= $4 ORDER BY d.attempted_at DESC, d.id DESC LIMIT 1) "
	"LEFT JOIN version lv ON lv.account_id = l.account_id AND lv.id = l.version_id "
	"WHERE p.account_id = $1 AND p.deleted_at IS NULL AND (c.id IS NOT NULL OR l.id IS NOT NULL) "
	"AND " IN_SET("$2", "p.id") " AND " IN_SET("$3", "s.environment_id") " ORDER BY p.name, p.id");

static void cell_read(struct rows *r, struct arena *a, struct matrix_cell *c)
{
	*c = (struct matrix_cell){.latest_state = STATE_ABORTED};
	c->product_id = text_copy(a, row_text(r, "product_id"));
	c->environment_id = text_copy(a, row_text(r, "environment_id"));
	c->current_deployment_id = text_copy(a, row_text(r, "current_deployment_id"));
	c->current_version_id = text_copy(a, row_text(r, "current_version_id"));
	c->current_version = text_copy(a, row_text(r, "current_version"));
	(void)rollout_from_name(row_text(r, "current_rollout"), &c->current_rollout);
	c->current_since = row_time(r, "current_since");
	c->latest_deployment_id = text_copy(a, row_text(r, "latest_deployment_id"));
	c->latest_version_id = text_copy(a, row_text(r, "latest_version_id"));
	c->latest_version = text_copy(a, row_text(r, "latest_version"));
	(void)state_from_name(row_text(r, "latest_state"), &c->latest_state);
	c->latest_attempted_at = row_time(r, "latest_attempted_at");
	c->latest_deployed_at = row_time(r, "latest_deployed_at");
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
	if (found) cell_read(question, a, ret);
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

/* Memory of one cell at a time. */
static struct arena *cell_arena(void)
{
	return arena_new(KIB(4), KIB(64));
}

static void cell_read_named(struct rows *r, struct arena *a, struct matrix_cell *c)
{
	arena_reset(a);
	cell_read(r, a, c);
	c->product_name = text_copy(a, row_text(r, "product_name"));
	c->environment_name = text_copy(a, row_text(r, "environment_name"));
}

enum rc matrix_each(
	struct db *db, int64_t account, struct text product_ids, struct text environment_ids, matrix_cell_each *each, void *context)
{
	struct rows r;
	struct arena *a = cell_arena();
	enum rc rc = db_select(db, &r, &each_cell, P_INT(account), P_TEXT(product_ids), P_TEXT(environment_ids));
	while (rc == RC_OK && rows_next(&r)) {
		struct matrix_cell c;
		cell_read_named(&r, a, &c);
		each(context, &c);
	}
	arena_free(a);
	return rows_done(&r);
}

enum rc matrix_each_at(struct db *db, int64_t account, struct text product_ids, struct text environment_ids, time_us at,
	matrix_cell_each *each, void *context)
{
	struct rows r;
	struct arena *a = cell_arena();
	enum rc rc = db_select(db, &r, &each_cell_at, P_INT(account), P_TEXT(product_ids), P_TEXT(environment_ids), P_TIME(at));
	while (rc == RC_OK && rows_next(&r)) {
		struct matrix_cell c;
		cell_read_named(&r, a, &c);
		cell_as_it_was(&r, &c, at);
		each(context, &c);
	}
	arena_free(a);
	return rows_done(&r);
}
