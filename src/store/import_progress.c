/* The table import_progress: one row, or none. */
#include "store/import_progress.h"

#include <stdio.h>

#include "db/db.h"

SQL_STATEMENT(get_progress, "SELECT lines, digest FROM import_progress WHERE id = 1");
SQL_STATEMENT(begin_import, "INSERT INTO import_progress (id, lines, digest, updated_at) VALUES (1, $1, $2, $3)");
SQL_STATEMENT(move_progress, "UPDATE import_progress SET lines = $2, digest = $3, updated_at = $4 WHERE id = 1 AND lines = $1");
SQL_STATEMENT(end_import, "DELETE FROM import_progress");

enum rc import_progress_get(struct db *db, struct import_progress *ret)
{
	struct rows r;
	struct import_progress p = {0};
	enum rc rc = db_select(db, &r, &get_progress);
	bool found = rc == RC_OK && rows_next(&r);
	if (found) {
		p.lines = row_int(&r, "lines");
		snprintf(p.digest, sizeof p.digest, "%.*s", TEXT_ARGS(row_text(&r, "digest")));
	}
	rc = rows_done(&r);
	if (rc != RC_OK || !found) return rc != RC_OK ? rc : RC_NOT_FOUND;
	*ret = p;
	return RC_OK;
}

enum rc import_progress_begin(struct db *db, const struct import_progress *p, time_us now)
{
	return db_exec(db, &begin_import, P_INT(p->lines), P_CSTR(p->digest), P_TIME(now));
}

enum rc import_progress_move(struct db *db, int64_t before, const struct import_progress *p, time_us now)
{
	int64_t changed = 0;
	enum rc rc = db_exec_count(db, &changed, &move_progress, P_INT(before), P_INT(p->lines), P_CSTR(p->digest), P_TIME(now));
	return rc != RC_OK || changed == 1 ? rc : RC_CONFLICT;
}

enum rc import_progress_end(struct db *db)
{
	return db_exec(db, &end_import);
}
