/* Notification preferences: which events a channel asks for. And the number that grows with each change of what decides that. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/text.h"
#include "store/page.h"

struct db;

struct preference {
	struct text id, channel_id;
	struct text event_type; /* canonical: domain/subscription.h */
	struct text
		filters; /* compact JSON object {"environments":[…],"products":[…],"statuses":[…],"environment_types":[…]}; "{}" is all */
	bool enabled;
	time_us created_at, updated_at;
	struct text channel_name; /* joined for showing */
};

enum rc preference_get(struct db *db, struct arena *a, int64_t account, struct text id, struct preference *ret) must_check;
enum rc preference_insert(struct db *db, int64_t account, const struct preference *p) must_check;
enum rc preference_update(struct db *db, int64_t account, const struct preference *p) must_check; /* all but id, created_at */
/* How many the account has. */
enum rc preference_count(struct db *db, int64_t account, int64_t *ret) must_check;
enum rc preference_delete(struct db *db, int64_t account, struct text id) must_check; /* RC_NOT_FOUND */
enum rc preference_delete_of_channel(struct db *db, int64_t account, struct text channel_id) must_check;
typedef void preference_each(void *context, const struct preference *p);
/* channel_id, event_type: exactly one value, or absent: all. */
enum rc preference_list(struct db *db, struct arena *a, int64_t account, struct text channel_id, struct text event_type,
	const struct page *page, preference_each *each, void *context) must_check;
/* The enabled preferences of the account's enabled channels, channel by channel: what an event is held against. */
enum rc preference_each_active(struct db *db, struct arena *a, int64_t account, preference_each *each, void *context) must_check;

/* Whatever changes a channel or preference raises this, in the same transaction; place_find() gives it beside an event's place. By a random step:
 * a number that was rolled back, and may have been seen, must not come again for another change. */
enum rc notification_revision_raise(struct db *db, int64_t account) must_check;
