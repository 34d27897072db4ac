/* Locks by name.
 *
 * Transactions of many jobs lock many names, each in its own order, and would wait for each other in circles; the server finds a circle only
 * after a second. So a transaction waits for its first lock, while it holds none, and for a further one only asks: what another has is
 * RC_AGAIN, and the job that wanted it begins the next transaction instead (batch.c). */

#include "db/libpq.h"
#include "db/postgresql.h"

static bool is_locked(const struct postgresql_db *own, uint64_t hash)
{
	for (size_t i = 0; i < own->lock_count && i < MOST_LOCKS_KNOWN; i++)
		if (own->locks[i] == hash) return true;
	return false;
}

enum rc postgresql_lock(struct db *db, struct text name)
{
	struct postgresql_db *own = postgresql_of(db);
	const struct param params[] = {P_TEXT(name)};
	uint64_t hash = text_hash(name, 0);

	/* Another turn may have sent for it and not been answered yet: each asks for itself, which costs little where we have it. */
	if (!db->turn && is_locked(own, hash)) return RC_OK;
	enum rc rc = postgresql_ensure_begun(own);
	if (rc != RC_OK) return rc;
	if (db->lock_waits || !own->lock_held)
		rc = postgresql_send(own, SENT_WORD, postgresql_statement(own, OWN_LOCK), params, NULL);
	else
		rc = postgresql_send(own, SENT_TRY_LOCK, postgresql_statement(own, OWN_TRY_LOCK), params, NULL);
	if (rc != RC_OK) return rc;
	own->lock_held = true;
	own->locks[own->lock_count++ % MOST_LOCKS_KNOWN] = hash;
	return RC_OK;
}

bool postgresql_mend(struct db *db)
{
	struct postgresql_db *own = postgresql_of(db);
	bool busy = own->lock_busy;

	own->lock_busy = false;
	return busy && own->c;
}
