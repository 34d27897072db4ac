/* The reader pool: a bounded queue in front of threads that each have connections of their own. */
#include "db/readers.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "db/db.h"
#include "db/replica.h"

/* A job that the replica has failed for longer is not begun anew: whoever waits for it has waited enough, and what a replica cannot read in
 * this time would be a burden to the primary, too. */
enum { REPEAT_WITHIN_MICROS = 5000000 };

struct reader {
	struct reader_pool *pool;
	struct db *db;
	struct db *replica; /* NULL: there is none */
	pthread_t thread;
};

struct reader_pool {
	struct reader *readers;
	size_t count; /* of those whose thread runs */
	size_t queue_jobs;
	bool has_replica;
	struct replica replica;
	atomic_uint_fast64_t from_replica, from_primary, repeated;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	/* Under the lock */
	struct reader_job *first;
	struct reader_job **end;
	size_t waiting;
	bool stopping;
};

enum rc readers_submit(struct reader_pool *p, struct reader_job *job)
{
	enum rc rc = RC_OK;

	pthread_mutex_lock(&p->lock);
	if (p->stopping) {
		rc = RC_UNAVAILABLE;
	} else if (p->waiting >= p->queue_jobs) {
		rc = RC_FULL;
	} else {
		job->next = NULL;
		*p->end = job;
		p->end = &job->next;
		p->waiting++;
		/* Under the lock: without it, the job could be done and the pool stopped and freed before the signal. */
		pthread_cond_signal(&p->wake);
	}
	pthread_mutex_unlock(&p->lock);
	return rc;
}

uint64_t readers_waiting(struct reader_pool *p)
{
	pthread_mutex_lock(&p->lock);
	uint64_t waiting = p->waiting;
	pthread_mutex_unlock(&p->lock);
	return waiting;
}

struct reader_stats readers_stats(struct reader_pool *p)
{
	return (struct reader_stats){.has_replica = p->has_replica,
		.replica_here = p->has_replica && replica_is_here(&p->replica),
		.from_replica = atomic_load(&p->from_replica),
		.from_primary = atomic_load(&p->from_primary),
		.repeated = atomic_load(&p->repeated)};
}

/* NULL: stopping, and the queue is empty. */
static struct reader_job *take_job(struct reader_pool *p)
{
	pthread_mutex_lock(&p->lock);
	while (!p->first && !p->stopping) pthread_cond_wait(&p->wake, &p->lock);
	struct reader_job *job = p->first;
	if (job) {
		p->first = job->next;
		if (!p->first) p->end = &p->first;
		p->waiting--;
	}
	pthread_mutex_unlock(&p->lock);
	return job;
}

/* Whether that was all: the job has been run, and its failure, if any, is final. */
static bool run_on_replica(struct reader *reader, struct reader_job *job)
{
	struct reader_pool *p = reader->pool;
	struct db *db = reader->replica;
	int64_t began = clock_monotonic();

	if (!db || job->bare || job->current || !replica_begin(&p->replica, db)) return false;
	job->run(job, db);
	enum rc rc = db_failure(db);
	db_rollback(db);
	if (rc != RC_OK) replica_failed(&p->replica, db, rc);
	bool again = rc != RC_OK && clock_monotonic() - began < REPEAT_WITHIN_MICROS;
	atomic_fetch_add(again ? &p->repeated : &p->from_replica, 1);
	return !again;
}

static enum rc run_job(struct reader *reader, struct reader_job *job)
{
	if (run_on_replica(reader, job)) return RC_OK;
	atomic_fetch_add(&reader->pool->from_primary, 1);
	if (!job->bare && db_begin(reader->db) != RC_OK) return RC_UNAVAILABLE;
	job->run(job, reader->db);
	db_rollback(reader->db); /* nothing was written; the snapshot ends */
	return RC_OK;
}

static void *reader_run(void *arg)
{
	struct reader *reader = arg;
	struct reader_job *job;

	if (reader->replica && replica_begin(&reader->pool->replica, reader->replica)) db_rollback(reader->replica);
	while ((job = take_job(reader->pool))) job->done(job, run_job(reader, job));
	return NULL;
}

static enum rc reader_open(struct reader *reader, const struct reader_options *o, struct err *err)
{
	enum rc rc = db_open(o->location, DB_READ, &reader->db, err);
	if (rc != RC_OK || !o->replica) return rc;
	rc = db_open(o->replica, DB_READ_REPLICA, &reader->replica, err);
	if (rc != RC_OK) db_close(reader->db);
	return rc;
}

static void reader_close(struct reader *reader)
{
	db_close(reader->db);
	db_close(reader->replica);
}

static enum rc reader_start(struct reader_pool *p, const struct reader_options *o, struct err *err)
{
	struct reader *reader = &p->readers[p->count];

	reader->pool = p;
	enum rc rc = reader_open(reader, o, err);
	if (rc != RC_OK) return rc;
	if (pthread_create(&reader->thread, NULL, reader_run, reader) != 0) {
		reader_close(reader);
		return err_set(err, RC_UNAVAILABLE, "no thread could be started");
	}
	pthread_setname_np(reader->thread, "reader");
	p->count++;
	return RC_OK;
}

enum rc readers_start(const struct reader_options *o, struct reader_pool **ret, struct err *err)
{
	struct reader_pool *p = mem_zalloc(sizeof *p);
	enum rc rc = RC_OK;

	p->readers = mem_zalloc((o->threads + 1) * sizeof *p->readers);
	p->queue_jobs = o->queue_jobs;
	p->has_replica = o->replica != NULL;
	replica_init(&p->replica);
	p->end = &p->first;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->wake, NULL);
	for (size_t i = 0; rc == RC_OK && i < o->threads; i++) rc = reader_start(p, o, err);
	if (rc != RC_OK) {
		readers_stop(p);
		return rc;
	}
	*ret = p;
	return RC_OK;
}

void readers_stop(struct reader_pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	pthread_mutex_unlock(&p->lock);
	pthread_cond_broadcast(&p->wake);
	for (size_t i = 0; i < p->count; i++) {
		pthread_join(p->readers[i].thread, NULL);
		reader_close(&p->readers[i]);
	}
	replica_done(&p->replica);
	pthread_cond_destroy(&p->wake);
	pthread_mutex_destroy(&p->lock);
	free(p->readers);
	free(p);
}
