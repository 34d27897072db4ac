/* How an event finds its deployment or build, and what it does to it. Pure: candidates in, a decision out; then the same
 * function applies it, both when the event is recorded and when `versioner check` replays the log.
 *
 * An event belongs to the newest open attempt of the same place (product, environment, version; for a build product, version)
 * whose run key is equal, or absent on either side. Otherwise the newest attempt with the same run key decides; an event
 * without a run key looks at the newest attempt of the place, whatever its key:
 *
 *   event   that attempt                                              verdict
 *   any     none                                                      NEW
 *   open    final; event's time is known and not later than its end   LATE        recorded, fills empty times, state stays
 *   open    final, otherwise                                          NEW         a new attempt
 *   final   final, same state, event has a run key                    DUPLICATE   same answer, nothing notified
 *   final   final, other state, event has a run key                   CORRECTION  the state becomes the new one
 *   final   final, event has no run key                               NEW         teams that only ever send "success"
 *
 * and within an open attempt:
 *   pending → started, open → final       ADVANCE
 *   the same open state again             DUPLICATE
 *   pending after started                 IGNORED     recorded, changes nothing
 */
#pragma once

#include <stdbool.h>

#include "base/clock.h"
#include "domain/event.h"
#include "domain/status.h"

enum verdict {
	VERDICT_NEW,
	VERDICT_ADVANCE,
	VERDICT_LATE,
	VERDICT_DUPLICATE,
	VERDICT_CORRECTION,
	VERDICT_IGNORED,
	VERDICT_COUNT
};

const char *verdict_name(enum verdict v); /* "new", "advance", …: stored as the event's effect */
bool verdict_from_name(struct text name, enum verdict *ret);
bool verdict_notifies(enum verdict v); /* NEW, ADVANCE and CORRECTION changed something */

/* The part of a deployment or build that the lifecycle reads and writes. */
struct attempt {
	enum state state;
	time_us pending_at, started_at, ended_at; /* TIME_NONE when not known; ended_at only in a final state */
	time_us attempted_at; /* the time of the first event: orders attempts of a place */
	time_us received_at; /* when the first event came in */
};

/* What the lifecycle needs of an event. */
struct occurrence {
	enum state state;
	bool has_run_key;
	time_us started_at, completed_at, occurred_at; /* as given, clamped; TIME_NONE when absent */
	time_us received_at;
};

struct occurrence occurrence_of(const struct event_fields *e, bool has_run_key, time_us received);

/* open: the newest open attempt that the event may belong to, or NULL. newest: the one that decides otherwise, or NULL. */
enum verdict lifecycle_decide(const struct occurrence *e, const struct attempt *open, const struct attempt *newest);

/* For NEW fills *a from nothing; else changes what the verdict changes:
 *   ended_at    of a final state: completed_at, else occurred_at, else received
 *   started_at  given with any applied event and empty so far; else for `started`: occurred_at, else received
 *   pending_at  for `pending`: occurred_at, else received
 * A correction takes the new end. LATE fills the time of the event's state if empty: pending_at with occurred_at, else
 * started_at; started_at with started_at, else occurred_at. DUPLICATE and IGNORED change nothing. */
void lifecycle_apply(struct attempt *a, enum verdict v, const struct occurrence *e);

/* The end of a completed one, else its start, else when it was received. Never TIME_NONE. */
time_us attempt_deployed_at(const struct attempt *a);
