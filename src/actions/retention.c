/* Retention of the event log, of kept answers, of notifications and of the audit log. Deployments, builds and the matrix stay: they say what runs where. */
#include "actions/retention.h"

#include "actions/audit.h"
#include "base/arena.h"
#include "base/limits.h"
#include "domain/delivery.h"
#include "store/account.h"
#include "store/event_log.h"
#include "store/idempotency.h"
#include "store/lane.h"
#include "store/notification.h"

/* What waits for a channel that is off has its day, should the channel be switched on again; for a deleted one nothing waits. Both are given up
 * with the reason, so that the history says what became of them. */
struct stopped_channel {
	struct text id;
	bool is_deleted;
};
struct stopped_list {
	struct stopped_channel at[LIMIT_CHANNELS]; /* more have their turn in the next step */
	size_t count;
};

static void note_stopped(void *context, struct text channel_id, bool is_deleted)
{
	struct stopped_list *l = context;
	if (l->count < sizeof l->at / sizeof *l->at) l->at[l->count++] = (struct stopped_channel){channel_id, is_deleted};
}

static enum rc give_up_undeliverable(struct db *db, struct arena *a, int64_t account, time_us now, int64_t *ret_count)
{
	struct stopped_list list = {.count = 0};
	enum rc rc = lane_each_stopped(db, a, account, note_stopped, &list);
	*ret_count = 0;
	for (size_t i = 0; rc == RC_OK && i < list.count && *ret_count < RETENTION_STEP_ROWS; i++) {
		const struct stopped_channel *c = &list.at[i];
		int64_t count = 0;
		rc = notification_kill_waiting(db, account, c->id, c->is_deleted ? TIME_NONE : now - DELIVERY_GIVE_UP_US,
			c->is_deleted ? TEXT("the channel was deleted") : TEXT("the channel was off for a day"), now,
			RETENTION_STEP_ROWS - *ret_count, &count);
		*ret_count += count;
	}
	return rc;
}

static enum rc account_step(struct db *db, int64_t account, const struct retention *r, time_us now, bool *ret_more)
{
	int64_t events = 0, answers = 0, notifications = 0, given_up = 0;
	enum rc rc = idempotency_cut(db, account, now, RETENTION_STEP_ROWS, &answers);
	struct arena *a = arena_new(KIB(4), MIB(1));
	if (rc == RC_OK) rc = give_up_undeliverable(db, a, account, now, &given_up);
	arena_free(a);
	if (rc == RC_OK && r->notifications_days > 0)
		rc = notification_cut(db, account, now - DAYS_US(r->notifications_days), RETENTION_STEP_ROWS, &notifications);
	if (notifications == RETENTION_STEP_ROWS || given_up == RETENTION_STEP_ROWS) *ret_more = true;
	if (rc == RC_OK && r->events_days > 0)
		rc = event_cut(db, account, now - DAYS_US(r->events_days), RETENTION_STEP_ROWS, &events);
	if (events == RETENTION_STEP_ROWS || answers == RETENTION_STEP_ROWS) *ret_more = true;
	return rc;
}

enum rc retention_step(struct db *db, const struct retention *r, time_us now, bool *ret_more)
{
	int64_t account = INT64_MIN;
	bool more = false;
	enum rc rc = audit_retention_step(db, r->audit_days, now, &more);
	if (rc != RC_OK) return rc;
	if (more)
		return *ret_more = true, RC_OK; /* all else in the next step: the lock of the audit log comes before what is written */
	while ((rc = account_next(db, account, &account)) == RC_OK) {
		rc = account_step(db, account, r, now, &more);
		if (rc != RC_OK) return rc;
	}
	if (rc != RC_NOT_FOUND) return rc;
	*ret_more = more;
	return RC_OK;
}
