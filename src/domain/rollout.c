/* Names what a completed deployment was for its environment. */
#include "domain/rollout.h"

static const char *const ROLLOUT_NAMES[ROLLOUT_COUNT] = {
	[ROLLOUT_INITIAL] = "initial",
	[ROLLOUT_UPGRADE] = "upgrade",
	[ROLLOUT_REDEPLOY] = "redeploy",
	[ROLLOUT_ROLLBACK] = "rollback",
};

enum rollout rollout_of(bool had_current, bool same_version, bool was_current_before)
{
	if (!had_current) return ROLLOUT_INITIAL;
	if (same_version) return ROLLOUT_REDEPLOY;
	return was_current_before ? ROLLOUT_ROLLBACK : ROLLOUT_UPGRADE;
}

const char *rollout_name(enum rollout r)
{
	return ROLLOUT_NAMES[r];
}

bool rollout_from_name(struct text name, enum rollout *ret)
{
	for (enum rollout r = ROLLOUT_NONE + 1; r < ROLLOUT_COUNT; r++) {
		if (text_is(name, ROLLOUT_NAMES[r])) {
			*ret = r;
			return true;
		}
	}
	return false;
}
