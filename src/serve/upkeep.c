/* The upkeep thread: a clock of a quarter second, and a table of what is due how often. */
#include "serve/upkeep.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "auth/keyring.h"
#include "auth/people.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "db/commit.h"
#include "db/db.h"
#include "serve/systemd.h"
#include "store/account.h"
#include "store/api_key.h"
#include "store/credential.h"

enum { USES_IN_ONE_STEP = 1000, ID_SIZE = 40, SESSIONS_IN_ONE_STEP = 200 };

struct upkeep {
	struct upkeep_options options;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stopping;
};

/* ---- writing: one job at a time, waited for ---- */

struct use {
	enum principal_kind kind;
	int64_t account, number; /* number: of a key */
	char id[ID_SIZE]; /* of a session or token */
	time_us used_at;
};

struct upkeep_job {
	struct commit_job job;
	enum rc (*apply)(struct upkeep_job *w, struct db *db);
	sem_t done;
	struct use *uses;
	size_t use_count;
	const struct retention *retention;
	bool more;
};

static enum commit_vote job_apply(struct commit_job *job, struct db *db)
{
	struct upkeep_job *w = (struct upkeep_job *)job; /* its first member */
	return w->apply(w, db) == RC_OK ? COMMIT_KEEP : COMMIT_UNDO;
}

static void job_done(struct commit_job *job, enum rc outcome)
{
	(void)outcome; /* what was not written now is due again */
	sem_post(&((struct upkeep_job *)job)->done);
}

static void job_run(struct upkeep *u, struct upkeep_job *w)
{
	w->job = (struct commit_job){.apply = job_apply, .done = job_done};
	sem_init(&w->done, 0, 0);
	if (commit_submit(u->options.writer, &w->job) == RC_OK)
		while (sem_wait(&w->done) != 0) continue;
	sem_destroy(&w->done);
}

/* ---- what is due ---- */

static enum rc use_write(struct db *db, const struct use *u)
{
	switch (u->kind) {
	case PRINCIPAL_API_KEY: return api_key_touch(db, u->account, u->number, u->used_at);
	case PRINCIPAL_SESSION: return session_touch(db, u->account, text_from(u->id), u->used_at);
	case PRINCIPAL_TOKEN: return personal_token_touch(db, u->account, text_from(u->id), u->used_at);
	}
	return RC_OK;
}

static enum rc uses_apply(struct upkeep_job *w, struct db *db)
{
	enum rc rc = RC_OK;
	for (size_t i = 0; i < w->use_count && rc == RC_OK; i++) rc = use_write(db, &w->uses[i]);
	return rc;
}

struct use_list {
	struct use *uses;
	size_t count, room;
};

static void use_add(struct use_list *l, const struct use *u)
{
	if (l->count == l->room) {
		l->room = l->room ? l->room * 2 : 64;
		l->uses = mem_realloc(l->uses, l->room * sizeof *l->uses);
	}
	l->uses[l->count++] = *u;
}

static void note_key(void *context, int64_t account, int64_t number, time_us used_at)
{
	use_add(context, &(struct use){.kind = PRINCIPAL_API_KEY, .account = account, .number = number, .used_at = used_at});
}

static void note_person(void *context, enum principal_kind kind, int64_t account, struct text id, time_us used_at)
{
	struct use u = {.kind = kind, .account = account, .used_at = used_at};
	snprintf(u.id, sizeof u.id, "%.*s", TEXT_ARGS(id));
	use_add(context, &u);
}

static int use_order(const void *left, const void *right)
{
	const struct use *a = left, *b = right;
	if (a->account != b->account) return a->account < b->account ? -1 : 1;
	if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
	if (a->number != b->number) return a->number < b->number ? -1 : 1;
	return strcmp(a->id, b->id);
}

/* In an order, so that two processes that write the same rows do not wait for each other in a circle. */
static void uses_write(struct upkeep *u, struct use_list *l)
{
	if (l->count) qsort(l->uses, l->count, sizeof *l->uses, use_order);
	for (size_t done = 0; done < l->count; done += USES_IN_ONE_STEP) {
		size_t n = l->count - done < USES_IN_ONE_STEP ? l->count - done : USES_IN_ONE_STEP;
		struct upkeep_job job = {.apply = uses_apply, .uses = l->uses + done, .use_count = n};
		job_run(u, &job);
	}
	free(l->uses);
}

static void write_key_uses(struct upkeep *u)
{
	struct use_list list = {0};
	keyring_uses(u->options.keyring, note_key, &list);
	uses_write(u, &list);
}

static void write_person_uses(struct upkeep *u)
{
	struct use_list list = {0};
	people_uses(u->options.people, note_person, &list);
	uses_write(u, &list);
	people_forget(u->options.people, clock_now());
}

/* Sessions that would have expired by now, of each account some. */
static enum rc sessions_apply(struct upkeep_job *w, struct db *db)
{
	int64_t account = INT64_MIN, cut;
	enum rc rc;
	w->more = false;
	while ((rc = account_next(db, account, &account)) == RC_OK) {
		rc = session_cut(db, account, clock_now(), SESSIONS_IN_ONE_STEP, &cut);
		if (rc != RC_OK) return rc;
		if (cut == SESSIONS_IN_ONE_STEP) w->more = true;
	}
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static enum rc retention_apply(struct upkeep_job *w, struct db *db)
{
	w->more = false;
	return retention_step(db, w->retention, clock_now(), &w->more);
}

static bool is_stopping(struct upkeep *u)
{
	pthread_mutex_lock(&u->lock);
	bool stopping = u->stopping;
	pthread_mutex_unlock(&u->lock);
	return stopping;
}

/* Small steps one after the other: events that come in meanwhile share the writer between two of them. */
static void cut_old(struct upkeep *u)
{
	struct upkeep_job job = {.apply = retention_apply, .retention = &u->options.retention};
	do {
		job.more = false;
		job_run(u, &job);
	} while (job.more && !is_stopping(u));
}

static void cut_sessions(struct upkeep *u)
{
	struct upkeep_job job = {.apply = sessions_apply};
	do {
		job.more = false;
		job_run(u, &job);
	} while (job.more && !is_stopping(u));
}

static void tell_manager(struct upkeep *u)
{
	(void)u;
	systemd_alive();
}

static const struct {
	int64_t every;
	void (*run)(struct upkeep *u);
} DUE[] = {
	{SECONDS_US(5), tell_manager},
	{SECONDS_US(30), write_key_uses},
	{SECONDS_US(60), write_person_uses},
	{SECONDS_US(60), cut_old},
	{SECONDS_US(3600), cut_sessions},
};
enum { DUES = sizeof DUE / sizeof *DUE };

static bool pause_a_tick(struct upkeep *u)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += 250000000;
	if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
	pthread_mutex_lock(&u->lock);
	if (!u->stopping) pthread_cond_timedwait(&u->wake, &u->lock, &until);
	bool stopping = u->stopping;
	pthread_mutex_unlock(&u->lock);
	return !stopping;
}

static void *upkeep_thread(void *context)
{
	struct upkeep *u = context;
	int64_t next[DUES];
	for (int i = 0; i < DUES; i++) next[i] = clock_monotonic() + DUE[i].every;
	while (pause_a_tick(u)) {
		for (int i = 0; i < DUES; i++) {
			if (clock_monotonic() < next[i]) continue;
			DUE[i].run(u);
			next[i] = clock_monotonic() + DUE[i].every;
		}
	}
	write_key_uses(u);
	write_person_uses(u);
	return NULL;
}

enum rc upkeep_start(const struct upkeep_options *options, struct upkeep **ret, struct err *err)
{
	struct upkeep *u = mem_zalloc(sizeof *u);
	u->options = *options;
	pthread_mutex_init(&u->lock, NULL);
	pthread_cond_init(&u->wake, NULL);
	if (pthread_create(&u->thread, NULL, upkeep_thread, u) != 0) {
		free(u);
		return err_set(err, RC_FAILED, "cannot start a thread");
	}
	*ret = u;
	return RC_OK;
}

void upkeep_stop(struct upkeep *u)
{
	if (!u) return;
	pthread_mutex_lock(&u->lock);
	u->stopping = true;
	pthread_cond_signal(&u->wake);
	pthread_mutex_unlock(&u->lock);
	pthread_join(u->thread, NULL);
	pthread_mutex_destroy(&u->lock);
	pthread_cond_destroy(&u->wake);
	free(u);
}
