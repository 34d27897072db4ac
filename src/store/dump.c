/* Rows of any table, read and inserted; see the header. */
#include "store/dump.h"

#include <string.h>

#include "base/limits.h"

enum { PAGE_FIRST = 500, PAGE_LEAST = 16, PAGE_MOST = 5000 };
#define PAGE_BYTES ((int64_t)MIB(2)) /* aimed at */
#define KEY_ROOM KIB(64) /* of one key's text */

const struct dump_table *dump_table_find(struct text name)
{
	for (size_t i = 0; i < DUMP_TABLE_COUNT; i++)
		if (text_is(name, DUMP_TABLES[i].name)) return &DUMP_TABLES[i];
	return NULL;
}

/* The smallest integer stands for null, as it does for times: no column can hold it. */
static struct param value_of(struct rows *r, const struct dump_column *c)
{
	return c->kind == PARAM_INT ? P_TIME(row_time(r, c->name)) : P_TEXT(row_text(r, c->name));
}

/* ---- reading ---- */

struct reading {
	const struct dump_table *table;
	struct param after[DUMP_KEYS + 1]; /* the key of the last page's last row, and how many rows may follow */
	struct param last[DUMP_KEYS]; /* the key of the row at hand */
	struct buf texts[2][DUMP_KEYS]; /* what these point to, in turn: a statement's parameters stay as they are while it runs */
	int turn;
	int64_t rows, bytes; /* of the page at hand */
};

/* Before all rows. */
static void begin_reading(struct reading *w, const struct dump_table *t)
{
	*w = (struct reading){.table = t};
	for (size_t i = 0; i < t->keys; i++) {
		w->after[i] = t->columns[i].kind == PARAM_INT ? P_INT(INT64_MIN) : P_TEXT(TEXT(""));
		w->texts[0][i] = w->texts[1][i] = BUF_INIT(KEY_ROOM);
	}
	w->after[t->keys] = P_INT(PAGE_FIRST);
}

static void end_reading(struct reading *w)
{
	for (size_t i = 0; i < DUMP_KEYS; i++) buf_done(&w->texts[0][i]), buf_done(&w->texts[1][i]);
}

static void remember_key(struct reading *w, const struct param *row)
{
	for (size_t i = 0; i < w->table->keys; i++) {
		w->last[i] = row[i];
		if (row[i].kind != PARAM_TEXT) continue;
		struct buf *b = &w->texts[w->turn][i];
		buf_clear(b);
		buf_text(b, row[i].text);
		w->last[i].text = b->n ? buf_view(b) : TEXT("");
	}
}

static void turn_page(struct reading *w)
{
	memcpy(w->after, w->last, w->table->keys * sizeof *w->after);
	w->turn = !w->turn;
}

static void count_bytes(struct reading *w, const struct param *row)
{
	for (size_t i = 0; i < w->table->count; i++) w->bytes += 8 + (int64_t)row[i].text.n;
	w->rows++;
}

static enum rc read_page(struct db *db, struct reading *w, dump_each *each, void *context)
{
	struct rows r;
	struct param row[DUMP_COLUMNS];
	w->rows = w->bytes = 0;
	enum rc given = RC_OK, rc = db_select_params(db, &r, w->table->page, w->after, w->table->keys + 1);
	while (rc == RC_OK && given == RC_OK && rows_next(&r)) {
		for (size_t i = 0; i < w->table->count; i++) row[i] = value_of(&r, &w->table->columns[i]);
		given = each(context, w->table, row);
		count_bytes(w, row);
		remember_key(w, row);
	}
	rc = rows_done(&r);
	return rc != RC_OK ? rc : given;
}

/* So many rows as made so many bytes on this page. */
static int64_t next_limit(const struct reading *w)
{
	int64_t rows = PAGE_BYTES * w->rows / (w->bytes + 1);
	return rows < PAGE_LEAST ? PAGE_LEAST : rows > PAGE_MOST ? PAGE_MOST : rows;
}

enum rc dump_read(struct db *db, const struct dump_table *t, dump_each *each, void *context)
{
	struct reading w;
	enum rc rc;
	int64_t limit;
	begin_reading(&w, t);
	do {
		limit = w.after[t->keys].integer;
		rc = read_page(db, &w, each, context);
		turn_page(&w);
		w.after[t->keys] = P_INT(next_limit(&w));
	} while (rc == RC_OK && w.rows == limit);
	end_reading(&w);
	return rc;
}

enum rc dump_count(struct db *db, const struct dump_table *t, int64_t *ret)
{
	struct rows r;
	int64_t n = 0;
	enum rc rc = db_select(db, &r, t->count_all);
	if (rc == RC_OK && rows_next(&r)) n = row_int(&r, "all_rows");
	rc = rows_done(&r);
	if (rc == RC_OK) *ret = n;
	return rc;
}

enum rc dump_insert(struct db *db, const struct dump_table *t, const struct param *row)
{
	return db_exec_params(db, t->insert, row, t->count, NULL);
}
