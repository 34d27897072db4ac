/* The number that grows with each change of users, sessions and tokens; the rows carry the one of their last change. */
#pragma once

#include <stdint.h>

#include "base/rc.h"

struct db;

/* The next number, and word to those who have people in memory. The row stays locked until the transaction ends, so the numbers become
 * visible in their order: who has read up to one has missed nothing below it. Behind audit_lock(), like all that people change. */
enum rc people_revision_raise(struct db *db, int64_t *ret) must_check;
enum rc people_revision(struct db *db, int64_t *ret) must_check;
