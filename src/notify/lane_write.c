/* Writing down what the deliverer does: each step of a lane is one job of the commit pipeline, which shares its transactions with events. */
#include "base/log.h"
#include "db/db.h"
#include "notify/deliverer_private.h"
#include "notify/switch_off.h"
#include "store/audit.h"

enum { BURIED_AT_ONCE = 200 };

/* ---- on the writer thread ---- */

static enum rc record_fate(struct db *db, int64_t account, const struct attempt_record *r)
{
	bool delivered = r->fate == RECORD_DELIVERED;
	struct text first = r->ids[0];
	if (r->fate == RECORD_PUT_OFF) return notification_put_off(db, account, first, r->due_at, &r->outcome);
	enum rc rc = notification_finish(db, account, first, delivered ? NOTIFICATION_DELIVERED : NOTIFICATION_DEAD, &r->outcome);
	for (size_t i = 1; rc == RC_OK && i < r->id_count; i++)
		rc = delivered ? notification_fold(db, account, r->ids[i], first, r->outcome.at)
					   : notification_finish(db, account, r->ids[i], NOTIFICATION_DEAD, &r->outcome);
	return rc;
}

/* One try a minute tells of all that wait: whatever has been due for a day would only be told the same. */
static enum rc bury_old(struct lane_job *j, struct db *db)
{
	return notification_kill_waiting(db, j->work->account, text_from(j->work->channel_id), j->now - DELIVERY_GIVE_UP_US,
		TEXT("the destination did not answer for a day"), j->now, BURIED_AT_ONCE, &j->record.buried);
}

static enum rc record_apply(struct lane_job *j, struct db *db)
{
	const struct lane_work *w = j->work;
	struct attempt_record *r = &j->record;
	r->buried = 0;
	struct text channel = text_from(w->channel_id), owner = text_from(w->deliverer->owner);
	enum rc rc = r->switch_off.p ? audit_lock(db, w->account) : RC_OK; /* before all that is written: store/audit.h */
	if (rc == RC_OK) rc = record_fate(db, w->account, r);
	if (rc == RC_OK && r->keep_message)
		rc = remote_message_put(db, w->account, channel, r->subject_id, r->remote_channel, r->remote_id, r->outcome.at);
	if (rc == RC_OK && r->pause_lane) {
		rc = lane_pause(db, w->account, channel, owner, r->not_before, r->failures);
		if (rc == RC_NOT_FOUND) rc = RC_OK; /* another's by now: it finds out for itself */
	}
	if (rc == RC_OK && r->switch_off.p)
		rc = channel_switch_off(db, w->account, channel, &w->deliverer->options.site, r->switch_off, j->now);
	if (rc == RC_OK && r->bury_old) rc = bury_old(j, db);
	return rc;
}

static enum rc claim_apply(struct lane_job *j, struct db *db)
{
	struct arena *a = arena_new(KIB(1), KIB(64));
	const struct lane_work *w = j->work;
	struct lane lane;
	enum rc rc = lane_claim(
		db, a, w->account, text_from(w->channel_id), text_from(w->deliverer->owner), j->now, j->lease_until, &lane);
	if (rc == RC_OK) j->lane = (struct lane){.not_before = lane.not_before, .failures = lane.failures};
	arena_free(a);
	return rc;
}

static enum rc renew_apply(struct lane_job *j, struct db *db)
{
	const struct lane_work *w = j->work;
	return lane_renew(db, w->account, text_from(w->channel_id), text_from(w->deliverer->owner), j->lease_until);
}

static enum rc release_apply(struct lane_job *j, struct db *db)
{
	const struct lane_work *w = j->work;
	struct text channel = text_from(w->channel_id), owner = text_from(w->deliverer->owner);
	enum rc rc = RC_OK;
	if (j->record.pause_lane) rc = lane_pause(db, w->account, channel, owner, j->record.not_before, j->record.failures);
	if (rc == RC_OK || rc == RC_NOT_FOUND) rc = lane_release(db, w->account, channel, owner);
	return rc;
}

static enum rc (*const APPLY[])(struct lane_job *j, struct db *db) = {
	[JOB_CLAIM] = claim_apply, [JOB_RECORD] = record_apply, [JOB_RENEW] = renew_apply, [JOB_RELEASE] = release_apply};

static enum commit_vote job_apply(struct commit_job *job, struct db *db)
{
	struct lane_job *j = (struct lane_job *)job;
	j->rc = APPLY[j->kind](j, db);
	return j->rc == RC_OK ? COMMIT_KEEP : COMMIT_UNDO;
}

static void job_done(struct commit_job *job, enum rc outcome)
{
	struct lane_job *j = (struct lane_job *)job;
	struct deliverer *d = j->work->deliverer;
	j->outcome = outcome;
	pthread_mutex_lock(&d->lock);
	j->next = d->done_jobs;
	d->done_jobs = j;
	pthread_mutex_unlock(&d->lock);
	outgoing_wake(d->outgoing);
}

/* ---- on the deliverer's thread ---- */

void lane_submit(struct lane_work *w, struct lane_job *j, enum job_kind kind, time_us now)
{
	j->job = (struct commit_job){.apply = job_apply, .done = job_done, .key = commit_key(w->account, text_from(w->channel_id))};
	j->work = w;
	j->kind = kind;
	j->now = now;
	j->lease_until = now + LEASE_US;
	j->under_way = true;
	w->deliverer->jobs++;
	enum rc rc = commit_submit(w->deliverer->writer, &j->job);
	if (rc == RC_OK) return;
	job_done(&j->job, rc); /* the queue is full: treated like a commit that failed */
}
