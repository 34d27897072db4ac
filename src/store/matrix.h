/* What runs where: for each product and environment the current version and the latest attempt. Kept in each event's transaction. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/text.h"
#include "domain/rollout.h"
#include "domain/status.h"

struct db;
struct rows;

struct matrix_cell {
	struct text product_id, environment_id;
	/* Of the completed deployment with the latest end; absent when there is none. */
	struct text current_deployment_id, current_version_id, current_version;
	enum rollout current_rollout;
	time_us current_since;
	/* Of the attempt with the latest first event; absent only in a moment of the past for which an end is known and no beginning. */
	struct text latest_deployment_id, latest_version_id, latest_version;
	enum state latest_state;
	time_us latest_attempted_at, latest_deployed_at;
	struct text product_name; /* joined by matrix_each and matrix_of_product */
	struct text environment_name; /* by the latter */
};

enum rc matrix_get(struct db *db, struct arena *a, int64_t account, struct text product_id, struct text environment_id,
	struct matrix_cell *ret) must_check;
/* The same in two steps, between which other things may be asked: together they are one round trip. The answer is to be taken in any case. */
enum rc matrix_ask(struct db *db, int64_t account, struct text product_id, struct text environment_id, struct rows *question);
enum rc matrix_answer(struct rows *question, struct arena *a, struct matrix_cell *ret) must_check; /* RC_NOT_FOUND */
enum rc matrix_put(struct db *db, int64_t account, const struct matrix_cell *cell) must_check;
/* Of a product or environment that is being hidden. */
enum rc matrix_forget_product(struct db *db, int64_t account, struct text product_id) must_check;
enum rc matrix_forget_environment(struct db *db, int64_t account, struct text environment_id) must_check;

typedef void matrix_cell_each(void *context, const struct matrix_cell *cell);
/* A cell's texts live until each() returns: there may be hundreds of thousands. Sets are ",id,id,"; absent: all. */

/* In the order of product name (bytes), then product id. */
enum rc matrix_each(struct db *db, int64_t account, struct text product_ids, struct text environment_ids, matrix_cell_each *each,
	void *context) must_check;
/* Of one product. */
enum rc matrix_of_product(
	struct db *db, int64_t account, struct text product_id, matrix_cell_each *each, void *context) must_check;
/* In any order and without names, also of products that are hidden in this very moment: what the whole matrix is made from. at: TIME_NONE, or a
 * moment in the past, told by the deployments: then the latest attempt's state is what it was. */
enum rc matrix_cells(struct db *db, int64_t account, struct text product_ids, struct text environment_ids, time_us at,
	matrix_cell_each *each, void *context) must_check;
