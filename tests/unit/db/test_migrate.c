/* Migrations: applied once, in order, all or none; refused when the store and the program disagree. */
#include "place.h"

#include "base/secret.h"
#include "db/migrate.h"

static const struct migration two[] = {
	{1, "first", "CREATE TABLE a (id BIGINT NOT NULL PRIMARY KEY);\nINSERT INTO a (id) VALUES (1);\n"},
	{2, "second",
		"CREATE TABLE b (id BIGINT);\n--sqlite INSERT INTO a (id) VALUES (2);\n--postgresql INSERT INTO a (id) VALUES (3);\n"},
	{0},
};
static const struct migration three[] = {
	{1, "first", "CREATE TABLE a (id BIGINT NOT NULL PRIMARY KEY);\nINSERT INTO a (id) VALUES (1);\n"},
	{2, "second",
		"CREATE TABLE b (id BIGINT);\n--sqlite INSERT INTO a (id) VALUES (2);\n--postgresql INSERT INTO a (id) VALUES (3);\n"},
	{3, "third", "INSERT INTO a (id) VALUES (30)"},
	{0},
};
static const struct migration changed[] = {
	{1, "first", "CREATE TABLE a (id BIGINT NOT NULL PRIMARY KEY);\nINSERT INTO a (id) VALUES (1); \n"},
	{2, "second",
		"CREATE TABLE b (id BIGINT);\n--sqlite INSERT INTO a (id) VALUES (2);\n--postgresql INSERT INTO a (id) VALUES (3);\n"},
	{0},
};
static const struct migration failing[] = {
	{1, "first", "CREATE TABLE a (id BIGINT NOT NULL PRIMARY KEY);\nINSERT INTO a (id) VALUES (1);\n"},
	{2, "broken", "CREATE TABLE c (id BIGINT); INSERT INTO a (id) VALUES (1);"},
	{0},
};

SQL_STATEMENT(read_a, "SELECT id FROM a ORDER BY id");
SQL_STATEMENT(read_record, "SELECT name, applied_at, length(checksum) AS hex FROM schema_migration WHERE number = $1");

/* What the line for one engine put there. */
#define SECOND (engine_url() ? 3 : 2)

/* The digits of table a's rows, one after another. */
static int64_t rows_of_a(struct db *db)
{
	struct rows r;
	int64_t all = 0;

	db_select(db, &r, &read_a);
	while (rows_next(&r)) all = all * 10 + row_int(&r, "id");
	assert_int_equal(rows_done(&r), RC_OK);
	return all;
}

static void require(struct db *db, const struct migration *table, enum rc expected, int expected_applied, const char *sentence)
{
	struct err err = {0};
	int applied = -1;
	enum rc rc = migrate_table(db, table, 1234567, &applied, &err);

	if (rc != expected) fail_msg("rc %d: %s", rc, err.text);
	assert_int_equal(applied, expected_applied);
	if (sentence && !strstr(err.text, sentence)) fail_msg("\"%s\" is not in: %s", sentence, err.text);
	assert_false(db_in_transaction(db));
}

static int current(struct db *db)
{
	struct err err = {0};
	int number = -1;

	if (migrate_current(db, &number, &err) != RC_OK) fail_msg("%s", err.text);
	return number;
}

static void applies_and_records(void **state)
{
	struct db *db = place_open(*state, DB_WRITE);
	struct rows r;

	assert_int_equal(current(db), 0);
	require(db, two, RC_OK, 2, NULL);
	assert_int_equal(current(db), 2);
	assert_int_equal(rows_of_a(db), 10 + SECOND);
	db_select(db, &r, &read_record, P_INT(2));
	assert_true(rows_next(&r));
	assert_true(text_is(row_text(&r, "name"), "second"));
	assert_int_equal(row_time(&r, "applied_at"), 1234567);
	assert_int_equal(row_int(&r, "hex"), DIGEST_HEX_SIZE - 1);
	assert_int_equal(rows_done(&r), RC_OK);
	db_close(db);
}

static void applies_only_what_is_new(void **state)
{
	struct db *db = place_open(*state, DB_WRITE);

	require(db, two, RC_OK, 2, NULL);
	require(db, two, RC_OK, 0, NULL);
	require(db, three, RC_OK, 1, NULL);
	assert_int_equal(rows_of_a(db), (10 + SECOND) * 10 + 30);
	assert_int_equal(current(db), 3);
	db_close(db);
}

static void refuses_a_newer_store(void **state)
{
	struct db *db = place_open(*state, DB_WRITE);

	require(db, three, RC_OK, 3, NULL);
	require(db, two, RC_INVALID, -1, "has schema 3");
	db_close(db);
}

static void refuses_an_edited_migration(void **state)
{
	struct db *db = place_open(*state, DB_WRITE);

	require(db, two, RC_OK, 2, NULL);
	require(db, changed, RC_INVALID, -1, "0001_first");
	db_close(db);
}

static void a_failing_migration_leaves_nothing(void **state)
{
	struct db *db = place_open(*state, DB_WRITE);
	bool there = true;

	require(db, failing, RC_CONFLICT, -1, "0002_broken: ");
	assert_int_equal(current(db), 0);
	assert_int_equal(db_has_table(db, "a", &there, NULL), RC_OK);
	assert_false(there);
	require(db, two, RC_OK, 2, NULL);
	db_close(db);
}

static void a_reader_sees_the_number(void **state)
{
	struct db *db = place_open(*state, DB_WRITE);
	struct db *reader = place_open(*state, DB_READ);

	assert_int_equal(current(reader), 0);
	require(db, two, RC_OK, 2, NULL);
	assert_int_equal(current(reader), 2);
	db_close(reader);
	db_close(db);
}

/* The product's own. */
static void the_embedded_ones_make_a_sound_store(void **state)
{
	struct db *db = place_open(*state, DB_WRITE);
	buf_auto problems = BUF_INIT(10000);
	struct err err = {0};
	int applied = 0;

	if (migrate(db, 1, &applied, &err) != RC_OK) fail_msg("%s", err.text);
	assert_int_equal(applied, migrate_newest());
	assert_int_equal(current(db), migrate_newest());
	for (int i = 0; i < migrate_newest(); i++) assert_int_equal(MIGRATIONS[i].number, i + 1);
	assert_int_equal(db_integrity(db, &problems, &err), RC_OK);
	assert_int_equal(problems.n, 0);
	db_close(db);
}

static int start(void **state)
{
	struct err err;

	(void)state;
	return secret_init(&err) == RC_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_AT_PLACE(applies_and_records),
		TEST_AT_PLACE(applies_only_what_is_new),
		TEST_AT_PLACE(refuses_a_newer_store),
		TEST_AT_PLACE(refuses_an_edited_migration),
		TEST_AT_PLACE(a_failing_migration_leaves_nothing),
		TEST_AT_PLACE(a_reader_sees_the_number),
		TEST_AT_PLACE(the_embedded_ones_make_a_sound_store),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
