/* POST of one event, and reading the event log. */
#include <stddef.h>

#include "api/app.h"
#include "api/event_body.h"
#include "api/failure.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/render.h"
#include "base/json.h"

static bool event_prepare(struct http_request *r, enum kind kind)
{
	const struct json *object;
	struct query q;
	if (!query_read(r, QUERY_NOTIFY, &q) || !body_object(r, &object)) return false;
	struct submission *s = arena_new_of(r->arena, struct submission);
	struct body_errors errors;
	body_errors_init(&errors);
	if (!event_body_read(r->arena, kind, r->body, object, r->received, s, &errors)) return body_errors_answer(&errors, r), false;
	body_errors_done(&errors);
	struct call *call = call_of(r);
	if (q.notify) s->audience = call->app->audience;
	call->prepared = s;
	call->write.key = commit_key(call->actor.account, s->fields.product_name); /* as record_event locks */
	return true;
}

bool deployment_event_prepare(struct http_request *r)
{
	return event_prepare(r, KIND_DEPLOYMENT);
}

bool build_event_prepare(struct http_request *r)
{
	return event_prepare(r, KIND_BUILD);
}

void event_handle(struct http_request *r, struct db *db)
{
	struct call *call = call_of(r);
	struct recorded recorded;
	struct err err;
	enum rc rc = record_event(db, r->arena, &call->actor, call->prepared, &recorded, &err);
	if (rc == RC_CONFLICT) return failure_conflict(r, "VERSION_SHA_CONFLICT", &err);
	if (rc != RC_OK) return failure_answer(r, rc);
	r->response.status = 200;
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	render_recorded(&j, &recorded);
	json_end(&j);
	call->recorded_event = true;
	call->event_kind = recorded.record.kind;
	call->event_state = recorded.event_state;
}

static void item(void *context, const struct logged_event *e)
{
	struct list *l = context;
	if (!list_item(l, e->id)) return;
	render_event(&l->out, e);
	json_end(&l->out);
}

void events_list(struct http_request *r, struct db *db)
{
	struct query q;
	if (!query_read(r, QUERY_PAGE | QUERY_PRODUCT | QUERY_ENVIRONMENT | QUERY_TYPE | QUERY_TIMES | QUERY_SUBJECT, &q)) return;
	enum rc rc = query_resolve(r, db, &q);
	struct list l;
	list_begin(&l, r, &q);
	struct event_filter f = {.subject_id = q.subject_id,
		.product_id = q.product_id,
		.environment_id = q.environment_id,
		.type = q.one_type,
		.product_ids = q.product_ids,
		.environment_ids = q.environment_ids,
		.types = q.types,
		.since = q.since,
		.until = q.until};
	if (rc == RC_OK) rc = event_list(db, r->arena, account_of(r), &f, &q.page, item, &l);
	if (rc != RC_OK) return failure_answer(r, rc);
	list_end(&l);
}

void events_get(struct http_request *r, struct db *db)
{
	struct logged_event e;
	enum rc rc = event_get(db, r->arena, account_of(r), http_path_param(r, "id"), &e);
	if (rc != RC_OK) return failure_answer(r, rc);
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	render_event(&j, &e);
	json_end(&j);
	r->response.status = 200;
}
