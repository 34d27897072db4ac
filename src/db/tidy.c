/* Keeps the engine's log short without making a commit wait.
 *
 * SQLite's log begins anew only when a writer finds all of it moved into the main file. While commits never pause, a background
 * pass always ends a few commits behind, so the log would grow for ever. Therefore two steps: the thread here moves nearly
 * everything, at its leisure; once the log is long, and only directly after such a pass, the writer is asked to move the few
 * pages that have come since, between two of its batches. Its next transaction then begins the log anew.
 *
 * A reader that still uses an old snapshot keeps pages from being moved: then many are left over, the writer is not bothered,
 * and the next pass tries again. */
#include "db/tidy.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "db/db.h"

enum {
	/* Each pass ends in a sync of the main file, which the commits beside it feel. Few large passes write a page that is hot
	 * once instead of many times, and keep the slowest hundredth of the commits at a third of what small ones make them. */
	WORTH_MOVING = 8000, /* pages not yet moved that make a pass worth it */
	LONG_LOG = 16384, /* pages (64 MiB) above which the log shall begin anew */
	PAUSE_MICROS = 1000000, /* between two passes */
	FAILURE_PAUSE_MICROS = 5000000,
};

struct tidier {
	char *location;
	struct db *db; /* the thread's; opened when first needed */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	/* Under the lock */
	int64_t pages; /* in the log, as of the last note */
	int64_t moved; /* of these */
	bool ask_writer;
	bool stopping;
};

static bool is_due(const struct tidier *t)
{
	return t->pages - t->moved > WORTH_MOVING;
}

bool tidier_note(struct tidier *t, int64_t log_pages)
{
	pthread_mutex_lock(&t->lock);
	if (log_pages < t->pages) t->moved = 0; /* the log has begun anew */
	t->pages = log_pages;
	bool wake = is_due(t);
	bool ask = t->ask_writer;
	t->ask_writer = false;
	pthread_mutex_unlock(&t->lock);
	if (wake) pthread_cond_signal(&t->wake); /* no system call while the thread is at work */
	return ask;
}

/* Waits out a pause after a pass, then for something to do. False: stop. */
static bool wait_for_work(struct tidier *t, int64_t pause)
{
	int64_t until = clock_monotonic() + pause;
	struct timespec at = {.tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000};

	pthread_mutex_lock(&t->lock);
	while (!t->stopping && clock_monotonic() < until) pthread_cond_timedwait(&t->wake, &t->lock, &at);
	while (!t->stopping && !is_due(t)) pthread_cond_wait(&t->wake, &t->lock);
	bool go_on = !t->stopping;
	pthread_mutex_unlock(&t->lock);
	return go_on;
}

static enum rc tidy_once(struct tidier *t, struct err *err)
{
	int64_t waiting = 0;

	if (!t->db) {
		enum rc rc = db_open(t->location, DB_WRITE, &t->db, err);
		if (rc != RC_OK) return rc;
	}
	pthread_mutex_lock(&t->lock);
	int64_t pages = t->pages;
	pthread_mutex_unlock(&t->lock);
	enum rc rc = db_tidy(t->db, &waiting);
	if (rc != RC_OK) {
		*err = *db_error(t->db);
		return rc;
	}
	pthread_mutex_lock(&t->lock);
	if (t->pages >= pages) { /* otherwise the log has begun anew meanwhile */
		t->moved = pages - waiting;
		t->ask_writer = t->pages > LONG_LOG && waiting <= WORTH_MOVING;
	}
	pthread_mutex_unlock(&t->lock);
	return RC_OK;
}

static void *tidier_run(void *arg)
{
	struct tidier *t = arg;
	int64_t pause = 0;

	while (wait_for_work(t, pause)) {
		struct err err = {0};
		enum rc rc = tidy_once(t, &err);
		if (rc != RC_OK) log_warn("the database's log could not be tidied", LOG_STR("error", err.text));
		pause = rc == RC_OK ? PAUSE_MICROS : FAILURE_PAUSE_MICROS;
	}
	return NULL;
}

enum rc tidier_start(const char *location, struct tidier **ret, struct err *err)
{
	struct tidier *t = mem_zalloc(sizeof *t);
	pthread_condattr_t monotonic;

	t->location = mem_strdup(location);
	pthread_mutex_init(&t->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&t->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&t->thread, NULL, tidier_run, t) != 0) {
		free(t->location);
		free(t);
		return err_set(err, RC_UNAVAILABLE, "no thread could be started");
	}
	pthread_setname_np(t->thread, "tidy");
	*ret = t;
	return RC_OK;
}

void tidier_stop(struct tidier *t)
{
	if (!t) return;
	pthread_mutex_lock(&t->lock);
	t->stopping = true;
	pthread_mutex_unlock(&t->lock);
	pthread_cond_signal(&t->wake);
	pthread_join(t->thread, NULL);
	db_close(t->db);
	pthread_cond_destroy(&t->wake);
	pthread_mutex_destroy(&t->lock);
	free(t->location);
	free(t);
}
