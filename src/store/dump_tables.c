/* The columns of each table, written once: column by column with the number of its parameter, its kind, and what an older
 * export gives it. The statements are made of them. Not here is what belongs to one store or one server process: which
 * migrations were applied, revision (also of a user, session or token: everybody reads an imported row again), import_progress, and who works on a
 * lane. */
#include "store/dump.h"

#define ACCOUNT(FIRST, C) \
	FIRST(1, id, INT, NEEDED) \
	C(2, slug, TEXT, NEEDED) \
	C(3, name, TEXT, NEEDED) \
	C(4, created_at, INT, NEEDED) \
	C(5, notification_revision, INT, ZERO)

#define APP_USER(FIRST, C) \
	FIRST(1, account_id, INT, NEEDED) \
	C(2, id, TEXT, NEEDED) \
	C(3, email, TEXT, NEEDED) \
	C(4, name, TEXT, NULLABLE) \
	C(5, role, TEXT, NEEDED) \
	C(6, password_hash, TEXT, NULLABLE) \
	C(7, created_at, INT, NEEDED) \
	C(8, updated_at, INT, NULLABLE) \
	C(9, last_login_at, INT, NULLABLE) \
	C(10, deactivated_at, INT, NULLABLE) \
	C(11, deleted_at, INT, NULLABLE)

#define SESSION(FIRST, C) \
	FIRST(1, account_id, INT, NEEDED) \
	C(2, id, TEXT, NEEDED) \
	C(3, user_id, TEXT, NEEDED) \
	C(4, token_digest, TEXT, NEEDED) \
	C(5, created_at, INT, NEEDED) \
	C(6, seen_at, INT, NEEDED) \
	C(7, expires_at, INT, NEEDED) \
	C(8, ended_at, INT, NULLABLE) \
	C(9, peer, TEXT, NULLABLE)

#define PERSONAL_TOKEN(FIRST, C) \
	FIRST(1, account_id, INT, NEEDED) \
	C(2, id, TEXT, NEEDED) \
	C(3, user_id, TEXT, NEEDED) \
	C(4, name, TEXT, NEEDED) \
	C(5, token_digest, TEXT, NEEDED) \
	C(6, created_at, INT, NEEDED) \
	C(7, expires_at, INT, NULLABLE) \
	C(8, last_used_at, INT, NULLABLE) \
	C(9, revoked_at, INT, NULLABLE)

#define PASSWORD_LINK(FIRST, C) \
	FIRST(1, account_id, INT, NEEDED) \
	C(2, user_id, TEXT, NEEDED) \
	C(3, token_digest, TEXT, NEEDED) \
	C(4, created_at, INT, NEEDED) \
	C(5, expires_at, INT, NEEDED)

#define API_KEY(FIRST, C) \
	FIRST(1, account_id, INT, NEEDED) \
	C(2, key_number, INT, NEEDED) \
	C(3, id, TEXT, NEEDED) \
	C(4, name, TEXT, NEEDED) \
	C(5, scopes, TEXT, NEEDED) \
	C(6, secret_digest, TEXT, NEEDED) \
	C(7, created_at, INT, NEEDED) \
	C(8, last_used_at, INT, NULLABLE) \
	C(9, revoked_at, INT, NULLABLE) \
	C(10, created_by, TEXT, NULLABLE)

#define PRODUCT(FIRST, C) \
	FIRST(1, account_id, INT, NEEDED) \
	C(2, id, TEXT, NEEDED) \
	C(3, name, TEXT, NEEDED) \
	C(4, description, TEXT, NULLABLE) \
	C(5, extra_metadata, TEXT, NULLABLE) \
	C(6, created_at, INT, NEEDED) \
	C(7, updated_at, INT, NEEDED) \
	C(8, deleted_at, INT, NULLABLE)

#define ENVIRONMENT(FIRST, C) \
	FIRST(1, account_id, INT, NEEDED) \
	C(2, id, TEXT, NEEDED) \
	C(3, name, TEXT, NEEDED) \
	C(4, type, TEXT, NEEDED) \
	C(5, position, INT, NULLABLE) \
	C(6, description, TEXT, NULLABLE) \
	C(7, extra_metadata, TEXT, NULLABLE) \
	C(8, created_at, INT, NEEDED) \
	C(9, updated_at, INT, NEEDED) \
	C(10, deleted_at, INT, NULLABLE)

#define VERSION(FIRST, C) \
	FIRST(1, account_id, INT, NEEDED) \
	C(2, id, TEXT, NEEDED) \
	C(3, product_id, TEXT, NEEDED) \
	C(4, name, TEXT, NEEDED) \
	C(5, scm_sha, TEXT, NULLABLE) \
	C(6, scm_repository, TEXT, NULLABLE) \
	C(7, created_at, INT, NEEDED)

#define BUILD(FIRST, C) \
	FIRST(1, account_id, INT, NEEDED) \
	C(2, id, TEXT, NEEDED) \
	C(3, product_id, TEXT, NEEDED) \
	C(4, version_id, TEXT, NEEDED) \
	C(5, state, TEXT, NEEDED) \
	C(6, run_key, TEXT, NULLABLE) \
	C(7, pending_at, INT, NULLABLE) \
	C(8, started_at, INT, NULLABLE) \
	C(9, ended_at, INT, NULLABLE) \
	C(10, attempted_at, INT, NEEDED) \
	C(11, received_at, INT, NEEDED) \
	C(12, updated_at, INT, NEEDED) \
	C(13, state_event_id, TEXT, NEEDED) \
	C(14, build_number, TEXT, NULLABLE) \
	C(15, build_url, TEXT, NULLABLE) \
	C(16, invoke_id, TEXT, NULLABLE) \
	C(17, source_system, TEXT, NULLABLE) \
	C(18, scm_repository, TEXT, NULLABLE) \
	C(19, scm_sha, TEXT, NULLABLE) \
	C(20, scm_branch, TEXT, NULLABLE) \
	C(21, actor, TEXT, NULLABLE) \
	C(22, actor_email, TEXT, NULLABLE) \
	C(23, actor_name, TEXT, NULLABLE) \
	C(24, error_message, TEXT, NULLABLE) \
	C(25, error_code, TEXT, NULLABLE) \
	C(26, extra_metadata, TEXT, NULLABLE)

#define DEPLOYMENT(FIRST, C) \
	FIRST(1, account_id, INT, NEEDED) \
	C(2, id, TEXT, NEEDED) \
	C(3, product_id, TEXT, NEEDED) \
	C(4, environment_id, TEXT, NEEDED) \
	C(5, version_id, TEXT, NEEDED) \
	C(6, state, TEXT, NEEDED) \
	C(7, rollout, TEXT, NULLABLE) \
	C(8, run_key, TEXT, NULLABLE) \
	C(9, pending_at, INT, NULLABLE) \
	C(10, started_at, INT, NULLABLE) \
	C(11, ended_at, INT, NULLABLE) \
	C(12, attempted_at, INT, NEEDED) \
	C(13, received_at, INT, NEEDED) \
	C(14, updated_at, INT, NEEDED) \
	C(15, state_event_id, TEXT, NEEDED) \
	C(16, build_number, TEXT, NULLABLE) \
	C(17, build_url, TEXT, NULLABLE) \
	C(18, deploy_url, TEXT, NULLABLE) \
	C(19, invoke_id, TEXT, NULLABLE) \
	C(20, source_system, TEXT, NULLABLE) \
	C(21, scm_repository, TEXT, NULLABLE) \
	C(22, scm_sha, TEXT, NULLABLE) \
	C(23, scm_branch, TEXT, NULLABLE) \
	C(24, actor, TEXT, NULLABLE) \
	C(25, actor_email, TEXT, NULLABLE) \
	C(26, actor_name, TEXT, NULLABLE) \
	C(27, error_message, TEXT, NULLABLE) \
	C(28, error_code, TEXT, NULLABLE) \
	C(29, extra_metadata, TEXT, NULLABLE)

#define ENVIRONMENT_STATE(FIRST, C) \
	FIRST(1, account_id, INT, NEEDED) \
	C(2, product_id, TEXT, NEEDED) \
	C(3, environment_id, TEXT, NEEDED) \
	C(4, current_deployment_id, TEXT, NULLABLE) \
	C(5, current_version_id, TEXT, NULLABLE) \
	C(6, current_version, TEXT, NULLABLE) \
	C(7, current_rollout, TEXT, NULLABLE) \
	C(8, current_since, INT, NULLABLE) \
	C(9, latest_deployment_id, TEXT, NEEDED) \
	C(10, latest_version_id, TEXT, NEEDED) \
	C(11, latest_version, TEXT, NEEDED) \
	C(12, latest_state, TEXT, NEEDED) \
	C(13, latest_attempted_at, INT, NEEDED) \
	C(14, latest_deployed_at, INT, NEEDED)

#define EVENT(FIRST, C) \
	FIRST(1, account_id, INT, NEEDED) \
	C(2, id, TEXT, NEEDED) \
	C(3, type, TEXT, NEEDED) \
	C(4, effect, TEXT, NEEDED) \
	C(5, subject_id, TEXT, NEEDED) \
	C(6, product_id, TEXT, NEEDED) \
	C(7, environment_id, TEXT, NULLABLE) \
	C(8, version_id, TEXT, NEEDED) \
	C(9, actor, TEXT, NEEDED) \
	C(10, occurred_at, INT, NEEDED) \
	C(11, received_at, INT, NEEDED) \
	C(12, payload, TEXT, NEEDED)

#define RETENTION_MARK(FIRST, C) \
	FIRST(1, account_id, INT, NEEDED) \
	C(2, events_kept_since, INT, NEEDED)

#define IDEMPOTENCY(FIRST, C) \
	FIRST(1, account_id, INT, NEEDED) \
	C(2, principal, TEXT, NEEDED) \
	C(3, idempotency_key, TEXT, NEEDED) \
	C(4, request_digest, TEXT, NEEDED) \
	C(5, status, INT, NEEDED) \
	C(6, answer, TEXT, NEEDED) \
	C(7, created_at, INT, NEEDED)

#define NOTIFICATION_CHANNEL(FIRST, C) \
	FIRST(1, account_id, INT, NEEDED) \
	C(2, id, TEXT, NEEDED) \
	C(3, name, TEXT, NEEDED) \
	C(4, type, TEXT, NEEDED) \
	C(5, config, TEXT, NEEDED) \
	C(6, enabled, INT, NEEDED) \
	C(7, disabled_reason, TEXT, NULLABLE) \
	C(8, created_at, INT, NEEDED) \
	C(9, updated_at, INT, NEEDED) \
	C(10, deleted_at, INT, NULLABLE)

#define NOTIFICATION_PREFERENCE(FIRST, C) \
	FIRST(1, account_id, INT, NEEDED) \
	C(2, id, TEXT, NEEDED) \
	C(3, channel_id, TEXT, NEEDED) \
	C(4, event_type, TEXT, NEEDED) \
	C(5, filters, TEXT, NEEDED) \
	C(6, enabled, INT, NEEDED) \
	C(7, created_at, INT, NEEDED) \
	C(8, updated_at, INT, NEEDED)

#define NOTIFICATION_LANE(FIRST, C) \
	FIRST(1, account_id, INT, NEEDED) \
	C(2, channel_id, TEXT, NEEDED) \
	C(3, not_before, INT, NULLABLE) \
	C(4, failures, INT, NEEDED)

#define NOTICE(FIRST, C) \
	FIRST(1, account_id, INT, NEEDED) \
	C(2, event_id, TEXT, NEEDED) \
	C(3, content, TEXT, NEEDED) \
	C(4, extra_metadata, TEXT, NULLABLE) \
	C(5, created_at, INT, NEEDED)

#define NOTIFICATION(FIRST, C) \
	FIRST(1, account_id, INT, NEEDED) \
	C(2, id, TEXT, NEEDED) \
	C(3, channel_id, TEXT, NEEDED) \
	C(4, event_id, TEXT, NEEDED) \
	C(5, event_type, TEXT, NEEDED) \
	C(6, subject_id, TEXT, NEEDED) \
	C(7, state, TEXT, NEEDED) \
	C(8, attempts, INT, NEEDED) \
	C(9, created_at, INT, NEEDED) \
	C(10, waiting_since, INT, NEEDED) \
	C(11, due_at, INT, NEEDED) \
	C(12, attempted_at, INT, NULLABLE) \
	C(13, duration, INT, NULLABLE) \
	C(14, finished_at, INT, NULLABLE) \
	C(15, answer_status, INT, NULLABLE) \
	C(16, answer, TEXT, NULLABLE) \
	C(17, folded_into, TEXT, NULLABLE)

#define NOTIFICATION_ATTEMPT(FIRST, C) \
	FIRST(1, account_id, INT, NEEDED) \
	C(2, notification_id, TEXT, NEEDED) \
	C(3, number, INT, NEEDED) \
	C(4, attempted_at, INT, NEEDED) \
	C(5, duration, INT, NEEDED) \
	C(6, answer_status, INT, NEEDED) \
	C(7, answer, TEXT, NULLABLE)

#define REMOTE_MESSAGE(FIRST, C) \
	FIRST(1, account_id, INT, NEEDED) \
	C(2, channel_id, TEXT, NEEDED) \
	C(3, subject_id, TEXT, NEEDED) \
	C(4, remote_channel, TEXT, NEEDED) \
	C(5, remote_id, TEXT, NEEDED) \
	C(6, updated_at, INT, NEEDED)

#define AUDIT_ENTRY(FIRST, C) \
	FIRST(1, account_id, INT, NEEDED) \
	C(2, number, INT, NEEDED) \
	C(3, at, INT, NEEDED) \
	C(4, actor, TEXT, NEEDED) \
	C(5, credential, TEXT, NEEDED) \
	C(6, action, TEXT, NEEDED) \
	C(7, subject_id, TEXT, NEEDED) \
	C(8, subject_name, TEXT, NULLABLE) \
	C(9, value_before, TEXT, NULLABLE) \
	C(10, value_after, TEXT, NULLABLE) \
	C(11, request_id, TEXT, NULLABLE) \
	C(12, previous_hash, TEXT, NEEDED) \
	C(13, hash, TEXT, NEEDED)

#define AUDIT_HEAD(FIRST, C) \
	FIRST(1, account_id, INT, NEEDED) \
	C(2, number, INT, NEEDED) \
	C(3, hash, TEXT, NEEDED) \
	C(4, cut_number, INT, NEEDED) \
	C(5, cut_hash, TEXT, NEEDED) \
	C(6, cut_goal, INT, NEEDED) \
	C(7, cut_at, INT, NULLABLE)

#define NAME_FIRST(n, name, ...) #name
#define NAME(n, name, ...) ", " #name
#define MARK_FIRST(n, ...) "$" #n
#define MARK(n, ...) ", $" #n
#define COLUMN(n, name, kind, standard) {#name, PARAM_##kind, standard},

/* keys: the columns of the primary key, in its order; begin: as many parameters; most: the next one. */
#define DUMP(table, COLUMNS, keys, begin, most) \
	SQL_STATEMENT(page_##table, \
		"SELECT " COLUMNS(NAME_FIRST, NAME) " FROM " #table " WHERE (" keys ") > (" begin ") ORDER BY " keys " LIMIT " most); \
	SQL_STATEMENT( \
		insert_##table, "INSERT INTO " #table " (" COLUMNS(NAME_FIRST, NAME) ") VALUES (" COLUMNS(MARK_FIRST, MARK) ")"); \
	SQL_STATEMENT(count_##table, "SELECT COUNT(*) AS all_rows FROM " #table); \
	static const struct dump_column columns_##table[] = {COLUMNS(COLUMN, COLUMN)}; \
	_Static_assert(sizeof columns_##table / sizeof *columns_##table <= DUMP_COLUMNS, #table);
#define KEY_1(a) #a, "$1", "$2"
#define KEY_2(a, b) #a ", " #b, "$1, $2", "$3"
#define KEY_3(a, b, c) #a ", " #b ", " #c, "$1, $2, $3", "$4"
#define DUMP_BY(table, COLUMNS, ...) DUMP(table, COLUMNS, __VA_ARGS__)

DUMP_BY(account, ACCOUNT, KEY_1(id))
DUMP_BY(app_user, APP_USER, KEY_2(account_id, id))
DUMP_BY(api_key, API_KEY, KEY_2(account_id, key_number))
DUMP_BY(product, PRODUCT, KEY_2(account_id, id))
DUMP_BY(environment, ENVIRONMENT, KEY_2(account_id, id))
DUMP_BY(version, VERSION, KEY_2(account_id, id))
DUMP_BY(build, BUILD, KEY_2(account_id, id))
DUMP_BY(deployment, DEPLOYMENT, KEY_2(account_id, id))
DUMP_BY(environment_state, ENVIRONMENT_STATE, KEY_3(account_id, product_id, environment_id))
DUMP_BY(event, EVENT, KEY_2(account_id, id))
DUMP_BY(retention_mark, RETENTION_MARK, KEY_1(account_id))
DUMP_BY(idempotency, IDEMPOTENCY, KEY_3(account_id, principal, idempotency_key))
DUMP_BY(notification_channel, NOTIFICATION_CHANNEL, KEY_2(account_id, id))
DUMP_BY(notification_preference, NOTIFICATION_PREFERENCE, KEY_2(account_id, id))
DUMP_BY(notification_lane, NOTIFICATION_LANE, KEY_2(account_id, channel_id))
DUMP_BY(notice, NOTICE, KEY_2(account_id, event_id))
DUMP_BY(notification, NOTIFICATION, KEY_2(account_id, id))
DUMP_BY(notification_attempt, NOTIFICATION_ATTEMPT, KEY_3(account_id, notification_id, number))
DUMP_BY(remote_message, REMOTE_MESSAGE, KEY_3(account_id, channel_id, subject_id))
DUMP_BY(session, SESSION, KEY_2(account_id, id))
DUMP_BY(personal_token, PERSONAL_TOKEN, KEY_2(account_id, id))
DUMP_BY(password_link, PASSWORD_LINK, KEY_2(account_id, user_id))
DUMP_BY(audit_entry, AUDIT_ENTRY, KEY_2(account_id, number))
DUMP_BY(audit_head, AUDIT_HEAD, KEY_1(account_id))

#define TABLE(table, keys) \
	{ \
#table, columns_##table, sizeof columns_##table / sizeof *columns_##table, keys, &page_##table, &insert_##table, \
			&count_##table \
	}

/* In the order of the file: what others refer to comes first. */
const struct dump_table DUMP_TABLES[] = {
	TABLE(account, 1),
	TABLE(app_user, 2),
	TABLE(api_key, 2),
	TABLE(product, 2),
	TABLE(environment, 2),
	TABLE(version, 2),
	TABLE(build, 2),
	TABLE(deployment, 2),
	TABLE(environment_state, 3),
	TABLE(event, 2),
	TABLE(retention_mark, 1),
	TABLE(idempotency, 3),
	TABLE(notification_channel, 2),
	TABLE(notification_preference, 2),
	TABLE(notification_lane, 2),
	TABLE(notice, 2),
	TABLE(notification, 2),
	TABLE(notification_attempt, 3),
	TABLE(remote_message, 3),
	TABLE(session, 2),
	TABLE(personal_token, 2),
	TABLE(password_link, 2),
	TABLE(audit_entry, 2),
	TABLE(audit_head, 1),
};
const size_t DUMP_TABLE_COUNT = sizeof DUMP_TABLES / sizeof *DUMP_TABLES;
_Static_assert(sizeof DUMP_TABLES / sizeof *DUMP_TABLES <= DUMP_TABLES_MOST, "a place for the count of each");
