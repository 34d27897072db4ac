/* The reader pool: one picture for each job, a bounded queue, and a stop that runs what is queued. */
#include "place.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "db/readers.h"

struct look {
	struct reader_job job;
	int64_t before, after; /* items, at two moments of the job */
	bool in_transaction;
	int told;
	enum rc outcome;
	sem_t *looked, *go_on; /* between the two moments; may be NULL */
	atomic_int *left;
};

static int64_t look_at(struct db *db)
{
	struct rows r;
	int64_t items = -1;

	db_select(db, &r, &count_items);
	if (rows_next(&r)) items = row_int(&r, "items");
	return rows_done(&r) == RC_OK ? items : -1;
}

static void look_run(struct reader_job *base, struct db *db)
{
	struct look *look = (struct look *)base;

	look->in_transaction = db_in_transaction(db);
	look->before = look_at(db);
	if (look->looked) sem_post(look->looked);
	while (look->go_on && sem_wait(look->go_on) != 0) continue;
	look->after = look_at(db);
}

static void look_done(struct reader_job *base, enum rc outcome)
{
	struct look *look = (struct look *)base;

	look->told++;
	look->outcome = outcome;
	atomic_fetch_sub(look->left, 1);
}

static struct look look_with(atomic_int *left)
{
	return (struct look){.job = {.run = look_run, .done = look_done}, .left = left};
}

static struct reader_pool *pool(const struct place *place, size_t threads, size_t queue_jobs)
{
	struct reader_pool *p = NULL;
	struct err err = {0};

	const struct reader_options o = {.location = place->path, .threads = threads, .queue_jobs = queue_jobs};
	if (readers_start(&o, &p, &err) != RC_OK) fail_msg("%s", err.text);
	return p;
}

static void look_while_writing(struct place *place, bool bare, int64_t expected_after)
{
	struct db *writer = place_with_items(place);
	struct reader_pool *p = pool(place, 2, 10);
	atomic_int left = 1;
	struct look look = look_with(&left);
	sem_t looked, go_on;

	sem_init(&looked, 0, 0);
	sem_init(&go_on, 0, 0);
	look.looked = &looked;
	look.go_on = &go_on;
	look.job.bare = bare;
	assert_int_equal(readers_submit(p, &look.job), RC_OK);
	while (sem_wait(&looked) != 0) continue;
	assert_int_equal(db_exec(writer, &insert_item, P_INT(1), P_NULL), RC_OK);
	sem_post(&go_on);
	readers_stop(p);
	assert_int_equal(look.told, 1);
	assert_int_equal(look.outcome, RC_OK);
	assert_int_equal(look.in_transaction, !bare);
	assert_int_equal(look.before, 0);
	assert_int_equal(look.after, expected_after);
	db_close(writer);
	sem_destroy(&looked);
	sem_destroy(&go_on);
}

static void a_job_sees_one_picture(void **state)
{
	look_while_writing(*state, false, 0);
}

static void a_bare_job_has_no_transaction(void **state)
{
	look_while_writing(*state, true, 1);
}

static void the_next_job_sees_what_is_new(void **state)
{
	struct db *writer = place_with_items(*state);
	struct reader_pool *p = pool(*state, 1, 10);

	for (int64_t i = 0; i < 3; i++) {
		atomic_int left = 1;
		struct look look = look_with(&left);
		assert_int_equal(readers_submit(p, &look.job), RC_OK);
		while (atomic_load(&left) > 0) usleep(1000);
		assert_int_equal(look.before, i);
		assert_int_equal(db_exec(writer, &insert_item, P_INT(i), P_NULL), RC_OK);
	}
	readers_stop(p);
	db_close(writer);
}

static void a_full_queue_refuses_and_stop_runs_the_rest(void **state)
{
	enum { QUEUE = 4 };
	struct db *writer = place_with_items(*state);
	struct reader_pool *p = pool(*state, 1, QUEUE);
	atomic_int left = 1 + QUEUE;
	struct look first = look_with(&left), more[QUEUE + 1];
	sem_t looked, go_on;

	sem_init(&looked, 0, 0);
	sem_init(&go_on, 0, 0);
	first.looked = &looked;
	first.go_on = &go_on;
	assert_int_equal(readers_submit(p, &first.job), RC_OK);
	while (sem_wait(&looked) != 0) continue; /* it has left the queue */
	for (int i = 0; i <= QUEUE; i++) {
		more[i] = look_with(&left);
		assert_int_equal(readers_submit(p, &more[i].job), i < QUEUE ? RC_OK : RC_FULL);
	}
	assert_int_equal(readers_waiting(p), QUEUE);
	sem_post(&go_on);
	readers_stop(p);
	assert_int_equal(left, 0);
	for (int i = 0; i <= QUEUE; i++) assert_int_equal(more[i].told, i < QUEUE);
	db_close(writer);
	sem_destroy(&looked);
	sem_destroy(&go_on);
}

static void many_threads_look_while_one_writes(void **state)
{
	enum { LOOKS = 400 };
	struct db *writer = place_with_items(*state);
	struct reader_pool *p = pool(*state, 4, LOOKS);
	struct look *looks = mem_zalloc(LOOKS * sizeof *looks);
	atomic_int left = LOOKS;

	for (int i = 0; i < LOOKS; i++) {
		looks[i] = look_with(&left);
		assert_int_equal(readers_submit(p, &looks[i].job), RC_OK);
		if (i % 10 == 0) assert_int_equal(db_exec(writer, &insert_item, P_INT(i), P_NULL), RC_OK);
	}
	readers_stop(p);
	for (int i = 0; i < LOOKS; i++) {
		assert_int_equal(looks[i].told, 1);
		assert_in_range(looks[i].before, 0, LOOKS / 10);
		assert_int_equal(looks[i].before, looks[i].after);
	}
	free(looks);
	db_close(writer);
}

static void a_pool_needs_a_store(void **state)
{
	struct reader_pool *p = NULL;
	struct err err = {0};

	char nowhere[ENGINE_LOCATION_SIZE + 32];

	snprintf(nowhere, sizeof nowhere, "%s%s", ((struct place *)*state)->path, engine_url() ? "&dbname=no_such_database" : "");
	const struct reader_options o = {.location = nowhere, .threads = 2, .queue_jobs = 10};
	assert_int_equal(readers_start(&o, &p, &err), RC_UNAVAILABLE);
	assert_null(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_AT_PLACE(a_job_sees_one_picture),
		TEST_AT_PLACE(a_bare_job_has_no_transaction),
		TEST_AT_PLACE(the_next_job_sees_what_is_new),
		TEST_AT_PLACE(a_full_queue_refuses_and_stop_runs_the_rest),
		TEST_AT_PLACE(many_threads_look_while_one_writes),
		TEST_AT_PLACE(a_pool_needs_a_store),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
