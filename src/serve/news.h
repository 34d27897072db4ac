/* Who is woken by what has been committed, here or by another process. The topics are those of store/signal.h. */
#pragma once

#include "base/rc.h"
#include "base/text.h"

struct deliverer;
struct key_watch;
struct wakeup;

struct news {
	struct deliverer *deliverer;
	struct key_watch *keys;
	struct wakeup *wakeup; /* NULL: no other process can be called */
};

/* With deliverer and keys set: begins to hear the other processes. Before the first commit. */
enum rc news_start(struct news *n, const char *location, struct err *err) must_check;
/* A db_signal_each: the listener of every connection that commits. */
void news_committed(void *news, const char *topic, struct text payload);
/* What the deliverer tells the other processes; see deliverer_options. */
void news_tell_outbox(void *news, struct text payload);
/* After the last commit, before those whom it wakes are gone. */
void news_stop(struct news *n);
