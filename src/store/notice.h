/* What is told of an event: a snapshot of the deployment or build as the event left it, so that a message says what was true then, however
 * late it is sent. One row an event, shared by all its notifications. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/text.h"
#include "domain/environment_type.h"
#include "domain/rollout.h"
#include "domain/status.h"

struct db;

struct notice {
	enum kind kind;
	enum state state;
	enum rollout rollout;
	unsigned transitions; /* enum transition */
	struct text event_id, subject_id, product_id, environment_id, version_id;
	struct text product_name, version, environment_name;
	enum environment_type environment_type; /* ENV_TYPE_COUNT for a build */
	struct text previous_version; /* current there before a completed deployment */
	struct text actor, actor_email, actor_name;
	struct text scm_repository, scm_sha, scm_branch, build_number, build_url, deploy_url, source_system;
	struct text error_message, error_code;
	struct text channel_name; /* of a notice about a channel, which tells of no deployment: kind and state mean nothing then */
	struct text preflight_status; /* "passed", "failed"; absent where no rule was evaluated */
	time_us occurred_at, deployed_at, started_at, ended_at; /* deployed_at is never TIME_NONE */
	struct text extra_metadata; /* compact JSON object, or absent; a column of its own: it may be large */
};

/* All but extra_metadata as a compact JSON object, and back. RC_CORRUPT when it is no such object. Texts lie in the arena. */
void notice_write(struct buf *b, const struct notice *n);
enum rc notice_read(struct arena *a, struct text content, struct text extra_metadata, struct notice *ret) must_check;

/* content: of notice_write. */
enum rc notice_insert(struct db *db, int64_t account, struct text event_id, struct text content, struct text extra_metadata,
	time_us now) must_check;
enum rc notice_get(struct db *db, struct arena *a, int64_t account, struct text event_id, struct notice *ret) must_check;
