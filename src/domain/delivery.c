/* The table of answers, and the pauses between attempts. */
#include "domain/delivery.h"

#include <limits.h>
#include <stddef.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* The first row that holds the status counts. What no final answer may carry (1xx, 600 and more) is no answer: RFC 9110, 15. */
static const struct {
	int least, most;
	enum delivery_verdict verdict;
} ANSWERS[] = {
	{200, 299, DELIVERY_DONE},
	{408, 408, DELIVERY_AGAIN},
	{410, 410, DELIVERY_SWITCH_OFF},
	{425, 425, DELIVERY_AGAIN},
	{429, 429, DELIVERY_LATER},
	{300, 499, DELIVERY_DEAD},
	{INT_MIN, INT_MAX, DELIVERY_AGAIN},
};

enum delivery_verdict delivery_judge_http(int status)
{
	size_t i = 0;
	while (status < ANSWERS[i].least || status > ANSWERS[i].most) i++;
	return ANSWERS[i].verdict;
}

/* 1 s, doubled `times` times, at most `longest`. */
static int64_t doubled(int64_t times, int64_t longest)
{
	enum { ALREADY_YEARS = 30 }; /* … and still far from overflowing */
	if (times >= ALREADY_YEARS) return longest;
	int64_t pause = SECONDS_US(1) << (times > 0 ? times : 0);
	return pause < longest ? pause : longest;
}

/* The longest pause is spread too, or all that failed in an outage would come back at the same moments for a day. */
int64_t delivery_pause(int64_t attempts, uint32_t random)
{
	int64_t pause = doubled(attempts > 1 ? attempts - 1 : 0, DELIVERY_LONGEST_PAUSE_US / 5 * 4);
	return pause + pause / 4 * random / UINT32_MAX;
}

int64_t delivery_retry_after(int64_t seconds)
{
	if (seconds < 1) return SECONDS_US(1);
	return seconds < DELIVERY_LONGEST_PAUSE_US / SECONDS_US(1) ? SECONDS_US(seconds) : DELIVERY_LONGEST_PAUSE_US;
}

bool delivery_gives_up(time_us created, time_us now)
{
	int64_t age;
	if (now < created) return false; /* the clock went back */
	return __builtin_sub_overflow(now, created, &age) || age >= DELIVERY_GIVE_UP_US;
}

int64_t delivery_channel_pause(int64_t failures_in_a_row)
{
	enum { MAY_BE_THE_MESSAGE = 2 };
	if (failures_in_a_row <= MAY_BE_THE_MESSAGE) return 0;
	return doubled(failures_in_a_row - MAY_BE_THE_MESSAGE - 1, SECONDS_US(60));
}
