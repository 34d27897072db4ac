/* One batch of the pipeline: what is kept, what is undone, who is told what, and what a failing store does. */
#include "item_job.h"

#include <signal.h>
#include <sys/resource.h>

static void good_jobs_share_one_commit(void **state)
{
	enum { JOBS = 50 };
	struct item_job jobs[JOBS];

	for (int i = 0; i < JOBS; i++) jobs[i] = item_job(i % 5 == 4 ? LOOK_AND_UNDO : KEEP, i + 1, NULL);
	struct commit_stats stats = run_together(*state, jobs, JOBS, 1000);
	require_results(*state, jobs, JOBS);
	assert_int_equal(stats.batches, 1);
	assert_int_equal(stats.jobs, JOBS + 1);
	assert_int_equal(stats.undone, JOBS / 5);
	assert_int_equal(stats.reruns, 0);
	assert_int_equal(stats.failures, 0);
	assert_int_equal(stats.waiting, 0);
	for (int i = 0; i < JOBS; i++) assert_int_equal(jobs[i].applied, 1);
}

static void each_sees_what_came_before(void **state)
{
	enum { JOBS = 40 };
	struct item_job jobs[JOBS];

	for (int i = 0; i < JOBS; i++) jobs[i] = item_job(KEEP, i + 1, NULL);
	struct commit_stats stats = run_together(*state, jobs, JOBS, 7);
	require_results(*state, jobs, JOBS);
	assert_int_equal(stats.batches, (JOBS + 1 + 6) / 7);
	for (int i = 0; i < JOBS; i++) assert_int_equal(jobs[i].seen, i);
}

static void a_bad_job_harms_no_other(void **state)
{
	static const enum deed bad[] = {WRITE_AND_UNDO, VIOLATE, VIOLATE_AND_UNDO, MISUSE};

	for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
		struct item_job jobs[9];
		for (int i = 0; i < 9; i++) jobs[i] = item_job(i == 4 ? bad[k] : KEEP, i + 1, NULL);
		struct commit_stats stats = run_together(*state, jobs, 9, 1000);
		require_results(*state, jobs, 9);
		assert_int_equal(stats.reruns, 1);
		assert_int_equal(stats.failures, 0);
		assert_int_equal(stats.undone, 1);
		place_remove(state);
		assert_int_equal(place_make(state), 0);
	}
}

static void many_bad_jobs_in_one_batch(void **state)
{
	static const enum deed deeds[] = {
		VIOLATE, KEEP, WRITE_AND_UNDO, WRITE_AND_UNDO, MISUSE, KEEP, LOOK_AND_UNDO, VIOLATE_AND_UNDO, KEEP};
	struct item_job jobs[9];

	for (int i = 0; i < 9; i++) jobs[i] = item_job(deeds[i], i + 1, NULL);
	(void)run_together(*state, jobs, 9, 1000);
	require_results(*state, jobs, 9);
}

/* A limit on the size of files is met like a full disk: at COMMIT here, for the pages fit into the cache until then. */
static void a_full_disk_refuses_all_and_passes(void **state)
{
	ONLY_ON_SQLITE("a limit on the size of our files reaches no server");
	enum { JOBS = 30 };
	static char note[20000];
	const struct rlimit small = {.rlim_cur = 200000, .rlim_max = RLIM_INFINITY};
	const struct rlimit none = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
	struct commit_pipeline *p = pipeline(place_with_items(*state), 1000, 1000);
	atomic_int left = JOBS;
	struct item_job jobs[JOBS + 1];
	struct db *db = place_open(*state, DB_READ);

	memset(note, 'n', sizeof note);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	sem_t gate;
	sem_init(&gate, 0, 0);
	left++;
	struct item_job wait = item_job(WAIT, 0, &left);
	wait.gate = &gate;
	assert_int_equal(commit_submit(p, &wait.job), RC_OK);
	for (int i = 0; i < JOBS; i++) {
		jobs[i] = item_job(i == 3 ? LOOK_AND_UNDO : KEEP, i + 1, &left);
		jobs[i].note = (struct text){note, sizeof note};
		assert_int_equal(commit_submit(p, &jobs[i].job), RC_OK);
	}
	sem_post(&gate);
	await(&left);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	for (int i = 0; i < JOBS; i++) {
		assert_int_equal(jobs[i].told, 1);
		assert_int_equal(jobs[i].outcome, RC_FULL);
	}
	assert_int_equal(items_in(db), 0);
	assert_int_equal(commit_stats(p).failures, 1);
	assert_int_equal(commit_stats(p).undone, JOBS + 1);

	left = JOBS;
	for (int i = 0; i < JOBS; i++) {
		jobs[i].told = 0;
		jobs[i].deed = KEEP;
		assert_int_equal(commit_submit(p, &jobs[i].job), RC_OK);
	}
	await(&left);
	db_close(db);
	commit_stop(p);
	require_results(*state, jobs, JOBS);
	sem_destroy(&gate);
}

/* A failure of the store in the middle of a batch reaches also those that were not applied yet. */
static void a_store_that_fails_refuses_who_waits(void **state)
{
	ONLY_ON_SQLITE("a limit on the pages of the file");
	enum { JOBS = 12 };
	static char note[20000];
	struct db *writer = place_with_items(*state);
	atomic_int left = JOBS + 1;
	struct item_job jobs[JOBS], wait = item_job(WAIT, 0, &left);
	sem_t gate;

	memset(note, 'n', sizeof note);
	assert_int_equal(db_script(writer, "PRAGMA max_page_count = 20", NULL), RC_OK);
	struct commit_pipeline *p = pipeline(writer, 100, 100);
	sem_init(&gate, 0, 0);
	wait.gate = &gate;
	assert_int_equal(commit_submit(p, &wait.job), RC_OK);
	for (int i = 0; i < JOBS; i++) {
		jobs[i] = item_job(KEEP, i + 1, &left);
		jobs[i].note = (struct text){note, sizeof note};
		assert_int_equal(commit_submit(p, &jobs[i].job), RC_OK);
	}
	sem_post(&gate);
	await(&left);
	for (int i = 0; i < JOBS; i++) {
		assert_int_equal(jobs[i].told, 1);
		assert_int_equal(jobs[i].outcome, RC_FULL);
	}
	assert_int_equal(jobs[0].applied, 1);
	assert_int_equal(jobs[JOBS - 1].applied, 0);
	assert_int_equal(commit_stats(p).batches, 1);

	left = 1;
	jobs[0].note = TEXT_ABSENT;
	assert_int_equal(commit_submit(p, &jobs[0].job), RC_OK);
	await(&left);
	assert_int_equal(jobs[0].outcome, RC_OK);
	commit_stop(p);
	sem_destroy(&gate);
}

static void a_lock_held_elsewhere_refuses_and_passes(void **state)
{
	ONLY_ON_SQLITE("one lock for all writers");
	struct db *writer = place_with_items(*state);
	struct db *other = place_open(*state, DB_WRITE);
	atomic_int left = 1;
	struct item_job job = item_job(KEEP, 1, &left);

	assert_int_equal(db_script(writer, "PRAGMA busy_timeout = 10", NULL), RC_OK);
	struct commit_pipeline *p = pipeline(writer, 10, 10);
	assert_int_equal(db_begin(other), RC_OK);
	assert_int_equal(commit_submit(p, &job.job), RC_OK);
	await(&left);
	assert_int_equal(job.outcome, RC_UNAVAILABLE);
	assert_int_equal(job.applied, 0);
	db_rollback(other);
	left = 1;
	assert_int_equal(commit_submit(p, &job.job), RC_OK);
	await(&left);
	assert_int_equal(job.outcome, RC_OK);
	assert_int_equal(items_in(other), 1);
	db_close(other);
	commit_stop(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_AT_PLACE(good_jobs_share_one_commit),
		TEST_AT_PLACE(each_sees_what_came_before),
		TEST_AT_PLACE(a_bad_job_harms_no_other),
		TEST_AT_PLACE(many_bad_jobs_in_one_batch),
		TEST_AT_PLACE(a_full_disk_refuses_all_and_passes),
		TEST_AT_PLACE(a_store_that_fails_refuses_who_waits),
		TEST_AT_PLACE(a_lock_held_elsewhere_refuses_and_passes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
