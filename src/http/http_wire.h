/* What the library glues together or cuts off, found by where its pieces lie in the connection's buffer. */
#pragma once

#include <stdbool.h>

#include "base/text.h"

struct wire {
	const char *start; /* of the request */
	const char *end; /* of the line seen last, without its CR LF */
};

/* Whether the target is followed by the version, not by the rest of a target that had a NUL inside. */
bool wire_target_whole(const char *target);
struct wire wire_begin(const char *method, const char *version);
/* Fields in the order of the request. False when the line was folded, had a NUL inside or did not end with CR LF. */
bool wire_field_whole(struct wire *w, struct text name, struct text value);
/* After the last field. False when something other than an empty line was taken for the end of the fields. */
bool wire_head_whole(const struct wire *w, size_t head_size);
