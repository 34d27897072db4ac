/* The table of scopes and what each allows. */
#include "auth/permission.h"

#include <stddef.h>

static const unsigned ALLOWED[PERMISSION_COUNT] = {
	[MAY_NOTHING_SPECIAL] = SCOPE_EVENTS | SCOPE_READ | SCOPE_ADMIN,
	[MAY_SEND_EVENTS] = SCOPE_EVENTS | SCOPE_ADMIN,
	[MAY_READ] = SCOPE_READ | SCOPE_ADMIN,
	[MAY_READ_METRICS] = SCOPE_READ | SCOPE_ADMIN,
	[MAY_WRITE_CATALOG] = SCOPE_ADMIN,
	[MAY_WRITE_ENVIRONMENTS] = SCOPE_ADMIN,
	[MAY_WRITE_KEYS] = SCOPE_ADMIN,
	[MAY_WRITE_INTEGRATIONS] = SCOPE_ADMIN,
};

static const struct {
	const char *word;
	unsigned scope;
} SCOPES[] = {{"events", SCOPE_EVENTS}, {"read", SCOPE_READ}, {"admin", SCOPE_ADMIN}};

bool scopes_allow(unsigned scopes, enum permission p)
{
	return p < PERMISSION_COUNT && (ALLOWED[p] & scopes) != 0;
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
