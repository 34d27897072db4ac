/* The commit pipeline: writes of many callers share one transaction and are told of it after the commit.
 *
 * commit_submit() puts a job into a bounded queue and returns at once. The writer thread takes what is there (at most
 * `batch_jobs`, and for at most `batch_time`), begins a transaction, calls each job's apply(), commits, and calls each job's
 * done(). The design, the isolation of one job from another's failure, and what happens on a full disk stand at the head of
 * commit.c. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"

struct db;
struct commit_pipeline;

enum commit_vote {
	COMMIT_KEEP, /* what it wrote (if anything) shall be committed */
	COMMIT_UNDO, /* whatever it wrote must not be there; the other jobs go on */
};

/* Embedded in the caller's own struct; the caller keeps it alive until done(). */
struct commit_job {
	/* On the writer thread, inside the transaction. May be called again, several times, after a rollback: it must begin by
	 * forgetting what an earlier call left in memory. Must not block on anything but db. */
	enum commit_vote (*apply)(struct commit_job *job, struct db *db);
	/* Once, on the writer thread; the job may be freed or submitted again in it. RC_OK: the transaction with this job's writes
	 * is on the disk, or it voted UNDO (also because one of its statements failed: with RC_CONFLICT, say) and nothing of it is
	 * stored. Else nothing of it is stored (RC_FULL, RC_UNAVAILABLE, RC_CORRUPT; RC_FAILED when it voted KEEP over a failed
	 * statement), or RC_UNKNOWN. */
	void (*done)(struct commit_job *job, enum rc outcome);
	struct commit_job *next; /* the pipeline's */
	enum rc outcome; /* the pipeline's */
};

struct commit_options {
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

/* Takes over db (DB_WRITE; on failure it stays the caller's) and starts the writer thread. */
enum rc commit_start(
	struct db *db, const struct commit_options *options, struct commit_pipeline **ret, struct err *err) must_check;
/* RC_FULL when the queue is full, RC_UNAVAILABLE once stopping; then done() is not called. */
enum rc commit_submit(struct commit_pipeline *p, struct commit_job *job) must_check;
/* Applies what is queued, then ends the thread and closes the db. */
void commit_stop(struct commit_pipeline *p);
struct commit_stats commit_stats(struct commit_pipeline *p);
