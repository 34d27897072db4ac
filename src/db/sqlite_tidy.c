/* The checkpoint, at a pace.
 *
 * SQLite copies pages from the log into the main file as fast as it can and syncs the file at the end: tens of megabytes at once, and
 * a commit's own sync waits behind them. With a pace, the file's write method is replaced for the time of the checkpoint by one that
 * hands each chunk of pages to the disk (without waiting for it) and pauses, so that little is left for the sync. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "db/libsqlite3.h"
#include "db/sqlite.h"

enum { CHUNK_BYTES = 64 * 4096 };

/* Of the checkpoint that this thread is in. */
static _Thread_local struct {
	const sqlite3_io_methods *original;
	int fd; /* of the same file; -1: none */
	int64_t pause;
	int64_t written; /* since the last pause */
} pace;

static int paced_write(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
	int code = pace.original->xWrite(file, bytes, n, at);

	pace.written += n;
	if (pace.written < CHUNK_BYTES) return code;
	pace.written = 0;
	if (pace.fd >= 0)
		(void)sync_file_range(pace.fd, 0, 0, SYNC_FILE_RANGE_WRITE); /* an advice: the sync at the end is what counts */
	usleep((useconds_t)pace.pause);
	return code;
}

static int checkpoint(sqlite3 *h, int *pages, int *moved)
{
	return sqlite3_wal_checkpoint_v2(h, NULL, SQLITE_CHECKPOINT_PASSIVE, pages, moved);
}

/* The file belongs to this connection alone, and the connection to this thread. */
static int checkpoint_paced(struct sqlite_db *own, int *pages, int *moved)
{
	sqlite3_file *file = NULL;
	int code = sqlite3_file_control(own->h, "main", SQLITE_FCNTL_FILE_POINTER, &file);

	if (code != SQLITE_OK || !file || !file->pMethods) return checkpoint(own->h, pages, moved);
	/* Kept until the process ends or the connection is closed: closing a second descriptor of the file while SQLite has it open
	 * in this process would drop SQLite's locks on it (POSIX advisory locks). */
	if (own->pace_fd < 0) own->pace_fd = open(sqlite3_db_filename(own->h, "main"), O_RDWR | O_CLOEXEC);
	sqlite3_io_methods paced = *file->pMethods;
	paced.xWrite = paced_write;
	pace.original = file->pMethods;
	pace.fd = own->pace_fd;
	pace.pause = own->head.tidy_pace;
	pace.written = 0;
	file->pMethods = &paced;
	code = checkpoint(own->h, pages, moved);
	file->pMethods = pace.original;
	return code;
}

enum rc sqlite_tidy(struct db *db, int64_t *ret_waiting)
{
	struct sqlite_db *own = sqlite_of(db);
	int pages = 0, moved = 0;
	int code = db->tidy_pace > 0 ? checkpoint_paced(own, &pages, &moved) : checkpoint(own->h, &pages, &moved);

	/* Busy: another connection is at it just now. */
	if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) return sqlite_fail(db, code, NULL);
	*ret_waiting = pages > moved ? pages - moved : 0;
	return RC_OK;
}
