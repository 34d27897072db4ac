/* Recording events into a real store: what is current in an environment, what the latest attempt was, and the kinds of deployments. */
#include "sender.h"

#define STARTED .state = STATE_STARTED
#define COMPLETED .state = STATE_COMPLETED
#define FAILED .state = STATE_FAILED
#define ABORTED .state = STATE_ABORTED

static struct recorded completed(struct fresh_store *s, const char *version, time_us end)
{
	return SEND(
		s, COMPLETED, .version = version, .completed = end, .run = arena_printf(s->arena, "%s/%lld", version, (long long)end));
}

static void assert_current(struct fresh_store *s, const struct recorded *r, const char *version, time_us since)
{
	struct matrix_cell cell = cell_of(s, &r->record);
	assert_text(cell.current_version, version);
	assert_int_equal(cell.current_since, since);
}

static void a_backfilled_old_deployment_never_becomes_current(void **state)
{
	struct fresh_store *s = *state;
	struct recorded new = completed(s, "2", 5000), old = completed(s, "1", 4000);
	assert_current(s, &new, "2", 5000);
	struct matrix_cell cell = cell_of(s, &old.record);
	assert_true(text_equal(cell.current_deployment_id, new.record.id));
	assert_true(text_equal(cell.latest_deployment_id, new.record.id));
	assert_int_equal(cell.latest_deployed_at, 5000);
	assert_sound(s);
}

static void of_equal_ends_the_later_deployment_is_current(void **state)
{
	struct fresh_store *s = *state;
	struct recorded first = completed(s, "1", 5000), second = completed(s, "2", 5000);
	assert_true(text_compare(first.record.id, second.record.id) < 0);
	assert_current(s, &second, "2", 5000);
	assert_sound(s);
}

static void the_latest_attempt_stands_beside_what_is_current(void **state)
{
	struct fresh_store *s = *state;
	struct recorded good = completed(s, "1", 5000);
	struct recorded running = SEND(s, STARTED, .version = "2", .started = 6000, .run = "2");
	struct matrix_cell cell = cell_of(s, &running.record);
	assert_true(text_equal(cell.current_deployment_id, good.record.id));
	assert_true(text_equal(cell.latest_deployment_id, running.record.id));
	assert_text(cell.latest_version, "2");
	assert_int_equal(cell.latest_state, STATE_STARTED);
	assert_int_equal(cell.latest_deployed_at, 6000);
	SEND(s, FAILED, .version = "2", .completed = 7000, .run = "2");
	cell = cell_of(s, &running.record);
	assert_text(cell.current_version, "1");
	assert_int_equal(cell.latest_state, STATE_FAILED);
	assert_int_equal(cell.latest_deployed_at, 6000);
	assert_sound(s);
}

static void an_environment_without_a_completed_deployment_has_no_current_version(void **state)
{
	struct fresh_store *s = *state;
	struct recorded r = SEND(s, FAILED);
	struct matrix_cell cell = cell_of(s, &r.record);
	assert_null(cell.current_deployment_id.p);
	assert_null(cell.current_version.p);
	assert_int_equal(cell.current_since, TIME_NONE);
	assert_int_equal(cell.current_rollout, ROLLOUT_NONE);
	assert_text(cell.latest_version, "1");
	assert_sound(s);
}

/* A late start moves the time at which a failed attempt counts as deployed, in the matrix too. */
static void a_late_start_is_shown_in_the_matrix(void **state)
{
	struct fresh_store *s = *state;
	struct recorded failed = SEND(s, FAILED, .run = "r", .completed = 500);
	assert_int_equal(cell_of(s, &failed.record).latest_deployed_at, RECEIVED);
	struct recorded late = SEND(s, STARTED, .run = "r", .occurred = 400);
	assert_int_equal(late.verdict, VERDICT_LATE);
	assert_int_equal(cell_of(s, &failed.record).latest_deployed_at, 400);
	assert_sound(s);
}

static void a_late_start_does_not_change_the_kind(void **state)
{
	struct fresh_store *s = *state;
	completed(s, "1", 1000);
	SEND(s, COMPLETED, .version = "2", .run = "r", .completed = 3000);
	completed(s, "2", 2000); /* a backfill between them */
	struct recorded late = SEND(s, STARTED, .version = "2", .run = "r", .occurred = 2500);
	assert_int_equal(late.verdict, VERDICT_LATE);
	assert_int_equal(stored(s, &late.record).rollout, ROLLOUT_UPGRADE);
	assert_sound(s);
}

static void a_correction_to_failed_gives_the_place_back_to_the_one_before(void **state)
{
	struct fresh_store *s = *state;
	completed(s, "1", 3000);
	struct recorded two = completed(s, "2", 4000);
	completed(s, "0", 2000);
	struct recorded r = SEND(s, FAILED, .version = "2", .run = "2/4000", .completed = 4500);
	assert_int_equal(r.verdict, VERDICT_CORRECTION);
	assert_current(s, &two, "1", 3000);
	struct matrix_cell cell = cell_of(s, &two.record);
	assert_int_equal(cell.current_rollout, ROLLOUT_INITIAL);
	assert_int_equal(cell.latest_state, STATE_FAILED);
	assert_int_equal(stored(s, &two.record).rollout, ROLLOUT_NONE);
	SEND(s, ABORTED, .version = "1", .run = "1/3000");
	assert_current(s, &two, "0", 2000);
	SEND(s, ABORTED, .version = "0", .run = "0/2000");
	assert_current(s, &two, NULL, TIME_NONE);
	assert_sound(s);
}

static void a_correction_to_completed_takes_the_place(void **state)
{
	struct fresh_store *s = *state;
	completed(s, "1", 3000);
	SEND(s, FAILED, .version = "2", .run = "r", .completed = 4000);
	struct recorded r = SEND(s, COMPLETED, .version = "2", .run = "r", .completed = 4100);
	assert_current(s, &r, "2", 4100);
	assert_int_equal(r.record.rollout, ROLLOUT_UPGRADE);
	assert_sound(s);
}

static void a_correction_to_completed_of_an_old_one_takes_nothing(void **state)
{
	struct fresh_store *s = *state;
	SEND(s, FAILED, .version = "1", .run = "r", .completed = 2000);
	completed(s, "2", 3000);
	struct recorded r = SEND(s, COMPLETED, .version = "1", .run = "r", .completed = 2000);
	assert_int_equal(r.verdict, VERDICT_CORRECTION);
	assert_current(s, &r, "2", 3000);
	assert_int_equal(r.record.rollout, ROLLOUT_INITIAL);
	assert_sound(s);
}

/* Versions deployed one after the other, at their ends, and what each was. */
static void the_kinds(void **state)
{
	static const struct {
		const char *version;
		time_us end;
		enum rollout kind;
	} rows[] = {
		{"1", 100, ROLLOUT_INITIAL},
		{"2", 200, ROLLOUT_UPGRADE},
		{"2", 300, ROLLOUT_REDEPLOY},
		{"1", 400, ROLLOUT_ROLLBACK},
		{"3", 500, ROLLOUT_UPGRADE},
		{"3", 600, ROLLOUT_REDEPLOY},
		{"2", 700, ROLLOUT_ROLLBACK},
		/* Backfilled: by what was there at that time. */
		{"0", 50, ROLLOUT_INITIAL},
		{"0", 150, ROLLOUT_ROLLBACK},
		{"4", 250, ROLLOUT_UPGRADE},
		{"2", 250, ROLLOUT_ROLLBACK}, /* at the same time as the one before, but later */
		{"1", 450, ROLLOUT_REDEPLOY},
	};
	struct fresh_store *s = *state;
	struct recorded last = {0};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		last = SEND(s, COMPLETED, .version = rows[i].version, .completed = rows[i].end);
		assert_int_equal(last.record.rollout, rows[i].kind);
		assert_int_equal(stored(s, &last.record).rollout, rows[i].kind);
	}
	assert_current(s, &last, "2", 700);
	assert_int_equal(cell_of(s, &last.record).current_rollout, ROLLOUT_ROLLBACK);
	assert_sound(s);
}

static void what_failed_in_between_is_no_version_that_was_there(void **state)
{
	struct fresh_store *s = *state;
	completed(s, "1", 100);
	SEND(s, FAILED, .version = "2", .completed = 200);
	completed(s, "3", 300);
	assert_int_equal(completed(s, "2", 400).record.rollout, ROLLOUT_UPGRADE);
	assert_int_equal(completed(s, "1", 500).record.rollout, ROLLOUT_ROLLBACK);
	assert_int_equal(SEND(s, STARTED, .version = "9").record.rollout, ROLLOUT_NONE);
	assert_sound(s);
}

static void kinds_are_of_one_environment(void **state)
{
	struct fresh_store *s = *state;
	completed(s, "1", 100);
	assert_int_equal(SEND(s, COMPLETED, .environment = "qa", .completed = 200).record.rollout, ROLLOUT_INITIAL);
	assert_int_equal(SEND(s, COMPLETED, .product = "other", .completed = 300).record.rollout, ROLLOUT_INITIAL);
	assert_sound(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_STORE(a_backfilled_old_deployment_never_becomes_current),
		TEST_OF_STORE(of_equal_ends_the_later_deployment_is_current),
		TEST_OF_STORE(the_latest_attempt_stands_beside_what_is_current),
		TEST_OF_STORE(an_environment_without_a_completed_deployment_has_no_current_version),
		TEST_OF_STORE(a_late_start_is_shown_in_the_matrix),
		TEST_OF_STORE(a_late_start_does_not_change_the_kind),
		TEST_OF_STORE(a_correction_to_failed_gives_the_place_back_to_the_one_before),
		TEST_OF_STORE(a_correction_to_completed_takes_the_place),
		TEST_OF_STORE(a_correction_to_completed_of_an_old_one_takes_nothing),
		TEST_OF_STORE(the_kinds),
		TEST_OF_STORE(what_failed_in_between_is_no_version_that_was_there),
		TEST_OF_STORE(kinds_are_of_one_environment),
	};
	return cmocka_run_group_tests_name("current_version", tests, NULL, NULL);
}
