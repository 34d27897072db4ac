/* GET /environment-state/diff?from=staging&to=production: the products whose current version differs between two environments. */
#include "api/app.h"
#include "api/failure.h"
#include "api/handlers.h"
#include "api/query.h"
#include "base/limits.h"
#include "base/uuid.h"
#include "store/attempt.h"
#include "store/environment.h"
#include "store/matrix.h"
#include "store/version.h"

struct side {
	struct text version, version_id, deployment_id; /* absent: the product has no version there */
	time_us since;
};

struct pair {
	struct text product_id, product_name;
	struct side from, to;
};

struct diff {
	struct http_request *request;
	struct db *db;
	struct json_out out;
	struct environment from, to;
	struct pair *pairs;
	size_t count, room;
	struct arena *version; /* of one version at a time */
};

static struct pair *pair_add(struct diff *d, const struct matrix_cell *c)
{
	struct arena *a = d->request->arena;
	if (d->count == d->room) {
		struct pair *grown = arena_array_of(a, struct pair, d->room = d->room ? d->room * 2 : 64);
		for (size_t i = 0; i < d->count; i++) grown[i] = d->pairs[i];
		d->pairs = grown;
	}
	struct pair *p = &d->pairs[d->count++];
	p->product_id = text_copy(a, c->product_id);
	p->product_name = text_copy(a, c->product_name);
	return p;
}

static void diff_cell(void *context, const struct matrix_cell *c)
{
	struct diff *d = context;
	if (!c->current_version_id.p) return;
	struct arena *a = d->request->arena;
	struct pair *last = d->count ? &d->pairs[d->count - 1] : NULL;
	struct pair *p = last && text_equal(last->product_id, c->product_id) ? last : pair_add(d, c);
	struct side side = {text_copy(a, c->current_version), text_copy(a, c->current_version_id), text_copy(a, c->current_deployment_id),
						c->current_since};
	if (text_equal(c->environment_id, d->from.id)) p->from = side;
	if (text_equal(c->environment_id, d->to.id)) p->to = side;
}

static enum rc put_side(struct diff *d, const char *name, const struct side *s)
{
	if (!s->version_id.p) return json_put_null(&d->out, name), RC_OK;
	struct version v = {0};
	arena_reset(d->version);
	enum rc rc = version_get(d->db, d->version, account_of(d->request), s->version_id, &v);
	if (rc != RC_OK && rc != RC_NOT_FOUND) return rc;
	json_put_object(&d->out, name);
	json_put_text(&d->out, "version", s->version);
	json_put_text(&d->out, "version_id", s->version_id);
	json_put_text(&d->out, "scm_sha", v.scm_sha);
	json_put_text(&d->out, "deployment_id", s->deployment_id);
	json_put_time(&d->out, "since", s->since);
	json_end(&d->out);
	return RC_OK;
}

/* Versions that were built after the older one, up to the newer one. Null where one side is empty or nothing was built. */
static enum rc put_distance(struct diff *d, const struct pair *p)
{
	int64_t builds = 0;
	enum rc rc = RC_OK;
	const char *newer = NULL;
	struct text from = p->from.version_id, to = p->to.version_id;
	if (from.p && to.p) {
		bool from_newer = text_compare(from, to) > 0;
		newer = from_newer ? "from" : "to";
		rc = builds_between(d->db, account_of(d->request), p->product_id, from_newer ? to : from, from_newer ? from : to, &builds);
	}
	if (builds)
		json_put_int(&d->out, "builds_apart", builds);
	else
		json_put_null(&d->out, "builds_apart");
	json_put_cstr(&d->out, "newer", newer);
	return rc;
}

static enum rc put_pair(struct diff *d, const struct pair *p)
{
	if (p->from.version_id.p && text_equal(p->from.version_id, p->to.version_id)) return RC_OK;
	json_put_object(&d->out, NULL);
	json_put_text(&d->out, "product_id", p->product_id);
	json_put_text(&d->out, "product_name", p->product_name);
	enum rc rc = put_side(d, "from", &p->from);
	if (rc == RC_OK) rc = put_side(d, "to", &p->to);
	if (rc == RC_OK) rc = put_distance(d, p);
	json_end(&d->out);
	return rc;
}

static bool find_environment(struct http_request *r, struct db *db, const char *parameter, struct text word, struct environment *ret)
{
	if (!word.p) return http_error(r, 400, arena_printf(r->arena, "Invalid query parameter: %s: an environment expected", parameter)), false;
	enum rc rc = environment_find(db, r->arena, account_of(r), word, ret);
	if (rc == RC_NOT_FOUND && uuid_valid(word)) rc = environment_get(db, r->arena, account_of(r), text_lower(r->arena, word), ret);
	if (rc != RC_OK) return failure_answer(r, rc), false;
	return true;
}

static void put_environment(struct json_out *j, const char *name, const struct environment *e)
{
	json_put_object(j, name);
	json_put_text(j, "id", e->id);
	json_put_text(j, "name", e->name);
	json_end(j);
}

void matrix_diff_handle(struct http_request *r, struct db *db)
{
	struct query q;
	struct diff d = {.request = r, .db = db};
	if (!query_read(r, QUERY_FROM_TO | QUERY_PRODUCT, &q)) return;
	if (!find_environment(r, db, "from", q.from, &d.from) || !find_environment(r, db, "to", q.to, &d.to)) return;
	enum rc rc = query_resolve(r, db, &q);
	struct text both = text_from(arena_printf(r->arena, ",%.*s,%.*s,", TEXT_ARGS(d.from.id), TEXT_ARGS(d.to.id)));
	if (rc == RC_OK) rc = matrix_each(db, account_of(r), q.product_ids, both, diff_cell, &d);
	if (rc != RC_OK) return failure_answer(r, rc);

	d.out = json_out(&r->response.body);
	json_put_object(&d.out, NULL);
	put_environment(&d.out, "from", &d.from);
	put_environment(&d.out, "to", &d.to);
	json_put_array(&d.out, "items");
	d.version = arena_new(KIB(4), LIMIT_BODY);
	for (size_t i = 0; i < d.count && rc == RC_OK; i++) rc = put_pair(&d, &d.pairs[i]);
	arena_free(d.version);
	if (rc != RC_OK) return failure_answer(r, rc);
	json_end(&d.out);
	json_end(&d.out);
	r->response.status = 200;
}
