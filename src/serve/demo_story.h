/* A month of a company's builds and deployments, told as the events that its pipelines would have sent. Pure: the same seed and the same
 * moment give the same story. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "domain/event.h"

enum { STORY_DAYS = 30, STORY_MOST = 8000 };

struct story_event {
	struct event_fields fields;
	time_us received; /* a moment after it happened */
};

struct story {
	struct story_event *events; /* as they were received */
	size_t count;
};

/* Ends now, with some deployments under way. Everything lives in the arena. */
struct story story_make(struct arena *a, uint64_t seed, time_us now);
