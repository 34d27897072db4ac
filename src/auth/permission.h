/* What may be done; which role of a person and which scope of a key allows it. Source: the permission column of the endpoint table, and the
 * table of roles. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum permission {
	MAY_NOTHING_SPECIAL, /* open to all */
	MAY_BE_SOMEBODY, /* any valid credentials */
	MAY_SEND_EVENTS, /* events */
	MAY_READ, /* read */
	MAY_READ_METRICS, /* MAY_READ, or open by a setting */
	MAY_WRITE_CATALOG, /* catalog.write */
	MAY_WRITE_ENVIRONMENTS, /* environment.write */
	MAY_WRITE_REQUESTS, /* request.write */
	MAY_WRITE_RULES, /* rule.write */
	MAY_WRITE_VARIABLES, /* variable.write */
	MAY_APPROVE_SLOT, /* slot.approve */
	MAY_APPROVE_VERSION, /* version.approve */
	MAY_WRITE_INTEGRATIONS, /* integration.write: notification channels and preferences, with the secrets of destinations */
	MAY_WRITE_KEYS, /* key.write */
	MAY_WRITE_USERS, /* user.write */
	MAY_OWN_TOKENS, /* token.own: personal tokens; persons only */
	PERMISSION_COUNT,
};

enum scope { SCOPE_EVENTS = 1, SCOPE_READ = 2, SCOPE_ADMIN = 4 };

enum role {
	ROLE_ADMIN,
	ROLE_RELEASE_MANAGER,
	ROLE_PRODUCT,
	ROLE_DEVELOPER,
	ROLE_SRE,
	ROLE_QA,
	ROLE_SECURITY,
	ROLE_COMPLIANCE,
	ROLE_BILLING,
	ROLE_VIEWER,
	ROLE_COUNT,
};

bool scopes_allow(unsigned scopes, enum permission p);
/* "events", "read", "admin", or several by commas. */
bool scopes_parse(struct text words, unsigned *ret);
const char *scopes_name(unsigned scopes); /* "events,read"; static */

bool role_allows(enum role role, enum permission p);
bool role_parse(struct text word, enum role *ret); /* "release_manager" */
const char *role_name(enum role role);
/* The word of the contract ("catalog.write"); NULL for those that are not granted to anybody by name (MAY_NOTHING_SPECIAL, MAY_BE_SOMEBODY,
 * MAY_READ_METRICS). */
const char *permission_name(enum permission p);
