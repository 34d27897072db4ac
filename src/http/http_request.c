/* The way of a request through the library's callbacks: begun with its request line, continued for its headers, each piece of its
 * body and its end (and once more when a parked one is finished), completed. */
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "http/http_private.h"
#include "http/http_wire.h"

void *request_begin(void *cls, const char *target, struct MHD_Connection *mhd)
{
	struct http_server *s = cls;
	struct exchange *x = exchange_take(s);
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	x->connection = info->socket_context;
	x->mhd = mhd;
	x->target_whole = wire_target_whole(target);
	x->r.target = text_copy(x->r.arena, text_from(target)); /* the library takes its own apart in place */
	x->r.started = clock_monotonic();
	connection_until(x->connection, x->r.started + s->options.header_timeout);
	return x;
}

static void count_in(struct exchange *x)
{
	x->routed = true;
	atomic_fetch_add_explicit(&x->server->requests, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&x->server->in_flight, 1, memory_order_relaxed);
}

/* An answer known before the body. If the rest is short enough it is read first, so that the client surely sees the answer
 * and may keep the connection; a client that waits for "100 Continue" sends no body when it gets the answer instead. */
static enum MHD_Result answer_early(struct exchange *x)
{
	if (x->shape.expects_continue || x->shape.length > LIMIT_DRAIN)
		if (shape_has_body(&x->shape)) return response_queue(x, true);
	x->stage = STAGE_DISCARD;
	return MHD_YES;
}

static enum MHD_Result headers_end(struct exchange *x, const char *method, const char *version)
{
	struct http_request *r = &x->r;
	r->method = text_from(method);
	if (!request_shape_accept(x, version)) return response_queue(x, true);
	count_in(x);
	request_route(x);
	bool has_body = shape_has_body(&x->shape);
	if (has_body) connection_until(x->connection, clock_monotonic() + x->server->options.body_timeout);
	if (r->response.status) return answer_early(x);
	bool wanted = has_body && r->route->body_limit > 0;
	x->stage = wanted ? STAGE_BODY : STAGE_DISCARD;
	if (wanted) {
		x->body.cap = r->route->body_limit;
		buf_reserve(&x->body, x->shape.length);
	}
	return MHD_YES;
}

/* False: more than will be read away; the connection is dropped. */
static bool body_discard(struct exchange *x, size_t n)
{
	x->discarded += n;
	return x->discarded <= LIMIT_DRAIN;
}

static enum MHD_Result body_take(struct exchange *x, const char *upload, size_t *upload_size)
{
	size_t n = *upload_size;
	*upload_size = 0;
	if (x->stage == STAGE_BODY) {
		buf_add(&x->body, upload, n);
		if (!buf_failed(&x->body)) return MHD_YES;
		refuse_too_large(x, x->body.cap);
		x->stage = STAGE_DISCARD;
		n += x->body.n;
		buf_done(&x->body);
	}
	return body_discard(x, n) ? MHD_YES : MHD_NO;
}

/* Suspended after dispatch, not before it: an answer that is there by then costs no suspension, which is three system calls.
 * A resumed connection is gone on with by this thread alone, so x stays until this function has returned. */
static enum MHD_Result park(struct exchange *x)
{
	struct MHD_Connection *mhd = x->mhd;
	if (atomic_load_explicit(&x->parking, memory_order_acquire) == PARK_FINISHED) return response_queue(x, false);
	MHD_suspend_connection(mhd);
	if (atomic_exchange_explicit(&x->parking, PARK_SUSPENDED, memory_order_acq_rel) == PARK_FINISHED) {
		atomic_store_explicit(&x->parking, PARK_FINISHED, memory_order_release);
		MHD_resume_connection(mhd);
	}
	return MHD_YES;
}

static enum MHD_Result body_end(struct exchange *x)
{
	struct http_server *s = x->server;
	struct http_request *r = &x->r;
	if (r->response.status) return response_queue(x, false);
	r->body = x->body.n ? buf_view(&x->body) : TEXT("");
	r->received = clock_now();
	r->response.kept_headers = r->response.header_count;
	x->stage = STAGE_DISPATCHED;
	connection_until(x->connection, DEADLINE_NEVER);
	if (s->hooks.dispatch(s->hooks.context, r) == HTTP_PARKED) return park(x);
	return response_queue(x, false);
}

enum MHD_Result request_continue(void *cls, struct MHD_Connection *mhd, const char *url, const char *method, const char *version,
	const char *upload, size_t *upload_size, void **exchange)
{
	(void)cls;
	(void)mhd;
	(void)url;
	struct exchange *x = exchange_checked(*exchange);
	switch (x->stage) {
	case STAGE_HEADERS: return headers_end(x, method, version);
	case STAGE_BODY:
	case STAGE_DISCARD: return *upload_size ? body_take(x, upload, upload_size) : body_end(x);
	case STAGE_DISPATCHED:
		if (atomic_load_explicit(&x->parking, memory_order_acquire) == PARK_FINISHED) return response_queue(x, false);
		return MHD_YES;
	case STAGE_ANSWERING: break;
	}
	*upload_size = 0;
	return MHD_YES;
}

void http_finish(struct http_request *r)
{
	struct exchange *x = exchange_checked(r);
	struct MHD_Connection *mhd = x->mhd;
	/* Tags and compression are made where there is time for them: on a reader, but not on the one thread that commits. */
	if (!x->r.route || x->r.route->access != ACCESS_WRITE) response_prepare(x);
	if (atomic_exchange_explicit(&x->parking, PARK_FINISHED, memory_order_acq_rel) == PARK_SUSPENDED) MHD_resume_connection(mhd);
}

void request_completed(void *cls, struct MHD_Connection *mhd, void **exchange, enum MHD_RequestTerminationCode code)
{
	struct http_server *s = cls;
	(void)mhd;
	if (!*exchange) return;
	struct exchange *x = exchange_checked(*exchange);
	*exchange = NULL;
	int64_t now = clock_monotonic();
	connection_until(x->connection, now + s->options.idle_timeout);
	if (x->streams) stream_end(x);
	if (x->routed) {
		bool lost = code != MHD_REQUEST_TERMINATED_COMPLETED_OK;
		int64_t until = x->stream_began ? x->stream_began : now;
		if (s->hooks.completed) s->hooks.completed(s->hooks.context, &x->r, until - x->r.started, lost);
		if (!x->stream_began) atomic_fetch_sub_explicit(&s->in_flight, 1, memory_order_release);
	}
	exchange_give(x);
}
