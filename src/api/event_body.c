/* Reading events by the domain's field table, and writing down what was accepted. */
#include "api/event_body.h"

#include <pthread.h>

#include "base/json.h"
#include "base/json_out.h"

enum { MOST_FIELDS = 32 };
static struct body_field body_fields[KIND_COUNT][MOST_FIELDS + 1];

static bool choose_status(void *into, struct text word)
{
	struct event_fields *e = into;
	e->status = word;
	return status_from_word(e->kind, word, &e->state);
}

static const char *accepted_statuses(const void *into)
{
	return status_words(((const struct event_fields *)into)->kind);
}

static struct body_field body_field_of(const struct event_field *f, enum kind kind)
{
	static const enum body_kind KINDS[] = {
		[FIELD_TEXT] = BODY_TEXT,
		[FIELD_NUMBER_OR_TEXT] = BODY_NUMBER_OR_TEXT,
		[FIELD_STATUS] = BODY_CHOICE,
		[FIELD_TIME] = BODY_TIME,
		[FIELD_BOOL] = BODY_BOOL,
		[FIELD_METADATA] = BODY_METADATA,
	};
	struct body_field b = {
		.name = f->name[kind], .kind = KINDS[f->kind], .required = f->required[kind], .multiline = f->multiline};
	b.limit = f->kind == FIELD_STATUS ? 255 : f->limit;
	b.at = f->at;
	if (f->kind == FIELD_STATUS) b.choose = choose_status, b.accepted = accepted_statuses, b.error_type = "value_error.status";
	return b;
}

/* The domain's table holds both kinds in a row; the body reader wants one table for each. */
static void body_fields_make(void)
{
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		size_t n = 0;
		for (const struct event_field *f = EVENT_FIELDS; f->name[KIND_DEPLOYMENT] || f->name[KIND_BUILD]; f++)
			if (f->name[kind] && n < MOST_FIELDS) body_fields[kind][n++] = body_field_of(f, kind);
	}
}

static const struct body_field *body_fields_of(enum kind kind)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, body_fields_make);
	return body_fields[kind];
}

/* GitHub counts attempts of one run: vi_gh_run_attempt tells them apart. */
static struct text run_attempt(struct arena *a, const struct json *object)
{
	const struct json *v = json_member(json_member(object, "extra_metadata"), "vi_gh_run_attempt");
	if (json_kind(v) == JSON_IS_INT) return text_from(arena_printf(a, "%lld", (long long)json_int(v)));
	struct text t = json_kind(v) == JSON_IS_TEXT ? text_trim(json_text(v)) : TEXT_ABSENT;
	return t.n && t.n <= 255 ? t : TEXT_ABSENT;
}

static void put_field(struct json_out *j, const struct body_field *f, const struct event_fields *e)
{
	const void *place = (const char *)e + f->at;
	switch (f->kind) {
	case BODY_TIME:
		if (*(const time_us *)place != TIME_NONE) json_put_time(j, f->name, *(const time_us *)place);
		return;
	case BODY_BOOL:
		if (*(const bool *)place) json_put_bool(j, f->name, true);
		return;
	case BODY_METADATA:
		if (((const struct text *)place)->p) json_put_raw(j, f->name, *(const struct text *)place);
		return;
	case BODY_CHOICE: json_put_text(j, f->name, e->status); return;
	default:
		if (((const struct text *)place)->p) json_put_text(j, f->name, *(const struct text *)place);
	}
}

/* What was accepted, as compact JSON: trimmed, times clamped, nothing that was not understood. */
static struct text payload_of(struct arena *a, const struct event_fields *e)
{
	buf_auto b = BUF_INIT(LIMIT_BODY * 2);
	struct json_out j = json_out(&b);
	json_put_object(&j, NULL);
	for (const struct body_field *f = body_fields_of(e->kind); f->name; f++) put_field(&j, f, e);
	json_end(&j);
	return text_copy(a, buf_view(&b));
}

static void warn(struct submission *s, const char *sentence)
{
	if (s->warning_count < LIMIT_WARNINGS) s->warnings[s->warning_count++] = sentence;
}

static void clamp(struct arena *a, struct submission *s)
{
	const char *names[3];
	size_t n = event_clamp_times(&s->fields, s->received, names);
	for (size_t i = 0; i < n; i++)
		warn(s, arena_printf(a, "%s was more than 5 minutes in the future and was set to now", names[i]));
	const struct event_fields *e = &s->fields;
	if (state_is_final(e->state) && e->started_at != TIME_NONE && e->completed_at != TIME_NONE && e->completed_at < e->started_at)
		warn(s, "completed_at is before started_at");
}

bool event_body_read(struct arena *a, enum kind kind, struct text source, const struct json *object, time_us received,
	struct submission *ret, struct body_errors *errors)
{
	struct submission s = {.received = received};
	s.fields = (struct event_fields){.kind = kind, .started_at = TIME_NONE, .completed_at = TIME_NONE, .occurred_at = TIME_NONE};
	size_t before = errors->count;
	body_read(a, body_fields_of(kind), source, object, &s.fields, errors, NULL);
	if (errors->count != before) return false;
	if (s.fields.extra_metadata.p) s.fields.run_attempt = run_attempt(a, object);
	clamp(a, &s);
	s.payload = payload_of(a, &s.fields);
	*ret = s;
	return true;
}
