/* Private to json.c: what must be known of a text before it is parsed. */
#pragma once

#include <stddef.h>

#include "base/text.h"

/* What jansson would build of a text, from one look at its brackets, commas and quotes. Any bytes will do: on text that is not JSON
 * this is right up to the first mistake, where a parser stops. */
enum json_excess { JSON_FITS, JSON_TOO_DEEP, JSON_TOO_MANY };
/* Whether the text nests deeper than `most_levels`, or holds more than `most_values` values (a member of an object counts once), and
 * where the first bracket or comma stands that is too much. */
enum json_excess json_find_excess(struct text bytes, size_t most_levels, size_t most_values, size_t *ret_at);
