/* The outbox is delivered here.
 *
 * THE PROMISE. Once an event is acknowledged, its notifications survive any crash, because they were written in its transaction. Each is
 * delivered at least once; those of one deployment on one channel arrive in order; a destination that is down for a day gets them when it is
 * back. What arrives twice is what was under way when a process died: at most one message for each channel.
 *
 * LANES. A channel is a lane, and a lane has one holder: a server process with a lease (store/lane.h). Only the holder sends for the channel,
 * one message at a time, and the next one only after the outcome of the last is committed. So order, pace and "at most one in flight"
 * hold over all processes without a lock that is held over I/O, and a crash can double one message, not a window of them.
 *
 *   IDLE ──something is due──▶ CLAIMING ──the lease is ours──▶ HELD ──┬─ due ──▶ SENDING ──answer──▶ RECORDING ──committed──▶ HELD
 *    ▲                             │ another's: a quarter lease later  ├─ nothing for a second, or closed for longer ──▶ RELEASING ─┐
 *    └─────────────────────────────┴───────────────────────────────────┴─────────────────────────────────────────────────────◀──┘
 *
 *   state       waits for                  may fail by                  then
 *   CLAIMING    the commit of the claim    another's lease; the store   IDLE, a look later
 *   SENDING     the destination            no answer                    is an outcome like any other; the lease is renewed meanwhile
 *   RECORDING   the commit of the outcome  the store                    the same outcome is submitted again, until it is written
 *   RELEASING   the commit                 the store                    the lease runs out by itself
 *
 * WHAT IS DUE is read by this thread on its own connection: the oldest waiting notification of each deployment (so a message that waits
 * for its next try holds up its own deployment and no other), a few at a time. A window that is older than a second is read anew, so a
 * channel that is changed or switched off is believed soon.
 *
 * FAILURE. A message that got no good answer waits for its own next try (domain/delivery.h). A destination that fails several times in a row,
 * whichever the message, closes the whole lane for a while: thousands that wait for a dead destination cost one try a minute, and all of
 * them go out when one gets through. 429 closes the lane for as long as it says. Both are stored with the lane.
 *
 * PACE AND FOLDING. A type with a pace has a clock that each request moves ahead (a leaky bucket). When more than `fold_above` wait, one message
 * tells of as many as it can hold; the others of the digest refer to it in the history.
 *
 * WAKING. A commit that wrote into the outbox signals its channel (store/signal.h). When the lane turns out to be another process's, that one is
 * told (db/wakeup.h), so a process alone tells nobody anything. A sweep every few seconds finds what no signal told of: after a start, from
 * a process that is not heard, or when there were too many signals. Times are the wall clock's, looked at at least four times a second.
 *
 * THREADS. Everything runs on one thread, but for: deliverer_signal and the jobs' apply and done on a writer, deliverer_test on a reader.
 * They meet in the lists under `lock`, and wake the loop. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "db/db.h"
#include "notify/deliverer_private.h"

enum { WAKE_UPS_MOST = 65536 };

/* ---- what other threads hand in ---- */

static bool wake_up_parse(struct text payload, struct wake_up *ret)
{
	struct text account;
	uint64_t number;
	if (!text_split(&payload, ' ', &account) || !text_to_u64(account, &number) || !payload.p) return false;
	if (payload.n >= sizeof ret->channel_id) return false;
	ret->account = (int64_t)number;
	memcpy(ret->channel_id, payload.p, payload.n);
	ret->channel_id[payload.n] = '\0';
	return true;
}

static void wake_up_keep(struct deliverer *d, const struct wake_up *w)
{
	if (d->wake_up_count == WAKE_UPS_MOST) {
		d->wake_ups_lost = true;
		return;
	}
	if (d->wake_up_count == d->wake_up_room) {
		d->wake_up_room = d->wake_up_room ? d->wake_up_room * 2 : 64;
		d->wake_ups = mem_realloc(d->wake_ups, d->wake_up_room * sizeof *d->wake_ups);
	}
	d->wake_ups[d->wake_up_count++] = *w;
}

static void hand_in(struct deliverer *d, struct text payload, bool own)
{
	struct wake_up w = {.own = own};
	bool some = payload.p != NULL;
	if (some && !wake_up_parse(payload, &w)) return;
	pthread_mutex_lock(&d->lock);
	if (some)
		wake_up_keep(d, &w);
	else
		d->sweep_soon = true;
	pthread_mutex_unlock(&d->lock);
	outgoing_wake(d->outgoing);
}

void deliverer_signal(void *deliverer, const char *topic, struct text payload)
{
	if (strcmp(topic, OUTBOX_SIGNAL) == 0) hand_in(deliverer, payload, true);
}

void deliverer_hear(struct deliverer *d, struct text payload)
{
	hand_in(d, payload, false);
}

void deliverer_set_hears(struct deliverer *d, bool hears)
{
	atomic_store(&d->hears, hears);
	if (!hears) hand_in(d, TEXT_ABSENT, false);
}

void deliverer_tell(struct deliverer *d, const struct lane_work *w)
{
	char payload[64]; /* as of outbox_signal() */
	int n = w ? snprintf(payload, sizeof payload, "%" PRId64 " %s", w->account, w->channel_id) : 0;
	if (d->options.tell) d->options.tell(d->options.tell_context, w ? (struct text){payload, (size_t)n} : TEXT_ABSENT);
}

/* What was handed in since the last turn. */
struct handed_in {
	struct wake_up *wake_ups;
	size_t wake_up_count;
	bool lost, sweep;
	struct lane_job *jobs;
	struct deliverer_test *tests;
};

static struct handed_in take(struct deliverer *d)
{
	pthread_mutex_lock(&d->lock);
	struct handed_in h = {
		d->wake_ups, d->wake_up_count, d->wake_ups_lost, d->wake_ups_lost || d->sweep_soon, d->done_jobs, d->tests};
	d->wake_ups = NULL;
	d->wake_up_count = d->wake_up_room = 0;
	d->wake_ups_lost = d->sweep_soon = false;
	d->done_jobs = NULL;
	d->tests = NULL;
	d->test_count = 0;
	pthread_mutex_unlock(&d->lock);
	return h;
}

/* Not when the clock was set back. */
static bool was_just_anothers(const struct lane_work *w, time_us now)
{
	return w->anothers_until > now && w->anothers_until <= now + ANOTHERS_US;
}

static void wake_up(struct deliverer *d, const struct wake_up *u, time_us now)
{
	struct lane_work *w = lane_set_get(&d->lanes, u->account, text_from(u->channel_id));
	if (!w) return;
	w->signalled = true;
	if (u->own) w->untold = true;
	if (w->state == WORK_IDLE && atomic_load(&d->hears) && was_just_anothers(w, now)) {
		/* The holder is told, and does not need to be asked for the lane each time. */
		if (w->untold) deliverer_tell(d, w);
		w->untold = false;
		if (w->wake_at > w->anothers_until) lane_set_wake(&d->lanes, w, w->anothers_until);
	} else if (w->state == WORK_IDLE || w->state == WORK_HELD) {
		lane_set_wake(&d->lanes, w, now);
	}
}

/* ---- the loop ---- */

static void sweep(struct deliverer *d, time_us now)
{
	int64_t began = clock_monotonic();
	enum rc rc = sweep_read(d);
	if (rc != RC_OK && !d->store_failed) log_warn("the outbox cannot be read", LOG_STR("error", db_error(d->db)->text));
	d->store_failed = rc != RC_OK;
	int64_t took = clock_monotonic() - began;
	int64_t pause = atomic_load(&d->hears) ? SWEEP_US : SWEEP_DEAF_US;
	d->next_sweep = now + (took * 50 > pause ? took * 50 : pause); /* never more than a fiftieth of the time */
}

static bool sweep_is_due(const struct deliverer *d, time_us now)
{
	return now >= d->next_sweep || d->next_sweep - now > SECONDS_US(60); /* the clock was set back */
}

static void look_at_lanes(struct deliverer *d, time_us now)
{
	struct lane_work *w;
	while ((w = lane_set_first(&d->lanes)) && w->wake_at <= now) lane_look(w, now);
}

static int64_t wait_of(struct deliverer *d)
{
	const struct lane_work *w = lane_set_first(&d->lanes);
	int64_t wait = w ? w->wake_at - clock_now() : TURN_US;
	return wait < 0 ? 0 : wait < TURN_US ? wait : TURN_US;
}

static void turn(struct deliverer *d)
{
	struct handed_in h = take(d);
	time_us now = clock_now();
	atomic_store(&d->last_turn, clock_monotonic());
	while (h.jobs) {
		struct lane_job *j = h.jobs;
		h.jobs = j->next;
		lane_job_done(j, now);
	}
	for (size_t i = 0; i < h.wake_up_count; i++) wake_up(d, &h.wake_ups[i], now);
	free(h.wake_ups);
	if (h.lost) deliverer_tell(d, NULL);
	samples_begin(d, h.tests);
	bool quiescing = atomic_load(&d->quiescing);
	if (!quiescing && (h.sweep || sweep_is_due(d, now))) sweep(d, now);
	if (quiescing) lane_set_wake_all(&d->lanes, now);
	look_at_lanes(d, now);
	outgoing_run(d->outgoing, wait_of(d));
}

/* Until nothing is under way, or patience ends; outcomes that are on their way to the store are always waited for. */
static bool may_end(struct deliverer *d)
{
	if (!atomic_load(&d->stopping)) return false;
	bool idle = d->jobs == 0 && outgoing_under_way(d->outgoing) == 0 && lane_set_is_idle(&d->lanes);
	return idle || (d->jobs == 0 && clock_monotonic() >= d->stop_by);
}

static void *deliverer_thread(void *context)
{
	struct deliverer *d = context;
	while (!may_end(d)) turn(d);
	return NULL;
}

/* ---- life ---- */

enum rc deliverer_new(const struct deliverer_options *options, struct deliverer **ret, struct err *err)
{
	struct deliverer *d = mem_zalloc(sizeof *d);
	d->options = *options;
	const struct outgoing_options o = {.guard = options->site.guard,
		.ca_file = options->ca_file,
		.user_agent = "versioner/" VERSIONER_VERSION,
		.timeout = options->timeout};
	enum rc rc = outgoing_new(&o, &d->outgoing, err);
	if (rc != RC_OK) return free(d), rc;
	pthread_mutex_init(&d->lock, NULL);
	lane_set_init(&d->lanes, d);
	owner_name(d->owner);
	*ret = d;
	return RC_OK;
}

struct heirs {
	struct text ended[64];
	size_t count;
};

static void note_ended(void *context, struct text owner)
{
	struct heirs *h = context;
	if (h->count < sizeof h->ended / sizeof *h->ended && owner_has_ended(owner)) h->ended[h->count++] = owner;
}

enum rc deliverer_inherit(struct db *db)
{
	struct arena *a = arena_new(KIB(4), MIB(16));
	struct heirs h = {.count = 0};
	enum rc rc = lane_each_owner(db, a, note_ended, &h);
	for (size_t i = 0; rc == RC_OK && i < h.count; i++) rc = lane_release_all(db, h.ended[i]);
	arena_free(a);
	return rc;
}

enum rc deliverer_start(struct deliverer *d, struct commit_pipeline *writer, struct err *err)
{
	enum rc rc = db_open(d->options.location, DB_READ, &d->db, err);
	if (rc != RC_OK) return rc;
	d->writer = writer;
	atomic_store(&d->last_turn, clock_monotonic());
	if (pthread_create(&d->thread, NULL, deliverer_thread, d) != 0) return err_set(err, RC_FAILED, "cannot start a thread");
	pthread_setname_np(d->thread, "deliverer");
	pthread_mutex_lock(&d->lock);
	d->started = true;
	pthread_mutex_unlock(&d->lock);
	return RC_OK;
}

void deliverer_quiesce(struct deliverer *d)
{
	if (!d) return;
	atomic_store(&d->quiescing, true);
	outgoing_wake(d->outgoing);
}

void deliverer_stop(struct deliverer *d, int64_t patience)
{
	if (!d || !d->started) return;
	d->stop_by = clock_monotonic() + patience; /* seen by the thread together with `stopping` */
	atomic_store(&d->quiescing, true);
	atomic_store(&d->stopping, true);
	outgoing_wake(d->outgoing);
	pthread_join(d->thread, NULL);
	pthread_mutex_lock(&d->lock);
	d->started = false;
	pthread_mutex_unlock(&d->lock);
	samples_begin(d, take(d).tests); /* handed in at the last moment; deliverer_free() ends them */
}

void deliverer_free(struct deliverer *d)
{
	if (!d) return;
	deliverer_stop(d, 0);
	outgoing_free(d->outgoing);
	lane_set_done(&d->lanes);
	db_close(d->db);
	pthread_mutex_destroy(&d->lock);
	free(d->wake_ups);
	free(d);
}

bool deliverer_moves(struct deliverer *d)
{
	return clock_monotonic() - (int64_t)atomic_load(&d->last_turn) < SECONDS_US(30);
}
