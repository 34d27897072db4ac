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

/* Cells come in the order of products, so a pair is whole when the next product begins: one is held at a time. */
struct diff {
	struct http_request *request;
	struct db *db;
	struct json_out out;
	struct environment from, to;
	struct arena *arena; /* of the pair at hand */
	struct pair pair; /* without a product before the first */
	enum rc rc;
};

static enum rc put_side(struct diff *d, const char *name, const struct side *s)
{
	if (!s->version_id.p) return json_put_null(&d->out, name), RC_OK;
	struct version v = {0};
	enum rc rc = version_get(d->db, d->arena, account_of(d->request), s->version_id, &v);
	if (rc != RC_OK && rc != RC_NOT_FOUND) return rc;
	json_put_object(&d->out, name);
	json_put_text(&d->out, "version", s->version);
	json_put_text(&d->out, "version_id", s->version_id);
	json_put_text(&d->out, "scm_sha", v.scm_sha);
	json_put_text(&d->out, "scm_repository", v.scm_repository);
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
		rc = builds_between(
			d->db, account_of(d->request), p->product_id, from_newer ? to : from, from_newer ? from : to, &builds);
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

static void pair_close(struct diff *d)
{
	if (d->pair.product_id.p && d->rc == RC_OK) d->rc = put_pair(d, &d->pair);
	d->pair = (struct pair){0};
	arena_reset(d->arena);
}

static void diff_cell(void *context, const struct matrix_cell *c)
{
	struct diff *d = context;
	struct arena *a = d->arena;
	if (!c->current_version_id.p) return;
	if (!text_equal(d->pair.product_id, c->product_id)) {
		pair_close(d);
		d->pair.product_id = text_copy(a, c->product_id);
		d->pair.product_name = text_copy(a, c->product_name);
	}
	struct side side = {text_copy(a, c->current_version), text_copy(a, c->current_version_id),
		text_copy(a, c->current_deployment_id), c->current_since};
	if (text_equal(c->environment_id, d->from.id)) d->pair.from = side;
	if (text_equal(c->environment_id, d->to.id)) d->pair.to = side;
}

static bool find_environment(
	struct http_request *r, struct db *db, const char *parameter, struct text word, struct environment *ret)
{
	if (!word.p)
		return http_error(r, 400, arena_printf(r->arena, "Invalid query parameter: %s: an environment expected", parameter)),
			   false;
	enum rc rc = environment_find(db, r->arena, account_of(r), word, ret);
	if (rc == RC_NOT_FOUND && uuid_valid(word))
		rc = environment_get(db, r->arena, account_of(r), text_lower(r->arena, word), ret);
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

static enum rc put_items(struct diff *d, struct text product_ids)
{
	struct text both = text_from(arena_printf(d->request->arena, ",%.*s,%.*s,", TEXT_ARGS(d->from.id), TEXT_ARGS(d->to.id)));
	d->arena = arena_new(KIB(4), LIMIT_BODY);
	json_put_array(&d->out, "items");
	enum rc rc = matrix_each(d->db, account_of(d->request), product_ids, both, diff_cell, d);
	pair_close(d);
	json_end(&d->out);
	arena_free(d->arena);
	return rc == RC_OK ? d->rc : rc;
}

void matrix_diff_handle(struct http_request *r, struct db *db)
{
	struct query q;
	struct diff d = {.request = r, .db = db};
	if (!query_read(r, QUERY_FROM_TO | QUERY_PRODUCT, &q)) return;
	if (!find_environment(r, db, "from", q.from, &d.from) || !find_environment(r, db, "to", q.to, &d.to)) return;
	enum rc rc = query_resolve(r, db, &q);
	d.out = json_out(&r->response.body);
	json_put_object(&d.out, NULL);
	put_environment(&d.out, "from", &d.from);
	put_environment(&d.out, "to", &d.to);
	if (rc == RC_OK) rc = put_items(&d, q.product_ids);
	if (rc != RC_OK) return failure_answer(r, rc);
	json_end(&d.out);
	r->response.status = 200;
}
