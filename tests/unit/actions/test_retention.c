/* Retention: only what is old is cut, in steps, in every account; the mark says so, and the check bears with it. */
#include "sender.h"

#include "actions/retention.h"
#include "store/idempotency.h"

SQL_STATEMENT(count_events, "SELECT COUNT(*) AS n FROM event WHERE account_id = $1");
SQL_STATEMENT(count_answers, "SELECT COUNT(*) AS n FROM idempotency WHERE account_id = $1");

static const struct retention ONE_DAY = {.events_days = 1}, FOR_EVER = {.events_days = 0};

static int64_t count(struct fresh_store *s, struct sql *statement, int64_t account)
{
	struct rows r;
	int64_t n = -1;
	enum rc rc = db_select(s->db, &r, statement, P_INT(account));
	if (rc == RC_OK && rows_next(&r)) n = row_int(&r, "n");
	assert_ok(rows_done(&r));
	return n;
}

/* One step in its transaction; whether there is more. */
static bool step(struct fresh_store *s, const struct retention *r, time_us now)
{
	bool more = true;
	assert_ok(db_begin(s->db));
	assert_ok(retention_step(s->db, r, now, &more));
	assert_ok(db_commit(s->db));
	return more;
}

/* Events as of this moment, each of a deployment of its own. */
static void send_many(struct fresh_store *s, int n)
{
	assert_ok(db_begin(s->db));
	for (int i = 0; i < n; i++) SEND(s, .state = STATE_COMPLETED, .received = clock_now());
	assert_ok(db_commit(s->db));
}

/* A moment with nothing in its millisecond before and after it: identifiers are no finer. */
static time_us pause_between(void)
{
	usleep(3000);
	time_us between = clock_now();
	usleep(3000);
	return between;
}

static void cuts_only_what_is_old(void **state)
{
	struct fresh_store *s = *state;
	send_many(s, 5);
	time_us between = pause_between();
	send_many(s, 3);
	assert_false(step(s, &ONE_DAY, between + DAYS_US(1)));
	assert_int_equal(count(s, &count_events, ACCOUNT), 3);
	time_us mark = 0;
	assert_ok(event_kept_since(s->db, ACCOUNT, &mark));
	assert_int_equal(mark, between);
	struct check c = check_of(s, true);
	assert_int_equal(c.problems, 0);
	assert_int_equal(c.without_log, 5);
	assert_int_equal(c.deployments, 8); /* they stay */
}

static void cuts_in_steps(void **state)
{
	struct fresh_store *s = *state;
	send_many(s, 2 * RETENTION_STEP_ROWS + 1);
	time_us between = pause_between();
	send_many(s, 1);
	for (int left = RETENTION_STEP_ROWS + 2; left > 1; left -= RETENTION_STEP_ROWS) {
		assert_true(step(s, &ONE_DAY, between + DAYS_US(1)));
		assert_int_equal(count(s, &count_events, ACCOUNT), left);
		assert_int_equal(check_of(s, true).problems, 0); /* in the midst of it too */
	}
	assert_false(step(s, &ONE_DAY, between + DAYS_US(1)));
	assert_int_equal(count(s, &count_events, ACCOUNT), 1);
	assert_false(step(s, &ONE_DAY, between + DAYS_US(1)));
	assert_int_equal(count(s, &count_events, ACCOUNT), 1);
	assert_sound(s);
}

static void an_attempt_of_which_events_are_left_is_no_problem(void **state)
{
	struct fresh_store *s = *state;
	SEND(s, .state = STATE_STARTED, .run = "r", .received = clock_now());
	time_us between = pause_between();
	SEND(s, .state = STATE_COMPLETED, .run = "r", .received = clock_now());
	assert_false(step(s, &ONE_DAY, between + DAYS_US(1)));
	assert_int_equal(count(s, &count_events, ACCOUNT), 1);
	struct check c = check_of(s, true);
	assert_int_equal(c.problems, 0);
	assert_int_equal(c.without_log, 1);
}

static void the_mark_never_goes_back(void **state)
{
	struct fresh_store *s = *state;
	send_many(s, 1);
	time_us early = pause_between();
	send_many(s, 1);
	time_us late = pause_between();
	assert_false(step(s, &ONE_DAY, late + DAYS_US(1)));
	send_many(s, 1);
	/* An old event comes in after all, as when the machine's clock was wrong. */
	store_script(s,
		"INSERT INTO event SELECT account_id, '00000000' || substr(id, 9), type, effect, subject_id, product_id, environment_id, "
		"version_id, actor, occurred_at, received_at, payload FROM event");
	assert_false(step(s, &ONE_DAY, early + DAYS_US(1)));
	time_us mark = 0;
	assert_ok(event_kept_since(s->db, ACCOUNT, &mark));
	assert_int_equal(mark, late);
	assert_int_equal(count(s, &count_events, ACCOUNT), 1);
}

static void for_ever_cuts_no_events_and_sets_no_mark(void **state)
{
	struct fresh_store *s = *state;
	send_many(s, 3);
	assert_false(step(s, &FOR_EVER, clock_now() + DAYS_US(36500)));
	assert_int_equal(count(s, &count_events, ACCOUNT), 3);
	time_us mark = 0;
	assert_ok(event_kept_since(s->db, ACCOUNT, &mark));
	assert_int_equal(mark, TIME_NONE);
	assert_false(step(s, &ONE_DAY, clock_now())); /* nothing is old enough */
	assert_ok(event_kept_since(s->db, ACCOUNT, &mark));
	assert_int_equal(mark, TIME_NONE);
}

static void every_account_is_cut(void **state)
{
	struct fresh_store *s = *state;
	send_many(s, 2);
	assert_ok(account_insert(s->db, 7, TEXT("seven"), TEXT("seven"), 1));
	assert_ok(account_insert(s->db, -7, TEXT("other"), TEXT("other"), 1));
	store_script(s,
		"INSERT INTO event SELECT 7, id, type, effect, subject_id, product_id, environment_id, version_id, actor, occurred_at, "
		"received_at, payload FROM event");
	store_script(s,
		"INSERT INTO event SELECT -7, id, type, effect, subject_id, product_id, environment_id, version_id, actor, occurred_at, "
		"received_at, payload FROM event WHERE account_id = 7");
	assert_false(step(s, &ONE_DAY, clock_now() + DAYS_US(2)));
	for (int64_t account = -7; account <= 7; account++) assert_int_equal(count(s, &count_events, account), 0);
}

static void keep(struct fresh_store *s, int i, time_us at)
{
	struct kept_answer k = {.request_digest = TEXT("d"), .status = 200, .answer = TEXT("{}")};
	struct text key = text_from(arena_printf(s->arena, "key-%d", i));
	assert_ok(idempotency_keep(s->db, ACCOUNT, TEXT("api_key:k1"), key, &k, at));
}

static void answers_are_cut_after_a_day_whatever_is_kept_of_events(void **state)
{
	struct fresh_store *s = *state;
	time_us now = clock_now();
	assert_ok(db_begin(s->db));
	for (int i = 0; i < RETENTION_STEP_ROWS + 1; i++) keep(s, i, now - DAYS_US(1));
	keep(s, 1000, now - DAYS_US(1) + 1);
	assert_ok(db_commit(s->db));
	assert_true(step(s, &FOR_EVER, now));
	assert_int_equal(count(s, &count_answers, ACCOUNT), 2);
	assert_false(step(s, &FOR_EVER, now));
	assert_int_equal(count(s, &count_answers, ACCOUNT), 1);
	struct kept_answer k;
	assert_ok(idempotency_find(s->db, s->arena, ACCOUNT, TEXT("api_key:k1"), TEXT("key-1000"), now, &k));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_STORE(cuts_only_what_is_old),
		TEST_OF_STORE(cuts_in_steps),
		TEST_OF_STORE(an_attempt_of_which_events_are_left_is_no_problem),
		TEST_OF_STORE(the_mark_never_goes_back),
		TEST_OF_STORE(for_ever_cuts_no_events_and_sets_no_mark),
		TEST_OF_STORE(every_account_is_cut),
		TEST_OF_STORE(answers_are_cut_after_a_day_whatever_is_kept_of_events),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
