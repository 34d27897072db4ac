/* Whether a replica is good for reading. */
#include "db/replica.h"

#include "base/clock.h"
#include "base/log.h"
#include "db/db_driver.h"
#include "db/migrate.h"

enum { LEAST_PAUSE_MICROS = 250000, MOST_PAUSE_MICROS = 5000000, STAYS_MICROS = 30000000 };

void replica_init(struct replica *r)
{
	*r = (struct replica){.pause = LEAST_PAUSE_MICROS};
	pthread_mutex_init(&r->lock, NULL);
}

void replica_done(struct replica *r)
{
	pthread_mutex_destroy(&r->lock);
}

bool replica_is_here(struct replica *r)
{
	pthread_mutex_lock(&r->lock);
	bool here = r->here;
	pthread_mutex_unlock(&r->lock);
	return here;
}

/* ---- the states ---- */

static void become_here(struct replica *r)
{
	pthread_mutex_lock(&r->lock);
	bool news = !r->here;
	if (news) r->came_at = clock_monotonic();
	r->here = r->told = true;
	pthread_mutex_unlock(&r->lock);
	if (news) log_info("reads are answered by the replica");
}

/* One that has been here for a while is looked for often again. */
static void become_away(struct replica *r, const char *why)
{
	int64_t now = clock_monotonic();

	pthread_mutex_lock(&r->lock);
	bool news = r->here || !r->told;
	if (r->here && now - r->came_at > STAYS_MICROS) r->pause = LEAST_PAUSE_MICROS;
	r->here = false;
	r->told = true;
	r->look_at = now + r->pause;
	r->pause = r->pause * 2 < MOST_PAUSE_MICROS ? r->pause * 2 : MOST_PAUSE_MICROS;
	pthread_mutex_unlock(&r->lock);
	if (news) log_warn("the replica cannot be read: reads are answered by the primary", LOG_STR("error", why));
}

/* Whether to go there: always while it is here, else one reader when it is time. *ret_looks: it is that one. */
static bool may_go(struct replica *r, bool *ret_looks)
{
	int64_t now = clock_monotonic();

	pthread_mutex_lock(&r->lock);
	*ret_looks = !r->here && now >= r->look_at;
	if (*ret_looks) r->look_at = now + MOST_PAUSE_MICROS; /* nobody else meanwhile */
	bool go = r->here || *ret_looks;
	pthread_mutex_unlock(&r->lock);
	return go;
}

/* ---- reading ---- */

/* A replica that lags may not have the tables that our statements ask for. */
static enum rc has_our_schema(struct db *db, struct err *err)
{
	int number = 0;
	enum rc rc = migrate_current(db, &number, err);

	if (rc != RC_OK || number == migrate_newest()) return rc;
	return err_set(err, RC_UNAVAILABLE, "it has schema %d and this program needs schema %d", number, migrate_newest());
}

bool replica_begin(struct replica *r, struct db *db)
{
	struct err err = {0};
	bool looks, was_lost = db->lost;

	if (!may_go(r, &looks)) return false;
	enum rc rc = db_begin(db);
	/* A connection that is still being made again is no news: whoever found the replica has one, and will see if it goes. */
	if (rc != RC_OK && was_lost && !looks) return false;
	if (rc != RC_OK) return become_away(r, db_error(db)->text), false;
	if (!looks) return true;
	rc = has_our_schema(db, &err);
	if (rc == RC_OK) return become_here(r), true;
	db_rollback(db);
	become_away(r, err.text);
	return false;
}

void replica_failed(struct replica *r, const struct db *db, enum rc rc)
{
	/* Cancelled in favour of recovery, or for taking too long: it is there all the same. */
	if (!db->lost && (rc == RC_AGAIN || rc == RC_UNAVAILABLE)) return;
	become_away(r, db_error(db)->text);
}
