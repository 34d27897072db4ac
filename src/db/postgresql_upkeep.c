/* What PostgreSQL needs beside statements: scripts, a look into the schema, the integrity check. */
#include <stdio.h>
#include <string.h>

#include "db/libpq.h"
#include "db/postgresql.h"

enum rc postgresql_script(struct db *db, const char *text)
{
	struct postgresql_db *own = postgresql_of(db);
	enum rc rc = db->in_transaction ? RC_OK : postgresql_ready(own);

	own->patient = true;
	if (rc == RC_OK) PQclear(postgresql_say(own, text, &rc));
	own->patient = db->in_transaction; /* up to its commit */
	own->marks = MARKS_UNKNOWN; /* the table may just have come */
	if (rc != RC_OK) return rc;
	own->wrote = true;
	db->changed++;
	return RC_OK;
}

enum rc postgresql_has_table(struct db *db, const char *name, bool *ret)
{
	struct db_statement *st = &postgresql_statement(postgresql_of(db), OWN_TABLE)->head;
	const struct param params[] = {P_CSTR(name)};
	bool row = false;
	struct db_cursor *cursor;
	enum rc rc = postgresql_select(db, st, params, &cursor);

	if (rc != RC_OK) return rc;
	rc = postgresql_next(db, cursor, &row);
	postgresql_reset(db, cursor);
	if (rc == RC_OK) *ret = row;
	return rc;
}

enum rc postgresql_backup(struct db *db, const char *path)
{
	(void)path;
	return db_fail(db, RC_INVALID,
		"PostgreSQL saves its databases itself: pg_dump for one database, pg_basebackup with archived logs for the whole server "
		"and any moment in time");
}

/* ---- integrity ---- */

/* Each gives the tables or indexes of our schema and a statement that reads all of one, with errors where something is damaged. */
static const char TABLES[] =
	"SELECT c.relname, format('SELECT count(*), sum(length(t::text)) FROM %I.%I t', n.nspname, c.relname) FROM "
	"pg_catalog.pg_class c "
	"JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ANY (current_schemas(false)) AND c.relkind = 'r' "
	"ORDER BY c.relname";
static const char INDEXES[] =
	"SELECT c.relname, format('SELECT %I.bt_index_check(%s::regclass, true)', x.nspname, c.oid) FROM pg_catalog.pg_class c "
	"JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_am a ON a.oid = c.relam AND a.amname = 'btree' "
	"JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid AND i.indisvalid "
	"JOIN (SELECT s.nspname FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace s ON s.oid = e.extnamespace "
	"WHERE e.extname = 'amcheck') x ON true WHERE n.nspname = ANY (current_schemas(false)) AND c.relkind = 'i' ORDER BY "
	"c.relname";

/* Reads one table or index whole. A failure of the server is returned; one of the data is a problem. */
static enum rc look_at(struct postgresql_db *own, const char *name, const char *statement, struct buf *problems)
{
	enum rc rc, back;

	PQclear(postgresql_say(own, "SAVEPOINT look", &rc));
	if (rc != RC_OK) return rc;
	PQclear(postgresql_say(own, statement, &rc));
	if (rc == RC_UNAVAILABLE || rc == RC_AGAIN) return rc;
	if (rc != RC_OK) buf_printf(problems, "%s: %s\n", name, own->head.error.text);
	PQclear(postgresql_say(own, rc == RC_OK ? "RELEASE SAVEPOINT look" : "ROLLBACK TO SAVEPOINT look", &back));
	return back;
}

static enum rc look_at_all(struct postgresql_db *own, const char *list, struct buf *problems)
{
	enum rc rc;
	PGresult *found = postgresql_say(own, list, &rc);

	for (int i = 0; rc == RC_OK && i < PQntuples(found); i++)
		rc = look_at(own, PQgetvalue(found, i, 0), PQgetvalue(found, i, 1), problems);
	PQclear(found);
	return rc;
}

/* Every row of every table is read, which finds unreadable pages and broken values. Where the extension amcheck is installed, each index is
 * compared with its table as well. It may take longer than a read is given otherwise. */
enum rc postgresql_integrity(struct db *db, struct buf *problems)
{
	struct postgresql_db *own = postgresql_of(db);
	bool alone = !db->in_transaction;
	enum rc rc = alone ? postgresql_ready(own) : RC_OK;

	own->patient = true;
	if (rc == RC_OK && alone) PQclear(postgresql_say(own, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", &rc));
	if (rc == RC_OK) PQclear(postgresql_say(own, "SET LOCAL statement_timeout = 0", &rc));
	if (rc == RC_OK) rc = look_at_all(own, TABLES, problems);
	if (rc == RC_OK) rc = look_at_all(own, INDEXES, problems);
	enum rc ignored;
	if (alone && own->c) {
		struct err kept = db->error;
		PQclear(postgresql_say(own, "ROLLBACK", &ignored));
		if (rc != RC_OK) db->error = kept;
	}
	own->patient = false;
	return rc;
}

enum rc postgresql_tidy(struct db *db, int64_t *ret_waiting)
{
	(void)db;
	*ret_waiting = 0;
	return RC_OK;
}
