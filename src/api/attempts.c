/* Reading deployments and builds: lists, and single ones with their timeline. */
#include "api/app.h"
#include "api/failure.h"
#include "api/handlers.h"
#include "api/history.h"
#include "api/query.h"
#include "api/render.h"
#include "base/limits.h"
#include "store/attempt.h"

static void item(void *context, const struct record *record)
{
	struct list *l = context;
	if (!list_item(l, record->id)) return;
	render_record(&l->out, record);
	json_end(&l->out);
}

/* Whether every state of the set is one of `these`; an absent set is all states. */
static bool only(struct text states, const char *these)
{
	if (!states.p) return false;
	struct text word;
	while (text_split(&states, ',', &word)) {
		struct text rest = text_from(these), candidate;
		bool found = !word.n;
		while (!found && text_split(&rest, ',', &candidate)) found = text_equal(word, candidate);
		if (!found) return false;
	}
	return true;
}

static void attempts_list(struct http_request *r, struct db *db, enum kind kind, unsigned allowed)
{
	struct query q;
	if (!query_read(r, allowed, &q)) return;
	enum rc rc = query_resolve(r, db, &q);
	struct list l;
	list_begin(&l, r, &q);
	struct attempt_filter f = {.product_id = q.product_id,
		.environment_id = q.environment_id,
		.product_ids = q.product_ids,
		.environment_ids = q.environment_ids,
		.versions = q.versions,
		.states = q.states,
		.rollouts = q.rollouts,
		.only_open = only(q.states, "pending,started"),
		.only_unsuccessful = only(q.states, "failed,aborted,preflight_failed"),
		.actors = q.actors,
		.since = q.since,
		.until = q.until};
	if (rc == RC_OK) rc = attempt_list(db, r->arena, account_of(r), kind, &f, &q.page, item, &l);
	if (rc != RC_OK) return failure_answer(r, rc);
	list_end(&l);
}

void deployments_list(struct http_request *r, struct db *db)
{
	attempts_list(r, db, KIND_DEPLOYMENT,
		QUERY_PAGE | QUERY_PRODUCT | QUERY_ENVIRONMENT | QUERY_VERSION | QUERY_STATUS | QUERY_KIND | QUERY_DEPLOYED_BY |
			QUERY_TIMES);
}

void builds_list(struct http_request *r, struct db *db)
{
	attempts_list(r, db, KIND_BUILD, QUERY_PAGE | QUERY_PRODUCT | QUERY_VERSION | QUERY_STATUS | QUERY_BUILT_BY | QUERY_TIMES);
}

struct timeline {
	struct json_out *j;
	int64_t count;
};

static void timeline_event(void *context, const struct logged_event *e)
{
	struct timeline *t = context;
	if (t->count++ == LIMIT_PAGE) return;
	json_put_object(t->j, NULL);
	render_event(t->j, e);
	json_end(t->j);
}

/* The first events; an attempt with more of them than a page holds is read on in the log. */
static enum rc put_timeline(struct http_request *r, struct db *db, struct json_out *j, struct text id)
{
	struct timeline t = {.j = j};
	json_put_array(j, "timeline");
	enum rc rc = event_timeline(db, account_of(r), id, LIMIT_PAGE + 1, timeline_event, &t);
	json_end(j);
	json_put_bool(j, "timeline_is_longer", t.count > LIMIT_PAGE);
	return rc;
}

/* The newest, without what they told: the history has the rest. */
static enum rc put_told(struct http_request *r, struct db *db, struct json_out *j, struct text id)
{
	struct notification_filter f = {.subject_id = id, .since = TIME_NONE, .until = TIME_NONE};
	return put_notifications(r, db, j, "notifications", &f, DEFAULT_PAGE, false);
}

static void attempts_get(struct http_request *r, struct db *db, enum kind kind)
{
	struct record record;
	enum rc rc = attempt_get(db, r->arena, account_of(r), kind, http_path_param(r, "id"), &record);
	if (rc != RC_OK) return failure_answer(r, rc);
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	render_record(&j, &record);
	rc = put_timeline(r, db, &j, record.id);
	if (rc == RC_OK) rc = put_told(r, db, &j, record.id);
	if (rc != RC_OK) return failure_answer(r, rc);
	json_end(&j);
	r->response.status = 200;
}

void deployments_get(struct http_request *r, struct db *db)
{
	attempts_get(r, db, KIND_DEPLOYMENT);
}

void builds_get(struct http_request *r, struct db *db)
{
	attempts_get(r, db, KIND_BUILD);
}
