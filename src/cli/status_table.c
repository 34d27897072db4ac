/* The matrix as a table. */
#include "cli/status_table.h"

#include <stdlib.h>

#include "cli/state_sign.h"
#include "cli/table.h"

enum { LEAST_PRODUCT = 14, LEAST_CELL = 12, LEGEND = 30 };

struct matrix {
	struct arena *arena;
	const struct json *environments;
	size_t columns; /* with the product's */
	struct table *table;
	struct table_cell *cells; /* of one line */
	bool drift; /* of any */
};

static struct text text_of(const struct json *object, const char *member)
{
	return json_text(json_member(object, member));
}

static struct table *new_table(struct matrix *m)
{
	struct table_column *columns = arena_array_of(m->arena, struct table_column, m->columns);
	columns[0] = (struct table_column){.title = "  PRODUCT", .least = LEAST_PRODUCT};
	for (size_t i = 1; i < m->columns; i++) {
		const char *name = text_cstr(m->arena, text_of(json_element(m->environments, i - 1), "name"));
		columns[i] = (struct table_column){.title = name ? name : "", .least = LEAST_CELL};
	}
	return table_new(m->arena, columns, m->columns);
}

static const struct json *cell_of(const struct matrix *m, const struct json *product, size_t column)
{
	struct text id = text_of(json_element(m->environments, column - 1), "id");
	return id.n ? json_member(json_member(product, "cells"), text_cstr(m->arena, id)) : NULL;
}

static void add_current(struct matrix *m, const struct json *product)
{
	bool drift = json_bool(json_member(product, "drift"));
	struct text first = TEXT_ABSENT;
	m->drift |= drift;
	m->cells[0] = (struct table_cell){
		text_from(arena_printf(m->arena, "%s %.*s", drift ? "≠" : " ", TEXT_ARGS(text_of(product, "product_name")))),
		drift ? TABLE_WARNING : TABLE_PLAIN};
	for (size_t i = 1; i < m->columns; i++) {
		const struct json *cell = cell_of(m, product, i);
		struct text id = text_of(cell, "version_id");
		if (!first.p) first = id;
		m->cells[i] = (struct table_cell){text_of(cell, "version"), text_equal(id, first) ? TABLE_PLAIN : TABLE_WARNING};
	}
	table_row(m->table, m->cells);
}

/* The line below: attempts that have not, or not yet, become current. */
static void add_attempts(struct matrix *m, const struct json *product)
{
	bool any = false;
	m->cells[0] = (struct table_cell){TEXT("  └ latest"), TABLE_FAINT};
	for (size_t i = 1; i < m->columns; i++) {
		const struct json *attempt = json_member(cell_of(m, product, i), "latest_attempt");
		m->cells[i] = (struct table_cell){0};
		if (json_kind(attempt) != JSON_IS_OBJECT) continue;
		m->cells[i] = state_cell(m->arena, text_of(attempt, "status"), text_of(attempt, "version"));
		any = true;
	}
	if (any) table_row_below(m->table, m->cells);
}

static int by_name(const void *a, const void *b)
{
	const struct json *const *x = a, *const *y = b;
	return text_compare(text_of(*x, "product_name"), text_of(*y, "product_name"));
}

static void add_products(struct matrix *m, const struct json *items)
{
	size_t count = json_size(items);
	const struct json **products = arena_array_of(m->arena, const struct json *, count);
	for (size_t i = 0; i < count; i++) products[i] = json_element(items, i);
	qsort(products, count, sizeof(const struct json *), by_name);
	for (size_t i = 0; i < count; i++) {
		add_current(m, products[i]);
		add_attempts(m, products[i]);
	}
}

void status_table(struct arena *a, const struct json *matrix, size_t width, bool colour, struct buf *out)
{
	const struct json *items = json_member(matrix, "items");
	struct matrix m = {.arena = a, .environments = json_member(matrix, "environments")};
	if (json_kind(items) != JSON_IS_ARRAY || json_kind(m.environments) != JSON_IS_ARRAY || !json_size(items)) {
		buf_cstr(out, "Nothing is deployed.\n");
		return;
	}
	m.columns = json_size(m.environments) + 1;
	m.table = new_table(&m);
	m.cells = arena_array_of(a, struct table_cell, m.columns);
	add_products(&m, items);
	table_print(m.table, width, colour, out);
	if (m.drift) buf_cstr(out, width && width < LEGEND ? "\n≠ differs\n" : "\n≠ differs between environments\n");
}
