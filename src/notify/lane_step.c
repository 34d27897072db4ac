/* What a lane does next. Its states, and why it waits in each, stand at the head of deliverer.c. */
#include "base/log.h"
#include "db/db.h"
#include "notify/deliverer_private.h"

static void become(struct lane_work *w, enum work_state state, time_us wake_at)
{
	w->state = state;
	lane_set_wake(&w->deliverer->lanes, w, wake_at);
}

static void step_submit(struct lane_work *w, enum work_state state, enum job_kind kind, time_us now)
{
	become(w, state, TIME_NEVER);
	lane_submit(w, &w->step, kind, now);
}

static time_us later(time_us a, time_us b)
{
	return a > b ? a : b; /* TIME_NONE is the smallest */
}

/* ---- leaving ---- */

/* Nobody's, or another's. The next look is at `at`; a lane that nothing is known of is forgotten, a signal or sweep finds it again. */
static void let_go(struct lane_work *w, time_us at, time_us now)
{
	window_drop(w);
	sending_drop(w);
	become(w, WORK_IDLE, at);
	bool is_known = at != TIME_NEVER || w->not_before > now || w->gate > now;
	if (!is_known && !w->renewal.under_way) lane_set_remove(&w->deliverer->lanes, w);
}

static void release(struct lane_work *w, time_us next_look, time_us now)
{
	time_us not_before = later(w->not_before, w->gate);
	window_drop(w);
	w->after_release = next_look;
	w->step.record = (struct attempt_record){.pause_lane = not_before > now, .not_before = not_before, .failures = w->failures};
	step_submit(w, WORK_RELEASING, JOB_RELEASE, now);
}

/* ---- holding ---- */

/* The store could not be read or written: said once, until it works again. */
static void store_trouble(struct deliverer *d, const char *sentence)
{
	if (!d->store_failed) log_warn("the outbox waits for the store", LOG_STR("error", sentence));
	d->store_failed = true;
}

/* One request of the pace's allowance is used: the clock runs ahead by one pace, and may run ahead by `burst` of them. */
static void pace(struct lane_work *w, time_us now)
{
	const struct channel_type *type = w->window.type;
	if (!type->pace) return;
	w->paced_until = later(w->paced_until, now) + type->pace;
	w->gate = w->paced_until - type->pace * (type->burst - 1);
}

static void rest(struct lane_work *w, time_us now)
{
	time_us next = w->window.next_due, linger = w->idle_since + LINGER_US;
	window_drop(w);
	if (next <= now) next = now + TURN_US; /* due and yet not to be had: read again, but not at once */
	if (now >= linger) return release(w, next, now);
	become(w, WORK_HELD, next < linger ? next : linger);
}

static void send_next(struct lane_work *w, time_us now)
{
	become(w, WORK_SENDING, w->lease_until - LEASE_LEAST_US);
	bool sent = lane_send(w, now);
	if (sent) pace(w, now);
	if (!sent) step_submit(w, WORK_RECORDING, JOB_RECORD, now);
}

static bool window_is_good(const struct lane_work *w)
{
	const struct window *v = &w->window;
	return v->arena && v->at < v->count && clock_monotonic() - v->read_at < WINDOW_AGE_US;
}

static void look_held(struct lane_work *w, time_us now)
{
	struct deliverer *d = w->deliverer;
	if (atomic_load(&d->quiescing)) return release(w, TIME_NEVER, now);
	if (w->lease_until - now < LEASE_LEAST_US) return step_submit(w, WORK_CLAIMING, JOB_CLAIM, now);
	time_us closed_until = later(w->not_before, w->gate);
	if (closed_until > now + LINGER_US * 2) return release(w, closed_until, now);
	if (closed_until > now) return become(w, WORK_HELD, closed_until);
	if (!window_is_good(w)) {
		enum rc rc = window_read(w, now);
		if (rc == RC_NOT_FOUND) return release(w, TIME_NEVER, now); /* the channel is off or gone */
		if (rc != RC_OK) {
			store_trouble(d, db_error(d->db)->text);
			window_drop(w);
			return become(w, WORK_HELD, now + STORE_PAUSE_US);
		}
		d->store_failed = false;
	}
	if (w->window.count) return send_next(w, now);
	rest(w, now);
}

static void look_sending(struct lane_work *w, time_us now)
{
	bool short_lease = w->lease_until - now <= LEASE_LEAST_US;
	if (short_lease && !w->renewal.under_way) lane_submit(w, &w->renewal, JOB_RENEW, now);
	become(w, WORK_SENDING, now + LEASE_LEAST_US / 2);
}

static void look_idle(struct lane_work *w, time_us now)
{
	if (atomic_load(&w->deliverer->quiescing)) return become(w, WORK_IDLE, TIME_NEVER);
	time_us closed_until = later(w->not_before, w->gate);
	if (closed_until > now) return become(w, WORK_IDLE, closed_until);
	w->signalled = false;
	step_submit(w, WORK_CLAIMING, JOB_CLAIM, now);
}

void lane_look(struct lane_work *w, time_us now)
{
	switch (w->state) {
	case WORK_IDLE: return look_idle(w, now);
	case WORK_HELD: return look_held(w, now);
	case WORK_SENDING: return look_sending(w, now);
	case WORK_RECORDING: return step_submit(w, WORK_RECORDING, JOB_RECORD, now); /* it could not be written before */
	case WORK_CLAIMING:
	case WORK_RELEASING: lane_set_wake(&w->deliverer->lanes, w, TIME_NEVER);
	}
}

/* ---- what the store said ---- */

/* Or was, before it died. */
static void is_anothers(struct lane_work *w, time_us now)
{
	if (w->untold) deliverer_tell(w->deliverer, w);
	w->untold = false;
	w->anothers_until = now + ANOTHERS_US;
	let_go(w, now + LEASE_US / 4, now);
}

static void claimed(struct lane_work *w, const struct lane_job *j, time_us now)
{
	if (j->rc == RC_NOT_FOUND) return is_anothers(w, now);
	if (j->rc != RC_OK || j->outcome != RC_OK) {
		store_trouble(w->deliverer, "a lane could not be claimed");
		return let_go(w, now + STORE_PAUSE_US, now);
	}
	w->untold = false;
	w->anothers_until = TIME_NONE;
	w->lease_until = j->lease_until;
	w->not_before = j->lane.not_before;
	w->failures = j->lane.failures;
	w->idle_since = now;
	become(w, WORK_HELD, now);
}

static void released(struct lane_work *w, time_us now)
{
	bool something_came = w->signalled && !atomic_load(&w->deliverer->quiescing);
	let_go(w, something_came ? now : w->after_release, now);
}

static void recorded(struct lane_work *w, const struct lane_job *j, time_us now)
{
	if (j->rc != RC_OK || j->outcome != RC_OK) {
		store_trouble(w->deliverer, "an outcome could not be written down");
		return become(w, WORK_RECORDING, now + STORE_PAUSE_US);
	}
	if (j->record.buried) atomic_fetch_add(&counts_of(w->deliverer, w->window.type->name)->dead, (uint64_t)j->record.buried);
	w->window.at++;
	bool read_again = w->window.is_digest || j->record.switch_off.p;
	sending_drop(w);
	if (read_again) window_drop(w);
	w->idle_since = now;
	become(w, WORK_HELD, now);
}

static void renewed(struct lane_work *w, const struct lane_job *j, time_us now)
{
	if (j->rc == RC_OK && j->outcome == RC_OK)
		w->lease_until = j->lease_until;
	else if (j->rc == RC_NOT_FOUND)
		w->lease_until = now; /* lost: claimed anew before anything else is sent */
	if (w->state == WORK_IDLE && w->wake_at == TIME_NEVER) let_go(w, TIME_NEVER, now);
}

void lane_job_done(struct lane_job *j, time_us now)
{
	struct lane_work *w = j->work;
	j->under_way = false;
	w->deliverer->jobs--;
	switch (j->kind) {
	case JOB_CLAIM: return claimed(w, j, now);
	case JOB_RECORD: return recorded(w, j, now);
	case JOB_RENEW: return renewed(w, j, now);
	case JOB_RELEASE: return released(w, now);
	}
}

void lane_answered(struct lane_work *w, const struct outgoing_answer *answer)
{
	time_us now = clock_now();
	if (answer->end == OUTGOING_STOPPED)
		return become(w, WORK_HELD, TIME_NEVER); /* it waits still, and is sent after the next start */
	if (!lane_judge(w, answer, now)) return;
	step_submit(w, WORK_RECORDING, JOB_RECORD, now);
}
