/* The replay: what the event log says must be what the tables say. */
#include "actions/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/limits.h"
#include "domain/lifecycle.h"
#include "store/account.h"
#include "store/attempt.h"
#include "store/environment.h"
#include "store/event_log.h"
#include "store/matrix.h"
#include "store/product.h"

struct checking {
	struct db *db;
	struct check *c;
	int64_t account;
	time_us kept_since;
	uint64_t cells; /* of the account, looked at */
	struct arena *page_arena, *arena; /* of a page of records; of one record */
};

static void problem(struct checking *w, const char *noun, struct text id, const char *sentence)
{
	char text[512];
	snprintf(text, sizeof text, "%s %.*s: %s", noun, TEXT_ARGS(id), sentence);
	if (w->c->problems++ < CHECK_PROBLEMS_SHOWN) w->c->problem(w->c->context, text);
}

/* ---- one deployment or build against its events ---- */

struct replay {
	struct checking *checking;
	const struct record *record;
	struct attempt attempt;
	uint64_t events;
	bool state_event_seen;
};

static time_us payload_time(const struct json *payload, const char *name)
{
	time_us t;
	struct text value = json_text(json_member(payload, name));
	return value.p && rfc3339_parse(value, &t) ? t : TIME_NONE;
}

static void replay_event(void *context, const struct logged_event *e)
{
	struct replay *w = context;
	struct checking *checking = w->checking;
	const struct json *payload = NULL;
	struct err err;
	arena_reset(checking->arena);
	if (json_read(checking->arena, e->payload, &payload, &err) != RC_OK)
		return problem(checking, "event", e->id, "its payload is not JSON");
	struct occurrence o = {.state = e->state,
		.started_at = payload_time(payload, "started_at"),
		.completed_at = payload_time(payload, "completed_at"),
		.occurred_at = payload_time(payload, "occurred_at"),
		.received_at = e->received_at};
	if ((w->events++ == 0) != (e->effect == VERDICT_NEW))
		problem(checking, "event", e->id, "only the first event of an attempt is \"new\"");
	lifecycle_apply(&w->attempt, e->effect, &o);
	if (text_equal(e->id, w->record->state_event_id)) w->state_event_seen = e->state == w->record->attempt.state;
}

static bool attempts_equal(const struct attempt *a, const struct attempt *b)
{
	return a->state == b->state && a->pending_at == b->pending_at && a->started_at == b->started_at &&
		   a->ended_at == b->ended_at && a->attempted_at == b->attempted_at && a->received_at == b->received_at;
}

static enum rc check_replay(struct checking *w, const struct record *r)
{
	if (w->kept_since != TIME_NONE && r->attempt.received_at < w->kept_since) return w->c->without_log++, RC_OK;
	struct replay replay = {.checking = w, .record = r};
	enum rc rc = event_timeline(w->db, w->account, r->id, INT64_MAX, replay_event, &replay);
	if (rc != RC_OK) return rc;
	const char *noun = kind_name(r->kind);
	w->c->events += replay.events;
	if (!replay.events) return problem(w, noun, r->id, "it has no event in the log"), RC_OK;
	if (!attempts_equal(&replay.attempt, &r->attempt)) problem(w, noun, r->id, "its state or times are not what its events say");
	if (!replay.state_event_seen) problem(w, noun, r->id, "the event that gave it its state is not in its history");
	return RC_OK;
}

/* ---- its environment's cell ---- */

static bool same(struct text a, struct text b)
{
	return text_equal(a, b) || (!a.p && !b.p);
}

/* Whether the product and environment are shown at all: what was deleted has no cells. */
static enum rc place_is_live(struct checking *w, const struct record *r, bool *ret)
{
	struct product p;
	struct environment e;
	enum rc rc = product_get(w->db, w->arena, w->account, r->product_id, &p);
	if (rc == RC_OK) rc = environment_get(w->db, w->arena, w->account, r->environment_id, &e);
	*ret = rc == RC_OK;
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static bool shows_current(const struct matrix_cell *cell, const struct record *r)
{
	return same(cell->current_deployment_id, r->id) && same(cell->current_version_id, r->version_id) &&
		   same(cell->current_version, r->version) && cell->current_rollout == r->rollout &&
		   cell->current_since == r->attempt.ended_at;
}

static bool shows_latest(const struct matrix_cell *cell, const struct record *r)
{
	return same(cell->latest_deployment_id, r->id) && same(cell->latest_version_id, r->version_id) &&
		   same(cell->latest_version, r->version) && cell->latest_state == r->attempt.state &&
		   cell->latest_attempted_at == r->attempt.attempted_at && cell->latest_deployed_at == attempt_deployed_at(&r->attempt);
}

static enum rc check_cell(struct checking *w, const struct record *latest)
{
	struct matrix_cell cell;
	struct record current = {.attempt.ended_at = TIME_NONE};
	enum rc rc = matrix_get(w->db, w->arena, w->account, latest->product_id, latest->environment_id, &cell);
	if (rc == RC_NOT_FOUND)
		return problem(w, "deployment", latest->id, "the matrix has no cell for its product and environment"), RC_OK;
	if (rc != RC_OK) return rc;
	rc = deployment_current(w->db, w->arena, w->account, latest->product_id, latest->environment_id, TIME_NONE, &current);
	if (rc != RC_OK && rc != RC_NOT_FOUND) return rc;
	w->cells++;
	if (!shows_current(&cell, &current))
		problem(w, "deployment", latest->id, "the matrix shows another current version than the completed deployments give");
	if (!shows_latest(&cell, latest))
		problem(w, "deployment", latest->id, "the matrix shows another latest attempt than the deployments give");
	return RC_OK;
}

/* Each cell is looked at once: when the deployment at hand is the latest attempt there, whatever the cell says. */
static enum rc check_place(struct checking *w, const struct record *r)
{
	bool live;
	struct record latest;
	enum rc rc = deployment_latest(w->db, w->arena, w->account, r->product_id, r->environment_id, TIME_NONE, &latest);
	if (rc != RC_OK || !text_equal(latest.id, r->id)) return rc;
	rc = place_is_live(w, r, &live);
	return rc == RC_OK && live ? check_cell(w, &latest) : rc;
}

static void count_cell(void *context, const struct matrix_cell *cell)
{
	(void)cell;
	++*(uint64_t *)context;
}

/* Cells that no deployment led to. */
static enum rc check_surplus(struct checking *w)
{
	uint64_t shown = 0;
	enum rc rc = matrix_each(w->db, w->account, TEXT_ABSENT, TEXT_ABSENT, count_cell, &shown);
	if (rc == RC_OK && shown > w->cells) problem(w, "matrix", TEXT(""), "it has cells for which there is no deployment");
	w->c->cells += w->cells;
	return rc;
}

/* ---- all of them, page by page ---- */

struct record_page {
	struct record records[LIMIT_PAGE + 1];
	size_t count;
};

static void page_record(void *context, const struct record *r)
{
	struct record_page *p = context;
	p->records[p->count++] = *r;
}

static enum rc check_record(struct checking *w, const struct record *r)
{
	arena_reset(w->arena);
	enum rc rc = check_replay(w, r);
	return rc == RC_OK && r->kind == KIND_DEPLOYMENT ? check_place(w, r) : rc;
}

static enum rc check_kind(struct checking *w, enum kind kind, uint64_t *counter)
{
	static const struct attempt_filter EVERYTHING = {.since = TIME_NONE, .until = TIME_NONE};
	char last[64] = "";
	struct page page = {.limit = LIMIT_PAGE};
	struct record_page *records = mem_alloc(sizeof *records);
	enum rc rc;
	do {
		arena_reset(w->page_arena);
		records->count = 0;
		rc = attempt_list(w->db, w->page_arena, w->account, kind, &EVERYTHING, &page, page_record, records);
		for (size_t i = 0; rc == RC_OK && i < records->count; i++) {
			rc = check_record(w, &records->records[i]);
			snprintf(last, sizeof last, "%.*s", TEXT_ARGS(records->records[i].id));
		}
		*counter += records->count;
		page.after = text_from(last);
	} while (rc == RC_OK && records->count > LIMIT_PAGE);
	free(records);
	return rc;
}

static enum rc check_account(struct checking *w)
{
	int64_t orphans;
	w->cells = 0;
	enum rc rc = event_kept_since(w->db, w->account, &w->kept_since);
	if (rc == RC_OK) rc = check_kind(w, KIND_DEPLOYMENT, &w->c->deployments);
	if (rc == RC_OK) rc = check_surplus(w);
	if (rc == RC_OK) rc = check_kind(w, KIND_BUILD, &w->c->builds);
	if (rc == RC_OK) rc = event_orphans(w->db, w->account, &orphans);
	if (rc != RC_OK) return rc;
	char sentence[96];
	snprintf(sentence, sizeof sentence, "%" PRId64 " events belong to no deployment or build", orphans);
	if (orphans) problem(w, "event log", TEXT(""), sentence);
	return RC_OK;
}

enum rc check_derived(struct db *db, struct check *c)
{
	struct checking w = {.db = db, .c = c, .account = INT64_MIN};
	w.arena = arena_new(KIB(64), LIMIT_REQUEST_ARENA);
	w.page_arena = arena_new(KIB(64), LIMIT_REQUEST_ARENA);
	enum rc rc;
	while ((rc = account_next(db, w.account, &w.account)) == RC_OK)
		if ((rc = check_account(&w)) != RC_OK) break;
	arena_free(w.arena);
	arena_free(w.page_arena);
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}
