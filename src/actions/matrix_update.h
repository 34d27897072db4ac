/* Keeping what runs where true to the deployments, in the transaction that changes one. Source: "The current version of an environment". */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/rc.h"
#include "store/matrix.h"
#include "store/record.h"

struct db;

/* The cell of a product's environment in which nothing has happened yet. Both steps below work on one cell. */
struct matrix_cell matrix_empty(void);

/* Sets r->rollout for a deployment that has just become completed (else to ROLLOUT_NONE). Before r is written. */
enum rc rollout_decide(
	struct db *db, struct arena *a, int64_t account, const struct matrix_cell *cell, struct record *r) must_check;

/* After r has been written: its environment's current version and latest attempt. r has its names. */
enum rc matrix_update(
	struct db *db, struct arena *a, int64_t account, struct matrix_cell *cell, const struct record *r) must_check;
