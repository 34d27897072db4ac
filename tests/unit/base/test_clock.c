/* base/clock: the wall clock agrees with time(), the monotonic clock does not go back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"

static void wall_clock_is_the_systems(void **state)
{
	(void)state;
	struct timespec before, after;
	clock_gettime(CLOCK_REALTIME, &before);
	time_us now = clock_now();
	clock_gettime(CLOCK_REALTIME, &after);
	assert_true(now >= SECONDS_US(before.tv_sec) + before.tv_nsec / 1000);
	assert_true(now <= SECONDS_US(after.tv_sec) + after.tv_nsec / 1000);
}

static void monotonic_clock_advances_in_microseconds(void **state)
{
	(void)state;
	int64_t start = clock_monotonic(), last = start;
	for (size_t i = 0; i < 10000; i++) {
		int64_t now = clock_monotonic();
		assert_true(now >= last);
		last = now;
	}
	nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	assert_true(clock_monotonic() - start >= 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wall_clock_is_the_systems),
		cmocka_unit_test(monotonic_clock_advances_in_microseconds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
