/* One listener: what it is given next.
 *
 * What is under way goes first: words (the beginning, a heartbeat), an event. Then what a chunk from the store holds; then, when nothing is left
 * between the last chunk and the feed, the feed. Each event is compared with the position, so that none is given twice where the two overlap. */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "stream/hub_private.h"

struct listener *listener_new(struct stream_hub *h, const struct listener_options *o)
{
	struct listener *l = mem_zalloc(sizeof *l);
	char place[PLACE_SIZE];
	l->hub = h;
	l->options = *o;
	l->position = l->told = o->from;
	l->chunk_most = CHUNK_EVENTS;
	l->told_at = clock_monotonic();
	place_format(place, h->epoch, &l->position);
	/* A client that loses its connection before its first event has an id to come back with. */
	int n = snprintf(l->words, sizeof l->words, "retry: 2000\n%s%s%sid: %s\n\n", o->remark ? ": " : "",
		o->remark ? o->remark : "", o->remark ? "\n" : "", place);
	l->word_count = n > 0 && (size_t)n < sizeof l->words ? (size_t)n : 0;
	return l;
}

void listener_free(struct listener *l)
{
	entry_release(l->current);
	chunk_free(l->chunk);
	free(l);
}

void listener_wake(struct listener *l)
{
	if (!l->waits) return;
	l->waits = false;
	l->options.wake(l->options.context);
}

void listener_end(struct listener *l)
{
	l->over = true;
	listener_wake(l);
}

/* ---- what is next ---- */

static void join_feed(struct listener *l)
{
	l->state = LISTENER_LIVE;
	l->next = l->feed->first;
}

void listener_begin(struct listener *l)
{
	if (event_position_compare(&l->position, &l->feed->whole_from) >= 0) join_feed(l);
}

/* Whether it goes out. One that does not is behind the listener with that. */
static bool take_entry(struct listener *l, struct entry *e)
{
	if (event_position_compare(&e->position, &l->position) <= 0) return false;
	if (!entry_wanted(e, &l->options.filter)) return l->position = e->position, false;
	entry_hold(e);
	l->current = e;
	l->sent = 0;
	return true;
}

/* The chunk has been given: either nothing is left between it and the feed, or another one is needed. */
static void end_chunk(struct listener *l)
{
	bool joins = !l->chunk->full && event_position_compare(&l->chunk->reached, &l->feed->whole_from) >= 0;
	if (event_position_compare(&l->chunk->reached, &l->position) > 0) l->position = l->chunk->reached;
	chunk_free(l->chunk);
	l->chunk = NULL;
	if (joins) join_feed(l);
}

static bool next_of_store(struct listener *l)
{
	if (!l->chunk) {
		if (clock_monotonic() >= l->again_at) catch_up_begin(l);
		return false;
	}
	while (l->chunk->taken < l->chunk->count)
		if (take_entry(l, l->chunk->entries[l->chunk->taken++])) return true;
	end_chunk(l);
	return false;
}

static bool next_of_feed(struct listener *l)
{
	struct feed *f = l->feed;
	if (l->next < f->first) {
		l->hub->behind++;
		listener_end(l);
		return false;
	}
	while (l->next < f->end)
		if (take_entry(l, feed_entry(f, l->next++))) return true;
	if (event_position_compare(&f->tail, &l->position) > 0) l->position = f->tail;
	return false;
}

/* False: nothing now, or it is over. */
static bool find_next(struct listener *l)
{
	for (;;) {
		enum listener_state before = l->state;
		bool had_chunk = l->chunk != NULL;
		if (before == LISTENER_READING || l->over) return false;
		if (before == LISTENER_LIVE) return next_of_feed(l);
		if (next_of_store(l)) return true;
		if (!had_chunk) return false; /* asked for one */
	}
}

/* ---- giving it ---- */

static size_t give(char *to, size_t room, struct text what, size_t *sent)
{
	size_t n = what.n - *sent < room ? what.n - *sent : room;
	memcpy(to, what.p + *sent, n);
	*sent += n;
	return n;
}

static size_t give_words(struct listener *l, char *to, size_t room)
{
	return give(to, room, (struct text){l->words, l->word_count}, &l->words_sent);
}

static size_t give_entry(struct listener *l, char *to, size_t room)
{
	size_t n = give(to, room, l->current->bytes, &l->sent);
	if (l->sent < l->current->bytes.n) return n;
	l->position = l->told = l->current->position;
	entry_release(l->current);
	l->current = NULL;
	l->hub->told++;
	return n;
}

/* Never words between the pieces of an event. */
static size_t fill(struct listener *l, char *to, size_t size)
{
	size_t n = 0;
	while (n < size) {
		if (l->current)
			n += give_entry(l, to + n, size - n);
		else if (l->words_sent < l->word_count)
			n += give_words(l, to + n, size - n);
		else if (!find_next(l))
			break;
	}
	return n;
}

ptrdiff_t listener_read(struct listener *l, char *to, size_t size)
{
	struct stream_hub *h = l->hub;
	pthread_mutex_lock(&h->lock);
	bool ends = l->over || h->closing;
	size_t n = ends ? 0 : fill(l, to, size);
	if (n) l->told_at = clock_monotonic();
	ends = !n && (ends || l->over);
	l->waits = !n && !ends;
	pthread_mutex_unlock(&h->lock);
	return ends ? -1 : (ptrdiff_t)n;
}

/* ---- from the hub's thread ---- */

void listener_look(struct listener *l)
{
	struct feed *f = l->feed;
	if (!l->waits || l->state != LISTENER_LIVE) return;
	/* What it does not want need not wake it. */
	while (l->next >= f->first && l->next < f->end) {
		const struct entry *e = feed_entry(f, l->next);
		bool old = event_position_compare(&e->position, &l->position) <= 0;
		if (!old && entry_wanted(e, &l->options.filter)) break;
		if (!old) l->position = e->position;
		l->next++;
	}
	if (l->next != f->end)
		listener_wake(l);
	else if (event_position_compare(&f->tail, &l->position) > 0)
		l->position = f->tail;
}

/* With the place, if it has moved without an event: who comes back after a quiet week need not be read a week. */
static void beat(struct listener *l)
{
	char place[PLACE_SIZE];
	place_format(place, l->hub->epoch, &l->position);
	bool moved = event_position_compare(&l->position, &l->told) != 0;
	int n = snprintf(l->words, sizeof l->words, moved ? ":\nid: %s\n\n" : ":\n\n", place);
	l->word_count = n > 0 ? (size_t)n : 0;
	l->words_sent = 0;
	l->told = l->position;
	listener_wake(l);
}

void listener_tick(struct listener *l, int64_t now)
{
	if (!l->over && !l->options.allowed(l->options.context)) {
		l->hub->revoked++;
		listener_end(l);
	}
	if (!l->waits) return;
	if (l->state == LISTENER_BEHIND && !l->chunk && now >= l->again_at) catch_up_begin(l);
	if (now - l->told_at >= HEARTBEAT_MICROS) beat(l);
}
