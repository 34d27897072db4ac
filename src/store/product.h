/* Products. A deleted one is hidden, not gone: its history is the audit trail. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/text.h"
#include "store/page.h"

struct db;

struct product {
	struct text id, name, description, extra_metadata;
	time_us created_at, updated_at;
};

/* Among those that are not deleted. RC_NOT_FOUND. Texts are copied into the arena. */
enum rc product_get(struct db *db, struct arena *a, int64_t account, struct text id, struct product *ret) must_check;
enum rc product_find(struct db *db, struct arena *a, int64_t account, struct text name, struct product *ret) must_check;
/* RC_CONFLICT when the name is taken: ask product_find first, a violated index spoils the transaction. */
enum rc product_insert(struct db *db, int64_t account, const struct product *p) must_check;
enum rc product_update(struct db *db, int64_t account, const struct product *p) must_check;
enum rc product_hide(struct db *db, int64_t account, struct text id, time_us now) must_check;

typedef void product_each(void *context, const struct product *p);
/* names: a set (set.h), search: a part of the name (search.h); absent: all. */
enum rc product_list(struct db *db, struct arena *a, int64_t account, struct text names, struct text search,
	const struct page *page, product_each *each, void *context) must_check;

/* All of them by name (bytes), then id. ids: ",id,id,"; absent: all. The texts live until each() returns. */
typedef void product_name_each(void *context, struct text id, struct text name);
enum rc product_names(struct db *db, int64_t account, struct text ids, product_name_each *each, void *context) must_check;
