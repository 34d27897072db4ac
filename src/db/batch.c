/* One transaction of many jobs: applied together, or again one by one when a job must be undone. Why: head of commit.c. */
#include "db/batch.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "db/db_driver.h"
#include "db/turns.h"

enum {
	MOST_RUNS = 10, /* of a batch that loses fights, before it is refused */
	MOST_PAUSE_MICROS = 20000, /* before the next run; each waits another time, or they would meet again */
	MOST_LOOKS = 3, /* of a job alone at an index that another process wrote to meanwhile */
};

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

void job_list_put_back(struct job_list *l, struct job_list *first)
{
	job_list_append(first, l);
	*l = *first;
	if (!l->first) l->end = &l->first;
	job_list_init(first);
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
	job->outcome = RC_OK;
	enum commit_vote vote = job->apply(job, b->db);

	if (db_in_transaction(b->db)) return vote;
	/* Nothing true could be said to the jobs before it any more. */
	log_error("a job ended the transaction that it was applied in");
	abort();
}

/* ---- all together ---- */

/* What a failure in the transaction means for all. */
static void judge_failure(struct batch *b, enum rc failure)
{
	if (is_store_failure(failure))
		refuse(b, failure);
	else if (failure == RC_AGAIN)
		b->state = BATCH_AGAIN;
	else if (failure != RC_OK)
		b->state = BATCH_ISOLATE;
}

static void apply_open(struct batch *b, struct commit_job *job)
{
	uint64_t before = db_changed(b->db);
	enum commit_vote vote = apply(b, job);
	enum rc failure = db_failure(b->db);

	if (failure != RC_OK)
		judge_failure(b, failure);
	else if (vote == COMMIT_UNDO && db_changed(b->db) != before)
		b->state = BATCH_ISOLATE;
	else if (vote == COMMIT_UNDO)
		b->undone++;
}

/* A job that must wait for another process, and has written nothing, can as well do that at the beginning of the next batch. */
static bool put_off(struct batch *b, struct commit_job *job, uint64_t before)
{
	if (b->state != BATCH_AGAIN || b->count == 0 || db_changed(b->db) != before || !db_mend(b->db)) return false;
	b->state = BATCH_OPEN;
	job_list_add(&b->put_off, job);
	return true;
}

void batch_begin(struct batch *b, struct db *db)
{
	*b = (struct batch){.db = db};
	job_list_init(&b->jobs);
	job_list_init(&b->put_off);
	db->lock_waits = false;
	enum rc rc = db_begin(db);
	if (rc != RC_OK) refuse(b, rc);
}

bool batch_add(struct batch *b, struct commit_job *job)
{
	uint64_t before = db_changed(b->db);

	if (b->state == BATCH_OPEN) {
		apply_open(b, job);
		if (put_off(b, job, before)) return false;
	}
	job_list_add(&b->jobs, job);
	b->count++;
	return b->state == BATCH_OPEN;
}

/* ---- all together, taking turns ---- */

struct job_turn {
	struct turn turn; /* the first member */
	struct batch *batch;
	struct commit_job *job;
	enum commit_vote vote;
};

static void run_turn(struct turn *t, struct db *db)
{
	struct job_turn *j = (struct job_turn *)t;

	(void)db;
	j->vote = apply(j->batch, j->job);
}

static bool is_decided(const struct job_turn *j)
{
	return j->turn.ran && !j->turn.lock_refused;
}

static void judge_turns(struct batch *b, struct job_turn *work, size_t count)
{
	judge_failure(b, db_failure(b->db));
	for (size_t i = 0; i < count; i++) {
		if (!is_decided(&work[i]) || work[i].vote != COMMIT_UNDO) continue;
		b->undone++;
		if (work[i].turn.changed && b->state == BATCH_OPEN) b->state = BATCH_ISOLATE;
	}
	for (size_t i = 0; i < count; i++) {
		bool later = b->state == BATCH_OPEN && !is_decided(&work[i]);
		job_list_add(later ? &b->put_off : &b->jobs, work[i].job);
		b->count += !later;
	}
}

/* Those at the beginning of jobs that have keys; there is one at least. */
static void add_turns(struct batch *b, struct job_list *jobs)
{
	struct turn *turns[MOST_TURNS];
	struct job_turn work[MOST_TURNS];
	size_t count = 0;

	while (count < MOST_TURNS && jobs->first && jobs->first->key) {
		struct commit_job *job = job_list_take(jobs);
		work[count] = (struct job_turn){.turn = {.run = run_turn, .key = job->key}, .batch = b, .job = job};
		turns[count] = &work[count].turn;
		count++;
	}
	turns_run(b->db, turns, count);
	judge_turns(b, work, count);
}

bool batch_takes_turns(const struct batch *b)
{
	return b->db->driver->round != NULL;
}

void batch_add_all(struct batch *b, struct job_list *jobs)
{
	while (jobs->first) {
		if (jobs->first->key && b->state == BATCH_OPEN)
			add_turns(b, jobs);
		else
			(void)batch_add(b, job_list_take(jobs)); /* what is wrong with it stands in the batch */
		if (b->put_off.first) job_list_append(&b->put_off, jobs); /* what comes behind stays behind */
	}
}

/* ---- one by one ---- */

/* One job in its own part of the transaction. What is returned concerns the whole batch; *ret_failure is the job's own. */
static enum rc try_alone(struct batch *b, struct commit_job *job, enum rc *ret_failure, bool *ret_undone)
{
	enum rc rc = db_savepoint(b->db);

	if (rc != RC_OK) return rc;
	enum commit_vote vote = apply(b, job);
	enum rc failure = db_failure(b->db);
	if (failure == RC_OK && vote == COMMIT_KEEP) failure = db_release(b->db);
	if (is_store_failure(failure) || failure == RC_AGAIN) return failure;
	*ret_failure = failure;
	*ret_undone = vote == COMMIT_UNDO || failure != RC_OK;
	if (vote == COMMIT_KEEP && failure != RC_OK) job->outcome = RC_FAILED;
	return *ret_undone ? db_rollback_to(b->db) : RC_OK;
}

/* Where others write at the same time, a violated index may be because of a row that was not there a moment ago: the job looks again, and
 * mostly finds it. */
static enum rc apply_alone(struct batch *b, struct commit_job *job)
{
	int looks = b->db->driver->several_writers ? MOST_LOOKS : 1;
	enum rc rc, failure;
	bool undone;

	do {
		failure = RC_OK;
		undone = false;
		rc = try_alone(b, job, &failure, &undone);
	} while (rc == RC_OK && failure == RC_CONFLICT && --looks > 0);
	if (rc != RC_OK) return rc;
	if (job->outcome != RC_OK) keep_error(b);
	b->undone += undone;
	return RC_OK;
}

static enum rc apply_isolated(struct batch *b)
{
	b->reran = true;
	b->undone = 0;
	b->db->lock_waits = true;
	db_rollback(b->db);
	enum rc rc = db_begin(b->db);
	for (struct commit_job *job = b->jobs.first; rc == RC_OK && job; job = job->next) rc = apply_alone(b, job);
	return rc;
}

/* ---- the end ---- */

static enum rc commit(struct batch *b)
{
	int64_t begin = b->commit_at = clock_monotonic();
	enum rc rc = db_commit(b->db);

	b->commit_micros += clock_monotonic() - begin;
	return rc;
}

/* Brings what was applied to its end; RC_AGAIN: it is to be applied again. */
static enum rc conclude(struct batch *b)
{
	enum rc rc = b->state == BATCH_AGAIN ? RC_AGAIN : b->state == BATCH_ISOLATE ? apply_isolated(b) : b->rc;

	if (rc == RC_OK) rc = commit(b);
	if (rc == RC_OK || rc == RC_AGAIN || is_store_failure(rc) || b->state != BATCH_OPEN) return rc;
	/* A job's own failure, which the engine found only now. */
	b->state = BATCH_ISOLATE;
	rc = apply_isolated(b);
	return rc == RC_OK ? commit(b) : rc;
}

/* Each waits for its locks now, in whichever order: what comes of that is another fight at worst. */
static enum rc run_again(struct batch *b)
{
	uint16_t random;

	random_bytes(&random, sizeof random);
	db_rollback(b->db);
	usleep(random % MOST_PAUSE_MICROS);
	b->reran = true;
	b->undone = 0;
	b->rc = RC_OK;
	b->error = (struct err){0};
	b->state = BATCH_OPEN;
	b->db->lock_waits = true;
	enum rc rc = db_begin(b->db);
	if (rc != RC_OK) return rc;
	for (struct commit_job *job = b->jobs.first; job && b->state == BATCH_OPEN; job = job->next) apply_open(b, job);
	return conclude(b);
}

void batch_end(struct batch *b)
{
	enum rc rc = conclude(b);

	for (int runs = 1; rc == RC_AGAIN && runs < MOST_RUNS; runs++) rc = run_again(b);
	if (rc != RC_OK && b->state != BATCH_REFUSED) refuse(b, rc == RC_AGAIN ? RC_UNAVAILABLE : rc);
	db_rollback(b->db); /* nothing after a commit */
	b->db->lock_waits = true;
}

void batch_again(struct batch *b)
{
	b->state = BATCH_AGAIN;
	batch_end(b);
}
