/* The list of all tables against the real schema: what a migration adds and this list does not know would be lost by export
 * and import. Then rows of each table, in and out. */
#include <sqlite3.h>

#include "../fresh_store.h"
#include "store/dump.h"

/* What is not exported, and why. A column of a table, or all of it. */
static const struct {
	const char *table, *column;
} LEFT_OUT[] = {
	{"schema_migration", NULL}, /* each store records its own */
	{"revision", NULL}, /* numbers that the processes on one store compare */
	{"import_progress", NULL}, /* of an import into this store */
	{"app_user", "revision"}, /* as above */
	{"session", "revision"},
	{"personal_token", "revision"},
	{"notification_lane", "owner"}, /* a server process on this store */
	{"notification_lane", "lease_until"},
};

static bool is_left_out(const char *table, const char *column)
{
	for (size_t i = 0; i < COUNT_OF(LEFT_OUT); i++)
		if (!strcmp(table, LEFT_OUT[i].table) && (!LEFT_OUT[i].column || (column && !strcmp(column, LEFT_OUT[i].column))))
			return true;
	return false;
}

/* ---- the schema ---- */

static sqlite3 *open_raw(struct fresh_store *s)
{
	sqlite3 *h = NULL;
	assert_int_equal(sqlite3_open_v2(s->path, &h, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	return h;
}

static const char *column_text(sqlite3_stmt *stmt, int i)
{
	const unsigned char *p = sqlite3_column_text(stmt, i);
	return p ? (const char *)p : "";
}

/* stmt stands on a row of "name, type, notnull, default, place in the key". */
static void compare_column(const struct dump_table *t, size_t i, sqlite3_stmt *stmt)
{
	const char *name = column_text(stmt, 0);
	if (i >= t->count || strcmp(t->columns[i].name, name) != 0)
		fail_msg("%s.%s is not in dump_tables.c, or at another place", t->name, name);
	const struct dump_column *c = &t->columns[i];
	assert_string_equal(c->kind == PARAM_INT ? "BIGINT" : "TEXT", column_text(stmt, 1));
	enum dump_default expected = !sqlite3_column_int(stmt, 2) ? NULLABLE : *column_text(stmt, 3) ? ZERO : NEEDED;
	if (c->standard != expected) fail_msg("%s.%s: null and default are not what the schema says", t->name, name);
	if (c->standard == ZERO) assert_string_equal(column_text(stmt, 3), "0");
	assert_int_equal(sqlite3_column_int(stmt, 4), i < t->keys ? (int)i + 1 : 0);
}

static void compare_table(sqlite3 *h, const char *name)
{
	const struct dump_table *t = dump_table_find(text_from(name));
	sqlite3_stmt *stmt;
	size_t i = 0;
	if (!t) fail_msg("the table %s is not in dump_tables.c", name);
	assert_int_equal(
		sqlite3_prepare_v2(h, "SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info(?)", -1, &stmt, NULL),
		SQLITE_OK);
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		if (!is_left_out(name, column_text(stmt, 0))) compare_column(t, i++, stmt);
	assert_int_equal(i, t->count);
	assert_true(t->count <= DUMP_COLUMNS && t->keys <= DUMP_KEYS);
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
}

static void every_table_and_column_is_listed(void **state)
{
	ONLY_ON_SQLITE("one schema is enough");
	sqlite3 *h = open_raw(*state);
	sqlite3_stmt *stmt;
	size_t tables = 0;
	assert_int_equal(sqlite3_prepare_v2(
						 h, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'", -1, &stmt, NULL),
		SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		if (is_left_out(column_text(stmt, 0), NULL)) continue;
		compare_table(h, column_text(stmt, 0));
		tables++;
	}
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
	assert_int_equal(tables, DUMP_TABLE_COUNT);
	sqlite3_close(h);
}

/* ---- rows ---- */

enum { ROWS = 700 };

/* A row of any table: keys that grow with n, texts of all kinds. The texts live in the arena. */
static void make_row(struct arena *a, const struct dump_table *t, int n, struct param *row)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct dump_column *c = &t->columns[i];
		if (c->standard == NULLABLE && (n + (int)i) % 3 == 0)
			row[i] = P_NULL;
		else if (c->kind == PARAM_INT)
			row[i] = P_INT(i == 0 ? 1 + (t->keys == 1 || n >= ROWS / 2 ? n : 0) : n * INT64_C(1000003) - 5);
		else
			row[i] = P_CSTR(arena_printf(a, "%05d-%s \"é\\\n😀", n, c->name));
	}
}

struct comparing {
	struct arena *arena;
	int seen;
};

static enum rc compare_row(void *context, const struct dump_table *t, const struct param *row)
{
	struct comparing *c = context;
	struct param expected[DUMP_COLUMNS];
	make_row(c->arena, t, c->seen++, expected);
	for (size_t i = 0; i < t->count; i++) {
		assert_int_equal(row[i].kind, expected[i].kind);
		if (row[i].kind == PARAM_INT) assert_int_equal(row[i].integer, expected[i].integer);
		if (row[i].kind == PARAM_TEXT) assert_true(text_equal(row[i].text, expected[i].text));
	}
	return RC_OK;
}

/* More rows than the first page has, in another order than that of their keys. */
static void fill(struct fresh_store *s, const struct dump_table *t)
{
	struct param row[DUMP_COLUMNS];
	assert_ok(db_begin(s->db));
	for (int n = 0; n < ROWS; n++) {
		make_row(s->arena, t, n * 3 % ROWS, row);
		assert_ok(dump_insert(s->db, t, row));
	}
	assert_ok(db_commit(s->db));
}

static void rows_of_every_table_come_back_in_the_order_of_their_keys(void **state)
{
	struct fresh_store *s = *state;
	for (size_t i = 0; i < DUMP_TABLE_COUNT; i++) {
		struct comparing c = {.arena = s->arena};
		int64_t counted = 0;
		fill(s, &DUMP_TABLES[i]);
		assert_ok(dump_read(s->db, &DUMP_TABLES[i], compare_row, &c));
		assert_int_equal(c.seen, ROWS);
		assert_ok(dump_count(s->db, &DUMP_TABLES[i], &counted));
		assert_int_equal(counted, ROWS);
	}
}

static enum rc refuse_second(void *context, const struct dump_table *t, const struct param *row)
{
	(void)t, (void)row;
	return ++*(int *)context == 2 ? RC_DENIED : RC_OK;
}

static void a_reader_may_end_it(void **state)
{
	struct fresh_store *s = *state;
	int seen = 0;
	const struct dump_table *t = dump_table_find(TEXT("product"));
	fill(s, t);
	assert_int_equal(dump_read(s->db, t, refuse_second, &seen), RC_DENIED);
	assert_int_equal(seen, 2);
}

static void a_row_goes_in_once(void **state)
{
	struct fresh_store *s = *state;
	struct param row[DUMP_COLUMNS];
	const struct dump_table *t = dump_table_find(TEXT("event"));
	make_row(s->arena, t, 1, row);
	assert_ok(dump_insert(s->db, t, row));
	assert_int_equal(dump_insert(s->db, t, row), RC_CONFLICT);
}

static void only_names_of_tables_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < DUMP_TABLE_COUNT; i++)
		assert_ptr_equal(dump_table_find(text_from(DUMP_TABLES[i].name)), &DUMP_TABLES[i]);
	static const char *const OTHERS[] = {
		"", "Event", "event ", "revision", "schema_migration", "import_progress", "sqlite_schema"};
	for (size_t i = 0; i < COUNT_OF(OTHERS); i++) assert_null(dump_table_find(text_from(OTHERS[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_STORE(every_table_and_column_is_listed),
		cmocka_unit_test_setup_teardown(
			rows_of_every_table_come_back_in_the_order_of_their_keys, empty_store_make, fresh_store_remove),
		TEST_OF_STORE(a_reader_may_end_it),
		TEST_OF_STORE(a_row_goes_in_once),
		cmocka_unit_test(only_names_of_tables_are_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
