/* Whether two commit hashes name the same commit. Source: "A version is immutable". */
#pragma once

#include "base/text.h"

enum sha_relation {
	SHA_SAME, /* equal, or nothing to compare (either is absent), the known one stays */
	SHA_LONGER, /* the same commit, and the new one says more: keep the new one */
	SHA_FIRST, /* nothing was known: the new one fixes it */
	SHA_DIFFERENT,
};

/* Same: equal (ASCII case does not matter), or one is a prefix of the other and both have at least 7 characters. */
enum sha_relation sha_compare(struct text known, struct text given);
