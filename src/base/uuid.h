/* UUIDs version 7 (RFC 9562) as lower-case text: sorted by time, so that indexes grow at their end. */
#pragma once

#include <stdbool.h>

#include "base/clock.h"
#include "base/text.h"

enum { UUID_SIZE = 37 }; /* 36 characters and NUL */

/* A new one. Within a process each is greater than all before it, also when the clock stands still or goes back
 * (RFC 9562 6.2 method 2: milliseconds, then a counter in rand_a, then random bits). Thread-safe. */
void uuid_new(char out[static UUID_SIZE]);

/* All that are made from now on are greater than this one. Nothing happens for one that is not of version 7, or of a time that cannot be. */
void uuid_continue(struct text id);

/* The smallest UUIDv7 of that millisecond: the bound for "older than" over a key of UUIDs. */
void uuid_floor(time_us t, char out[static UUID_SIZE]);

/* A new one, copied into the arena. */
struct text uuid_text(struct arena *a);

bool uuid_valid(struct text t); /* 8-4-4-4-12 lower- or upper-case hexadecimal digits, any version */
