/* Reading versions: lists, and single ones with their builds, their deployments and where they run now. */
#include "api/app.h"
#include "api/failure.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/render.h"
#include "base/limits.h"
#include "store/attempt.h"
#include "store/matrix.h"

static void item(void *context, const struct version *v)
{
	struct list *l = context;
	if (!list_item(l, v->id)) return;
	render_version(&l->out, v);
	json_end(&l->out);
}

void versions_list(struct http_request *r, struct db *db)
{
	struct query q;
	if (!query_read(r, QUERY_PAGE | QUERY_PRODUCT | QUERY_STATUS | QUERY_NAME | QUERY_VERSION | QUERY_SEARCH | QUERY_TIMES, &q))
		return;
	enum rc rc = query_resolve(r, db, &q);
	struct list l;
	list_begin(&l, r, &q);
	struct version_filter f = {.product_ids = q.product_ids,
		.product_id = q.product_id,
		.names = q.versions.p ? q.versions : q.names,
		.search = q.search,
		.states = q.states,
		.since = q.since,
		.until = q.until};
	if (rc == RC_OK) rc = version_list(db, r->arena, account_of(r), &f, &q.page, item, &l);
	if (rc != RC_OK) return failure_answer(r, rc);
	list_end(&l);
}

static void attempt_item(void *context, const struct record *record)
{
	struct json_out *j = context;
	json_put_object(j, NULL);
	render_record(j, record);
	json_end(j);
}

static enum rc put_attempts(
	struct http_request *r, struct db *db, struct json_out *j, const struct version *v, enum kind kind, const char *name)
{
	struct attempt_filter f = {.version_id = v->id, .since = TIME_NONE, .until = TIME_NONE};
	struct page newest = {.limit = DEFAULT_PAGE - 1};
	struct arena *page = arena_new(KIB(16), LIMIT_REQUEST_ARENA); /* both kinds together may be too much for the request's own */
	json_put_array(j, name);
	enum rc rc = attempt_list(db, page, account_of(r), kind, &f, &newest, attempt_item, j);
	json_end(j);
	arena_free(page);
	return rc;
}

struct running {
	struct json_out *j;
	struct text version_id;
};

static void running_cell(void *context, const struct matrix_cell *c)
{
	struct running *w = context;
	if (!text_equal(c->current_version_id, w->version_id)) return;
	json_put_object(w->j, NULL);
	json_put_text(w->j, "environment_id", c->environment_id);
	json_put_text(w->j, "environment_name", c->environment_name);
	json_put_text(w->j, "deployment_id", c->current_deployment_id);
	json_put_time(w->j, "since", c->current_since);
	json_end(w->j);
}

static enum rc put_running(struct http_request *r, struct db *db, struct json_out *j, const struct version *v)
{
	struct running w = {j, v->id};
	json_put_array(j, "environments");
	enum rc rc = matrix_of_product(db, account_of(r), v->product_id, running_cell, &w);
	json_end(j);
	return rc;
}

void versions_get(struct http_request *r, struct db *db)
{
	struct version v;
	enum rc rc = version_get(db, r->arena, account_of(r), http_path_param(r, "id"), &v);
	if (rc != RC_OK) return failure_answer(r, rc);
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	render_version(&j, &v);
	rc = put_attempts(r, db, &j, &v, KIND_BUILD, "builds");
	if (rc == RC_OK) rc = put_attempts(r, db, &j, &v, KIND_DEPLOYMENT, "deployments");
	if (rc == RC_OK) rc = put_running(r, db, &j, &v);
	if (rc != RC_OK) return failure_answer(r, rc);
	json_end(&j);
	r->response.status = 200;
}
