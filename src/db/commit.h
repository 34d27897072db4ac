/* The commit pipeline: writes of many callers share one transaction and are told of it after the commit.
 *
 * commit_submit() puts a job into a bounded queue and returns at once. A writer thread takes what is there (at most
 * `batch_jobs`, and for at most `batch_time`), begins a transaction, calls each job's apply(), commits, and calls each job's
 * done(). The design, the isolation of one job from another's failure, and what happens on a full disk stand at the head of
 * commit.c. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/text.h"

struct db;
struct commit_pipeline;

enum commit_vote {
	COMMIT_KEEP, /* what it wrote (if anything) shall be committed */
	COMMIT_UNDO, /* whatever it wrote must not be there; the other jobs go on */
};

/* Embedded in the caller's own struct; the caller keeps it alive until done(). */
struct commit_job {
	/* On a writer thread, inside the transaction. May be called again, several times, after a rollback: it must begin by
	 * forgetting what an earlier call left in memory. Must not block on anything but db. */
	enum commit_vote (*apply)(struct commit_job *job, struct db *db);
	/* Once, on a writer thread; the job may be freed or submitted again in it. RC_OK: the transaction with this job's writes
	 * is on the disk, or it voted UNDO (also because one of its statements failed: with RC_CONFLICT, say) and nothing of it is
	 * stored. Else nothing of it is stored (RC_FULL, RC_UNAVAILABLE, RC_CORRUPT; RC_FAILED when it voted KEEP over a failed
	 * statement), or RC_UNKNOWN. */
	void (*done)(struct commit_job *job, enum rc outcome);
	/* What it is about, hashed: jobs of one key are applied in the order of their submission, jobs of different keys in any order, on several
	 * writers, and between each other's statements (turns.c). 0: about everything, it is applied alone. commit_key(). */
	uint64_t key;
	struct commit_job *next; /* the pipeline's */
	enum rc outcome; /* the pipeline's */
};

/* The key of what is named so in an account. */
uint64_t commit_key(int64_t account, struct text name);

struct commit_options {
	size_t writers; /* connections that write, each with a thread; an engine with one writer has one in any case */
	size_t queue_jobs; /* jobs submitted and not yet decided, before commit_submit says RC_FULL */
	size_t batch_jobs; /* jobs in one transaction at most */
	int64_t batch_time; /* microseconds of applying after which the batch is committed */
};

struct commit_stats { /* since the start; for /metrics */
	uint64_t batches;
	uint64_t jobs; /* decided, in whichever way */
	uint64_t undone; /* those of which nothing was kept, by vote or failure */
	uint64_t reruns; /* batches applied a second time, job by job or because of a fight with another process */
	uint64_t failures; /* batches of which nothing was stored */
	uint64_t refused; /* submits answered with RC_FULL */
	uint64_t waiting; /* jobs submitted and not yet decided */
	uint64_t commit_micros; /* spent in COMMIT */
};

/* Takes over db (DB_WRITE; on failure it stays the caller's), opens further connections like it, which have its listener, and starts a writer
 * thread for each. The listener is called on all of them. */
enum rc commit_start(
	struct db *db, const struct commit_options *options, struct commit_pipeline **ret, struct err *err) must_check;
/* RC_FULL when the queue is full, RC_UNAVAILABLE once stopping; then done() is not called. */
enum rc commit_submit(struct commit_pipeline *p, struct commit_job *job) must_check;
/* Applies what is queued, then ends the threads and closes the connections. */
void commit_stop(struct commit_pipeline *p);
struct commit_stats commit_stats(struct commit_pipeline *p);
