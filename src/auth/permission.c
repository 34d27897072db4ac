/* The tables of scopes and roles, and what each allows. */
#include "auth/permission.h"

#include <stddef.h>

enum { ALL_SCOPES = SCOPE_EVENTS | SCOPE_READ | SCOPE_ADMIN };

#define ADMIN (1u << ROLE_ADMIN)
#define RELEASE_MANAGER (1u << ROLE_RELEASE_MANAGER)
#define PRODUCT (1u << ROLE_PRODUCT)
#define DEVELOPER (1u << ROLE_DEVELOPER)
#define SRE (1u << ROLE_SRE)
#define QA (1u << ROLE_QA)
#define SECURITY (1u << ROLE_SECURITY)
#define COMPLIANCE (1u << ROLE_COMPLIANCE)
#define ALL_ROLES ((1u << ROLE_COUNT) - 1)

/* Tokens are for persons: a key has no owner whose role they could act with. */
static const struct {
	const char *word;
	unsigned scopes, roles;
} ALLOWED[PERMISSION_COUNT] = {
	[MAY_NOTHING_SPECIAL] = {NULL, ALL_SCOPES, ALL_ROLES},
	[MAY_BE_SOMEBODY] = {NULL, ALL_SCOPES, ALL_ROLES},
	[MAY_SEND_EVENTS] = {"events", SCOPE_EVENTS | SCOPE_ADMIN, ADMIN | RELEASE_MANAGER | DEVELOPER | SRE},
	[MAY_READ] = {"read", SCOPE_READ | SCOPE_ADMIN, ALL_ROLES},
	[MAY_READ_METRICS] = {NULL, SCOPE_READ | SCOPE_ADMIN, ALL_ROLES},
	[MAY_WRITE_CATALOG] = {"catalog.write", SCOPE_ADMIN, ADMIN | RELEASE_MANAGER},
	[MAY_WRITE_ENVIRONMENTS] = {"environment.write", SCOPE_ADMIN, ADMIN | RELEASE_MANAGER | SRE},
	[MAY_WRITE_REQUESTS] = {"request.write", SCOPE_ADMIN, ADMIN | RELEASE_MANAGER | PRODUCT | DEVELOPER},
	[MAY_WRITE_RULES] = {"rule.write", SCOPE_ADMIN, ADMIN | RELEASE_MANAGER | SRE},
	[MAY_WRITE_VARIABLES] = {"variable.write", SCOPE_ADMIN, ADMIN | RELEASE_MANAGER | SRE},
	[MAY_APPROVE_SLOT] = {"slot.approve", SCOPE_ADMIN,
		ADMIN | RELEASE_MANAGER | PRODUCT | DEVELOPER | SRE | QA | SECURITY | COMPLIANCE},
	[MAY_APPROVE_VERSION] = {"version.approve", SCOPE_ADMIN,
		ADMIN | RELEASE_MANAGER | PRODUCT | SRE | QA | SECURITY | COMPLIANCE},
	[MAY_WRITE_INTEGRATIONS] = {"integration.write", SCOPE_ADMIN, ADMIN | SRE},
	[MAY_WRITE_KEYS] = {"key.write", SCOPE_ADMIN, ADMIN},
	[MAY_WRITE_USERS] = {"user.write", SCOPE_ADMIN, ADMIN},
	[MAY_OWN_TOKENS] = {"token.own", 0, ADMIN | RELEASE_MANAGER | PRODUCT | DEVELOPER | SRE | QA | SECURITY | COMPLIANCE},
};

static const struct {
	const char *word;
	unsigned scope;
} SCOPES[] = {{"events", SCOPE_EVENTS}, {"read", SCOPE_READ}, {"admin", SCOPE_ADMIN}};

static const char *const ROLES[ROLE_COUNT] = {
	[ROLE_ADMIN] = "admin",
	[ROLE_RELEASE_MANAGER] = "release_manager",
	[ROLE_PRODUCT] = "product",
	[ROLE_DEVELOPER] = "developer",
	[ROLE_SRE] = "sre",
	[ROLE_QA] = "qa",
	[ROLE_SECURITY] = "security",
	[ROLE_COMPLIANCE] = "compliance",
	[ROLE_BILLING] = "billing",
	[ROLE_VIEWER] = "viewer",
};

bool scopes_allow(unsigned scopes, enum permission p)
{
	return p < PERMISSION_COUNT && (ALLOWED[p].scopes & scopes) != 0;
}

bool scopes_parse(struct text words, unsigned *ret)
{
	unsigned scopes = 0;
	struct text word;
	while (text_split(&words, ',', &word)) {
		unsigned found = 0;
		for (size_t i = 0; i < sizeof SCOPES / sizeof *SCOPES; i++)
			if (text_is(text_trim(word), SCOPES[i].word)) found = SCOPES[i].scope;
		if (!found) return false;
		scopes |= found;
	}
	if (!scopes) return false;
	*ret = scopes;
	return true;
}

const char *scopes_name(unsigned scopes)
{
	static const char *const NAMES[8] = {
		"", "events", "read", "events,read", "admin", "events,admin", "read,admin", "events,read,admin"};
	return NAMES[scopes & 7];
}

bool role_allows(enum role role, enum permission p)
{
	return p < PERMISSION_COUNT && role < ROLE_COUNT && (ALLOWED[p].roles & 1u << role) != 0;
}

bool role_parse(struct text word, enum role *ret)
{
	for (enum role i = 0; i < ROLE_COUNT; i++)
		if (text_is(word, ROLES[i])) return *ret = i, true;
	return false;
}

const char *role_name(enum role role)
{
	return role < ROLE_COUNT ? ROLES[role] : "";
}

const char *permission_name(enum permission p)
{
	return p < PERMISSION_COUNT ? ALLOWED[p].word : NULL;
}
