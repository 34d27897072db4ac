/* Looking at a store as `versioner check` does. */
#pragma once

#include <stdbool.h>

#include "base/rc.h"

struct db;

/* Prints each problem, and what was compared, on standard output. */
enum rc store_check(struct db *db, bool *ret_fine, struct err *err) must_check;
