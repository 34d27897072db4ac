/* A listener's place as text, and texts that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stream/place.h"

#define ID "01a20b3d-f2d3-7000-9ac5-35552323392c"

static void a_place_comes_back(void **state)
{
	(void)state;
	const struct event_position positions[] = {{0, ID}, {INT64_MAX, ID}, {1099511628656, ""}, {0, ""}};
	for (size_t i = 0; i < sizeof positions / sizeof *positions; i++) {
		char text[PLACE_SIZE];
		struct place_in_stream p;
		place_format(text, "27be3af4f7eb", &positions[i]);
		assert_true(place_parse(text_from(text), &p));
		assert_string_equal(p.epoch, "27be3af4f7eb");
		assert_int_equal(event_position_compare(&p.position, &positions[i]), 0);
		assert_true(uuid_valid(text_from(p.time_id)));
	}
}

static void nothing_else_is_one(void **state)
{
	(void)state;
	static const char *const wrong[] = {"", "-", "one", "one-0", "one-0-", "one-0-" ID "x", "one-0-" ID "\n", "-0-" ID,
		"One-0-" ID, "one--" ID, "one-x-" ID, "one-+1-" ID, "one--1-" ID, "one-9223372036854775808-" ID,
		"one-99999999999999999999-" ID, "one-0_" ID, "one 0-" ID, "abcdefghijklmnop-0-" ID, ID,
		"one-0-01A20B3D-f2d3-7000-9ac5-35552323392c", "one-0-01a20b3d-f2d3-7000-9ac5-3555232339zz", "one-0~"};
	struct place_in_stream p;
	assert_true(place_parse(TEXT("one-0-" ID), &p));
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (place_parse(text_from(wrong[i]), &p)) fail_msg("\"%s\" was taken", wrong[i]);
	assert_false(place_parse(TEXT_ABSENT, &p));
}

static void positions_are_ordered_by_number_and_id(void **state)
{
	(void)state;
	const struct event_position rising[] = {{0, ""}, {0, "a"}, {0, "b"}, {1, ""}, {1, "a"}, {2, ""}};
	for (size_t i = 0; i < sizeof rising / sizeof *rising; i++)
		for (size_t k = 0; k < sizeof rising / sizeof *rising; k++) {
			int c = event_position_compare(&rising[i], &rising[k]);
			assert_true(i < k ? c < 0 : i > k ? c > 0 : c == 0);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_place_comes_back),
		cmocka_unit_test(nothing_else_is_one),
		cmocka_unit_test(positions_are_ordered_by_number_and_id),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
