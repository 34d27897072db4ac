/* The SQLite driver: connections and transactions. One file in WAL mode; a commit is on the disk when it returns. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "db/libsqlite3.h"
#include "db/sqlite.h"

enum {
	BUSY_MILLISECONDS = 5000,
	PROGRESS_STEPS = 20000, /* of SQLite's virtual machine, well below a millisecond, between two looks at the clock */
};

/* No checkpoint inside a commit: db_tidy does them. cache_size is in KiB when negative; a reader's has room for a large matrix. */
static const char *const SETTINGS[] = {
	[DB_READ] = "PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -12000",
	[DB_WRITE] = "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 268435456;"
				 "PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -64000",
};

/* A double-quoted word that names no column is an error here as it is in PostgreSQL, not a string. */
static const struct {
	int option, value;
} OPTIONS[] = {
	{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
	{SQLITE_DBCONFIG_DEFENSIVE, 1},
	{SQLITE_DBCONFIG_DQS_DML, 0},
	{SQLITE_DBCONFIG_DQS_DDL, 0},
};

static const char *const WORDS[WORD_COUNT] = {
	[WORD_BEGIN] = "BEGIN",
	[WORD_COMMIT] = "COMMIT",
	[WORD_ROLLBACK] = "ROLLBACK",
	[WORD_SAVEPOINT] = "SAVEPOINT part",
	[WORD_RELEASE] = "RELEASE part",
	[WORD_ROLLBACK_TO] = "ROLLBACK TO part",
};

/* Opening */

static bool sqlite_claims(const char *location)
{
	return strstr(location, "://") == NULL;
}

static int after_commit(void *arg, sqlite3 *h, const char *name, int pages)
{
	(void)h, (void)name;
	((struct db *)arg)->log_pages = pages;
	return SQLITE_OK;
}

static int is_overdue(void *arg)
{
	const struct sqlite_db *own = arg;
	return own->deadline != 0 && clock_monotonic() > own->deadline;
}

/* A new file is for its owner only; SQLite gives -wal and -shm the same mode. Only a file that this call made is closed again:
 * closing a descriptor of a file that SQLite has open in this process would drop SQLite's locks on it (POSIX advisory locks). */
static void create_private(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0) close(fd);
}

static int use_wal(sqlite3 *h, bool *ret_wal)
{
	sqlite3_stmt *stmt;
	int code = sqlite3_prepare_v2(h, "PRAGMA journal_mode = WAL", -1, &stmt, NULL);

	if (code != SQLITE_OK) return code;
	if (sqlite3_step(stmt) == SQLITE_ROW) *ret_wal = strcmp((const char *)sqlite3_column_text(stmt, 0), "wal") == 0;
	return sqlite3_finalize(stmt);
}

static int configure(struct sqlite_db *own, enum db_mode mode, bool *ret_wal)
{
	int code = sqlite3_extended_result_codes(own->h, 1);

	for (size_t i = 0; code == SQLITE_OK && i < sizeof OPTIONS / sizeof *OPTIONS; i++)
		code = sqlite3_db_config(own->h, OPTIONS[i].option, OPTIONS[i].value, NULL);
	if (code == SQLITE_OK) code = sqlite3_busy_timeout(own->h, BUSY_MILLISECONDS);
	if (code == SQLITE_OK && mode == DB_WRITE) code = use_wal(own->h, ret_wal);
	if (code == SQLITE_OK) code = sqlite3_exec(own->h, SETTINGS[mode], NULL, NULL, NULL);
	/* The first look at the file: whether it is a database at all. */
	if (code == SQLITE_OK) code = sqlite3_exec(own->h, "SELECT 1 FROM sqlite_schema LIMIT 1", NULL, NULL, NULL);
	if (code != SQLITE_OK) return code;
	if (mode == DB_WRITE) sqlite3_wal_hook(own->h, after_commit, own);
	if (mode == DB_READ) sqlite3_progress_handler(own->h, PROGRESS_STEPS, is_overdue, own);
	return SQLITE_OK;
}

static void sqlite_close(struct db *db)
{
	struct sqlite_db *own = sqlite_of(db);

	for (int i = 0; i < WORD_COUNT; i++) sqlite3_finalize(own->words[i]);
	sqlite3_close(own->h);
	if (own->pace_fd >= 0) close(own->pace_fd);
	free(own);
}

static enum rc sqlite_open(const char *path, enum db_mode mode, struct db **ret, struct err *err)
{
	const int flags = mode == DB_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
	enum rc rc = libsqlite3_load(err);
	bool wal = mode == DB_READ;

	if (rc != RC_OK) return rc;
	struct sqlite_db *own = mem_zalloc(sizeof *own);
	own->pace_fd = -1;
	if (mode == DB_WRITE) create_private(path);
	int code = sqlite3_open_v2(path, &own->h, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (code == SQLITE_OK) code = configure(own, mode, &wal);
	if (code == SQLITE_OK && wal) {
		*ret = &own->head;
		return RC_OK;
	}
	rc = RC_UNAVAILABLE;
	if (code != SQLITE_OK)
		err_set(err, rc = sqlite_rc(own->h, code), "%s: %s", path, own->h ? sqlite3_errmsg(own->h) : sqlite3_errstr(code));
	else
		err_set(err, rc, "%s: no write-ahead log can be kept there: it must be a file on a local disk", path);
	sqlite_close(&own->head);
	return rc;
}

/* Transactions */

static int say(struct sqlite_db *own, enum sqlite_word word)
{
	const char *text = word == WORD_BEGIN && own->head.mode == DB_WRITE ? "BEGIN IMMEDIATE" : WORDS[word];
	sqlite3_stmt **stmt = &own->words[word];

	if (!*stmt) {
		int code = sqlite3_prepare_v3(own->h, text, -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL);
		if (code != SQLITE_OK) return code;
	}
	int code = sqlite3_step(*stmt);
	sqlite3_reset(*stmt);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static enum rc say_or_fail(struct db *db, enum sqlite_word word)
{
	int code = say(sqlite_of(db), word);
	return code == SQLITE_OK ? RC_OK : sqlite_fail(db, code, NULL);
}

static enum rc sqlite_begin(struct db *db)
{
	sqlite_of(db)->deadline = db->mode == DB_READ ? clock_monotonic() + db->read_limit : 0;
	return say_or_fail(db, WORD_BEGIN);
}

/* When the sync of the log fails, the transaction's frames may already be on the disk and a crash before the next commit would
 * bring them back, although this process has forgotten them. */
static enum rc sqlite_commit(struct db *db)
{
	int code = say(sqlite_of(db), WORD_COMMIT);

	sqlite_of(db)->deadline = 0;
	if (code == SQLITE_OK) return RC_OK;
	enum rc rc = sqlite_fail(db, code, NULL);
	if (code == SQLITE_IOERR_FSYNC) db->error.rc = rc = RC_UNKNOWN;
	return rc;
}

static void sqlite_rollback(struct db *db)
{
	struct sqlite_db *own = sqlite_of(db);

	own->deadline = 0;
	if (!sqlite3_get_autocommit(own->h)) (void)say(own, WORD_ROLLBACK);
}

static enum rc sqlite_savepoint(struct db *db)
{
	return say_or_fail(db, WORD_SAVEPOINT);
}

static enum rc sqlite_release(struct db *db)
{
	return say_or_fail(db, WORD_RELEASE);
}

static enum rc sqlite_rollback_to(struct db *db)
{
	/* A full disk may have ended the whole transaction: then the failure that did it stands. */
	if (sqlite3_get_autocommit(sqlite_of(db)->h))
		return db->sticky != RC_OK ? db->sticky : db_fail(db, RC_FAILED, "the transaction has ended by itself");
	enum rc rc = say_or_fail(db, WORD_ROLLBACK_TO);
	return rc == RC_OK ? say_or_fail(db, WORD_RELEASE) : rc;
}

static enum rc sqlite_script(struct db *db, const char *text)
{
	struct sqlite_db *own = sqlite_of(db);
	int code = sqlite3_exec(own->h, text, NULL, NULL, NULL);

	db->changed = (uint64_t)sqlite3_total_changes64(own->h);
	return code == SQLITE_OK ? RC_OK : sqlite_fail(db, code, NULL);
}

const struct db_driver DB_SQLITE = {
	.name = "sqlite",
	.claims = sqlite_claims,
	.open = sqlite_open,
	.close = sqlite_close,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.savepoint = sqlite_savepoint,
	.release = sqlite_release,
	.rollback_to = sqlite_rollback_to,
	.prepare = sqlite_prepare,
	.discard = sqlite_discard,
	.exec = sqlite_exec,
	.select = sqlite_select,
	.next = sqlite_next,
	.reset = sqlite_reset,
	.is_null = sqlite_is_null,
	.integer = sqlite_integer,
	.text = sqlite_text,
	.script = sqlite_script,
	.has_table = sqlite_has_table,
	.backup = sqlite_backup,
	.integrity = sqlite_integrity,
	.tidy = sqlite_tidy,
};
