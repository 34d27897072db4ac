/* POST /events/bulk: many events, one a line, each answered by a line.
 *
 * Runs on a reader thread, which reads slices of lines and hands each line to the commit pipeline as a job of its own, so that a large
 * request shares the writers fairly with single events. Three slices are on their way at once: while the writers apply one,
 * another waits behind it, and the next is read.
 *
 *   slice A   read → submitted ………… applied, committed → answered → read again
 *   slice B           read → submitted ………… …
 *   slice C                   read → submitted ………… …
 *
 * Lines are independent, but those of one product are applied in their order. A line that is refused writes nothing. Idempotency-Key is not
 * taken here: events that carry invoke_id are recognised when they come again. */
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/app.h"
#include "api/event_body.h"
#include "api/handlers.h"
#include "api/metrics.h"
#include "api/query.h"
#include "base/json.h"
#include "base/limits.h"
#include "db/db.h"

enum { SLICE_LINES = 128, SLICES = 3, SUBMIT_TRIES = 200, SUBMIT_PAUSE_US = 5000 };

/* One line: what it said, then what became of it. */
struct bulk_line {
	struct commit_job job; /* the first member */
	struct slice *slice;
	size_t number; /* from 1, blank lines counted */
	int status; /* 0: not refused so far */
	struct submission submission;
	struct arena *arena; /* of what became of it; NULL: it was not applied */
	struct recorded recorded;
	struct text detail; /* JSON of the refusal */
	const char *error; /* the conflict's code, or NULL */
	enum rc outcome;
};

struct slice {
	struct arena *arena; /* what these lines said; emptied with the next ones */
	const struct actor *actor;
	struct bulk_line lines[SLICE_LINES];
	size_t count;
	atomic_size_t under_way; /* lines submitted and not decided, and one for the reader while it submits */
	sem_t decided;
};

struct bulk {
	struct http_request *request;
	struct app *app;
	struct audience *audience; /* NULL: ?notify=false */
	struct text rest; /* not yet read */
	size_t number;
	struct slice *slices[SLICES];
};

/* ---- reading ---- */

static void refuse(struct arena *a, struct bulk_line *line, int status, const char *detail)
{
	buf_auto b = BUF_INIT(KIB(4));
	struct json_out j = json_out(&b);
	json_put_cstr(&j, NULL, detail);
	line->status = status;
	line->detail = text_copy(a, buf_view(&b));
}

static bool line_kind(const struct json *object, enum kind *ret, struct body_errors *errors)
{
	const struct json *v = json_member(object, "kind");
	if (kind_from_name(json_text(v), ret)) return true;
	bool missing = json_kind(v) == JSON_ABSENT || json_kind(v) == JSON_IS_NULL;
	body_error(errors, "body", "kind", missing ? "field required" : "value is not one of: deployment, build",
		missing ? "value_error.missing" : "value_error.kind");
	return false;
}

static void line_read(struct bulk *w, struct slice *s, struct bulk_line *line, struct text source)
{
	const struct json *object;
	struct err err;
	if (source.n > LIMIT_BODY)
		return refuse(s->arena, line, 413, arena_printf(s->arena, "Line too large: the limit is %zu bytes", LIMIT_BODY));
	if (json_read(s->arena, source, &object, &err) != RC_OK) return refuse(s->arena, line, 400, "Invalid JSON in request body");
	struct body_errors errors;
	body_errors_init(&errors);
	enum kind kind;
	if (json_kind(object) != JSON_IS_OBJECT)
		body_error(&errors, "body", NULL, "value is not a valid dict", "type_error.dict");
	else if (line_kind(object, &kind, &errors))
		event_body_read(s->arena, kind, source, object, w->request->received, &line->submission, &errors);
	line->submission.audience = w->audience;
	if (errors.count) {
		line->status = 422;
		line->detail = text_copy(s->arena, body_errors_list(&errors));
	}
	body_errors_done(&errors);
}

/* The next lines that are not blank. A slice ends early when its lines have taken much memory. */
static void slice_read(struct bulk *w, struct slice *s)
{
	arena_reset(s->arena);
	s->count = 0;
	struct text source;
	while (s->count < SLICE_LINES && arena_used(s->arena) < MIB(2) && w->rest.p && text_split(&w->rest, '\n', &source)) {
		w->number++;
		source = text_trim(source);
		if (!source.n) continue;
		struct bulk_line *line = &s->lines[s->count++];
		*line = (struct bulk_line){.slice = s, .number = w->number};
		line_read(w, s, line, source);
	}
}

/* ---- applying ---- */

static enum commit_vote line_apply(struct commit_job *job, struct db *db)
{
	struct bulk_line *line = (struct bulk_line *)job;
	struct err err;
	line->status = 0, line->error = NULL;
	if (line->arena)
		arena_reset(line->arena);
	else
		line->arena = arena_new(KIB(8), LIMIT_REQUEST_ARENA);
	enum rc rc = record_event(db, line->arena, line->slice->actor, &line->submission, &line->recorded, &err);
	line->status = 200;
	if (rc == RC_OK || db_failure(db) != RC_OK) return COMMIT_KEEP; /* a failure of the store is not kept all the same */
	if (rc != RC_CONFLICT) return refuse(line->arena, line, 500, "Internal server error"), COMMIT_UNDO;
	refuse(line->arena, line, 409, err.text);
	line->error = "VERSION_SHA_CONFLICT";
	return COMMIT_KEEP;
}

static void one_less(struct slice *s)
{
	if (atomic_fetch_sub(&s->under_way, 1) == 1) sem_post(&s->decided);
}

static void line_done(struct commit_job *job, enum rc outcome)
{
	struct bulk_line *line = (struct bulk_line *)job;
	line->outcome = outcome;
	one_less(line->slice);
}

/* The queue may be full of single events: a large request waits its turn for a second before it gives up. */
static void line_submit(struct bulk *w, struct bulk_line *line)
{
	line->job = (struct commit_job){.apply = line_apply,
		.done = line_done,
		.key = commit_key(line->slice->actor->account, line->submission.fields.product_name)};
	atomic_fetch_add(&line->slice->under_way, 1);
	enum rc rc = commit_submit(w->app->writer, &line->job);
	for (int i = 0; rc == RC_FULL && i < SUBMIT_TRIES; i++) {
		usleep(SUBMIT_PAUSE_US);
		rc = commit_submit(w->app->writer, &line->job);
	}
	if (rc == RC_OK) return; /* from here on the line is the writer's, until it is decided */
	line->outcome = rc;
	one_less(line->slice);
}

static void slice_submit(struct bulk *w, struct slice *s)
{
	atomic_store(&s->under_way, 1);
	for (size_t i = 0; i < s->count; i++)
		if (s->lines[i].status == 0) line_submit(w, &s->lines[i]);
	one_less(s);
}

static void slice_wait(struct slice *s)
{
	if (!s->count) return;
	while (sem_wait(&s->decided) != 0) continue;
}

static void line_settle(struct bulk_line *line)
{
	if (line->outcome == RC_OK) return;
	bool later = line->outcome == RC_FULL || line->outcome == RC_UNAVAILABLE || line->outcome == RC_UNKNOWN;
	line->error = NULL;
	refuse(line->slice->arena, line, later ? 503 : 500, later ? "Service temporarily unavailable" : "Internal server error");
}

/* ---- answering ---- */

static void line_answer(struct bulk *w, const struct bulk_line *line)
{
	struct json_out j = json_out(&w->request->response.body);
	json_put_object(&j, NULL);
	json_put_int(&j, "line", (int64_t)line->number);
	json_put_int(&j, "status", line->status);
	if (line->status == 200) {
		const struct recorded *r = &line->recorded;
		json_put_text(&j, "id", r->record.id);
		json_put_text(&j, "event_id", r->event_id);
		json_put_cstr(&j, "event_type", event_type_name(r->record.kind, r->event_state));
		json_put_array(&j, "warnings");
		for (size_t i = 0; i < r->warning_count; i++) json_put_cstr(&j, NULL, r->warnings[i]);
		json_end(&j);
		metrics_count_event(w->app->metrics, r->record.kind, r->event_state);
	} else {
		json_put_raw(&j, "detail", line->detail);
		if (line->error) json_put_raw(&j, "message", line->detail);
		if (line->error) json_put_cstr(&j, "error", line->error);
	}
	json_end(&j);
	buf_char(&w->request->response.body, '\n');
}

static void slice_answer(struct bulk *w, struct slice *s)
{
	slice_wait(s);
	for (size_t i = 0; i < s->count; i++) {
		line_settle(&s->lines[i]);
		line_answer(w, &s->lines[i]);
		arena_free(s->lines[i].arena);
	}
	s->count = 0;
}

static struct slice *slice_new(const struct actor *actor)
{
	struct slice *s = mem_zalloc(sizeof *s);
	s->arena = arena_new(KIB(256), LIMIT_REQUEST_ARENA);
	s->actor = actor;
	sem_init(&s->decided, 0, 0);
	return s;
}

static void slice_free(struct slice *s)
{
	sem_destroy(&s->decided);
	arena_free(s->arena);
	free(s);
}

bool bulk_prepare(struct http_request *r)
{
	struct query q;
	if (!query_read(r, QUERY_NOTIFY, &q)) return false;
	call_of(r)->prepared = q.notify ? call_of(r)->app->audience : NULL;
	size_t lines = 0;
	struct text rest = r->body, line;
	while (rest.p && text_split(&rest, '\n', &line)) lines += text_trim(line).n > 0;
	if (lines <= LIMIT_BULK_LINES) return true;
	http_error(r, 413, arena_printf(r->arena, "Too many lines: the limit is %d", LIMIT_BULK_LINES));
	return false;
}

void bulk_handle(struct http_request *r, struct db *db)
{
	(void)db;
	struct bulk w = {.request = r, .app = call_of(r)->app, .audience = call_of(r)->prepared, .rest = r->body};
	for (size_t i = 0; i < SLICES; i++) w.slices[i] = slice_new(&call_of(r)->actor);
	size_t turn = 0;
	for (; w.rest.p; turn++) {
		struct slice *s = w.slices[turn % SLICES];
		slice_answer(&w, s);
		slice_read(&w, s);
		if (s->count) slice_submit(&w, s);
	}
	for (size_t i = 0; i < SLICES; i++, turn++) slice_answer(&w, w.slices[turn % SLICES]);
	for (size_t i = 0; i < SLICES; i++) slice_free(w.slices[i]);
	r->response.content_type = "application/x-ndjson";
	r->response.status = 200;
}
