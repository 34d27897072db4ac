/* Who is woken by what has been committed, here or by another process. The topics are those of store/signal.h. */
#pragma once

#include "base/rc.h"
#include "base/text.h"

struct deliverer;
struct key_watch;
struct stream_hub;
struct wakeup;

struct news {
	struct deliverer *deliverer;
	struct key_watch *keys;
	struct stream_hub *stream;
	struct wakeup *wakeup; /* NULL: no other process can be called */
};

/* With deliverer, keys and stream set: begins to hear the other processes. Before the first commit. */
enum rc news_start(struct news *n, const char *location, struct err *err) must_check;
/* A db_signal_each: the listener of every connection that commits. */
void news_committed(void *news, const char *topic, struct text payload);
/* What the deliverer tells the other processes; see deliverer_options. */
void news_tell_outbox(void *news, struct text payload);
/* What the live stream asks of the other processes; see stream_hub_options. */
void news_ask_for_events(void *news);
/* After the last commit, before those whom it wakes are gone. */
void news_stop(struct news *n);
