/* Statements, their parameters and columns; failure that sticks; transactions and their parts. */
#include "place.h"

#include <signal.h>
#include <sys/wait.h>

SQL_STATEMENT(backwards, "SELECT $2 AS second, $1 AS first, $2 AS again");
SQL_STATEMENT(find_item, "SELECT id, note, length(note) AS bytes FROM item WHERE id = $1");
SQL_STATEMENT(all_items, "SELECT id, note FROM item ORDER BY id");
SQL_STATEMENT(some_items, "SELECT id FROM item WHERE id >= $1 ORDER BY id");
SQL_STATEMENT(update_items, "UPDATE item SET note = $2 WHERE id >= $1");
SQL_STATEMENT(upsert_item, "INSERT INTO item (id, note) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET note = excluded.note "
						   "RETURNING id, note");
SQL_STATEMENT(ignore_item, "INSERT INTO item (id, note) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING");
SQL_STATEMENT(wrong_table, "SELECT 1 FROM no_such_table");
SQL_STATEMENT(two_in_one, "SELECT 1; SELECT 2");
SQL_STATEMENT(question_mark, "SELECT ?");

static void registers_every_statement_once(void **state)
{
	size_t count;
	bool found = false;

	(void)state;
	struct sql *all = db_statements(&count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(all[i].index, i);
		found |= &all[i] == &backwards;
	}
	assert_true(found);
}

static void binds_by_number_not_by_appearance(void **state)
{
	struct db *db = place_with_items(*state);
	struct rows r;

	for (int64_t i = 0; i < 3; i++) {
		assert_int_equal(db_select(db, &r, &backwards, P_INT(i), P_CSTR("two")), RC_OK);
		assert_true(rows_next(&r));
		assert_int_equal(row_int(&r, "first"), i);
		assert_true(text_is(row_text(&r, "second"), "two"));
		assert_true(text_is(row_text(&r, "again"), "two"));
		assert_false(rows_next(&r));
		assert_false(rows_next(&r));
		assert_int_equal(rows_done(&r), RC_OK);
	}
	db_close(db);
}

static void keeps_values_as_they_are(void **state)
{
	static const struct {
		int64_t id;
		struct text note;
	} items[] = {
		{INT64_MAX, {"plain", 5}},
		{INT64_MIN, {"nul\0inside", 10}},
		{-1, {"", 0}},
		{0, {NULL, 0}},
		{9007199254740993, {"1e3", 3}},
		{7, {"\xc3\xa9\xf0\x9f\x9a\x80", 6}},
	};
	struct db *db = place_with_items(*state);
	struct rows r;

	for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
		/* PostgreSQL has no such texts: refused, and not cut. */
		bool has_nul = items[i].note.n && memchr(items[i].note.p, '\0', items[i].note.n);
		enum rc expected = has_nul && engine_url() ? RC_INVALID : RC_OK;
		assert_int_equal(db_exec(db, &insert_item, P_INT(items[i].id), P_TEXT(items[i].note)), expected);
		if (expected != RC_OK) continue;
		db_select(db, &r, &find_item, P_INT(items[i].id));
		assert_true(rows_next(&r));
		assert_int_equal(row_int(&r, "id"), items[i].id);
		assert_true(text_equal(row_text(&r, "note"), items[i].note));
		assert_int_equal(row_null(&r, "note"), items[i].note.p == NULL);
		assert_int_equal(rows_done(&r), RC_OK);
	}
	db_close(db);
}

static void null_has_a_value_for_each_kind(void **state)
{
	struct db *db = place_with_items(*state);
	struct rows r;

	db_select(db, &r, &backwards, P_TIME(TIME_NONE), P_TEXT(TEXT_ABSENT));
	assert_true(rows_next(&r));
	assert_int_equal(row_time(&r, "first"), TIME_NONE);
	assert_int_equal(row_int(&r, "first"), 0);
	assert_null(row_text(&r, "second").p);
	assert_int_equal(rows_done(&r), RC_OK);
	db_close(db);
}

static void finds_columns_in_any_order(void **state)
{
	static const char *const orders[][3] = {{"id", "note", "bytes"}, {"bytes", "note", "id"}, {"note", "note", "id"}};
	struct db *db = place_with_items(*state);
	struct rows r;

	assert_int_equal(db_exec(db, &insert_item, P_INT(42), P_CSTR("four")), RC_OK);
	for (size_t i = 0; i < 3; i++) {
		db_select(db, &r, &find_item, P_INT(42));
		assert_true(rows_next(&r));
		for (size_t j = 0; j < 3; j++) {
			const char *column = orders[i][j];
			if (strcmp(column, "id") == 0) assert_int_equal(row_int(&r, column), 42);
			if (strcmp(column, "note") == 0) assert_true(text_is(row_text(&r, column), "four"));
			if (strcmp(column, "bytes") == 0) assert_int_equal(row_int(&r, column), 4);
		}
		assert_int_equal(rows_done(&r), RC_OK);
	}
	db_close(db);
}

static void counts_what_was_changed(void **state)
{
	struct db *db = place_with_items(*state);
	uint64_t before = db_changed(db);
	int64_t changed = -1;

	for (int64_t id = 1; id <= 3; id++) assert_int_equal(db_exec(db, &insert_item, P_INT(id), P_NULL), RC_OK);
	assert_int_equal(db_changed(db), before + 3);
	assert_int_equal(db_exec_count(db, &changed, &update_items, P_INT(2), P_CSTR("x")), RC_OK);
	assert_int_equal(changed, 2);
	before = db_changed(db);
	assert_int_equal(db_exec_count(db, &changed, &update_items, P_INT(99), P_CSTR("x")), RC_OK);
	assert_int_equal(changed, 0);
	assert_int_equal(db_exec_count(db, &changed, &ignore_item, P_INT(1), P_CSTR("x")), RC_OK);
	assert_int_equal(changed, 0);
	assert_int_equal(items_in(db), 3);
	assert_int_equal(db_changed(db), before);
	db_close(db);
}

/* Also when nobody reads the row. */
static void returning_writes_and_counts(void **state)
{
	struct db *db = place_with_items(*state);
	struct rows r;

	db_select(db, &r, &upsert_item, P_INT(1), P_CSTR("a"));
	assert_int_equal(rows_done(&r), RC_OK);
	assert_int_equal(items_in(db), 1);
	uint64_t before = db_changed(db);
	db_select(db, &r, &upsert_item, P_INT(1), P_CSTR("b"));
	assert_true(rows_next(&r));
	assert_true(text_is(row_text(&r, "note"), "b"));
	assert_int_equal(rows_done(&r), RC_OK);
	assert_int_equal(db_changed(db), before + 1);
	db_close(db);
}

static void two_results_can_be_read_at_once(void **state)
{
	struct db *db = place_with_items(*state);
	struct rows outer, inner;
	int pairs = 0;

	for (int64_t id = 1; id <= 3; id++) assert_int_equal(db_exec(db, &insert_item, P_INT(id), P_NULL), RC_OK);
	db_select(db, &outer, &all_items);
	while (rows_next(&outer)) {
		db_select(db, &inner, &some_items, P_INT(row_int(&outer, "id")));
		while (rows_next(&inner)) pairs++;
		assert_int_equal(rows_done(&inner), RC_OK);
	}
	assert_int_equal(rows_done(&outer), RC_OK);
	assert_int_equal(pairs, 6);
	db_close(db);
}

/* The index is violated; PostgreSQL says so with the next statement that is waited for. */
static void exec_violates(struct db *db)
{
	struct rows r;

	assert_int_equal(db_exec(db, &insert_item, P_INT(1), P_NULL), engine_url() ? RC_OK : RC_CONFLICT);
	(void)db_select(db, &r, &count_items);
	assert_false(rows_next(&r));
	assert_int_equal(rows_done(&r), RC_CONFLICT);
}

static void failure_sticks_until_the_rollback(void **state)
{
	struct db *db = place_with_items(*state);
	struct rows r;

	assert_int_equal(db_begin(db), RC_OK);
	assert_int_equal(db_exec(db, &insert_item, P_INT(1), P_NULL), RC_OK);
	exec_violates(db);
	assert_int_equal(db_failure(db), RC_CONFLICT);
	assert_int_equal(db_exec(db, &insert_item, P_INT(2), P_NULL), RC_CONFLICT);
	assert_int_equal(db_select(db, &r, &all_items), RC_CONFLICT);
	assert_false(rows_next(&r));
	assert_int_equal(rows_done(&r), RC_CONFLICT);
	assert_int_equal(db_commit(db), RC_CONFLICT);
	assert_false(db_in_transaction(db));
	assert_int_equal(db_failure(db), RC_OK);
	assert_non_null(strcasestr(db_error(db)->text, "unique"));
	assert_non_null(strstr(db_error(db)->text, "place.h:"));
	assert_int_equal(items_in(db), 0);
	db_close(db);
}

static void outside_of_a_transaction_nothing_sticks(void **state)
{
	struct db *db = place_with_items(*state);

	assert_int_equal(db_exec(db, &insert_item, P_INT(1), P_NULL), RC_OK);
	assert_int_equal(db_exec(db, &insert_item, P_INT(1), P_NULL), RC_CONFLICT);
	assert_int_equal(db_exec(db, &insert_item, P_INT(2), P_NULL), RC_OK);
	assert_int_equal(items_in(db), 2);
	db_close(db);
}

static void a_part_can_fail_alone(void **state)
{
	struct db *db = place_with_items(*state);

	assert_int_equal(db_begin(db), RC_OK);
	assert_int_equal(db_exec(db, &insert_item, P_INT(1), P_NULL), RC_OK);
	assert_int_equal(db_savepoint(db), RC_OK);
	assert_int_equal(db_exec(db, &insert_item, P_INT(2), P_NULL), RC_OK);
	exec_violates(db);
	assert_int_equal(db_rollback_to(db), RC_OK);
	assert_int_equal(db_savepoint(db), RC_OK);
	assert_int_equal(db_exec(db, &insert_item, P_INT(3), P_NULL), RC_OK);
	assert_int_equal(db_release(db), RC_OK);
	assert_int_equal(db_commit(db), RC_OK);
	struct rows r;
	int64_t sum = 0;
	db_select(db, &r, &all_items);
	while (rows_next(&r)) sum = sum * 10 + row_int(&r, "id");
	assert_int_equal(rows_done(&r), RC_OK);
	assert_int_equal(sum, 13);
	db_close(db);
}

static void refuses_what_is_no_statement(void **state)
{
	struct db *db = place_with_items(*state);
	static struct sql *const wrong[] = {&wrong_table, &two_in_one, &question_mark};
	struct err err;

	for (size_t i = 0; i < 3; i++) {
		err = (struct err){0};
		assert_int_equal(db_prepare_check(db, wrong[i], &err), RC_FAILED);
		assert_non_null(strstr(err.text, "test_db.c:"));
	}
	if (db_prepare_check(db, &find_item, &err) != RC_OK) fail_msg("%s", err.text);
	assert_int_equal(db_exec(db, &find_item), RC_FAILED); /* a parameter is missing */
	assert_int_equal(db_exec(db, &find_item, P_INT(1), P_INT(2)), RC_FAILED);
	db_close(db);
}

static void close_rolls_back(void **state)
{
	struct db *db = place_with_items(*state);

	assert_int_equal(db_begin(db), RC_OK);
	assert_int_equal(db_exec(db, &insert_item, P_INT(1), P_NULL), RC_OK);
	db_close(db);
	db = place_open(*state, DB_WRITE);
	assert_int_equal(items_in(db), 0);
	db_close(db);
	db_close(NULL);
}

static void an_unknown_engine_is_named_without_its_password(void **state)
{
	struct db *db;
	struct err err = {0};

	(void)state;
	assert_int_equal(db_open("oracle://scott:tiger@host/db", DB_READ, &db, &err), RC_INVALID);
	assert_non_null(strstr(err.text, "oracle"));
	assert_null(strstr(err.text, "tiger"));
}

static void use_an_open_statement(struct db *db)
{
	struct rows one, two;

	db_select(db, &one, &all_items);
	db_select(db, &two, &all_items);
}

static void ask_for_an_unknown_column(struct db *db)
{
	struct rows r;

	db_select(db, &r, &count_items);
	if (rows_next(&r)) (void)row_int(&r, "itmes");
}

static void commit_with_an_open_result(struct db *db)
{
	struct rows r;

	if (db_begin(db) != RC_OK) return;
	db_select(db, &r, &count_items);
	if (db_commit(db) == RC_OK) return;
}

static void mistakes_of_the_program_end_it(void **state)
{
	static void (*const mistakes[])(struct db *) = {use_an_open_statement, ask_for_an_unknown_column, commit_with_an_open_result};

	for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
		int status = 0;
		pid_t child = fork();
		assert_int_not_equal(child, -1);
		if (child == 0) {
			close(STDERR_FILENO);
			signal(SIGABRT, SIG_DFL);
			mistakes[i](place_with_items(*state));
			_exit(0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGABRT);
		place_remove(state);
		assert_int_equal(place_make(state), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_AT_PLACE(registers_every_statement_once),
		TEST_AT_PLACE(binds_by_number_not_by_appearance),
		TEST_AT_PLACE(keeps_values_as_they_are),
		TEST_AT_PLACE(null_has_a_value_for_each_kind),
		TEST_AT_PLACE(finds_columns_in_any_order),
		TEST_AT_PLACE(counts_what_was_changed),
		TEST_AT_PLACE(returning_writes_and_counts),
		TEST_AT_PLACE(two_results_can_be_read_at_once),
		TEST_AT_PLACE(failure_sticks_until_the_rollback),
		TEST_AT_PLACE(outside_of_a_transaction_nothing_sticks),
		TEST_AT_PLACE(a_part_can_fail_alone),
		TEST_AT_PLACE(refuses_what_is_no_statement),
		TEST_AT_PLACE(close_rolls_back),
		TEST_AT_PLACE(mistakes_of_the_program_end_it),
		TEST_AT_PLACE(an_unknown_engine_is_named_without_its_password),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
