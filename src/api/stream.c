/* GET /events/stream: what the event list tells, as it is committed (Server-Sent Events). From the request to a place in the hub; what is sent
 * from there is the hub's (stream/hub.h). */
#include "api/app.h"
#include "api/failure.h"
#include "api/handlers.h"
#include "api/query.h"
#include "auth/principal.h"
#include "base/limits.h"
#include "base/uuid.h"
#include "db/db.h"
#include "stream/hub.h"
#include "stream/place.h"

struct streaming {
	struct listener_options options;
	struct listener *listener;
};

/* ---- the listener's side ---- */

static ptrdiff_t stream_read(void *context, char *to, size_t size)
{
	struct streaming *s = context;
	return listener_read(s->listener, to, size);
}

static void stream_ended(void *context, bool cut)
{
	struct streaming *s = context;
	listener_close(s->listener, cut);
}

static void stream_wake(void *context)
{
	http_stream_wake(context);
}

static bool stream_allowed(void *context)
{
	const struct http_request *r = context;
	return principal_alive(r->principal, clock_now()) && principal_allows(r->principal, MAY_READ);
}

/* When the store has been asked. A listener wakes nobody before it has been read for the first time. */
static bool begin(struct http_request *r)
{
	struct streaming *s = call_of(r)->prepared;
	if (listener_open(call_of(r)->app->stream, &s->options, &s->listener) != RC_OK) {
		http_response_reset(r);
		http_error_standard(r, 503);
		return false;
	}
	http_stream_begin(r, &(struct http_stream){.context = s, .read = stream_read, .ended = stream_ended});
	r->response.status = 200;
	r->response.content_type = "text/event-stream";
	http_response_header(r, "X-Accel-Buffering", TEXT("no")); /* nginx would hold it back */
	return false;
}

/* ---- the request's side ---- */

/* "a, b" → ",a,b,": names as they are, ids in our spelling. */
static struct text set_of(struct arena *a, struct text words)
{
	if (!words.p) return TEXT_ABSENT;
	buf_auto set = BUF_INIT(KIB(16));
	struct text word;
	buf_char(&set, ',');
	while (text_split(&words, ',', &word)) {
		word = text_trim(word);
		if (!word.n) continue;
		buf_text(&set, uuid_valid(word) ? text_lower(a, word) : word);
		buf_char(&set, ',');
	}
	return text_copy(a, buf_view(&set));
}

/* The header is what a browser sends when it connects again, with the URL that it began with: it is the newer one. */
static bool place_given(struct http_request *r, const struct query *q, struct place_in_stream *place, bool *ret_given)
{
	struct text header = http_header(r, "Last-Event-ID"), given = header.n ? header : q->last_event_id;
	*ret_given = given.n > 0;
	if (!given.n || place_parse(given, place)) return true;
	http_error(r, 400, "Last-Event-ID is not an id of this stream: leave it out to begin with what is new");
	return false;
}

/* An id of another store tells the time only. */
static enum rc find_place(struct http_request *r, struct db *db, const struct place_in_stream *place, struct listener_options *o)
{
	time_us kept;
	bool ours = text_is(text_from(place->epoch), stream_hub_epoch(call_of(r)->app->stream));
	o->from = place->position;
	enum rc rc = ours ? RC_OK : event_locate(db, o->account, text_from(place->time_id), &o->from);
	if (rc == RC_OK) rc = event_kept_since(db, o->account, &kept);
	if (rc != RC_OK) return rc;
	char first[UUID_SIZE], time[RFC3339_SIZE];
	uuid_floor(kept == TIME_NONE ? 0 : kept, first);
	if (kept != TIME_NONE && strcmp(place->time_id, first) < 0) {
		rfc3339_format(kept, time);
		o->remark = arena_printf(r->arena, "events before %s are not kept any more: this begins with the first that is", time);
	} else if (!ours) {
		o->remark = "the id comes from another store: this goes on by its time";
	}
	return RC_OK;
}

void events_stream(struct http_request *r, struct db *db)
{
	struct call *call = call_of(r);
	struct query q;
	struct place_in_stream place;
	bool given;
	if (!query_read(r, QUERY_PRODUCT | QUERY_ENVIRONMENT | QUERY_TYPE | QUERY_LAST_EVENT_ID, &q)) return;
	if (!place_given(r, &q, &place, &given)) return;
	if (!call->app->stream) return http_error_standard(r, 503);

	struct streaming *s = arena_new_of(r->arena, struct streaming);
	struct listener_options *o = &s->options;
	struct event_horizon horizon;
	buf_auto bystanders = BUF_INIT(KIB(4));
	*o = (struct listener_options){.account = account_of(r), .context = r, .wake = stream_wake, .allowed = stream_allowed};
	o->filter = (struct stream_filter){
		.types = q.types, .products = set_of(r->arena, q.product), .environments = set_of(r->arena, q.environment)};
	enum rc rc = event_bystanders(db, &bystanders);
	o->bystanders = bystanders.n ? text_copy(r->arena, buf_view(&bystanders)) : TEXT_ABSENT;
	if (rc == RC_OK) rc = event_horizon(db, o->account, o->bystanders, &horizon);
	if (rc == RC_OK) o->from = o->now = horizon.now;
	if (rc == RC_OK && given) rc = find_place(r, db, &place, o);
	if (rc != RC_OK) return failure_answer(r, rc);
	call->prepared = s;
	call->afterwards = begin;
	r->response.status = 200;
}
