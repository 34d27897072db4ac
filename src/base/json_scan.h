/* Private to json.c: what must be known of a text before it is parsed. */
#pragma once

#include <stddef.h>

#include "base/text.h"

/* The offset of the bracket that nests deeper than `most` levels; bytes.n when none does. Any bytes will do: on text that is
 * not JSON the count is right up to the first mistake, where a parser stops. */
size_t json_find_excess_depth(struct text bytes, size_t most);
