/* A channel's lane: who works on the channel's waiting notifications, until when, and before when nobody may. One process at a time holds a
 * lane, which keeps order and pace over all processes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/text.h"

struct db;

struct lane {
	int64_t account;
	struct text channel_id;
	time_us not_before; /* pace, Retry-After, an outage; TIME_NONE: now */
	int64_t failures; /* of the destination, in a row */
};

enum rc lane_insert(struct db *db, int64_t account, struct text channel_id) must_check; /* fine when it is there */
/* Takes the lane for `owner` until lease_until. RC_NOT_FOUND when another owner's lease runs still (or is just being taken: no wait for
 * a lock of another process). Gives not_before and failures as they were left. */
enum rc lane_claim(struct db *db, struct arena *a, int64_t account, struct text channel_id, struct text owner, time_us now,
	time_us lease_until, struct lane *ret) must_check;
/* RC_NOT_FOUND when the lane is not owner's any more. */
enum rc lane_renew(struct db *db, int64_t account, struct text channel_id, struct text owner, time_us lease_until) must_check;
/* Likewise. */
enum rc lane_pause(
	struct db *db, int64_t account, struct text channel_id, struct text owner, time_us not_before, int64_t failures) must_check;
enum rc lane_release(
	struct db *db, int64_t account, struct text channel_id, struct text owner) must_check; /* nothing if not owner's */

/* Each owner of a lane, once. For a start: those that have ended need not be waited for. */
typedef void lane_owner_each(void *context, struct text owner);
enum rc lane_each_owner(struct db *db, struct arena *a, lane_owner_each *each, void *context) must_check;
enum rc lane_release_all(struct db *db, struct text owner) must_check;

/* Every enabled channel that has something waiting: when its first is due (at the earliest not_before). For the sweep that finds what no
 * signal told of: after a start, from other processes. channel_id is valid until each() returns. */
typedef void lane_waiting_each(void *context, int64_t account, struct text channel_id, time_us due_at);
enum rc lane_each_waiting(struct db *db, lane_waiting_each *each, void *context) must_check;

/* The account's channels that are off or deleted and have something waiting all the same. */
typedef void lane_stopped_each(void *context, struct text channel_id, bool is_deleted);
enum rc lane_each_stopped(struct db *db, struct arena *a, int64_t account, lane_stopped_each *each, void *context) must_check;
