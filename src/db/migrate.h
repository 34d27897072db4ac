/* Numbered SQL files, embedded, applied in one transaction, recorded with a checksum. How to add one: migrations/README.md. */
#pragma once

#include "base/clock.h"
#include "base/rc.h"

struct db;

struct migration {
	int number;
	const char *name; /* "first" of 0001_first.sql */
	const char *text; /* lines that begin with "--sqlite " or "--postgresql " are for that engine only */
};
extern const struct migration MIGRATIONS[]; /* generated from migrations/ (tools/embed-migrations); ends with number 0 */

/* Brings the store to the newest schema. RC_INVALID with a sentence when the store is newer than this program, or when a
 * migration that was applied has another checksum than ours. ret_applied: how many were applied. */
enum rc migrate(struct db *db, time_us now, int *ret_applied, struct err *err) must_check;
/* The same with another table than MIGRATIONS; numbers count from 1 without a gap. */
enum rc migrate_table(struct db *db, const struct migration *table, time_us now, int *ret_applied, struct err *err) must_check;
int migrate_newest(void);
/* The store's number; 0 when it is empty. */
enum rc migrate_current(struct db *db, int *ret, struct err *err) must_check;
