/* Compares commit hashes that may be abbreviated. */
#include "domain/scm_sha.h"

#include <stdbool.h>
#include <stddef.h>

enum { SHA_SHORTEST = 7 }; /* git's own shortest abbreviation; a shorter prefix says too little */

static bool is_prefix(struct text prefix, struct text whole)
{
	return prefix.n <= whole.n && text_equal_nocase(prefix, (struct text){whole.p, prefix.n});
}

enum sha_relation sha_compare(struct text known, struct text given)
{
	if (given.n == 0) return SHA_SAME;
	if (known.n == 0) return SHA_FIRST;
	if (text_equal_nocase(known, given)) return SHA_SAME;
	if (known.n < SHA_SHORTEST || given.n < SHA_SHORTEST) return SHA_DIFFERENT;
	if (is_prefix(given, known)) return SHA_SAME;
	return is_prefix(known, given) ? SHA_LONGER : SHA_DIFFERENT;
}
