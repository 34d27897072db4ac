/* What a completed deployment was: initial, upgrade, redeploy or rollback. Source: "The current version of an environment". */
#pragma once

#include <stdbool.h>

#include "base/text.h"

enum rollout { ROLLOUT_NONE, ROLLOUT_INITIAL, ROLLOUT_UPGRADE, ROLLOUT_REDEPLOY, ROLLOUT_ROLLBACK, ROLLOUT_COUNT };

/* had_current: another version or the same was current there just before this end; same_version: it was this version;
 * was_current_before: this version had been current there at some earlier time. */
enum rollout rollout_of(bool had_current, bool same_version, bool was_current_before);
const char *rollout_name(enum rollout r); /* NULL for ROLLOUT_NONE */
bool rollout_from_name(struct text name, enum rollout *ret);
