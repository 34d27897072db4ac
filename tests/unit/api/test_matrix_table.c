/* The matrix's rows: whatever the order of the cells, the rows are in the order of products and the cells in that of environments. */
#include "request.h"

#include "api/matrix_table.h"
#include "base/limits.h"

static const struct environment COLUMNS[] = {{.id = TEXT("e2")}, {.id = TEXT("e3")}, {.id = TEXT("e1")}};
static const struct {
	const char *product, *environment, *version;
} CELLS[] = {
	{"p1", "e1", "v1"},
	{"p1", "e2", "v1"},
	{"p1", "e3", "v1"},
	{"p2", "e1", "v2"},
	{"p2", "e2", NULL},
	{"p2", "e3", "v3"},
	{"p3", "e3", NULL},
	{"unknown", "e1", "v1"},
	{"p1", "unknown", "v9"},
};
enum { CELL_COUNT = sizeof CELLS / sizeof *CELLS };

#define CELL(version) \
	"{\"version\":" version ",\"version_id\":" version \
	",\"deployment_id\":null,\"since\":null,\"kind\":null,\"latest_attempt\":null}"

#define AT(environment, version) "\"" environment "\":" CELL(version)
#define ROW(id, name, cells, drift) \
	"{\"product_id\":\"" id "\",\"product_name\":\"" name "\",\"cells\":{" cells "},\"drift\":" drift "}"

static const char EXPECTED[] = "[" ROW("p2", "a", AT("e2", "null") "," AT("e3", "\"v3\"") "," AT("e1", "\"v2\""), "true") "," ROW(
	"p3", "b\\\"", AT("e3", "null"), "false") "," ROW("p1", "c", AT("e2", "\"v1\"") "," AT("e3", "\"v1\"") "," AT("e1", "\"v1\""),
	"false") "]";

static void put_table(const size_t *order, size_t count, struct buf *out)
{
	struct matrix_table t;
	struct json_out j = json_out(out);
	matrix_table_init(&t, COLUMNS, 3);
	matrix_table_row(&t, TEXT("p2"), TEXT("a"));
	matrix_table_row(&t, TEXT("p3"), TEXT("b\""));
	matrix_table_row(&t, TEXT("p0"), TEXT("without cells"));
	matrix_table_row(&t, TEXT("p1"), TEXT("c"));
	for (size_t i = 0; i < count; i++) {
		struct matrix_cell c = {.product_id = text_from(CELLS[order[i]].product),
			.environment_id = text_from(CELLS[order[i]].environment),
			.current_version = text_from(CELLS[order[i]].version),
			.current_version_id = text_from(CELLS[order[i]].version),
			.current_since = TIME_NONE};
		matrix_table_cell(&t, &c);
	}
	json_put_array(&j, NULL);
	assert_true(matrix_table_put(&t, &j));
	json_end(&j);
	matrix_table_done(&t);
}

static void the_order_of_cells_does_not_matter(void **state)
{
	(void)state;
	static const size_t steps[] = {1, 2, 4, 5, 7, 8}; /* each meets all nine */
	size_t order[CELL_COUNT];
	for (size_t n = 0; n < sizeof steps / sizeof *steps; n++) {
		for (size_t start = 0; start < CELL_COUNT; start++) {
			for (size_t i = 0; i < CELL_COUNT; i++) order[i] = (start + i * steps[n]) % CELL_COUNT;
			buf_auto out = BUF_INIT(KIB(16));
			put_table(order, CELL_COUNT, &out);
			buf_char(&out, '\0');
			assert_string_equal(out.p, EXPECTED);
		}
	}
}

static void nothing_gives_no_rows(void **state)
{
	(void)state;
	buf_auto out = BUF_INIT(KIB(1));
	put_table(NULL, 0, &out);
	buf_char(&out, '\0');
	assert_string_equal(out.p, "[]");

	struct matrix_table empty;
	buf_auto none = BUF_INIT(KIB(1));
	struct json_out j = json_out(&none);
	struct matrix_cell c = {.product_id = TEXT("p1"), .environment_id = TEXT("e1")};
	matrix_table_init(&empty, NULL, 0);
	matrix_table_cell(&empty, &c);
	assert_true(matrix_table_put(&empty, &j));
	assert_int_equal(none.n, 0);
	matrix_table_done(&empty);
}

static void what_is_too_large_is_said(void **state)
{
	(void)state;
	struct matrix_table t;
	buf_auto out = BUF_INIT(KIB(1));
	struct json_out j = json_out(&out);
	matrix_table_init(&t, COLUMNS, 3);
	t.rendered.cap = 8;
	matrix_table_row(&t, TEXT("p1"), TEXT("a"));
	matrix_table_cell(&t, &(struct matrix_cell){.product_id = TEXT("p1"), .environment_id = TEXT("e1")});
	assert_false(matrix_table_put(&t, &j));
	matrix_table_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_order_of_cells_does_not_matter),
		cmocka_unit_test(nothing_gives_no_rows),
		cmocka_unit_test(what_is_too_large_is_said),
	};
	return cmocka_run_group_tests_name("matrix_table", tests, NULL, NULL);
}
