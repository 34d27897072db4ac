/* What the deliverer has done, by channel type. */
#include "base/log.h"
#include "notify/deliverer_private.h"

#include <stdlib.h>

/* Types are rows of a small table: each finds or takes its place. On the deliverer's thread. */
struct type_counts *counts_of(struct deliverer *d, const char *type)
{
	size_t i = 0;
	for (; i < CHANNEL_TYPES_MOST - 1 && d->counts[i].name; i++)
		if (d->counts[i].name == type) return &d->counts[i];
	pthread_mutex_lock(&d->lock);
	d->counts[i].name = type;
	d->counts[i].oldest = TIME_NONE;
	pthread_mutex_unlock(&d->lock);
	return &d->counts[i];
}

size_t deliverer_figures(struct deliverer *d, struct deliverer_figures *out, size_t room)
{
	size_t n = 0;
	time_us now = clock_now();
	pthread_mutex_lock(&d->lock);
	for (; n < CHANNEL_TYPES_MOST && n < room && d->counts[n].name; n++) {
		struct type_counts *c = &d->counts[n];
		out[n] = (struct deliverer_figures){.channel_type = c->name,
			.delivered = atomic_load(&c->delivered),
			.folded = atomic_load(&c->folded),
			.retried = atomic_load(&c->retried),
			.dead = atomic_load(&c->dead),
			.waiting = c->waiting,
			.oldest_seconds = c->oldest == TIME_NONE || c->oldest > now ? 0 : (double)(now - c->oldest) / 1e6};
	}
	pthread_mutex_unlock(&d->lock);
	return n;
}
