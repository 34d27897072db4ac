/* Reading from a replica: while it is there, not while it is away or has another schema, and again from the primary what it failed. The replica
 * is the same database under another name; a real one stands in the tests from outside. */
#include <stdatomic.h>

#include "base/clock.h"
#include "cut.h"
#include "db/migrate.h"
#include "db/postgresql.h"
#include "db/readers.h"
#include "place.h"

enum { PATIENCE_US = 20000000 };
#define REPLICA "the_replica"

SQL_STATEMENT(who_reads, "SELECT current_setting('application_name') AS name");
SQL_STATEMENT(fail_there, "SELECT fail_there() AS nothing");

struct read {
	struct reader_job job;
	struct sql *before; /* run first; NULL: nothing */
	const char *end_name; /* connections of this name are ended before the read */
	bool from_replica;
	int runs, told;
	enum rc outcome, failure;
	atomic_bool done;
};

static void read_run(struct reader_job *base, struct db *db)
{
	struct read *read = (struct read *)base;
	struct rows r;

	read->runs++;
	if (read->end_name && read->runs == 1) {
		db_select(db, &r, &who_reads); /* the transaction has begun there */
		read->failure = rows_done(&r);
		assert_int_equal(
			engine_script("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '%s'", read->end_name),
			0);
	}
	if (read->before) {
		db_select(db, &r, read->before);
		read->failure = rows_done(&r);
	}
	db_select(db, &r, &who_reads);
	if (rows_next(&r)) read->from_replica = text_is(row_text(&r, "name"), REPLICA);
	read->failure = rows_done(&r);
}

static void read_done(struct reader_job *base, enum rc outcome)
{
	struct read *read = (struct read *)base;
	read->told++;
	read->outcome = outcome;
	atomic_store(&read->done, true);
}

static void read_with(struct reader_pool *p, struct read *read)
{
	read->job.run = read_run;
	read->job.done = read_done;
	assert_int_equal(readers_submit(p, &read->job), RC_OK);
	for (int64_t until = clock_monotonic() + PATIENCE_US; !atomic_load(&read->done); usleep(500))
		assert_true(clock_monotonic() < until);
	assert_int_equal(read->told, 1);
	assert_int_equal(read->outcome, RC_OK);
	assert_int_equal(read->failure, RC_OK);
}

static bool reads_from_replica(struct reader_pool *p)
{
	struct read read = {0};
	read_with(p, &read);
	assert_in_range(read.runs, 1, 2);
	return read.from_replica;
}

static void wait_until_reading_from(struct reader_pool *p, bool replica)
{
	for (int64_t until = clock_monotonic() + PATIENCE_US; reads_from_replica(p) != replica; usleep(20000))
		assert_true(clock_monotonic() < until);
}

static void migrate_place(const struct place *place)
{
	struct db *db = place_open(place, DB_WRITE);
	struct err err = {0};
	int applied;
	if (migrate(db, 1, &applied, &err) != RC_OK) fail_msg("%s", err.text);
	db_close(db);
}

static struct reader_pool *pool_with(const struct place *place, const char *replica, size_t threads)
{
	static char location[ENGINE_LOCATION_SIZE + 64];
	struct reader_pool *p = NULL;
	struct err err = {0};

	snprintf(location, sizeof location, "%s&application_name=" REPLICA, replica);
	const struct reader_options o = {.location = place->path, .replica = location, .threads = threads, .queue_jobs = 100};
	if (readers_start(&o, &p, &err) != RC_OK) fail_msg("%s", err.text);
	return p;
}

static void a_replica_that_is_there_is_read(void **state)
{
	const struct place *place = *state;
	migrate_place(place);
	struct reader_pool *p = pool_with(place, place->path, 1);

	wait_until_reading_from(p, true);
	for (int i = 0; i < 20; i++) assert_true(reads_from_replica(p));
	struct read current = {.job.current = true};
	read_with(p, &current);
	assert_false(current.from_replica);
	struct read bare = {.job.bare = true};
	read_with(p, &bare);
	assert_false(bare.from_replica);
	struct reader_stats s = readers_stats(p);
	assert_true(s.has_replica && s.replica_here);
	assert_true(s.from_replica >= 20);
	assert_int_equal(s.repeated, 0);
	readers_stop(p);
}

static void one_that_is_away_is_neither_waited_for_nor_forgotten(void **state)
{
	const struct place *place = *state;
	struct place behind = *place;
	struct wire *wire = wire_between(&behind);
	migrate_place(place);
	atomic_store(&wire->cut, CUT_ALL);
	struct reader_pool *p = pool_with(place, behind.path, 2);

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 20; i++) assert_false(reads_from_replica(p));
		assert_false(readers_stats(p).replica_here);
		atomic_store(&wire->cut, CUT_NEVER);
		wait_until_reading_from(p, true);
		assert_true(readers_stats(p).replica_here);
		atomic_store(&wire->cut, CUT_ALL);
		wait_until_reading_from(p, false);
	}
	readers_stop(p);
	wire_end(wire);
}

static void another_schema_is_not_read(void **state)
{
	const struct place *place = *state;
	void *other_state = NULL;
	assert_int_equal(place_make(&other_state), 0);
	migrate_place(place);
	struct reader_pool *p = pool_with(place, ((struct place *)other_state)->path, 1);

	for (int i = 0; i < 20; i++) assert_false(reads_from_replica(p));
	migrate_place(other_state); /* it has caught up */
	wait_until_reading_from(p, true);
	readers_stop(p);
	assert_int_equal(place_remove(&other_state), 0);
}

/* As recovery does it to a query that stands in its way. */
static void make_fail(const struct place *place, const char *how)
{
	char script[600];
	struct db *db = place_open(place, DB_WRITE);
	struct err err = {0};

	snprintf(script, sizeof script,
		"CREATE FUNCTION fail_there() RETURNS bigint LANGUAGE plpgsql AS $f$ BEGIN "
		"IF current_setting('application_name') = '" REPLICA "' THEN %s; END IF; RETURN 1; END $f$",
		how);
	if (db_script(db, script, &err) != RC_OK) fail_msg("%s", err.text);
	db_close(db);
}

static void what_a_replica_cancels_is_read_from_the_primary(void **state)
{
	const struct place *place = *state;
	migrate_place(place);
	make_fail(place, "RAISE SQLSTATE '40001' USING MESSAGE = 'canceling statement due to conflict with recovery'");
	struct reader_pool *p = pool_with(place, place->path, 1);

	wait_until_reading_from(p, true);
	struct read read = {.before = &fail_there};
	read_with(p, &read);
	assert_false(read.from_replica);
	assert_int_equal(read.runs, 2);
	assert_int_equal(readers_stats(p).repeated, 1);
	assert_true(reads_from_replica(p)); /* the next one is its own again */
	readers_stop(p);
}

static void what_a_replica_cannot_run_is_read_from_the_primary(void **state)
{
	const struct place *place = *state;
	migrate_place(place);
	make_fail(place, "RAISE SQLSTATE '42P01' USING MESSAGE = 'no such table'");
	struct reader_pool *p = pool_with(place, place->path, 1);

	wait_until_reading_from(p, true);
	struct read read = {.before = &fail_there};
	read_with(p, &read);
	assert_false(read.from_replica);
	assert_int_equal(read.runs, 2);
	assert_false(readers_stats(p).replica_here); /* something is wrong with it */
	wait_until_reading_from(p, true);
	readers_stop(p);
}

static void a_read_survives_the_loss_of_its_replica(void **state)
{
	const struct place *place = *state;
	migrate_place(place);
	struct reader_pool *p = pool_with(place, place->path, 1);

	wait_until_reading_from(p, true);
	struct read read = {.end_name = REPLICA};
	read_with(p, &read);
	assert_false(read.from_replica);
	assert_int_equal(read.runs, 2);
	wait_until_reading_from(p, true);
	readers_stop(p);
}

static void a_wrong_address_is_refused(void **state)
{
	const struct place *place = *state;
	struct reader_pool *p = NULL;
	struct err err = {0};
	static const char *const WRONG[] = {"postgresql://user:clan@destine@host/x", "postgresql://host/x?no_such_word=1", "/a/file"};

	for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
		const struct reader_options o = {.location = place->path, .replica = WRONG[i], .threads = 1, .queue_jobs = 1};
		assert_int_equal(readers_start(&o, &p, &err), RC_INVALID);
		assert_null(strstr(err.text, "destine"));
	}
	assert_null(p);
}

/* Of several hosts each connection takes the kind that it needs; what the URI says wins. */
static void each_mode_has_its_server(void **state)
{
	(void)state;
	static const struct {
		const char *uri, *wanted[3];
	} ROWS[] = {
		{"postgresql://one/x", {[DB_READ] = NULL, [DB_WRITE] = "read-write", [DB_READ_REPLICA] = NULL}},
		{"postgresql://one,two/x", {[DB_READ] = "primary", [DB_WRITE] = "read-write", [DB_READ_REPLICA] = "standby"}},
		{"postgresql://one,two/x?target_session_attrs=prefer-standby",
			{[DB_READ] = "prefer-standby", [DB_WRITE] = "prefer-standby", [DB_READ_REPLICA] = "prefer-standby"}},
	};

	for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
		for (int mode = 0; mode < 3; mode++) {
			struct postgresql_location l;
			const char *found = NULL;
			assert_int_equal(postgresql_location_read(ROWS[i].uri, mode, &l, NULL), RC_OK);
			for (size_t k = 0; k < l.count; k++)
				if (strcmp(l.keywords[k], "target_session_attrs") == 0) found = l.values[k];
			assert_string_equal(found ? found : "none", ROWS[i].wanted[mode] ? ROWS[i].wanted[mode] : "none");
			postgresql_location_done(&l);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_AT_PLACE(a_replica_that_is_there_is_read),
		TEST_AT_PLACE(one_that_is_away_is_neither_waited_for_nor_forgotten),
		TEST_AT_PLACE(another_schema_is_not_read),
		TEST_AT_PLACE(what_a_replica_cancels_is_read_from_the_primary),
		TEST_AT_PLACE(what_a_replica_cannot_run_is_read_from_the_primary),
		TEST_AT_PLACE(a_read_survives_the_loss_of_its_replica),
		TEST_AT_PLACE(a_wrong_address_is_refused),
		cmocka_unit_test(each_mode_has_its_server),
	};
	return RUN_POSTGRESQL_TESTS(tests);
}
