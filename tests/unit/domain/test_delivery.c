/* What answers mean, and how long the pauses are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <limits.h>

#include "domain/delivery.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const int64_t SECOND = 1000000, HOUR = INT64_C(3600) * 1000000, DAY = INT64_C(86400) * 1000000;

static enum delivery_verdict expected_verdict(int status)
{
	switch (status) {
	case 408:
	case 425: return DELIVERY_AGAIN;
	case 410: return DELIVERY_SWITCH_OFF;
	case 429: return DELIVERY_LATER;
	default: break;
	}
	if (status >= 200 && status < 300) return DELIVERY_DONE;
	return status >= 300 && status < 500 ? DELIVERY_DEAD : DELIVERY_AGAIN;
}

static void every_status_has_its_meaning(void **unused)
{
	(void)unused;
	for (int status = -1; status <= 1000; status++) {
		if (delivery_judge_http(status) != expected_verdict(status)) fail_msg("status %d", status);
	}
	assert_int_equal(delivery_judge_http(INT_MIN), DELIVERY_AGAIN);
	assert_int_equal(delivery_judge_http(INT_MAX), DELIVERY_AGAIN);
}

/* The edges once more, written out. */
static void edges_of_the_table(void **unused)
{
	(void)unused;
	static const struct {
		int status;
		enum delivery_verdict verdict;
	} rows[] = {
		{0, DELIVERY_AGAIN},
		{101, DELIVERY_AGAIN},
		{199, DELIVERY_AGAIN},
		{200, DELIVERY_DONE},
		{204, DELIVERY_DONE},
		{299, DELIVERY_DONE},
		{300, DELIVERY_DEAD},
		{301, DELIVERY_DEAD},
		{308, DELIVERY_DEAD},
		{399, DELIVERY_DEAD},
		{400, DELIVERY_DEAD},
		{401, DELIVERY_DEAD},
		{404, DELIVERY_DEAD},
		{407, DELIVERY_DEAD},
		{408, DELIVERY_AGAIN},
		{409, DELIVERY_DEAD},
		{410, DELIVERY_SWITCH_OFF},
		{411, DELIVERY_DEAD},
		{424, DELIVERY_DEAD},
		{425, DELIVERY_AGAIN},
		{426, DELIVERY_DEAD},
		{428, DELIVERY_DEAD},
		{429, DELIVERY_LATER},
		{430, DELIVERY_DEAD},
		{499, DELIVERY_DEAD},
		{500, DELIVERY_AGAIN},
		{503, DELIVERY_AGAIN},
		{599, DELIVERY_AGAIN},
		{600, DELIVERY_AGAIN},
		{999, DELIVERY_AGAIN},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (delivery_judge_http(rows[i].status) != rows[i].verdict) fail_msg("status %d", rows[i].status);
}

static void the_first_pauses_double(void **unused)
{
	(void)unused;
	for (int64_t attempts = 1; attempts <= 12; attempts++) {
		int64_t least = SECOND << (attempts - 1);
		assert_int_equal(delivery_pause(attempts, 0), least);
		assert_int_equal(delivery_pause(attempts, UINT32_MAX), least + least / 4);
		int64_t between = delivery_pause(attempts, UINT32_MAX / 2);
		assert_in_range(between, least + least / 8 - 2, least + least / 8);
	}
}

static void no_pause_is_shorter_than_a_second_or_longer_than_an_hour(void **unused)
{
	(void)unused;
	static const uint32_t draws[] = {0, 1, UINT32_MAX / 3, UINT32_MAX - 1, UINT32_MAX};
	for (size_t d = 0; d < COUNT_OF(draws); d++) {
		int64_t before = 0;
		for (int64_t attempts = 1; attempts <= 100; attempts++) {
			int64_t pause = delivery_pause(attempts, draws[d]);
			if (pause < SECOND || pause > HOUR || pause < before) fail_msg("attempt %lld", (long long)attempts);
			before = pause;
		}
		assert_int_equal(delivery_pause(INT64_MAX, draws[d]), before);
		assert_true(before > HOUR / 2);
	}
}

static void the_longest_pause_is_spread(void **unused)
{
	(void)unused;
	assert_int_equal(delivery_pause(INT64_MAX, UINT32_MAX), HOUR);
	assert_int_equal(delivery_pause(100, UINT32_MAX), HOUR);
	assert_int_equal(delivery_pause(100, 0), HOUR / 5 * 4);
	assert_true(delivery_pause(100, UINT32_MAX / 2) < HOUR);
}

static void senseless_counts_pause_like_the_first_attempt(void **unused)
{
	(void)unused;
	assert_int_equal(delivery_pause(0, 0), SECOND);
	assert_int_equal(delivery_pause(-5, 0), SECOND);
	assert_int_equal(delivery_pause(INT64_MIN, UINT32_MAX), SECOND + SECOND / 4);
}

/* From the first attempt at once to the one that gives up: what a destination that is down for a day gets. */
static void a_day_has_some_forty_attempts(void **unused)
{
	(void)unused;
	for (int jitter = 0; jitter < 2; jitter++) {
		int64_t attempts = 0;
		for (time_us now = 0; !delivery_gives_up(0, now); now += delivery_pause(attempts, jitter ? UINT32_MAX : 0)) attempts++;
		assert_in_range(attempts, 30, 45);
	}
}

static void retry_after_is_kept_within_bounds(void **unused)
{
	(void)unused;
	static const struct {
		int64_t seconds, pause;
	} rows[] = {
		{INT64_MIN, 1},
		{-1, 1},
		{0, 1},
		{1, 1},
		{2, 2},
		{30, 30},
		{3599, 3599},
		{3600, 3600},
		{3601, 3600},
		{86400, 3600},
		{INT64_MAX / 1000000, 3600},
		{INT64_MAX / 1000000 + 1, 3600},
		{INT64_MAX, 3600},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) assert_int_equal(delivery_retry_after(rows[i].seconds), rows[i].pause * SECOND);
}

static void a_day_after_the_event_is_the_end(void **unused)
{
	(void)unused;
	static const time_us created = INT64_C(1780000000000000);
	assert_false(delivery_gives_up(created, created));
	assert_false(delivery_gives_up(created, created + 1));
	assert_false(delivery_gives_up(created, created + DAY - 1));
	assert_true(delivery_gives_up(created, created + DAY));
	assert_true(delivery_gives_up(created, created + DAY + 1));
	assert_true(delivery_gives_up(created, INT64_MAX));
	assert_true(delivery_gives_up(INT64_MIN, INT64_MAX));
	assert_true(delivery_gives_up(-1, INT64_MAX));
}

static void a_clock_that_went_back_ends_nothing(void **unused)
{
	(void)unused;
	static const time_us created = INT64_C(1780000000000000);
	assert_false(delivery_gives_up(created, created - 1));
	assert_false(delivery_gives_up(created, created - 10 * DAY));
	assert_false(delivery_gives_up(created, INT64_MIN));
	assert_false(delivery_gives_up(INT64_MAX, INT64_MIN));
}

static void a_channel_pauses_from_its_third_failure_on(void **unused)
{
	(void)unused;
	static const struct {
		int64_t failures, seconds;
	} rows[] = {
		{INT64_MIN, 0},
		{-1, 0},
		{0, 0},
		{1, 0},
		{2, 0},
		{3, 1},
		{4, 2},
		{5, 4},
		{6, 8},
		{7, 16},
		{8, 32},
		{9, 60},
		{10, 60},
		{60, 60},
		{64, 60},
		{66, 60},
		{67, 60},
		{1000, 60},
		{INT64_MAX, 60},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(delivery_channel_pause(rows[i].failures), rows[i].seconds * SECOND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_status_has_its_meaning),
		cmocka_unit_test(edges_of_the_table),
		cmocka_unit_test(the_first_pauses_double),
		cmocka_unit_test(no_pause_is_shorter_than_a_second_or_longer_than_an_hour),
		cmocka_unit_test(the_longest_pause_is_spread),
		cmocka_unit_test(senseless_counts_pause_like_the_first_attempt),
		cmocka_unit_test(a_day_has_some_forty_attempts),
		cmocka_unit_test(retry_after_is_kept_within_bounds),
		cmocka_unit_test(a_day_after_the_event_is_the_end),
		cmocka_unit_test(a_clock_that_went_back_ends_nothing),
		cmocka_unit_test(a_channel_pauses_from_its_third_failure_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
