/* How far an import has come, kept in the transaction of what it has stored. While the row is there, the store is not whole. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/rc.h"
#include "base/secret.h"

struct db;

struct import_progress {
	int64_t lines; /* of the file, stored */
	char digest[DIGEST_HEX_SIZE]; /* of these lines */
};

/* RC_NOT_FOUND: no import is under way. */
enum rc import_progress_get(struct db *db, struct import_progress *ret) must_check;
enum rc import_progress_begin(struct db *db, const struct import_progress *p, time_us now) must_check;
/* RC_CONFLICT when it does not stand at `before` lines: another import works on this store. */
enum rc import_progress_move(struct db *db, int64_t before, const struct import_progress *p, time_us now) must_check;
enum rc import_progress_end(struct db *db) must_check;
