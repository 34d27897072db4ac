/* The table event in the order of its commits. With one writer that is the order of ids; where several write, migration 0007 says how it is
 * kept and why nothing can come before what has been shown. */
#include <stdio.h>

#include "base/limits.h"
#include "store/account.h"
#include "store/event_private.h"
#include "store/set.h"

#define NEWEST "SELECT ev.id FROM event ev WHERE ev.account_id = $1 ORDER BY ev.id DESC LIMIT 1"

/* $2: bystanders. The newest of the finished transactions bounds what is known of the others: from `next` on anything may be under way. */
SQL_STATEMENT(horizon,
	"SELECT " SQL_BY_WRITERS("0 AS settled, coalesce((" NEWEST "), '') AS id, 0 AS unsettled WHERE $2 IS NULL OR 1 = 1",
		"versioner_order(coalesce(o.oldest, o.next)) AS settled, '' AS id, CASE WHEN o.oldest < o.next THEN 1 ELSE 0 END AS "
		"unsettled "
		"FROM (SELECT pg_snapshot_xmax(s.taken) AS next, (SELECT x.number FROM pg_snapshot_xip(s.taken) AS x(number) "
		"WHERE CAST($2 AS TEXT) IS NULL OR NOT (" SET_HAS("$2",
			"CAST(x.number AS TEXT)") ") ORDER BY x.number LIMIT 1) AS oldest "
									  "FROM (SELECT pg_current_snapshot() AS taken) s) o WHERE CAST($1 AS BIGINT) IS NOT NULL"));
/* Ours: with a lock on a table of our schema that is more than reading it. */
SQL_STATEMENT(bystanders,
	"SELECT " SQL_BY_WRITERS("'' AS number WHERE 1 = 0",
		"CAST(x.number AS TEXT) AS number FROM (SELECT l.virtualtransaction, array_agg(l.transactionid) "
		"FILTER (WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted) AS numbers, "
		"coalesce(bool_or(l.locktype = 'relation' AND l.mode <> 'AccessShareLock' AND l.granted AND l.database = "
		"(SELECT d.oid FROM pg_database d WHERE d.datname = current_database()) AND l.relation IN (SELECT c.oid FROM pg_class c "
		"WHERE "
		"c.relnamespace = (SELECT t.relnamespace FROM pg_class t WHERE t.oid = CAST('event' AS regclass)))), false) AS ours "
		"FROM pg_locks l GROUP BY l.virtualtransaction) t JOIN pg_snapshot_xip(pg_current_snapshot()) AS x(number) "
		"ON x.number::xid = ANY (t.numbers) WHERE NOT t.ours"));
SQL_STATEMENT(
	after, "SELECT " EVENT_COLUMNS ", " SQL_BY_WRITERS("0", "ev.commit_order") " AS commit_order " EVENT_FROM SQL_BY_WRITERS(
			   "AND ev.id > $3 AND $2 = 0 AND $4 = 0 ORDER BY ev.id",
			   "AND (ev.commit_order, ev.id) > ($2, $3) AND ev.commit_order < $4 ORDER BY ev.commit_order, ev.id") " LIMIT $5");
SQL_STATEMENT(locate, "SELECT ev.id, " SQL_BY_WRITERS(
						  "0", "ev.commit_order") " AS commit_order FROM event ev "
												  "WHERE ev.account_id = $1 AND ev.id <= $2 ORDER BY ev.id DESC LIMIT 1");
SQL_STATEMENT(epoch, "SELECT " SQL_BY_WRITERS("'one'", "versioner_epoch()") " AS epoch");
SQL_STATEMENT(mend, "SELECT " SQL_BY_WRITERS("0", "versioner_order_mend()") " AS missing");
SQL_STATEMENT(newest, NEWEST);

static void id_put(char to[static UUID_SIZE], struct text id)
{
	snprintf(to, UUID_SIZE, "%.*s", TEXT_ARGS(id));
}

enum rc event_horizon(struct db *db, int64_t account, struct text bystanders_known, struct event_horizon *ret)
{
	struct rows r;
	struct event_horizon h = {0};
	enum rc rc = db_select(db, &r, &horizon, P_INT(account), P_TEXT(bystanders_known));
	if (rc == RC_OK && rows_next(&r)) {
		h.now.order = row_int(&r, "settled");
		id_put(h.now.id, row_text(&r, "id"));
		h.unsettled = row_int(&r, "unsettled") != 0;
	}
	rc = rows_done(&r);
	if (rc == RC_OK) *ret = h;
	return rc;
}

enum rc event_bystanders(struct db *db, struct buf *ret)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &bystanders);
	buf_clear(ret);
	while (rc == RC_OK && rows_next(&r)) {
		if (!ret->n) buf_char(ret, ',');
		buf_text(ret, row_text(&r, "number"));
		buf_char(ret, ',');
	}
	return rows_done(&r);
}

enum rc event_after(struct db *db, int64_t account, const struct event_position *position, const struct event_horizon *h,
	int64_t most, event_each *each, void *context)
{
	struct rows r;
	enum rc rc = db_select(
		db, &r, &after, P_INT(account), P_INT(position->order), P_CSTR(position->id), P_INT(h->now.order), P_INT(most));
	struct arena *a = arena_new(KIB(4), LIMIT_BODY * 4); /* of one event at a time */
	while (rc == RC_OK && rows_next(&r)) {
		struct logged_event e;
		arena_reset(a);
		event_read(&r, a, &e);
		e.order = row_int(&r, "commit_order");
		each(context, &e);
	}
	arena_free(a);
	return rows_done(&r);
}

enum rc event_locate(struct db *db, int64_t account, struct text id, struct event_position *ret)
{
	struct rows r;
	struct event_position p = {0};
	enum rc rc = db_select(db, &r, &locate, P_INT(account), P_TEXT(id));
	if (rc == RC_OK && rows_next(&r)) {
		id_put(p.id, row_text(&r, "id"));
		p.order = row_int(&r, "commit_order");
	}
	rc = rows_done(&r);
	if (rc == RC_OK) *ret = p;
	return rc;
}

enum rc event_epoch(struct db *db, char ret[static EPOCH_SIZE])
{
	struct rows r;
	enum rc rc = db_select(db, &r, &epoch);
	if (rc == RC_OK && rows_next(&r)) snprintf(ret, EPOCH_SIZE, "%.*s", TEXT_ARGS(row_text(&r, "epoch")));
	return rows_done(&r);
}

static enum rc ids_continue(struct db *db, int64_t account)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &newest, P_INT(account));
	if (rc == RC_OK && rows_next(&r)) uuid_continue(row_text(&r, "id"));
	return rows_done(&r);
}

enum rc event_order_resume(struct db *db)
{
	struct rows r;
	int64_t account = INT64_MIN;
	enum rc rc = db_select(db, &r, &mend);
	if (rc == RC_OK) (void)rows_next(&r);
	rc = rows_done(&r);
	while (rc == RC_OK && (rc = account_next(db, account, &account)) == RC_OK) rc = ids_continue(db, account);
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}
