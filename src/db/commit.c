/* The commit pipeline.
 *
 * The answer to a write waits until the write is on the disk, and a disk takes about as long for a thousand rows as for one.
 * So callers do not commit: they submit a job, one thread applies all jobs that have come together in one transaction, commits
 * once, and then tells every job. The longer a commit takes, the more jobs share the next one; nothing is ever waited for to
 * fill a batch.
 *
 * An engine that takes several writers has several of these threads, each with a connection, an inbox and batches of its own. A job's key says
 * which is its writer: what is about one thing goes to one of them, so that two seldom want the same rows, and the server need not sort it out.
 * There a batch's jobs take turns as well, so that their questions share round trips: turns.c.
 *
 *   submit → inbox → taken → batch: applied → COMMIT → done()
 *            (under the lock)  (the writer's own, no lock)
 *
 * Invariants
 *   1. commit_submit() said RC_OK  ⇔  done() is called, exactly once, on a writer thread.
 *   2. done(RC_OK) of a job that voted KEEP is called only after COMMIT has returned: its rows survive a loss of power.
 *   3. Nothing remains of a job that voted UNDO, whose statement failed, or whose outcome is neither RC_OK nor RC_UNKNOWN.
 *   4. A job's vote or failure never changes another job's outcome. Only the store's own failures are shared, because each job
 *      would have met them alone as well.
 *   5. Jobs of one key are applied in the order of their submission, and each sees what the ones before it have written. With one writer, and
 *      no turns, that is so for all jobs. What two processes write is in no order but that of their locks.
 *   6. At most queue_jobs jobs are submitted and undecided: memory is bounded, and who comes too much is told so at once.
 *
 * Isolation is optimistic. Nearly every job is kept or has written nothing when it votes UNDO (it was refused after a look into
 * the store), and a savepoint for each job would cost all of them for the few. Batches therefore go through these states:
 *
 *   state     a job …                                   next
 *   OPEN      … kept, or UNDO and db_changed() unmoved  OPEN; at the end COMMIT; RC_OK for all
 *   OPEN      … UNDO after writing, or its statement    ISOLATE; no more jobs are added
 *             failed (not by the store's fault)
 *   OPEN      … must wait for another process's lock    OPEN; it begins the next batch, and so do those behind it with its key, or,
 *                                                       where no turns are taken, all behind it
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
 * within twenty seconds, the jobs are told RC_UNKNOWN and are not applied again, because that could store them twice.
 *
 * Backpressure: the bound is on jobs, not on time; a full queue is RC_FULL from commit_submit(), for the caller to turn into
 * "try later". While a batch is being decided its jobs count too, so a slow disk is felt at the door.
 *
 * A submit is a list insertion under a mutex of its writer. The writer takes the whole inbox at once; only when it has nothing at all does it
 * sleep, and only the submit that finds it asleep wakes it.
 *
 * Stopping: commit_stop() closes the door (RC_UNAVAILABLE), and the writer ends when inbox and taken are empty.
 *
 * The engine's own log is kept short beside all this: tidy.c. */
#include "db/commit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "db/batch.h"
#include "db/db_driver.h"
#include "db/tidy.h"
#include "db/turns.h"

enum {
	REFUSED_PAUSE_MILLISECONDS = 50,
	LOG_EVERY_SECONDS = 5,
	/* What became of a commit, before its jobs are told that it is not known: from COMMIT on, and after a long wait for its answer at least */
	FIND_OUT_SECONDS = 20,
	LEAST_FIND_OUT_SECONDS = 5,
};

/* One connection that writes, and its thread. */
struct writer {
	struct commit_pipeline *pipeline;
	struct db *db; /* the thread's, while it runs */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	/* Under the lock */
	struct job_list inbox;
	bool asleep; /* the thread waits for wake */
	bool stopping;
	struct commit_stats stats; /* but for `waiting` and `refused` */
	/* The thread's own */
	struct job_list taken;
	int64_t log_again; /* when the next failure may be logged */
	uint64_t unlogged;
};

struct commit_pipeline {
	struct commit_options options;
	struct tidier *tidier;
	struct writer *writers;
	size_t count; /* of those whose thread runs */
	_Atomic uint64_t waiting, refused;
};

uint64_t commit_key(int64_t account, struct text name)
{
	uint64_t hash = text_hash(name, (uint64_t)account);

	return hash ? hash : 1;
}

static struct writer *writer_of(struct commit_pipeline *p, const struct commit_job *job)
{
	return &p->writers[job->key % p->count];
}

enum rc commit_submit(struct commit_pipeline *p, struct commit_job *job)
{
	struct writer *w = writer_of(p, job);
	enum rc rc = RC_OK;

	if (atomic_fetch_add(&p->waiting, 1) >= p->options.queue_jobs) {
		atomic_fetch_sub(&p->waiting, 1);
		atomic_fetch_add(&p->refused, 1);
		return RC_FULL;
	}
	pthread_mutex_lock(&w->lock);
	if (w->stopping) {
		rc = RC_UNAVAILABLE;
		atomic_fetch_sub(&p->waiting, 1);
	} else {
		job_list_add(&w->inbox, job);
		/* Under the lock: without it, the job could be done and the pipeline stopped and freed before the signal. */
		if (w->asleep) pthread_cond_signal(&w->wake);
		w->asleep = false;
	}
	pthread_mutex_unlock(&w->lock);
	return rc;
}

struct commit_stats commit_stats(struct commit_pipeline *p)
{
	struct commit_stats sum = {.refused = atomic_load(&p->refused), .waiting = atomic_load(&p->waiting)};

	for (size_t i = 0; i < p->count; i++) {
		struct writer *w = &p->writers[i];
		pthread_mutex_lock(&w->lock);
		sum.batches += w->stats.batches;
		sum.jobs += w->stats.jobs;
		sum.undone += w->stats.undone;
		sum.reruns += w->stats.reruns;
		sum.failures += w->stats.failures;
		sum.commit_micros += w->stats.commit_micros;
		pthread_mutex_unlock(&w->lock);
	}
	return sum;
}

/* False: stopping, and every job is decided. */
static bool wait_for_jobs(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	while (!w->taken.first && !w->inbox.first && !w->stopping) {
		w->asleep = true;
		pthread_cond_wait(&w->wake, &w->lock);
	}
	w->asleep = false;
	job_list_append(&w->taken, &w->inbox);
	pthread_mutex_unlock(&w->lock);
	return w->taken.first != NULL;
}

/* The next job that is there, also one that came while its batch was being applied. */
static struct commit_job *next_job(struct writer *w)
{
	if (!w->taken.first) {
		pthread_mutex_lock(&w->lock);
		job_list_append(&w->taken, &w->inbox);
		pthread_mutex_unlock(&w->lock);
	}
	return job_list_take(&w->taken);
}

static void fill_one_by_one(struct writer *w, struct batch *b)
{
	const struct commit_options *o = &w->pipeline->options;
	int64_t until = clock_monotonic() + o->batch_time;
	struct commit_job *job;

	while (b->count < o->batch_jobs && (job = next_job(w))) {
		if (batch_add(b, job) ? clock_monotonic() >= until : b->state != BATCH_REFUSED) break;
	}
}

/* What is there now: to wait for more would cost those who are here a round trip, and the next batch takes it. */
static void fill_in_turns(struct writer *w, struct batch *b)
{
	size_t most = w->pipeline->options.batch_jobs < MOST_TURNS ? w->pipeline->options.batch_jobs : MOST_TURNS;
	struct job_list jobs;
	struct commit_job *job;

	job_list_init(&jobs);
	for (size_t n = 0; n < most && (job = next_job(w)); n++) job_list_add(&jobs, job);
	batch_add_all(b, &jobs);
}

static void count_batch(struct writer *w, const struct batch *b)
{
	atomic_fetch_sub(&w->pipeline->waiting, b->count);
	pthread_mutex_lock(&w->lock);
	w->stats.jobs += b->count;
	w->stats.batches++;
	w->stats.undone += b->rc == RC_OK ? b->undone : b->count;
	w->stats.reruns += b->reran;
	w->stats.failures += b->rc != RC_OK;
	w->stats.commit_micros += (uint64_t)b->commit_micros;
	pthread_mutex_unlock(&w->lock);
}

/* Behind done() the job is no longer ours: next is read before. */
static void tell_jobs(struct batch *b)
{
	struct commit_job *job;

	while ((job = job_list_take(&b->jobs))) job->done(job, b->rc != RC_OK ? b->rc : job->outcome);
}

/* Whoever waits is told at once that nothing can be stored now. */
static void refuse_waiting(struct writer *w)
{
	struct batch b = {.rc = RC_UNAVAILABLE};
	struct commit_job *job;

	job_list_init(&b.jobs);
	for (; (job = next_job(w)); b.count++) job_list_add(&b.jobs, job);
	if (b.count == 0) return;
	count_batch(w, &b);
	tell_jobs(&b);
}

/* Asks until the store says what became of the batch. What is not there is applied again. */
static void find_out(struct writer *w, struct batch *b)
{
	const struct timespec pause = {.tv_nsec = REFUSED_PAUSE_MILLISECONDS * 1000000};
	int64_t latest = clock_monotonic() - SECONDS_US(FIND_OUT_SECONDS - LEAST_FIND_OUT_SECONDS);
	int64_t since = b->commit_at > latest ? b->commit_at : latest;

	while (b->rc == RC_UNKNOWN && db_time_left(since, SECONDS_US(FIND_OUT_SECONDS)) > 0) {
		enum rc rc = db_commit_outcome(w->db);
		if (rc == RC_OK) b->rc = b->error.rc = RC_OK;
		if (rc == RC_NOT_FOUND) batch_again(b);
		if (rc == RC_FAILED) break;
		if (rc != RC_UNKNOWN) continue;
		refuse_waiting(w);
		nanosleep(&pause, NULL);
	}
}

/* The sentence goes to nobody else: callers get only the rc. */
static void log_failure(struct writer *w, const struct batch *b)
{
	int64_t now = clock_monotonic();

	if (b->error.rc == RC_OK) return;
	if (now < w->log_again) {
		w->unlogged++;
		return;
	}
	log_error(b->rc != RC_OK ? "a batch of writes could not be stored" : "a write failed", LOG_STR("error", b->error.text),
		LOG_INT("jobs", (int64_t)b->count), LOG_INT("since_last_line", (int64_t)w->unlogged));
	w->log_again = now + SECONDS_US(LOG_EVERY_SECONDS);
	w->unlogged = 0;
}

static void *writer_run(void *arg)
{
	struct writer *w = arg;
	const struct timespec pause = {.tv_nsec = REFUSED_PAUSE_MILLISECONDS * 1000000};
	int64_t left;

	while (wait_for_jobs(w)) {
		struct batch b;
		batch_begin(&b, w->db);
		if (batch_takes_turns(&b))
			fill_in_turns(w, &b);
		else
			fill_one_by_one(w, &b);
		batch_end(&b);
		job_list_put_back(&w->taken, &b.put_off);
		if (b.rc == RC_UNKNOWN) find_out(w, &b);
		count_batch(w, &b);
		tell_jobs(&b);
		log_failure(w, &b);
		if (b.rc != RC_OK) nanosleep(&pause, NULL);
		if (tidier_note(w->pipeline->tidier, db_log_pages(w->db)))
			(void)db_tidy(w->db, &left); /* a failure shows in the tidier's own pass */
	}
	return NULL;
}

/* ---- starting and stopping ---- */

static void stop_writer(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_mutex_unlock(&w->lock);
	pthread_cond_signal(&w->wake);
	pthread_join(w->thread, NULL);
}

static void writer_done(struct writer *w)
{
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
}

/* Takes over db when it succeeds. */
static enum rc start_writer(struct commit_pipeline *p, struct db *db, struct err *err)
{
	struct writer *w = &p->writers[p->count];

	w->pipeline = p;
	w->db = db;
	job_list_init(&w->inbox);
	job_list_init(&w->taken);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->wake, NULL);
	if (pthread_create(&w->thread, NULL, writer_run, w) != 0) {
		writer_done(w);
		return err_set(err, RC_UNAVAILABLE, "no thread could be started");
	}
	pthread_setname_np(w->thread, "commit");
	p->count++;
	return RC_OK;
}

static enum rc start_another(struct commit_pipeline *p, struct err *err)
{
	struct db *db, *first = p->writers[0].db;
	enum rc rc = db_open(db_location(first), DB_WRITE, &db, err);

	if (rc != RC_OK) return rc;
	db_listen(db, first->listener, first->listener_context);
	rc = start_writer(p, db, err);
	if (rc != RC_OK) db_close(db);
	return rc;
}

/* The caller keeps the first connection. */
static void pipeline_free(struct commit_pipeline *p)
{
	for (size_t i = 0; i < p->count; i++) stop_writer(&p->writers[i]);
	for (size_t i = 0; i < p->count; i++) {
		if (i > 0) db_close(p->writers[i].db);
		writer_done(&p->writers[i]);
	}
	tidier_stop(p->tidier);
	free(p->writers);
	free(p);
}

enum rc commit_start(struct db *db, const struct commit_options *options, struct commit_pipeline **ret, struct err *err)
{
	struct commit_pipeline *p = mem_zalloc(sizeof *p);
	size_t writers = db->driver->several_writers && options->writers > 1 ? options->writers : 1;

	p->options = *options;
	p->writers = mem_zalloc(writers * sizeof *p->writers);
	enum rc rc = tidier_start(db_location(db), &p->tidier, err);
	if (rc == RC_OK) rc = start_writer(p, db, err);
	while (rc == RC_OK && p->count < writers) rc = start_another(p, err);
	if (rc != RC_OK) {
		pipeline_free(p);
		return rc;
	}
	*ret = p;
	return RC_OK;
}

void commit_stop(struct commit_pipeline *p)
{
	struct db *first = p->writers[0].db;

	pipeline_free(p);
	db_close(first);
}
