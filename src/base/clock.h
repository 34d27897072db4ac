/* The time now, and times as text. All times are int64 microseconds since 1970-01-01T00:00:00Z. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/text.h"

typedef int64_t time_us;
#define TIME_NONE INT64_MIN /* "not known"; null in the store and in answers */
#define SECONDS_US(n) ((int64_t)(n)*1000000)
#define DAYS_US(n) SECONDS_US((int64_t)(n)*86400)

time_us clock_now(void); /* wall clock */
int64_t clock_monotonic(void); /* microseconds from an arbitrary start, never going back: for durations and deadlines */

enum { RFC3339_SIZE = 28 }; /* "2026-05-24T14:06:05.890103Z" and NUL */

/* Writes "2026-05-24T14:06:05.890103Z" (always six digits, always Z). Times outside years 0001–9999 are clamped.
 * Returns the length. */
size_t rfc3339_format(time_us t, char out[static RFC3339_SIZE]);

/* RFC 3339 with a mandatory offset: "T", "t" or one space; any number of fraction digits (cut to microseconds); "Z", "z" or
 * ±hh:mm; second 60 is taken as the next second's start. Days per month and leap years are checked. Year 0001–9999,
 * as written and in UTC. */
bool rfc3339_parse(struct text t, time_us *ret);
