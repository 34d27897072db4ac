/* Delivers the outbox: one thread that takes the lanes of channels, reads what is due, sends it, and writes down what became of it through
 * the commit pipeline. The essay stands at the head of deliverer.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/text.h"
#include "notify/channel_type.h"
#include "notify/site.h"

struct commit_pipeline;
struct db;
struct deliverer;

struct deliverer_options {
	const char *location; /* of the store: for a read connection of its own */
	struct notify_site site;
	const char *ca_file;
	int64_t timeout; /* of one request */
	/* Something that was committed here is due in a channel that another process sends for: it is to be told. payload: as of
	 * deliverer_signal(), or absent for "in any channel". On the deliverer's thread. */
	void (*tell)(void *context, struct text payload);
	void *tell_context;
};

/* Takes over the options' strings by reference: they outlive it. Not running yet: signals are noted. */
enum rc deliverer_new(const struct deliverer_options *options, struct deliverer **ret, struct err *err) must_check;
/* Something was committed for that channel: "account channel-id", the payload of the store's signal OUTBOX_SIGNAL. Any thread. */
void deliverer_signal(void *deliverer, const char *topic, struct text payload);
/* The same was committed by another process; an absent payload: in any channel. Any thread. */
void deliverer_hear(struct deliverer *d, struct text payload);
/* Whether the other processes are heard: without, their notifications are looked for more often. Any thread. */
void deliverer_set_hears(struct deliverer *d, bool hears);
/* In a write transaction, before the start: takes the lanes of processes that have ended, without waiting for their leases. */
enum rc deliverer_inherit(struct db *db) must_check;
enum rc deliverer_start(struct deliverer *d, struct commit_pipeline *writer, struct err *err) must_check;
/* Begins nothing more; what is under way goes on. */
void deliverer_quiesce(struct deliverer *d);
/* Waits at most `patience` microseconds for what is under way, gives the lanes back and ends the thread. Before the pipeline stops. */
void deliverer_stop(struct deliverer *d, int64_t patience);
/* Cuts off what is still under way: it waits in the store. Samples are ended, too. After the pipeline has stopped, because
 * its commits signal; before the HTTP server stops, because samples are answered. */
void deliverer_free(struct deliverer *d);

/* ---- a sample, now ---- */

struct deliverer_test {
	/* Given; the texts stay until done() */
	const struct channel_type *type;
	struct text config; /* JSON */
	void (*done)(struct deliverer_test *t); /* on the deliverer's thread; once */
	void *context;
	/* Set before done() */
	enum delivery_verdict verdict;
	int status; /* 0: no answer */
	struct text answer; /* valid until done() returns: what the destination said, or why it was not asked */
	int64_t micros;
	struct deliverer_test *next; /* the deliverer's */
};
/* RC_FULL when too many are waiting, RC_UNAVAILABLE once stopping; then done() is not called. Any thread. */
enum rc deliverer_test(struct deliverer *d, struct deliverer_test *t) must_check;

/* ---- figures ---- */

struct deliverer_figures {
	const char *channel_type;
	uint64_t delivered, folded, retried, dead; /* since the start */
	int64_t waiting; /* as of the last sweep, at most a few seconds ago */
	double oldest_seconds; /* age of the oldest that waits; 0: none */
};
size_t deliverer_figures(struct deliverer *d, struct deliverer_figures *out, size_t room); /* one a channel type */
bool deliverer_moves(struct deliverer *d); /* its thread is alive and not stuck: for /ready */
