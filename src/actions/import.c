/* The lines of an export into a store; see the header. */
#include "actions/import.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/dump_format.h"
#include "base/limits.h"
#include "base/lines.h"
#include "db/db.h"
#include "db/migrate.h"
#include "store/account.h"
#include "store/import_progress.h"

enum {
	BATCH_ROWS = 2000,
	LOG_PAGES = 4096, /* of the engine's log, before it is moved into the main file */
};
#define BATCH_BYTES MIB(8)

/* One reading of the file, from its first line to its last. */
struct reading {
	struct import *import;
	struct lines lines;
	struct digest_run digest;
	int64_t line; /* the number of the line at hand, from 1 */
	int64_t taken; /* lines in the digest: all but the last */
	struct dump_trailer found; /* counted */
	struct arena *arena; /* of one line */
	struct db *db; /* NULL: the file is only checked */
	struct import_progress stored; /* what the last commit kept */
	struct buf batch; /* lines that are not stored yet */
	int64_t batch_rows, batch_first; /* how many; the number of the first */
};

static enum rc fail_store(struct reading *w, enum rc rc, struct err *err)
{
	return err_set(err, rc, "storing: %s", db_error(w->db)->text);
}

/* ---- batches ---- */

/* Without an account: a server's first start makes one. */
static enum rc require_empty(struct db *db, struct err *err)
{
	int64_t accounts;
	enum rc rc = account_count(db, &accounts);
	if (rc != RC_OK) return err_set(err, rc, "%s", db_error(db)->text);
	if (!accounts) return RC_OK;
	return err_set(err, RC_CONFLICT, "the store is in use: an import needs an empty one, that no server has been started with");
}

/* Of the first batch, inside of its transaction. */
static enum rc begin_import(struct reading *w, struct err *err)
{
	enum rc rc = require_empty(w->db, err);
	if (rc != RC_OK) return rc;
	rc = import_progress_begin(w->db, &w->stored, clock_now());
	return rc == RC_OK ? RC_OK : fail_store(w, rc, err);
}

static enum rc tidy(struct reading *w)
{
	int64_t waiting;
	return db_log_pages(w->db) > LOG_PAGES ? db_tidy(w->db, &waiting) : RC_OK;
}

static enum rc insert_line(struct reading *w, struct text line, struct err *err)
{
	const struct dump_table *table;
	struct param row[DUMP_COLUMNS];
	arena_reset(w->arena);
	enum rc rc = dump_read_row(w->arena, line, &table, row, err);
	if (rc != RC_OK) return rc;
	rc = dump_insert(w->db, table, row);
	if (rc == RC_CONFLICT) return err_set(err, RC_INVALID, "a row of \"%s\" with this key or name is there already", table->name);
	return rc == RC_OK ? RC_OK : fail_store(w, rc, err);
}

/* A failure's line becomes the line at hand. */
static enum rc insert_lines(struct reading *w, struct err *err)
{
	struct text rest = buf_view(&w->batch);
	int64_t last = w->line;
	for (w->line = w->batch_first; rest.n; w->line++) {
		size_t n = (size_t)((const char *)memchr(rest.p, '\n', rest.n) + 1 - rest.p);
		enum rc rc = insert_line(w, (struct text){rest.p, n}, err);
		if (rc != RC_OK) return rc;
		rest = (struct text){rest.p + n, rest.n - n};
	}
	w->line = last;
	return RC_OK;
}

/* Also where an engine that looks at statements later says what was wrong with a row. */
static enum rc move_progress(struct reading *w, const struct import_progress *p, struct err *err)
{
	enum rc rc = import_progress_move(w->db, w->stored.lines, p, clock_now());
	if (rc != RC_CONFLICT) return rc == RC_OK ? RC_OK : fail_store(w, rc, err);
	if (db_failure(w->db) == RC_OK) return err_set(err, rc, "another import works on this store");
	return err_set(err, RC_INVALID, "a row since line %lld has a key or name that is there already", (long long)w->batch_first);
}

/* All that waits, in one transaction: it is begun only now, so that no lock is held while a slow pipe is read. */
static enum rc store_batch(struct reading *w, struct err *err)
{
	struct import_progress p = {.lines = w->taken};
	if (!w->batch_rows) return RC_OK;
	digest_so_far(&w->digest, p.digest);
	enum rc rc = db_begin(w->db);
	if (rc != RC_OK) return fail_store(w, rc, err);
	if (!w->stored.lines) rc = begin_import(w, err);
	if (rc == RC_OK) rc = insert_lines(w, err);
	if (rc == RC_OK) rc = move_progress(w, &p, err);
	if (rc != RC_OK) return rc;
	rc = db_commit(w->db);
	if (rc == RC_OK) rc = tidy(w);
	if (rc != RC_OK) return fail_store(w, rc, err);
	w->stored = p;
	w->batch_rows = 0;
	buf_clear(&w->batch);
	return RC_OK;
}

/* ---- rows ---- */

/* A line that was stored before. With the last of them it must be the same file. */
static enum rc pass_stored(struct reading *w, struct err *err)
{
	char digest[DIGEST_HEX_SIZE];
	w->import->resumed++;
	if (w->line < w->stored.lines) return RC_OK;
	digest_so_far(&w->digest, digest);
	if (!strcmp(digest, w->stored.digest)) return RC_OK;
	return err_set(err, RC_CONFLICT, "another file than the one whose import was begun here: give that one, or an empty store");
}

static void add_to_digest(struct reading *w, struct text line)
{
	digest_more(&w->digest, line);
	w->taken = w->line;
}

static void tell(struct reading *w)
{
	if (w->import->progress) w->import->progress(w->import->context, w->import);
}

static enum rc keep_for_batch(struct reading *w, struct text line, struct err *err)
{
	if (!w->batch_rows++) w->batch_first = w->line;
	buf_text(&w->batch, line);
	return w->batch_rows == BATCH_ROWS || w->batch.n > BATCH_BYTES ? store_batch(w, err) : RC_OK;
}

static enum rc take_row(struct reading *w, struct text line, const struct dump_table *table, struct err *err)
{
	enum rc rc = RC_OK;
	w->found.rows[table - DUMP_TABLES]++;
	w->import->rows++;
	add_to_digest(w, line);
	if (w->db && w->line > w->stored.lines)
		rc = keep_for_batch(w, line, err);
	else if (w->db)
		rc = pass_stored(w, err);
	if (w->import->rows % BATCH_ROWS == 0) tell(w);
	return rc;
}

/* ---- the file ---- */

static enum rc next_line(struct reading *w, struct text *ret, struct err *err)
{
	enum rc rc = lines_next(&w->lines, ret, err);
	if (rc == RC_NOT_FOUND || (rc == RC_OK && ret->p[ret->n - 1] != '\n'))
		return err_set(err, RC_INVALID, "the file ends here, before its last line: it was cut off");
	w->line++;
	return rc;
}

static enum rc take_header(struct reading *w, struct err *err)
{
	struct text line;
	struct dump_header h;
	enum rc rc = next_line(w, &line, err);
	arena_reset(w->arena);
	if (rc == RC_OK) rc = dump_read_header(w->arena, line, &h, err);
	if (rc != RC_OK) return rc;
	add_to_digest(w, line);
	if (h.schema > migrate_newest())
		return err_set(err, RC_INVALID, "an export of schema %lld, and this program knows schema %d: use the newer program",
			(long long)h.schema, migrate_newest());
	if (h.schema < DUMP_OLDEST_SCHEMA)
		return err_set(err, RC_INVALID,
			"an export of schema %lld, and this program reads them from schema %d on: import it with an older "
			"program, and migrate the store",
			(long long)h.schema, DUMP_OLDEST_SCHEMA);
	return RC_OK;
}

static enum rc compare_trailer(struct reading *w, struct text line, struct err *err)
{
	struct dump_trailer t;
	arena_reset(w->arena);
	enum rc rc = dump_read_trailer(w->arena, line, &t, err);
	if (rc != RC_OK) return rc;
	digest_so_far(&w->digest, w->found.digest);
	for (size_t i = 0; i < DUMP_TABLE_COUNT; i++)
		if (t.rows[i] != w->found.rows[i])
			return err_set(err, RC_INVALID, "%lld rows of \"%s\" were written, and %lld are here", (long long)t.rows[i],
				DUMP_TABLES[i].name, (long long)w->found.rows[i]);
	if (strcmp(t.digest, w->found.digest) != 0)
		return err_set(err, RC_INVALID, "the lines are not those that were written: their digest differs");
	rc = lines_next(&w->lines, &line, err);
	if (rc == RC_OK) return err_set(err, RC_INVALID, "something stands behind the last line");
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static enum rc take_lines(struct reading *w, struct err *err)
{
	enum rc rc = take_header(w, err);
	while (rc == RC_OK) {
		struct text line;
		struct param row[DUMP_COLUMNS];
		const struct dump_table *table;
		rc = next_line(w, &line, err);
		if (rc != RC_OK) return rc;
		enum dump_line kind = dump_look(line, &table);
		if (kind == DUMP_LINE_TRAILER) return compare_trailer(w, line, err);
		arena_reset(w->arena);
		if (kind == DUMP_LINE_ROW)
			rc = take_row(w, line, table, err);
		else if ((rc = dump_read_row(w->arena, line, &table, row, err)) == RC_OK)
			rc = err_set(err, RC_INVALID, "not as an export writes it");
	}
	return rc;
}

/* What stays when all is stored and the file was whole. */
static enum rc end_import(struct reading *w, struct err *err)
{
	enum rc rc = store_batch(w, err);
	if (rc != RC_OK) return rc;
	if (!w->stored.lines) return err_set(err, RC_INVALID, "an export without a row");
	if (w->taken < w->stored.lines) return err_set(err, RC_CONFLICT, "a shorter file than the one whose import was begun here");
	rc = db_begin(w->db);
	if (rc == RC_OK) rc = import_progress_end(w->db);
	if (rc == RC_OK) rc = db_commit(w->db);
	return rc == RC_OK ? RC_OK : fail_store(w, rc, err);
}

/* db NULL: only checks the file. */
static enum rc read_file(struct import *i, int fd, struct db *db, const struct import_progress *stored, struct err *err)
{
	struct reading w = {.import = i,
		.lines = lines_of(fd, LIMIT_DUMP_LINE),
		.db = db,
		.stored = *stored,
		.batch = BUF_INIT(LIMIT_DUMP_LINE + BATCH_BYTES)};
	w.arena = arena_new(KIB(64), LIMIT_DUMP_ARENA);
	i->rows = i->resumed = 0;
	digest_start(&w.digest);
	enum rc rc = take_lines(&w, err);
	if (rc == RC_OK && db) rc = end_import(&w, err);
	if (rc == RC_INVALID) err_prefix(err, "line %lld", (long long)w.line);
	if (db) db_rollback(db); /* of a batch that is not whole */
	tell(&w);
	arena_free(w.arena);
	lines_done(&w.lines);
	buf_done(&w.batch);
	return rc;
}

static enum rc check_file(struct import *i, int fd, struct err *err)
{
	struct import_progress none = {0};
	struct stat st;
	off_t from = lseek(fd, 0, SEEK_CUR);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || from < 0) return RC_OK;
	i->doing = "checked";
	enum rc rc = read_file(i, fd, NULL, &none, err);
	if (rc != RC_OK) return rc;
	i->total = i->rows;
	return lseek(fd, from, SEEK_SET) == from ? RC_OK : err_set(err, RC_FAILED, "the file cannot be read again");
}

enum rc store_import(struct db *db, int fd, struct import *i, struct err *err)
{
	struct import_progress stored = {0};
	enum rc rc = import_progress_get(db, &stored);
	if (rc == RC_NOT_FOUND)
		rc = require_empty(db, err);
	else if (rc != RC_OK)
		err_set(err, rc, "%s", db_error(db)->text);
	if (rc == RC_OK) rc = check_file(i, fd, err);
	i->doing = "imported";
	return rc == RC_OK ? read_file(i, fd, db, &stored, err) : rc;
}
