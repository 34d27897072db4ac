/* Tells the other processes on the same store what this one has committed, and hears what they have: nobody needs to look for it.
 *
 * A call may be lost, with a connection or in a crash; then everything is said to have been called once there is a connection again. Nothing
 * may depend on calls alone: who is woken by them looks by itself now and then, more often while wakeup_hears() is false. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/text.h"

struct db;
struct wakeup;

struct wakeup_options {
	const char *location;
	/* On the wakeup's thread. `heard`: another process has committed something. `everything`: it is not known what; after each new connection,
	 * too. `hears`: calls are heard from now on, or not any more. */
	void (*heard)(void *context, struct text topic, struct text payload);
	void (*everything)(void *context);
	void (*hears)(void *context, bool hears);
	void *context;
};

/* *ret is NULL where nobody else can be called: SQLite. All functions take NULL. It is set before the first of the options is called. */
enum rc wakeup_start(const struct wakeup_options *options, struct wakeup **ret, struct err *err) must_check;
/* Any thread; never waits for the store. What is told already and not called yet is not told again; when too much waits, it becomes
 * "everything". Texts without newline, the topic without a space; at most 160 bytes together. */
void wakeup_tell(struct wakeup *w, struct text topic, struct text payload);
void wakeup_tell_everything(struct wakeup *w);
bool wakeup_hears(const struct wakeup *w);
/* Calls what has been told, if it is connected, and ends. */
void wakeup_stop(struct wakeup *w);

/* For a command, which hears nothing: calls at once, on its own connection, outside of transactions. RC_OK also where nobody can be called. */
enum rc wakeup_call(struct db *db, struct text topic, struct text payload) must_check;

struct wakeup_stats {
	bool hears;
	uint64_t called, heard, connections; /* calls, each of several signals; signals of others; times that it began to listen */
};
struct wakeup_stats wakeup_stats(struct wakeup *w);
