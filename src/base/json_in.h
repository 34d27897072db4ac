/* Reading an object of texts, integers and nulls straight from its JSON: no tree, and no copy of a text without escapes. For
 * files of millions of lines; what may be any JSON is read by base/json.h. Strict RFC 8259; the caller has looked at the
 * UTF-8.
 *
 *   struct json_in j = json_in(line, arena);
 *   struct json_scalar v;
 *   json_in_object(&j);
 *   while (json_in_key(&j, &key))
 *       if (json_in_scalar(&j, &v)) …
 *   if (!json_in_done(&j)) …                      // a mistake anywhere: it is sticky
 *
 * A key may stand twice: that is the caller's to notice. NUL is refused, and so are numbers that are no int64. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

struct json_in {
	const char *p, *start, *end;
	struct arena *arena; /* for texts with escapes */
	bool first; /* no comma before the next member */
	bool failed;
};

enum json_scalar_kind { JSON_SCALAR_NULL, JSON_SCALAR_INT, JSON_SCALAR_TEXT };
struct json_scalar {
	enum json_scalar_kind kind;
	int64_t integer;
	struct text text; /* in the bytes that were given, or in the arena */
};

struct json_in json_in(struct text bytes, struct arena *a);
bool json_in_object(struct json_in *j); /* the bracket that opens one: at the top, or as a member's value */
bool json_in_key(struct json_in *j, struct text *ret); /* false when the object has ended, and on a mistake */
bool json_in_scalar(struct json_in *j, struct json_scalar *ret); /* a member's value */
bool json_in_done(struct json_in *j); /* no mistake, and nothing behind */
size_t json_in_at(const struct json_in *j); /* where it stands: the number of bytes before it */
