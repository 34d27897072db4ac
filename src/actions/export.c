/* Every row of every table, written as lines; see the header. */
#include "actions/export.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "actions/dump_format.h"
#include "base/limits.h"
#include "db/db.h"
#include "db/migrate.h"

#define FLUSH_AT KIB(256)

struct exporting {
	struct export *e;
	int fd;
	struct buf out; /* lines, not written yet */
	struct digest_run digest;
	struct dump_trailer trailer;
	struct err *err;
	bool explained; /* err has the sentence of a failure that is not the store's */
};

static enum rc explain(struct exporting *w, enum rc rc)
{
	w->explained = true;
	return rc;
}

static enum rc flush(struct exporting *w)
{
	digest_more(&w->digest, buf_view(&w->out));
	for (size_t at = 0; at < w->out.n;) {
		ssize_t n = write(w->fd, w->out.p + at, w->out.n - at);
		if (n < 0 && errno == EINTR) continue;
		if (n < 0) return explain(w, err_set(w->err, errno == ENOSPC ? RC_FULL : RC_FAILED, "writing: %s", strerror(errno)));
		at += (size_t)n;
	}
	w->e->bytes += w->out.n;
	buf_clear(&w->out);
	if (w->e->progress) w->e->progress(w->e->context, w->e);
	return RC_OK;
}

static bool texts_valid(const struct dump_table *t, const struct param *row)
{
	for (size_t i = 0; i < t->count; i++)
		if (row[i].kind == PARAM_TEXT && (!utf8_valid(row[i].text) || memchr(row[i].text.p, '\0', row[i].text.n))) return false;
	return true;
}

/* The key of a row as a person can search for it; only for a row with something wrong. */
static enum rc refuse_row(struct exporting *w, const struct dump_table *t, const struct param *row, const char *why)
{
	char key[200] = "";
	size_t n = 0;
	for (size_t i = 0; i < t->keys && n < sizeof key - 32; i++) {
		bool shown = row[i].kind == PARAM_TEXT && utf8_valid(row[i].text) && !text_has_control(row[i].text, false);
		if (row[i].kind == PARAM_INT)
			n += (size_t)snprintf(key + n, sizeof key - n, " %" PRId64, row[i].integer);
		else if (shown && row[i].text.n < 40)
			n += (size_t)snprintf(key + n, sizeof key - n, " %.*s", TEXT_ARGS(row[i].text));
	}
	return explain(w, err_set(w->err, RC_CORRUPT, "table %s, row%s: %s", t->name, key, why));
}

static enum rc write_row(void *context, const struct dump_table *t, const struct param *row)
{
	struct exporting *w = context;
	size_t before = w->out.n;
	if (!texts_valid(t, row)) return refuse_row(w, t, row, "a text is not UTF-8, or holds NUL");
	dump_write_row(&w->out, t, row);
	if (buf_failed(&w->out) || w->out.n - before > LIMIT_DUMP_LINE) return refuse_row(w, t, row, "too large for a line");
	w->trailer.rows[t - DUMP_TABLES]++;
	w->e->rows++;
	return w->out.n < FLUSH_AT ? RC_OK : flush(w);
}

static enum rc count_all(struct db *db, struct export *e)
{
	int64_t n = 0;
	for (size_t i = 0; i < DUMP_TABLE_COUNT; i++) {
		enum rc rc = dump_count(db, &DUMP_TABLES[i], &n);
		if (rc != RC_OK) return rc;
		e->total += n;
	}
	return RC_OK;
}

static enum rc write_all(struct exporting *w, struct db *db, time_us now)
{
	struct dump_header h = {.schema = migrate_newest(), .exported_at = now, .program = VERSIONER_VERSION};
	enum rc rc = w->e->count ? count_all(db, w->e) : RC_OK;
	dump_write_header(&w->out, &h);
	for (size_t i = 0; rc == RC_OK && i < DUMP_TABLE_COUNT; i++) rc = dump_read(db, &DUMP_TABLES[i], write_row, w);
	if (rc == RC_OK) rc = flush(w);
	if (rc != RC_OK) return rc;
	digest_so_far(&w->digest, w->trailer.digest);
	dump_write_trailer(&w->out, &w->trailer);
	return flush(w);
}

enum rc store_export(struct db *db, int fd, time_us now, struct export *e, struct err *err)
{
	struct exporting w = {.e = e, .fd = fd, .err = err, .out = BUF_INIT(LIMIT_DUMP_LINE + 2 * FLUSH_AT)};
	digest_start(&w.digest);
	enum rc rc = write_all(&w, db, now);
	buf_done(&w.out);
	return rc == RC_OK || w.explained ? rc : err_set(err, rc, "%s", db_error(db)->text);
}
