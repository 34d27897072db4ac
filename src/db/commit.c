/* The commit pipeline.
 *
 * The answer to a write waits until the write is on the disk, and a disk takes about as long for a thousand rows as for one.
 * So callers do not commit: they submit a job, one thread applies all jobs that have come together in one transaction, commits
 * once, and then tells every job. The longer a commit takes, the more jobs share the next one; nothing is ever waited for to
 * fill a batch.
 *
 *   submit → inbox → taken → batch: applied → COMMIT → done()
 *            (under the lock)  (the writer's own, no lock)
 *
 * Invariants
 *   1. commit_submit() said RC_OK  ⇔  done() is called, exactly once, on the writer thread.
 *   2. done(RC_OK) of a job that voted KEEP is called only after COMMIT has returned: its rows survive a loss of power.
 *   3. Nothing remains of a job that voted UNDO, whose statement failed, or whose outcome is neither RC_OK nor RC_UNKNOWN.
 *   4. A job's vote or failure never changes another job's outcome. Only the store's own failures are shared, because each job
 *      would have met them alone as well.
 *   5. Jobs are applied and told in the order of their submission; each sees what the jobs before it have written.
 *   6. At most queue_jobs jobs are submitted and undecided: memory is bounded, and who comes too much is told so at once.
 *
 * Isolation is optimistic. Nearly every job is kept or has written nothing when it votes UNDO (it was refused after a look into
 * the store), and a savepoint for each job would cost all of them for the few. Batches therefore go through these states:
 *
 *   state     a job …                                   next
 *   OPEN      … kept, or UNDO and db_changed() unmoved  OPEN; at the end COMMIT; RC_OK for all
 *   OPEN      … UNDO after writing, or its statement    ISOLATE; no more jobs are added
 *             failed (not by the store's fault)
 *   OPEN      … must wait for another process's lock    OPEN; no more jobs are added, and this one begins the next batch
 *   OPEN      COMMIT meets a job's own failure          ISOLATE
 *   ISOLATE   at the end: ROLLBACK, BEGIN, then each    COMMIT; a job that voted UNDO: RC_OK, one that voted KEEP over a failed
 *             job again between SAVEPOINT and RELEASE   statement: RC_FAILED, both after ROLLBACK TO; all others RC_OK
 *             or ROLLBACK TO
 *   any       RC_AGAIN: it lost a fight with another    AGAIN: ROLLBACK, a short pause, OPEN with the same jobs, which now wait for
 *             process                                   their locks; REFUSED after ten runs
 *   any       BEGIN, SAVEPOINT, a statement or COMMIT   REFUSED: ROLLBACK, that failure for all in the batch; jobs that wait are
 *             met a failure of the store                added up to a batch's size unapplied, for they would only meet it too
 *
 * An engine may look at a statement after the job that ran it has returned (db.h). So what a failure in OPEN says is only that some job has
 * failed; ISOLATE waits for each job's statements and finds out which. Where several processes write, a violated index there may be a row
 * that came between a job's look and its write: the job is applied up to three times before the failure is its own.
 *
 * A job waits for a lock (db_lock) only as the first of its batch, when nothing is held that others could wait for; so circles are rare.
 *
 * This is why apply() may run several times, and must begin by forgetting what an earlier run left in memory. A later run may vote
 * otherwise than the first: only the last one counts. A rerun costs its batch about twice the time; statistics count them, and a
 * kind of job that causes them often should ask before it writes (ON CONFLICT DO NOTHING).
 *
 * When the disk is full, the database locked by somebody or the server away, the pipeline goes on: each batch is refused at once,
 * with a pause between two so that neither the processor nor the log is flooded, and the first batch after the cause has gone is
 * stored. The log gets a line every few seconds. RC_UNKNOWN is what COMMIT says when nobody knows (the connection broke, or the
 * log's sync failed). Then the store is asked (db_commit_outcome) until it says what became of the batch: it is there, and the jobs are told
 * so; or it is not and never will be, and the batch is applied again. Whoever comes meanwhile is refused. If that cannot be found out, or not
 * within half a minute, the jobs are told RC_UNKNOWN and are not applied again, because that could store them twice.
 *
 * Backpressure: the bound is on jobs, not on time; a full queue is RC_FULL from commit_submit(), for the caller to turn into
 * "try later". While a batch is being decided its jobs count too, so a slow disk is felt at the door.
 *
 * A submit is a list insertion under a mutex. The writer takes the whole inbox at once; only when it has nothing at all does it
 * sleep, and only the submit that finds it asleep wakes it.
 *
 * Stopping: commit_stop() closes the door (RC_UNAVAILABLE), and the writer ends when inbox and taken are empty.
 *
 * The engine's own log is kept short beside all this: tidy.c. */
#include "db/commit.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "db/batch.h"
#include "db/db.h"
#include "db/tidy.h"

enum {
	REFUSED_PAUSE_MILLISECONDS = 50,
	LOG_EVERY_SECONDS = 5,
	FIND_OUT_SECONDS = 30, /* what became of a commit, before its jobs are told that it is not known */
};

struct commit_pipeline {
	struct db *db; /* the writer's, while it runs */
	struct commit_options options;
	struct tidier *tidier;
	pthread_t writer;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	/* Under the lock */
	struct job_list inbox;
	bool asleep; /* the writer waits for wake */
	bool stopping;
	struct commit_stats stats;
	/* The writer's own */
	struct job_list taken;
	int64_t log_again; /* when the next failure may be logged */
	uint64_t unlogged;
};

enum rc commit_submit(struct commit_pipeline *p, struct commit_job *job)
{
	enum rc rc = RC_OK;

	pthread_mutex_lock(&p->lock);
	if (p->stopping) {
		rc = RC_UNAVAILABLE;
	} else if (p->stats.waiting >= p->options.queue_jobs) {
		p->stats.refused++;
		rc = RC_FULL;
	} else {
		job_list_add(&p->inbox, job);
		p->stats.waiting++;
		/* Under the lock: without it, the job could be done and the pipeline stopped and freed before the signal. */
		if (p->asleep) pthread_cond_signal(&p->wake);
		p->asleep = false;
	}
	pthread_mutex_unlock(&p->lock);
	return rc;
}

struct commit_stats commit_stats(struct commit_pipeline *p)
{
	pthread_mutex_lock(&p->lock);
	struct commit_stats stats = p->stats;
	pthread_mutex_unlock(&p->lock);
	return stats;
}

/* False: stopping, and every job is decided. */
static bool wait_for_jobs(struct commit_pipeline *p)
{
	pthread_mutex_lock(&p->lock);
	while (!p->taken.first && !p->inbox.first && !p->stopping) {
		p->asleep = true;
		pthread_cond_wait(&p->wake, &p->lock);
	}
	p->asleep = false;
	job_list_append(&p->taken, &p->inbox);
	pthread_mutex_unlock(&p->lock);
	return p->taken.first != NULL;
}

/* The next job that is there, also one that came while its batch was being applied. */
static struct commit_job *next_job(struct commit_pipeline *p)
{
	if (!p->taken.first) {
		pthread_mutex_lock(&p->lock);
		job_list_append(&p->taken, &p->inbox);
		pthread_mutex_unlock(&p->lock);
	}
	return job_list_take(&p->taken);
}

static void fill_batch(struct commit_pipeline *p, struct batch *b)
{
	int64_t until = clock_monotonic() + p->options.batch_time;
	struct commit_job *job;

	while (b->count < p->options.batch_jobs && (job = next_job(p))) {
		if (batch_add(b, job) ? clock_monotonic() >= until : b->state != BATCH_REFUSED) break;
	}
}

static void count_batch(struct commit_pipeline *p, const struct batch *b)
{
	pthread_mutex_lock(&p->lock);
	p->stats.waiting -= b->count;
	p->stats.jobs += b->count;
	p->stats.batches++;
	p->stats.undone += b->rc == RC_OK ? b->undone : b->count;
	p->stats.reruns += b->reran;
	p->stats.failures += b->rc != RC_OK;
	p->stats.commit_micros += (uint64_t)b->commit_micros;
	pthread_mutex_unlock(&p->lock);
}

/* Behind done() the job is no longer ours: next is read before. */
static void tell_jobs(struct batch *b)
{
	struct commit_job *job;

	while ((job = job_list_take(&b->jobs))) job->done(job, b->rc != RC_OK ? b->rc : job->outcome);
}

/* Whoever waits is told at once that nothing can be stored now. */
static void refuse_waiting(struct commit_pipeline *p)
{
	struct batch b = {.rc = RC_UNAVAILABLE};
	struct commit_job *job;

	job_list_init(&b.jobs);
	for (; (job = next_job(p)); b.count++) job_list_add(&b.jobs, job);
	if (b.count == 0) return;
	count_batch(p, &b);
	tell_jobs(&b);
}

/* Asks until the store says what became of the batch. What is not there is applied again. */
static void find_out(struct commit_pipeline *p, struct batch *b)
{
	const struct timespec pause = {.tv_nsec = REFUSED_PAUSE_MILLISECONDS * 1000000};
	int64_t until = clock_monotonic() + SECONDS_US(FIND_OUT_SECONDS);

	while (b->rc == RC_UNKNOWN && clock_monotonic() < until) {
		enum rc rc = db_commit_outcome(p->db);
		if (rc == RC_OK) b->rc = b->error.rc = RC_OK;
		if (rc == RC_NOT_FOUND) batch_again(b);
		if (rc == RC_FAILED) break;
		if (rc != RC_UNKNOWN) continue;
		refuse_waiting(p);
		nanosleep(&pause, NULL);
	}
}

/* The sentence goes to nobody else: callers get only the rc. */
static void log_failure(struct commit_pipeline *p, const struct batch *b)
{
	int64_t now = clock_monotonic();

	if (b->error.rc == RC_OK) return;
	if (now < p->log_again) {
		p->unlogged++;
		return;
	}
	log_error(b->rc != RC_OK ? "a batch of writes could not be stored" : "a write failed", LOG_STR("error", b->error.text),
		LOG_INT("jobs", (int64_t)b->count), LOG_INT("since_last_line", (int64_t)p->unlogged));
	p->log_again = now + SECONDS_US(LOG_EVERY_SECONDS);
	p->unlogged = 0;
}

static void *writer_run(void *arg)
{
	struct commit_pipeline *p = arg;
	const struct timespec pause = {.tv_nsec = REFUSED_PAUSE_MILLISECONDS * 1000000};
	int64_t left;

	while (wait_for_jobs(p)) {
		struct batch b;
		batch_begin(&b, p->db);
		fill_batch(p, &b);
		batch_end(&b);
		if (b.put_off) job_list_put_back(&p->taken, b.put_off);
		if (b.rc == RC_UNKNOWN) find_out(p, &b);
		count_batch(p, &b);
		tell_jobs(&b);
		log_failure(p, &b);
		if (b.rc != RC_OK) nanosleep(&pause, NULL);
		if (tidier_note(p->tidier, db_log_pages(p->db)))
			(void)db_tidy(p->db, &left); /* a failure shows in the tidier's own pass */
	}
	return NULL;
}

static void pipeline_free(struct commit_pipeline *p)
{
	tidier_stop(p->tidier);
	pthread_cond_destroy(&p->wake);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

enum rc commit_start(struct db *db, const struct commit_options *options, struct commit_pipeline **ret, struct err *err)
{
	struct commit_pipeline *p = mem_zalloc(sizeof *p);

	p->db = db;
	p->options = *options;
	job_list_init(&p->inbox);
	job_list_init(&p->taken);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->wake, NULL);
	enum rc rc = tidier_start(db_location(db), &p->tidier, err);
	if (rc == RC_OK && pthread_create(&p->writer, NULL, writer_run, p) != 0)
		rc = err_set(err, RC_UNAVAILABLE, "no thread could be started");
	if (rc != RC_OK) {
		pipeline_free(p);
		return rc;
	}
	pthread_setname_np(p->writer, "commit");
	*ret = p;
	return RC_OK;
}

void commit_stop(struct commit_pipeline *p)
{
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	pthread_mutex_unlock(&p->lock);
	pthread_cond_signal(&p->wake);
	pthread_join(p->writer, NULL);
	db_close(p->db);
	pipeline_free(p);
}
