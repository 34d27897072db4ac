/* Reading JSON: a parsed document in an arena, without an allocation of the system's for each value. The only file that
 * knows jansson. Values are read-only and live as long as the arena. Strict RFC 8259 and UTF-8; a key that stands twice in
 * one object or holds NUL, an integer beyond int64, a real beyond double (1e999), nesting beyond LIMIT_JSON_DEPTH +
 * LIMIT_METADATA_DEPTH and more than LIMIT_JSON_VALUES values are errors. A document of LIMIT_BODY takes at most 32 MiB. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/rc.h"
#include "base/text.h"

struct json; /* a value; NULL stands for "absent" in every function here */

enum json_kind {
	JSON_ABSENT,
	JSON_IS_NULL,
	JSON_IS_BOOL,
	JSON_IS_INT,
	JSON_IS_REAL,
	JSON_IS_TEXT,
	JSON_IS_ARRAY,
	JSON_IS_OBJECT,
};

/* Fails with RC_INVALID and a sentence with line and column that quotes nothing of the text. Any value may stand at the top. */
enum rc json_read(struct arena *a, struct text bytes, const struct json **ret, struct err *err) must_check;
/* … of up to `most` values: for a client, whose server may have much to say. The arena must have room for them. */
enum rc json_read_most(struct arena *a, struct text bytes, size_t most, const struct json **ret, struct err *err) must_check;

enum json_kind json_kind(const struct json *v);
struct text json_text(const struct json *v); /* of a text; may hold NUL bytes (the caller checks); else TEXT_ABSENT */
int64_t json_int(const struct json *v); /* of an int; else 0 */
double json_number(const struct json *v); /* of an int or a real; else 0 */
bool json_bool(const struct json *v);

const struct json *json_member(const struct json *object, const char *key); /* NULL when absent or no object */
size_t json_size(const struct json *v); /* members or elements */
const struct json *json_element(const struct json *array, size_t i);

/* Members in the order of the text:  for (struct json_iter i = json_members(v); json_next(&i);) … i.key, i.value */
struct json_iter {
	struct text key;
	const struct json *value;
	const struct json *object;
	void *at;
	bool started;
};
struct json_iter json_members(const struct json *object);
bool json_next(struct json_iter *i);

size_t json_depth(const struct json *v); /* 1 for a flat object or array, 0 for a scalar */

/* The number that is the value of the top-level member `key` of `bytes`, as its own characters ("1.10" stays "1.10", which a
 * parsed double forgets). `bytes` has been read by json_read without error and is an object. Absent when it is no number. */
struct text json_number_source(struct text bytes, const char *key);

/* Appends v as compact JSON: keys in the order of the text, UTF-8 unescaped, shortest digits that give the same double. */
void json_write_value(struct buf *b, const struct json *v);
