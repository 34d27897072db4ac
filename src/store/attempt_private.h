/* Shared by the two files of the attempt repository: reading its rows. */
#pragma once

#include "store/attempt.h"

struct rows;

/* record_read, and the columns that only deployments have. */
void attempt_read(struct rows *r, struct arena *a, enum kind kind, struct record *ret);
/* Reads the one row of a result, if there is one, and ends it. */
enum rc attempt_one(struct rows *r, enum rc rc, struct arena *a, enum kind kind, struct record *ret) must_check;
