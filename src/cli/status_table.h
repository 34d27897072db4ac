/* The matrix as a table: products × environments, from the answer of GET /environment-state/. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"

/* A line of current versions for each product, in the order of their names; "≠" before those whose environments differ, with a colour on the
 * versions that are not the first environment's. A second line where the latest attempt was another one: failed, running … `width` 0: as
 * wide as it takes. */
void status_table(struct arena *a, const struct json *matrix, size_t width, bool colour, struct buf *out);
