/* The event types against the data table, both ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../tsv.h"
#include "domain/event_type.h"
#include "domain/status.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Those that the data table does not have. */
static const struct event_type OURS[] = {
	{"deployment.recovered", "💚", "Deployment recovered", SUCCESS_YES, false},
	{"deployment.rolled_back", "⏪", "Deployment rolled back", SUCCESS_YES, false},
};

static const char *const SUCCESS_WORDS[] = {[SUCCESS_NOT_SAID] = "null", [SUCCESS_YES] = "true", [SUCCESS_NO] = "false"};

static const struct event_type *found(const char *name)
{
	const struct event_type *t = event_type_find(text_from(name));
	if (!t) fail_msg("there is no %s", name);
	return t;
}

static void every_row_of_the_data_table_is_there_in_its_order(void **unused)
{
	(void)unused;
	struct tsv *t = tsv_read("event-types.tsv");
	for (size_t i = 0; i < t->rows; i++) {
		const struct event_type *type = found(tsv_get(t, i, "event_type"));
		assert_ptr_equal(type, &EVENT_TYPES[i]);
		assert_string_equal(type->name, tsv_get(t, i, "event_type"));
		assert_string_equal(type->icon, tsv_get(t, i, "icon"));
		assert_string_equal(type->headline, tsv_get(t, i, "headline"));
		assert_string_equal(SUCCESS_WORDS[type->success], tsv_get(t, i, "is_successful"));
	}
	tsv_free(t);
}

static void behind_it_stand_ours_and_nothing_else(void **unused)
{
	(void)unused;
	struct tsv *t = tsv_read("event-types.tsv");
	const struct event_type *ours = EVENT_TYPES + t->rows;
	for (size_t i = 0; i < COUNT_OF(OURS); i++) {
		assert_non_null(ours[i].name);
		assert_string_equal(ours[i].name, OURS[i].name);
		assert_string_equal(ours[i].icon, OURS[i].icon);
		assert_string_equal(ours[i].headline, OURS[i].headline);
		assert_int_equal(ours[i].success, OURS[i].success);
		assert_ptr_equal(found(OURS[i].name), &ours[i]);
	}
	assert_null(ours[COUNT_OF(OURS)].name);
	tsv_free(t);
}

static void bad_news_are_what_failed(void **unused)
{
	(void)unused;
	static const char *const failures[] = {"deployment.failed", "deployment.preflight_failed", "build.failed"};
	size_t count = 0;
	for (const struct event_type *t = EVENT_TYPES; t->name; t++) count += t->is_failure;
	assert_int_equal(count, COUNT_OF(failures));
	for (size_t i = 0; i < COUNT_OF(failures); i++) assert_true(found(failures[i])->is_failure);
}

/* Whatever an event or a transition is called can be told. */
static void every_event_and_transition_has_its_row(void **unused)
{
	(void)unused;
	for (enum kind k = 0; k < KIND_COUNT; k++) {
		for (enum state s = 0; s < STATE_COUNT; s++)
			if (event_type_name(k, s)) found(event_type_name(k, s));
	}
	assert_string_equal(transition_event_type(TRANSITION_RECOVERED), "deployment.recovered");
	assert_string_equal(transition_event_type(TRANSITION_ROLLED_BACK), "deployment.rolled_back");
	assert_string_equal(transition_name(TRANSITION_RECOVERED), "recovered");
	assert_string_equal(transition_name(TRANSITION_ROLLED_BACK), "rolled_back");
}

static void names_are_exact(void **unused)
{
	(void)unused;
	static const struct text unknown[] = {{NULL, 0}, {"", 0}, {"deployment", 10}, {"deployment.", 11}, {"deployment.faile", 16},
		{"deployment.failed ", 18}, {"deployment.failed\0", 18}, {"Deployment.failed", 17}, {"deployment.*", 12}, {"*", 1},
		{"version.failed", 14}, {"build.preflight_failed", 22}, {"recovered", 9}, {"build.recovered", 15}};
	for (size_t i = 0; i < COUNT_OF(unknown); i++)
		if (event_type_find(unknown[i])) fail_msg("row %zu is found", i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_data_table_is_there_in_its_order),
		cmocka_unit_test(behind_it_stand_ours_and_nothing_else),
		cmocka_unit_test(bad_news_are_what_failed),
		cmocka_unit_test(every_event_and_transition_has_its_row),
		cmocka_unit_test(names_are_exact),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
