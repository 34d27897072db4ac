/* The rows of the matrix from cells in any order; see the header. */
#include "api/matrix_table.h"

#include <stdlib.h>
#include <string.h>

#include "api/matrix_cell.h"
#include "base/limits.h"
#include "base/uuid.h"

enum { NOWHERE = -1 };

struct table_row {
	size_t at; /* of its id in `names`; its name follows */
	size_t id_size, name_size;
	char version_id[UUID_SIZE]; /* the first current version that was met; "" before */
	bool drift;
};

struct table_cell {
	uint64_t place; /* row and column, so that sorting by it is the order of the answer */
	size_t at, size; /* in `rendered` */
};

/* Sorted arrays of indices and pointers need to know what they point into. */
struct looked_for {
	const struct matrix_table *table;
	struct text id;
};

void matrix_table_init(struct matrix_table *t, const struct environment *columns, size_t count)
{
	*t = (struct matrix_table){.columns = columns, .column_count = count};
	t->names = t->rows = t->cells = t->rendered = BUF_INIT(LIMIT_RESPONSE);
}

void matrix_table_done(struct matrix_table *t)
{
	free(t->columns_by_id);
	free(t->rows_by_id);
	buf_done(&t->names);
	buf_done(&t->rows);
	buf_done(&t->cells);
	buf_done(&t->rendered);
}

void matrix_table_row(void *context, struct text product_id, struct text product_name)
{
	struct matrix_table *t = context;
	struct table_row row = {.at = t->names.n, .id_size = product_id.n, .name_size = product_name.n};
	buf_text(&t->names, product_id);
	buf_text(&t->names, product_name);
	buf_add(&t->rows, &row, sizeof row);
}

/* ---- places ---- */

static struct table_row *row_of(const struct matrix_table *t, size_t i)
{
	return (struct table_row *)(void *)t->rows.p + i;
}

static struct text row_id(const struct matrix_table *t, size_t i)
{
	const struct table_row *row = row_of(t, i);
	return (struct text){t->names.p + row->at, row->id_size};
}

static struct text row_name(const struct matrix_table *t, size_t i)
{
	const struct table_row *row = row_of(t, i);
	return (struct text){t->names.p + row->at + row->id_size, row->name_size};
}

static size_t row_count(const struct matrix_table *t)
{
	return t->rows.n / sizeof(struct table_row);
}

static int by_column_id(const void *a, const void *b)
{
	const struct environment *const *x = a, *const *y = b;
	return text_compare((*x)->id, (*y)->id);
}

static int by_row_id(const void *a, const void *b, void *table)
{
	return text_compare(row_id(table, *(const size_t *)a), row_id(table, *(const size_t *)b));
}

/* Once, when the first cell comes. */
static void places_sort(struct matrix_table *t)
{
	size_t rows = row_count(t);
	t->columns_by_id = mem_alloc((t->column_count + 1) * sizeof *t->columns_by_id);
	for (size_t i = 0; i < t->column_count; i++) t->columns_by_id[i] = &t->columns[i];
	qsort(t->columns_by_id, t->column_count, sizeof *t->columns_by_id, by_column_id);
	t->rows_by_id = mem_alloc((rows + 1) * sizeof *t->rows_by_id);
	for (size_t i = 0; i < rows; i++) t->rows_by_id[i] = i;
	qsort_r(t->rows_by_id, rows, sizeof *t->rows_by_id, by_row_id, t);
}

static int column_compare(const void *key, const void *element)
{
	return text_compare(*(const struct text *)key, (*(const struct environment *const *)element)->id);
}

static int row_compare(const void *key, const void *element)
{
	const struct looked_for *l = key;
	return text_compare(l->id, row_id(l->table, *(const size_t *)element));
}

static int64_t column_find(const struct matrix_table *t, struct text id)
{
	const struct environment *const *found = bsearch(
		&id, t->columns_by_id, t->column_count, sizeof *t->columns_by_id, column_compare);
	return found ? *found - t->columns : NOWHERE;
}

static int64_t row_find(struct matrix_table *t, struct text id)
{
	if (t->last_row < row_count(t) && text_equal(row_id(t, t->last_row), id)) return (int64_t)t->last_row;
	struct looked_for key = {t, id};
	const size_t *found = bsearch(&key, t->rows_by_id, row_count(t), sizeof *t->rows_by_id, row_compare);
	if (!found) return NOWHERE;
	t->last_row = *found;
	return (int64_t)*found;
}

/* ---- cells ---- */

/* Drift: not all of a product's environments have the same version. */
static void note_version(struct table_row *row, struct text version_id)
{
	if (!version_id.p) return;
	if (row->version_id[0])
		row->drift = row->drift || !text_is(version_id, row->version_id);
	else
		memcpy(row->version_id, version_id.p, version_id.n < UUID_SIZE ? version_id.n : UUID_SIZE - 1);
}

void matrix_table_cell(void *context, const struct matrix_cell *c)
{
	struct matrix_table *t = context;
	if (!t->rows_by_id) places_sort(t);
	int64_t row = row_find(t, c->product_id), column = column_find(t, c->environment_id);
	if (row == NOWHERE || column == NOWHERE) return;
	note_version(row_of(t, (size_t)row), c->current_version_id);
	struct table_cell cell = {.place = (uint64_t)row << 32 | (uint64_t)column, .at = t->rendered.n};
	struct json_out j = json_out(&t->rendered);
	json_put_object(&j, NULL);
	render_cell(&j, c);
	json_end(&j);
	cell.size = t->rendered.n - cell.at;
	buf_add(&t->cells, &cell, sizeof cell);
}

static int by_place(const void *a, const void *b)
{
	const struct table_cell *x = a, *y = b;
	return (x->place > y->place) - (x->place < y->place);
}

/* The cells from `first` on that are in its row; returns the first one that is not. */
static size_t put_row(
	const struct matrix_table *t, const struct table_cell *cells, size_t count, size_t first, struct json_out *j)
{
	size_t row = cells[first].place >> 32, i = first;
	json_put_object(j, NULL);
	json_put_text(j, "product_id", row_id(t, row));
	json_put_text(j, "product_name", row_name(t, row));
	json_put_object(j, "cells");
	for (; i < count && cells[i].place >> 32 == row; i++)
		json_put_raw(j, t->columns[(uint32_t)cells[i].place].id.p, (struct text){t->rendered.p + cells[i].at, cells[i].size});
	json_end(j);
	json_put_bool(j, "drift", row_of(t, row)->drift);
	json_end(j);
	return i;
}

bool matrix_table_put(struct matrix_table *t, struct json_out *j)
{
	if (buf_failed(&t->names) || buf_failed(&t->rows) || buf_failed(&t->cells) || buf_failed(&t->rendered)) return false;
	struct table_cell *cells = (struct table_cell *)(void *)t->cells.p;
	size_t count = t->cells.n / sizeof *cells;
	if (count) qsort(cells, count, sizeof *cells, by_place);
	buf_reserve(j->b, t->rendered.n + t->names.n + count * (UUID_SIZE + 8));
	for (size_t i = 0; i < count;) i = put_row(t, cells, count, i, j);
	return true;
}
