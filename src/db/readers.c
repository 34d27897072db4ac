/* The reader pool: a bounded queue in front of threads that each have a connection of their own. */
#include "db/readers.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/arena.h"
#include "db/db.h"

struct reader {
	struct reader_pool *pool;
	struct db *db;
	pthread_t thread;
};

struct reader_pool {
	struct reader *readers;
	size_t count; /* of those whose thread runs */
	size_t queue_jobs;
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

static enum rc run_job(struct reader_job *job, struct db *db)
{
	if (!job->bare && db_begin(db) != RC_OK) return RC_UNAVAILABLE;
	job->run(job, db);
	db_rollback(db); /* nothing was written; the snapshot ends */
	return RC_OK;
}

static void *reader_run(void *arg)
{
	struct reader *reader = arg;
	struct reader_job *job;

	while ((job = take_job(reader->pool))) job->done(job, run_job(job, reader->db));
	return NULL;
}

static enum rc reader_start(struct reader_pool *p, const char *location, struct err *err)
{
	struct reader *reader = &p->readers[p->count];

	reader->pool = p;
	enum rc rc = db_open(location, DB_READ, &reader->db, err);
	if (rc != RC_OK) return rc;
	if (pthread_create(&reader->thread, NULL, reader_run, reader) != 0) {
		db_close(reader->db);
		return err_set(err, RC_UNAVAILABLE, "no thread could be started");
	}
	pthread_setname_np(reader->thread, "reader");
	p->count++;
	return RC_OK;
}

enum rc readers_start(const char *location, size_t threads, size_t queue_jobs, struct reader_pool **ret, struct err *err)
{
	struct reader_pool *p = mem_zalloc(sizeof *p);
	enum rc rc = RC_OK;

	p->readers = mem_zalloc((threads + 1) * sizeof *p->readers);
	p->queue_jobs = queue_jobs;
	p->end = &p->first;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->wake, NULL);
	for (size_t i = 0; rc == RC_OK && i < threads; i++) rc = reader_start(p, location, err);
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
		db_close(p->readers[i].db);
	}
	pthread_cond_destroy(&p->wake);
	pthread_mutex_destroy(&p->lock);
	free(p->readers);
	free(p);
}
