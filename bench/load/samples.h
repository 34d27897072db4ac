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
/* The line "figures requests=… micros=… p50_micros=… p99_micros=… max_micros=…"; `nanos`: how long all of it took. */
void samples_print(struct samples *s, int64_t nanos);
void samples_done(struct samples *s);
