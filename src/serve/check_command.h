/* Looking at a store as `versioner check` does. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/text.h"

struct db;

/* A head of an account's audit log that was kept. */
struct kept_head {
	struct text account, hash; /* hash absent: none was */
	int64_t number;
};

/* Prints each problem, and what was compared, on standard output. kept may be NULL. */
enum rc store_check(struct db *db, const struct kept_head *kept, bool *ret_fine, struct err *err) must_check;
