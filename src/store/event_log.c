/* The table event. */
#include "store/event_log.h"

#include "base/limits.h"
#include "base/uuid.h"
#include "db/db.h"
#include "store/event_private.h"
#include "store/set.h"

#define PAGE \
	"AND ev.id < $2 AND " IN_SET("$3", "ev.product_id") " " \
														"AND " IN_SET("$4", "ev.environment_id") " AND " IN_SET("$5", \
															"ev.type") " " \
																	   "AND (CAST($6 AS BIGINT) IS NULL OR ev.received_at >= " \
																	   "$6) AND (CAST($7 AS BIGINT) IS NULL OR " \
																	   "ev.received_at < $7) ORDER BY ev.id DESC LIMIT $8"

SQL_STATEMENT(append,
	"INSERT INTO event (account_id, id, type, effect, subject_id, product_id, environment_id, version_id, actor, "
	"occurred_at, received_at, payload) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)");
SQL_STATEMENT(get_event, EVENT_SELECT "AND ev.id = $2");
SQL_STATEMENT(list_events, EVENT_SELECT PAGE);
SQL_STATEMENT(list_of_subject, EVENT_SELECT "AND ev.subject_id = $9 " PAGE);
/* By its deployments and builds: an index of events by product would cost each event a page (migration 0001). The page's ids first, so
 * that only its rows are read whole. */
SQL_STATEMENT(list_of_product,
	EVENT_SELECT "AND ev.id IN (SELECT ev.id FROM event ev WHERE ev.account_id = $1 AND ev.subject_id IN "
				 "(SELECT d.id FROM deployment d WHERE d.account_id = $1 AND d.product_id = $9 UNION ALL "
				 "SELECT b.id FROM build b WHERE b.account_id = $1 AND b.product_id = $9) " PAGE ") ORDER BY ev.id DESC");
SQL_STATEMENT(list_of_type, EVENT_SELECT "AND ev.type = $9 " PAGE);
SQL_STATEMENT(list_of_environment, EVENT_SELECT "AND ev.environment_id = $9 " PAGE);
SQL_STATEMENT(timeline, EVENT_SELECT "AND ev.subject_id = $2 ORDER BY ev.id LIMIT $3");
SQL_STATEMENT(cut_events, "DELETE FROM event WHERE account_id = $1 AND id IN "
						  "(SELECT id FROM event WHERE account_id = $1 AND id < $2 ORDER BY id LIMIT $3)");
SQL_STATEMENT(mark_cut, "INSERT INTO retention_mark (account_id, events_kept_since) VALUES ($1, $2) "
						"ON CONFLICT (account_id) DO UPDATE SET events_kept_since = excluded.events_kept_since "
						"WHERE excluded.events_kept_since > retention_mark.events_kept_since");
SQL_STATEMENT(read_mark, "SELECT events_kept_since FROM retention_mark WHERE account_id = $1");
SQL_STATEMENT(orphans, "SELECT COUNT(*) AS n FROM event ev WHERE ev.account_id = $1 AND NOT EXISTS (SELECT 1 FROM deployment d "
					   "WHERE d.account_id = ev.account_id AND d.id = ev.subject_id) AND NOT EXISTS (SELECT 1 FROM build b "
					   "WHERE b.account_id = ev.account_id AND b.id = ev.subject_id)");

enum rc event_append(struct db *db, int64_t account, const struct logged_event *e)
{
	return db_exec(db, &append, P_INT(account), P_TEXT(e->id), P_CSTR(event_type_name(e->kind, e->state)),
		P_CSTR(verdict_name(e->effect)), P_TEXT(e->subject_id), P_TEXT(e->product_id), P_TEXT(e->environment_id),
		P_TEXT(e->version_id), P_TEXT(e->actor), P_TIME(e->occurred_at), P_TIME(e->received_at), P_TEXT(e->payload));
}

void event_read(struct rows *r, struct arena *a, struct logged_event *e)
{
	*e = (struct logged_event){.kind = KIND_DEPLOYMENT, .state = STATE_ABORTED, .effect = VERDICT_IGNORED};
	e->id = text_copy(a, row_text(r, "id"));
	(void)event_type_parse(row_text(r, "type"), &e->kind, &e->state);
	(void)verdict_from_name(row_text(r, "effect"), &e->effect);
	e->subject_id = text_copy(a, row_text(r, "subject_id"));
	e->product_id = text_copy(a, row_text(r, "product_id"));
	e->environment_id = text_copy(a, row_text(r, "environment_id"));
	e->version_id = text_copy(a, row_text(r, "version_id"));
	e->actor = text_copy(a, row_text(r, "actor"));
	e->occurred_at = row_time(r, "occurred_at");
	e->received_at = row_time(r, "received_at");
	e->payload = text_copy(a, row_text(r, "payload"));
	e->product_name = text_copy(a, row_text(r, "product_name"));
	e->environment_name = text_copy(a, row_text(r, "environment_name"));
	e->version = text_copy(a, row_text(r, "version"));
}

enum rc event_get(struct db *db, struct arena *a, int64_t account, struct text id, struct logged_event *ret)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &get_event, P_INT(account), P_TEXT(id));
	bool found = rc == RC_OK && rows_next(&r);
	if (found) event_read(&r, a, ret);
	rc = rows_done(&r);
	return rc != RC_OK || found ? rc : RC_NOT_FOUND;
}

static struct sql *list_statement(const struct event_filter *f, struct text *ret_key)
{
	if (f->subject_id.p) return *ret_key = f->subject_id, &list_of_subject;
	if (f->product_id.p) return *ret_key = f->product_id, &list_of_product;
	if (f->type.p) return *ret_key = f->type, &list_of_type;
	if (f->environment_id.p) return *ret_key = f->environment_id, &list_of_environment;
	return *ret_key = TEXT_ABSENT, &list_events;
}

enum rc event_list(struct db *db, struct arena *a, int64_t account, const struct event_filter *f, const struct page *page,
	event_each *each, void *context)
{
	struct text key;
	struct sql *statement = list_statement(f, &key);
	struct param p[] = {P_INT(account), P_TEXT(page_before(page)), P_TEXT(f->product_ids), P_TEXT(f->environment_ids),
		P_TEXT(f->types), P_TIME(f->since), P_TIME(f->until), P_INT(page->limit + 1), P_TEXT(key)};
	struct rows r;
	enum rc rc = db_select_params(db, &r, statement, p, key.p ? 9 : 8);
	while (rc == RC_OK && rows_next(&r)) {
		struct logged_event e;
		event_read(&r, a, &e);
		each(context, &e);
	}
	return rows_done(&r);
}

enum rc event_timeline(struct db *db, int64_t account, struct text subject_id, int64_t most, event_each *each, void *context)
{
	struct rows r;
	struct arena *a = arena_new(KIB(4), LIMIT_BODY * 4); /* of one event at a time */
	enum rc rc = db_select(db, &r, &timeline, P_INT(account), P_TEXT(subject_id), P_INT(most));
	while (rc == RC_OK && rows_next(&r)) {
		struct logged_event e;
		arena_reset(a);
		event_read(&r, a, &e);
		each(context, &e);
	}
	arena_free(a);
	return rows_done(&r);
}

enum rc event_cut(struct db *db, int64_t account, time_us before, int64_t most, int64_t *ret_deleted)
{
	char bound[UUID_SIZE];
	uuid_floor(before, bound);
	int64_t deleted = 0;
	enum rc rc = db_exec_count(db, &deleted, &cut_events, P_INT(account), P_CSTR(bound), P_INT(most));
	if (rc == RC_OK && deleted) rc = db_exec(db, &mark_cut, P_INT(account), P_TIME(before));
	if (rc == RC_OK) *ret_deleted = deleted;
	return rc;
}

enum rc event_kept_since(struct db *db, int64_t account, time_us *ret)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &read_mark, P_INT(account));
	time_us since = rc == RC_OK && rows_next(&r) ? row_time(&r, "events_kept_since") : TIME_NONE;
	rc = rows_done(&r);
	if (rc == RC_OK) *ret = since;
	return rc;
}

enum rc event_orphans(struct db *db, int64_t account, int64_t *ret)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &orphans, P_INT(account));
	int64_t n = rc == RC_OK && rows_next(&r) ? row_int(&r, "n") : 0;
	rc = rows_done(&r);
	if (rc == RC_OK) *ret = n;
	return rc;
}
