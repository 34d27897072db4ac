/* The thread that hashes passwords, and its queue. */
#include "auth/hasher.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"

/* Above 0 is below the others. With 10 a hash gets a tenth of a busy processor, and all of an idle one. */
enum { NICENESS = 10 };

struct hasher {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct hash_job *first, **last;
	size_t waiting, most;
	bool stopping;
	char nobody[PASSWORD_HASH_SIZE]; /* of a random password */
};

static void make_fresh(struct hash_job *job)
{
	struct err err = {0};
	job->made = password_hash(job->password, job->fresh, &err) == RC_OK;
	if (!job->made) log_error("a password could not be hashed", LOG_STR("error", err.text));
}

static void hash(struct hasher *h, struct hash_job *job)
{
	job->matches = job->outdated = job->made = false;
	if (!job->make_only) {
		bool same = password_verify(job->password, job->stored ? job->stored : h->nobody);
		job->matches = same && job->stored;
		job->outdated = job->matches && password_outdated(job->stored);
	}
	if (job->make_only || (job->matches && (job->want_fresh || job->outdated))) make_fresh(job);
	if (job->password.n) secret_wipe((char *)job->password.p, job->password.n);
}

/* NULL: stopping, and nothing is left. */
static struct hash_job *hash_job_take(struct hasher *h)
{
	pthread_mutex_lock(&h->lock);
	while (!h->first && !h->stopping) pthread_cond_wait(&h->wake, &h->lock);
	struct hash_job *job = h->first;
	if (job) {
		h->first = job->next;
		if (!h->first) h->last = &h->first;
		h->waiting--;
	}
	pthread_mutex_unlock(&h->lock);
	return job;
}

static void *hasher_run(void *context)
{
	struct hasher *h = context;
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS); /* on Linux: of this thread alone */
	for (struct hash_job *job; (job = hash_job_take(h));) {
		hash(h, job);
		job->done(job);
	}
	return NULL;
}

static void hasher_free(struct hasher *h)
{
	pthread_cond_destroy(&h->wake);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

enum rc hasher_start(size_t queue_jobs, struct hasher **ret, struct err *err)
{
	char nobody[33];
	struct hasher *h = mem_zalloc(sizeof *h);
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->wake, NULL);
	h->last = &h->first;
	h->most = queue_jobs;
	random_alnum(nobody, sizeof nobody - 1);
	enum rc rc = password_hash(text_from(nobody), h->nobody, err);
	if (rc == RC_OK && pthread_create(&h->thread, NULL, hasher_run, h) != 0)
		rc = err_set(err, RC_FAILED, "cannot start a thread");
	if (rc != RC_OK) return hasher_free(h), rc;
	pthread_setname_np(h->thread, "passwords");
	*ret = h;
	return RC_OK;
}

enum rc hasher_submit(struct hasher *h, struct hash_job *job)
{
	enum rc rc = RC_FULL;
	job->next = NULL;
	pthread_mutex_lock(&h->lock);
	if (h->waiting < h->most && !h->stopping) {
		*h->last = job;
		h->last = &job->next;
		h->waiting++;
		rc = RC_OK;
		pthread_cond_signal(&h->wake);
	}
	pthread_mutex_unlock(&h->lock);
	return rc;
}

void hasher_stop(struct hasher *h)
{
	if (!h) return;
	pthread_mutex_lock(&h->lock);
	h->stopping = true;
	pthread_cond_signal(&h->wake);
	pthread_mutex_unlock(&h->lock);
	pthread_join(h->thread, NULL);
	hasher_free(h);
}
