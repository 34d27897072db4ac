/* Retention of the event log and of kept answers. Deployments, builds and the matrix stay: they say what runs where. */
#include "actions/retention.h"

#include "store/account.h"
#include "store/event_log.h"
#include "store/idempotency.h"

static enum rc account_step(struct db *db, int64_t account, const struct retention *r, time_us now, bool *ret_more)
{
	int64_t events = 0, answers = 0;
	enum rc rc = idempotency_cut(db, account, now, RETENTION_STEP_ROWS, &answers);
	if (rc == RC_OK && r->events_days > 0)
		rc = event_cut(db, account, now - DAYS_US(r->events_days), RETENTION_STEP_ROWS, &events);
	if (events == RETENTION_STEP_ROWS || answers == RETENTION_STEP_ROWS) *ret_more = true;
	return rc;
}

enum rc retention_step(struct db *db, const struct retention *r, time_us now, bool *ret_more)
{
	int64_t account = INT64_MIN;
	bool more = false;
	enum rc rc;
	while ((rc = account_next(db, account, &account)) == RC_OK) {
		rc = account_step(db, account, r, now, &more);
		if (rc != RC_OK) return rc;
	}
	if (rc != RC_NOT_FOUND) return rc;
	*ret_more = more;
	return RC_OK;
}
