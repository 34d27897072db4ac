/* POST /events/bulk: many events, one a line, each answered by a line.
 *
 * Runs on a reader thread, which reads slices of lines and hands each slice to the commit pipeline as one job, so that a large
 * request shares the writer fairly with single events. Three slices are on their way at once: while the writer applies one,
 * another waits behind it, and the next is read.
 *
 *   slice A   read → submitted ………… applied, committed → answered → read again
 *   slice B           read → submitted ………… …
 *   slice C                   read → submitted ………… …
 *
 * Lines are independent. A line that is refused writes nothing. A slice that the store refuses for another reason than being away or
 * full is submitted again line by line, so that only the line at fault is lost. Idempotency-Key is not taken here: events that carry
 * invoke_id are recognised when they come again. */
#include <semaphore.h>
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

enum { SLICE_LINES = 256, SLICES = 3, SUBMIT_TRIES = 200, SUBMIT_PAUSE_US = 5000 };

/* One line: what it said, then what became of it. */
struct bulk_line {
	size_t number; /* from 1, blank lines counted */
	int status; /* 0: not refused so far */
	struct submission submission;
	struct recorded recorded;
	struct text detail; /* JSON of the refusal */
	const char *error; /* the conflict's code, or NULL */
};

struct slice {
	struct commit_job job;
	struct arena *arena; /* what these lines said and what became of them; emptied with the next ones */
	struct arena *applying; /* of one line at a time, on the writer thread */
	const struct actor *actor;
	struct bulk_line lines[SLICE_LINES];
	size_t count;
	size_t first, last; /* lines that this submission applies */
	bool under_way;
	bool spoiled; /* a statement failed: nothing of this submission is stored */
	enum rc outcome;
	sem_t answered;
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

static void refuse(struct slice *s, struct bulk_line *line, int status, const char *detail)
{
	buf_auto b = BUF_INIT(KIB(4));
	struct json_out j = json_out(&b);
	json_put_cstr(&j, NULL, detail);
	line->status = status;
	line->detail = text_copy(s->arena, buf_view(&b));
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
		return refuse(s, line, 413, arena_printf(s->arena, "Line too large: the limit is %zu bytes", LIMIT_BODY));
	if (json_read(s->arena, source, &object, &err) != RC_OK) return refuse(s, line, 400, "Invalid JSON in request body");
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
		*line = (struct bulk_line){.number = w->number};
		line_read(w, s, line, source);
	}
}

/* ---- applying ---- */

/* What line_answer needs, out of the memory that the next line uses. */
static void recorded_keep(struct arena *a, struct recorded *r)
{
	r->record.id = text_copy(a, r->record.id);
	r->event_id = text_copy(a, r->event_id);
	for (size_t i = 0; i < r->warning_count; i++) r->warnings[i] = text_cstr(a, text_from(r->warnings[i]));
}

static enum commit_vote slice_apply(struct commit_job *job, struct db *db)
{
	struct slice *s = (struct slice *)job; /* its first member */
	s->spoiled = false;
	for (size_t i = s->first; i < s->last; i++) {
		struct bulk_line *line = &s->lines[i];
		struct err err;
		if (line->status >= 400 && !line->error) continue; /* refused when it was read */
		line->status = 0, line->error = NULL;
		arena_reset(s->applying);
		enum rc rc = record_event(db, s->applying, s->actor, &line->submission, &line->recorded, &err);
		if (db_failure(db) != RC_OK) return s->spoiled = true, COMMIT_UNDO;
		line->status = 200;
		if (rc == RC_OK) {
			recorded_keep(s->arena, &line->recorded);
			continue;
		}
		refuse(s, line, 409, err.text);
		line->error = "VERSION_SHA_CONFLICT";
	}
	return COMMIT_KEEP;
}

static void slice_done(struct commit_job *job, enum rc outcome)
{
	struct slice *s = (struct slice *)job;
	s->outcome = outcome == RC_OK && s->spoiled ? RC_FAILED : outcome;
	sem_post(&s->answered);
}

/* The queue may be full of single events: a large request waits its turn for a second before it gives up. */
static void slice_submit(struct bulk *w, struct slice *s, size_t first, size_t last)
{
	s->first = first;
	s->last = last;
	s->job = (struct commit_job){.apply = slice_apply, .done = slice_done};
	s->under_way = true;
	enum rc rc = commit_submit(w->app->writer, &s->job);
	for (int i = 0; rc == RC_FULL && i < SUBMIT_TRIES; i++) {
		usleep(SUBMIT_PAUSE_US);
		rc = commit_submit(w->app->writer, &s->job);
	}
	if (rc == RC_OK) return; /* from here on the slice is the writer's, until it is answered */
	s->under_way = false;
	s->outcome = rc;
}

static void slice_wait(struct slice *s)
{
	if (!s->under_way) return;
	while (sem_wait(&s->answered) != 0) continue;
	s->under_way = false;
}

static void lines_not_stored(struct slice *s, size_t first, size_t last, enum rc outcome)
{
	bool later = outcome == RC_FULL || outcome == RC_UNAVAILABLE || outcome == RC_UNKNOWN;
	for (size_t i = first; i < last; i++)
		if (s->lines[i].status < 400 || s->lines[i].error)
			refuse(s, &s->lines[i], later ? 503 : 500, later ? "Service temporarily unavailable" : "Internal server error"),
				s->lines[i].error = NULL;
}

static void slice_settle(struct bulk *w, struct slice *s)
{
	slice_wait(s);
	if (s->outcome == RC_OK || !s->count) return;
	if (s->outcome != RC_FAILED && s->outcome != RC_CONFLICT) return lines_not_stored(s, 0, s->count, s->outcome);
	for (size_t i = 0; i < s->count; i++) {
		slice_submit(w, s, i, i + 1);
		slice_wait(s);
		if (s->outcome != RC_OK) lines_not_stored(s, i, i + 1, s->outcome);
	}
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
	slice_settle(w, s);
	for (size_t i = 0; i < s->count; i++) line_answer(w, &s->lines[i]);
	s->count = 0;
}

static struct slice *slice_new(const struct actor *actor)
{
	struct slice *s = mem_zalloc(sizeof *s);
	s->arena = arena_new(KIB(256), LIMIT_REQUEST_ARENA);
	s->applying = arena_new(KIB(16), LIMIT_REQUEST_ARENA);
	s->actor = actor;
	sem_init(&s->answered, 0, 0);
	return s;
}

static void slice_free(struct slice *s)
{
	sem_destroy(&s->answered);
	arena_free(s->arena);
	arena_free(s->applying);
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
		if (s->count) slice_submit(&w, s, 0, s->count);
	}
	for (size_t i = 0; i < SLICES; i++, turn++) slice_answer(&w, w.slices[turn % SLICES]);
	for (size_t i = 0; i < SLICES; i++) slice_free(w.slices[i]);
	r->response.content_type = "application/x-ndjson";
	r->response.status = 200;
}
