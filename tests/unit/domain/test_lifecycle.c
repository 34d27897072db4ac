/* The lifecycle, a named case for each row of its table and for each sentence about it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "domain/lifecycle.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define NO TIME_NONE

/* Times of the cases: an attempt that was queued at 100, began at 200 and ended at 300, received a second later each;
 * the event comes in at 900. */
enum { QUEUED = 100, BEGAN = 200, ENDED = 300, GIVEN = 250, RECEIVED = 900 };

static const struct attempt PENDING = {STATE_PENDING, QUEUED, NO, NO, QUEUED, QUEUED + 1};
static const struct attempt STARTED = {STATE_STARTED, NO, BEGAN, NO, BEGAN, BEGAN + 1};
static const struct attempt COMPLETED = {STATE_COMPLETED, NO, NO, ENDED, ENDED, ENDED + 1};
static const struct attempt FAILED = {STATE_FAILED, QUEUED, BEGAN, ENDED, QUEUED, QUEUED + 1};
static const struct attempt ABORTED = {STATE_ABORTED, NO, BEGAN, ENDED, BEGAN, BEGAN + 1};
static const struct attempt BLOCKED = {STATE_PREFLIGHT_FAILED, NO, BEGAN, ENDED, BEGAN, BEGAN + 1};

#define EVENT(state, keyed, started_at, completed_at, occurred_at) \
	{ \
		state, keyed, started_at, completed_at, occurred_at, RECEIVED \
	}
#define KEYED(state, started_at, completed_at, occurred_at) EVENT(state, true, started_at, completed_at, occurred_at)
#define KEYLESS(state, started_at, completed_at, occurred_at) EVENT(state, false, started_at, completed_at, occurred_at)

/* `open` and `newest` as the caller found them; `after` is what the verdict makes of the attempt that it is about. */
static const struct lifecycle_case {
	const char *name;
	struct occurrence event;
	const struct attempt *open, *newest;
	enum verdict verdict;
	struct attempt after;
} CASES[] = {
	/* any state | none | a new deployment in that state */
	{"none: pending is new", KEYED(STATE_PENDING, NO, NO, NO), NULL, NULL, VERDICT_NEW,
		{STATE_PENDING, RECEIVED, NO, NO, RECEIVED, RECEIVED}},
	{"none: started is new", KEYED(STATE_STARTED, NO, NO, NO), NULL, NULL, VERDICT_NEW,
		{STATE_STARTED, NO, RECEIVED, NO, RECEIVED, RECEIVED}},
	{"none: completed is new", KEYED(STATE_COMPLETED, NO, NO, NO), NULL, NULL, VERDICT_NEW,
		{STATE_COMPLETED, NO, NO, RECEIVED, RECEIVED, RECEIVED}},
	{"none: failed is new", KEYED(STATE_FAILED, NO, NO, NO), NULL, NULL, VERDICT_NEW,
		{STATE_FAILED, NO, NO, RECEIVED, RECEIVED, RECEIVED}},
	{"none: aborted is new", KEYED(STATE_ABORTED, NO, NO, NO), NULL, NULL, VERDICT_NEW,
		{STATE_ABORTED, NO, NO, RECEIVED, RECEIVED, RECEIVED}},
	{"none: preflight_failed is new", KEYED(STATE_PREFLIGHT_FAILED, NO, NO, NO), NULL, NULL, VERDICT_NEW,
		{STATE_PREFLIGHT_FAILED, NO, NO, RECEIVED, RECEIVED, RECEIVED}},
	{"none: without a run key too", KEYLESS(STATE_STARTED, NO, NO, NO), NULL, NULL, VERDICT_NEW,
		{STATE_STARTED, NO, RECEIVED, NO, RECEIVED, RECEIVED}},

	/* open state | final, occurred_at/started_at not later than its end | recorded, fills empty times; the state stays */
	{"late: started, occurred_at before the end", KEYED(STATE_STARTED, NO, NO, GIVEN), NULL, &COMPLETED, VERDICT_LATE,
		{STATE_COMPLETED, NO, GIVEN, ENDED, ENDED, ENDED + 1}},
	{"late: started, started_at before the end", KEYED(STATE_STARTED, GIVEN, NO, NO), NULL, &COMPLETED, VERDICT_LATE,
		{STATE_COMPLETED, NO, GIVEN, ENDED, ENDED, ENDED + 1}},
	{"late: started_at fills the start rather than occurred_at", KEYED(STATE_STARTED, 240, NO, GIVEN), NULL, &COMPLETED,
		VERDICT_LATE, {STATE_COMPLETED, NO, 240, ENDED, ENDED, ENDED + 1}},
	{"late: exactly at the end", KEYED(STATE_STARTED, NO, NO, ENDED), NULL, &COMPLETED, VERDICT_LATE,
		{STATE_COMPLETED, NO, ENDED, ENDED, ENDED, ENDED + 1}},
	{"late: pending fills pending_at with occurred_at", KEYED(STATE_PENDING, 160, NO, 150), NULL, &COMPLETED, VERDICT_LATE,
		{STATE_COMPLETED, 150, NO, ENDED, ENDED, ENDED + 1}},
	{"late: pending fills pending_at with started_at", KEYED(STATE_PENDING, 160, NO, NO), NULL, &COMPLETED, VERDICT_LATE,
		{STATE_COMPLETED, 160, NO, ENDED, ENDED, ENDED + 1}},
	{"late: a start that is there stays", KEYED(STATE_STARTED, GIVEN, NO, NO), NULL, &FAILED, VERDICT_LATE,
		{STATE_FAILED, QUEUED, BEGAN, ENDED, QUEUED, QUEUED + 1}},
	{"late: a pending_at that is there stays", KEYED(STATE_PENDING, NO, NO, GIVEN), NULL, &FAILED, VERDICT_LATE,
		{STATE_FAILED, QUEUED, BEGAN, ENDED, QUEUED, QUEUED + 1}},
	{"late: an earlier first event does not move the attempt", KEYED(STATE_PENDING, NO, NO, 50), NULL, &ABORTED, VERDICT_LATE,
		{STATE_ABORTED, 50, BEGAN, ENDED, BEGAN, BEGAN + 1}},
	{"late: occurred_at decides before started_at", KEYED(STATE_STARTED, ENDED + 50, NO, GIVEN), NULL, &ABORTED, VERDICT_LATE,
		{STATE_ABORTED, NO, BEGAN, ENDED, BEGAN, BEGAN + 1}},
	{"late: completed_at of an open event changes no end", KEYED(STATE_STARTED, NO, 999, GIVEN), NULL, &COMPLETED, VERDICT_LATE,
		{STATE_COMPLETED, NO, GIVEN, ENDED, ENDED, ENDED + 1}},
	{"late: without a run key", KEYLESS(STATE_STARTED, NO, NO, GIVEN), NULL, &COMPLETED, VERDICT_LATE,
		{STATE_COMPLETED, NO, GIVEN, ENDED, ENDED, ENDED + 1}},
	{"late: after a blocked one", KEYED(STATE_PENDING, NO, NO, GIVEN), NULL, &BLOCKED, VERDICT_LATE,
		{STATE_PREFLIGHT_FAILED, GIVEN, BEGAN, ENDED, BEGAN, BEGAN + 1}},

	/* open state | final | a new deployment (a new attempt) */
	{"new attempt: started without a time", KEYED(STATE_STARTED, NO, NO, NO), NULL, &COMPLETED, VERDICT_NEW,
		{STATE_STARTED, NO, RECEIVED, NO, RECEIVED, RECEIVED}},
	{"new attempt: started a microsecond after the end", KEYED(STATE_STARTED, NO, NO, ENDED + 1), NULL, &COMPLETED, VERDICT_NEW,
		{STATE_STARTED, NO, ENDED + 1, NO, ENDED + 1, RECEIVED}},
	{"new attempt: pending after a failure", KEYED(STATE_PENDING, NO, NO, NO), NULL, &FAILED, VERDICT_NEW,
		{STATE_PENDING, RECEIVED, NO, NO, RECEIVED, RECEIVED}},
	{"new attempt: occurred_at decides before started_at", KEYED(STATE_STARTED, GIVEN, NO, ENDED + 1), NULL, &COMPLETED,
		VERDICT_NEW, {STATE_STARTED, NO, GIVEN, NO, ENDED + 1, RECEIVED}},
	{"new attempt: completed_at of an open event is no time of it", KEYED(STATE_STARTED, NO, GIVEN, NO), NULL, &COMPLETED,
		VERDICT_NEW, {STATE_STARTED, NO, RECEIVED, NO, RECEIVED, RECEIVED}},
	{"new attempt: without a run key", KEYLESS(STATE_STARTED, NO, NO, NO), NULL, &ABORTED, VERDICT_NEW,
		{STATE_STARTED, NO, RECEIVED, NO, RECEIVED, RECEIVED}},

	/* final state | final, same state | duplicate: same answer, nothing notified */
	{"final twice: completed", KEYED(STATE_COMPLETED, GIVEN, 999, NO), NULL, &COMPLETED, VERDICT_DUPLICATE,
		{STATE_COMPLETED, NO, NO, ENDED, ENDED, ENDED + 1}},
	{"final twice: failed", KEYED(STATE_FAILED, NO, NO, NO), NULL, &FAILED, VERDICT_DUPLICATE,
		{STATE_FAILED, QUEUED, BEGAN, ENDED, QUEUED, QUEUED + 1}},
	{"final twice: aborted", KEYED(STATE_ABORTED, NO, NO, NO), NULL, &ABORTED, VERDICT_DUPLICATE,
		{STATE_ABORTED, NO, BEGAN, ENDED, BEGAN, BEGAN + 1}},

	/* final state | final, other state | a correction: the state becomes the new one, and is notified */
	{"correction: failed to completed", KEYED(STATE_COMPLETED, NO, NO, NO), NULL, &FAILED, VERDICT_CORRECTION,
		{STATE_COMPLETED, QUEUED, BEGAN, RECEIVED, QUEUED, QUEUED + 1}},
	{"correction: completed to failed, a new end from completed_at", KEYED(STATE_FAILED, NO, 700, 800), NULL, &COMPLETED,
		VERDICT_CORRECTION, {STATE_FAILED, NO, NO, 700, ENDED, ENDED + 1}},
	{"correction: the new end is else occurred_at", KEYED(STATE_ABORTED, NO, NO, 800), NULL, &COMPLETED, VERDICT_CORRECTION,
		{STATE_ABORTED, NO, NO, 800, ENDED, ENDED + 1}},
	{"correction: an end before the old one is taken", KEYED(STATE_FAILED, NO, GIVEN, NO), NULL, &ABORTED, VERDICT_CORRECTION,
		{STATE_FAILED, NO, BEGAN, GIVEN, BEGAN, BEGAN + 1}},
	{"correction: started_at fills an empty start", KEYED(STATE_FAILED, GIVEN, NO, NO), NULL, &COMPLETED, VERDICT_CORRECTION,
		{STATE_FAILED, NO, GIVEN, RECEIVED, ENDED, ENDED + 1}},
	{"correction: a start that is there stays", KEYED(STATE_COMPLETED, GIVEN, NO, NO), NULL, &ABORTED, VERDICT_CORRECTION,
		{STATE_COMPLETED, NO, BEGAN, RECEIVED, BEGAN, BEGAN + 1}},
	{"correction: of a blocked one", KEYED(STATE_COMPLETED, NO, NO, NO), NULL, &BLOCKED, VERDICT_CORRECTION,
		{STATE_COMPLETED, NO, BEGAN, RECEIVED, BEGAN, BEGAN + 1}},

	/* The sentences under the table. */
	{"an event belongs to the newest deployment that is open, whatever else there is", KEYED(STATE_COMPLETED, NO, NO, NO),
		&STARTED, &COMPLETED, VERDICT_ADVANCE, {STATE_COMPLETED, NO, BEGAN, RECEIVED, BEGAN, BEGAN + 1}},
	{"run keys equal or absent on either side: an event without one ends the open deployment", KEYLESS(STATE_FAILED, NO, NO, NO),
		&STARTED, &STARTED, VERDICT_ADVANCE, {STATE_FAILED, NO, BEGAN, RECEIVED, BEGAN, BEGAN + 1}},
	{"without a run key a final event that finds no open deployment is a new deployment: same state",
		KEYLESS(STATE_COMPLETED, NO, 700, NO), NULL, &COMPLETED, VERDICT_NEW, {STATE_COMPLETED, NO, NO, 700, 700, RECEIVED}},
	{"without a run key a final event that finds no open deployment is a new deployment: other state",
		KEYLESS(STATE_COMPLETED, NO, NO, NO), NULL, &FAILED, VERDICT_NEW,
		{STATE_COMPLETED, NO, NO, RECEIVED, RECEIVED, RECEIVED}},
	{"without a run key an old final event is a new deployment too", KEYLESS(STATE_COMPLETED, NO, NO, GIVEN), NULL, &COMPLETED,
		VERDICT_NEW, {STATE_COMPLETED, NO, NO, GIVEN, GIVEN, RECEIVED}},
	{"started after pending moves it forward", KEYED(STATE_STARTED, NO, NO, NO), &PENDING, &PENDING, VERDICT_ADVANCE,
		{STATE_STARTED, QUEUED, RECEIVED, NO, QUEUED, QUEUED + 1}},
	{"started after pending begins at occurred_at", KEYED(STATE_STARTED, NO, NO, GIVEN), &PENDING, &PENDING, VERDICT_ADVANCE,
		{STATE_STARTED, QUEUED, GIVEN, NO, QUEUED, QUEUED + 1}},
	{"started after pending begins at started_at first", KEYED(STATE_STARTED, 240, NO, GIVEN), &PENDING, &PENDING,
		VERDICT_ADVANCE, {STATE_STARTED, QUEUED, 240, NO, QUEUED, QUEUED + 1}},
	{"pending after started is recorded and changes nothing", KEYED(STATE_PENDING, 60, NO, 50), &STARTED, &STARTED,
		VERDICT_IGNORED, {STATE_STARTED, NO, BEGAN, NO, BEGAN, BEGAN + 1}},
	{"the same open state again is a duplicate: pending", KEYED(STATE_PENDING, GIVEN, NO, 50), &PENDING, &PENDING,
		VERDICT_DUPLICATE, {STATE_PENDING, QUEUED, NO, NO, QUEUED, QUEUED + 1}},
	{"the same open state again is a duplicate: started", KEYED(STATE_STARTED, GIVEN, NO, NO), &STARTED, &STARTED,
		VERDICT_DUPLICATE, {STATE_STARTED, NO, BEGAN, NO, BEGAN, BEGAN + 1}},
	{"open to completed", KEYED(STATE_COMPLETED, NO, 700, NO), &STARTED, &STARTED, VERDICT_ADVANCE,
		{STATE_COMPLETED, NO, BEGAN, 700, BEGAN, BEGAN + 1}},
	{"open to failed", KEYED(STATE_FAILED, NO, NO, NO), &PENDING, &PENDING, VERDICT_ADVANCE,
		{STATE_FAILED, QUEUED, NO, RECEIVED, QUEUED, QUEUED + 1}},
	{"open to aborted", KEYED(STATE_ABORTED, NO, NO, 700), &STARTED, &STARTED, VERDICT_ADVANCE,
		{STATE_ABORTED, NO, BEGAN, 700, BEGAN, BEGAN + 1}},
	{"open to preflight_failed", KEYED(STATE_PREFLIGHT_FAILED, NO, NO, NO), &PENDING, &PENDING, VERDICT_ADVANCE,
		{STATE_PREFLIGHT_FAILED, QUEUED, NO, RECEIVED, QUEUED, QUEUED + 1}},
	{"a final event brings the start of a pending one", KEYED(STATE_COMPLETED, GIVEN, NO, NO), &PENDING, &PENDING,
		VERDICT_ADVANCE, {STATE_COMPLETED, QUEUED, GIVEN, RECEIVED, QUEUED, QUEUED + 1}},
	{"a final event keeps the start that is there", KEYED(STATE_COMPLETED, GIVEN, NO, NO), &STARTED, &STARTED, VERDICT_ADVANCE,
		{STATE_COMPLETED, NO, BEGAN, RECEIVED, BEGAN, BEGAN + 1}},
	{"completed_at counts only with a final status: new", KEYED(STATE_STARTED, NO, GIVEN, NO), NULL, NULL, VERDICT_NEW,
		{STATE_STARTED, NO, RECEIVED, NO, RECEIVED, RECEIVED}},
	{"completed_at counts only with a final status: forward", KEYED(STATE_STARTED, NO, GIVEN, NO), &PENDING, &PENDING,
		VERDICT_ADVANCE, {STATE_STARTED, QUEUED, RECEIVED, NO, QUEUED, QUEUED + 1}},
	{"started_at never changes a state: pending", KEYED(STATE_PENDING, GIVEN, NO, NO), NULL, NULL, VERDICT_NEW,
		{STATE_PENDING, RECEIVED, GIVEN, NO, GIVEN, RECEIVED}},
	{"started_at never changes a state: completed", KEYED(STATE_COMPLETED, GIVEN, 700, NO), NULL, NULL, VERDICT_NEW,
		{STATE_COMPLETED, NO, GIVEN, 700, 700, RECEIVED}},
	{"a new attempt is ordered by when it happened", KEYED(STATE_COMPLETED, NO, 40, 50), NULL, NULL, VERDICT_NEW,
		{STATE_COMPLETED, NO, NO, 40, 50, RECEIVED}},
};

static void assert_attempt(const struct attempt *a, const struct attempt *expected)
{
	assert_string_equal(state_name(a->state), state_name(expected->state));
	assert_int_equal(a->pending_at, expected->pending_at);
	assert_int_equal(a->started_at, expected->started_at);
	assert_int_equal(a->ended_at, expected->ended_at);
	assert_int_equal(a->attempted_at, expected->attempted_at);
	assert_int_equal(a->received_at, expected->received_at);
}

/* The attempt as it is before the verdict is applied; for NEW something that must not shine through. */
static struct attempt attempt_before(const struct lifecycle_case *c)
{
	static const struct attempt rubbish = {STATE_ABORTED, 1, 2, 3, 4, 5};
	if (c->verdict == VERDICT_NEW) return rubbish;
	return c->open ? *c->open : *c->newest;
}

static void decides_and_applies(void **state)
{
	const struct lifecycle_case *c = *state;
	enum verdict v = lifecycle_decide(&c->event, c->open, c->newest);
	assert_string_equal(verdict_name(v), verdict_name(c->verdict));
	struct attempt a = attempt_before(c);
	lifecycle_apply(&a, v, &c->event);
	assert_attempt(&a, &c->after);
}

/* Every event on every situation: what must hold whatever the table says. */
static void assert_invariants(const struct occurrence *e, const struct attempt *open, const struct attempt *newest)
{
	enum verdict v = lifecycle_decide(e, open, newest);
	const struct attempt *before = open ? open : newest;
	struct attempt a = before && v != VERDICT_NEW ? *before : (struct attempt){0};
	lifecycle_apply(&a, v, e);

	assert_true(state_is_final(a.state) == (a.ended_at != NO));
	assert_true(a.attempted_at != NO && a.received_at != NO && attempt_deployed_at(&a) != NO);
	if (verdict_notifies(v)) assert_int_equal(a.state, e->state);
	if (v == VERDICT_NEW) {
		assert_null(open);
		return;
	}
	assert_non_null(before);
	assert_int_equal(a.attempted_at, before->attempted_at);
	assert_int_equal(a.received_at, before->received_at);
	if (!verdict_notifies(v)) {
		assert_int_equal(a.state, before->state);
		assert_int_equal(a.ended_at, before->ended_at);
	}
	if (v == VERDICT_DUPLICATE || v == VERDICT_IGNORED) assert_attempt(&a, before);
	if (before->pending_at != NO) assert_int_equal(a.pending_at, before->pending_at);
	if (before->started_at != NO) assert_int_equal(a.started_at, before->started_at);
}

static void whatever_comes_the_attempt_stays_sound(void **unused)
{
	(void)unused;
	static const struct attempt *const situations[][2] = {
		{NULL, NULL},
		{&PENDING, &PENDING},
		{&STARTED, &STARTED},
		{&STARTED, &FAILED},
		{NULL, &COMPLETED},
		{NULL, &FAILED},
		{NULL, &ABORTED},
		{NULL, &BLOCKED},
	};
	static const time_us times[] = {NO, 0, GIVEN, ENDED, ENDED + 1};
	size_t n = COUNT_OF(times);
	for (size_t s = 0; s < COUNT_OF(situations); s++) {
		for (enum state state = 0; state < STATE_COUNT; state++) {
			for (size_t t = 0; t < n * n * n * 2; t++) {
				struct occurrence e = {state, t % 2, times[t / 2 % n], times[t / 2 / n % n], times[t / 2 / n / n], RECEIVED};
				assert_invariants(&e, situations[s][0], situations[s][1]);
			}
		}
	}
}

/* The record and its replay apply the same events to the same end; the same event applied again changes nothing. */
static void a_verdict_applied_twice_is_applied_once(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct attempt once = CASES[i].after, twice = once;
		lifecycle_apply(&twice, CASES[i].verdict, &CASES[i].event);
		assert_attempt(&twice, &once);
	}
}

static void builds_follow_the_same_table(void **unused)
{
	(void)unused;
	for (enum kind k = 0; k < KIND_COUNT; k++) {
		struct event_fields f = {.kind = k, .state = STATE_FAILED, .started_at = 1, .completed_at = 2, .occurred_at = 3};
		struct occurrence e = occurrence_of(&f, true, 4);
		assert_int_equal(e.state, STATE_FAILED);
		assert_true(e.has_run_key);
		assert_int_equal(e.started_at, 1);
		assert_int_equal(e.completed_at, 2);
		assert_int_equal(e.occurred_at, 3);
		assert_int_equal(e.received_at, 4);
		assert_int_equal(lifecycle_decide(&e, NULL, &COMPLETED), VERDICT_CORRECTION);
		assert_false(occurrence_of(&f, false, 4).has_run_key);
	}
}

static void verdicts_have_names(void **unused)
{
	(void)unused;
	static const struct {
		enum verdict verdict;
		const char *name;
		bool notifies;
	} rows[] = {
		{VERDICT_NEW, "new", true},
		{VERDICT_ADVANCE, "advance", true},
		{VERDICT_LATE, "late", false},
		{VERDICT_DUPLICATE, "duplicate", false},
		{VERDICT_CORRECTION, "correction", true},
		{VERDICT_IGNORED, "ignored", false},
	};
	assert_int_equal(COUNT_OF(rows), VERDICT_COUNT);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		enum verdict v = VERDICT_COUNT;
		assert_string_equal(verdict_name(rows[i].verdict), rows[i].name);
		assert_int_equal(verdict_notifies(rows[i].verdict), rows[i].notifies);
		assert_true(verdict_from_name(text_from(rows[i].name), &v));
		assert_int_equal(v, rows[i].verdict);
	}
	enum verdict v = VERDICT_COUNT;
	assert_false(verdict_from_name(TEXT("New"), &v));
	assert_false(verdict_from_name(TEXT(""), &v));
	assert_false(verdict_from_name(TEXT_ABSENT, &v));
	assert_int_equal(v, VERDICT_COUNT);
}

static void deployed_at_is_end_else_start_else_received(void **unused)
{
	(void)unused;
	static const struct {
		struct attempt attempt;
		time_us expected;
	} rows[] = {
		{{STATE_COMPLETED, QUEUED, BEGAN, ENDED, QUEUED, RECEIVED}, ENDED},
		{{STATE_COMPLETED, QUEUED, BEGAN, NO, QUEUED, RECEIVED}, BEGAN},
		{{STATE_COMPLETED, QUEUED, NO, NO, QUEUED, RECEIVED}, RECEIVED},
		{{STATE_STARTED, QUEUED, BEGAN, NO, QUEUED, RECEIVED}, BEGAN},
		{{STATE_PENDING, QUEUED, BEGAN, NO, QUEUED, RECEIVED}, BEGAN},
		{{STATE_PENDING, QUEUED, NO, NO, QUEUED, RECEIVED}, RECEIVED},
		{{STATE_FAILED, QUEUED, BEGAN, ENDED, QUEUED, RECEIVED}, BEGAN}, /* the end of a completed one only */
		{{STATE_ABORTED, QUEUED, NO, ENDED, QUEUED, RECEIVED}, RECEIVED},
		{{STATE_PREFLIGHT_FAILED, NO, NO, ENDED, ENDED, RECEIVED}, RECEIVED},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) assert_int_equal(attempt_deployed_at(&rows[i].attempt), rows[i].expected);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(whatever_comes_the_attempt_stays_sound),
		cmocka_unit_test(a_verdict_applied_twice_is_applied_once),
		cmocka_unit_test(builds_follow_the_same_table),
		cmocka_unit_test(verdicts_have_names),
		cmocka_unit_test(deployed_at_is_end_else_start_else_received),
	};
	struct CMUnitTest tests[COUNT_OF(CASES) + COUNT_OF(others)];
	for (size_t i = 0; i < COUNT_OF(CASES); i++)
		tests[i] = (struct CMUnitTest){CASES[i].name, decides_and_applies, NULL, NULL, (void *)&CASES[i]};
	memcpy(tests + COUNT_OF(CASES), others, sizeof(others));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
