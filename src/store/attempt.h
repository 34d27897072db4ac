/* Deployments and builds: one repository for both, because they follow one lifecycle and differ in the table and two columns. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/rc.h"
#include "store/page.h"
#include "store/record.h"

struct db;

/* The place of an attempt: environment_id is absent for builds. */
struct attempt_place {
	enum kind kind;
	int64_t account;
	struct text version_id, environment_id;
};

/* The newest open attempt whose run key is equal, or absent on either side. When none is open, the newest attempt with that run key; without
 * one, the newest of the place whatever its key. RC_NOT_FOUND. */
enum rc attempt_find(
	struct db *db, struct arena *a, const struct attempt_place *at, struct text run_key, struct record *ret) must_check;
enum rc attempt_insert(struct db *db, int64_t account, const struct record *r) must_check;
/* All but the identifiers, run key, attempted_at and received_at. */
enum rc attempt_update(struct db *db, int64_t account, const struct record *r) must_check;
enum rc attempt_set_run_key(struct db *db, int64_t account, const struct record *r) must_check;

/* With the joined names. RC_NOT_FOUND. */
enum rc attempt_get(
	struct db *db, struct arena *a, int64_t account, enum kind kind, struct text id, struct record *ret) must_check;

/* What a list is narrowed to. Sets are ",a,b," (each value between commas); absent: all. */
struct attempt_filter {
	struct text product_id, environment_id, version_id; /* exactly one value: these have indexes */
	struct text product_ids, environment_ids; /* sets of ids */
	struct text versions; /* set of names or ids */
	struct text states, rollouts; /* sets */
	bool only_unsuccessful; /* states holds failed, aborted, preflight_failed only */
	bool only_open; /* states holds pending and started only */
	struct text actors; /* set: login, e-mail address or name */
	time_us since, until; /* of attempted_at; TIME_NONE: open; since <= t < until */
};
typedef void record_each(void *context, const struct record *r);
enum rc attempt_list(struct db *db, struct arena *a, int64_t account, enum kind kind, const struct attempt_filter *f,
	const struct page *page, record_each *each, void *context) must_check;

/* The completed deployment with the latest end not after `at` (TIME_NONE: ever) in a product's environment. RC_NOT_FOUND. */
enum rc deployment_current(struct db *db, struct arena *a, int64_t account, struct text product_id, struct text environment_id,
	time_us at, struct record *ret) must_check;
/* Whether the version had a completed deployment there whose end is before (end, id). */
enum rc deployment_was_current(struct db *db, int64_t account, struct text version_id, struct text environment_id, time_us end,
	struct text id, bool *ret) must_check;
/* The completed deployment directly before (end, id): what that one replaced. RC_NOT_FOUND. */
enum rc deployment_before(struct db *db, struct arena *a, int64_t account, struct text product_id, struct text environment_id,
	time_us end, struct text id, struct record *ret) must_check;
/* The latest attempt begun not after `at` in a product's environment. RC_NOT_FOUND. */
enum rc deployment_latest(struct db *db, struct arena *a, int64_t account, struct text product_id, struct text environment_id,
	time_us at, struct record *ret) must_check;
/* Whether the last of those that succeeded or failed before r, in its product's environment, failed. */
enum rc deployment_follows_failure(struct db *db, int64_t account, const struct record *r, bool *ret) must_check;
/* How many of the product's versions, after one and up to another (ids), have a completed build. */
enum rc builds_between(struct db *db, int64_t account, struct text product_id, struct text older_version_id,
	struct text newer_version_id, int64_t *ret) must_check;
