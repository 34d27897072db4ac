/* What SQLite needs beside statements: the integrity check, and a look into the schema. */
#include <string.h>

#include "db/libsqlite3.h"
#include "db/sqlite.h"

enum rc sqlite_has_table(struct db *db, const char *name, bool *ret)
{
	sqlite3 *h = sqlite_of(db)->h;
	sqlite3_stmt *stmt;
	int code = sqlite3_prepare_v2(h, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", -1, &stmt, NULL);

	if (code != SQLITE_OK) return sqlite_fail(db, code, NULL);
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	bool found = sqlite3_step(stmt) == SQLITE_ROW;
	code = sqlite3_finalize(stmt);
	if (code != SQLITE_OK) return sqlite_fail(db, code, NULL);
	*ret = found;
	return RC_OK;
}

static int add_problem(void *arg, int columns, char **values, char **names)
{
	struct buf *problems = arg;

	(void)columns, (void)names;
	if (values[0] && strcmp(values[0], "ok") != 0) {
		buf_cstr(problems, values[0]);
		buf_char(problems, '\n');
	}
	return 0;
}

enum rc sqlite_integrity(struct db *db, struct buf *problems)
{
	sqlite3 *h = sqlite_of(db)->h;
	int code = sqlite3_exec(h, "PRAGMA integrity_check(100)", add_problem, problems, NULL);

	if (code == SQLITE_OK) return RC_OK;
	if (sqlite_rc(h, code) != RC_CORRUPT) return sqlite_fail(db, code, NULL);
	/* Damage that the check could not get past is an answer too. */
	buf_cstr(problems, sqlite3_errmsg(h));
	buf_char(problems, '\n');
	return RC_OK;
}
