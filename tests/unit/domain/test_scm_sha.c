/* Which commit hashes are the same, and which of two is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/scm_sha.h"

#define FULL "0123456789abcdef0123456789abcdef01234567"

static const struct sha_case {
	const char *name, *known, *given;
	enum sha_relation expected;
} CASES[] = {
	{"equal", FULL, FULL, SHA_SAME},
	{"equal in another case", "0123456789abcdef", "0123456789ABCDEF", SHA_SAME},
	{"equal and short", "abc", "abc", SHA_SAME},
	{"equal and short in another case", "abc", "ABC", SHA_SAME},
	{"nothing known, nothing given", NULL, NULL, SHA_SAME},
	{"nothing given", FULL, NULL, SHA_SAME},
	{"empty given", FULL, "", SHA_SAME},
	{"nothing known", NULL, FULL, SHA_FIRST},
	{"empty known", "", FULL, SHA_FIRST},
	{"nothing known, a short one given", NULL, "a", SHA_FIRST},
	{"given is a prefix of 7", FULL, "0123456", SHA_SAME},
	{"given is a prefix of 6", FULL, "012345", SHA_DIFFERENT},
	{"known is a prefix of 7", "0123456", FULL, SHA_LONGER},
	{"known is a prefix of 6", "012345", FULL, SHA_DIFFERENT},
	{"known is a prefix of 7 of 8", "0123456", "01234567", SHA_LONGER},
	{"known is a prefix of 6 of 7", "012345", "0123456", SHA_DIFFERENT},
	{"given is a prefix in another case", "abcdef0123", "ABCDEF0", SHA_SAME},
	{"known is a prefix in another case", "ABCDEF0", "abcdef0123", SHA_LONGER},
	{"other first character", "0123456789", "1123456789", SHA_DIFFERENT},
	{"other last character", "0123456789", "0123456788", SHA_DIFFERENT},
	{"longer and different within the prefix", "0123457", FULL, SHA_DIFFERENT},
	{"shorter and different within the prefix", FULL, "0123457", SHA_DIFFERENT},
	{"suffix, not prefix", FULL, "1234567", SHA_DIFFERENT},
};

enum { CASE_COUNT = sizeof(CASES) / sizeof(CASES[0]) };

static void compares(void **state)
{
	const struct sha_case *c = *state;
	assert_int_equal(sha_compare(text_from(c->known), text_from(c->given)), c->expected);
}

int main(void)
{
	struct CMUnitTest tests[CASE_COUNT];
	for (size_t i = 0; i < CASE_COUNT; i++)
		tests[i] = (struct CMUnitTest){CASES[i].name, compares, NULL, NULL, (void *)&CASES[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
