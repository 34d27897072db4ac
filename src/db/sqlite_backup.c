/* A copy of the database while it is in use. The copy is made beside its final name and renamed when it is on the disk, so that
 * a file of that name is always a whole backup. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "db/libsqlite3.h"
#include "db/sqlite.h"

enum {
	STEP_PAGES = 200,
	BUSY_WAIT_MILLISECONDS = 20,
	BUSY_LIMIT_SECONDS = 60,
};

static enum rc fail_errno(struct db *db, const char *path)
{
	int e = errno;
	enum rc rc = e == ENOSPC || e == EDQUOT || e == EFBIG ? RC_FULL : e == EEXIST ? RC_CONFLICT : RC_UNAVAILABLE;
	return db_fail(db, rc, "%s: %s", path, strerror(e));
}

static enum rc fail_target(struct db *db, sqlite3 *target, const char *path, int code)
{
	return db_fail(db, sqlite_rc(target, code), "%s: %s", path, sqlite3_errmsg(target));
}

/* All pages from one snapshot: the caller holds a read transaction on the source, or each commit would make SQLite begin anew. */
static enum rc copy_pages(struct db *db, sqlite3 *target, const char *path)
{
	int64_t until = clock_monotonic() + SECONDS_US(BUSY_LIMIT_SECONDS);
	sqlite3_backup *backup = sqlite3_backup_init(target, "main", sqlite_of(db)->h, "main");
	int code = SQLITE_OK;

	if (!backup) return fail_target(db, target, path, sqlite3_extended_errcode(target));
	while (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED) {
		code = sqlite3_backup_step(backup, STEP_PAGES);
		if (code != SQLITE_BUSY && code != SQLITE_LOCKED) continue;
		if (clock_monotonic() > until) break;
		sqlite3_sleep(BUSY_WAIT_MILLISECONDS);
	}
	sqlite3_backup_finish(backup);
	return code == SQLITE_DONE ? RC_OK : fail_target(db, target, path, code);
}

static enum rc copy_snapshot(struct db *db, sqlite3 *target, const char *path)
{
	sqlite3 *h = sqlite_of(db)->h;
	/* The read is what takes the snapshot; BEGIN alone waits for it. */
	int code = sqlite3_exec(h, "BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1", NULL, NULL, NULL);
	enum rc rc = code == SQLITE_OK ? copy_pages(db, target, path) : sqlite_fail(db, code, NULL);

	if (!sqlite3_get_autocommit(h)) sqlite3_exec(h, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

/* The target needs no journal and no sync of its own: it counts only once sync_and_name() is through. */
static enum rc copy_to(struct db *db, const char *path)
{
	sqlite3 *target;
	int code = sqlite3_open_v2(path, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

	if (code == SQLITE_OK) code = sqlite3_extended_result_codes(target, 1);
	if (code == SQLITE_OK) code = sqlite3_exec(target, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL, NULL, NULL);
	enum rc rc = code == SQLITE_OK ? copy_snapshot(db, target, path) : fail_target(db, target, path, code);
	sqlite3_close(target);
	return rc;
}

static int sync_path(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);
	if (fd < 0) return -1;
	int result = fsync(fd);
	int e = errno;
	close(fd);
	errno = e;
	return result;
}

/* Never over a file that came to be in the meantime, where the file system can do that. */
static int rename_new(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
	return errno == EINVAL || errno == ENOSYS ? rename(from, to) : -1;
}

static enum rc sync_and_name(struct db *db, const char *temporary, const char *path)
{
	if (sync_path(temporary, O_RDWR) != 0) return fail_errno(db, temporary);
	if (rename_new(temporary, path) != 0) return fail_errno(db, path);
	char *copy = mem_strdup(path);
	int result = sync_path(dirname(copy), O_RDONLY | O_DIRECTORY);
	free(copy);
	return result == 0 ? RC_OK : fail_errno(db, path);
}

enum rc sqlite_backup(struct db *db, const char *path)
{
	size_t size = strlen(path) + sizeof ".XXXXXX";
	char *temporary;
	int fd;
	enum rc rc;

	if (access(path, F_OK) == 0) {
		errno = EEXIST;
		return fail_errno(db, path);
	}
	temporary = mem_alloc(size);
	snprintf(temporary, size, "%s.XXXXXX", path);
	fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
	if (fd < 0) {
		rc = fail_errno(db, path);
	} else {
		close(fd);
		rc = copy_to(db, temporary);
		if (rc == RC_OK) rc = sync_and_name(db, temporary, path);
		if (rc != RC_OK) unlink(temporary);
	}
	free(temporary);
	return rc;
}
