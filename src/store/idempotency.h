/* The first answer under an Idempotency-Key, kept for 24 hours for the same principal. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/text.h"

struct db;

#define IDEMPOTENCY_KEPT_US DAYS_US(1)

struct kept_answer {
	struct text request_digest; /* hexadecimal; of method, path and body */
	int64_t status;
	struct text answer;
};

/* Not older than IDEMPOTENCY_KEPT_US at `now`. RC_NOT_FOUND. */
enum rc idempotency_find(struct db *db, struct arena *a, int64_t account, struct text principal, struct text key, time_us now,
	struct kept_answer *ret) must_check;
/* Takes the place of one that is too old. RC_CONFLICT (maybe later, as db_exec) when one is there that is not: look again. */
enum rc idempotency_keep(
	struct db *db, int64_t account, struct text principal, struct text key, const struct kept_answer *k, time_us now) must_check;
/* Deletes at most `most` that are too old. */
enum rc idempotency_cut(struct db *db, int64_t account, time_us now, int64_t most, int64_t *ret_deleted) must_check;
