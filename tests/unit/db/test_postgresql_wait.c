/* A server that does not answer and ends no connection: how long it is waited for, and what others are told meanwhile. */
#include <signal.h>
#include <sys/wait.h>

#include "cut.h"
#include "db/db_driver.h"
#include "item_job.h"

#define CREATE_MARKS "CREATE TABLE commit_mark (id TEXT NOT NULL PRIMARY KEY, made_at BIGINT NOT NULL)"
SQL_STATEMENT(sleep_a_while, "SELECT pg_sleep(1.5)");

/* The place's connections wait for a second, and go by a wire. */
static struct wire *impatient_wire(struct place *place)
{
	strcat(place->path, "&versioner_timeout=1s");
	return wire_between(place);
}

static struct db *writer_with_marks(struct place *place)
{
	struct err err = {0};
	struct db *db = place_with_items(place);
	if (db_script(db, CREATE_MARKS, &err) != RC_OK) fail_msg("%s", err.text);
	return db;
}

static void begin_soon(struct db *db)
{
	enum rc rc = RC_UNAVAILABLE;
	for (int i = 0; rc != RC_OK && i < 500; i++) {
		rc = db_begin(db);
		if (rc != RC_OK) usleep(10000);
	}
	assert_int_equal(rc, RC_OK);
}

static void require_given_up(struct db *db, int64_t began)
{
	int64_t took = clock_monotonic() - began;
	assert_non_null(strstr(db_error(db)->text, "did not answer"));
	if (took < 900000 || took > SECONDS_US(6)) fail_msg("%lld microseconds", (long long)took);
}

static void ask_in_vain(struct db *db)
{
	struct rows r;
	int64_t began = clock_monotonic();

	(void)db_select(db, &r, &count_items);
	assert_false(rows_next(&r));
	assert_int_equal(rows_done(&r), RC_UNAVAILABLE);
	require_given_up(db, began);
	db_rollback(db);
}

static void a_question_without_an_answer_is_given_up(void **state)
{
	static const enum db_mode modes[] = {DB_WRITE, DB_READ};
	struct wire *wire = impatient_wire(*state);
	struct db *owner = place_with_items(*state);

	for (int i = 0; i < 2; i++) {
		struct db *db = place_open(*state, modes[i]);
		begin_soon(db);
		assert_int_equal(items_in(db), 0);
		atomic_store(&wire->cut, HANG_ALL);
		ask_in_vain(db);
		atomic_store(&wire->cut, CUT_NEVER);
		begin_soon(db);
		assert_int_equal(items_in(db), 0);
		db_close(db);
	}
	db_close(owner);
	wire_end(wire);
}

/* More than the sockets hold. */
static void sending_does_not_block_either(void **state)
{
	enum { MEGABYTE = 1 << 20, TEXTS = 24 };
	struct wire *wire = impatient_wire(*state);
	struct db *db = place_with_items(*state);
	char *note = mem_alloc(MEGABYTE);
	enum rc rc = RC_OK;

	memset(note, 'n', MEGABYTE);
	begin_soon(db);
	assert_int_equal(items_in(db), 0);
	atomic_store(&wire->cut, HANG_ALL);
	int64_t began = clock_monotonic();
	for (int64_t i = 0; rc == RC_OK && i < TEXTS; i++)
		rc = db_exec(db, &insert_item, P_INT(i), P_TEXT(((struct text){note, MEGABYTE})));
	assert_int_equal(rc, RC_UNAVAILABLE);
	require_given_up(db, began);
	db_rollback(db);
	atomic_store(&wire->cut, CUT_NEVER);
	begin_soon(db);
	assert_int_equal(items_in(db), 0);
	free(note);
	db_close(db);
	wire_end(wire);
}

/* Who has heard nothing since another connection was given up does not wait as long himself, and nobody waits again and again. */
static void others_are_told_at_once(void **state)
{
	enum { OTHERS = 3 };
	struct wire *wire = impatient_wire(*state);
	struct db *db = place_with_items(*state), *others[OTHERS];

	for (int i = 0; i < OTHERS; i++) others[i] = place_open(*state, i ? DB_READ : DB_WRITE);
	begin_soon(db);
	atomic_store(&wire->cut, HANG_ALL);
	ask_in_vain(db);
	for (int i = 0; i < OTHERS; i++) assert_int_equal(db_begin(others[i]), RC_UNAVAILABLE);
	int64_t began = clock_monotonic();
	for (int i = 0; i < 100 * OTHERS; i++) assert_int_equal(db_begin(others[i % OTHERS]), RC_UNAVAILABLE);
	assert_true(clock_monotonic() - began < SECONDS_US(1));
	atomic_store(&wire->cut, CUT_NEVER);
	for (int i = 0; i < OTHERS; i++) {
		begin_soon(others[i]);
		assert_int_equal(items_in(others[i]), 0);
		db_close(others[i]);
	}
	db_close(db);
	wire_end(wire);
}

static void a_commit_without_an_answer_is_found_out(void **state)
{
	struct wire *wire = impatient_wire(*state);
	struct db *db = writer_with_marks(*state);
	enum rc rc = RC_UNKNOWN;

	begin_soon(db);
	assert_int_equal(db_exec(db, &insert_item, P_INT(1), P_NULL), RC_OK);
	atomic_store(&wire->cut, HANG_AFTER_COMMIT);
	int64_t began = clock_monotonic();
	assert_int_equal(db_commit(db), RC_UNKNOWN);
	assert_int_equal(db_error(db)->rc, RC_UNKNOWN);
	require_given_up(db, began);
	for (int i = 0; rc == RC_UNKNOWN && i < 300; i++) {
		rc = db_commit_outcome(db);
		if (rc == RC_UNKNOWN) usleep(20000);
	}
	assert_int_equal(rc, RC_OK);
	assert_int_equal(items_in(db), 1);
	db_close(db);
	wire_end(wire);
}

/* The jobs of a batch that hangs are told the truth, each once. */
static void the_pipeline_finds_out(void **state)
{
	enum { JOBS = 3 };
	struct wire *wire = impatient_wire(*state);
	struct db *db = writer_with_marks(*state);
	struct item_job jobs[JOBS];
	atomic_int left = JOBS;

	struct commit_pipeline *p = pipeline(db, 100, 100);
	atomic_store(&wire->cut, HANG_AFTER_COMMIT);
	for (int i = 0; i < JOBS; i++) {
		jobs[i] = item_job(KEEP, i + 1, &left);
		assert_int_equal(commit_submit(p, &jobs[i].job), RC_OK);
	}
	await(&left);
	commit_stop(p);
	require_results(*state, jobs, JOBS);
	wire_end(wire);
}

static void what_takes_long_by_its_nature_is_waited_for(void **state)
{
	struct err err = {0};
	struct rows r;

	strcat(((struct place *)*state)->path, "&versioner_timeout=1s");
	struct db *db = place_with_items(*state);
	assert_int_equal(db_begin(db), RC_OK);
	if (db_script(db, "SELECT pg_sleep(1.5)", &err) != RC_OK) fail_msg("%s", err.text);
	(void)db_select(db, &r, &sleep_a_while);
	assert_true(rows_next(&r));
	assert_int_equal(rows_done(&r), RC_OK); /* in the script's transaction */
	assert_int_equal(db_commit(db), RC_OK);
	db_be_patient(db);
	(void)db_select(db, &r, &sleep_a_while);
	assert_true(rows_next(&r));
	assert_int_equal(rows_done(&r), RC_OK);
	db_close(db);
}

static void *hurry_soon(void *arg)
{
	(void)arg;
	usleep(300000);
	db_hurry(clock_monotonic() + 200000);
	return NULL;
}

static void who_must_end_waits_no_longer(void **state)
{
	struct wire *wire = wire_between(*state);
	struct db *db = place_with_items(*state);
	pthread_t thread;
	struct rows r;

	begin_soon(db);
	atomic_store(&wire->cut, HANG_ALL);
	assert_int_equal(pthread_create(&thread, NULL, hurry_soon, NULL), 0);
	int64_t began = clock_monotonic();
	(void)db_select(db, &r, &count_items);
	assert_false(rows_next(&r));
	assert_int_equal(rows_done(&r), RC_UNAVAILABLE);
	assert_true(clock_monotonic() - began < SECONDS_US(5)); /* otherwise fifteen */
	db_rollback(db);
	pthread_join(thread, NULL);
	db_hurry(INT64_MAX);
	db_close(db);
	wire_end(wire);
}

/* A server that takes connections, says that they are there, and then hangs. */
static void a_session_that_is_never_ready_is_given_up(void **state)
{
	static const char READY[] = "R\0\0\0\x08\0\0\0\0K\0\0\0\x0c\0\0\0\x01\0\0\0\x01Z\0\0\0\x05I";
	struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof here;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	char uri[200], bytes[4096];
	struct err err = {0};
	struct db *db = NULL;

	(void)state;
	assert_int_equal(bind(listener, (struct sockaddr *)&here, sizeof here), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&here, &size), 0);
	snprintf(uri, sizeof uri, "postgresql://u@127.0.0.1:%d/d?sslmode=disable&gssencmode=disable&versioner_timeout=1s",
		ntohs(here.sin_port));
	pid_t child = fork();
	if (child == 0) {
		int client = accept(listener, NULL, NULL);
		if (recv(client, bytes, sizeof bytes, 0) > 0) send(client, READY, sizeof READY - 1, MSG_NOSIGNAL);
		for (;;) pause();
	}
	int64_t began = clock_monotonic();
	assert_int_equal(db_open(uri, DB_READ, &db, &err), RC_UNAVAILABLE);
	assert_true(clock_monotonic() - began < SECONDS_US(6));
	assert_non_null(strstr(err.text, "does not answer"));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(listener);
}

static void a_time_is_whole_seconds(void **state)
{
	static const struct {
		const char *parameter;
		bool good;
	} parameters[] = {
		{"versioner_timeout=1s", true},
		{"versioner_timeout=3600s", true},
		{"versioner_timeout=20s&versioner_prepared=off", true},
		{"versioner_timeout=0s", false},
		{"versioner_timeout=3601s", false},
		{"versioner_timeout=10000s", false},
		{"versioner_timeout=s", false},
		{"versioner_timeout=5", false},
		{"versioner_timeout=-5s", false},
		{"versioner_timeout=", false},
		{"versioner_timeout", false},
	};

	for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
		struct place place = *(struct place *)*state;
		struct db *db = NULL;
		struct err err = {0};
		strcat(strcat(place.path, "&"), parameters[i].parameter);
		enum rc rc = db_open(place.path, DB_READ, &db, &err);
		if (rc != (parameters[i].good ? RC_OK : RC_INVALID)) fail_msg("%s: %s", parameters[i].parameter, err.text);
		db_close(db);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_AT_PLACE(a_question_without_an_answer_is_given_up),
		TEST_AT_PLACE(sending_does_not_block_either),
		TEST_AT_PLACE(others_are_told_at_once),
		TEST_AT_PLACE(a_commit_without_an_answer_is_found_out),
		TEST_AT_PLACE(the_pipeline_finds_out),
		TEST_AT_PLACE(what_takes_long_by_its_nature_is_waited_for),
		TEST_AT_PLACE(who_must_end_waits_no_longer),
		TEST_AT_PLACE(a_session_that_is_never_ready_is_given_up),
		TEST_AT_PLACE(a_time_is_whole_seconds),
	};
	return RUN_POSTGRESQL_TESTS(tests);
}
