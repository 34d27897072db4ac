/* Recording a build or deployment event: the one place where the lifecycle, the catalog, the event log, the matrix and the
 * outbox are written.
 * Whoever takes events (the endpoints, the bulk endpoint, hooks, agent tools) calls this, inside its write transaction. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "actions/actor.h"
#include "base/arena.h"
#include "base/limits.h"
#include "base/rc.h"
#include "domain/event.h"
#include "domain/lifecycle.h"
#include "store/record.h"

struct audience;
struct db;

/* An event that has been read and checked (event_fields holds only what the field table allows), ready to be recorded. */
struct submission {
	struct event_fields fields; /* times clamped */
	struct text payload; /* the accepted fields as compact JSON, for the log */
	time_us received;
	const char *warnings[LIMIT_WARNINGS]; /* of reading it; static or in the same arena */
	size_t warning_count;
	struct audience *audience; /* who may ask to be told; NULL: nobody is told */
};

struct recorded {
	struct record record; /* after the event, with product_name, version and environment_name */
	struct text event_id; /* of this event; of a duplicate: the event that it repeats */
	enum state event_state;
	enum verdict verdict;
	const char *warnings[LIMIT_WARNINGS];
	size_t warning_count;
};

/* RC_CONFLICT: a build event whose version exists with another SHA; err holds the contract's sentence and nothing was written.
 * Any other failure is the store's. Everything given back lives in the arena. */
enum rc record_event(struct db *db, struct arena *a, const struct actor *who, const struct submission *in, struct recorded *ret,
	struct err *err) must_check;
