/* Brings the store's schema to the newest: the recorded migrations must be the first ones of ours, the rest is applied. */
#include "db/migrate.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/secret.h"
#include "db/db.h"

#define LIMIT_MIGRATION MIB(1) /* one file */

static const char CREATE_RECORD[] =
	"CREATE TABLE IF NOT EXISTS schema_migration ("
	"number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)";

SQL_STATEMENT(select_applied, "SELECT number, name, checksum FROM schema_migration ORDER BY number");
SQL_STATEMENT(select_newest, "SELECT coalesce(max(number), 0) AS newest FROM schema_migration");
SQL_STATEMENT(insert_applied, "INSERT INTO schema_migration (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)");

static int newest_of(const struct migration *table)
{
	int newest = 0;

	for (; table->number; table++) newest = table->number;
	return newest;
}

int migrate_newest(void)
{
	return newest_of(MIGRATIONS);
}

enum rc migrate_current(struct db *db, int *ret, struct err *err)
{
	struct rows r;
	bool there;
	int newest = 0;
	enum rc rc = db_has_table(db, "schema_migration", &there, err);

	if (rc != RC_OK) return rc;
	if (there) {
		db_select(db, &r, &select_newest);
		if (rows_next(&r)) newest = (int)row_int(&r, "newest");
		rc = rows_done(&r);
		if (rc != RC_OK) return err_set(err, rc, "%s", db_error(db)->text);
	}
	*ret = newest;
	return RC_OK;
}

/* Whether the recorded migration in r is m, the one that ours has in its place. */
static enum rc compare_applied(struct rows *r, const struct migration *m, int newest, struct err *err)
{
	int number = (int)row_int(r, "number");
	char ours[DIGEST_HEX_SIZE];

	if (number > newest)
		return err_set(
			err, RC_INVALID, "the database has schema %d, but this program knows only %d: start a newer program", number, newest);
	if (number != m->number)
		return err_set(err, RC_INVALID, "the database records migration %d where this program expects %d", number, m->number);
	digest_hex(text_from(m->text), ours);
	if (text_is(row_text(r, "checksum"), ours)) return RC_OK;
	return err_set(
		err, RC_INVALID, "migration %04d_%s was applied to the database with another text than this program's", number, m->name);
}

/* Finds the first migration that is still to be applied. */
static enum rc skip_applied(struct db *db, const struct migration **m, struct err *err)
{
	int newest = newest_of(*m);
	struct rows r;
	enum rc rc = RC_OK;

	db_select(db, &r, &select_applied);
	while (rc == RC_OK && rows_next(&r)) {
		rc = compare_applied(&r, *m, newest, err);
		if (rc == RC_OK) (*m)++;
	}
	enum rc read = rows_done(&r);
	return read == RC_OK ? rc : err_set(err, read, "%s", db_error(db)->text);
}

/* The text with the lines of this engine made part of it; the other engines' are comments to it. */
static void text_for_engine(const char *engine, const char *text, struct buf *out)
{
	char mark[32];
	struct text rest = text_from(text), line;

	snprintf(mark, sizeof mark, "--%s ", engine);
	struct text prefix = text_from(mark);
	while (text_split(&rest, '\n', &line)) {
		if (text_starts(line, prefix)) line = (struct text){line.p + prefix.n, line.n - prefix.n};
		buf_text(out, line);
		buf_char(out, '\n');
	}
	buf_char(out, '\0');
}

static enum rc apply_one(struct db *db, const struct migration *m, time_us now, struct err *err)
{
	buf_auto script = BUF_INIT(LIMIT_MIGRATION);
	char checksum[DIGEST_HEX_SIZE];

	text_for_engine(db_engine_name(db), m->text, &script);
	if (buf_failed(&script)) return err_set(err, RC_INVALID, "migration %04d_%s is too long", m->number, m->name);
	enum rc rc = db_script(db, script.p, err);
	if (rc != RC_OK) return err_prefix(err, "migration %04d_%s", m->number, m->name);
	digest_hex(text_from(m->text), checksum);
	rc = db_exec(db, &insert_applied, P_INT(m->number), P_CSTR(m->name), P_CSTR(checksum), P_TIME(now));
	return rc == RC_OK ? RC_OK : err_set(err, rc, "migration %04d_%s: %s", m->number, m->name, db_error(db)->text);
}

static enum rc apply_pending(struct db *db, const struct migration *m, time_us now, int *ret_applied, struct err *err)
{
	int applied = 0;
	enum rc rc = db_script(db, CREATE_RECORD, err);

	if (rc == RC_OK) rc = skip_applied(db, &m, err);
	for (; rc == RC_OK && m->number; m++, applied++) rc = apply_one(db, m, now, err);
	if (rc != RC_OK) return rc;
	rc = db_commit(db);
	if (rc != RC_OK) return err_set(err, rc, "%s", db_error(db)->text);
	*ret_applied = applied;
	return RC_OK;
}

enum rc migrate_table(struct db *db, const struct migration *table, time_us now, int *ret_applied, struct err *err)
{
	enum rc rc = db_begin(db);

	if (rc != RC_OK) return err_set(err, rc, "%s", db_error(db)->text);
	/* Two servers may start at once. */
	rc = db_lock(db, TEXT("migrate"));
	rc = rc == RC_OK ? apply_pending(db, table, now, ret_applied, err) : err_set(err, rc, "%s", db_error(db)->text);
	db_rollback(db); /* nothing after the commit */
	return rc;
}

enum rc migrate(struct db *db, time_us now, int *ret_applied, struct err *err)
{
	return migrate_table(db, MIGRATIONS, now, ret_applied, err);
}
