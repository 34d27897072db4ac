/* Durations of single operations, and their percentiles. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct samples {
	uint32_t *micros10; /* tenths of a microsecond */
	size_t count, room;
};

int64_t nanos_now(void); /* monotonic */
void samples_add(struct samples *s, int64_t nanos);
/* In microseconds; sorts the samples. 0 when there are none. */
double samples_percentile(struct samples *s, double percent);
void samples_done(struct samples *s);
