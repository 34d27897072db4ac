/* SQLite's result codes as ours. */
#include <errno.h>

#include "db/libsqlite3.h"
#include "db/sqlite.h"

/* Extended codes stand before the plain codes that they refine. */
static const struct {
	int code;
	enum rc rc;
} CODES[] = {
	{SQLITE_CONSTRAINT_UNIQUE, RC_CONFLICT},
	{SQLITE_CONSTRAINT_PRIMARYKEY, RC_CONFLICT},
	{SQLITE_CONSTRAINT_ROWID, RC_CONFLICT},
	{SQLITE_IOERR_CORRUPTFS, RC_CORRUPT},
	{SQLITE_FULL, RC_FULL},
	{SQLITE_IOERR, RC_UNAVAILABLE},
	{SQLITE_BUSY, RC_UNAVAILABLE},
	{SQLITE_LOCKED, RC_UNAVAILABLE},
	{SQLITE_PROTOCOL, RC_UNAVAILABLE},
	{SQLITE_READONLY, RC_UNAVAILABLE},
	{SQLITE_CANTOPEN, RC_UNAVAILABLE},
	{SQLITE_INTERRUPT, RC_UNAVAILABLE},
	{SQLITE_CORRUPT, RC_CORRUPT},
	{SQLITE_NOTADB, RC_CORRUPT},
};

/* The log file's last errno: sqlite3_system_errno() knows nothing of what COMMIT met. */
static int log_errno(sqlite3 *h)
{
	sqlite3_file *log = NULL;
	int last = 0;

	if (sqlite3_file_control(h, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK || !log || !log->pMethods) return 0;
	return log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &last) == SQLITE_OK ? last : 0;
}

static bool is_no_room(int e)
{
	return e == ENOSPC || e == EDQUOT || e == EFBIG;
}

enum rc sqlite_rc(sqlite3 *h, int code)
{
	if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return RC_OK;
	/* SQLite says SQLITE_FULL only where write() said ENOSPC; a quota, a limit on file sizes and the shared-memory file come
	 * as SQLITE_IOERR. */
	if ((code & 0xff) == SQLITE_IOERR && (is_no_room(sqlite3_system_errno(h)) || is_no_room(log_errno(h)))) return RC_FULL;
	for (size_t i = 0; i < sizeof CODES / sizeof *CODES; i++)
		if (CODES[i].code == code || CODES[i].code == (code & 0xff)) return CODES[i].rc;
	return RC_FAILED;
}

enum rc sqlite_fail(struct db *db, int code, const struct sql *s)
{
	sqlite3 *h = sqlite_of(db)->h;
	const char *sentence = (code & 0xff) == SQLITE_INTERRUPT ? "the read took too long" : sqlite3_errmsg(h);

	if (!s) return db_fail(db, sqlite_rc(h, code), "%s", sentence);
	return db_fail(db, sqlite_rc(h, code), "%s:%d: %s", s->file, s->line, sentence);
}
