/* Jobs of the pipeline's tests: each does one deed with one item, and RESULTS says what it must come to. */
#pragma once

#include "place.h"

#include <semaphore.h>
#include <stdatomic.h>

#include "db/commit.h"

SQL_STATEMENT(item_ids, "SELECT id FROM item ORDER BY id");

enum deed {
	KEEP,
	LOOK_AND_UNDO, /* votes UNDO without having written */
	WRITE_AND_UNDO,
	VIOLATE, /* writes, then the same id again, and votes KEEP */
	VIOLATE_AND_UNDO, /* the same, but it noticed */
	MISUSE, /* a statement with the wrong number of parameters */
	WAIT, /* holds the writer until `gate` opens; writes nothing */
};

/* What a deed must come to. */
static const struct {
	enum rc outcome;
	bool stored;
} RESULTS[] = {
	[KEEP] = {RC_OK, true},
	[LOOK_AND_UNDO] = {RC_OK, false},
	[WRITE_AND_UNDO] = {RC_OK, false},
	[VIOLATE] = {RC_FAILED, false},
	[VIOLATE_AND_UNDO] = {RC_OK, false},
	[MISUSE] = {RC_FAILED, false},
	[WAIT] = {RC_OK, false},
};

struct item_job {
	struct commit_job job;
	enum deed deed;
	int64_t id;
	struct text note;
	int applied;
	int told; /* how often done() was called */
	enum rc outcome;
	int64_t seen; /* items in the store when it was applied */
	sem_t *gate;
	sem_t *entered;
	atomic_int *left; /* counted down by done() */
};

static inline enum commit_vote item_apply(struct commit_job *base, struct db *db)
{
	struct item_job *job = (struct item_job *)base;
	struct rows r;

	job->applied++;
	job->seen = -1;
	if (job->deed == WAIT) {
		if (job->entered) sem_post(job->entered);
		while (sem_wait(job->gate) != 0) continue;
		sem_post(job->gate); /* stays open */
		return COMMIT_KEEP;
	}
	db_select(db, &r, &count_items);
	if (rows_next(&r)) job->seen = row_int(&r, "items");
	if (rows_done(&r) != RC_OK || job->deed == LOOK_AND_UNDO) return COMMIT_UNDO;
	if (job->deed == MISUSE) {
		db_exec(db, &insert_item);
		return COMMIT_KEEP;
	}
	db_exec(db, &insert_item, P_INT(job->id), P_TEXT(job->note));
	if (job->deed == VIOLATE || job->deed == VIOLATE_AND_UNDO) db_exec(db, &insert_item, P_INT(job->id), P_NULL);
	return job->deed == WRITE_AND_UNDO || job->deed == VIOLATE_AND_UNDO ? COMMIT_UNDO : COMMIT_KEEP;
}

static inline void item_done(struct commit_job *base, enum rc outcome)
{
	struct item_job *job = (struct item_job *)base;
	atomic_int *left = job->left;

	job->told++;
	job->outcome = outcome;
	atomic_fetch_sub(left, 1);
}

static inline struct item_job item_job(enum deed deed, int64_t id, atomic_int *left)
{
	return (struct item_job){.job = {.apply = item_apply, .done = item_done}, .deed = deed, .id = id, .left = left};
}

static inline void await(atomic_int *left)
{
	for (int i = 0; atomic_load(left) > 0; i++) {
		if (i > 30000) fail_msg("%d jobs were never told", atomic_load(left));
		usleep(1000);
	}
}

static inline struct commit_pipeline *pipeline(struct db *db, size_t queue_jobs, size_t batch_jobs)
{
	const struct commit_options options = {.queue_jobs = queue_jobs, .batch_jobs = batch_jobs, .batch_time = SECONDS_US(5)};
	struct commit_pipeline *p = NULL;
	struct err err = {0};

	if (commit_start(db, &options, &p, &err) != RC_OK) fail_msg("%s", err.text);
	return p;
}

static inline bool is_stored(struct db *db, int64_t id)
{
	struct rows r;
	bool found = false;

	db_select(db, &r, &item_ids);
	while (rows_next(&r)) found |= row_int(&r, "id") == id;
	assert_int_equal(rows_done(&r), RC_OK);
	return found;
}

/* Submits the jobs behind a closed gate, so that they meet in one batch of at most batch_jobs, and waits until all are told. */
static inline struct commit_stats run_together(const struct place *place, struct item_job *jobs, int count, size_t batch_jobs)
{
	struct commit_pipeline *p = pipeline(place_with_items(place), 1000, batch_jobs);
	atomic_int left = count + 1;
	struct item_job wait = item_job(WAIT, 0, &left);
	sem_t gate;

	sem_init(&gate, 0, 0);
	wait.gate = &gate;
	assert_int_equal(commit_submit(p, &wait.job), RC_OK);
	for (int i = 0; i < count; i++) {
		jobs[i].left = &left;
		assert_int_equal(commit_submit(p, &jobs[i].job), RC_OK);
	}
	sem_post(&gate);
	await(&left);
	struct commit_stats stats = commit_stats(p);
	commit_stop(p);
	sem_destroy(&gate);
	return stats;
}

static inline void require_results(const struct place *place, const struct item_job *jobs, int count)
{
	struct db *db = place_open(place, DB_READ);
	int64_t stored = 0;

	for (int i = 0; i < count; i++) {
		assert_int_equal(jobs[i].told, 1);
		assert_int_equal(jobs[i].outcome, RESULTS[jobs[i].deed].outcome);
		assert_int_equal(is_stored(db, jobs[i].id), RESULTS[jobs[i].deed].stored);
		stored += RESULTS[jobs[i].deed].stored;
	}
	assert_int_equal(items_in(db), stored);
	db_close(db);
}
