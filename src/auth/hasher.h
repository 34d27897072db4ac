/* One thread that hashes passwords, so that nobody else waits tens of milliseconds for it. It runs at a lower priority than the others: logins
 * may be slow while events come in, not the other way round. */
#pragma once

#include <stdbool.h>

#include "base/rc.h"
#include "base/secret.h"
#include "base/text.h"

struct hasher;

/* Embedded in the caller's own struct; the caller keeps it, and the texts, alive until done(). */
struct hash_job {
	struct text password; /* overwritten with zeros before done(): in memory that may be written, and of no more use afterwards */
	const char
		*stored; /* verify against this; NULL: nobody's, it takes as long and never matches. Not looked at with make_only */
	bool make_only; /* no verification: only `fresh` is wanted */
	bool want_fresh; /* a new hash of the password, also when it was verified */
	/* On the hasher's thread; the job may be freed or handed on in it. */
	void (*done)(struct hash_job *job);
	/* The result. */
	bool matches;
	bool outdated; /* matches, by weaker parameters than today's: `fresh` is there to be stored */
	bool made; /* `fresh` is a hash; false with make_only or want_fresh: no memory for it */
	char fresh[PASSWORD_HASH_SIZE];
	struct hash_job *next; /* the hasher's */
};

enum rc hasher_start(size_t queue_jobs, struct hasher **ret, struct err *err) must_check;
/* RC_FULL when so many wait already; then done() is not called. */
enum rc hasher_submit(struct hasher *h, struct hash_job *job) must_check;
void hasher_stop(struct hasher *h); /* does what is queued first; NULL is fine */
