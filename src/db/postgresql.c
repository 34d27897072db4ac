/* The PostgreSQL driver: opening, and transactions. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "db/libpq.h"
#include "db/postgresql.h"

static bool postgresql_claims(const char *location)
{
	return strncmp(location, "postgresql://", 13) == 0 || strncmp(location, "postgres://", 11) == 0;
}

static void postgresql_close(struct db *db)
{
	struct postgresql_db *own = postgresql_of(db);

	postgresql_abandon_attempt(own);
	postgresql_drop(own);
	for (size_t i = 0; i < OWN_COUNT; i++)
		if (own->statements[i]) postgresql_discard(&own->statements[i]->head);
	postgresql_free_cursors(own);
	postgresql_location_done(&own->location);
	free(own->sent);
	free(own->uri);
	free(own);
}

static enum rc postgresql_open(const char *uri, enum db_mode mode, struct db **ret, struct err *err)
{
	struct postgresql_db *own = mem_zalloc(sizeof *own);

	own->uri = mem_strdup(uri);
	own->head.mode = mode;
	own->replica = mode == DB_READ_REPLICA;
	enum rc rc = postgresql_location_read(uri, mode, &own->location, err);
	if (rc == RC_OK && own->replica)
		postgresql_connect_some_time(own);
	else if (rc == RC_OK)
		rc = postgresql_connect_first(own, err);
	if (rc != RC_OK) return postgresql_close(&own->head), rc;
	*ret = &own->head;
	return RC_OK;
}

/* ---- transactions ---- */

/* BEGIN itself goes with the first statement. */
static enum rc postgresql_begin(struct db *db)
{
	struct postgresql_db *own = postgresql_of(db);
	enum rc rc = postgresql_ready(own);

	own->wrote = own->begun = own->lock_held = own->patient = false;
	own->lock_count = 0;
	return rc == RC_OK && db->mode == DB_WRITE ? postgresql_find_marks(own) : rc;
}

static enum rc unknown(struct postgresql_db *own)
{
	own->head.error.rc = RC_UNKNOWN;
	return RC_UNKNOWN;
}

static enum rc postgresql_commit(struct db *db)
{
	struct postgresql_db *own = postgresql_of(db);

	if (!own->begun) return RC_OK;
	enum rc rc = own->wrote ? postgresql_mark(own) : RC_OK;
	if (rc == RC_OK) rc = postgresql_send_word(own, SENT_COMMIT, "COMMIT");
	if (rc != RC_OK) return rc;
	rc = postgresql_wait(own);
	if (rc != RC_OK) return !own->c && own->wrote && !own->refused_early ? unknown(own) : rc;
	own->begun = false;
	if (own->wrote && own->mark[0]) memcpy(own->mark_before, own->mark, sizeof own->mark);
	return RC_OK;
}

/* What was sent before is read some time and does not matter. */
static enum rc forgive(struct postgresql_db *own)
{
	enum rc rc = own->sent_count ? postgresql_sync(own) : RC_OK;

	postgresql_forgive(own);
	own->lock_count = 0;
	return rc;
}

static void postgresql_rollback(struct db *db)
{
	struct postgresql_db *own = postgresql_of(db);

	if (!own->begun || !own->c) return;
	struct err kept = db->error;
	/* What cannot be sent need not be: the transaction has gone with the connection. */
	bool sent = forgive(own) == RC_OK && postgresql_send_word(own, SENT_WORD, "ROLLBACK") == RC_OK &&
				postgresql_sync(own) == RC_OK;
	(void)sent;
	postgresql_forgive(own);
	own->begun = false;
	db->error = kept;
}

static enum rc postgresql_savepoint(struct db *db)
{
	enum rc rc = postgresql_ensure_begun(postgresql_of(db));
	return rc == RC_OK ? postgresql_send_word(postgresql_of(db), SENT_WORD, "SAVEPOINT part") : rc;
}

/* Waits, so that a failure of the part is known to be its own. */
static enum rc postgresql_release(struct db *db)
{
	struct postgresql_db *own = postgresql_of(db);
	enum rc rc = postgresql_send_word(own, SENT_WORD, "RELEASE SAVEPOINT part");

	return rc == RC_OK ? postgresql_wait(own) : rc;
}

static enum rc postgresql_rollback_to(struct db *db)
{
	struct postgresql_db *own = postgresql_of(db);

	/* Nothing to go back to: then the failure that did it stands. */
	if (!own->c) return db->sticky != RC_OK ? db->sticky : db_fail(db, RC_UNAVAILABLE, "the connection to the database was lost");
	enum rc rc = forgive(own);
	if (rc == RC_OK) rc = postgresql_send_word(own, SENT_WORD, "ROLLBACK TO SAVEPOINT part");
	return rc == RC_OK ? postgresql_send_word(own, SENT_WORD, "RELEASE SAVEPOINT part") : rc;
}

const struct db_driver DB_POSTGRESQL = {
	.name = "postgresql",
	.several_writers = true,
	.replicas = true,
	.claims = postgresql_claims,
	.show = postgresql_location_show,
	.open = postgresql_open,
	.close = postgresql_close,
	.begin = postgresql_begin,
	.commit = postgresql_commit,
	.commit_outcome = postgresql_commit_outcome,
	.rollback = postgresql_rollback,
	.savepoint = postgresql_savepoint,
	.release = postgresql_release,
	.rollback_to = postgresql_rollback_to,
	.lock = postgresql_lock,
	.mend = postgresql_mend,
	.round = postgresql_round,
	.prepare = postgresql_prepare,
	.discard = postgresql_discard,
	.check = postgresql_check,
	.exec = postgresql_exec,
	.select = postgresql_select,
	.next = postgresql_next,
	.reset = postgresql_reset,
	.is_null = postgresql_is_null,
	.integer = postgresql_integer,
	.text = postgresql_text,
	.script = postgresql_script,
	.has_table = postgresql_has_table,
	.backup = postgresql_backup,
	.integrity = postgresql_integrity,
	.tidy = postgresql_tidy,
	.line = &POSTGRESQL_LINE,
};
