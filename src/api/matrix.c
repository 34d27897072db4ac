/* GET /environment-state/: what runs where, now or at a moment in the past. Environments in order, a row a product. */
#include <stdlib.h>
#include <string.h>

#include "api/app.h"
#include "api/failure.h"
#include "api/handlers.h"
#include "api/matrix_cell.h"
#include "api/matrix_table.h"
#include "api/query.h"
#include "base/limits.h"
#include "store/environment.h"
#include "store/product.h"

enum { MOST_ENVIRONMENTS = 10000 };

void render_cell(struct json_out *j, const struct matrix_cell *c)
{
	json_put_text(j, "version", c->current_version);
	json_put_text(j, "version_id", c->current_version_id);
	json_put_text(j, "deployment_id", c->current_deployment_id);
	json_put_time(j, "since", c->current_since);
	json_put_cstr(j, "kind", rollout_name(c->current_rollout));
	if (!c->latest_deployment_id.p || text_equal(c->latest_deployment_id, c->current_deployment_id))
		return json_put_null(j, "latest_attempt");
	json_put_object(j, "latest_attempt");
	json_put_text(j, "deployment_id", c->latest_deployment_id);
	json_put_text(j, "version", c->latest_version);
	json_put_text(j, "version_id", c->latest_version_id);
	json_put_cstr(j, "status", state_name(c->latest_state));
	json_put_time(j, "at", c->latest_deployed_at);
	json_end(j);
}

/* ---- the columns ---- */

struct columns {
	struct arena *arena;
	struct arena *row; /* of one environment at a time, whose metadata may be large */
	struct environment *list;
	size_t count, room;
	struct text only; /* ",id,id,"; absent: all */
};

static bool in_set(struct arena *a, struct text set, struct text id)
{
	return !set.p || memmem(set.p, set.n, arena_printf(a, ",%.*s,", TEXT_ARGS(id)), id.n + 2) != NULL;
}

static void column(void *context, const struct environment *e)
{
	struct columns *c = context;
	if (!in_set(c->row, c->only, e->id)) return arena_reset(c->row);
	if (c->count == c->room) {
		size_t room = c->room ? c->room * 2 : 16;
		struct environment *list = arena_array_of(c->arena, struct environment, room);
		for (size_t i = 0; i < c->count; i++) list[i] = c->list[i];
		c->list = list;
		c->room = room;
	}
	struct environment *kept = &c->list[c->count++];
	*kept = (struct environment){.type = e->type, .position = e->position};
	kept->id = text_copy(c->arena, e->id);
	kept->name = text_copy(c->arena, e->name);
	arena_reset(c->row);
}

static int by_rank(const void *a, const void *b)
{
	return environment_compare(a, b);
}

static enum rc put_columns(struct http_request *r, struct db *db, const struct query *q, struct columns *c, struct json_out *j)
{
	*c = (struct columns){.arena = r->arena, .row = arena_new(KIB(4), LIMIT_BODY), .only = q->environment_ids};
	struct page all = {.limit = MOST_ENVIRONMENTS};
	enum rc rc = environment_list(db, c->row, account_of(r), TEXT_ABSENT, TEXT_ABSENT, ENV_TYPE_COUNT, &all, column, c);
	arena_free(c->row);
	if (rc != RC_OK) return rc;
	if (c->count) qsort(c->list, c->count, sizeof *c->list, by_rank);
	json_put_array(j, "environments");
	for (const struct environment *e = c->list; e < c->list + c->count; e++) {
		json_put_object(j, NULL);
		json_put_text(j, "id", e->id);
		json_put_text(j, "name", e->name);
		json_put_cstr(j, "type", environment_type_name(e->type));
		json_put_int(j, "position", environment_rank(e));
		json_end(j);
	}
	json_end(j);
	return RC_OK;
}

/* ---- the rows ---- */

static enum rc put_rows(struct http_request *r, struct db *db, const struct query *q, const struct columns *c, struct json_out *j)
{
	struct matrix_table t;
	matrix_table_init(&t, c->list, c->count);
	enum rc rc = product_names(db, account_of(r), q->product_ids, matrix_table_row, &t);
	if (rc == RC_OK) rc = matrix_cells(db, account_of(r), q->product_ids, q->environment_ids, q->at, matrix_table_cell, &t);
	json_put_array(j, "items");
	if (rc == RC_OK && !matrix_table_put(&t, j)) j->b->failed = true; /* answered as any answer that is too large */
	json_end(j);
	matrix_table_done(&t);
	return rc;
}

void matrix_handle(struct http_request *r, struct db *db)
{
	struct query q;
	if (!query_read(r, QUERY_PRODUCT | QUERY_ENVIRONMENT | QUERY_AT, &q)) return;
	enum rc rc = query_resolve(r, db, &q);
	struct json_out j = json_out(&r->response.body);
	struct columns c;
	json_put_object(&j, NULL);
	json_put_time(&j, "at", q.at);
	if (rc == RC_OK) rc = put_columns(r, db, &q, &c, &j);
	if (rc == RC_OK) rc = put_rows(r, db, &q, &c, &j);
	if (rc != RC_OK) return failure_answer(r, rc);
	json_end(&j);
	r->response.status = 200;
}
