/* The body of an event, from options, what the CI system says, and what the caller knows better (versioner run). */
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/settings.h"
#include "cli/ci_detect.h"
#include "domain/status.h"

/* What stands above all options; members that are NULL, absent or TIME_NONE leave the options alone. */
struct event_override {
	const char *status;
	time_us started_at, completed_at;
	struct text error_message, error_code;
	struct text metadata; /* a compact JSON object, merged over what was detected and under the user's own; absent: none */
};
#define EVENT_OVERRIDE_NONE ((struct event_override){.started_at = TIME_NONE, .completed_at = TIME_NONE})

/* Texts are in the arena. */
struct event_out {
	enum kind kind;
	const char *path; /* "/deployment-events/", "/build-events/" */
	struct text body; /* compact JSON */
	struct text product, version, environment, status, scm_sha, run_url; /* as sent; absent when not sent */
	/* The status asks for the rules of a deployment: state "started", and the check is not skipped. */
	bool needs_rules;
};

/* Everything that can be known here is checked here: required fields, the status word, times, limits, metadata (a JSON object of at most
 * 100 KiB). RC_INVALID: one line for each thing that is wrong. `occurred_at`: TIME_NONE leaves it out. */
enum rc event_out_build(struct arena *a, enum kind kind, const struct settings *s, const struct ci *ci,
	const struct event_override *override, time_us occurred_at, struct event_out *ret, struct err *err) must_check;

/* The lines of --verbose: what was detected, from where, and what is sent instead of it. */
void event_out_explain(const struct event_out *e, const struct settings *s, const struct ci *ci, struct buf *out);
