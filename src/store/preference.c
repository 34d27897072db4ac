/* The table notification_preference, and the account's notification revision. */
#include "store/preference.h"

#include "base/secret.h"
#include "db/db.h"

#define SELECT \
	"SELECT p.id, p.channel_id, p.event_type, p.filters, p.enabled, p.created_at, p.updated_at, c.name AS channel_name " \
	"FROM notification_preference p "
#define CHANNEL "JOIN notification_channel c ON c.account_id = p.account_id AND c.id = p.channel_id "
#define PAGE "AND p.id < $2 AND (CAST($3 AS TEXT) IS NULL OR p.event_type = $3) "
#define END_OF_PAGE "ORDER BY p.id DESC LIMIT $4"

SQL_STATEMENT(get_preference, SELECT "LEFT " CHANNEL "WHERE p.account_id = $1 AND p.id = $2");
SQL_STATEMENT(insert_preference,
	"INSERT INTO notification_preference (account_id, id, channel_id, event_type, filters, enabled, created_at, updated_at) "
	"VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
SQL_STATEMENT(update_preference,
	"UPDATE notification_preference SET channel_id = $3, event_type = $4, filters = $5, enabled = $6, updated_at = $7 "
	"WHERE account_id = $1 AND id = $2");
SQL_STATEMENT(delete_preference, "DELETE FROM notification_preference WHERE account_id = $1 AND id = $2");
SQL_STATEMENT(delete_of_channel, "DELETE FROM notification_preference WHERE account_id = $1 AND channel_id = $2");
SQL_STATEMENT(list_preferences, SELECT "LEFT " CHANNEL "WHERE p.account_id = $1 " PAGE END_OF_PAGE);
SQL_STATEMENT(list_of_channel, SELECT "LEFT " CHANNEL "WHERE p.account_id = $1 " PAGE "AND p.channel_id = $5 " END_OF_PAGE);
/* In the order of an index, so that nothing is sorted; and who reads it meets a channel's preferences together. */
SQL_STATEMENT(active_preferences, SELECT CHANNEL "WHERE p.account_id = $1 AND p.enabled = 1 AND c.enabled = 1 "
												 "AND c.deleted_at IS NULL ORDER BY p.channel_id, p.id");
SQL_STATEMENT(count_preferences, "SELECT COUNT(*) AS n FROM notification_preference WHERE account_id = $1");
SQL_STATEMENT(raise_revision, "UPDATE account SET notification_revision = notification_revision + $2 WHERE id = $1");

static void preference_read(struct rows *r, struct arena *a, struct preference *p)
{
	p->id = text_copy(a, row_text(r, "id"));
	p->channel_id = text_copy(a, row_text(r, "channel_id"));
	p->event_type = text_copy(a, row_text(r, "event_type"));
	p->filters = text_copy(a, row_text(r, "filters"));
	p->enabled = row_int(r, "enabled") != 0;
	p->created_at = row_time(r, "created_at");
	p->updated_at = row_time(r, "updated_at");
	p->channel_name = text_copy(a, row_text(r, "channel_name"));
}

static enum rc preference_all(struct rows *r, enum rc rc, struct arena *a, preference_each *each, void *context)
{
	while (rc == RC_OK && rows_next(r)) {
		struct preference p;
		preference_read(r, a, &p);
		each(context, &p);
	}
	return rows_done(r);
}

enum rc preference_get(struct db *db, struct arena *a, int64_t account, struct text id, struct preference *ret)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &get_preference, P_INT(account), P_TEXT(id));
	bool found = rc == RC_OK && rows_next(&r);
	if (found) preference_read(&r, a, ret);
	rc = rows_done(&r);
	return rc != RC_OK || found ? rc : RC_NOT_FOUND;
}

enum rc preference_insert(struct db *db, int64_t account, const struct preference *p)
{
	return db_exec(db, &insert_preference, P_INT(account), P_TEXT(p->id), P_TEXT(p->channel_id), P_TEXT(p->event_type),
		P_TEXT(p->filters), P_BOOL(p->enabled), P_TIME(p->created_at), P_TIME(p->updated_at));
}

enum rc preference_update(struct db *db, int64_t account, const struct preference *p)
{
	return db_exec(db, &update_preference, P_INT(account), P_TEXT(p->id), P_TEXT(p->channel_id), P_TEXT(p->event_type),
		P_TEXT(p->filters), P_BOOL(p->enabled), P_TIME(p->updated_at));
}

enum rc preference_count(struct db *db, int64_t account, int64_t *ret)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &count_preferences, P_INT(account));
	int64_t n = rc == RC_OK && rows_next(&r) ? row_int(&r, "n") : 0;
	rc = rows_done(&r);
	if (rc == RC_OK) *ret = n;
	return rc;
}

enum rc preference_delete(struct db *db, int64_t account, struct text id)
{
	int64_t deleted = 0;
	enum rc rc = db_exec_count(db, &deleted, &delete_preference, P_INT(account), P_TEXT(id));
	return rc != RC_OK || deleted ? rc : RC_NOT_FOUND;
}

enum rc preference_delete_of_channel(struct db *db, int64_t account, struct text channel_id)
{
	return db_exec(db, &delete_of_channel, P_INT(account), P_TEXT(channel_id));
}

enum rc preference_list(struct db *db, struct arena *a, int64_t account, struct text channel_id, struct text event_type,
	const struct page *page, preference_each *each, void *context)
{
	struct param p[] = {
		P_INT(account), P_TEXT(page_before(page)), P_TEXT(event_type), P_INT(page->limit + 1), P_TEXT(channel_id)};
	struct rows r;
	enum rc rc = channel_id.p ? db_select_params(db, &r, &list_of_channel, p, 5)
							  : db_select_params(db, &r, &list_preferences, p, 4);
	return preference_all(&r, rc, a, each, context);
}

enum rc preference_each_active(struct db *db, struct arena *a, int64_t account, preference_each *each, void *context)
{
	struct rows r;
	return preference_all(&r, db_select(db, &r, &active_preferences, P_INT(account)), a, each, context);
}

enum rc notification_revision_raise(struct db *db, int64_t account)
{
	uint32_t step;
	random_bytes(&step, sizeof step);
	return db_exec(db, &raise_revision, P_INT(account), P_INT((int64_t)step + 1));
}
