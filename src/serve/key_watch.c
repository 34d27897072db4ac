/* Keeps keys and people in memory as they are in the store.
 *
 * When a session was last seen is written without a new revision, so now and then all people are read again: or a session that is used on one
 * server process alone would look idle to the others. */
#include "serve/key_watch.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "actions/keys.h"
#include "actions/people.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "db/db.h"

/* A change is believed within a second even when the call about it was lost. */
enum { DEAF_MICROS = 250000, HEARING_MICROS = 900000 };
/* All people again: several times in the life of an idle session. */
#define PEOPLE_LEAST SECONDS_US(60)
#define PEOPLE_MOST SECONDS_US(3600)

struct key_watch {
	struct keyring *keyring;
	struct people *people;
	struct db *db;
	pthread_t thread;
	int64_t revision, people_revision; /* of what is in memory */
	int64_t people_every, people_at; /* when all people are read again */
	bool failed; /* the log has a line about it */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool look, hears, stopping;
};

static void refresh(struct key_watch *k)
{
	if (clock_monotonic() >= k->people_at) {
		k->people_revision = -1;
		k->people_at = clock_monotonic() + k->people_every;
	}
	enum rc rc = db_begin(k->db);
	if (rc == RC_OK) rc = keys_refresh(k->db, k->keyring, &k->revision);
	if (rc == RC_OK) rc = people_refresh(k->db, k->people, &k->people_revision);
	db_rollback(k->db);
	if (rc != RC_OK && !k->failed) log_warn("keys and people could not be read", LOG_STR("error", db_error(k->db)->text));
	if (rc == RC_OK && k->failed) log_info("keys and people could be read again");
	k->failed = rc != RC_OK;
}

/* False: stopping. */
static bool wait_a_while(struct key_watch *k)
{
	pthread_mutex_lock(&k->lock);
	int64_t until = clock_monotonic() + (k->hears ? HEARING_MICROS : DEAF_MICROS);
	const struct timespec at = {.tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000};
	while (!k->look && !k->stopping && clock_monotonic() < until) pthread_cond_timedwait(&k->wake, &k->lock, &at);
	k->look = false;
	bool stopping = k->stopping;
	pthread_mutex_unlock(&k->lock);
	return !stopping;
}

static void *key_watch_run(void *context)
{
	struct key_watch *k = context;
	while (wait_a_while(k)) refresh(k);
	return NULL;
}

static void key_watch_free(struct key_watch *k)
{
	db_close(k->db);
	pthread_cond_destroy(&k->wake);
	pthread_mutex_destroy(&k->lock);
	free(k);
}

static int64_t between(int64_t least, int64_t n, int64_t most)
{
	return n < least ? least : n > most ? most : n;
}

enum rc key_watch_start(const struct key_watch_options *o, struct key_watch **ret, struct err *err)
{
	struct key_watch *k = mem_zalloc(sizeof *k);
	pthread_condattr_t monotonic;
	k->keyring = o->keyring;
	k->people = o->people;
	k->revision = k->people_revision = -1;
	k->people_every = between(PEOPLE_LEAST, o->session_idle / 8, PEOPLE_MOST);
	k->people_at = clock_monotonic() + k->people_every;
	pthread_mutex_init(&k->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&k->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	enum rc rc = db_open(o->location, DB_READ, &k->db, err);
	if (rc == RC_OK && pthread_create(&k->thread, NULL, key_watch_run, k) != 0)
		rc = err_set(err, RC_FAILED, "cannot start a thread");
	if (rc != RC_OK) return key_watch_free(k), rc;
	pthread_setname_np(k->thread, "keys");
	*ret = k;
	return RC_OK;
}

void key_watch_look(struct key_watch *k)
{
	pthread_mutex_lock(&k->lock);
	k->look = true;
	pthread_cond_signal(&k->wake);
	pthread_mutex_unlock(&k->lock);
}

void key_watch_set_hears(struct key_watch *k, bool hears)
{
	pthread_mutex_lock(&k->lock);
	k->hears = hears;
	k->look = true;
	pthread_cond_signal(&k->wake);
	pthread_mutex_unlock(&k->lock);
}

void key_watch_stop(struct key_watch *k)
{
	if (!k) return;
	pthread_mutex_lock(&k->lock);
	k->stopping = true;
	pthread_cond_signal(&k->wake);
	pthread_mutex_unlock(&k->lock);
	pthread_join(k->thread, NULL);
	key_watch_free(k);
}
