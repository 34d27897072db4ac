/* base/rc: the sentence of a failure is complete or cut between characters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rc.h"

static void sets_code_and_sentence(void **state)
{
	(void)state;
	struct err err = {0};
	assert_int_equal(err_set(&err, RC_INVALID, "version: at most %d characters", 100), RC_INVALID);
	assert_int_equal(err.rc, RC_INVALID);
	assert_string_equal(err.text, "version: at most 100 characters");
}

static void takes_null(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, RC_FULL, "%s", "x"), RC_FULL);
	assert_int_equal(err_prefix(NULL, "x"), RC_FAILED);
}

static void may_quote_itself(void **state)
{
	(void)state;
	struct err err;
	err_set(&err, RC_FAILED, "inner");
	err_set(&err, RC_UNAVAILABLE, "outer (%s)", err.text);
	assert_string_equal(err.text, "outer (inner)");
	assert_int_equal(err_prefix(&err, "line %d of %s", 3, err.text), RC_UNAVAILABLE);
	assert_string_equal(err.text, "line 3 of outer (inner): outer (inner)");
}

static void cuts_to_fit(void **state)
{
	(void)state;
	struct {
		struct err err;
		char behind;
	} guarded = {.behind = '!'};
	char longer[2 * ERR_TEXT_MAX];
	memset(longer, 'a', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	err_set(&guarded.err, RC_INVALID, "%s", longer);
	assert_int_equal(strlen(guarded.err.text), ERR_TEXT_MAX - 1);
	err_prefix(&guarded.err, "%s", "start");
	assert_int_equal(strlen(guarded.err.text), ERR_TEXT_MAX - 1);
	assert_memory_equal(guarded.err.text, "start: aaa", 10);
	err_prefix(&guarded.err, "%s", longer);
	assert_int_equal(strlen(guarded.err.text), ERR_TEXT_MAX - 1);
	assert_int_equal(guarded.behind, '!');
}

static void cuts_between_characters(void **state)
{
	(void)state;
	for (size_t offset = 0; offset < 4; offset++) { /* "𝄞" has four bytes: each way of straddling the end */
		char text[ERR_TEXT_MAX + 8];
		memset(text, 'a', sizeof text);
		memcpy(text + ERR_TEXT_MAX - 1 - offset, "\xF0\x9D\x84\x9E", 5);
		struct err err;
		err_set(&err, RC_INVALID, "%s", text);
		assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1 - offset);
	}
	char whole[ERR_TEXT_MAX];
	memset(whole, 'a', sizeof whole);
	memcpy(whole + ERR_TEXT_MAX - 5, "\xF0\x9D\x84\x9E", 5);
	struct err err;
	err_set(&err, RC_INVALID, "%s", whole);
	assert_string_equal(err.text, whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_code_and_sentence),
		cmocka_unit_test(takes_null),
		cmocka_unit_test(may_quote_itself),
		cmocka_unit_test(cuts_to_fit),
		cmocka_unit_test(cuts_between_characters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
