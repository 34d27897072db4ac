/* The outbox: what an event has to tell, written in the event's own transaction. From the commit on, the deliverer sees to it. */
#pragma once

#include <stdint.h>

#include "actions/audience.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/rc.h"
#include "store/record.h"

struct db;

/* An event that changed a deployment or build. */
struct happening {
	struct audience *audience;
	int64_t account;
	int64_t revision; /* of the account's notifications, from the event's place */
	const struct record *record; /* after the event, with its names */
	struct text event_id;
	enum environment_type environment_type; /* of a deployment */
	struct text previous_version; /* that was current there before; absent: none */
	bool had_failed; /* this very attempt: a correction */
	time_us occurred_at, received_at;
};

/* One row for each channel that asked, and a snapshot for all of them. Nothing when nobody asked. */
enum rc outbox_tell(struct db *db, struct arena *a, const struct happening *h) must_check;
