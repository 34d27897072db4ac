/* Any bytes as an event's body, for both kinds: refused with a list of errors, or every field is within what the field table
 * allows, and the payload that is stored reads back to the same fields and the same payload. */
#include <stdint.h>
#include <stdlib.h>

#include "api/event_body.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const time_us NOW = SECONDS_US(INT64_C(1779631565));

static void must(bool holds)
{
	if (!holds) abort();
}

/* RC_INVALID: not a JSON object. RC_CONFLICT: refused. */
static enum rc read_event(struct arena *a, enum kind kind, struct text bytes, struct submission *ret)
{
	const struct json *object, *list;
	if (json_read(a, bytes, &object, NULL) != RC_OK || json_kind(object) != JSON_IS_OBJECT) return RC_INVALID;
	struct body_errors errors;
	body_errors_init(&errors);
	bool accepted = event_body_read(a, kind, bytes, object, NOW, ret, &errors);
	must(accepted == (errors.count == 0));
	if (!accepted) must(json_read(a, body_errors_list(&errors), &list, NULL) == RC_OK && json_size(list) == errors.count);
	body_errors_done(&errors);
	return accepted ? RC_OK : RC_CONFLICT;
}

static void check_metadata(struct arena *a, struct text t)
{
	const struct json *v;
	must(t.n <= LIMIT_METADATA_BYTES && json_read(a, t, &v, NULL) == RC_OK);
	must(json_kind(v) == JSON_IS_OBJECT && json_depth(v) <= LIMIT_METADATA_DEPTH);
}

static void check_text(const struct event_field *f, struct text t)
{
	must(t.n > 0 && utf8_valid(t) && text_equal(text_trim(t), t) && !text_has_control(t, f->multiline));
	must(!f->limit || utf8_length(t) <= f->limit);
}

static void check_field(
	struct arena *a, const struct event_field *f, const struct event_fields *e, const struct event_fields *again)
{
	const void *place = (const char *)e + f->at, *other = (const char *)again + f->at;
	if (f->kind == FIELD_TIME) {
		time_us t = *(const time_us *)place;
		must(t == *(const time_us *)other && (t == TIME_NONE ? !f->required[e->kind] : t <= NOW + SECONDS_US(300)));
	} else if (f->kind == FIELD_BOOL) {
		must(*(const bool *)place == *(const bool *)other);
	} else {
		struct text t = *(const struct text *)place;
		must(t.p ? text_equal(t, *(const struct text *)other) : !f->required[e->kind] && !((const struct text *)other)->p);
		if (t.p && f->kind == FIELD_METADATA)
			check_metadata(a, t);
		else if (t.p)
			check_text(f, t);
	}
}

static void check_kind(struct arena *a, enum kind kind, struct text bytes)
{
	struct submission s, again;
	if (read_event(a, kind, bytes, &s) != RC_OK) return;
	must(read_event(a, kind, s.payload, &again) == RC_OK && text_equal(s.payload, again.payload));
	for (const struct event_field *f = EVENT_FIELDS; f->name[KIND_DEPLOYMENT] || f->name[KIND_BUILD]; f++)
		if (f->name[kind]) check_field(a, f, &s.fields, &again.fields);
	enum state state;
	must(status_from_word(kind, s.fields.status, &state) && state == s.fields.state && state == again.fields.state);
	must(s.warning_count <= LIMIT_WARNINGS);
	(void)event_run_key(a, &s.fields);
	(void)event_time(&s.fields, NOW);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *a = arena_new(KIB(16), LIMIT_REQUEST_ARENA);
	for (int kind = 0; kind < KIND_COUNT; kind++) check_kind(a, kind, (struct text){size ? (const char *)bytes : "", size});
	arena_free(a);
	return 0;
}
