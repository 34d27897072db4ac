/* A stored preference as what it asks for, ready to be held against events. */
#pragma once

#include "base/arena.h"
#include "base/rc.h"
#include "domain/subscription.h"
#include "store/preference.h"

/* *ret lies in the arena, independent of p. RC_INVALID, with a sentence that names it: an unknown event type, filter or word, or more names than
 * LIMIT_FILTER_NAMES: what nobody could have stored through preference_create(). Null and empty filters are none. */
enum rc preference_compile(struct arena *a, const struct preference *p, struct subscription *ret, struct err *err) must_check;
