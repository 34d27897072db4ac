/* Every request passes here, so that no handler can forget what is around it.
 *
 *   admit     HTTP thread   who is it, may it, is it too fast (memory only: admit.c)
 *   dispatch  HTTP thread   prepare() reads the body; then to the readers, to the commit pipeline, or answered from memory
 *   apply     writer        Idempotency-Key looked up, handle(), the answer kept; may run twice (see db/commit.h)
 *   done      writer        after the commit: the answer leaves, or 503 when nothing was stored
 *
 * A handler on a reader may leave the answer to somebody else: call->afterwards (app.h), or go on in a write transaction: call_write().
 */
#include "api/dispatch.h"

#include <stddef.h>

#include "api/admit.h"
#include "api/app.h"
#include "api/idempotency.h"
#include "api/metrics.h"
#include "auth/permission.h"
#include "auth/principal.h"
#include "base/log.h"
#include "db/db.h"
#include "store/audit.h"

#define CONTAINER(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

/* For the log: an answer says nothing of the store's troubles. */
static void note_trouble(struct call *call, const struct db *db)
{
	call->trouble = arena_printf(call->request->arena, "%s", db_error(db)->text);
}

/* ---- writes ---- */

/* What is done by hand is noted in the audit log, whose lock comes before all that a job reads or writes (store/audit.h). */
static bool is_audited(const struct call *call)
{
	return call->principal && call->request->route->permission != MAY_SEND_EVENTS;
}

static enum commit_vote write_answered(struct call *call, struct db *db)
{
	struct http_request *r = call->request;
	if (is_audited(call) && audit_lock(db, call->actor.account) != RC_OK) return note_trouble(call, db), COMMIT_UNDO;
	if (call->idempotency_key.p && idempotency_replay(call, db)) return COMMIT_KEEP;
	uint64_t before = db_changed(db);
	call->write_handle(r, db);
	if (db_failure(db) != RC_OK) return note_trouble(call, db), COMMIT_UNDO;
	bool refused = r->response.status >= 400;
	if (refused && db_changed(db) != before) return COMMIT_UNDO;
	bool mendable = r->response.status == 422; /* refused for its fields: not kept, as when prepare() sees it */
	if (call->idempotency_key.p && !mendable && !idempotency_keep_answer(call, db)) return COMMIT_UNDO;
	return COMMIT_KEEP;
}

static enum commit_vote write_apply(struct commit_job *job, struct db *db)
{
	struct call *call = CONTAINER(job, struct call, write);
	http_response_reset(call->request);
	call->recorded_event = false;
	call->committed = NULL;
	call->trouble = NULL;
	enum commit_vote vote = write_answered(call, db);
	if (vote == COMMIT_UNDO) call->committed = NULL; /* there is nothing to be learnt */
	return vote;
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
	if (outcome != RC_OK) {
		answer_not_stored(call->request, outcome);
	} else {
		if (call->recorded_event) metrics_count_event(call->app->metrics, call->event_kind, call->event_state);
		if (call->committed) call->committed(call->request);
	}
	http_finish(call->request);
}

bool call_write(struct call *call, void (*handle)(struct http_request *r, struct db *db))
{
	call->write_handle = handle;
	if (commit_submit(call->app->writer, &call->write) == RC_OK) return true;
	http_error_standard(call->request, 503);
	return false;
}

static uint64_t write_key(const struct call *call)
{
	switch ((enum permission)call->request->route->permission) {
	case MAY_BE_SOMEBODY:
	case MAY_WRITE_KEYS:
	case MAY_WRITE_USERS:
	case MAY_OWN_TOKENS: return people_key(call->actor.account);
	default: return 0;
	}
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

static struct actor actor_of(const struct http_request *r)
{
	const struct principal *p = r->principal;
	if (!p) return (struct actor){.request_id = r->id};
	return (struct actor){.account = principal_account(p),
		.label = principal_label(p),
		.credential = principal_credential(p),
		.user_id = principal_user_id(p),
		.request_id = r->id};
}

static enum http_outcome api_dispatch(void *context, struct http_request *r)
{
	struct app *app = context;
	struct call *call = arena_new_of(r->arena, struct call);
	call->app = app;
	call->request = r;
	call->principal = r->principal;
	call->actor = actor_of(r);
	call->write_handle = r->route->handle;
	call->write = (struct commit_job){.apply = write_apply, .done = write_done, .key = write_key(call)};
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
	principal_release(r->principal);
	r->principal = NULL;
}

struct http_hooks api_hooks(struct app *app)
{
	return (struct http_hooks){.context = app, .admit = admit, .dispatch = api_dispatch, .completed = api_completed};
}
