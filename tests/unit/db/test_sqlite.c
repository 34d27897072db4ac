/* What is particular to SQLite: files, locks, limits, and what its failures are called. */
#include "place.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "db/db_driver.h"

SQL_STATEMENT(count_for_ever, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS most FROM n");
SQL_STATEMENT(quoted_word, "SELECT \"no such column\" FROM item");
SQL_STATEMENT(load_something, "SELECT load_extension('nothing')");
SQL_STATEMENT(ask_sync, "PRAGMA synchronous");
SQL_STATEMENT(insert_without_id, "INSERT INTO item (note) VALUES ($1)");

static void require_mode(const char *path, const char *suffix, mode_t mode)
{
	char name[128];
	struct stat s;

	snprintf(name, sizeof name, "%s%s", path, suffix);
	if (stat(name, &s) != 0) fail_msg("%s is not there", name);
	assert_int_equal(s.st_mode & 0777, mode);
}

static void files_are_for_their_owner(void **state)
{
	const struct place *place = *state;
	mode_t old = umask(0);
	struct db *db = place_with_items(place);

	umask(old);
	require_mode(place->path, "", 0600);
	require_mode(place->path, "-wal", 0600);
	require_mode(place->path, "-shm", 0600);
	db_close(db);
}

/* FULL: a commit returns when the log is on the disk. A kill of the process cannot show it, only a loss of power. */
static void a_commit_waits_for_the_disk(void **state)
{
	struct db *db = place_with_items(*state);
	struct rows r;

	assert_int_equal(db_select(db, &r, &ask_sync), RC_OK);
	assert_true(rows_next(&r));
	assert_int_equal(row_int(&r, "synchronous"), 2);
	assert_int_equal(rows_done(&r), RC_OK);
	db_close(db);
}

static void opening_says_what_is_wrong(void **state)
{
	const struct place *place = *state;
	struct err err = {0};
	struct db *db;

	assert_int_equal(db_open(place->path, DB_READ, &db, &err), RC_UNAVAILABLE);
	assert_non_null(strstr(err.text, place->path));
	assert_int_equal(access(place->path, F_OK), -1);

	assert_int_equal(db_open(place->folder, DB_WRITE, &db, &err), RC_UNAVAILABLE);

	FILE *f = fopen(place->path, "w");
	assert_non_null(f);
	for (int i = 0; i < 1000; i++) fputs("this is a text and no database. ", f);
	fclose(f);
	assert_int_equal(db_open(place->path, DB_WRITE, &db, &err), RC_CORRUPT);
	assert_int_equal(db_open(place->path, DB_READ, &db, &err), RC_CORRUPT);

	assert_int_equal(db_open(":memory:", DB_WRITE, &db, &err), RC_UNAVAILABLE); /* its readers would see nothing */
}

static void a_reader_cannot_write(void **state)
{
	struct db *writer = place_with_items(*state);
	struct db *reader = place_open(*state, DB_READ);

	assert_int_equal(db_exec(reader, &insert_item, P_INT(1), P_NULL), RC_UNAVAILABLE);
	assert_int_equal(items_in(reader), 0);
	db_close(reader);
	db_close(writer);
}

static void a_read_transaction_sees_one_picture(void **state)
{
	struct db *writer = place_with_items(*state);
	struct db *reader = place_open(*state, DB_READ);

	assert_int_equal(db_begin(reader), RC_OK);
	assert_int_equal(items_in(reader), 0);
	assert_int_equal(db_exec(writer, &insert_item, P_INT(1), P_NULL), RC_OK);
	assert_int_equal(items_in(reader), 0);
	db_rollback(reader);
	assert_int_equal(items_in(reader), 1);
	db_close(reader);
	db_close(writer);
}

static void a_lock_held_by_another_is_unavailable(void **state)
{
	struct db *one = place_with_items(*state);
	struct db *two = place_open(*state, DB_WRITE);

	assert_int_equal(db_script(two, "PRAGMA busy_timeout = 20", NULL), RC_OK);
	assert_int_equal(db_begin(one), RC_OK); /* takes the lock without a write */
	assert_int_equal(db_begin(two), RC_UNAVAILABLE);
	assert_false(db_in_transaction(two));
	db_rollback(one);
	assert_int_equal(db_begin(two), RC_OK);
	db_close(two);
	db_close(one);
}

static void a_runaway_read_is_interrupted(void **state)
{
	struct db *writer = place_with_items(*state);
	struct db *reader = place_open(*state, DB_READ);
	struct rows r;

	assert_int_equal(reader->read_limit, SECONDS_US(10));
	reader->read_limit = 20000;
	assert_int_equal(db_begin(reader), RC_OK);
	db_select(reader, &r, &count_for_ever);
	assert_false(rows_next(&r));
	assert_int_equal(rows_done(&r), RC_UNAVAILABLE);
	assert_non_null(strstr(db_error(reader)->text, "too long"));
	db_rollback(reader);
	assert_int_equal(items_in(reader), 0); /* the limit went with its transaction */
	db_close(reader);
	db_close(writer);
}

/* PRAGMA max_page_count makes SQLite say the same as a full disk. */
static void a_full_disk_is_full_and_passes(void **state)
{
	char note[20000];
	struct db *db = place_with_items(*state);
	int64_t id = 0;
	enum rc rc = RC_OK;

	memset(note, 'n', sizeof note);
	assert_int_equal(db_script(db, "PRAGMA max_page_count = 20", NULL), RC_OK);
	assert_int_equal(db_begin(db), RC_OK);
	assert_int_equal(db_savepoint(db), RC_OK);
	for (; rc == RC_OK && id < 100; id++) rc = db_exec(db, &insert_item, P_INT(id), P_TEXT(((struct text){note, sizeof note})));
	assert_int_equal(rc, RC_FULL);
	assert_true(id > 1);
	assert_int_equal(db_exec(db, &insert_item, P_INT(1000), P_NULL), RC_FULL);
	assert_int_equal(db_commit(db), RC_FULL);
	assert_int_equal(items_in(db), 0);

	assert_int_equal(db_script(db, "PRAGMA max_page_count = 2000", NULL), RC_OK);
	assert_int_equal(db_begin(db), RC_OK);
	assert_int_equal(db_exec(db, &insert_item, P_INT(1), P_TEXT(((struct text){note, sizeof note}))), RC_OK);
	assert_int_equal(db_commit(db), RC_OK);
	db_close(db);
}

static void behaves_like_the_other_engine(void **state)
{
	struct db *db = place_with_items(*state);
	struct err err = {0};

	assert_int_equal(db_prepare_check(db, &quoted_word, &err), RC_FAILED);
	assert_int_equal(db_exec(db, &load_something), RC_FAILED);
	assert_int_equal(db_exec(db, &insert_without_id, P_CSTR("x")), RC_FAILED); /* a violated NOT NULL is no conflict */
	assert_string_equal(db_engine_name(db), "sqlite");
	assert_int_equal(db_commit_outcome(db), RC_FAILED);
	assert_int_equal(db_begin(db), RC_OK);
	assert_int_equal(db_lock(db, TEXT("name")), RC_OK);
	assert_int_equal(db_commit(db), RC_OK);
	db_close(db);
}

static void finds_tables(void **state)
{
	struct db *db = place_with_items(*state);
	bool there = false;

	assert_int_equal(db_has_table(db, "item", &there, NULL), RC_OK);
	assert_true(there);
	assert_int_equal(db_has_table(db, "nothing", &there, NULL), RC_OK);
	assert_false(there);
	db_close(db);
}

static void fill(struct db *db, int64_t items)
{
	assert_int_equal(db_begin(db), RC_OK);
	for (int64_t id = 0; id < items; id++) assert_int_equal(db_exec(db, &insert_item, P_INT(id), P_CSTR("some note")), RC_OK);
	assert_int_equal(db_commit(db), RC_OK);
}

static void integrity_finds_damage(void **state)
{
	const struct place *place = *state;
	buf_auto problems = BUF_INIT(100000);
	struct db *db = place_with_items(place);
	char garbage[4096];

	fill(db, 2000);
	assert_int_equal(db_integrity(db, &problems, NULL), RC_OK);
	assert_int_equal(problems.n, 0);
	db_close(db); /* moves the log into the file */

	memset(garbage, 0x5a, sizeof garbage);
	int fd = open(place->path, O_WRONLY);
	assert_int_equal(pwrite(fd, garbage, sizeof garbage, 5 * 4096), sizeof garbage);
	close(fd);
	db = place_open(place, DB_READ);
	assert_int_equal(db_integrity(db, &problems, NULL), RC_OK);
	assert_true(problems.n > 0);
	assert_int_equal(problems.p[problems.n - 1], '\n');
	db_close(db);
}

static void tidying_lets_the_log_begin_anew(void **state)
{
	struct db *db = place_with_items(*state);
	struct db *reader = place_open(*state, DB_READ);
	int64_t waiting = -1;

	fill(db, 5000);
	int64_t pages = db_log_pages(db);
	assert_true(pages > 20);
	assert_int_equal(db_begin(reader), RC_OK);
	assert_int_equal(items_in(reader), 5000);
	assert_int_equal(db_exec(db, &insert_item, P_INT(-1), P_NULL), RC_OK);
	assert_int_equal(db_tidy(db, &waiting), RC_OK);
	assert_true(waiting > 0); /* what the reader must not see yet */
	db_rollback(reader);
	assert_int_equal(db_tidy(db, &waiting), RC_OK);
	assert_int_equal(waiting, 0);
	assert_int_equal(db_exec(db, &insert_item, P_INT(-2), P_NULL), RC_OK);
	assert_in_range(db_log_pages(db), 1, 5);
	db_close(reader);
	db_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_AT_PLACE(files_are_for_their_owner),
		TEST_AT_PLACE(a_commit_waits_for_the_disk),
		TEST_AT_PLACE(opening_says_what_is_wrong),
		TEST_AT_PLACE(a_reader_cannot_write),
		TEST_AT_PLACE(a_read_transaction_sees_one_picture),
		TEST_AT_PLACE(a_lock_held_by_another_is_unavailable),
		TEST_AT_PLACE(a_runaway_read_is_interrupted),
		TEST_AT_PLACE(a_full_disk_is_full_and_passes),
		TEST_AT_PLACE(behaves_like_the_other_engine),
		TEST_AT_PLACE(finds_tables),
		TEST_AT_PLACE(integrity_finds_damage),
		TEST_AT_PLACE(tidying_lets_the_log_begin_anew),
	};
	return RUN_SQLITE_TESTS(tests);
}
