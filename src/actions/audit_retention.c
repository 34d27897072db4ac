/* Cutting the audit log at its old end (declared in audit.h). What is to go is decided first, and written into the log itself: a beginning that no entry
 * explains is found by audit_verify(). */
#include <inttypes.h>

#include "actions/audit.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "store/account.h"

enum { STEP_ENTRIES = 200 };

static enum rc note_cut(
	struct db *db, struct arena *a, int64_t account, const struct audit_head *h, int64_t goal, time_us before, time_us now)
{
	buf_auto after = BUF_INIT(KIB(4));
	struct json_out j = json_out(&after);
	json_put_object(&j, NULL);
	json_put_int(&j, "entries", goal - h->cut_number);
	json_put_int(&j, "through", goal);
	json_put_time(&j, "older_than", before);
	json_end(&j);
	const struct actor ourselves = {.account = account, .label = AUDIT_OURSELVES, .credential = AUDIT_OURSELVES};
	const struct audit_change c = {.action = "audit.cut", .subject_id = audit_number(a, goal), .after = buf_view(&after)};
	enum rc rc = audit_note(db, a, &ourselves, &c, now);
	return rc == RC_OK ? audit_cut_decide(db, account, goal, now) : rc;
}

/* Another process may have done it since it was looked at without the lock: so the head is read again. */
static enum rc decide(struct db *db, struct arena *a, int64_t account, int64_t goal, time_us before, time_us now, bool *ret_wrote)
{
	struct audit_head h;
	enum rc rc = audit_lock(db, account);
	if (rc == RC_OK) rc = audit_head_get(db, account, &h);
	if (rc != RC_OK || goal <= h.cut_goal) return rc;
	*ret_wrote = true;
	return note_cut(db, a, account, &h, goal, before, now);
}

static enum rc cut(struct db *db, int64_t account, bool *ret_wrote)
{
	struct audit_head h;
	enum rc rc = audit_lock(db, account);
	if (rc == RC_OK) rc = audit_head_get(db, account, &h);
	if (rc != RC_OK || h.cut_goal <= h.cut_number) return rc;
	int64_t until = h.cut_number + STEP_ENTRIES;
	rc = audit_cut(db, account, until < h.cut_goal ? until : h.cut_goal);
	*ret_wrote = rc == RC_OK;
	return rc == RC_NOT_FOUND ? RC_OK : rc; /* damaged: audit_verify() says so */
}

static enum rc account_step(struct db *db, struct arena *a, int64_t account, time_us before, time_us now, bool *ret_wrote)
{
	struct audit_head h;
	int64_t goal = 0;
	enum rc rc = audit_head_get(db, account, &h);
	if (rc != RC_OK) return rc;
	if (h.cut_goal > h.cut_number) return cut(db, account, ret_wrote);
	if (h.number == h.cut_number || (h.cut_at != TIME_NONE && now - h.cut_at < DAYS_US(1))) return RC_OK;
	rc = audit_old_until(db, account, before, &goal);
	if (rc != RC_OK || goal <= h.cut_number) return rc;
	return decide(db, a, account, goal, before, now, ret_wrote);
}

enum rc audit_retention_step(struct db *db, int64_t days, time_us now, bool *ret_more)
{
	if (days <= 0) return *ret_more = false, RC_OK;
	struct arena *a = arena_new(KIB(4), MIB(1));
	int64_t account = INT64_MIN;
	bool wrote = false;
	enum rc rc = RC_OK;
	while (rc == RC_OK && !wrote && (rc = account_next(db, account, &account)) == RC_OK)
		rc = account_step(db, a, account, now - DAYS_US(days), now, &wrote);
	arena_free(a);
	if (rc != RC_OK && rc != RC_NOT_FOUND) return rc;
	*ret_more = wrote;
	return RC_OK;
}
