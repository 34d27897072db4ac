/* The table notification_channel. */
#include "store/channel.h"

#include "db/db.h"
#include "store/lane.h"
#include "store/set.h"

#define COLUMNS "id, name, type, config, enabled, disabled_reason, created_at, updated_at"
#define SELECT "SELECT " COLUMNS " FROM notification_channel WHERE account_id = $1 "

SQL_STATEMENT(get_channel, SELECT "AND id = $2 AND deleted_at IS NULL");
SQL_STATEMENT(find_channel, SELECT "AND name = $2 AND deleted_at IS NULL");
SQL_STATEMENT(insert_channel, "INSERT INTO notification_channel (account_id, " COLUMNS ") "
							  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
SQL_STATEMENT(update_channel,
	"UPDATE notification_channel SET name = $3, config = $4, enabled = $5, disabled_reason = $6, updated_at = $7 "
	"WHERE account_id = $1 AND id = $2 AND deleted_at IS NULL");
SQL_STATEMENT(hide_channel, "UPDATE notification_channel SET deleted_at = $3 "
							"WHERE account_id = $1 AND id = $2 AND deleted_at IS NULL");
SQL_STATEMENT(count_channels, "SELECT COUNT(*) AS n FROM notification_channel WHERE account_id = $1 AND deleted_at IS NULL");
SQL_STATEMENT(list_channels,
	SELECT "AND id < $2 AND deleted_at IS NULL "
		   "AND (" IN_SET("$3", "name") " OR " SET_HAS("$3", "id") ") AND " IN_SET("$4", "type") " "
																								 "ORDER BY id DESC LIMIT $5");

static void channel_read(struct rows *r, struct arena *a, struct channel *c)
{
	c->id = text_copy(a, row_text(r, "id"));
	c->name = text_copy(a, row_text(r, "name"));
	c->type = text_copy(a, row_text(r, "type"));
	c->config = text_copy(a, row_text(r, "config"));
	c->enabled = row_int(r, "enabled") != 0;
	c->disabled_reason = text_copy(a, row_text(r, "disabled_reason"));
	c->created_at = row_time(r, "created_at");
	c->updated_at = row_time(r, "updated_at");
}

static enum rc channel_one(struct rows *r, enum rc rc, struct arena *a, struct channel *ret)
{
	bool found = rc == RC_OK && rows_next(r);
	if (found) channel_read(r, a, ret);
	rc = rows_done(r);
	return rc != RC_OK || found ? rc : RC_NOT_FOUND;
}

enum rc channel_get(struct db *db, struct arena *a, int64_t account, struct text id, struct channel *ret)
{
	struct rows r;
	return channel_one(&r, db_select(db, &r, &get_channel, P_INT(account), P_TEXT(id)), a, ret);
}

enum rc channel_find(struct db *db, struct arena *a, int64_t account, struct text name, struct channel *ret)
{
	struct rows r;
	return channel_one(&r, db_select(db, &r, &find_channel, P_INT(account), P_TEXT(name)), a, ret);
}

enum rc channel_insert(struct db *db, int64_t account, const struct channel *c)
{
	enum rc rc = db_exec(db, &insert_channel, P_INT(account), P_TEXT(c->id), P_TEXT(c->name), P_TEXT(c->type), P_TEXT(c->config),
		P_BOOL(c->enabled), P_TEXT(c->disabled_reason), P_TIME(c->created_at), P_TIME(c->updated_at));
	return rc == RC_OK ? lane_insert(db, account, c->id) : rc;
}

enum rc channel_update(struct db *db, int64_t account, const struct channel *c)
{
	return db_exec(db, &update_channel, P_INT(account), P_TEXT(c->id), P_TEXT(c->name), P_TEXT(c->config), P_BOOL(c->enabled),
		P_TEXT(c->disabled_reason), P_TIME(c->updated_at));
}

enum rc channel_count(struct db *db, int64_t account, int64_t *ret)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &count_channels, P_INT(account));
	int64_t n = rc == RC_OK && rows_next(&r) ? row_int(&r, "n") : 0;
	rc = rows_done(&r);
	if (rc == RC_OK) *ret = n;
	return rc;
}

enum rc channel_hide(struct db *db, int64_t account, struct text id, time_us now)
{
	int64_t changed = 0;
	enum rc rc = db_exec_count(db, &changed, &hide_channel, P_INT(account), P_TEXT(id), P_TIME(now));
	return rc != RC_OK || changed ? rc : RC_NOT_FOUND;
}

enum rc channel_list(struct db *db, struct arena *a, int64_t account, struct text names, struct text types,
	const struct page *page, channel_each *each, void *context)
{
	struct rows r;
	enum rc rc = db_select(
		db, &r, &list_channels, P_INT(account), P_TEXT(page_before(page)), P_TEXT(names), P_TEXT(types), P_INT(page->limit + 1));
	while (rc == RC_OK && rows_next(&r)) {
		struct channel c;
		channel_read(&r, a, &c);
		each(context, &c);
	}
	return rows_done(&r);
}
