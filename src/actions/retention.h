/* Cutting what is no longer kept, and giving up what can no longer be delivered, in small steps that never hold the writer for more than a few milliseconds. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/rc.h"

struct db;

enum { RETENTION_STEP_ROWS = 200 };

struct retention {
	int64_t events_days; /* 0: for ever */
	int64_t notifications_days; /* those that no longer wait; 0: for ever */
	int64_t audit_days; /* 0: for ever */
};

/* One step over every account: at most RETENTION_STEP_ROWS of each kind. ret_more: call again soon. In a write transaction. */
enum rc retention_step(struct db *db, const struct retention *r, time_us now, bool *ret_more) must_check;
