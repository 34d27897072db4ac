/* Reading the store for the deliverer: what is due in a lane, and which lanes have something waiting. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "db/db.h"
#include "notify/deliverer_private.h"

void window_drop(struct lane_work *w)
{
	arena_free(w->window.arena);
	w->window = (struct window){0};
}

/* ---- a window ---- */

static enum rc channel_read(struct lane_work *w)
{
	struct window *v = &w->window;
	struct err err;
	enum rc rc = channel_get(w->deliverer->db, v->arena, w->account, text_from(w->channel_id), &v->channel);
	if (rc != RC_OK) return rc;
	v->type = channel_type_find(v->channel.type);
	if (!v->channel.enabled || !v->type) return RC_NOT_FOUND;
	return json_read(v->arena, v->channel.config, &v->config, &err);
}

struct collecting {
	struct window *window;
	size_t room;
};

static void collect(void *context, const struct due_notification *d)
{
	struct collecting *c = context;
	if (c->window->count < c->room) c->window->rows[c->window->count++] = *d;
}

static struct collecting collecting_into(struct window *v, size_t room)
{
	v->rows = arena_array_of(v->arena, struct due_notification, room);
	v->count = v->at = 0;
	return (struct collecting){v, room};
}

/* More wait than the channel should be told one by one. */
static enum rc digest_read(struct lane_work *w, time_us now)
{
	struct window *v = &w->window;
	struct db *db = w->deliverer->db;
	struct text channel = text_from(w->channel_id);
	int64_t due = 0, most = (int64_t)v->type->fold_above;
	enum rc rc = notification_count_due(db, w->account, channel, now, most + 1, &due);
	if (rc != RC_OK || due <= most) return rc;
	struct collecting c = collecting_into(v, LIMIT_DIGEST);
	rc = notification_each_foldable(db, v->arena, w->account, channel, now, v->type->changes_in_place, LIMIT_DIGEST, collect, &c);
	v->is_digest = v->count > v->type->fold_above;
	return rc;
}

static enum rc rows_read(struct lane_work *w, time_us now)
{
	struct window *v = &w->window;
	enum rc rc = channel_read(w);
	if (rc == RC_OK && v->type->fold_above) rc = digest_read(w, now);
	if (rc != RC_OK || v->is_digest) return rc;
	/* Where there is a pace, what is sent next is read when its time has come: by then more may wait. */
	struct collecting c = collecting_into(v, v->type->pace ? 1 : WINDOW_ROWS);
	return notification_each_due(
		w->deliverer->db, v->arena, w->account, text_from(w->channel_id), now, (int64_t)c.room, collect, &c);
}

enum rc window_read(struct lane_work *w, time_us now)
{
	struct db *db = w->deliverer->db;
	window_drop(w);
	w->window.arena = arena_new(KIB(16), LIMIT_WINDOW_ARENA);
	w->window.read_at = clock_monotonic();
	w->signalled = false;
	enum rc rc = db_begin(db);
	if (rc != RC_OK) return rc;
	rc = rows_read(w, now);
	if (rc == RC_OK && !w->window.count) {
		time_us next = TIME_NEVER;
		rc = notification_next_due(db, w->account, text_from(w->channel_id), &next);
		if (rc == RC_NOT_FOUND) rc = RC_OK;
		w->window.next_due = next;
	}
	db_rollback(db);
	return rc;
}

/* ---- the sweep ---- */

static void sweep_lane(void *context, int64_t account, struct text channel_id, time_us due_at)
{
	struct deliverer *d = context;
	struct lane_work *w = lane_set_get(&d->lanes, account, channel_id);
	if (!w) return;
	if (w->state == WORK_IDLE && due_at < w->wake_at) lane_set_wake(&d->lanes, w, due_at);
}

static void queue_figures_take(void *context, const struct queue_figures *q)
{
	struct deliverer *d = context;
	const struct channel_type *type = channel_type_find(q->channel_type);
	if (!type) return;
	struct type_counts *c = counts_of(d, type->name);
	pthread_mutex_lock(&d->lock);
	c->waiting = q->waiting;
	c->oldest = q->oldest;
	pthread_mutex_unlock(&d->lock);
}

static void queue_figures_forget(struct deliverer *d)
{
	pthread_mutex_lock(&d->lock);
	for (size_t i = 0; i < CHANNEL_TYPES_MOST; i++) d->counts[i].waiting = 0, d->counts[i].oldest = TIME_NONE;
	pthread_mutex_unlock(&d->lock);
}

enum rc sweep_read(struct deliverer *d)
{
	struct arena *a = arena_new(KIB(16), LIMIT_DELIVERY_ARENA);
	enum rc rc = db_begin(d->db);
	if (rc == RC_OK) rc = lane_each_waiting(d->db, sweep_lane, d);
	if (rc == RC_OK) queue_figures_forget(d);
	if (rc == RC_OK) rc = notification_queues(d->db, a, queue_figures_take, d);
	db_rollback(d->db);
	arena_free(a);
	return rc;
}
