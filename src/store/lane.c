/* The table notification_lane. */
#include "store/lane.h"

#include "db/db.h"

SQL_STATEMENT(insert_lane, "INSERT INTO notification_lane (account_id, channel_id, failures) VALUES ($1, $2, 0) "
						   "ON CONFLICT (account_id, channel_id) DO NOTHING");
SQL_STATEMENT(claim_lane, "UPDATE notification_lane SET owner = $3, lease_until = $5 WHERE account_id = $1 AND channel_id IN "
						  "(SELECT l.channel_id FROM notification_lane l WHERE l.account_id = $1 AND l.channel_id = $2 "
						  "AND (l.owner IS NULL OR l.owner = $3 OR l.lease_until < $4) " SQL_SKIP_LOCKED ") "
						  "RETURNING channel_id, not_before, failures");
SQL_STATEMENT(
	renew_lane, "UPDATE notification_lane SET lease_until = $4 WHERE account_id = $1 AND channel_id = $2 AND owner = $3");
SQL_STATEMENT(pause_lane,
	"UPDATE notification_lane SET not_before = $4, failures = $5 WHERE account_id = $1 AND channel_id = $2 AND owner = $3");
SQL_STATEMENT(release_lane, "UPDATE notification_lane SET owner = NULL, lease_until = NULL "
							"WHERE account_id = $1 AND channel_id = $2 AND owner = $3");
/* Channel by channel, with one look at the beginning of what waits for each: however much that is. */
SQL_STATEMENT(lanes_waiting,
	"SELECT c.account_id, c.id AS channel_id, (SELECT n.due_at FROM notification n WHERE n.account_id = c.account_id "
	"AND n.channel_id = c.id AND n.state = 'waiting' ORDER BY n.due_at, n.id LIMIT 1) AS due_at, l.not_before "
	"FROM notification_channel c LEFT JOIN notification_lane l ON l.account_id = c.account_id AND l.channel_id = c.id "
	"WHERE c.enabled = 1 AND c.deleted_at IS NULL");

SQL_STATEMENT(lane_owners, "SELECT DISTINCT owner FROM notification_lane WHERE owner IS NOT NULL");
SQL_STATEMENT(release_all, "UPDATE notification_lane SET owner = NULL, lease_until = NULL WHERE owner = $1");
SQL_STATEMENT(lanes_stopped,
	"SELECT c.id AS channel_id, c.deleted_at FROM notification_channel c WHERE c.account_id = $1 "
	"AND (c.enabled = 0 OR c.deleted_at IS NOT NULL) AND EXISTS (SELECT 1 FROM notification n WHERE n.account_id = c.account_id "
	"AND n.channel_id = c.id AND n.state = 'waiting')");

enum rc lane_insert(struct db *db, int64_t account, struct text channel_id)
{
	return db_exec(db, &insert_lane, P_INT(account), P_TEXT(channel_id));
}

enum rc lane_claim(struct db *db, struct arena *a, int64_t account, struct text channel_id, struct text owner, time_us now,
	time_us lease_until, struct lane *ret)
{
	struct rows r;
	enum rc rc = db_select(
		db, &r, &claim_lane, P_INT(account), P_TEXT(channel_id), P_TEXT(owner), P_TIME(now), P_TIME(lease_until));
	struct lane lane = {.account = account};
	bool found = rc == RC_OK && rows_next(&r);
	if (found) {
		lane.channel_id = text_copy(a, row_text(&r, "channel_id"));
		lane.not_before = row_time(&r, "not_before");
		lane.failures = row_int(&r, "failures");
	}
	rc = rows_done(&r);
	if (rc != RC_OK || !found) return rc != RC_OK ? rc : RC_NOT_FOUND;
	*ret = lane;
	return RC_OK;
}

enum rc lane_renew(struct db *db, int64_t account, struct text channel_id, struct text owner, time_us lease_until)
{
	int64_t changed = 0;
	enum rc rc = db_exec_count(db, &changed, &renew_lane, P_INT(account), P_TEXT(channel_id), P_TEXT(owner), P_TIME(lease_until));
	return rc != RC_OK || changed ? rc : RC_NOT_FOUND;
}

enum rc lane_pause(
	struct db *db, int64_t account, struct text channel_id, struct text owner, time_us not_before, int64_t failures)
{
	int64_t changed = 0;
	enum rc rc = db_exec_count(
		db, &changed, &pause_lane, P_INT(account), P_TEXT(channel_id), P_TEXT(owner), P_TIME(not_before), P_INT(failures));
	return rc != RC_OK || changed ? rc : RC_NOT_FOUND;
}

enum rc lane_release(struct db *db, int64_t account, struct text channel_id, struct text owner)
{
	return db_exec(db, &release_lane, P_INT(account), P_TEXT(channel_id), P_TEXT(owner));
}

enum rc lane_each_waiting(struct db *db, lane_waiting_each *each, void *context)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &lanes_waiting);
	while (rc == RC_OK && rows_next(&r)) {
		if (row_null(&r, "due_at")) continue;
		int64_t account = row_int(&r, "account_id");
		struct text channel_id = row_text(&r, "channel_id");
		time_us due_at = row_time(&r, "due_at"), not_before = row_time(&r, "not_before");
		each(context, account, channel_id, not_before > due_at ? not_before : due_at); /* TIME_NONE is the smallest */
	}
	return rows_done(&r);
}

enum rc lane_each_stopped(struct db *db, struct arena *a, int64_t account, lane_stopped_each *each, void *context)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &lanes_stopped, P_INT(account));
	while (rc == RC_OK && rows_next(&r)) {
		struct text id = text_copy(a, row_text(&r, "channel_id"));
		each(context, id, !row_null(&r, "deleted_at"));
	}
	return rows_done(&r);
}

enum rc lane_each_owner(struct db *db, struct arena *a, lane_owner_each *each, void *context)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &lane_owners);
	while (rc == RC_OK && rows_next(&r)) each(context, text_copy(a, row_text(&r, "owner")));
	return rows_done(&r);
}

enum rc lane_release_all(struct db *db, struct text owner)
{
	return db_exec(db, &release_all, P_TEXT(owner));
}
