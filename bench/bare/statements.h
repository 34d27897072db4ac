/* The statements that recording a deployment event runs on SQLite, as src/store/ has them (place.c, attempt.c, attempt_list.c,
 * matrix.c, event_log.c, product.c, environment.c, version.c). Whoever changes one there changes it here: a reference that does
 * other work than the server is none, and bench/run says so when the server's program does not hold one of these texts. The first
 * three are the loop's own. */
#pragma once

#define RECORD_COLUMNS \
	"d.id, d.product_id, d.version_id, d.state, d.run_key, d.pending_at, d.started_at, d.ended_at, d.attempted_at, " \
	"d.received_at, " \
	"d.updated_at, d.state_event_id, d.build_number, d.build_url, d.invoke_id, d.source_system, d.scm_repository, d.scm_sha, " \
	"d.scm_branch, d.actor, d.actor_email, d.actor_name, d.error_message, d.error_code, d.extra_metadata, d.environment_id, " \
	"d.rollout, d.deploy_url"
#define OPEN "state IN ('pending', 'started')"
#define AT_PLACE "o.account_id = $1 AND o.version_id = $2 AND o.environment_id = $3"
#define DETAILS \
	"build_number, build_url, invoke_id, source_system, scm_repository, scm_sha, scm_branch, actor, actor_email, actor_name, " \
	"error_message, error_code, extra_metadata"
#define CELL \
	"current_deployment_id, current_version_id, current_version, current_rollout, current_since, latest_deployment_id, " \
	"latest_version_id, latest_version, latest_state, latest_attempted_at, latest_deployed_at"

enum statement_name {
	BEGIN_BATCH,
	COMMIT_BATCH,
	FIND_ACCOUNT,
	FIND_PLACE,
	FIND_ATTEMPT,
	GET_CELL,
	WAS_CURRENT,
	INSERT_PRODUCT,
	INSERT_ENVIRONMENT,
	INSERT_VERSION,
	INSERT_DEPLOYMENT,
	UPDATE_DEPLOYMENT,
	APPEND_EVENT,
	PUT_CELL,
	STATEMENT_COUNT,
};

static const char *const STATEMENTS[STATEMENT_COUNT] = {
	[BEGIN_BATCH] = "BEGIN IMMEDIATE",
	[COMMIT_BATCH] = "COMMIT",
	[FIND_ACCOUNT] = "SELECT id FROM account ORDER BY id LIMIT 1",
	[FIND_PLACE] = "SELECT p.id AS product_id, v.id AS version_id, v.scm_sha, v.scm_repository, e.id AS environment_id, "
				   "e.type AS environment_type, a.notification_revision FROM account a "
				   "LEFT JOIN product p ON p.account_id = a.id AND p.name = $2 AND p.deleted_at IS NULL "
				   "LEFT JOIN version v ON v.account_id = a.id AND v.product_id = p.id AND v.name = $3 "
				   "LEFT JOIN environment e ON e.account_id = a.id AND e.name = $4 AND e.deleted_at IS NULL "
				   "WHERE a.id = $1",
	[FIND_ATTEMPT] = "SELECT " RECORD_COLUMNS " FROM deployment d WHERE d.account_id = $1 AND d.id = COALESCE("
					 "(SELECT MAX(o.id) FROM deployment o WHERE " AT_PLACE " AND o." OPEN " AND COALESCE(o.run_key, $4) = $4), "
					 "(SELECT MAX(o.id) FROM deployment o WHERE " AT_PLACE " AND o.run_key = $4))",
	[GET_CELL] = "SELECT product_id, environment_id, " CELL " FROM environment_state "
				 "WHERE account_id = $1 AND product_id = $2 AND environment_id = $3",
	[WAS_CURRENT] = "SELECT 1 AS found FROM deployment WHERE account_id = $1 AND version_id = $2 "
					"AND environment_id = $3 AND state = 'completed' AND id <> $5 AND (ended_at < $4 OR (ended_at = "
					"$4 AND id < $5)) LIMIT 1",
	[INSERT_PRODUCT] = "INSERT INTO product (account_id, id, name, description, extra_metadata, created_at, updated_at) "
					   "VALUES ($1, $2, $3, $4, $5, $6, $7)",
	[INSERT_ENVIRONMENT] =
		"INSERT INTO environment (account_id, id, name, type, position, description, extra_metadata, created_at, "
		"updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
	[INSERT_VERSION] = "INSERT INTO version (account_id, id, product_id, name, scm_sha, scm_repository, created_at) "
					   "VALUES ($1, $2, $3, $4, $5, $6, $7)",
	[INSERT_DEPLOYMENT] =
		"INSERT INTO deployment (account_id, id, state, pending_at, started_at, ended_at, updated_at, state_event_id, " DETAILS
		", product_id, version_id, run_key, attempted_at, received_at, environment_id, rollout, deploy_url) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, "
		"$22, $23, $24, $25, $26, $27, $28, $29)",
	[UPDATE_DEPLOYMENT] =
		"UPDATE deployment SET state = $3, pending_at = $4, started_at = $5, ended_at = $6, updated_at = $7, "
		"state_event_id = $8, build_number = $9, build_url = $10, invoke_id = $11, source_system = $12, "
		"scm_repository = $13, scm_sha = $14, scm_branch = $15, actor = $16, actor_email = $17, actor_name = $18, "
		"error_message = $19, error_code = $20, extra_metadata = $21, rollout = $22, deploy_url = $23 "
		"WHERE account_id = $1 AND id = $2",
	[APPEND_EVENT] =
		"INSERT INTO event (account_id, id, type, effect, subject_id, product_id, environment_id, version_id, actor, "
		"occurred_at, received_at, payload) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
	[PUT_CELL] = "INSERT INTO environment_state (account_id, product_id, environment_id, " CELL ") "
				 "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) "
				 "ON CONFLICT (account_id, product_id, environment_id) DO UPDATE SET "
				 "current_deployment_id = excluded.current_deployment_id, current_version_id = excluded.current_version_id, "
				 "current_version = excluded.current_version, current_rollout = excluded.current_rollout, "
				 "current_since = excluded.current_since, latest_deployment_id = excluded.latest_deployment_id, "
				 "latest_version_id = excluded.latest_version_id, latest_version = excluded.latest_version, "
				 "latest_state = excluded.latest_state, latest_attempted_at = excluded.latest_attempted_at, "
				 "latest_deployed_at = excluded.latest_deployed_at",
};
