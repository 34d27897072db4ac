/* The whole store as lines: `versioner export`. The form of the file: dump_format.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/rc.h"

struct db;

struct export
{
	bool count; /* count all rows first, so that progress can say how much is left; a look at every key */
	int64_t rows, total; /* written so far; of all, 0: not known */
	uint64_t bytes; /* written so far */
	void (*progress)(void *context, const struct export *e); /* now and then, and at the end */
	void *context;
};

/* In the read transaction that the caller has begun: one picture of the store, however long it takes. Whatever fails: what was
 * written is no export, because its last line is missing. */
enum rc store_export(struct db *db, int fd, time_us now, struct export *e, struct err *err) must_check;
