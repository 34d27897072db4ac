/* Reading JSON with jansson, whose values are made in the caller's arena; the only file that includes jansson.h.
 *
 * Memory. jansson has one pair of allocation functions for the process. Ours look at a thread-local "current arena", which
 * is set while json_read runs and at no other time:
 *   - with a current arena, allocating takes from the arena, and freeing does nothing;
 *   - without one, they are malloc and free.
 * Two rules keep arena memory away from free(): a parsed value leaves this file only as a pointer to const struct json,
 * and nothing here calls json_decref or changes a value. So freeing without a current arena only ever meets memory that was
 * allocated without one (by another user of jansson in the process, should a library have one). The reference counts of
 * parsed values therefore never reach zero, and the arena takes everything back. */
#include "base/json.h"

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_out.h"
#include "base/json_scan.h"
#include "base/limits.h"

enum { NESTING_MAX = LIMIT_JSON_DEPTH + LIMIT_METADATA_DEPTH };

static _Thread_local struct arena *current;

static void *allocate(size_t size)
{
	return current ? arena_alloc(current, size) : malloc(size);
}

static void release(void *p)
{
	if (!current) free(p);
}

static void set_up_jansson(void)
{
	json_set_alloc_funcs(allocate, release);
	json_object_seed(0); /* 0: from the system's randomness, so that colliding keys cannot be prepared */
}

/* jansson takes nothing but a pointer to a changeable value even to read it. */
static json_t *inner(const struct json *v)
{
	return (json_t *)v;
}

static const struct json *outer(const json_t *v)
{
	return (const struct json *)v;
}

static enum rc fail_excess(struct text t, size_t at, enum json_excess excess, size_t most, struct err *err)
{
	size_t line = 1, line_start = 0;
	for (size_t i = 0; i < at; i++) {
		if (t.p[i] != '\n') continue;
		line++;
		line_start = i + 1;
	}
	size_t column = utf8_length((struct text){t.p + line_start, at - line_start}) + 1;
	if (excess == JSON_TOO_MANY)
		return err_set(err, RC_INVALID, "line %zu, column %zu: more than %zu values", line, column, most);
	return err_set(err, RC_INVALID, "line %zu, column %zu: nested deeper than %d levels", line, column, (int)NESTING_MAX);
}

/* jansson ends its sentence with "near '…'", a quotation that could hold a secret. */
static enum rc fail_syntax(const json_error_t *error, struct err *err)
{
	const char *quotation = strstr(error->text, " near ");
	int n = quotation ? (int)(quotation - error->text) : (int)strlen(error->text);
	return err_set(err, RC_INVALID, "line %d, column %d: %.*s", error->line, error->column, n, error->text);
}

enum rc json_read_most(struct arena *a, struct text bytes, size_t most, const struct json **ret, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, set_up_jansson);
	if (bytes.n == 0) return err_set(err, RC_INVALID, "line 1, column 1: nothing there");
	size_t at = 0;
	enum json_excess excess = json_find_excess(bytes, NESTING_MAX, most, &at); /* jansson recurses for each level */
	if (excess != JSON_FITS) return fail_excess(bytes, at, excess, most, err);
	json_error_t error;
	current = a;
	const json_t *v = json_loadb(bytes.p, bytes.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
	current = NULL;
	if (!v) return fail_syntax(&error, err);
	*ret = outer(v);
	return RC_OK;
}

enum rc json_read(struct arena *a, struct text bytes, const struct json **ret, struct err *err)
{
	return json_read_most(a, bytes, LIMIT_JSON_VALUES, ret, err);
}

enum json_kind json_kind(const struct json *v)
{
	static const enum json_kind kinds[] = {
		[JSON_OBJECT] = JSON_IS_OBJECT,
		[JSON_ARRAY] = JSON_IS_ARRAY,
		[JSON_STRING] = JSON_IS_TEXT,
		[JSON_INTEGER] = JSON_IS_INT,
		[JSON_REAL] = JSON_IS_REAL,
		[JSON_TRUE] = JSON_IS_BOOL,
		[JSON_FALSE] = JSON_IS_BOOL,
		[JSON_NULL] = JSON_IS_NULL,
	};
	return v ? kinds[json_typeof(inner(v))] : JSON_ABSENT;
}

struct text json_text(const struct json *v)
{
	if (json_kind(v) != JSON_IS_TEXT) return TEXT_ABSENT;
	return (struct text){json_string_value(inner(v)), json_string_length(inner(v))};
}

int64_t json_int(const struct json *v)
{
	return json_integer_value(inner(v));
}

double json_number(const struct json *v)
{
	return json_number_value(inner(v));
}

bool json_bool(const struct json *v)
{
	return json_is_true(inner(v));
}

const struct json *json_member(const struct json *object, const char *key)
{
	return outer(json_object_get(inner(object), key));
}

size_t json_size(const struct json *v)
{
	return json_kind(v) == JSON_IS_OBJECT ? json_object_size(inner(v)) : json_array_size(inner(v));
}

const struct json *json_element(const struct json *array, size_t i)
{
	return outer(json_array_get(inner(array), i));
}

struct json_iter json_members(const struct json *object)
{
	return (struct json_iter){.object = object};
}

bool json_next(struct json_iter *i)
{
	i->at = i->started ? json_object_iter_next(inner(i->object), i->at) : json_object_iter(inner(i->object));
	i->started = true;
	if (!i->at) return false;
	i->key = (struct text){json_object_iter_key(i->at), json_object_iter_key_len(i->at)};
	i->value = outer(json_object_iter_value(i->at));
	return true;
}

/* This and json_write_value recurse at most NESTING_MAX deep. */
size_t json_depth(const struct json *v)
{
	enum json_kind kind = json_kind(v);
	if (kind != JSON_IS_ARRAY && kind != JSON_IS_OBJECT) return 0;
	size_t deepest = 0;
	for (size_t i = 0; kind == JSON_IS_ARRAY && i < json_size(v); i++) {
		size_t depth = json_depth(json_element(v, i));
		if (depth > deepest) deepest = depth;
	}
	for (struct json_iter i = json_members(v); json_next(&i);) {
		size_t depth = json_depth(i.value);
		if (depth > deepest) deepest = depth;
	}
	return deepest + 1;
}

static void write_text(struct buf *b, struct text t)
{
	buf_char(b, '"');
	json_escape(b, t);
	buf_char(b, '"');
}

static void write_array(struct buf *b, const struct json *v)
{
	buf_char(b, '[');
	for (size_t i = 0; i < json_size(v); i++) {
		if (i > 0) buf_char(b, ',');
		json_write_value(b, json_element(v, i));
	}
	buf_char(b, ']');
}

static void write_object(struct buf *b, const struct json *v)
{
	bool first = true;
	buf_char(b, '{');
	for (struct json_iter i = json_members(v); json_next(&i); first = false) {
		if (!first) buf_char(b, ',');
		write_text(b, i.key);
		buf_char(b, ':');
		json_write_value(b, i.value);
	}
	buf_char(b, '}');
}

void json_write_value(struct buf *b, const struct json *v)
{
	switch (json_kind(v)) {
	case JSON_ABSENT:
	case JSON_IS_NULL: buf_text(b, TEXT("null")); break;
	case JSON_IS_BOOL: buf_text(b, json_bool(v) ? TEXT("true") : TEXT("false")); break;
	case JSON_IS_INT: buf_printf(b, "%lld", (long long)json_int(v)); break;
	case JSON_IS_REAL: json_write_real(b, json_number(v)); break;
	case JSON_IS_TEXT: write_text(b, json_text(v)); break;
	case JSON_IS_ARRAY: write_array(b, v); break;
	case JSON_IS_OBJECT: write_object(b, v); break;
	}
}
