/* What the files of the hub share. One lock for feeds and listeners: what is done under it is short, and never waits for the store. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "db/readers.h"
#include "stream/hub.h"
#include "stream/place.h"

enum {
	CHUNK_EVENTS = 200, /* read at a time for a listener that is behind, at most */
	DIRTY_WORDS = 64, /* bits by account, 64 in each */
	BYSTANDERS_ROOM = 4096,
};
#define HEARTBEAT_MICROS SECONDS_US(15)

enum listener_state {
	LISTENER_BEHIND, /* between two chunks from the store, or in one */
	LISTENER_READING, /* a reader fetches a chunk */
	LISTENER_LIVE, /* at `next` of its feed */
};

/* A piece of the store for a listener that is behind: what is asked for, then what was found. */
struct chunk {
	struct event_position after;
	size_t most;
	char bystanders[BYSTANDERS_ROOM];
	size_t bystander_count;
	enum rc rc;
	struct event_position reached; /* all up to here has been looked at */
	bool full; /* it ends because enough was read, not because there was no more */
	size_t count, taken, bytes;
	struct entry *entries[CHUNK_EVENTS];
};

struct listener {
	struct stream_hub *hub;
	struct feed *feed;
	struct listener *previous, *following;
	struct listener_options options;
	/* Under the hub's lock */
	enum listener_state state;
	struct event_position position; /* what is before has been given, or is not wanted */
	struct event_position told; /* the last one that the client was given the id of */
	uint64_t next; /* number in the feed */
	struct entry *current; /* under way, held */
	size_t sent; /* … of it */
	char words[640]; /* a beginning or a heartbeat, under way */
	size_t word_count, words_sent;
	struct chunk *chunk; /* the reader's while it is LISTENER_READING; else NULL, or what is being given */
	size_t chunk_most; /* events in the next one */
	bool waits; /* has nothing, and wants to be woken */
	bool over, closed; /* ends; its owner has gone, and the job frees it */
	int64_t told_at; /* clock_monotonic() of the last byte */
	int64_t again_at; /* the store failed: not before */
	struct reader_job job;
};

struct stream_hub {
	struct stream_hub_options options;
	struct reader_pool *readers;
	struct db *db; /* the thread's */
	pthread_t thread;
	bool thread_runs;
	int event; /* an eventfd: look */
	char epoch[EPOCH_SIZE];

	pthread_mutex_t lock;
	struct feed *feeds;
	struct listener *listeners;
	uint64_t generation;
	bool closing;
	char bystanders[BYSTANDERS_ROOM]; /* transactions that will write no event; store/event_log.h */
	size_t bystander_count;
	uint64_t opened, told, behind, lost, revoked;

	_Atomic size_t listener_count;
	_Atomic uint64_t dirty[DIRTY_WORDS];
	atomic_bool awake; /* the eventfd is set, or will be looked at */
	atomic_bool hears, stopping;
	_Atomic int64_t tell_until, quick_until; /* clock_monotonic() */
};

/* hub.c */
void hub_wake(struct stream_hub *h);
bool hub_is_dirty(const uint64_t taken[static DIRTY_WORDS], int64_t account);
void hub_keep_bystanders(struct stream_hub *h, struct text numbers); /* under the lock */
/* listener.c; all under the lock */
struct listener *listener_new(struct stream_hub *h, const struct listener_options *o);
void listener_begin(struct listener *l); /* with its feed: finds its place in it, or begins to catch up */
void listener_wake(struct listener *l);
void listener_end(struct listener *l);
void listener_free(struct listener *l);
void listener_tick(struct listener *l, int64_t now); /* heartbeat, authority, another try */
void listener_look(struct listener *l); /* its feed has grown */
/* catch_up.c; under the lock */
void catch_up_begin(struct listener *l);
void chunk_free(struct chunk *c);
/* tail.c */
void *tail_run(void *hub);
