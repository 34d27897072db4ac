/* The lanes in memory: found again by channel, and looked at in the order of their times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "notify/deliverer_private.h"

static struct lane_work *lane_of(struct lane_set *s, int64_t account, int number)
{
	char id[UUID_SIZE];
	snprintf(id, sizeof id, "channel-%d", number);
	return lane_set_get(s, account, text_from(id));
}

static void a_lane_is_found_again_and_belongs_to_one_account(void **unused)
{
	(void)unused;
	struct lane_set s;
	lane_set_init(&s, NULL);
	struct lane_work *a = lane_of(&s, 1, 7), *b = lane_of(&s, 2, 7);
	assert_ptr_not_equal(a, b);
	assert_ptr_equal(lane_of(&s, 1, 7), a);
	assert_ptr_equal(lane_set_find(&s, 2, TEXT("channel-7")), b);
	assert_null(lane_set_find(&s, 3, TEXT("channel-7")));
	lane_set_remove(&s, a);
	assert_null(lane_set_find(&s, 1, TEXT("channel-7")));
	lane_set_done(&s);
}

static void a_channel_id_that_is_too_long_has_no_lane(void **unused)
{
	(void)unused;
	struct lane_set s;
	lane_set_init(&s, NULL);
	assert_null(lane_set_get(&s, 1, TEXT("0123456789012345678901234567890123456")));
	assert_non_null(lane_set_get(&s, 1, TEXT("012345678901234567890123456789012345")));
	lane_set_done(&s);
}

/* Many lanes, with times that repeat, are moved and removed; what is left comes out in order. */
static void the_earliest_is_looked_at_first(void **unused)
{
	(void)unused;
	enum { LANES = 1000 };
	struct lane_set s;
	lane_set_init(&s, NULL);
	for (int i = 0; i < LANES; i++) lane_set_wake(&s, lane_of(&s, i % 3, i), (i * 7919) % 500);
	for (int i = 0; i < LANES; i += 2) lane_set_wake(&s, lane_of(&s, i % 3, i), (i * 104729) % 300);
	for (int i = 0; i < LANES; i += 5) lane_set_remove(&s, lane_of(&s, i % 3, i));
	for (int i = 1; i < LANES; i += 10) lane_set_wake(&s, lane_of(&s, i % 3, i), TIME_NEVER);
	time_us last = 0;
	size_t seen = 0;
	for (struct lane_work *w; (w = lane_set_first(&s)); seen++) {
		assert_true(w->wake_at >= last);
		last = w->wake_at;
		lane_set_wake(&s, w, TIME_NEVER);
	}
	assert_int_equal(seen, LANES - LANES / 5 - LANES / 10);
	assert_int_equal(s.count, LANES - LANES / 5);
	lane_set_done(&s);
}

static void waking_all_wakes_those_that_are_held(void **unused)
{
	(void)unused;
	struct lane_set s;
	lane_set_init(&s, NULL);
	struct lane_work *held = lane_of(&s, 1, 1), *idle = lane_of(&s, 1, 2);
	held->state = WORK_HELD;
	assert_false(lane_set_is_idle(&s));
	lane_set_wake_all(&s, 5);
	assert_ptr_equal(lane_set_first(&s), held);
	assert_int_equal(idle->wake_at, TIME_NEVER);
	held->state = WORK_IDLE;
	assert_true(lane_set_is_idle(&s));
	lane_set_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lane_is_found_again_and_belongs_to_one_account),
		cmocka_unit_test(a_channel_id_that_is_too_long_has_no_lane),
		cmocka_unit_test(the_earliest_is_looked_at_first),
		cmocka_unit_test(waking_all_wakes_those_that_are_held),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
