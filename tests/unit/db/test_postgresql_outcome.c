/* A connection that breaks: what happens before, at and after COMMIT, and while the server is away. */
#include "cut.h"
#include "item_job.h"

SQL_STATEMENT(
	end_others, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()");

#define CREATE_MARKS "CREATE TABLE commit_mark (id TEXT NOT NULL PRIMARY KEY, made_at BIGINT NOT NULL)"

/* A writer with marks, on a wire. */
static struct db *writer_on_wire(struct place *place, struct wire **ret)
{
	struct err err = {0};
	*ret = wire_between(place);
	struct db *db = place_with_items(place);
	if (db_script(db, CREATE_MARKS, &err) != RC_OK) fail_msg("%s", err.text);
	return db;
}

/* As an administrator: by the name that the connections of the place have. */
static void terminate(struct place *place, const char *name)
{
	struct rows r;
	struct db *db = place_open(place, DB_READ);
	db_select(db, &r, &end_others, P_CSTR(name));
	while (rows_next(&r)) continue;
	assert_int_equal(rows_done(&r), RC_OK);
	db_close(db);
	usleep(50000);
}

static struct place named(const struct place *place, const char *name)
{
	struct place named = *place;
	size_t n = strlen(named.path);
	snprintf(named.path + n, sizeof named.path - n, "&application_name=%s", name);
	return named;
}

static void a_connection_cut_while_idle_is_made_anew(void **state)
{
	struct place victim = named(*state, "victim_idle");
	struct db *db = place_with_items(&victim);

	for (int64_t i = 0; i < 3; i++) {
		terminate(*state, "victim_idle");
		assert_int_equal(db_begin(db), RC_OK);
		assert_int_equal(db_exec(db, &insert_item, P_INT(i), P_NULL), RC_OK);
		assert_int_equal(db_commit(db), RC_OK);
	}
	terminate(*state, "victim_idle");
	assert_int_equal(items_in(db), 3); /* without a transaction too */
	db_close(db);
}

static void a_transaction_cut_off_is_lost_and_the_next_one_works(void **state)
{
	struct place victim = named(*state, "victim_busy");
	struct db *db = place_with_items(&victim);
	struct rows r;

	assert_int_equal(db_begin(db), RC_OK);
	assert_int_equal(db_exec(db, &insert_item, P_INT(1), P_NULL), RC_OK);
	assert_int_equal(items_in(db), 1);
	terminate(*state, "victim_busy");
	(void)db_select(db, &r, &count_items);
	assert_false(rows_next(&r));
	assert_int_equal(rows_done(&r), RC_UNAVAILABLE);
	assert_int_equal(db_commit(db), RC_UNAVAILABLE);
	assert_int_equal(db_begin(db), RC_OK);
	assert_int_equal(items_in(db), 0);
	db_rollback(db);

	assert_int_equal(db_begin(db), RC_OK);
	assert_int_equal(db_savepoint(db), RC_OK);
	assert_int_equal(items_in(db), 0);
	terminate(*state, "victim_busy");
	assert_int_equal(db_exec(db, &insert_item, P_INT(1), P_NULL), RC_OK);
	assert_int_equal(db_release(db), RC_UNAVAILABLE);
	assert_int_equal(db_rollback_to(db), RC_UNAVAILABLE);
	db_rollback(db);
	assert_int_equal(items_in(db), 0);
	db_close(db);
}

/* While the server is away a begin fails, and does not wait for a timeout each time; and it works again soon after. */
static void a_server_that_is_away_is_said_at_once(void **state)
{
	struct wire *wire;
	struct db *db = writer_on_wire(*state, &wire);
	int64_t begin = clock_monotonic();
	enum rc rc = RC_UNAVAILABLE;

	atomic_store(&wire->cut, CUT_ALL);
	usleep(50000);
	for (int i = 0; i < 50; i++) assert_int_equal(db_begin(db), RC_UNAVAILABLE);
	assert_true(clock_monotonic() - begin < SECONDS_US(10)); /* the timeout of one attempt is 2 s */
	assert_non_null(strstr(db_error(db)->text, "away"));
	atomic_store(&wire->cut, CUT_NEVER);
	for (int i = 0; rc != RC_OK && i < 500; i++) {
		usleep(10000);
		rc = db_begin(db);
	}
	assert_int_equal(rc, RC_OK);
	assert_int_equal(items_in(db), 0);
	db_close(db);
	wire_end(wire);
}

/* ---- COMMIT ---- */

static const struct {
	enum cut cut;
	enum rc outcome;
	int stored;
} CUTS[] = {
	{CUT_BEFORE_COMMIT, RC_NOT_FOUND, 0},
	{CUT_AFTER_COMMIT, RC_OK, 1},
};

static enum rc outcome(struct db *db)
{
	enum rc rc = RC_UNKNOWN;
	for (int i = 0; rc == RC_UNKNOWN && i < 300; i++) {
		rc = db_commit_outcome(db);
		if (rc == RC_UNKNOWN) usleep(20000);
	}
	return rc;
}

static void what_became_of_a_commit_is_found_out(void **state)
{
	struct wire *wire;
	struct db *db = writer_on_wire(*state, &wire);
	int64_t stored = 0;

	for (int64_t i = 0; i < 6; i++) {
		assert_int_equal(db_begin(db), RC_OK);
		assert_int_equal(db_exec(db, &insert_item, P_INT(i), P_NULL), RC_OK);
		atomic_store(&wire->cut, CUTS[i % 2].cut);
		assert_int_equal(db_commit(db), RC_UNKNOWN);
		assert_int_equal(db_error(db)->rc, RC_UNKNOWN);
		assert_int_equal(outcome(db), CUTS[i % 2].outcome);
		stored += CUTS[i % 2].stored;
		assert_int_equal(items_in(db), stored);
		assert_int_equal(db_commit_outcome(db), RC_FAILED); /* it was answered */
	}
	db_close(db);
	wire_end(wire);
}

/* The connection breaks again while it is asked: what the question itself has left there is not taken for the transaction. */
static void a_question_that_is_cut_off_is_asked_again(void **state)
{
	struct wire *wire;
	struct db *db = writer_on_wire(*state, &wire);
	int64_t stored = 0;

	for (int64_t i = 0; i < 8; i++) {
		assert_int_equal(db_begin(db), RC_OK);
		assert_int_equal(db_exec(db, &insert_item, P_INT(i), P_NULL), RC_OK);
		atomic_store(&wire->cut, CUTS[i % 2].cut);
		assert_int_equal(db_commit(db), RC_UNKNOWN);
		atomic_store(&wire->cut, CUTS[i / 2 % 2].cut);
		for (int again = 0; atomic_load(&wire->cut) != CUT_NEVER && again < 300; again++) {
			assert_int_equal(db_commit_outcome(db), RC_UNKNOWN);
			usleep(20000);
		}
		assert_int_equal(outcome(db), CUTS[i % 2].outcome);
		stored += CUTS[i % 2].stored;
		assert_int_equal(items_in(db), stored);
	}
	db_close(db);
	wire_end(wire);
}

/* The commit is on its way when the connection has long been given up. */
static void a_commit_under_way_is_waited_for(void **state)
{
	struct wire *wire;
	struct db *db = writer_on_wire(*state, &wire), *other = place_open(*state, DB_WRITE);

	/* Its insert waits for the other's, which is not decided. */
	assert_int_equal(db_begin(other), RC_OK);
	assert_int_equal(db_exec(other, &insert_item, P_INT(1), P_NULL), RC_OK);
	assert_int_equal(items_in(other), 1);
	assert_int_equal(db_begin(db), RC_OK);
	atomic_store(&wire->cut, CUT_BEFORE_COMMIT);
	assert_int_equal(db_exec(db, &insert_item, P_INT(2), P_NULL), RC_OK);
	assert_int_equal(db_commit(db), RC_UNKNOWN);
	db_rollback(other);
	assert_int_equal(outcome(db), RC_NOT_FOUND);
	assert_int_equal(items_in(db), 0);
	db_close(other);
	db_close(db);
	wire_end(wire);
}

static void without_marks_it_cannot_be_found_out(void **state)
{
	struct wire *wire = wire_between(*state);
	struct db *db = place_with_items(*state);

	assert_int_equal(db_begin(db), RC_OK);
	assert_int_equal(db_exec(db, &insert_item, P_INT(1), P_NULL), RC_OK);
	atomic_store(&wire->cut, CUT_AFTER_COMMIT);
	assert_int_equal(db_commit(db), RC_UNKNOWN);
	assert_int_equal(outcome(db), RC_FAILED);
	db_close(db);
	wire_end(wire);
}

static void a_commit_of_nothing_is_never_unknown(void **state)
{
	struct wire *wire;
	struct db *db = writer_on_wire(*state, &wire);

	assert_int_equal(db_begin(db), RC_OK);
	assert_int_equal(items_in(db), 0);
	atomic_store(&wire->cut, CUT_AFTER_COMMIT);
	assert_int_equal(db_commit(db), RC_UNAVAILABLE);
	db_close(db);
	wire_end(wire);
}

/* The pipeline tells its jobs the truth, and stores each once. */
static void the_pipeline_finds_out_before_it_tells(void **state)
{
	enum { JOBS = 20 };
	struct wire *wire;
	struct db *db = writer_on_wire(*state, &wire);
	struct item_job jobs[JOBS];
	atomic_int left = JOBS;

	struct commit_pipeline *p = pipeline(db, 1000, 1);
	for (int i = 0; i < JOBS; i++) jobs[i] = item_job(KEEP, i + 1, &left);
	for (int i = 0; i < JOBS; i++) {
		atomic_int one = 1;
		jobs[i].left = &one;
		atomic_store(&wire->cut, CUTS[i % 2].cut);
		assert_int_equal(commit_submit(p, &jobs[i].job), RC_OK);
		await(&one);
		assert_int_equal(jobs[i].applied, CUTS[i % 2].cut == CUT_AFTER_COMMIT ? 1 : 2);
	}
	commit_stop(p);
	require_results(*state, jobs, JOBS);
	wire_end(wire);
}

/* The last mark stays, and no other. */
static void marks_do_not_pile_up(void **state)
{
	struct wire *wire;
	struct db *db = writer_on_wire(*state, &wire);
	struct err err = {0};

	for (int64_t i = 0; i < 5; i++) {
		assert_int_equal(db_begin(db), RC_OK);
		assert_int_equal(db_exec(db, &insert_item, P_INT(i), P_NULL), RC_OK);
		atomic_store(&wire->cut, i < 4 ? (int)CUTS[i % 2].cut : CUT_NEVER);
		assert_int_equal(db_commit(db), i < 4 ? RC_UNKNOWN : RC_OK);
		if (i < 4) (void)outcome(db);
	}
	if (db_script(db, "DO $$ BEGIN IF (SELECT count(*) FROM commit_mark) <> 1 THEN RAISE EXCEPTION 'marks'; END IF; END $$",
			&err) != RC_OK)
		fail_msg("%s", err.text);
	db_close(db);
	wire_end(wire);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_AT_PLACE(a_connection_cut_while_idle_is_made_anew),
		TEST_AT_PLACE(a_transaction_cut_off_is_lost_and_the_next_one_works),
		TEST_AT_PLACE(a_server_that_is_away_is_said_at_once),
		TEST_AT_PLACE(what_became_of_a_commit_is_found_out),
		TEST_AT_PLACE(a_question_that_is_cut_off_is_asked_again),
		TEST_AT_PLACE(a_commit_under_way_is_waited_for),
		TEST_AT_PLACE(without_marks_it_cannot_be_found_out),
		TEST_AT_PLACE(a_commit_of_nothing_is_never_unknown),
		TEST_AT_PLACE(the_pipeline_finds_out_before_it_tells),
		TEST_AT_PLACE(marks_do_not_pile_up),
	};
	return RUN_POSTGRESQL_TESTS(tests);
}
