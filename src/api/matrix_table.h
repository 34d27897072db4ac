/* The rows of the matrix, put together from cells that come in any order: each is rendered at once and put in its place at the end. So the
 * store need not sort what is much larger than the names that it would be sorted by. */
#pragma once

#include "base/buf.h"
#include "base/json_out.h"
#include "store/environment.h"
#include "store/matrix.h"

struct matrix_table {
	const struct environment *columns; /* in their order */
	size_t column_count;
	const struct environment **columns_by_id;
	struct buf names; /* ids and names of products */
	struct buf rows; /* of struct table_row, in the order in which they were given */
	size_t *rows_by_id;
	size_t last_row; /* of the last cell: cells of a product often come together */
	struct buf cells; /* of struct table_cell */
	struct buf rendered;
};

void matrix_table_init(struct matrix_table *t, const struct environment *columns, size_t count);
void matrix_table_done(struct matrix_table *t);
/* All rows before the first cell. Those that get no cell are not shown. context: the table. */
void matrix_table_row(void *context, struct text product_id, struct text product_name);
/* Of another product or environment than those that were given: passed over. context: the table. */
void matrix_table_cell(void *context, const struct matrix_cell *c);
/* The elements of the array that is open. False: the answer would be too large. */
bool matrix_table_put(struct matrix_table *t, struct json_out *j);
