/* Transactions of several processes on PostgreSQL: locks that are not waited for, fights that nobody sees, and who comes first. */
#include <pthread.h>

#include "db/db_driver.h"
#include "db/migrate.h"
#include "item_job.h"

SQL_STATEMENT(find_item, "SELECT id, note, length(note) AS characters FROM item WHERE id = $1");
SQL_STATEMENT(set_note, "UPDATE item SET note = $2 WHERE id = $1");

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_AT_PLACE(a_lock_that_may_never_come_is_not_waited_for),
		TEST_AT_PLACE(a_job_that_must_wait_is_put_off),
		TEST_AT_PLACE(a_deadlock_is_nobodys_failure),
		TEST_AT_PLACE(a_race_for_a_name_has_no_loser),
		TEST_AT_PLACE(a_failure_found_by_commit_is_its_jobs_own),
		TEST_AT_PLACE(servers_that_start_at_once_migrate_once),
	};
	return RUN_POSTGRESQL_TESTS(tests);
}
