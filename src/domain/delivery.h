/* What a destination's answer means, and when to try again. Pure. Source: the table under "Delivery". */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

enum delivery_verdict {
	DELIVERY_DONE, /* 2xx */
	DELIVERY_NEXT_STEP, /* a message of several requests: this one is done, compose the next */
	DELIVERY_AGAIN, /* no answer, 408, 425, 5xx: this message waits its turn, others go on */
	DELIVERY_LATER, /* 429: the whole channel waits */
	DELIVERY_DEAD, /* other 4xx, 3xx: never again */
	DELIVERY_SWITCH_OFF, /* 410: this one is dead, and so is the channel */
	DELIVERY_VERDICT_COUNT
};

#define DELIVERY_GIVE_UP_US DAYS_US(1)
#define DELIVERY_LONGEST_PAUSE_US SECONDS_US(3600)

/* status 0: no answer (network error, timeout). */
enum delivery_verdict delivery_judge_http(int status);
/* attempts: made so far, this one included (1, 2, …). 1 s, 2 s, then doubling, each with up to 25 % more drawn by `random`, at most
 * DELIVERY_LONGEST_PAUSE_US: the longest are spread over its last fifth. Never overflows. */
int64_t delivery_pause(int64_t attempts, uint32_t random);
/* Retry-After in seconds as the peer said (< 0: it said nothing) → microseconds: at least 1 s, at most an hour. */
int64_t delivery_retry_after(int64_t seconds);
/* Whether an attempt that failed now was the last: a day after the event. */
bool delivery_gives_up(time_us created, time_us now);
/* How long a whole channel pauses after so many failures in a row of its destination: nothing for the first two (it may be the message),
 * then 1 s doubling to 60 s. A success resets the count. */
int64_t delivery_channel_pause(int64_t failures_in_a_row);
