/* Reads for a listener that is behind, a chunk at a time, on the readers: when what it has been given has left, the next one is asked for. So its
 * memory is bounded by a chunk, however far behind it is, and it reads no faster than its client. */
#include <stdlib.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/log.h"
#include "db/db.h"
#include "stream/hub_private.h"

enum { LEAST_EVENTS = 8 }; /* in a chunk of large ones */
#define FULL_AGAIN_MICROS 100000 /* the readers' queue was full */
#define FAILED_AGAIN_MICROS SECONDS_US(1)

void chunk_free(struct chunk *c)
{
	if (!c) return;
	for (size_t i = 0; i < c->count; i++) entry_release(c->entries[i]);
	free(c);
}

/* ---- on a reader ---- */

static struct listener *listener_of(struct reader_job *job)
{
	return (struct listener *)((char *)job - offsetof(struct listener, job));
}

static void take(void *context, const struct logged_event *e)
{
	struct listener *l = context;
	struct chunk *c = l->chunk;
	if (c->bytes >= LIMIT_STREAM_CHUNK) c->full = true;
	if (c->full) return;
	struct entry *entry = entry_new(e, l->hub->epoch, l->hub->options.render);
	c->reached = entry->position;
	if (--c->most == 0) c->full = true;
	if (!entry_wanted(entry, &l->options.filter)) return entry_release(entry);
	c->bytes += entry->bytes.n;
	c->entries[c->count++] = entry;
}

static void run(struct reader_job *job, struct db *db)
{
	struct listener *l = listener_of(job);
	struct chunk *c = l->chunk;
	struct event_horizon h;
	struct text bystanders = c->bystander_count ? (struct text){c->bystanders, c->bystander_count} : TEXT_ABSENT;
	c->reached = c->after;
	c->rc = event_horizon(db, l->options.account, bystanders, &h);
	if (c->rc == RC_OK) c->rc = event_after(db, l->options.account, &c->after, &h, (int64_t)c->most, take, l);
	/* Nothing more is there: all that was settled has been looked at. */
	if (c->rc == RC_OK && !c->full && event_position_compare(&h.now, &c->reached) > 0) c->reached = h.now;
}

static void take_result(struct listener *l)
{
	struct chunk *c = l->chunk;
	l->state = LISTENER_BEHIND;
	if (c->rc == RC_OK) {
		bool large = c->bytes >= LIMIT_STREAM_CHUNK;
		l->chunk_most = large ? c->count / 2 + LEAST_EVENTS : l->chunk_most * 2;
		if (l->chunk_most > CHUNK_EVENTS) l->chunk_most = CHUNK_EVENTS;
	} else {
		chunk_free(c);
		l->chunk = NULL;
		l->again_at = clock_monotonic() + FAILED_AGAIN_MICROS;
	}
	listener_wake(l);
}

static void done(struct reader_job *job, enum rc outcome)
{
	struct listener *l = listener_of(job);
	struct stream_hub *h = l->hub;
	pthread_mutex_lock(&h->lock);
	if (outcome != RC_OK) l->chunk->rc = outcome;
	if (l->closed)
		listener_free(l);
	else
		take_result(l);
	pthread_mutex_unlock(&h->lock);
}

/* ---- under the lock ---- */

void catch_up_begin(struct listener *l)
{
	struct stream_hub *h = l->hub;
	if (h->closing) return;
	struct chunk *c = mem_zalloc(sizeof *c);
	c->after = l->position;
	c->most = l->chunk_most;
	c->bystander_count = h->bystander_count;
	memcpy(c->bystanders, h->bystanders, h->bystander_count);
	l->chunk = c;
	l->state = LISTENER_READING;
	l->job = (struct reader_job){.run = run, .done = done, .current = true};
	if (readers_submit(h->readers, &l->job) == RC_OK) return;
	chunk_free(c);
	l->chunk = NULL;
	l->state = LISTENER_BEHIND;
	l->again_at = clock_monotonic() + FULL_AGAIN_MICROS;
}
