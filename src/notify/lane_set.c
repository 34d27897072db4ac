/* The lanes in memory: a hash by channel, and a heap by the time of their next look. */
#include "notify/deliverer_private.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_BUCKETS = 64 };

void lane_set_init(struct lane_set *s, struct deliverer *d)
{
	*s = (struct lane_set){.deliverer = d, .bucket_count = FIRST_BUCKETS, .heap_room = FIRST_BUCKETS};
	s->buckets = mem_zalloc(s->bucket_count * sizeof *s->buckets);
	s->heap = mem_alloc(s->heap_room * sizeof *s->heap);
}

static void lane_free(struct lane_work *w)
{
	window_drop(w);
	sending_drop(w);
	free(w);
}

void lane_set_done(struct lane_set *s)
{
	for (size_t i = 0; i < s->bucket_count; i++) {
		struct lane_work *next;
		for (struct lane_work *w = s->buckets[i]; w; w = next) {
			next = w->next;
			lane_free(w);
		}
	}
	free(s->buckets);
	free(s->heap);
	*s = (struct lane_set){0};
}

static size_t bucket_of(const struct lane_set *s, int64_t account, struct text id)
{
	return (size_t)(text_hash(id, (uint64_t)account) % s->bucket_count);
}

struct lane_work *lane_set_find(struct lane_set *s, int64_t account, struct text id)
{
	for (struct lane_work *w = s->buckets[bucket_of(s, account, id)]; w; w = w->next)
		if (w->account == account && text_is(id, w->channel_id)) return w;
	return NULL;
}

static void lane_set_widen(struct lane_set *s)
{
	struct lane_set wider = {.bucket_count = s->bucket_count * 2};
	wider.buckets = mem_zalloc(wider.bucket_count * sizeof *wider.buckets);
	for (size_t i = 0; i < s->bucket_count; i++) {
		struct lane_work *next;
		for (struct lane_work *w = s->buckets[i]; w; w = next) {
			next = w->next;
			size_t at = bucket_of(&wider, w->account, text_from(w->channel_id));
			w->next = wider.buckets[at];
			wider.buckets[at] = w;
		}
	}
	free(s->buckets);
	s->buckets = wider.buckets;
	s->bucket_count = wider.bucket_count;
}

struct lane_work *lane_set_get(struct lane_set *s, int64_t account, struct text id)
{
	struct lane_work *w = lane_set_find(s, account, id);
	if (w || id.n >= sizeof w->channel_id) return w;
	if (s->count >= s->bucket_count) lane_set_widen(s);
	w = mem_zalloc(sizeof *w);
	w->deliverer = s->deliverer;
	w->account = account;
	memcpy(w->channel_id, id.p, id.n);
	w->wake_at = TIME_NEVER;
	w->not_before = w->paced_until = w->gate = w->anothers_until = TIME_NONE;
	size_t at = bucket_of(s, account, id);
	w->next = s->buckets[at];
	s->buckets[at] = w;
	s->count++;
	return w;
}

/* ---- the heap ---- */

static void heap_put(struct lane_set *s, size_t at, struct lane_work *w)
{
	s->heap[at] = w;
	w->heap_at = at;
}

static void heap_up(struct lane_set *s, struct lane_work *w)
{
	size_t at = w->heap_at;
	for (; at > 1 && s->heap[at / 2]->wake_at > w->wake_at; at /= 2) heap_put(s, at, s->heap[at / 2]);
	heap_put(s, at, w);
}

static void heap_down(struct lane_set *s, struct lane_work *w)
{
	size_t at = w->heap_at;
	for (size_t child; (child = at * 2) <= s->heap_count; at = child) {
		if (child < s->heap_count && s->heap[child + 1]->wake_at < s->heap[child]->wake_at) child++;
		if (s->heap[child]->wake_at >= w->wake_at) break;
		heap_put(s, at, s->heap[child]);
	}
	heap_put(s, at, w);
}

static void heap_remove(struct lane_set *s, struct lane_work *w)
{
	if (!w->heap_at) return;
	struct lane_work *last = s->heap[s->heap_count--];
	if (last != w) {
		heap_put(s, w->heap_at, last);
		heap_up(s, last);
		heap_down(s, last);
	}
	w->heap_at = 0;
}

void lane_set_wake(struct lane_set *s, struct lane_work *w, time_us at)
{
	w->wake_at = at;
	if (at == TIME_NEVER) return heap_remove(s, w);
	if (!w->heap_at) {
		if (s->heap_count + 1 == s->heap_room) {
			s->heap_room *= 2;
			s->heap = mem_realloc(s->heap, s->heap_room * sizeof *s->heap);
		}
		heap_put(s, ++s->heap_count, w);
	}
	heap_up(s, w);
	heap_down(s, w);
}

struct lane_work *lane_set_first(struct lane_set *s)
{
	return s->heap_count ? s->heap[1] : NULL;
}

void lane_set_wake_all(struct lane_set *s, time_us at)
{
	for (size_t i = 0; i < s->bucket_count; i++)
		for (struct lane_work *w = s->buckets[i]; w; w = w->next)
			if (w->state == WORK_HELD) lane_set_wake(s, w, at);
}

bool lane_set_is_idle(const struct lane_set *s)
{
	for (size_t i = 0; i < s->bucket_count; i++)
		for (const struct lane_work *w = s->buckets[i]; w; w = w->next)
			if (w->state != WORK_IDLE) return false;
	return true;
}

void lane_set_remove(struct lane_set *s, struct lane_work *w)
{
	heap_remove(s, w);
	struct lane_work **at = &s->buckets[bucket_of(s, w->account, text_from(w->channel_id))];
	while (*at != w) at = &(*at)->next;
	*at = w->next;
	s->count--;
	lane_free(w);
}
