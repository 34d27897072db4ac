/* See samples.h. */
#include "load/samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int64_t nanos_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void samples_add(struct samples *s, int64_t nanos)
{
	if (s->count == s->room) {
		size_t room = s->room ? s->room * 2 : 4096;
		uint32_t *larger = realloc(s->micros10, room * sizeof *larger);
		if (!larger) {
			perror("samples");
			exit(1);
		}
		s->micros10 = larger;
		s->room = room;
	}
	int64_t tenths = nanos / 100;
	s->micros10[s->count++] = tenths > UINT32_MAX ? UINT32_MAX : (uint32_t)tenths;
}

static int sample_compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

double samples_percentile(struct samples *s, double percent)
{
	if (s->count == 0) return 0;
	qsort(s->micros10, s->count, sizeof *s->micros10, sample_compare);
	size_t at = (size_t)(percent / 100 * (double)(s->count - 1) + 0.5);
	return s->micros10[at] / 10.0;
}

void samples_print(struct samples *s, int64_t nanos)
{
	printf("figures requests=%zu micros=%lld p50_micros=%.1f p99_micros=%.1f max_micros=%.1f\n", s->count,
		(long long)(nanos / 1000), samples_percentile(s, 50), samples_percentile(s, 99), samples_percentile(s, 100));
}

void samples_done(struct samples *s)
{
	free(s->micros10);
	*s = (struct samples){0};
}
