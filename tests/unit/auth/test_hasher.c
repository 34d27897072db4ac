/* The hasher: what becomes of each kind of job, its queue, and that it leaves no password behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <semaphore.h>
#include <sys/resource.h>
#include <unistd.h>

#include "auth/hasher.h"

#define PASSWORD "correct horse"

struct waited {
	struct hash_job job;
	char password[64];
	sem_t done, *gate; /* gate: the hasher's thread waits for it in done() */
	int niceness;
};

static void finished(struct hash_job *job)
{
	struct waited *w = (struct waited *)job;
	w->niceness = getpriority(PRIO_PROCESS, (id_t)gettid());
	if (w->gate)
		while (sem_wait(w->gate) != 0) continue;
	sem_post(&w->done);
}

static void prepare(struct waited *w, const char *password, const char *stored)
{
	*w = (struct waited){.job = {.stored = stored, .done = finished}};
	snprintf(w->password, sizeof w->password, "%s", password);
	w->job.password = text_from(w->password);
	sem_init(&w->done, 0, 0);
}

static void wait_for(struct waited *w)
{
	while (sem_wait(&w->done) != 0) continue;
	sem_destroy(&w->done);
}

static struct hasher *started(size_t queue)
{
	struct hasher *h = NULL;
	struct err err;
	if (hasher_start(queue, &h, &err) != RC_OK) fail_msg("%s", err.text);
	return h;
}

static void run(struct hasher *h, struct waited *w)
{
	assert_int_equal(hasher_submit(h, &w->job), RC_OK);
	wait_for(w);
}

/* Of PASSWORD, with 8 MiB and 1 pass. */
static const char OLD[] = "$argon2id$v=19$m=8192,t=1,p=1$Qc0odIekUEpVYjLeWFRpMQ$ms/+LS2sugyAPqEdjgR81j2TAeNlWLeQ0hXhHjh8zew";

static void each_kind_of_job(void **state)
{
	(void)state;
	char stored[PASSWORD_HASH_SIZE];
	struct err err;
	struct waited w;
	struct hasher *h = started(4);
	assert_int_equal(password_hash(TEXT(PASSWORD), stored, &err), RC_OK);

	prepare(&w, PASSWORD, stored);
	run(h, &w);
	assert_true(w.job.matches);
	assert_false(w.job.outdated);
	assert_false(w.job.made);

	prepare(&w, "correct horsf", stored);
	w.job.want_fresh = true;
	run(h, &w);
	assert_false(w.job.matches);
	assert_false(w.job.made); /* nothing is hashed for a stranger */

	prepare(&w, PASSWORD, stored);
	w.job.want_fresh = true;
	run(h, &w);
	assert_true(w.job.matches && w.job.made);
	assert_string_not_equal(w.job.fresh, stored);
	assert_true(password_verify(TEXT(PASSWORD), w.job.fresh));

	prepare(&w, PASSWORD, NULL);
	run(h, &w);
	assert_false(w.job.matches);

	prepare(&w, "another one", NULL);
	w.job.make_only = true;
	run(h, &w);
	assert_false(w.job.matches);
	assert_true(w.job.made);
	assert_true(password_verify(TEXT("another one"), w.job.fresh));

	prepare(&w, PASSWORD, OLD);
	run(h, &w);
	assert_true(w.job.matches && w.job.outdated && w.job.made);
	assert_false(password_outdated(w.job.fresh));
	assert_true(password_verify(TEXT(PASSWORD), w.job.fresh));

	prepare(&w, PASSWORD, "$argon2id$v=19$m=8192,t=1,p=1$"); /* cut off */
	run(h, &w);
	assert_false(w.job.matches);
	hasher_stop(h);
	hasher_stop(NULL);
}

static void no_password_stays_and_others_come_first(void **state)
{
	(void)state;
	static const char zeros[sizeof PASSWORD];
	struct waited w;
	struct hasher *h = started(1);
	prepare(&w, PASSWORD, NULL);
	run(h, &w);
	assert_memory_equal(w.password, zeros, sizeof PASSWORD);
	assert_true(w.niceness > getpriority(PRIO_PROCESS, (id_t)gettid()));
	hasher_stop(h);
}

static void a_full_queue_refuses_and_stopping_does_what_waits(void **state)
{
	(void)state;
	struct waited w[4];
	sem_t gate;
	struct hasher *h = started(2);
	sem_init(&gate, 0, 0);
	for (int i = 0; i < 4; i++) prepare(&w[i], PASSWORD, NULL);
	w[0].gate = &gate;
	assert_int_equal(hasher_submit(h, &w[0].job), RC_OK);
	while (hasher_submit(h, &w[1].job) != RC_OK) usleep(1000);
	while (hasher_submit(h, &w[2].job) != RC_OK) usleep(1000); /* until the first is out of the queue */
	assert_int_equal(hasher_submit(h, &w[3].job), RC_FULL);
	sem_post(&gate);
	hasher_stop(h);
	for (int i = 0; i < 3; i++) wait_for(&w[i]);
	sem_destroy(&w[3].done);
	sem_destroy(&gate);
}

static int ready(void **state)
{
	(void)state;
	struct err err;
	return secret_init(&err) == RC_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_job),
		cmocka_unit_test(no_password_stays_and_others_come_first),
		cmocka_unit_test(a_full_queue_refuses_and_stopping_does_what_waits),
	};
	return cmocka_run_group_tests(tests, ready, NULL);
}
