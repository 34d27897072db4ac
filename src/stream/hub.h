/* Who listens to the events of an account as they are committed: what is new is read from the store once, kept in memory once, and each listener
 * takes it at its own pace. Whoever has been away, or was too slow, is brought up from the store. Design: docs/design/stream.md.
 *
 * Knows neither HTTP nor who may listen: that is the caller's. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"
#include "stream/feed.h"

struct listener;
struct reader_pool;
struct stream_hub;

struct stream_hub_options {
	const char *location;
	size_t most_listeners;
	stream_render *render;
	/* Any thread: other processes that commit should tell of it from now on, for a while. NULL: there are none. */
	void (*ask_others)(void *context);
	void *context;
};

/* The store must be migrated. */
enum rc stream_hub_start(const struct stream_hub_options *options, struct stream_hub **ret, struct err *err) must_check;
/* Where listeners that are behind are read for; before the first one comes. */
void stream_hub_use_readers(struct stream_hub *h, struct reader_pool *readers);
/* Listeners end, and the readers are not used any more. */
void stream_hub_quiesce(struct stream_hub *h);
void stream_hub_stop(struct stream_hub *h); /* the thread ends; NULL is fine, here and below */
void stream_hub_free(struct stream_hub *h); /* when the last listener has been closed */

/* ---- what was committed ---- */

/* An event of the account was committed, here or elsewhere. Any thread; hardly anything while nobody listens. */
void stream_hub_note(struct stream_hub *h, int64_t account);
void stream_hub_note_all(struct stream_hub *h); /* it is not known what */
/* Whether calls of other processes are heard: without, it looks more often by itself. */
void stream_hub_set_hears(struct stream_hub *h, bool hears);
/* Another process does not know whether this one has listeners: asks it, if so. Any thread. */
void stream_hub_ask_again(struct stream_hub *h);
/* Another process has listeners. */
void stream_hub_asked(struct stream_hub *h);
bool stream_hub_tells_others(struct stream_hub *h); /* one has, as of the last seconds */

/* ---- listeners ---- */

struct listener_options {
	int64_t account;
	struct stream_filter filter; /* lives as long as the listener */
	struct event_position from; /* behind this one */
	struct event_position now; /* as the store said when `from` was found out */
	struct text bystanders; /* … and these; kept for all */
	const char *remark; /* one line for people, told at the beginning; or NULL; copied */
	void *context;
	void (*wake)(void *context); /* listener_read() has something again. Any thread */
	bool (*allowed)(void *context); /* still; asked about once a second */
};
const char *stream_hub_epoch(const struct stream_hub *h);
/* RC_FULL: there are too many. RC_UNAVAILABLE: stopping. */
enum rc listener_open(struct stream_hub *h, const struct listener_options *o, struct listener **ret) must_check;
/* How many bytes it has written; 0: nothing now, until it is woken; -1: the end. Never waits for the store. */
ptrdiff_t listener_read(struct listener *l, char *to, size_t size);
/* lost: it did not take its bytes. */
void listener_close(struct listener *l, bool lost);

struct stream_stats {
	uint64_t listeners, opened, told, behind, lost, revoked; /* the last three: why it was ended */
};
struct stream_stats stream_hub_stats(struct stream_hub *h);
