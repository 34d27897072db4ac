/* Notifications: the outbox and the history are the same rows. Written in the event's transaction; from then on only the holder of the
 * channel's lane changes those that wait.
 *
 *   waiting → delivered | folded (told by a digest) | dead;   dead → waiting by a person's retry */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/text.h"
#include "store/page.h"

struct db;

enum notification_state {
	NOTIFICATION_WAITING,
	NOTIFICATION_DELIVERED,
	NOTIFICATION_FOLDED,
	NOTIFICATION_DEAD,
	NOTIFICATION_STATE_COUNT
};
const char *notification_state_name(enum notification_state s); /* "waiting" */
bool notification_state_from_name(struct text name, enum notification_state *ret);

struct notification {
	struct text id, channel_id, event_id;
	struct text event_type; /* as it is told */
	struct text subject_id; /* the deployment or build */
	enum notification_state state;
	int64_t attempts;
	time_us created_at;
	time_us waiting_since; /* from here its day counts: created_at, or when a person sent it again */
	time_us due_at; /* while waiting: not before this */
	time_us attempted_at, finished_at; /* when the last attempt began; when it left `waiting` */
	int64_t duration; /* of the last attempt, microseconds */
	int64_t answer_status; /* of the last attempt; 0: no answer */
	struct text answer; /* its first KiB, or the sentence why there was none */
	struct text folded_into; /* the notification whose request carried it */
	/* Joined for showing */
	struct text channel_name, channel_type;
};

/* state waiting, due now: at created_at, or with an older one of its deployment that was put off on that channel. */
enum rc notification_insert(struct db *db, int64_t account, const struct notification *n) must_check;

/* ---- for the holder of the lane ---- */

/* One that may be sent now, with what it says and what was sent before for the same deployment. */
struct due_notification {
	struct notification n;
	struct text notice, extra_metadata; /* extra_metadata absent in notification_each_foldable */
	struct text remote_channel, remote_id; /* of remote_message_put(); absent: none */
};
typedef void due_each(void *context, const struct due_notification *d);
/* Due, and the oldest waiting one of its deployment on this channel; by due time, at most so many. Everything given lies in the arena. */
enum rc notification_each_due(struct db *db, struct arena *a, int64_t account, struct text channel_id, time_us now, int64_t most,
	due_each *each, void *context) must_check;
/* When the next one is due: a time that has passed only when notification_each_due() gives something now. RC_NOT_FOUND: none waits. */
enum rc notification_next_due(struct db *db, int64_t account, struct text channel_id, time_us *ret) must_check;
/* How many are due now, counted up to `most`. */
enum rc notification_count_due(
	struct db *db, int64_t account, struct text channel_id, time_us now, int64_t most, int64_t *ret) must_check;
/* For a digest: all that are due, of deployments none of whose waiting ones is later; the earliest due, at most so many, by id.
 * without_message: only those of deployments that have no message in place (remote_message_put). */
enum rc notification_each_foldable(struct db *db, struct arena *a, int64_t account, struct text channel_id, time_us now,
	bool without_message, int64_t most, due_each *each, void *context) must_check;

struct attempt_outcome { /* of one attempt */
	time_us at; /* when it began */
	int64_t duration; /* microseconds */
	int64_t status; /* 0: no answer */
	struct text answer; /* cut to LIMIT_NOTIFICATION_ANSWER by the caller, valid UTF-8 */
};
/* What does not wait any more is left as it is by the next three, without a failure: a lane that was lost, a channel that was deleted. */
/* delivered or dead. */
enum rc notification_finish(
	struct db *db, int64_t account, struct text id, enum notification_state state, const struct attempt_outcome *o) must_check;
/* Stays waiting until due_at, and so do those of its deployment behind it. */
enum rc notification_put_off(
	struct db *db, int64_t account, struct text id, time_us due_at, const struct attempt_outcome *o) must_check;
enum rc notification_fold(struct db *db, int64_t account, struct text id, struct text into, time_us at) must_check;
/* At most `most` waiting ones of the channel become dead with that sentence: those that have been due since before then (TIME_NONE: all). */
enum rc notification_kill_waiting(struct db *db, int64_t account, struct text channel_id, time_us due_before,
	struct text sentence, time_us now, int64_t most, int64_t *ret_count) must_check;

/* The message that a deployment has in a channel, to be changed in place. */
enum rc remote_message_put(struct db *db, int64_t account, struct text channel_id, struct text subject_id,
	struct text remote_channel, struct text remote_id, time_us now) must_check;

/* ---- for people ---- */

enum rc notification_get(struct db *db, struct arena *a, int64_t account, struct text id, struct notification *ret) must_check;
struct notification_filter {
	struct text channel_id, subject_id; /* exactly one value: these have indexes */
	bool only_dead; /* … and this */
	struct text channel_ids, states, types; /* sets ",a,b,"; absent: all */
	time_us since, until; /* of created_at */
};
/* With its notice: content and extra_metadata; all valid until each() returns. */
typedef void notification_each(void *context, const struct notification *n, struct text notice, struct text extra_metadata);
enum rc notification_list(struct db *db, int64_t account, const struct notification_filter *f, const struct page *page,
	notification_each *each, void *context) must_check;
/* The attempts that failed, oldest first; number counts from 1. The one that ended it (number == attempts) stands in the notification alone. */
typedef void attempt_each(void *context, int64_t number, const struct attempt_outcome *o);
enum rc notification_attempts(
	struct db *db, struct arena *a, int64_t account, struct text id, attempt_each *each, void *context) must_check;
/* A dead one waits again, due now, with a fresh day. RC_NOT_FOUND, RC_CONFLICT when it is not dead. */
enum rc notification_revive(struct db *db, int64_t account, struct text id, time_us now) must_check;

struct queue_figures {
	struct text channel_type;
	int64_t waiting, dead;
	time_us oldest; /* created_at of the oldest that waits; TIME_NONE */
};
typedef void queue_each(void *context, const struct queue_figures *q);
enum rc notification_queues(struct db *db, struct arena *a, queue_each *each,
	void *context) must_check; /* all accounts, by type; dead is not counted: 0 */

/* Deletes at most `most` finished ones created before, with their attempts, and notices and remote messages that no notification refers to any
 * more. */
enum rc notification_cut(struct db *db, int64_t account, time_us before, int64_t most, int64_t *ret_deleted) must_check;
