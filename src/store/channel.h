/* Notification channels: where messages go. Their config holds secrets: it never leaves but masked. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/text.h"
#include "store/page.h"

struct db;

struct channel {
	struct text id, name, type; /* type: "slack_webhook", … */
	struct text config; /* compact JSON object, checked by its type */
	bool enabled;
	struct text disabled_reason; /* set when the product switched it off; absent when a person did */
	time_us created_at, updated_at;
};

enum rc channel_get(struct db *db, struct arena *a, int64_t account, struct text id, struct channel *ret) must_check;
enum rc channel_find(struct db *db, struct arena *a, int64_t account, struct text name, struct channel *ret) must_check;
/* Also makes the channel's lane (lane.h). */
enum rc channel_insert(struct db *db, int64_t account, const struct channel *c) must_check;
enum rc channel_update(struct db *db, int64_t account, const struct channel *c) must_check; /* all but id, type, created_at */
/* How many the account has. */
enum rc channel_count(struct db *db, int64_t account, int64_t *ret) must_check;
/* Hidden; its name is free again. RC_NOT_FOUND. */
enum rc channel_hide(struct db *db, int64_t account, struct text id, time_us now) must_check;
typedef void channel_each(void *context, const struct channel *c);
/* names: ",name-or-id,…,", types: ",type,"; absent: all */
enum rc channel_list(struct db *db, struct arena *a, int64_t account, struct text names, struct text types,
	const struct page *page, channel_each *each, void *context) must_check;
