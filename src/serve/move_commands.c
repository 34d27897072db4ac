/* `versioner export` and `versioner import`: the file, what is said meanwhile, and what is said at the end. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/export.h"
#include "actions/import.h"
#include "base/arena.h"
#include "db/db.h"
#include "serve/check_command.h"
#include "serve/commands.h"
#include "serve/progress.h"
#include "serve/store_open.h"

static int trouble(const char *command, const struct err *err)
{
	fprintf(stderr, "versioner %s: %s\n", command, err->text);
	return EXIT_TROUBLE;
}

static bool is_standard(const char *word)
{
	return !word || !strcmp(word, "-");
}

static enum rc fail_errno(struct err *err, const char *path)
{
	return err_set(err, errno == ENOSPC || errno == EDQUOT ? RC_FULL : RC_UNAVAILABLE, "%s: %s", path, strerror(errno));
}

/* ---- the file of an export ---- */

/* Written as FILE.partial and renamed when it is on the disk: what is called FILE is whole. */
struct target {
	const char *path; /* NULL: standard output */
	char *partial;
	int fd;
};

/* Its own lock keeps a second export out; what a killed one left is written over. */
static enum rc target_open(struct target *t, struct err *err)
{
	if (!t->path) return t->fd = STDOUT_FILENO, RC_OK;
	if (access(t->path, F_OK) == 0) return errno = EEXIST, fail_errno(err, t->path);
	size_t size = strlen(t->path) + sizeof ".partial";
	t->partial = mem_alloc(size);
	snprintf(t->partial, size, "%s.partial", t->path);
	t->fd = open(t->partial, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (t->fd < 0) return fail_errno(err, t->partial);
	if (flock(t->fd, LOCK_EX | LOCK_NB) != 0) return err_set(err, RC_CONFLICT, "%s: another export writes it", t->partial);
	if (fchmod(t->fd, 0600) != 0 || ftruncate(t->fd, 0) != 0) return fail_errno(err, t->partial);
	return RC_OK;
}

static int sync_folder(const char *path)
{
	char *copy = mem_strdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	int result = fd < 0 ? -1 : fsync(fd);
	if (fd >= 0) close(fd);
	return result;
}

/* Never over a file that came to be in the meantime, where the file system can do that. */
static int rename_new(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
	return errno == EINVAL || errno == ENOSYS ? rename(from, to) : -1;
}

static enum rc target_finish(struct target *t, struct err *err)
{
	if (!t->path) return RC_OK;
	if (fsync(t->fd) != 0) return fail_errno(err, t->partial);
	if (rename_new(t->partial, t->path) != 0 || sync_folder(t->path) != 0) return fail_errno(err, t->path);
	return RC_OK;
}

static void target_done(struct target *t, enum rc rc)
{
	if (t->partial && t->fd >= 0 && rc != RC_OK && rc != RC_CONFLICT) unlink(t->partial);
	if (t->partial && t->fd >= 0) close(t->fd);
	free(t->partial);
}

/* ---- export ---- */

static void show_export(void *context, const struct export *e)
{
	progress_show(context, "exported", e->rows, e->total);
}

static enum rc export_to(struct db *db, struct target *t, struct export *e, struct err *err)
{
	enum rc rc = target_open(t, err);
	if (rc != RC_OK) return rc;
	db_be_patient(db);
	rc = db_begin(db);
	if (rc != RC_OK) return err_set(err, rc, "%s", db_error(db)->text);
	rc = store_export(db, t->fd, clock_now(), e, err);
	db_rollback(db);
	return rc == RC_OK ? target_finish(t, err) : rc;
}

int export_run(const struct settings *s, char **words)
{
	if (words[0] && words[1]) return fprintf(stderr, "versioner export: name one file to write\n"), EXIT_USAGE;
	struct target t = {.path = is_standard(words[0]) ? NULL : words[0], .fd = -1};
	struct progress progress;
	struct db *db;
	struct err err;
	progress_start(&progress);
	struct export e = {.count = progress_on_terminal(&progress), .progress = show_export, .context = &progress};
	enum rc rc = store_open_existing(setting_text(s, "db"), DB_READ, &db, &err);
	if (rc != RC_OK) return trouble("export", &err);
	rc = export_to(db, &t, &e, &err);
	target_done(&t, rc);
	db_close(db);
	progress_end(&progress);
	if (rc != RC_OK) return trouble("export", &err);
	fprintf(t.path ? stdout : stderr, "%" PRId64 " rows, %" PRIu64 " bytes exported to %s\n", e.rows, e.bytes,
		t.path ? t.path : "standard output");
	return EXIT_FINE;
}

/* ---- import ---- */

static void show_import(void *context, const struct import *i)
{
	progress_show(context, i->doing, i->rows, i->total);
}

static enum rc import_from(struct db *db, int fd, struct import *i, bool *ret_fine, struct err *err)
{
	enum rc rc = store_import(db, fd, i, err);
	progress_end(i->context);
	if (rc != RC_OK) return rc;
	printf("%" PRId64 " rows imported", i->rows);
	if (i->resumed) printf(", %" PRId64 " of them before it was interrupted", i->resumed);
	printf("\n");
	fflush(stdout);
	return store_check(db, NULL, ret_fine, err);
}

int import_run(const struct settings *s, char **words)
{
	if (words[0] && words[1]) return fprintf(stderr, "versioner import: name one file to read\n"), EXIT_USAGE;
	const char *path = is_standard(words[0]) ? NULL : words[0];
	struct progress progress;
	struct db *db;
	struct err err;
	bool fine = false;
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	if (fd < 0) return fail_errno(&err, path), trouble("import", &err);
	progress_start(&progress);
	struct import i = {.progress = show_import, .context = &progress};
	enum rc rc = store_open_for_import(setting_text(s, "db"), &db, &err);
	if (rc == RC_OK) {
		db_be_patient(db);
		rc = import_from(db, fd, &i, &fine, &err);
		db_close(db);
	}
	if (path) close(fd);
	if (rc != RC_OK) return progress_end(&progress), trouble("import", &err);
	return fine ? EXIT_FINE : EXIT_TROUBLE;
}
