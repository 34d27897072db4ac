/* The hub's thread: reads what has been committed into the feeds, and looks after listeners once a second.
 *
 * It reads the feeds whose accounts were noted, in one transaction. Between two reads it rests a moment, so that under load many commits share
 * one. When somebody was writing during a read, what was committed meanwhile may not be settled (migration 0007): then it looks again soon, and
 * when that goes on for a while it finds out which of the transactions under way are none of ours.
 *
 * Notes may be lost on their way from another process, so it looks by itself too, more often where calls are not heard. */
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/log.h"
#include "db/db.h"
#include "stream/hub_private.h"

enum { READ_EVENTS = 200 };
#define REST_MICROS 4000 /* between two reads */
#define UNSETTLED_LEAST_MICROS 5000
#define UNSETTLED_MOST_MICROS 100000
#define LONG_MICROS 100000 /* unsettled for so long: whose transactions are these? */
#define BYSTANDERS_MICROS 250000 /* between two looks for that */
#define QUICK_LOOK_MICROS 50000
#define DEAF_MICROS 250000
#define HEARING_MICROS SECONDS_US(1)
#define TICK_MICROS SECONDS_US(1)
#define ASK_MICROS SECONDS_US(5)
#define FAILED_MICROS 250000

struct tail {
	struct stream_hub *hub;
	int64_t read_at, next_tick, next_ask, next_look; /* clock_monotonic() */
	int64_t unsettled_since, bystanders_at; /* 0: never */
	int64_t pause; /* before the next look, while something is unsettled; 0: nothing is */
	bool failed; /* the log has a line about it */
	/* Of one read of one feed */
	int64_t account;
	uint64_t generation;
	struct event_position after;
	char bystanders[BYSTANDERS_ROOM];
	size_t bystander_count;
	struct entry *entries[READ_EVENTS];
	size_t count;
};

static void take(void *context, const struct logged_event *e)
{
	struct tail *t = context;
	t->entries[t->count++] = entry_new(e, t->hub->epoch, t->hub->options.render);
}

/* ---- feeds; under the lock ---- */

/* The first noted feed that was made after `generation`. */
static bool next_feed(struct tail *t, const uint64_t dirty[static DIRTY_WORDS], uint64_t generation)
{
	const struct feed *found = NULL;
	for (const struct feed *f = t->hub->feeds; f; f = f->next)
		if (f->generation > generation && hub_is_dirty(dirty, f->account) && (!found || f->generation < found->generation))
			found = f;
	if (!found) return false;
	t->account = found->account;
	t->generation = found->generation;
	t->after = found->tail;
	t->bystander_count = t->hub->bystander_count;
	memcpy(t->bystanders, t->hub->bystanders, t->bystander_count);
	return true;
}

static struct feed *feed_again(const struct tail *t)
{
	for (struct feed *f = t->hub->feeds; f; f = f->next)
		if (f->generation == t->generation) return f;
	return NULL;
}

static void show(struct feed *f, struct listener *first)
{
	for (struct listener *l = first; l; l = l->following)
		if (l->feed == f) listener_look(l);
}

/* whole: everything that was asked for has been read. True: there may be more. */
static bool append(struct tail *t, const struct event_horizon *horizon, bool whole)
{
	struct feed *f = feed_again(t);
	bool full = t->count == READ_EVENTS;
	for (size_t i = 0; i < t->count; i++) {
		if (f)
			feed_append(f, t->entries[i]);
		else
			entry_release(t->entries[i]);
	}
	t->count = 0;
	if (!f) return false;
	if (whole && !full && event_position_compare(&horizon->now, &f->tail) > 0) f->tail = horizon->now;
	t->after = f->tail;
	show(f, t->hub->listeners);
	return whole && full;
}

/* ---- reading ---- */

static enum rc find_bystanders(struct tail *t, int64_t now)
{
	struct stream_hub *h = t->hub;
	buf_auto numbers = BUF_INIT(BYSTANDERS_ROOM);
	if (now - t->unsettled_since < LONG_MICROS || now - t->bystanders_at < BYSTANDERS_MICROS) return RC_OK;
	t->bystanders_at = now;
	enum rc rc = event_bystanders(h->db, &numbers);
	if (rc != RC_OK) return rc;
	pthread_mutex_lock(&h->lock);
	hub_keep_bystanders(h, buf_view(&numbers));
	pthread_mutex_unlock(&h->lock);
	return RC_OK;
}

static enum rc read_feed(struct tail *t, bool *unsettled)
{
	struct stream_hub *h = t->hub;
	struct event_horizon horizon;
	bool more = true;
	struct text bystanders = t->bystander_count ? (struct text){t->bystanders, t->bystander_count} : TEXT_ABSENT;
	enum rc rc = event_horizon(h->db, t->account, bystanders, &horizon);
	while (rc == RC_OK && more) {
		rc = event_after(h->db, t->account, &t->after, &horizon, READ_EVENTS, take, t);
		pthread_mutex_lock(&h->lock);
		more = append(t, &horizon, rc == RC_OK);
		pthread_mutex_unlock(&h->lock);
	}
	if (rc == RC_OK) *unsettled |= horizon.unsettled;
	return rc;
}

static enum rc read_feeds(struct tail *t, const uint64_t dirty[static DIRTY_WORDS], bool *unsettled)
{
	struct stream_hub *h = t->hub;
	uint64_t generation = 0;
	enum rc rc = RC_OK;
	while (rc == RC_OK) {
		pthread_mutex_lock(&h->lock);
		bool found = next_feed(t, dirty, generation);
		pthread_mutex_unlock(&h->lock);
		if (!found) break;
		generation = t->generation;
		rc = read_feed(t, unsettled);
	}
	return rc;
}

static void note_outcome(struct tail *t, enum rc rc)
{
	if (rc != RC_OK && !t->failed)
		log_warn("the event stream cannot read the store", LOG_STR("error", db_error(t->hub->db)->text));
	if (rc == RC_OK && t->failed) log_info("the event stream can read the store again");
	t->failed = rc != RC_OK;
}

static void plan(struct tail *t, enum rc rc, bool unsettled, int64_t now)
{
	struct stream_hub *h = t->hub;
	if (rc != RC_OK) {
		t->next_look = now + FAILED_MICROS;
	} else if (unsettled) {
		if (!t->unsettled_since) t->unsettled_since = now;
		t->pause = t->pause ? t->pause * 2 : UNSETTLED_LEAST_MICROS;
		if (t->pause > UNSETTLED_MOST_MICROS) t->pause = UNSETTLED_MOST_MICROS;
		t->next_look = now + t->pause;
	} else {
		bool quick = now < atomic_load(&h->quick_until);
		t->unsettled_since = t->pause = 0;
		t->next_look = now + (quick ? QUICK_LOOK_MICROS : atomic_load(&h->hears) ? HEARING_MICROS : DEAF_MICROS);
	}
}

static void look(struct tail *t, const uint64_t dirty[static DIRTY_WORDS])
{
	struct stream_hub *h = t->hub;
	bool unsettled = false;
	int64_t now = clock_monotonic();
	enum rc rc = db_begin(h->db);
	if (rc == RC_OK && t->unsettled_since) rc = find_bystanders(t, now);
	if (rc == RC_OK) rc = read_feeds(t, dirty, &unsettled);
	db_rollback(h->db);
	note_outcome(t, rc);
	t->read_at = clock_monotonic();
	plan(t, rc, unsettled, t->read_at);
}

/* ---- the thread ---- */

static void tick(struct tail *t, int64_t now)
{
	struct stream_hub *h = t->hub;
	if (now < t->next_tick) return;
	t->next_tick = now + TICK_MICROS;
	pthread_mutex_lock(&h->lock);
	for (struct listener *l = h->listeners; l; l = l->following) listener_tick(l, now);
	pthread_mutex_unlock(&h->lock);
	if (!h->options.ask_others || now < t->next_ask) return;
	t->next_ask = now + ASK_MICROS;
	h->options.ask_others(h->options.context);
}

/* What was noted; everything when it is time to look anyway. False: nothing. */
static bool take_dirty(struct tail *t, int64_t now, uint64_t ret[static DIRTY_WORDS])
{
	bool any = now >= t->next_look;
	for (size_t i = 0; i < DIRTY_WORDS; i++) {
		ret[i] = atomic_exchange(&t->hub->dirty[i], 0);
		any |= ret[i] != 0;
		if (now >= t->next_look) ret[i] = UINT64_MAX;
	}
	return any;
}

/* Until it is noted, or time; while nobody listens, until somebody does. */
static void sleep_until(struct tail *t)
{
	struct stream_hub *h = t->hub;
	uint64_t count;
	int64_t now = clock_monotonic(), until = t->next_look < t->next_tick ? t->next_look : t->next_tick;
	bool alone = !atomic_load(&h->listener_count);
	int64_t wait = until <= now ? 0 : (until - now + 999) / 1000;
	struct pollfd fd = {.fd = h->event, .events = POLLIN};
	poll(&fd, 1, alone ? -1 : (int)wait);
	ssize_t n = read(h->event, &count, sizeof count);
	(void)n; /* nothing was set: it is time */
	atomic_store(&h->awake, false);
}

static void rest(const struct tail *t)
{
	int64_t left = t->read_at + REST_MICROS - clock_monotonic();
	if (left > 0) nanosleep(&(struct timespec){.tv_nsec = left * 1000}, NULL);
}

void *tail_run(void *hub)
{
	struct tail *t = mem_zalloc(sizeof *t);
	uint64_t dirty[DIRTY_WORDS];
	t->hub = hub;
	while (!atomic_load(&t->hub->stopping)) {
		sleep_until(t);
		if (!atomic_load(&t->hub->listener_count)) {
			t->next_ask = 0; /* the next one that comes asks at once */
			continue;
		}
		rest(t);
		tick(t, clock_monotonic());
		if (take_dirty(t, clock_monotonic(), dirty)) look(t, dirty);
	}
	free(t);
	return NULL;
}
