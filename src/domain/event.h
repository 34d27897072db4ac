/* A build or deployment event as the product sees it: plain fields, checked and normalised. Source: the events' field table.
 *
 * EVENT_FIELDS is that table: one row a field, in the order in which errors are listed. Request parsing, validation, the
 * stored payload and the documentation are loops over it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/text.h"
#include "domain/status.h"

struct event_fields {
	enum kind kind;
	enum state state;
	struct text product_name, version, environment_name;
	struct text status; /* the word as sent, trimmed */
	struct text scm_repository, scm_sha, scm_branch;
	struct text build_number, invoke_id, build_url, deploy_url, source_system;
	struct text actor, actor_email, actor_name; /* deployed_by… or built_by… */
	time_us started_at, completed_at, occurred_at; /* TIME_NONE when absent; never in the future (event_clamp_times) */
	struct text error_message, error_code;
	bool skip_preflight_checks;
	struct text extra_metadata; /* compact JSON object, or absent */
	struct text run_attempt; /* extra_metadata.vi_gh_run_attempt as text, or absent */
};

enum event_field_kind {
	FIELD_TEXT,
	FIELD_NUMBER_OR_TEXT, /* a JSON number is taken as its text */
	FIELD_STATUS,
	FIELD_TIME,
	FIELD_BOOL,
	FIELD_METADATA,
};

struct event_field {
	const char *name[KIND_COUNT]; /* as on the wire for each kind; NULL: this kind has no such field */
	bool required[KIND_COUNT];
	enum event_field_kind kind;
	size_t limit; /* characters; bytes of compact JSON for FIELD_METADATA; 0 where it does not apply */
	bool multiline; /* tab and newline allowed */
	size_t at; /* offsetof in struct event_fields: a struct text, a time_us or a bool */
};

extern const struct event_field EVENT_FIELDS[]; /* ends with a row without names */

/* Times more than 5 minutes after `now` become `now`. Returns how many; ret_names gets their field names (room for 3). */
size_t event_clamp_times(struct event_fields *e, time_us now, const char *ret_names[static 3]);

/* invoke_id, with "/" and the run attempt appended when there is one; absent without invoke_id. Into the arena. */
struct text event_run_key(struct arena *a, const struct event_fields *e);

/* When the event happened: occurred_at, else completed_at of a final state, else started_at of an open one, else received. */
time_us event_time(const struct event_fields *e, time_us received);
