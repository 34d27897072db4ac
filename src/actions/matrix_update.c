/* The current version is the completed deployment with the latest end, not the last one received; the latest attempt is the one
 * with the latest first event. Ties go to the later id. A deployment that stops being completed gives its place to the one before. */
#include "actions/matrix_update.h"

#include "store/attempt.h"

/* Whether (time, id) comes before (other_time, other_id). */
static bool comes_before(time_us time, struct text id, time_us other_time, struct text other_id)
{
	return time != other_time ? time < other_time : text_compare(id, other_id) < 0;
}

static void cell_forget_current(struct matrix_cell *cell)
{
	cell->current_deployment_id = cell->current_version_id = cell->current_version = TEXT_ABSENT;
	cell->current_rollout = ROLLOUT_NONE;
	cell->current_since = TIME_NONE;
}

struct matrix_cell matrix_empty(void)
{
	struct matrix_cell cell = {.latest_attempted_at = TIME_NONE};
	cell_forget_current(&cell);
	return cell;
}

/* The version that a deployment with r's end replaces; absent when there was none. */
static enum rc replaced_version(
	struct db *db, struct arena *a, int64_t account, const struct matrix_cell *cell, const struct record *r, struct text *ret)
{
	*ret = TEXT_ABSENT;
	if (!cell->current_deployment_id.p) return RC_OK;
	if (comes_before(cell->current_since, cell->current_deployment_id, r->attempt.ended_at, r->id)) {
		*ret = cell->current_version_id;
		return RC_OK;
	}
	struct record before;
	enum rc rc = deployment_before(db, a, account, r->product_id, r->environment_id, r->attempt.ended_at, r->id, &before);
	if (rc == RC_OK) *ret = before.version_id;
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc rollout_decide(struct db *db, struct arena *a, int64_t account, const struct matrix_cell *cell, struct record *r)
{
	r->rollout = ROLLOUT_NONE;
	if (r->attempt.state != STATE_COMPLETED) return RC_OK;
	struct text replaced;
	enum rc rc = replaced_version(db, a, account, cell, r, &replaced);
	if (rc != RC_OK) return rc;
	bool same = replaced.p && text_equal(replaced, r->version_id), was_current = false;
	if (replaced.p && !same) {
		rc = deployment_was_current(db, account, r->version_id, r->environment_id, r->attempt.ended_at, r->id, &was_current);
		if (rc != RC_OK) return rc;
	}
	r->rollout = rollout_of(replaced.p != NULL, same, was_current);
	return RC_OK;
}

static void cell_set_current(struct matrix_cell *cell, const struct record *r)
{
	cell->current_deployment_id = r->id;
	cell->current_version_id = r->version_id;
	cell->current_version = r->version;
	cell->current_rollout = r->rollout;
	cell->current_since = r->attempt.ended_at;
}

/* r was current and is completed no more, or ended at another time: the best of those that are stored now. */
static enum rc cell_find_current(struct db *db, struct arena *a, int64_t account, struct matrix_cell *cell)
{
	struct record best;
	enum rc rc = deployment_current(db, a, account, cell->product_id, cell->environment_id, TIME_NONE, &best);
	if (rc == RC_NOT_FOUND) return cell_forget_current(cell), RC_OK;
	if (rc == RC_OK) cell_set_current(cell, &best);
	return rc;
}

static void cell_set_latest(struct matrix_cell *cell, const struct record *r)
{
	cell->latest_deployment_id = r->id;
	cell->latest_version_id = r->version_id;
	cell->latest_version = r->version;
	cell->latest_state = r->attempt.state;
	cell->latest_attempted_at = r->attempt.attempted_at;
	cell->latest_deployed_at = attempt_deployed_at(&r->attempt);
}

enum rc matrix_update(struct db *db, struct arena *a, int64_t account, struct matrix_cell *cell, const struct record *r)
{
	enum rc rc = RC_OK;
	bool was_current = cell->current_deployment_id.p && text_equal(cell->current_deployment_id, r->id);
	bool becomes_current = r->attempt.state == STATE_COMPLETED &&
						   (!cell->current_deployment_id.p ||
							   comes_before(cell->current_since, cell->current_deployment_id, r->attempt.ended_at, r->id));
	bool becomes_latest = !cell->latest_deployment_id.p || text_equal(cell->latest_deployment_id, r->id) ||
						  comes_before(cell->latest_attempted_at, cell->latest_deployment_id, r->attempt.attempted_at, r->id);
	if (was_current)
		rc = cell_find_current(db, a, account, cell);
	else if (becomes_current)
		cell_set_current(cell, r);
	if (becomes_latest) cell_set_latest(cell, r);
	bool changed = was_current || becomes_current || becomes_latest;
	return rc == RC_OK && changed ? matrix_put(db, account, cell) : rc;
}
