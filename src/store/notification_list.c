/* The history of notifications, for people: lists, attempts, and what waits in all. */
#include "store/notification_private.h"
#include "store/set.h"

#define COLUMNS NOTIFICATION_COLUMNS ", c.name AS channel_name, c.type AS channel_type"
#define CHANNEL "LEFT JOIN notification_channel c ON c.account_id = n.account_id AND c.id = n.channel_id "
#define PAGE \
	"SELECT " COLUMNS ", t.content AS notice, t.extra_metadata FROM notification n " CHANNEL \
	"LEFT JOIN notice t ON t.account_id = n.account_id AND t.event_id = n.event_id " \
	"WHERE n.account_id = $1 AND n.id < $2 AND (CAST($3 AS TEXT) IS NULL OR n.channel_id = $3) AND (CAST($4 AS TEXT) IS NULL " \
	"OR n.subject_id = $4) " \
	"AND ($5 = 0 OR n.state = 'dead') AND " IN_SET("$6", "n.channel_id") " AND " IN_SET( \
		"$7", "n.state") " " \
						 "AND " IN_SET("$8", "n.event_type") " AND (CAST($9 AS BIGINT) IS NULL OR n.created_at >= $9) AND " \
															 "(CAST($10 AS BIGINT) IS NULL OR n.created_at < $10) "
#define END_OF_PAGE "ORDER BY n.id DESC LIMIT $11"

SQL_STATEMENT(get_notification, "SELECT " COLUMNS " FROM notification n " CHANNEL "WHERE n.account_id = $1 AND n.id = $2");
SQL_STATEMENT(list_notifications, PAGE END_OF_PAGE);
SQL_STATEMENT(list_of_subject, PAGE "AND n.subject_id = $4 " END_OF_PAGE);
SQL_STATEMENT(list_dead, PAGE "AND n.state = 'dead' " END_OF_PAGE);
SQL_STATEMENT(list_of_channel, PAGE "AND n.channel_id = $3 " END_OF_PAGE);
SQL_STATEMENT(list_attempts, "SELECT number, attempted_at, duration, answer_status, answer FROM notification_attempt "
							 "WHERE account_id = $1 AND notification_id = $2 ORDER BY number");
/* Counted in an index of those that wait; a row is read for each channel, and not for each of them. */
SQL_STATEMENT(queues,
	"SELECT c.type AS channel_type, CAST(SUM(q.waiting) AS BIGINT) AS waiting, MIN(o.created_at) AS oldest FROM "
	"(SELECT n.account_id, n.channel_id, COUNT(*) AS waiting, MIN(n.id) AS oldest_id FROM notification n "
	"WHERE n.state = 'waiting' GROUP BY n.account_id, n.channel_id) AS q "
	"JOIN notification_channel c ON c.account_id = q.account_id AND c.id = q.channel_id "
	"JOIN notification o ON o.account_id = q.account_id AND o.id = q.oldest_id GROUP BY c.type");

enum rc notification_get(struct db *db, struct arena *a, int64_t account, struct text id, struct notification *ret)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &get_notification, P_INT(account), P_TEXT(id));
	bool found = rc == RC_OK && rows_next(&r);
	if (found) {
		notification_read(&r, a, ret);
		ret->channel_name = text_copy(a, row_text(&r, "channel_name"));
		ret->channel_type = text_copy(a, row_text(&r, "channel_type"));
	}
	rc = rows_done(&r);
	return rc != RC_OK || found ? rc : RC_NOT_FOUND;
}

/* The index that narrows most: a deployment has few, and few are dead. */
static struct sql *list_statement(const struct notification_filter *f)
{
	if (f->subject_id.p) return &list_of_subject;
	if (f->only_dead) return &list_dead;
	return f->channel_id.p ? &list_of_channel : &list_notifications;
}

enum rc notification_list(struct db *db, int64_t account, const struct notification_filter *f, const struct page *page,
	notification_each *each, void *context)
{
	struct rows r;
	enum rc rc = db_select(db, &r, list_statement(f), P_INT(account), P_TEXT(page_before(page)), P_TEXT(f->channel_id),
		P_TEXT(f->subject_id), P_BOOL(f->only_dead), P_TEXT(f->channel_ids), P_TEXT(f->states), P_TEXT(f->types),
		P_TIME(f->since), P_TIME(f->until), P_INT(page->limit + 1));
	while (rc == RC_OK && rows_next(&r)) {
		struct notification n;
		notification_read(&r, NULL, &n);
		n.channel_name = row_text(&r, "channel_name");
		n.channel_type = row_text(&r, "channel_type");
		struct text notice = row_text(&r, "notice");
		each(context, &n, notice, row_text(&r, "extra_metadata"));
	}
	return rows_done(&r);
}

enum rc notification_attempts(struct db *db, struct arena *a, int64_t account, struct text id, attempt_each *each, void *context)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &list_attempts, P_INT(account), P_TEXT(id));
	while (rc == RC_OK && rows_next(&r)) {
		int64_t number = row_int(&r, "number");
		struct attempt_outcome o = {.at = row_time(&r, "attempted_at"), .duration = row_int(&r, "duration")};
		o.status = row_int(&r, "answer_status");
		o.answer = text_copy(a, row_text(&r, "answer"));
		each(context, number, &o);
	}
	return rows_done(&r);
}

enum rc notification_queues(struct db *db, struct arena *a, queue_each *each, void *context)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &queues);
	while (rc == RC_OK && rows_next(&r)) {
		struct queue_figures q = {.channel_type = text_copy(a, row_text(&r, "channel_type")), .waiting = row_int(&r, "waiting")};
		q.oldest = row_time(&r, "oldest");
		each(context, &q);
	}
	return rows_done(&r);
}
