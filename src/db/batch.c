/* One transaction of many jobs: applied together, or again one by one when a job must be undone. Why: head of commit.c. */
#include "db/batch.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/db.h"

/* Lists of jobs */

void job_list_init(struct job_list *l)
{
	l->first = NULL;
	l->end = &l->first;
}

void job_list_add(struct job_list *l, struct commit_job *job)
{
	job->next = NULL;
	*l->end = job;
	l->end = &job->next;
}

struct commit_job *job_list_take(struct job_list *l)
{
	struct commit_job *job = l->first;

	if (!job) return NULL;
	l->first = job->next;
	if (!l->first) l->end = &l->first;
	return job;
}

void job_list_append(struct job_list *l, struct job_list *more)
{
	if (!more->first) return;
	*l->end = more->first;
	l->end = more->end;
	job_list_init(more);
}

/* The batch */

/* Failures of the store, which the next job would meet too; all others are the job's own. */
static bool is_store_failure(enum rc rc)
{
	return rc == RC_FULL || rc == RC_UNAVAILABLE || rc == RC_UNKNOWN || rc == RC_CORRUPT;
}

static void keep_error(struct batch *b)
{
	if (b->error.rc == RC_OK) b->error = *db_error(b->db);
}

static void refuse(struct batch *b, enum rc rc)
{
	b->error = (struct err){0};
	keep_error(b);
	b->rc = rc;
	b->state = BATCH_REFUSED;
}

static enum commit_vote apply(struct batch *b, struct commit_job *job)
{
	enum commit_vote vote = job->apply(job, b->db);

	if (db_in_transaction(b->db)) return vote;
	/* Nothing true could be said to the jobs before it any more. */
	log_error("a job ended the transaction that it was applied in");
	abort();
}

void batch_begin(struct batch *b, struct db *db)
{
	*b = (struct batch){.db = db};
	job_list_init(&b->jobs);
	enum rc rc = db_begin(db);
	if (rc != RC_OK) refuse(b, rc);
}

bool batch_add(struct batch *b, struct commit_job *job)
{
	uint64_t before = db_changed(b->db);

	job->outcome = RC_OK;
	job_list_add(&b->jobs, job);
	b->count++;
	if (b->state != BATCH_OPEN) return false;

	enum commit_vote vote = apply(b, job);
	enum rc failure = db_failure(b->db);
	if (is_store_failure(failure))
		refuse(b, failure);
	else if (failure != RC_OK || (vote == COMMIT_UNDO && db_changed(b->db) != before))
		b->state = BATCH_ISOLATE;
	else if (vote == COMMIT_UNDO)
		b->undone++;
	return b->state == BATCH_OPEN;
}

/* One job in its own part of the transaction. Its own failure is its outcome; what is returned concerns the whole batch. */
static enum rc apply_alone(struct batch *b, struct commit_job *job)
{
	enum rc rc = db_savepoint(b->db);

	if (rc != RC_OK) return rc;
	enum commit_vote vote = apply(b, job);
	enum rc failure = db_failure(b->db);
	if (is_store_failure(failure)) return failure;
	if (vote == COMMIT_KEEP && failure == RC_OK) return db_release(b->db);
	if (vote == COMMIT_KEEP) {
		job->outcome = RC_FAILED;
		keep_error(b);
	}
	b->undone++;
	return db_rollback_to(b->db);
}

static enum rc apply_isolated(struct batch *b)
{
	b->reran = true;
	b->undone = 0;
	db_rollback(b->db);
	enum rc rc = db_begin(b->db);
	for (struct commit_job *job = b->jobs.first; rc == RC_OK && job; job = job->next) rc = apply_alone(b, job);
	return rc;
}

void batch_end(struct batch *b)
{
	enum rc rc = b->state == BATCH_ISOLATE ? apply_isolated(b) : b->rc;

	if (rc == RC_OK) {
		int64_t begin = clock_monotonic();
		rc = db_commit(b->db);
		b->commit_micros = clock_monotonic() - begin;
	}
	if (rc != RC_OK && b->state != BATCH_REFUSED) refuse(b, rc);
	db_rollback(b->db); /* nothing after a commit */
}
