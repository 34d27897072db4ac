/* The audit log's tables: entries bound to each other by their hashes, and where each account's chain begins and ends.
 * Why, and what is hashed: docs/design/audit.md. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/text.h"

struct db;

enum { AUDIT_HASH_SIZE = 65, AUDIT_LOCK_SIZE = 40 };
/* The hash before the first entry. */
#define AUDIT_NO_HASH "0000000000000000000000000000000000000000000000000000000000000000"
/* Who acts when nobody asked: the deliverer, retention. */
#define AUDIT_OURSELVES TEXT("versioner")

struct audit_entry {
	int64_t account, number;
	time_us at;
	struct text actor, credential;
	const char *action; /* "product.updated"; its first word is subject_type */
	struct text subject_id, subject_name;
	struct text before, after; /* compact JSON objects, or absent */
	struct text request_id;
	struct text previous_hash, hash; /* hexadecimal */
};

struct audit_head {
	int64_t number; /* of the newest entry; 0: none yet */
	char hash[AUDIT_HASH_SIZE];
	int64_t cut_number; /* of the last entry that retention has taken away, 0: none; and its hash */
	char cut_hash[AUDIT_HASH_SIZE];
	int64_t cut_goal; /* retention takes what is left up to here */
	time_us cut_at; /* when that was decided, TIME_NONE: never */
};

/* The hash of an entry over its fields and previous_hash; empty, which no hash is, when it is larger than any that was written (LIMIT_AUDIT_ENTRY). */
void audit_hash(const struct audit_entry *e, char out[static AUDIT_HASH_SIZE]);

/* From here to the end of the transaction nobody else writes to the account's log, or changes its settings. The lock is there when this returns. It
 * comes before all that the job writes and before any other lock: as db_lock. */
enum rc audit_lock(struct db *db, int64_t account) must_check;
/* Appends: number and hashes are set here, all else is given. Locks, if the transaction has not yet. */
enum rc audit_append(struct db *db, const struct audit_entry *e) must_check;
/* Zeros where the account has no entry yet. */
enum rc audit_head_get(struct db *db, int64_t account, struct audit_head *ret) must_check;

struct audit_filter {
	struct text actors, actions; /* ",a,b,"; absent: all */
	struct text subject_id;
	time_us since, until; /* TIME_NONE: open; since included, until not */
};
/* The entry lies in the arena, its action too. */
typedef void audit_each(void *context, const struct audit_entry *e);
/* Newest first: `limit` entries and one more, of numbers below `before` (INT64_MAX: all). */
enum rc audit_list(struct db *db, struct arena *a, int64_t account, const struct audit_filter *f, int64_t before, int64_t limit,
	audit_each *each, void *context) must_check;
/* Oldest first: at most `limit` entries of numbers above `after`. */
enum rc audit_walk(
	struct db *db, struct arena *a, int64_t account, int64_t after, int64_t limit, audit_each *each, void *context) must_check;

/* The last number of those at the beginning of the log that are all older; 0: none. */
enum rc audit_old_until(struct db *db, int64_t account, time_us before, int64_t *ret) must_check;
/* Everything up to that number may go, step by step. */
enum rc audit_cut_decide(struct db *db, int64_t account, int64_t goal, time_us now) must_check;
/* Takes away the entries up to that number, which is there, and remembers it with its hash. */
enum rc audit_cut(struct db *db, int64_t account, int64_t until) must_check;
