/* Slows failed logins down: by user and address, by address, and by user. In memory of a fixed size; when it is full the oldest is forgotten.
 *
 *   who                  free failures   then each further try waits
 *   user from address    5               1 s, doubled up to 5 min
 *   address              20              1 s, doubled up to 1 min
 *   user                 50              5 s; not for an address from which this user has logged in
 * A success forgets the first, and is none of the others' failures. An hour without a failure forgets all. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct throttle;

struct throttle *throttle_new(void);
void throttle_free(struct throttle *t);

/* Seconds until a try is allowed, 0: now; then it counts as begun, so that a hundred at once are not a hundred free ones. user: account and
 * address in lower case, as typed, known or not. IPv6 addresses count by their /64. monotonic: clock_monotonic(). */
unsigned throttle_begin(struct throttle *t, struct text user, struct text peer, int64_t monotonic);
/* What became of it. */
void throttle_end(struct throttle *t, struct text user, struct text peer, bool success, int64_t monotonic);
