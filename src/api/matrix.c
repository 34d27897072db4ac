/* GET /environment-state/: what runs where, now or at a moment in the past. Environments in order, a row a product. */
#include <stdlib.h>
#include <string.h>

#include "api/app.h"
#include "api/failure.h"
#include "api/handlers.h"
#include "api/matrix_cell.h"
#include "api/query.h"
#include "base/limits.h"
#include "store/environment.h"

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

static enum rc put_columns(struct http_request *r, struct db *db, const struct query *q, struct json_out *j)
{
	struct columns c = {.arena = r->arena, .row = arena_new(KIB(4), LIMIT_BODY), .only = q->environment_ids};
	struct page all = {.limit = MOST_ENVIRONMENTS};
	enum rc rc = environment_list(db, c.row, account_of(r), TEXT_ABSENT, ENV_TYPE_COUNT, &all, column, &c);
	arena_free(c.row);
	if (rc != RC_OK) return rc;
	if (c.count) qsort(c.list, c.count, sizeof *c.list, by_rank);
	json_put_array(j, "environments");
	for (size_t i = 0; i < c.count; i++) {
		json_put_object(j, NULL);
		json_put_text(j, "id", c.list[i].id);
		json_put_text(j, "name", c.list[i].name);
		json_put_cstr(j, "type", environment_type_name(c.list[i].type));
		json_put_int(j, "position", environment_rank(&c.list[i]));
		json_end(j);
	}
	json_end(j);
	return RC_OK;
}

/* ---- the rows: cells come in the order of products ---- */

struct matrix_rows {
	struct json_out *j;
	struct arena *arena;
	struct text product_id; /* of the open row; absent before the first */
	struct text version_id; /* the first current version of the open row */
	bool drift;
};

static void row_close(struct matrix_rows *w)
{
	if (!w->product_id.p) return;
	json_end(w->j);
	json_put_bool(w->j, "drift", w->drift);
	json_end(w->j);
}

static void row_cell(void *context, const struct matrix_cell *c)
{
	struct matrix_rows *w = context;
	if (!text_equal(w->product_id, c->product_id)) {
		row_close(w);
		w->product_id = text_copy(w->arena, c->product_id);
		w->version_id = TEXT_ABSENT;
		w->drift = false;
		json_put_object(w->j, NULL);
		json_put_text(w->j, "product_id", c->product_id);
		json_put_text(w->j, "product_name", c->product_name);
		json_put_object(w->j, "cells");
	}
	if (c->current_version_id.p) {
		if (!w->version_id.p) w->version_id = text_copy(w->arena, c->current_version_id);
		if (!text_equal(w->version_id, c->current_version_id)) w->drift = true;
	}
	json_put_object(w->j, c->environment_id.p);
	render_cell(w->j, c);
	json_end(w->j);
}

void matrix_handle(struct http_request *r, struct db *db)
{
	struct query q;
	if (!query_read(r, QUERY_PRODUCT | QUERY_ENVIRONMENT | QUERY_AT, &q)) return;
	enum rc rc = query_resolve(r, db, &q);
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	json_put_time(&j, "at", q.at);
	if (rc == RC_OK) rc = put_columns(r, db, &q, &j);
	if (rc != RC_OK) return failure_answer(r, rc);
	struct matrix_rows rows = {.j = &j, .arena = r->arena};
	json_put_array(&j, "items");
	rc = q.at == TIME_NONE ? matrix_each(db, account_of(r), q.product_ids, q.environment_ids, row_cell, &rows)
						   : matrix_each_at(db, account_of(r), q.product_ids, q.environment_ids, q.at, row_cell, &rows);
	if (rc != RC_OK) return failure_answer(r, rc);
	row_close(&rows);
	json_end(&j);
	json_end(&j);
	r->response.status = 200;
}
