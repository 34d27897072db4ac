/* Notification channels and preferences by hand: each change raises the account's notification revision, and has its entry in the audit log. Of a
 * channel's config that says no more than which fields have changed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "actions/actor.h"
#include "base/arena.h"
#include "base/rc.h"
#include "store/channel.h"
#include "store/preference.h"

struct db;

/* c has name, type, config, enabled; the rest is set. RC_CONFLICT with a sentence when the name is taken, RC_FULL with one when the account has
 * as many as it may. */
enum rc channel_create(
	struct db *db, struct arena *a, const struct actor *actor, struct channel *c, time_us now, struct err *err) must_check;
/* c as channel_get gave it, with its changes. Enabling forgets the reason why it was switched off, and what waits is sent. */
enum rc channel_change(
	struct db *db, struct arena *a, const struct actor *actor, struct channel *c, time_us now, struct err *err) must_check;
/* Hidden, with its preferences gone; what waits for it becomes dead by and by. RC_NOT_FOUND. */
enum rc channel_delete(struct db *db, struct arena *a, const struct actor *actor, struct text id, time_us now) must_check;

/* c was sent a sample. */
enum rc channel_note_test(
	struct db *db, struct arena *a, const struct actor *actor, const struct channel *c, bool delivered, time_us now) must_check;

/* p has channel_id, event_type, filters, enabled; the rest is set, and the type's old name becomes the new one. With a sentence: RC_NOT_FOUND
 * when there is no such channel, RC_INVALID when type or filters cannot be read (preference_compile.h), RC_FULL at the limit. */
enum rc preference_create(
	struct db *db, struct arena *a, const struct actor *actor, struct preference *p, time_us now, struct err *err) must_check;
enum rc preference_change(
	struct db *db, struct arena *a, const struct actor *actor, struct preference *p, time_us now, struct err *err) must_check;
enum rc preference_remove(struct db *db, struct arena *a, const struct actor *actor, struct text id, time_us now) must_check;

/* A dead notification is sent again. RC_NOT_FOUND; RC_CONFLICT with a sentence when it is not dead, or its channel is
 * gone. */
enum rc notification_retry(
	struct db *db, struct arena *a, const struct actor *actor, struct text id, time_us now, struct err *err) must_check;
