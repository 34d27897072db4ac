/* One transaction of many jobs: applied together, or again one by one when a job must be undone. Why: head of commit.c.
 * Private to this room. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/rc.h"
#include "db/commit.h"

struct job_list {
	struct commit_job *first;
	struct commit_job **end; /* where the next one is hung on */
};

void job_list_init(struct job_list *l);
void job_list_add(struct job_list *l, struct commit_job *job);
void job_list_put_back(struct job_list *l, struct job_list *first); /* before those in l; leaves it empty */
struct commit_job *job_list_take(struct job_list *l); /* the first; NULL when empty */
void job_list_append(struct job_list *l, struct job_list *more); /* leaves more empty */

enum batch_state {
	BATCH_OPEN, /* every job so far can be kept as it is */
	BATCH_ISOLATE, /* one must be undone: all are to be applied again, each in a part of its own */
	BATCH_AGAIN, /* it lost a fight with another process: all are to be applied again */
	BATCH_REFUSED, /* the store failed: none of the jobs can be stored */
};

struct batch {
	struct db *db;
	struct job_list jobs;
	size_t count;
	struct job_list put_off; /* must wait for another process: they begin the next batch */
	enum batch_state state;
	enum rc rc; /* of all jobs, once it is not RC_OK */
	struct err error; /* the first failure's sentence: the store's, or of a job's statement */
	size_t undone;
	bool reran;
	int64_t commit_micros, commit_at; /* COMMIT's time, and clock_monotonic() of its beginning */
};

void batch_begin(struct batch *b, struct db *db);
/* Takes job in, and applies it unless the state forbids, or puts it off. Whether more jobs may be applied. */
bool batch_add(struct batch *b, struct commit_job *job);
/* Whether jobs of this connection may take turns. */
bool batch_takes_turns(const struct batch *b);
/* Takes all of these in, at most MOST_TURNS, and applies or puts off each as batch_add() would; those with keys take turns. Leaves jobs empty. */
void batch_add_all(struct batch *b, struct job_list *jobs);
/* Ends the transaction. Then each job's outcome is final: b->rc, or its own where that is RC_OK. */
void batch_end(struct batch *b);
/* Once more from the beginning, after it was found out that nothing of the batch is stored. */
void batch_again(struct batch *b);
