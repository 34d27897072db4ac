/* Accounts: the tenants. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/text.h"

struct db;

struct account {
	int64_t id;
	struct text slug, name;
};
enum rc account_get(struct db *db, struct arena *a, int64_t id, struct account *ret) must_check;
enum rc account_count(struct db *db, int64_t *ret) must_check;
/* RC_NOT_FOUND when no account has that slug. */
enum rc account_find(struct db *db, struct text slug, int64_t *ret_id) must_check;
enum rc account_insert(struct db *db, int64_t id, struct text slug, struct text name, time_us now) must_check;
/* [a-z0-9-], 1–40 characters, no dash at either end. */
bool account_slug_valid(struct text slug);
/* Gives each account id in turn: the smallest above `after`, RC_NOT_FOUND at the end. Begin with INT64_MIN. */
enum rc account_next(struct db *db, int64_t after, int64_t *ret) must_check;
