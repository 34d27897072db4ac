/* The reader of declared body fields, and the list of errors. */
#include "api/body.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "http/http.h"

/* ---- errors ---- */

void body_errors_init(struct body_errors *e)
{
	*e = (struct body_errors){.list = BUF_INIT(MIB(1))};
}

void body_errors_done(struct body_errors *e)
{
	buf_done(&e->list);
}

enum { LONGEST_PART = 255 }; /* bytes */

void body_error_at(struct body_errors *e, const struct text *path, size_t parts, const char *message, const char *type)
{
	if (e->count++ >= BODY_ERRORS_MOST) return;
	if (e->count == 1) {
		e->out = json_out(&e->list);
		json_put_array(&e->out, NULL);
	}
	json_put_object(&e->out, NULL);
	json_put_array(&e->out, "loc");
	for (size_t i = 0; i < parts; i++) json_put_text(&e->out, NULL, (struct text){path[i].p, utf8_cut(path[i], LONGEST_PART)});
	json_end(&e->out);
	json_put_cstr(&e->out, "msg", message);
	json_put_cstr(&e->out, "type", type);
	json_end(&e->out);
}

void body_error(struct body_errors *e, const char *where, const char *field, const char *message, const char *type)
{
	body_error_at(e, (const struct text[]){text_from(where), text_from(field)}, field ? 2 : 1, message, type);
}

struct text body_errors_list(struct body_errors *e)
{
	json_end(&e->out);
	return buf_view(&e->list);
}

void body_errors_answer(struct body_errors *e, struct http_request *r)
{
	http_response_reset(r);
	r->response.status = 422;
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	json_put_raw(&j, "detail", body_errors_list(e));
	json_end(&j);
	body_errors_done(e);
}

/* ---- fields ---- */

struct reading {
	struct arena *arena;
	const struct body_field *field;
	struct text source;
	void *place;
	void *into;
	struct body_errors *errors;
	bool given; /* null included */
};

static void wrong(struct reading *w, const char *message, const char *type)
{
	body_error(w->errors, "body", w->field->name, message, type);
}

static void missing(struct reading *w)
{
	if (w->field->required || (w->field->kept && w->given)) wrong(w, "field required", "value_error.missing");
}

/* The trimmed text of a value, checked; false: absent, or wrong and said so. */
static bool text_checked(struct reading *w, struct text t, struct text *ret)
{
	t = text_trim(t);
	if (!t.n) return missing(w), false;
	if (text_has_control(t, w->field->multiline))
		return wrong(w, "control characters are not allowed", "value_error.str.control"), false;
	if (t.n > w->field->limit && utf8_length(t) > w->field->limit) {
		wrong(w, arena_printf(w->arena, "ensure this value has at most %zu characters", w->field->limit),
			"value_error.any_str.max_length");
		return false;
	}
	*ret = t;
	return true;
}

static bool text_of_value(struct reading *w, const struct json *v, struct text *ret)
{
	if (json_kind(v) == JSON_IS_TEXT) return text_checked(w, json_text(v), ret);
	return wrong(w, "str type expected", "type_error.str"), false;
}

static void read_text(struct reading *w, const struct json *v)
{
	struct text t;
	if (text_of_value(w, v, &t)) *(struct text *)w->place = t;
}

static void read_secret(struct reading *w, const struct json *v)
{
	if (json_kind(v) != JSON_IS_TEXT) return wrong(w, "str type expected", "type_error.str");
	struct text t = json_text(v);
	if (!t.n) return missing(w);
	if (t.n > w->field->limit && utf8_length(t) > w->field->limit)
		return wrong(w, arena_printf(w->arena, "ensure this value has at most %zu characters", w->field->limit),
			"value_error.any_str.max_length");
	*(struct text *)w->place = t;
}

static void read_number_or_text(struct reading *w, const struct json *v)
{
	struct text t;
	if (json_kind(v) == JSON_IS_INT || json_kind(v) == JSON_IS_REAL) {
		if (text_checked(w, json_number_source(w->source, w->field->name), &t)) *(struct text *)w->place = text_copy(w->arena, t);
		return;
	}
	read_text(w, v);
}

static void read_choice(struct reading *w, const struct json *v)
{
	struct text t;
	if (!text_of_value(w, v, &t) || w->field->choose(w->into, t)) return;
	wrong(w, arena_printf(w->arena, "value is not one of: %s", w->field->accepted(w->into)), w->field->error_type);
}

static void read_time(struct reading *w, const struct json *v)
{
	struct text t = json_kind(v) == JSON_IS_TEXT ? text_trim(json_text(v)) : TEXT_ABSENT;
	if (json_kind(v) == JSON_IS_TEXT && !t.n) return missing(w);
	if (!t.p || !rfc3339_parse(t, w->place))
		wrong(w, "invalid datetime format: RFC 3339 with an offset expected", "value_error.datetime");
}

static void read_bool(struct reading *w, const struct json *v)
{
	if (json_kind(v) != JSON_IS_BOOL) return wrong(w, "value could not be parsed to a boolean", "type_error.bool");
	*(bool *)w->place = json_bool(v);
}

static void read_int(struct reading *w, const struct json *v)
{
	if (json_kind(v) != JSON_IS_INT) return wrong(w, "value is not a valid integer", "type_error.integer");
	int64_t n = json_int(v);
	if (n < 0 || n > (int64_t)w->field->limit)
		return wrong(
			w, arena_printf(w->arena, "ensure this value is from 0 to %zu", w->field->limit), "value_error.number.range");
	*(int64_t *)w->place = n;
}

/* Whether every text and key in v is free of control characters other than tab and newline. v is at most LIMIT_METADATA_DEPTH deep. */
static bool metadata_clean(const struct json *v)
{
	if (json_kind(v) == JSON_IS_TEXT) return !text_has_control(json_text(v), true);
	if (json_kind(v) == JSON_IS_ARRAY) {
		for (size_t i = 0; i < json_size(v); i++)
			if (!metadata_clean(json_element(v, i))) return false;
		return true;
	}
	struct json_iter i = json_members(v);
	while (json_next(&i))
		if (text_has_control(i.key, true) || !metadata_clean(i.value)) return false;
	return true;
}

static void read_metadata(struct reading *w, const struct json *v)
{
	if (json_kind(v) != JSON_IS_OBJECT) return wrong(w, "value is not a valid dict", "type_error.dict");
	if (json_depth(v) > LIMIT_METADATA_DEPTH)
		return wrong(w, arena_printf(w->arena, "ensure this value has at most %d levels", LIMIT_METADATA_DEPTH),
			"value_error.metadata.depth");
	if (!metadata_clean(v)) return wrong(w, "control characters are not allowed", "value_error.str.control");
	buf_auto compact = BUF_INIT(LIMIT_METADATA_BYTES);
	json_write_value(&compact, v);
	if (buf_failed(&compact))
		return wrong(w, arena_printf(w->arena, "ensure this value has at most %zu bytes as compact JSON", LIMIT_METADATA_BYTES),
			"value_error.metadata.size");
	*(struct text *)w->place = text_copy(w->arena, buf_view(&compact));
}

static void read_object(struct reading *w, const struct json *v)
{
	if (json_kind(v) != JSON_IS_OBJECT) return wrong(w, "value is not a valid dict", "type_error.dict");
	w->field->inside(w->into, v, w->errors);
}

static void (*const READERS[])(struct reading *w, const struct json *v) = {
	[BODY_TEXT] = read_text,
	[BODY_SECRET] = read_secret,
	[BODY_NUMBER_OR_TEXT] = read_number_or_text,
	[BODY_CHOICE] = read_choice,
	[BODY_TIME] = read_time,
	[BODY_BOOL] = read_bool,
	[BODY_INT] = read_int,
	[BODY_METADATA] = read_metadata,
	[BODY_OBJECT] = read_object,
};

void body_read(struct arena *a, const struct body_field *fields, struct text source, const struct json *object, void *into,
	struct body_errors *errors, uint64_t *ret_given)
{
	uint64_t given = 0;
	for (const struct body_field *f = fields; f->name; f++) {
		const struct json *v = json_member(object, f->name);
		struct reading w = {
			.arena = a, .field = f, .source = source, .place = (char *)into + f->at, .into = into, .errors = errors};
		w.given = json_kind(v) != JSON_ABSENT;
		if (w.given) given |= UINT64_C(1) << (f - fields);
		if (json_kind(v) == JSON_ABSENT || json_kind(v) == JSON_IS_NULL)
			missing(&w);
		else
			READERS[f->kind](&w, v);
	}
	if (ret_given) *ret_given = given;
}

bool body_object(struct http_request *r, const struct json **ret)
{
	struct err err;
	if (json_read(r->arena, r->body, ret, &err) != RC_OK) return http_error_standard(r, 400), false;
	if (json_kind(*ret) == JSON_IS_OBJECT) return true;
	struct body_errors errors;
	body_errors_init(&errors);
	body_error(&errors, "body", NULL, "value is not a valid dict", "type_error.dict");
	body_errors_answer(&errors, r);
	return false;
}

void body_answer_one(struct http_request *r, const char *field, const char *message, const char *type)
{
	struct body_errors errors;
	body_errors_init(&errors);
	body_error(&errors, "body", field, message, type);
	body_errors_answer(&errors, r);
}
