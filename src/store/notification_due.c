/* The outbox as the holder of a channel's lane reads it: what may be sent now, and when there is more. */
#include "store/notification_private.h"

#define WAITING_ONES "n.account_id = $1 AND n.channel_id = $2 AND n.state = 'waiting'"
#define OTHERS \
	"FROM notification o WHERE o.account_id = n.account_id AND o.channel_id = n.channel_id AND " \
	"o.subject_id = n.subject_id AND o.state = 'waiting'"
#define MESSAGE_OF "m.account_id = n.account_id AND m.channel_id = n.channel_id AND m.subject_id = n.subject_id"
#define SELECT(extra_metadata) \
	"SELECT " NOTIFICATION_COLUMNS ", t.content AS notice, " extra_metadata " AS extra_metadata, m.remote_channel, m.remote_id " \
	"FROM notification n LEFT JOIN notice t ON t.account_id = n.account_id AND t.event_id = n.event_id " \
	"LEFT JOIN remote_message m ON " MESSAGE_OF " WHERE n.account_id = $1 AND "

SQL_STATEMENT(each_due,
	SELECT("t.extra_metadata") "n.channel_id = $2 AND n.state = 'waiting' AND n.due_at <= $3 "
							   "AND NOT EXISTS (SELECT 1 " OTHERS " AND o.id < n.id) ORDER BY n.due_at, n.id LIMIT $4");
/* The ids first: so many of the earliest are put in order, and not all that wait. */
SQL_STATEMENT(each_foldable, SELECT("NULL") "n.id IN (SELECT n.id FROM notification n WHERE " WAITING_ONES " AND n.due_at <= $3 "
											"AND NOT EXISTS (SELECT 1 " OTHERS " AND o.due_at > $3) "
											"AND ($5 = 0 OR NOT EXISTS (SELECT 1 FROM remote_message m WHERE " MESSAGE_OF ")) "
											"ORDER BY n.due_at, n.id LIMIT $4) ORDER BY n.id");
SQL_STATEMENT(next_due, "SELECT n.due_at FROM notification n WHERE " WAITING_ONES " ORDER BY n.due_at, n.id LIMIT 1");
SQL_STATEMENT(count_due,
	"SELECT COUNT(*) AS n FROM (SELECT n.id FROM notification n WHERE " WAITING_ONES " AND n.due_at <= $3 LIMIT $4) AS due");

static struct text keep(struct arena *a, struct text t)
{
	return a ? text_copy(a, t) : t;
}

/* A stored word that this program does not know is shown as dead: nothing is sent because of it. */
static enum notification_state state_read(struct text word)
{
	enum notification_state s = NOTIFICATION_DEAD;
	(void)notification_state_from_name(word, &s);
	return s;
}

void notification_read(struct rows *r, struct arena *a, struct notification *ret)
{
	*ret = (struct notification){.id = keep(a, row_text(r, "id"))};
	ret->channel_id = keep(a, row_text(r, "channel_id"));
	ret->event_id = keep(a, row_text(r, "event_id"));
	ret->event_type = keep(a, row_text(r, "event_type"));
	ret->subject_id = keep(a, row_text(r, "subject_id"));
	ret->state = state_read(row_text(r, "state"));
	ret->attempts = row_int(r, "attempts");
	ret->created_at = row_time(r, "created_at");
	ret->waiting_since = row_time(r, "waiting_since");
	ret->due_at = row_time(r, "due_at");
	ret->attempted_at = row_time(r, "attempted_at");
	ret->duration = row_int(r, "duration");
	ret->finished_at = row_time(r, "finished_at");
	ret->answer_status = row_int(r, "answer_status");
	ret->answer = keep(a, row_text(r, "answer"));
	ret->folded_into = keep(a, row_text(r, "folded_into"));
}

static enum rc due_all(struct rows *r, enum rc rc, struct arena *a, due_each *each, void *context)
{
	while (rc == RC_OK && rows_next(r)) {
		struct due_notification d;
		notification_read(r, a, &d.n);
		d.notice = text_copy(a, row_text(r, "notice"));
		d.extra_metadata = text_copy(a, row_text(r, "extra_metadata"));
		d.remote_channel = text_copy(a, row_text(r, "remote_channel"));
		d.remote_id = text_copy(a, row_text(r, "remote_id"));
		each(context, &d);
	}
	return rows_done(r);
}

enum rc notification_each_due(struct db *db, struct arena *a, int64_t account, struct text channel_id, time_us now, int64_t most,
	due_each *each, void *context)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &each_due, P_INT(account), P_TEXT(channel_id), P_TIME(now), P_INT(most));
	return due_all(&r, rc, a, each, context);
}

enum rc notification_each_foldable(struct db *db, struct arena *a, int64_t account, struct text channel_id, time_us now,
	bool without_message, int64_t most, due_each *each, void *context)
{
	struct rows r;
	enum rc rc = db_select(
		db, &r, &each_foldable, P_INT(account), P_TEXT(channel_id), P_TIME(now), P_INT(most), P_BOOL(without_message));
	return due_all(&r, rc, a, each, context);
}

enum rc notification_next_due(struct db *db, int64_t account, struct text channel_id, time_us *ret)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &next_due, P_INT(account), P_TEXT(channel_id));
	bool found = rc == RC_OK && rows_next(&r);
	time_us due_at = found ? row_time(&r, "due_at") : TIME_NONE;
	rc = rows_done(&r);
	if (rc != RC_OK || !found) return rc != RC_OK ? rc : RC_NOT_FOUND;
	*ret = due_at;
	return RC_OK;
}

enum rc notification_count_due(struct db *db, int64_t account, struct text channel_id, time_us now, int64_t most, int64_t *ret)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &count_due, P_INT(account), P_TEXT(channel_id), P_TIME(now), P_INT(most));
	int64_t n = rc == RC_OK && rows_next(&r) ? row_int(&r, "n") : 0;
	rc = rows_done(&r);
	if (rc == RC_OK) *ret = n;
	return rc;
}
