/* Keeps the engine's log short without making a commit wait.
 *
 * SQLite's log begins anew only when a writer finds all of it moved into the main file. While commits never pause, a background
 * pass always ends a few commits behind, so the log would grow for ever. Therefore the thread here moves nearly everything, at its
 * leisure; once the log is long it makes further passes, each over the little that came during the one before; and directly
 * after the last, which leaves next to nothing, the writer is asked to move the rest, between two of its batches. Its next
 * transaction then begins the log anew.
 *
 * A pass competes with the commits for the disk: what it writes is synced at its end, and a commit's sync waits behind that. So
 * passes are few (a page that is written with every batch is moved once for many of them), and the large ones are paced
 * (db_tidy_pace). Small passes, often, made the slowest hundredth of the commits three times as slow.
 *
 * When nothing has been committed for some seconds, the rest is moved as well.
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
	WORTH_MOVING = 16384, /* pages not yet moved that make a pass worth it: 64 MiB */
	LONG_LOG = 32768, /* pages above which the log shall begin anew */
	LITTLE = 512, /* pages that the writer moves without feeling it */
	PASSES = 8, /* at most, to come down to a little */
	PACE_MICROS = 2000, /* for the disk, after each chunk of pages of a large pass */
	PAUSE_MICROS = 1000000, /* between two rounds of passes */
	QUIET_MICROS = 3000000, /* without a commit, after which the rest is moved: a start after a crash then has little to read */
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
	uint64_t notes;
	bool quiet; /* nothing was noted for a while */
	bool stopping;
};

static bool is_due(const struct tidier *t)
{
	return t->pages - t->moved > WORTH_MOVING || (t->quiet && t->pages > t->moved);
}

bool tidier_note(struct tidier *t, int64_t log_pages)
{
	pthread_mutex_lock(&t->lock);
	if (log_pages < t->pages) t->moved = 0; /* the log has begun anew */
	t->pages = log_pages;
	t->notes++;
	t->quiet = false;
	bool wake = is_due(t);
	bool ask = t->ask_writer;
	t->ask_writer = false;
	pthread_mutex_unlock(&t->lock);
	if (wake) pthread_cond_signal(&t->wake); /* no system call while the thread is at work */
	return ask;
}

static struct timespec time_of(int64_t monotonic)
{
	return (struct timespec){.tv_sec = monotonic / 1000000, .tv_nsec = monotonic % 1000000 * 1000};
}

/* Until woken, or for a while: then it has been quiet unless something was noted meanwhile. Under the lock. */
static void wait_for_note(struct tidier *t)
{
	uint64_t notes = t->notes;
	struct timespec at = time_of(clock_monotonic() + QUIET_MICROS);

	if (pthread_cond_timedwait(&t->wake, &t->lock, &at) != 0) t->quiet = t->notes == notes;
}

/* Waits out a pause after a pass, then for something to do. False: stop. */
static bool wait_for_work(struct tidier *t, int64_t pause)
{
	int64_t until = clock_monotonic() + pause;
	struct timespec at = time_of(until);

	pthread_mutex_lock(&t->lock);
	while (!t->stopping && clock_monotonic() < until) pthread_cond_timedwait(&t->wake, &t->lock, &at);
	while (!t->stopping && !is_due(t)) wait_for_note(t);
	bool go_on = !t->stopping;
	pthread_mutex_unlock(&t->lock);
	return go_on;
}

static int64_t pages_noted(struct tidier *t)
{
	pthread_mutex_lock(&t->lock);
	int64_t pages = t->pages;
	pthread_mutex_unlock(&t->lock);
	return pages;
}

/* ret_left: pages that came meanwhile, or that a reader holds back; 0 when the log has begun anew. */
static enum rc pass(struct tidier *t, int64_t pages, int64_t pace, int64_t *ret_left, struct err *err)
{
	int64_t waiting = 0;

	db_tidy_pace(t->db, pace);
	enum rc rc = db_tidy(t->db, &waiting);
	if (rc != RC_OK) {
		*err = *db_error(t->db);
		return rc;
	}
	pthread_mutex_lock(&t->lock);
	if (t->pages >= pages) t->moved = pages - waiting; /* otherwise the log has begun anew meanwhile */
	*ret_left = t->pages - t->moved;
	pthread_mutex_unlock(&t->lock);
	return RC_OK;
}

static void ask_writer(struct tidier *t, int64_t left)
{
	pthread_mutex_lock(&t->lock);
	t->ask_writer = t->pages > LONG_LOG && left <= WORTH_MOVING / 2;
	pthread_mutex_unlock(&t->lock);
}

static enum rc tidy_round(struct tidier *t, struct err *err)
{
	int64_t left = 0, pages = pages_noted(t);
	bool whole = pages > LONG_LOG; /* otherwise there is no hurry with the rest */

	if (!t->db) {
		enum rc rc = db_open(t->location, DB_WRITE, &t->db, err);
		if (rc != RC_OK) return rc;
	}
	for (int i = 0; i < PASSES; i++) {
		enum rc rc = pass(t, pages, i == 0 ? PACE_MICROS : 0, &left, err);
		if (rc != RC_OK) return rc;
		if (!whole || left <= LITTLE) break;
		pages = pages_noted(t);
	}
	if (whole) ask_writer(t, left);
	return RC_OK;
}

static void *tidier_run(void *arg)
{
	struct tidier *t = arg;
	int64_t pause = 0;

	while (wait_for_work(t, pause)) {
		struct err err = {0};
		enum rc rc = tidy_round(t, &err);
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
