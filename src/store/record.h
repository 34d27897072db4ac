/* A deployment or build as it is stored: what the repositories read and write, the actions change and the front doors show. */
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "domain/event.h"
#include "domain/lifecycle.h"
#include "domain/rollout.h"

struct rows;
struct param;

/* What describes an attempt and is not the lifecycle's. The latest value that is not absent wins. */
struct details {
	struct text build_number, build_url, deploy_url, invoke_id, source_system;
	struct text scm_repository, scm_sha, scm_branch;
	struct text actor, actor_email, actor_name;
	struct text error_message, error_code;
	struct text extra_metadata; /* compact JSON object; merged member by member */
};

struct record {
	enum kind kind;
	struct text id, product_id, version_id;
	struct text environment_id; /* deployments only */
	struct text run_key;
	struct attempt attempt;
	enum rollout rollout; /* deployments only */
	time_us updated_at;
	struct text state_event_id; /* the event that gave it its state: a duplicate answers with it */
	struct details details;
	/* Joined for showing; set by the functions that say so. */
	struct text product_name, version, environment_name;
};

/* The columns of both tables, in the order in which record_read asks for them. */
#define RECORD_COLUMNS(t) \
	t "id, " t "product_id, " t "version_id, " t "state, " t "run_key, " t "pending_at, " t "started_at, " t "ended_at, " t \
	  "attempted_at, " t "received_at, " t "updated_at, " t "state_event_id, " t "build_number, " t "build_url, " t \
	  "invoke_id, " t "source_system, " t "scm_repository, " t "scm_sha, " t "scm_branch, " t "actor, " t "actor_email, " t \
	  "actor_name, " t "error_message, " t "error_code, " t "extra_metadata"

/* Reads the columns of RECORD_COLUMNS from the current row, copied into the arena. */
void record_read(struct rows *r, struct arena *a, enum kind kind, struct record *ret);

struct details details_of_event(const struct event_fields *e);
/* The latest value wins; metadata is merged (later members win, a merge that would pass the limit keeps the later object only). */
void details_merge(struct arena *a, struct details *d, const struct details *later);
