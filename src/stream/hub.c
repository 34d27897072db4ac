/* The hub's life, what wakes its thread, and who listens. */
#include "stream/hub.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "db/db.h"
#include "stream/hub_private.h"

#define TELL_MICROS SECONDS_US(15) /* others are told for so long after one has asked */
#define QUICK_MICROS SECONDS_US(1) /* until others surely know that they are asked */

/* ---- life ---- */

static enum rc epoch_read(struct stream_hub *h, struct err *err)
{
	enum rc rc = db_begin(h->db);
	if (rc == RC_OK) rc = event_epoch(h->db, h->epoch);
	if (rc != RC_OK) err_set(err, rc, "%s", db_error(h->db)->text);
	db_rollback(h->db);
	return rc;
}

enum rc stream_hub_start(const struct stream_hub_options *options, struct stream_hub **ret, struct err *err)
{
	struct stream_hub *h = mem_zalloc(sizeof *h);
	h->options = *options;
	pthread_mutex_init(&h->lock, NULL);
	h->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	enum rc rc = h->event < 0 ? err_set(err, RC_FAILED, "eventfd: %s", strerror(errno)) : RC_OK;
	if (rc == RC_OK) rc = db_open(options->location, DB_READ, &h->db, err);
	if (rc == RC_OK) rc = epoch_read(h, err);
	if (rc == RC_OK && pthread_create(&h->thread, NULL, tail_run, h) != 0) rc = err_set(err, RC_FAILED, "cannot start a thread");
	if (rc != RC_OK) return stream_hub_free(h), rc;
	h->thread_runs = true;
	pthread_setname_np(h->thread, "stream");
	*ret = h;
	return RC_OK;
}

void stream_hub_use_readers(struct stream_hub *h, struct reader_pool *readers)
{
	h->readers = readers;
}

void stream_hub_quiesce(struct stream_hub *h)
{
	if (!h) return;
	pthread_mutex_lock(&h->lock);
	h->closing = true;
	for (struct listener *l = h->listeners; l; l = l->following) listener_wake(l);
	pthread_mutex_unlock(&h->lock);
}

void stream_hub_stop(struct stream_hub *h)
{
	if (!h || !h->thread_runs) return;
	stream_hub_quiesce(h);
	atomic_store(&h->stopping, true);
	hub_wake(h);
	pthread_join(h->thread, NULL);
	h->thread_runs = false;
}

void stream_hub_free(struct stream_hub *h)
{
	if (!h) return;
	stream_hub_stop(h);
	if (h->listeners) log_error("a listener of the event stream was left");
	db_close(h->db);
	if (h->event >= 0) close(h->event);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

const char *stream_hub_epoch(const struct stream_hub *h)
{
	return h->epoch;
}

/* ---- what was committed ---- */

/* One write for all that comes until the thread looks. */
void hub_wake(struct stream_hub *h)
{
	const uint64_t one = 1;
	if (atomic_exchange(&h->awake, true)) return;
	ssize_t written = write(h->event, &one, sizeof one);
	(void)written; /* it fails only when it is set already */
}

static unsigned bit_of(int64_t account)
{
	return (unsigned)((uint64_t)account * UINT64_C(0x9E3779B97F4A7C15) >> 52);
}

bool hub_is_dirty(const uint64_t taken[static DIRTY_WORDS], int64_t account)
{
	unsigned bit = bit_of(account);
	return taken[bit / 64] >> bit % 64 & 1;
}

void stream_hub_note(struct stream_hub *h, int64_t account)
{
	unsigned bit = bit_of(account);
	if (!h || !atomic_load(&h->listener_count)) return;
	atomic_fetch_or(&h->dirty[bit / 64], UINT64_C(1) << bit % 64);
	hub_wake(h);
}

void stream_hub_note_all(struct stream_hub *h)
{
	if (!h || !atomic_load(&h->listener_count)) return;
	for (size_t i = 0; i < DIRTY_WORDS; i++) atomic_store(&h->dirty[i], UINT64_MAX);
	hub_wake(h);
}

void stream_hub_set_hears(struct stream_hub *h, bool hears)
{
	if (!h) return;
	atomic_store(&h->hears, hears);
	stream_hub_note_all(h);
}

void stream_hub_ask_again(struct stream_hub *h)
{
	if (h && h->options.ask_others && atomic_load(&h->listener_count)) h->options.ask_others(h->options.context);
}

void stream_hub_asked(struct stream_hub *h)
{
	if (h) atomic_store(&h->tell_until, clock_monotonic() + TELL_MICROS);
}

bool stream_hub_tells_others(struct stream_hub *h)
{
	int64_t until = h ? atomic_load_explicit(&h->tell_until, memory_order_relaxed) : 0;
	return until && clock_monotonic() < until;
}

void hub_keep_bystanders(struct stream_hub *h, struct text numbers)
{
	h->bystander_count = numbers.n <= sizeof h->bystanders ? numbers.n : 0;
	if (h->bystander_count) memcpy(h->bystanders, numbers.p, h->bystander_count);
}

/* ---- who listens; under the lock ---- */

static struct feed *feed_of(struct stream_hub *h, const struct listener_options *o)
{
	for (struct feed *f = h->feeds; f; f = f->next)
		if (f->account == o->account) return f;
	struct feed *f = feed_new(o->account, &o->now);
	f->generation = ++h->generation;
	f->next = h->feeds;
	h->feeds = f;
	return f;
}

static void feed_leave(struct stream_hub *h, struct feed *f)
{
	if (--f->listeners) return;
	struct feed **at = &h->feeds;
	while (*at != f) at = &(*at)->next;
	*at = f->next;
	feed_free(f);
}

static void enlist(struct stream_hub *h, struct listener *l, const struct listener_options *o)
{
	l->feed = feed_of(h, o);
	l->feed->listeners++;
	l->following = h->listeners;
	if (l->following) l->following->previous = l;
	h->listeners = l;
	h->opened++;
	if (o->bystanders.n) hub_keep_bystanders(h, o->bystanders);
	if (atomic_fetch_add(&h->listener_count, 1) == 0) atomic_store(&h->quick_until, clock_monotonic() + QUICK_MICROS);
}

static void delist(struct stream_hub *h, struct listener *l)
{
	if (l->previous)
		l->previous->following = l->following;
	else
		h->listeners = l->following;
	if (l->following) l->following->previous = l->previous;
	feed_leave(h, l->feed);
	l->feed = NULL;
	atomic_fetch_sub(&h->listener_count, 1);
}

enum rc listener_open(struct stream_hub *h, const struct listener_options *o, struct listener **ret)
{
	pthread_mutex_lock(&h->lock);
	enum rc rc = h->closing ? RC_UNAVAILABLE : atomic_load(&h->listener_count) >= h->options.most_listeners ? RC_FULL : RC_OK;
	if (rc == RC_OK) {
		struct listener *l = listener_new(h, o);
		enlist(h, l, o);
		listener_begin(l);
		*ret = l;
	}
	pthread_mutex_unlock(&h->lock);
	/* What was committed since `now`, when perhaps nobody listened yet. */
	if (rc == RC_OK) stream_hub_note(h, o->account);
	return rc;
}

void listener_close(struct listener *l, bool lost)
{
	struct stream_hub *h = l->hub;
	pthread_mutex_lock(&h->lock);
	delist(h, l);
	h->lost += lost;
	l->closed = true;
	if (l->state != LISTENER_READING) listener_free(l);
	pthread_mutex_unlock(&h->lock);
}

struct stream_stats stream_hub_stats(struct stream_hub *h)
{
	if (!h) return (struct stream_stats){0};
	pthread_mutex_lock(&h->lock);
	struct stream_stats s = {.listeners = atomic_load(&h->listener_count),
		.opened = h->opened,
		.told = h->told,
		.behind = h->behind,
		.lost = h->lost,
		.revoked = h->revoked};
	pthread_mutex_unlock(&h->lock);
	return s;
}
