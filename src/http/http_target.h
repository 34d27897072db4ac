/* The request target taken apart: pure functions over bytes, for the request and for the fuzzer. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"
#include "http/http.h"

enum { TARGET_SEGMENTS = 16, TARGET_QUERY_PARAMS = 50 };

enum target_verdict {
	TARGET_OK,
	TARGET_MALFORMED, /* 400: no such bytes or encodings in a target */
	TARGET_TOO_LONG, /* 414 */
	TARGET_UNKNOWN, /* 404: "." and ".." segments, which are never resolved, and paths deeper than any route */
	TARGET_BAD_QUERY, /* 400: `wrong` names the parameter */
};

struct target {
	bool asterisk; /* "*": the server itself, for OPTIONS */
	struct text path; /* "/a/b": normalised and decoded; "/" for the root */
	struct text segments[TARGET_SEGMENTS]; /* decoded */
	size_t segment_count;
	struct http_param *query;
	size_t query_count;
	struct text wrong;
};

/* raw is what stood between the method and the version: origin form, absolute form ("http://host/path", of which the path is
 * taken) or "*". Percent-encoding is undone once, segment by segment and name by name, so that an encoded "/", "&" or "=" stays
 * data. Doubled slashes and the last one fall away. *ret is filled as far as it went also on a failure. */
enum target_verdict target_parse(struct arena *a, struct text raw, struct target *ret);

/* Undoes percent-encoding ("+" is a space if asked). False for a broken one, and unless the outcome is UTF-8 without controls. */
bool target_decode(struct arena *a, struct text raw, bool plus_is_space, struct text *ret);
