/* The two clocks of the system. Times as text are in rfc3339.c. */
#include "base/clock.h"

#include <time.h>

static int64_t read_clock(clockid_t id)
{
	struct timespec now;
	clock_gettime(id, &now);
	return SECONDS_US(now.tv_sec) + now.tv_nsec / 1000;
}

time_us clock_now(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t clock_monotonic(void)
{
	return read_clock(CLOCK_MONOTONIC);
}
