/* Whether somebody asked to be told of an event: the pure part of notification preferences. Source: "Preferences".
 *
 * An event has its own type, and a completed deployment may have transitions. A channel is told once, whatever the number of its
 * preferences that match: with the event's own type when one of them asks for that (families and "*" do), else with the first
 * transition that one of them names. So a program that knows the public types alone never meets ours unasked. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "domain/environment_type.h"
#include "domain/event_type.h"
#include "domain/status.h"

/* '*' stands for any characters, none included; everything else for itself, byte for byte. Linear in time for hostile patterns. */
bool wildcard_matches(struct text pattern, struct text name);

/* Takes "deployment.failed", a family ("deployment.*", "build.*", "dr.*", "version.*"), "*", and the old names of builds
 * ("version.started" gives "build.started"). *ret is static: the canonical word. False: not known. "version.*" stays: it means
 * build.* (its old name) and version.approved. */
bool subscription_type_parse(struct text word, struct text *ret);
const char *subscription_types(void); /* all that are accepted, comma-separated, for the error that lists them; static */

struct subscription {
	struct text event_type; /* canonical */
	const struct text *environments, *products; /* names, with wildcards; count 0: all. A build has no environment: it matches
	                                               only where environments and environment_types are empty */
	size_t environment_count, product_count;
	unsigned states; /* 1 << enum state; 0: all */
	unsigned environment_types; /* 1 << enum environment_type; 0: all */
};

struct occasion {
	enum kind kind;
	enum state state;
	unsigned transitions; /* enum transition, several */
	struct text product, environment; /* environment absent for a build */
	enum environment_type environment_type;
};

enum interest {
	INTEREST_NONE,
	INTEREST_ROLLED_BACK,
	INTEREST_RECOVERED,
	INTEREST_OWN_TYPE
}; /* the greatest of a channel's counts */
enum interest subscription_interest(const struct subscription *s, const struct occasion *o);
/* The type to tell: event_type_name(kind, state), or the transition's. NULL for INTEREST_NONE. */
const char *interest_event_type(enum interest i, const struct occasion *o);
