/* What PostgreSQL alone does: the pipeline and its late failures, fights between transactions, locks, locations. */
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

/* ---- locks ---- */

static void a_lock_that_may_never_come_is_not_waited_for(void **state)
{
	struct db *db = place_with_items(*state), *other = place_open(*state, DB_WRITE);
	struct rows r;

	assert_int_equal(db_begin(other), RC_OK);
	assert_int_equal(db_lock(other, TEXT("b")), RC_OK);
	assert_int_equal(items_in(other), 0);

	db->lock_waits = false;
	assert_int_equal(db_begin(db), RC_OK);
	assert_int_equal(db_lock(db, TEXT("a")), RC_OK);
	assert_int_equal(db_lock(db, TEXT("a")), RC_OK);
	assert_int_equal(db_exec(db, &insert_item, P_INT(1), P_NULL), RC_OK);
	assert_int_equal(db_lock(db, TEXT("b")), RC_OK);
	(void)db_select(db, &r, &count_items);
	assert_false(rows_next(&r));
	assert_int_equal(rows_done(&r), RC_AGAIN);
	assert_int_equal(db_failure(db), RC_AGAIN);
	assert_true(db_mend(db)); /* it goes on without */
	assert_false(db_mend(db));
	assert_int_equal(items_in(db), 1);
	assert_int_equal(db_commit(db), RC_OK);

	/* The end of the transaction gives it free; a failure of a statement cannot be mended. */
	db_rollback(other);
	assert_int_equal(items_in(other), 1); /* a rollback is not waited for: now it has happened */
	assert_int_equal(db_begin(db), RC_OK);
	assert_int_equal(db_lock(db, TEXT("a")), RC_OK);
	assert_int_equal(db_lock(db, TEXT("b")), RC_OK);
	assert_int_equal(items_in(db), 1);
	assert_int_equal(db_exec(db, &insert_item, P_INT(1), P_NULL), RC_OK);
	(void)db_select(db, &r, &count_items);
	assert_false(rows_next(&r));
	assert_int_equal(rows_done(&r), RC_CONFLICT);
	assert_false(db_mend(db));
	db_rollback(db);
	db_close(other);
	db_close(db);
}

struct locking_job {
	struct item_job item;
	struct text lock;
};

static enum commit_vote lock_and_insert(struct commit_job *base, struct db *db)
{
	struct locking_job *job = (struct locking_job *)base;
	db_lock(db, job->lock);
	return item_apply(base, db);
}

/* The job whose lock is elsewhere does not keep the others waiting, and has its turn. */
static void a_job_that_must_wait_is_put_off(void **state)
{
	struct db *db = place_with_items(*state), *other = place_open(*state, DB_WRITE);
	static const char *const names[] = {"a", "b", "a"};
	struct locking_job jobs[3];
	atomic_int left = 2, last = 2;
	sem_t gate;

	assert_int_equal(db_begin(other), RC_OK);
	assert_int_equal(db_lock(other, TEXT("b")), RC_OK);
	assert_int_equal(items_in(other), 0);
	struct commit_pipeline *p = pipeline(db, 100, 100);
	struct item_job wait = item_job(WAIT, 0, &left);
	sem_init(&gate, 0, 0);
	wait.gate = &gate;
	assert_int_equal(commit_submit(p, &wait.job), RC_OK);
	for (int i = 0; i < 3; i++) {
		jobs[i] = (struct locking_job){.item = item_job(KEEP, i, i == 0 ? &left : &last), .lock = text_from(names[i])};
		jobs[i].item.job.apply = lock_and_insert;
		assert_int_equal(commit_submit(p, &jobs[i].item.job), RC_OK);
	}
	sem_post(&gate);
	await(&left);
	assert_int_equal(items_in(other), 1);
	db_rollback(other);
	await(&last);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(jobs[i].item.outcome, RC_OK);
		assert_int_equal(jobs[i].item.applied, i == 1 ? 2 : 1);
	}
	assert_int_equal(items_in(other), 3);
	assert_int_equal(commit_stats(p).reruns, 0);
	commit_stop(p);
	db_close(other);
	sem_destroy(&gate);
}

/* ---- fights ---- */

struct crossing_job {
	struct commit_job job;
	int64_t first, second;
	pthread_barrier_t *both; /* in the first run: each has its first row before it wants the second */
	int applied;
	enum rc outcome;
	atomic_int *left;
};

static enum commit_vote cross(struct commit_job *base, struct db *db)
{
	struct crossing_job *job = (struct crossing_job *)base;
	int64_t changed;
	db_exec_count(db, &changed, &set_note, P_INT(job->first), P_CSTR("x"));
	if (job->applied++ == 0) pthread_barrier_wait(job->both);
	db_exec_count(db, &changed, &set_note, P_INT(job->second), P_CSTR("y"));
	return db_failure(db) == RC_OK ? COMMIT_KEEP : COMMIT_UNDO;
}

static void crossed(struct commit_job *base, enum rc outcome)
{
	struct crossing_job *job = (struct crossing_job *)base;
	job->outcome = outcome;
	atomic_fetch_sub(job->left, 1);
}

static void a_deadlock_is_nobodys_failure(void **state)
{
	struct db *one = place_with_items(*state), *two = place_open(*state, DB_WRITE), *look = place_open(*state, DB_READ);
	pthread_barrier_t both;
	atomic_int left = 2;
	struct rows r;

	for (int64_t i = 1; i <= 2; i++) assert_int_equal(db_exec(one, &insert_item, P_INT(i), P_NULL), RC_OK);
	pthread_barrier_init(&both, NULL, 2);
	struct commit_pipeline *pipelines[] = {pipeline(one, 10, 10), pipeline(two, 10, 10)};
	struct crossing_job jobs[2];
	for (int i = 0; i < 2; i++) {
		jobs[i] = (struct crossing_job){{.apply = cross, .done = crossed}, 1 + i, 2 - i, &both, 0, RC_FAILED, &left};
		assert_int_equal(commit_submit(pipelines[i], &jobs[i].job), RC_OK);
	}
	await(&left);
	assert_int_equal(jobs[0].outcome, RC_OK);
	assert_int_equal(jobs[1].outcome, RC_OK);
	assert_int_equal(jobs[0].applied + jobs[1].applied, 3);
	db_select(look, &r, &find_item, P_INT(1));
	assert_true(rows_next(&r));
	assert_false(row_null(&r, "note"));
	assert_int_equal(rows_done(&r), RC_OK);
	for (int i = 0; i < 2; i++) commit_stop(pipelines[i]);
	pthread_barrier_destroy(&both);
	db_close(look);
}

/* Looks whether the item is there, and makes it if not: what another process does between the two is not its fault. */
static enum commit_vote make_if_missing(struct commit_job *base, struct db *db)
{
	struct item_job *job = (struct item_job *)base;
	struct rows r;
	job->applied++;
	db_select(db, &r, &find_item, P_INT(job->id));
	bool found = rows_next(&r);
	if (rows_done(&r) != RC_OK) return COMMIT_UNDO;
	if (!found) db_exec(db, &insert_item, P_INT(job->id), P_NULL);
	return COMMIT_KEEP;
}

static void a_race_for_a_name_has_no_loser(void **state)
{
	enum { ITEMS = 200, WRITERS = 3 };
	static struct item_job jobs[WRITERS][ITEMS];
	struct commit_pipeline *pipelines[WRITERS];
	struct db *look = place_with_items(*state);
	atomic_int left = ITEMS * WRITERS;

	for (int w = 0; w < WRITERS; w++) pipelines[w] = pipeline(place_open(*state, DB_WRITE), 1000, 7 + (size_t)w);
	for (int i = 0; i < ITEMS; i++) {
		for (int w = 0; w < WRITERS; w++) {
			jobs[w][i] = item_job(KEEP, i, &left);
			jobs[w][i].job.apply = make_if_missing;
			assert_int_equal(commit_submit(pipelines[w], &jobs[w][i].job), RC_OK);
		}
	}
	await(&left);
	for (int i = 0; i < ITEMS; i++)
		for (int w = 0; w < WRITERS; w++) assert_int_equal(jobs[w][i].outcome, RC_OK);
	assert_int_equal(items_in(look), ITEMS);
	for (int w = 0; w < WRITERS; w++) commit_stop(pipelines[w]);
	db_close(look);
}

/* The last job of a batch, which no other one's select comes after. */
static void a_failure_found_by_commit_is_its_jobs_own(void **state)
{
	struct item_job jobs[5];
	for (int i = 0; i < 5; i++) jobs[i] = item_job(i == 4 ? VIOLATE : KEEP, i + 1, NULL);
	struct commit_stats stats = run_together(*state, jobs, 5, 100);
	require_results(*state, jobs, 5);
	assert_int_equal(stats.batches, 1);
	assert_int_equal(stats.undone, 1);
}

struct starting {
	const struct place *place;
	enum rc rc;
	int applied;
	struct err err;
};

static void *start_server(void *arg)
{
	struct starting *s = arg;
	struct db *db = NULL;
	s->rc = db_open(s->place->path, DB_WRITE, &db, &s->err);
	if (s->rc == RC_OK) s->rc = migrate(db, 1, &s->applied, &s->err);
	db_close(db);
	return NULL;
}

static void servers_that_start_at_once_migrate_once(void **state)
{
	enum { SERVERS = 4 };
	struct starting starting[SERVERS];
	pthread_t threads[SERVERS];
	int applied = 0;

	for (int i = 0; i < SERVERS; i++) {
		starting[i] = (struct starting){.place = *state};
		assert_int_equal(pthread_create(&threads[i], NULL, start_server, &starting[i]), 0);
	}
	for (int i = 0; i < SERVERS; i++) {
		pthread_join(threads[i], NULL);
		if (starting[i].rc != RC_OK) fail_msg("%s", starting[i].err.text);
		applied += starting[i].applied;
	}
	assert_int_equal(applied, migrate_newest());
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
		TEST_AT_PLACE(a_lock_that_may_never_come_is_not_waited_for),
		TEST_AT_PLACE(a_job_that_must_wait_is_put_off),
		TEST_AT_PLACE(a_deadlock_is_nobodys_failure),
		TEST_AT_PLACE(a_race_for_a_name_has_no_loser),
		TEST_AT_PLACE(a_failure_found_by_commit_is_its_jobs_own),
		TEST_AT_PLACE(servers_that_start_at_once_migrate_once),
		TEST_AT_PLACE(no_sentence_tells_a_password),
		TEST_AT_PLACE(takes_the_next_host),
	};
	return start(NULL) == 0 ? RUN_POSTGRESQL_TESTS(tests) : 1;
}
