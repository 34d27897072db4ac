/* Every request passes here, so that no handler can forget what is around it.
 *
 *   admit     HTTP thread   who is it, may it, is it too fast (memory only)
 *   dispatch  HTTP thread   prepare() reads the body; then to the readers, to the commit pipeline, or answered from memory
 *   apply     writer        Idempotency-Key looked up, handle(), the answer kept; may run twice (see db/commit.h)
 *   done      writer        after the commit: the answer leaves, or 503 when nothing was stored
 *
 * A handler on a reader may leave the answer to somebody else: call->afterwards (app.h).
 */
#include "api/dispatch.h"

#include <stddef.h>

#include "api/app.h"
#include "api/idempotency.h"
#include "api/metrics.h"
#include "auth/keyring.h"
#include "auth/permission.h"
#include "base/log.h"
#include "db/db.h"

#define CONTAINER(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

static bool admit_rate(struct app *app, struct http_request *r, struct principal *p)
{
	struct rate_verdict v = principal_take(app->keyring, p, clock_monotonic());
	if (v.allowed) return true;
	http_error(r, 429, arena_printf(r->arena, "Rate limit exceeded. Try again in %u seconds.", v.retry_after));
	http_response_header(r, "Retry-After", text_from(arena_printf(r->arena, "%u", v.retry_after)));
	http_response_header(r, "X-RateLimit-Limit", text_from(arena_printf(r->arena, "%u", v.limit)));
	http_response_header(r, "X-RateLimit-Remaining", text_from(arena_printf(r->arena, "%u", v.remaining)));
	http_response_header(r, "X-RateLimit-Reset", text_from(arena_printf(r->arena, "%u", v.reset)));
	return false;
}

static bool api_admit(void *context, struct http_request *r)
{
	struct app *app = context;
	if (r->route->flags & ROUTE_OPEN) return true;
	if (r->route->permission == MAY_READ_METRICS && app->metrics_public) return true;
	struct principal *p = keyring_authenticate(app->keyring, http_header(r, "Authorization"), clock_now());
	if (!p) return http_error_standard(r, 401), false;
	r->principal = p;
	if (!scopes_allow(principal_scopes(p), r->route->permission)) return http_error_standard(r, 403), false;
	return admit_rate(app, r, p);
}

/* For the log: an answer says nothing of the store's troubles. */
static void note_trouble(struct call *call, const struct db *db)
{
	call->trouble = arena_printf(call->request->arena, "%s", db_error(db)->text);
}

/* ---- writes ---- */

static enum commit_vote write_apply(struct commit_job *job, struct db *db)
{
	struct call *call = CONTAINER(job, struct call, write);
	struct http_request *r = call->request;
	http_response_reset(r);
	call->recorded_event = false;
	call->trouble = NULL;
	if (call->idempotency_key.p && idempotency_replay(call, db)) return COMMIT_KEEP;
	uint64_t before = db_changed(db);
	r->route->handle(r, db);
	if (db_failure(db) != RC_OK) return note_trouble(call, db), COMMIT_UNDO;
	bool refused = r->response.status >= 400;
	if (refused && db_changed(db) != before) return COMMIT_UNDO;
	bool mendable = r->response.status == 422; /* refused for its fields: not kept, as when prepare() sees it */
	if (call->idempotency_key.p && !mendable && !idempotency_keep_answer(call, db)) return COMMIT_UNDO;
	return COMMIT_KEEP;
}

/* Nothing is stored: say so, in the way that makes a client try again where that can help. */
static void answer_not_stored(struct http_request *r, enum rc outcome)
{
	http_response_reset(r);
	http_error_standard(r, outcome == RC_FULL || outcome == RC_UNAVAILABLE || outcome == RC_UNKNOWN ? 503 : 500);
}

static void write_done(struct commit_job *job, enum rc outcome)
{
	struct call *call = CONTAINER(job, struct call, write);
	if (outcome != RC_OK)
		answer_not_stored(call->request, outcome);
	else if (call->recorded_event)
		metrics_count_event(call->app->metrics, call->event_kind, call->event_state);
	http_finish(call->request);
}

/* ---- reads and tasks ---- */

static void read_run(struct reader_job *job, struct db *db)
{
	struct call *call = CONTAINER(job, struct call, read);
	if (!job->bare) http_response_reset(call->request); /* it may be the second time: a replica has failed */
	call->afterwards = NULL;
	call->trouble = NULL;
	call->request->route->handle(call->request, db);
	if (job->bare || db_failure(db) == RC_OK) return;
	note_trouble(call, db);
	answer_not_stored(call->request, db_failure(db));
	call->afterwards = NULL;
}

static void read_done(struct reader_job *job, enum rc outcome)
{
	struct call *call = CONTAINER(job, struct call, read);
	if (outcome != RC_OK)
		answer_not_stored(call->request, outcome);
	else if (call->afterwards && call->afterwards(call->request))
		return;
	http_finish(call->request);
}

static enum http_outcome submitted(struct http_request *r, enum rc rc)
{
	if (rc == RC_OK) return HTTP_PARKED;
	http_error_standard(r, 503);
	return HTTP_ANSWERED;
}

static enum http_outcome api_dispatch(void *context, struct http_request *r)
{
	struct app *app = context;
	struct call *call = arena_new_of(r->arena, struct call);
	call->app = app;
	call->request = r;
	if (r->principal) call->actor = (struct actor){principal_account(r->principal), principal_label(r->principal)};
	call->write = (struct commit_job){.apply = write_apply, .done = write_done};
	call->read = (struct reader_job){
		.run = read_run, .done = read_done, .bare = r->route->access == ACCESS_TASK, .current = r->route->flags & ROUTE_CURRENT};
	r->work = call;

	if ((r->route->flags & ROUTE_IDEMPOTENCY) && !idempotency_prepare(call)) return HTTP_ANSWERED;
	if (r->route->prepare && !r->route->prepare(r)) return HTTP_ANSWERED;
	switch (r->route->access) {
	case ACCESS_WRITE: return submitted(r, commit_submit(app->writer, &call->write));
	case ACCESS_READ:
	case ACCESS_TASK: return submitted(r, readers_submit(app->readers, &call->read));
	case ACCESS_MEMORY: break;
	}
	r->route->handle(r, NULL);
	return HTTP_ANSWERED;
}

static void api_completed(void *context, struct http_request *r, int64_t micros, bool lost)
{
	struct app *app = context;
	metrics_count_request(
		app->metrics, r->route ? (size_t)(r->route - API_ROUTES) : api_route_count(), r->response.status, micros);
	const char *trouble = r->work ? call_of(r)->trouble : NULL;
	if (r->response.status >= 500)
		log_warn("request failed", LOG_TEXT("method", r->method), LOG_TEXT("path", r->path),
			LOG_INT("status", r->response.status), LOG_MS("ms", micros), LOG_TEXT("request_id", r->id), LOG_TEXT("peer", r->peer),
			LOG_STR(trouble ? "error" : NULL, trouble));
	else if (app->log_requests)
		log_info("request", LOG_TEXT("method", r->method), LOG_TEXT("path", r->path), LOG_INT("status", r->response.status),
			LOG_MS("ms", micros), LOG_TEXT("request_id", r->id), LOG_TEXT("peer", r->peer), LOG_INT("lost", lost));
}

struct http_hooks api_hooks(struct app *app)
{
	return (struct http_hooks){.context = app, .admit = api_admit, .dispatch = api_dispatch, .completed = api_completed};
}
