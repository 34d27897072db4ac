/* What a completed deployment was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/rollout.h"

static void each_combination_has_its_rollout(void **unused)
{
	(void)unused;
	static const struct {
		bool had_current, same_version, was_current_before;
		enum rollout expected;
	} rows[] = {
		{false, false, false, ROLLOUT_INITIAL}, {false, false, true, ROLLOUT_INITIAL}, {false, true, false, ROLLOUT_INITIAL},
		{false, true, true, ROLLOUT_INITIAL}, {true, false, false, ROLLOUT_UPGRADE}, {true, false, true, ROLLOUT_ROLLBACK},
		{true, true, false, ROLLOUT_REDEPLOY},
		{true, true, true, ROLLOUT_REDEPLOY}, /* a rollback is not to the version that it replaces */
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum rollout r = rollout_of(rows[i].had_current, rows[i].same_version, rows[i].was_current_before);
		if (r != rows[i].expected) fail_msg("row %zu gives %s", i, rollout_name(r));
	}
}

static void names_read_and_write(void **unused)
{
	(void)unused;
	static const struct {
		enum rollout rollout;
		const char *name;
	} rows[] = {
		{ROLLOUT_INITIAL, "initial"},
		{ROLLOUT_UPGRADE, "upgrade"},
		{ROLLOUT_REDEPLOY, "redeploy"},
		{ROLLOUT_ROLLBACK, "rollback"},
	};
	assert_int_equal(sizeof(rows) / sizeof(rows[0]), ROLLOUT_COUNT - 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum rollout r = ROLLOUT_NONE;
		assert_string_equal(rollout_name(rows[i].rollout), rows[i].name);
		assert_true(rollout_from_name(text_from(rows[i].name), &r));
		assert_int_equal(r, rows[i].rollout);
	}
	assert_null(rollout_name(ROLLOUT_NONE));
}

static void other_names_are_refused(void **unused)
{
	(void)unused;
	static const char *const refused[] = {NULL, "", "none", "Upgrade", "rollback "};
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		enum rollout r = ROLLOUT_COUNT;
		assert_false(rollout_from_name(text_from(refused[i]), &r));
		assert_int_equal(r, ROLLOUT_COUNT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_combination_has_its_rollout),
		cmocka_unit_test(names_read_and_write),
		cmocka_unit_test(other_names_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
