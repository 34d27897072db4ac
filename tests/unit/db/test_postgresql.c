/* What PostgreSQL alone does: the pipeline and its late failures, modes, locations. */
#include <pthread.h>

#include "base/secret.h"
#include "cut.h"
#include "db/db_driver.h"
#include "db/migrate.h"
#include "item_job.h"

SQL_STATEMENT(find_item, "SELECT id, note, length(note) AS characters FROM item WHERE id = $1");
SQL_STATEMENT(set_note, "UPDATE item SET note = $2 WHERE id = $1");
SQL_STATEMENT(
	upsert_item, "INSERT INTO item (id, note) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET note = excluded.note RETURNING id");
SQL_STATEMENT(lock_item, "SELECT id FROM item WHERE id = $1 " SQL_SKIP_LOCKED);
SQL_STATEMENT(sleep_long, "SELECT pg_sleep(30)");
SQL_STATEMENT(kept_on_server, "SELECT count(*) AS n FROM pg_prepared_statements");
SQL_STATEMENT(sync_setting, "SELECT current_setting('synchronous_commit') AS sync");
SQL_STATEMENT(boolean, "SELECT true AS yes, false AS no, 7::smallint AS small, 'word'::varchar AS word");
SQL_STATEMENT(divide, "SELECT 1 / id AS one FROM item WHERE id = $1");

/* ---- the pipeline ---- */

static void a_late_failure_names_its_statement(void **state)
{
	struct db *db = place_with_items(*state);

	assert_int_equal(db_begin(db), RC_OK);
	for (int64_t i = 0; i < 10; i++) assert_int_equal(db_exec(db, &insert_item, P_INT(i % 7), P_NULL), RC_OK);
	assert_int_equal(db_exec(db, &set_note, P_INT(1), P_CSTR("x")), RC_OK);
	assert_int_equal(db_commit(db), RC_CONFLICT);
	assert_non_null(strstr(db_error(db)->text, "place.h:"));
	assert_non_null(strstr(db_error(db)->text, "item_pkey"));
	assert_int_equal(items_in(db), 0);

	/* By the next select, which is not to blame. */
	struct rows r;
	assert_int_equal(db_exec(db, &insert_item, P_INT(0), P_NULL), RC_OK);
	assert_int_equal(db_begin(db), RC_OK);
	assert_int_equal(db_exec(db, &divide, P_INT(0)), RC_OK);
	(void)db_select(db, &r, &find_item, P_INT(0));
	assert_false(rows_next(&r));
	assert_int_equal(rows_done(&r), RC_FAILED);
	assert_non_null(strstr(db_error(db)->text, "test_postgresql.c:"));
	assert_non_null(strstr(db_error(db)->text, "division by zero"));
	db_rollback(db);
	db_close(db);
}

/* A statement that was passed over is prepared anew. */
static void what_was_passed_over_works_afterwards(void **state)
{
	struct db *db = place_with_items(*state);

	for (int i = 0; i < 3; i++) {
		assert_int_equal(db_begin(db), RC_OK);
		assert_int_equal(db_exec(db, &insert_item, P_INT(1), P_NULL), RC_OK);
		assert_int_equal(db_exec(db, &insert_item, P_INT(1), P_NULL), RC_OK);
		assert_int_equal(db_exec(db, &set_note, P_INT(1), P_CSTR("x")), RC_OK);
		assert_int_equal(db_commit(db), RC_CONFLICT);
	}
	assert_int_equal(db_begin(db), RC_OK);
	assert_int_equal(db_exec(db, &insert_item, P_INT(1), P_NULL), RC_OK);
	assert_int_equal(db_exec(db, &set_note, P_INT(1), P_CSTR("y")), RC_OK);
	assert_int_equal(db_commit(db), RC_OK);
	assert_int_equal(items_in(db), 1);
	db_close(db);
}

static void a_part_is_undone_with_what_nobody_waited_for(void **state)
{
	struct db *db = place_with_items(*state);

	assert_int_equal(db_begin(db), RC_OK);
	for (int64_t i = 0; i < 20; i++) {
		assert_int_equal(db_savepoint(db), RC_OK);
		assert_int_equal(db_exec(db, &insert_item, P_INT(i), P_NULL), RC_OK);
		if (i % 4 == 1) assert_int_equal(db_exec(db, &insert_item, P_INT(i), P_NULL), RC_OK);
		if (i % 4 == 0)
			assert_int_equal(db_release(db), RC_OK);
		else if (i % 4 == 3)
			assert_int_equal(db_release(db) == RC_OK ? RC_OK : RC_FAILED, RC_OK);
		else
			assert_int_equal(db_rollback_to(db), RC_OK);
	}
	assert_int_equal(db_savepoint(db), RC_OK);
	assert_int_equal(db_exec(db, &insert_item, P_INT(0), P_NULL), RC_OK);
	assert_int_equal(db_release(db), RC_CONFLICT);
	assert_int_equal(db_rollback_to(db), RC_OK);
	assert_int_equal(db_commit(db), RC_OK);
	assert_int_equal(items_in(db), 10);
	db_close(db);
}

/* What was sent and not waited for counts once, whatever it comes to, and never later. */
static void counts_what_was_sent(void **state)
{
	struct db *db = place_with_items(*state);
	struct rows r;
	int64_t changed = -1;

	assert_int_equal(db_begin(db), RC_OK);
	uint64_t before = db_changed(db);
	assert_int_equal(db_exec(db, &set_note, P_INT(1), P_CSTR("x")), RC_OK);
	assert_int_equal(db_changed(db), before + 1);
	assert_int_equal(items_in(db), 0);
	assert_int_equal(db_changed(db), before + 1);
	assert_int_equal(db_exec_count(db, &changed, &set_note, P_INT(1), P_CSTR("x")), RC_OK);
	assert_int_equal(changed, 0);
	db_select(db, &r, &upsert_item, P_INT(1), P_NULL);
	assert_int_equal(rows_done(&r), RC_OK);
	assert_int_equal(db_changed(db), before + 2);
	db_select(db, &r, &find_item, P_INT(1));
	assert_int_equal(rows_done(&r), RC_OK);
	assert_int_equal(db_changed(db), before + 2);
	db_rollback(db);
	db_close(db);
}

/* More than the sockets hold, in both directions, without anybody waiting. */
static void large_texts_pass_through(void **state)
{
	enum { MEGABYTE = 1 << 20, TEXTS = 24 };
	struct db *db = place_with_items(*state);
	char *note = mem_alloc(MEGABYTE);
	struct rows r;

	for (int i = 0; i < MEGABYTE; i++) note[i] = (char)('a' + i % 26);
	assert_int_equal(db_begin(db), RC_OK);
	for (int64_t i = 0; i < TEXTS; i++)
		assert_int_equal(db_exec(db, &insert_item, P_INT(i), P_TEXT(((struct text){note, MEGABYTE}))), RC_OK);
	assert_int_equal(db_commit(db), RC_OK);
	for (int64_t i = 0; i < TEXTS; i++) {
		db_select(db, &r, &find_item, P_INT(i));
		assert_true(rows_next(&r));
		assert_true(text_equal(row_text(&r, "note"), (struct text){note, MEGABYTE}));
		assert_int_equal(row_int(&r, "characters"), MEGABYTE);
		assert_int_equal(rows_done(&r), RC_OK);
	}
	/* Thousands of answers wait to be read. */
	assert_int_equal(db_begin(db), RC_OK);
	for (int64_t i = 0; i < 20000; i++) assert_int_equal(db_exec(db, &set_note, P_INT(i), P_CSTR("x")), RC_OK);
	assert_int_equal(db_commit(db), RC_OK);
	free(note);
	db_close(db);
}

static void refuses_texts_that_it_could_not_give_back(void **state)
{
	static const struct text texts[] = {{"a\0b", 3}, {"\0", 1}, {"\xff", 1}, {"a\xc3", 2}, {"\xed\xa0\x80", 3}};
	struct db *db = place_with_items(*state);

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		assert_int_equal(db_begin(db), RC_OK);
		(void)db_exec(db, &insert_item, P_INT(1), P_TEXT(texts[i]));
		assert_int_equal(db_commit(db), RC_INVALID);
		assert_non_null(strstr(db_error(db)->text, "place.h:"));
	}
	assert_int_equal(items_in(db), 0);
	db_close(db);
}

static void reads_other_types(void **state)
{
	struct db *db = place_open(*state, DB_READ);
	struct rows r;

	db_select(db, &r, &boolean);
	assert_true(rows_next(&r));
	assert_int_equal(row_int(&r, "yes"), 1);
	assert_int_equal(row_int(&r, "no"), 0);
	assert_int_equal(row_int(&r, "small"), 7);
	assert_true(text_is(row_text(&r, "word"), "word"));
	assert_int_equal(rows_done(&r), RC_OK);
	db_close(db);
}

/* ---- modes ---- */

static void without_prepared_statements_nothing_stays_on_the_server(void **state)
{
	struct place place = *(struct place *)*state;

	/* No pooler is between: a server that is asked itself may keep them. */
	static const char *const SAID[] = {"&versioner_prepared=off", "&versioner_prepared=on", ""};

	for (int said = 0; said < 3; said++) {
		struct rows r;
		int64_t kept = -1;
		struct place other = place;
		strcat(other.path, SAID[said]);
		struct db *db = said == 0 ? place_with_items(&other) : place_open(&other, DB_WRITE);
		for (int64_t i = 0; i < 3; i++) {
			assert_int_equal(db_begin(db), RC_OK);
			assert_int_equal(db_exec(db, &insert_item, P_INT(said * 10 + i), P_CSTR("n")), RC_OK);
			assert_int_equal(items_in(db), said * 3 + i + 1);
			assert_int_equal(db_commit(db), RC_OK);
		}
		db_select(db, &r, &kept_on_server);
		if (rows_next(&r)) kept = row_int(&r, "n");
		assert_int_equal(rows_done(&r), RC_OK);
		assert_int_equal(kept, said == 0 ? 0 : 3); /* insert, count, and this one */
		db_close(db);
	}
}

/* Whatever the server is set up to do. */
static void a_commit_waits_for_the_disk(void **state)
{
	for (int off = 0; off < 2; off++) {
		struct place place = *(struct place *)*state;
		struct rows r;
		strcat(place.path, "%20-csynchronous_commit%3Doff");
		if (off) strcat(place.path, "&versioner_prepared=off");
		struct db *db = place_open(&place, DB_WRITE);
		assert_int_equal(db_begin(db), RC_OK);
		db_select(db, &r, &sync_setting);
		assert_true(rows_next(&r));
		assert_true(text_is(row_text(&r, "sync"), "on"));
		assert_int_equal(rows_done(&r), RC_OK);
		db_close(db);
	}
}

static void a_long_read_is_ended(void **state)
{
	for (int off = 0; off < 2; off++) {
		struct place place = *(struct place *)*state;
		if (off) strcat(place.path, "&versioner_prepared=off");
		struct db *db = place_open(&place, DB_READ);
		struct rows r;
		for (int i = 0; i < 2; i++) {
			db->read_limit = 30000 + i;
			assert_int_equal(db_begin(db), RC_OK);
			(void)db_select(db, &r, &sleep_long);
			assert_false(rows_next(&r));
			assert_int_equal(rows_done(&r), RC_UNAVAILABLE);
			assert_non_null(strstr(db_error(db)->text, "took too long"));
			db_rollback(db);
		}
		db_close(db);
	}
}

static void a_reader_sees_one_picture_and_cannot_write(void **state)
{
	struct db *db = place_with_items(*state), *reader = place_open(*state, DB_READ);

	assert_int_equal(db_begin(reader), RC_OK);
	assert_int_equal(items_in(reader), 0);
	assert_int_equal(db_exec(db, &insert_item, P_INT(1), P_NULL), RC_OK);
	assert_int_equal(items_in(reader), 0);
	db_rollback(reader);
	assert_int_equal(db_begin(reader), RC_OK);
	assert_int_equal(items_in(reader), 1);
	assert_int_equal(db_exec(reader, &insert_item, P_INT(2), P_NULL), RC_OK);
	assert_int_equal(db_commit(reader), RC_UNAVAILABLE);
	assert_int_equal(items_in(reader), 1); /* it has connected again */
	db_close(reader);
	db_close(db);
}

/* As after a failover: the old primary came back as a standby. */
static void a_writer_wants_a_server_that_takes_writes(void **state)
{
	struct place place = *(struct place *)*state;
	struct db *db;
	struct err err = {0};

	strcat(place.path, "%20-cdefault_transaction_read_only%3Don");
	assert_int_equal(db_open(place.path, DB_WRITE, &db, &err), RC_UNAVAILABLE);
	assert_non_null(strstr(err.text, "read-only"));
	assert_int_equal(db_open(place.path, DB_READ, &db, &err), RC_OK);
	db_close(db);
}

static void says_what_it_has_and_has_not(void **state)
{
	struct db *db = place_with_items(*state);
	struct err err = {0};
	buf_auto problems = BUF_INIT(10000);
	bool there = false;
	int64_t waiting = -1;

	assert_string_equal(db_engine_name(db), "postgresql");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(db_has_table(db, "item", &there, &err), RC_OK);
		assert_true(there);
		assert_int_equal(db_has_table(db, "pg_class", &there, &err), RC_OK);
		assert_false(there);
	}
	assert_int_equal(db_integrity(db, &problems, &err), RC_OK);
	assert_int_equal(problems.n, 0);
	assert_int_equal(db_tidy(db, &waiting), RC_OK);
	assert_int_equal(waiting, 0);
	assert_int_equal(db_backup(db, "/nowhere", &err), RC_INVALID);
	assert_non_null(strstr(err.text, "pg_dump"));
	assert_int_equal(db_script(db, "SELECT 1; SELECT nonsense", &err), RC_FAILED);
	assert_int_equal(items_in(db), 0);
	db_close(db);
}

static void what_others_have_locked_is_passed_over(void **state)
{
	struct db *db = place_with_items(*state), *other = place_open(*state, DB_WRITE);
	struct rows r;

	assert_int_equal(db_exec(db, &insert_item, P_INT(1), P_NULL), RC_OK);
	assert_int_equal(db_begin(db), RC_OK);
	assert_int_equal(db_begin(other), RC_OK);
	db_select(db, &r, &lock_item, P_INT(1));
	assert_true(rows_next(&r));
	assert_int_equal(rows_done(&r), RC_OK);
	db_select(other, &r, &lock_item, P_INT(1));
	assert_false(rows_next(&r));
	assert_int_equal(rows_done(&r), RC_OK);
	db_close(other);
	db_close(db);
}

/* ---- locations ---- */

static void no_sentence_tells_a_password(void **state)
{
	static const struct {
		const char *location;
		enum rc rc;
	} locations[] = {
		{"postgresql://u:hunter2@127.0.0.1:1/d", RC_UNAVAILABLE},
		{"postgres://u:hunter2@127.0.0.1:1,127.0.0.1:2/d?target_session_attrs=any", RC_UNAVAILABLE},
		{"postgresql://127.0.0.1:1/d?user=u&password=hunter2", RC_UNAVAILABLE},
		{"postgresql://u:hun%zzhunter2@h/d", RC_INVALID},
		{"postgresql://u:x@hunter2@h/d", RC_INVALID},
		{"postgresql://u:hunter2@h/d?nonsense=hunter2", RC_INVALID},
		{"postgresql://u:hunter2@h/d?versioner_nonsense=hunter2", RC_INVALID},
		{"postgresql://u:hunter2@h:hunter2/d", RC_UNAVAILABLE},
		{"postgresql://u:hunter2@hunter2.invalid/d", RC_UNAVAILABLE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof locations / sizeof *locations; i++) {
		struct db *db = NULL;
		struct err err = {0};
		enum rc rc = db_open(locations[i].location, DB_WRITE, &db, &err);
		char shown[200];
		db_location_shown(locations[i].location, shown, sizeof shown);
		if (i < 3 && strstr(shown, "hunter2")) fail_msg("%s", shown);
		if (rc != locations[i].rc) fail_msg("%s: rc %d, %s", locations[i].location, rc, err.text);
		if (strstr(err.text, "hunter2") || !err.text[0] || strchr(err.text, '\n'))
			fail_msg("%s: %s", locations[i].location, err.text);
	}
}

/* The first host that answers, of several. */
static void takes_the_next_host(void **state)
{
	struct place place = *(struct place *)*state;
	PQconninfoOption *options = options_of(&place);
	char hosts[256];

	snprintf(hosts, sizeof hosts, "&host=127.0.0.1,%s&port=1,%s", option(options, "host", "127.0.0.1"),
		option(options, "port", "5432"));
	PQconninfoFree(options);
	strcat(place.path, hosts);
	struct db *db = place_with_items(&place);
	assert_int_equal(items_in(db), 0);
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
		TEST_AT_PLACE(a_late_failure_names_its_statement),
		TEST_AT_PLACE(what_was_passed_over_works_afterwards),
		TEST_AT_PLACE(a_part_is_undone_with_what_nobody_waited_for),
		TEST_AT_PLACE(counts_what_was_sent),
		TEST_AT_PLACE(large_texts_pass_through),
		TEST_AT_PLACE(refuses_texts_that_it_could_not_give_back),
		TEST_AT_PLACE(reads_other_types),
		TEST_AT_PLACE(without_prepared_statements_nothing_stays_on_the_server),
		TEST_AT_PLACE(a_commit_waits_for_the_disk),
		TEST_AT_PLACE(a_long_read_is_ended),
		TEST_AT_PLACE(a_reader_sees_one_picture_and_cannot_write),
		TEST_AT_PLACE(a_writer_wants_a_server_that_takes_writes),
		TEST_AT_PLACE(says_what_it_has_and_has_not),
		TEST_AT_PLACE(what_others_have_locked_is_passed_over),
		TEST_AT_PLACE(no_sentence_tells_a_password),
		TEST_AT_PLACE(takes_the_next_host),
	};
	return start(NULL) == 0 ? RUN_POSTGRESQL_TESTS(tests) : 1;
}
