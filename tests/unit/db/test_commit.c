/* The queue of the commit pipeline and its writer: bounds, order, many threads, the end. */
#include "item_job.h"

#include <pthread.h>

static void a_full_queue_refuses(void **state)
{
	struct commit_pipeline *p = pipeline(place_with_items(*state), 5, 2);
	atomic_int left = 5;
	struct item_job wait = item_job(WAIT, 0, &left), jobs[5];
	sem_t gate;

	sem_init(&gate, 0, 0);
	wait.gate = &gate;
	assert_int_equal(commit_submit(p, &wait.job), RC_OK);
	for (int i = 0; i < 5; i++) {
		jobs[i] = item_job(KEEP, i + 1, &left);
		assert_int_equal(commit_submit(p, &jobs[i].job), i < 4 ? RC_OK : RC_FULL);
	}
	assert_int_equal(commit_stats(p).waiting, 5);
	sem_post(&gate);
	await(&left);
	assert_int_equal(commit_stats(p).refused, 1);
	assert_int_equal(jobs[4].told, 0);
	left = 1;
	assert_int_equal(commit_submit(p, &jobs[4].job), RC_OK);
	await(&left);
	commit_stop(p);
	require_results(*state, jobs, 5);
	sem_destroy(&gate);
}

struct stopper {
	struct commit_pipeline *p;
	sem_t *gate;
};

/* Opens the gate only when commit_stop, on the main thread, is most likely waiting already. */
static void *open_gate_later(void *arg)
{
	usleep(50000);
	sem_post(((struct stopper *)arg)->gate);
	return NULL;
}

static void stop_applies_what_is_queued(void **state)
{
	enum { JOBS = 20 };
	struct commit_pipeline *p = pipeline(place_with_items(*state), 100, 3);
	atomic_int left = JOBS + 1;
	struct item_job wait = item_job(WAIT, 0, &left), jobs[JOBS];
	sem_t gate;
	pthread_t thread;

	sem_init(&gate, 0, 0);
	wait.gate = &gate;
	assert_int_equal(commit_submit(p, &wait.job), RC_OK);
	for (int i = 0; i < JOBS; i++) {
		jobs[i] = item_job(KEEP, i + 1, &left);
		assert_int_equal(commit_submit(p, &jobs[i].job), RC_OK);
	}
	struct stopper stopper = {.p = p, .gate = &gate};
	assert_int_equal(pthread_create(&thread, NULL, open_gate_later, &stopper), 0);
	commit_stop(p);
	pthread_join(thread, NULL);
	assert_int_equal(left, 0);
	require_results(*state, jobs, JOBS);
	sem_destroy(&gate);
}

/* A job that comes while commit_stop() waits for the writer. */
struct late_job {
	struct commit_pipeline *p;
	struct item_job *job;
	sem_t *gate;
	enum rc rc;
};

static void *submit_late(void *arg)
{
	struct late_job *late = arg;

	/* Until commit_stop has closed the door, what is submitted is taken; each taken one is told. */
	for (int i = 0; i < 5000; i++) {
		late->rc = commit_submit(late->p, &late->job[i].job);
		if (late->rc != RC_OK) break;
		usleep(1000);
	}
	sem_post(late->gate);
	return NULL;
}

static void stopping_closes_the_door(void **state)
{
	enum { JOBS = 5000 };
	struct commit_pipeline *p = pipeline(place_with_items(*state), JOBS + 1, 100);
	atomic_int left = 1;
	struct item_job wait = item_job(WAIT, 0, &left);
	struct item_job *jobs = mem_zalloc(JOBS * sizeof *jobs);
	sem_t gate;
	pthread_t thread;

	sem_init(&gate, 0, 0);
	wait.gate = &gate;
	for (int i = 0; i < JOBS; i++) jobs[i] = item_job(KEEP, i + 1, &left);
	assert_int_equal(commit_submit(p, &wait.job), RC_OK);
	struct late_job late = {.p = p, .job = jobs, .gate = &gate, .rc = RC_OK};
	assert_int_equal(pthread_create(&thread, NULL, submit_late, &late), 0);
	commit_stop(p);
	pthread_join(thread, NULL);
	assert_int_equal(late.rc, RC_UNAVAILABLE);
	for (int i = 1; i < JOBS; i++) assert_true(jobs[i].told <= jobs[i - 1].told && jobs[i - 1].told <= 1);
	free(jobs);
	sem_destroy(&gate);
}

enum { THREADS = 6, JOBS_EACH = 150 };

struct submitter {
	struct commit_pipeline *p;
	struct item_job *jobs;
	atomic_int *left;
	unsigned seed;
};

static void *submit_many(void *arg)
{
	struct submitter *s = arg;

	for (int i = 0; i < JOBS_EACH; i++) {
		while (commit_submit(s->p, &s->jobs[i].job) == RC_FULL) usleep(200);
		if (rand_r(&s->seed) % 16 == 0) usleep(500);
	}
	return NULL;
}

static void many_threads_submit_all_sorts(void **state)
{
	static const enum deed deeds[] = {
		KEEP, KEEP, KEEP, LOOK_AND_UNDO, KEEP, KEEP, WRITE_AND_UNDO, KEEP, KEEP, KEEP, VIOLATE, KEEP, KEEP};
	struct commit_pipeline *p = pipeline(place_with_items(*state), 64, 20);
	struct item_job *jobs = mem_zalloc(THREADS * JOBS_EACH * sizeof *jobs);
	struct submitter submitters[THREADS];
	pthread_t threads[THREADS];
	atomic_int left = THREADS * JOBS_EACH;

	for (int i = 0; i < THREADS * JOBS_EACH; i++)
		jobs[i] = item_job(deeds[i % (int)(sizeof deeds / sizeof *deeds)], i + 1, &left);
	for (int t = 0; t < THREADS; t++) {
		submitters[t] = (struct submitter){.p = p, .jobs = jobs + t * JOBS_EACH, .left = &left, .seed = (unsigned)t};
		assert_int_equal(pthread_create(&threads[t], NULL, submit_many, &submitters[t]), 0);
	}
	for (int t = 0; t < THREADS; t++) pthread_join(threads[t], NULL);
	await(&left);
	assert_int_equal(commit_stats(p).jobs, THREADS * JOBS_EACH);
	commit_stop(p);
	require_results(*state, jobs, THREADS * JOBS_EACH);
	free(jobs);
}

/* done() may hand the same job in again. */
struct again_job {
	struct commit_job job;
	struct commit_pipeline *p;
	int64_t id;
	atomic_int left;
};

static enum commit_vote again_apply(struct commit_job *base, struct db *db)
{
	db_exec(db, &insert_item, P_INT(((struct again_job *)base)->id), P_NULL);
	return COMMIT_KEEP;
}

static void again_done(struct commit_job *base, enum rc outcome)
{
	struct again_job *job = (struct again_job *)base;

	job->id++;
	if (outcome == RC_OK && atomic_load(&job->left) > 1 && commit_submit(job->p, base) != RC_OK) return;
	atomic_fetch_sub(&job->left, 1);
}

static void a_job_can_be_submitted_from_done(void **state)
{
	struct commit_pipeline *p = pipeline(place_with_items(*state), 1, 1);
	struct again_job job = {.job = {.apply = again_apply, .done = again_done}, .p = p, .id = 1, .left = 10};

	assert_int_equal(commit_submit(p, &job.job), RC_OK);
	await(&job.left);
	commit_stop(p);
	struct db *db = place_open(*state, DB_READ);
	assert_int_equal(items_in(db), 10);
	db_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_AT_PLACE(a_full_queue_refuses),
		TEST_AT_PLACE(stop_applies_what_is_queued),
		TEST_AT_PLACE(stopping_closes_the_door),
		TEST_AT_PLACE(many_threads_submit_all_sorts),
		TEST_AT_PLACE(a_job_can_be_submitted_from_done),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
