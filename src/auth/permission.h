/* What may be done, and which scope of a key allows it. Source: the permission column of the endpoint table. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum permission {
	MAY_NOTHING_SPECIAL, /* open to all */
	MAY_SEND_EVENTS,
	MAY_READ,
	MAY_READ_METRICS, /* MAY_READ, or open by a setting */
	MAY_WRITE_CATALOG,
	MAY_WRITE_ENVIRONMENTS,
	MAY_WRITE_KEYS,
	MAY_WRITE_INTEGRATIONS, /* notification channels and preferences, with the secrets of destinations */
	PERMISSION_COUNT,
};

enum scope { SCOPE_EVENTS = 1, SCOPE_READ = 2, SCOPE_ADMIN = 4 };

bool scopes_allow(unsigned scopes, enum permission p);
/* "events", "read", "admin", or several by commas. */
bool scopes_parse(struct text words, unsigned *ret);
const char *scopes_name(unsigned scopes); /* "events,read"; static */
