/* The history of notifications: list, single with its attempts, sending a dead one again. */
#include "api/history.h"

#include "actions/channels.h"
#include "api/app.h"
#include "api/failure.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/render_notification.h"
#include "base/limits.h"
#include "db/db.h"
#include "store/notice.h"

/* A row at a time: its texts are gone when each() returns, and a page of notices would be much. */
struct rows_shown {
	struct arena *reading; /* of one row */
	struct list list; /* of a page … */
	struct json_out *j; /* … or of a member */
	bool with_payload;
};

static void put_row(
	struct rows_shown *w, struct json_out *j, const struct notification *n, struct text content, struct text metadata)
{
	struct notice notice;
	render_notification(j, n);
	if (w->with_payload) {
		bool readable = content.p && notice_read(w->reading, content, TEXT_ABSENT, &notice) == RC_OK;
		notice.extra_metadata = metadata;
		render_payload(j, readable ? &notice : NULL);
	}
	json_end(j);
	arena_reset(w->reading);
}

static void item(void *context, const struct notification *n, struct text content, struct text metadata)
{
	struct rows_shown *w = context;
	if (!list_item(&w->list, n->id)) return;
	w->list.last_id = text_copy(w->list.request->arena, n->id);
	put_row(w, &w->list.out, n, content, metadata);
}

void history_list(struct http_request *r, struct db *db)
{
	struct query q;
	if (!query_read(r, QUERY_PAGE | QUERY_CHANNEL | QUERY_SUBJECT | QUERY_STATE | QUERY_TOLD_TYPE | QUERY_TIMES, &q)) return;
	enum rc rc = query_resolve(r, db, &q);
	struct notification_filter f = {.channel_id = q.channel_id,
		.subject_id = q.subject_id,
		.only_dead = text_is(q.states, ",dead,"),
		.channel_ids = q.channel_ids,
		.states = q.states,
		.types = q.types,
		.since = q.since,
		.until = q.until};
	struct rows_shown w = {.reading = arena_new(KIB(16), MIB(64)), .with_payload = true};
	list_begin(&w.list, r, &q);
	if (rc == RC_OK) rc = notification_list(db, account_of(r), &f, &q.page, item, &w);
	arena_free(w.reading);
	if (rc != RC_OK) return failure_answer(r, rc);
	list_end(&w.list);
}

static void member(void *context, const struct notification *n, struct text content, struct text metadata)
{
	struct rows_shown *w = context;
	json_put_object(w->j, NULL);
	put_row(w, w->j, n, content, metadata);
}

enum rc put_notifications(struct http_request *r, struct db *db, struct json_out *j, const char *key,
	const struct notification_filter *f, int64_t most, bool with_payload)
{
	struct rows_shown w = {.reading = arena_new(KIB(16), MIB(64)), .j = j, .with_payload = with_payload};
	struct page newest = {.limit = most - 1}; /* a page is read with one row more */
	json_put_array(j, key);
	enum rc rc = notification_list(db, account_of(r), f, &newest, member, &w);
	json_end(j);
	arena_free(w.reading);
	return rc;
}

/* ---- one ---- */

/* Its members and payload. Its notice may be gone, or damaged; then there is no payload. */
static enum rc put_notification(struct http_request *r, struct db *db, struct json_out *j, const struct notification *n)
{
	struct notice notice;
	enum rc rc = notice_get(db, r->arena, account_of(r), n->event_id, &notice);
	if (rc != RC_OK && rc != RC_NOT_FOUND && rc != RC_CORRUPT) return rc;
	if (db_failure(db) != RC_OK) return db_failure(db);
	render_notification(j, n);
	render_payload(j, rc == RC_OK ? &notice : NULL);
	return RC_OK;
}

struct attempts {
	struct json_out *j;
	int64_t last; /* number of the last one shown */
};

static void attempt(void *context, int64_t number, const struct attempt_outcome *o)
{
	struct attempts *list = context;
	list->last = number;
	render_attempt(list->j, number, o);
}

/* Those that failed, and the last one, which stands in the notification itself. */
static enum rc put_attempts(struct http_request *r, struct db *db, struct json_out *j, const struct notification *n)
{
	struct attempts list = {.j = j};
	json_put_array(j, "attempt_list");
	enum rc rc = notification_attempts(db, r->arena, account_of(r), n->id, attempt, &list);
	if (rc == RC_OK && list.last < n->attempts) {
		struct attempt_outcome last = {n->attempted_at, n->duration, n->answer_status, n->answer};
		render_attempt(j, n->attempts, &last);
	}
	json_end(j);
	return rc;
}

void history_get(struct http_request *r, struct db *db)
{
	struct notification n;
	enum rc rc = notification_get(db, r->arena, account_of(r), http_path_param(r, "id"), &n);
	if (rc != RC_OK) return failure_answer(r, rc);
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	rc = put_notification(r, db, &j, &n);
	if (rc == RC_OK) rc = put_attempts(r, db, &j, &n);
	if (rc != RC_OK) return failure_answer(r, rc);
	json_end(&j);
	r->response.status = 200;
}

void history_retry(struct http_request *r, struct db *db)
{
	struct text id = http_path_param(r, "id");
	struct notification n;
	struct err err;
	enum rc rc = notification_retry(db, r->arena, &call_of(r)->actor, id, r->received, &err);
	if (rc == RC_CONFLICT) return failure_conflict(r, "NOT_DEAD", &err);
	if (rc == RC_OK) rc = notification_get(db, r->arena, account_of(r), id, &n);
	if (rc != RC_OK) return failure_answer(r, rc);
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	rc = put_notification(r, db, &j, &n);
	if (rc != RC_OK) return failure_answer(r, rc);
	json_end(&j);
	r->response.status = 200;
}
