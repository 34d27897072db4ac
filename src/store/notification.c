/* The table notification, written: from the event to the end of delivery, and to retention.
 *
 * One that waits is not due while an older one of the same deployment on its channel is not: who is put off takes those behind it along, and an
 * insert or a revival asks what waits before it. So what is due can be sent or folded, and the head of the index notification_due says when
 * there is something to do, however many wait. */
#include "store/notification.h"

#include <stdio.h>

#include "base/uuid.h"
#include "db/db.h"

#define WAITS "account_id = $1 AND id = $2 AND state = 'waiting'"
/* At `now`, or with the latest of those that wait before it. */
#define DUE(now, channel, subject, id) \
	"COALESCE((SELECT MAX(o.due_at) FROM notification o WHERE o.account_id = $1 AND o.channel_id = " channel \
	" AND o.subject_id = " subject " AND o.state = 'waiting' AND o.id < " id " AND o.due_at > " now "), " now ")"

SQL_STATEMENT(insert_notification,
	"INSERT INTO notification (account_id, id, channel_id, event_id, event_type, subject_id, state, attempts, created_at, "
	"waiting_since, due_at) VALUES ($1, $2, $3, $4, $5, $6, 'waiting', 0, $7, $7, " DUE("$7", "$3", "$6", "$2") ")");
SQL_STATEMENT(finish, "UPDATE notification SET state = $3, attempts = attempts + 1, attempted_at = $4, duration = $5, "
					  "answer_status = $6, answer = $7, finished_at = $8 WHERE " WAITS);
SQL_STATEMENT(put_off, "UPDATE notification SET due_at = $3, attempts = attempts + 1, attempted_at = $4, duration = $5, "
					   "answer_status = $6, answer = $7 WHERE " WAITS);
SQL_STATEMENT(put_off_behind, "UPDATE notification SET due_at = $3 WHERE account_id = $1 "
							  "AND channel_id = (SELECT h.channel_id FROM notification h WHERE h.account_id = $1 AND h.id = $2) "
							  "AND subject_id = (SELECT h.subject_id FROM notification h WHERE h.account_id = $1 AND h.id = $2) "
							  "AND state = 'waiting' AND id > $2 AND due_at < $3");
/* The last attempt, out of the row into a row of its own, where it is not there yet. */
SQL_STATEMENT(keep_attempt,
	"INSERT INTO notification_attempt (account_id, notification_id, number, attempted_at, duration, answer_status, answer) "
	"SELECT account_id, id, attempts, attempted_at, duration, answer_status, answer FROM notification "
	"WHERE account_id = $1 AND id = $2 AND attempted_at IS NOT NULL ON CONFLICT (account_id, notification_id, number) DO "
	"NOTHING");
SQL_STATEMENT(fold, "UPDATE notification SET state = 'folded', folded_into = $3, finished_at = $4 WHERE " WAITS);
SQL_STATEMENT(kill_waiting,
	"UPDATE notification SET state = 'dead', finished_at = $4, answer_status = 0, answer = $5 WHERE account_id = $1 AND id IN "
	"(SELECT n.id FROM notification n WHERE n.account_id = $1 AND n.channel_id = $2 AND n.state = 'waiting' AND n.due_at < $3 "
	"ORDER BY n.due_at, n.id LIMIT $6)");
SQL_STATEMENT(revive,
	"UPDATE notification SET state = 'waiting', finished_at = NULL, waiting_since = $3, due_at = " DUE(
		"$3", "notification.channel_id", "notification.subject_id", "notification.id") " WHERE account_id = $1 AND id = $2 "
																					   "AND state = 'dead'");
SQL_STATEMENT(find_notification, "SELECT state FROM notification WHERE account_id = $1 AND id = $2");
SQL_STATEMENT(put_remote_message,
	"INSERT INTO remote_message (account_id, channel_id, subject_id, remote_channel, remote_id, updated_at) "
	"VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account_id, channel_id, subject_id) DO UPDATE SET "
	"remote_channel = excluded.remote_channel, remote_id = excluded.remote_id, updated_at = excluded.updated_at");

/* Those that one step of retention deletes: all finished ones up to $2. */
#define CUT "c.account_id = $1 AND c.id <= $2 AND c.state <> 'waiting'"
#define STAYS "(o.id > $2 OR o.state = 'waiting')"

SQL_STATEMENT(oldest_finished, "SELECT id FROM notification WHERE account_id = $1 AND id < $2 AND state <> 'waiting' "
							   "ORDER BY id LIMIT $3");
SQL_STATEMENT(cut_attempts, "DELETE FROM notification_attempt WHERE account_id = $1 AND notification_id IN "
							"(SELECT c.id FROM notification c WHERE " CUT ")");
/* By the deployment, whose notifications are few and have an index: those of one event have none. */
SQL_STATEMENT(cut_notices,
	"DELETE FROM notice WHERE account_id = $1 AND event_id IN (SELECT c.event_id FROM notification c WHERE " CUT
	" AND NOT EXISTS "
	"(SELECT 1 FROM notification o WHERE o.account_id = $1 AND o.subject_id = c.subject_id AND o.event_id = c.event_id AND " STAYS
	"))");
SQL_STATEMENT(cut_remote_messages,
	"DELETE FROM remote_message WHERE account_id = $1 AND (channel_id, subject_id) IN (SELECT c.channel_id, c.subject_id "
	"FROM notification c WHERE " CUT " AND NOT EXISTS (SELECT 1 FROM notification o WHERE o.account_id = $1 "
	"AND o.subject_id = c.subject_id AND o.channel_id = c.channel_id AND " STAYS "))");
SQL_STATEMENT(cut_notifications, "DELETE FROM notification WHERE account_id = $1 AND id <= $2 AND state <> 'waiting'");

/* ---- states ---- */

static const char *const STATE_NAMES[NOTIFICATION_STATE_COUNT] = {
	[NOTIFICATION_WAITING] = "waiting",
	[NOTIFICATION_DELIVERED] = "delivered",
	[NOTIFICATION_FOLDED] = "folded",
	[NOTIFICATION_DEAD] = "dead",
};

const char *notification_state_name(enum notification_state s)
{
	return STATE_NAMES[s];
}

bool notification_state_from_name(struct text name, enum notification_state *ret)
{
	for (enum notification_state s = 0; s < NOTIFICATION_STATE_COUNT; s++)
		if (text_is(name, STATE_NAMES[s])) return *ret = s, true;
	return false;
}

/* ---- the outbox ---- */

enum rc notification_insert(struct db *db, int64_t account, const struct notification *n)
{
	return db_exec(db, &insert_notification, P_INT(account), P_TEXT(n->id), P_TEXT(n->channel_id), P_TEXT(n->event_id),
		P_TEXT(n->event_type), P_TEXT(n->subject_id), P_TIME(n->created_at));
}

enum rc notification_finish(
	struct db *db, int64_t account, struct text id, enum notification_state state, const struct attempt_outcome *o)
{
	return db_exec(db, &finish, P_INT(account), P_TEXT(id), P_CSTR(notification_state_name(state)), P_TIME(o->at),
		P_INT(o->duration), P_INT(o->status), P_TEXT(o->answer), P_TIME(o->at + o->duration));
}

enum rc notification_put_off(struct db *db, int64_t account, struct text id, time_us due_at, const struct attempt_outcome *o)
{
	int64_t changed = 0;
	enum rc rc = db_exec_count(db, &changed, &put_off, P_INT(account), P_TEXT(id), P_TIME(due_at), P_TIME(o->at),
		P_INT(o->duration), P_INT(o->status), P_TEXT(o->answer));
	if (rc != RC_OK || !changed) return rc;
	rc = db_exec(db, &keep_attempt, P_INT(account), P_TEXT(id));
	return rc == RC_OK ? db_exec(db, &put_off_behind, P_INT(account), P_TEXT(id), P_TIME(due_at)) : rc;
}

enum rc notification_fold(struct db *db, int64_t account, struct text id, struct text into, time_us at)
{
	return db_exec(db, &fold, P_INT(account), P_TEXT(id), P_TEXT(into), P_TIME(at));
}

enum rc notification_kill_waiting(struct db *db, int64_t account, struct text channel_id, time_us due_before,
	struct text sentence, time_us now, int64_t most, int64_t *ret_count)
{
	return db_exec_count(db, ret_count, &kill_waiting, P_INT(account), P_TEXT(channel_id),
		P_INT(due_before == TIME_NONE ? INT64_MAX : due_before), P_TIME(now), P_TEXT(sentence), P_INT(most));
}

enum rc remote_message_put(struct db *db, int64_t account, struct text channel_id, struct text subject_id,
	struct text remote_channel, struct text remote_id, time_us now)
{
	return db_exec(db, &put_remote_message, P_INT(account), P_TEXT(channel_id), P_TEXT(subject_id), P_TEXT(remote_channel),
		P_TEXT(remote_id), P_TIME(now));
}

/* ---- once more ---- */

static enum rc not_dead(struct db *db, int64_t account, struct text id)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &find_notification, P_INT(account), P_TEXT(id));
	bool found = rc == RC_OK && rows_next(&r);
	rc = rows_done(&r);
	if (rc != RC_OK) return rc;
	return found ? RC_CONFLICT : RC_NOT_FOUND;
}

/* The last answer stays in the row until the next attempt writes its own over it, so it is kept as what it was: an attempt. */
enum rc notification_revive(struct db *db, int64_t account, struct text id, time_us now)
{
	int64_t changed = 0;
	enum rc rc = db_exec_count(db, &changed, &revive, P_INT(account), P_TEXT(id), P_TIME(now));
	if (rc == RC_OK && !changed) return not_dead(db, account, id);
	return rc == RC_OK ? db_exec(db, &keep_attempt, P_INT(account), P_TEXT(id)) : rc;
}

/* ---- retention ---- */

/* The id of the last one to go in this step; empty when there is none. */
static enum rc cut_end(
	struct db *db, int64_t account, time_us before, int64_t most, char ret[static UUID_SIZE], int64_t *ret_count)
{
	struct rows r;
	char bound[UUID_SIZE];
	int64_t n = 0;
	uuid_floor(before, bound);
	enum rc rc = db_select(db, &r, &oldest_finished, P_INT(account), P_CSTR(bound), P_INT(most));
	while (rc == RC_OK && rows_next(&r)) {
		snprintf(ret, UUID_SIZE, "%.*s", TEXT_ARGS(row_text(&r, "id")));
		n++;
	}
	rc = rows_done(&r);
	if (rc == RC_OK) *ret_count = n;
	return rc;
}

enum rc notification_cut(struct db *db, int64_t account, time_us before, int64_t most, int64_t *ret_deleted)
{
	/* What is found by the notifications first, while they are there. */
	static struct sql *const STEPS[] = {&cut_attempts, &cut_notices, &cut_remote_messages, &cut_notifications};
	char end[UUID_SIZE] = "";
	int64_t count = 0;
	enum rc rc = cut_end(db, account, before, most, end, &count);
	for (size_t i = 0; rc == RC_OK && count && i < sizeof STEPS / sizeof STEPS[0]; i++)
		rc = db_exec(db, STEPS[i], P_INT(account), P_CSTR(end));
	if (rc == RC_OK) *ret_deleted = count;
	return rc;
}
