/* The story of `versioner demo`: the same for a seed, within the month, of names that are valid, and one that can have been. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "serve/demo_company.h"
#include "serve/demo_story.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define NOON INT64_C(1779624000000000) /* 2026-05-24T12:00:00Z, a Sunday */

/* Every hour of the week that may make a difference, and a clock that is far away. */
static const time_us MOMENTS[] = {NOON, NOON - SECONDS_US(43200), NOON + DAYS_US(1), NOON + DAYS_US(2) - SECONDS_US(43199),
	NOON + DAYS_US(3) + SECONDS_US(36000), NOON + DAYS_US(5), NOON + DAYS_US(6), NOON + DAYS_US(4000)};

static int make_arena(void **state)
{
	*state = arena_new(MIB(1), MIB(256));
	return 0;
}

static int free_arena(void **state)
{
	arena_free(*state);
	return 0;
}

/* Calls f for stories of some seeds at each moment. */
static void for_each_story(struct arena *a, void (*f)(const struct story *s, time_us now))
{
	for (uint64_t seed = 0; seed < 4; seed++) {
		for (size_t i = 0; i < COUNT_OF(MOMENTS); i++) {
			struct story s = story_make(a, seed == 3 ? INT64_MAX : seed, MOMENTS[i]);
			f(&s, MOMENTS[i]);
			arena_reset(a);
		}
	}
}

static bool same_event(const struct story_event *x, const struct story_event *y)
{
	return x->received == y->received && x->fields.occurred_at == y->fields.occurred_at && x->fields.state == y->fields.state &&
		   text_equal(x->fields.product_name, y->fields.product_name) && text_equal(x->fields.version, y->fields.version) &&
		   text_equal(x->fields.environment_name, y->fields.environment_name) &&
		   text_equal(x->fields.invoke_id, y->fields.invoke_id) && text_equal(x->fields.scm_sha, y->fields.scm_sha) &&
		   text_equal(x->fields.actor, y->fields.actor) && text_equal(x->fields.error_message, y->fields.error_message);
}

static void a_seed_tells_one_story(void **state)
{
	struct story first = story_make(*state, 7, NOON), again = story_make(*state, 7, NOON), other = story_make(*state, 8, NOON);
	size_t different = 0;
	assert_int_equal(first.count, again.count);
	for (size_t i = 0; i < first.count; i++) assert_true(same_event(&first.events[i], &again.events[i]));
	for (size_t i = 0; i < first.count && i < other.count; i++) different += !same_event(&first.events[i], &other.events[i]);
	assert_true(different > first.count / 2);
}

static void check_size(const struct story *s, time_us now)
{
	(void)now;
	if (s->count < 3000 || s->count > 6000) fail_msg("%zu events", s->count);
}

static void it_has_thousands_of_events(void **state)
{
	for_each_story(*state, check_size);
}

static void check_times(const struct story *s, time_us now)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct event_fields *e = &s->events[i].fields;
		assert_true(e->occurred_at >= now - DAYS_US(STORY_DAYS) && e->occurred_at <= now);
		assert_true(s->events[i].received >= e->occurred_at && s->events[i].received <= now);
		if (i) assert_true(s->events[i].received >= s->events[i - 1].received);
		assert_true(state_is_final(e->state) == (e->completed_at != TIME_NONE));
		if (e->completed_at != TIME_NONE) assert_true(e->started_at != TIME_NONE && e->started_at < e->completed_at);
	}
}

static void it_is_within_the_month_and_in_order(void **state)
{
	for_each_story(*state, check_times);
}

static void check_fields(const struct story *s, time_us now)
{
	(void)now;
	for (size_t i = 0; i < s->count; i++) {
		const struct event_fields *e = &s->events[i].fields;
		enum state meant;
		assert_true(status_from_word(e->kind, e->status, &meant) && meant == e->state);
		assert_int_equal(e->environment_name.p != NULL, e->kind == KIND_DEPLOYMENT);
		assert_int_equal(e->scm_sha.n, 40);
		assert_true(e->error_message.p ? e->state == STATE_FAILED : e->state != STATE_FAILED);
		assert_true(e->version.n && e->invoke_id.n && e->actor.n && e->source_system.n && e->scm_branch.n);
		assert_non_null(memmem(e->build_url.p, e->build_url.n, ".example.com/", 13));
		assert_non_null(memmem(e->actor_email.p, e->actor_email.n, "@example.com", 12));
		for (const struct event_field *f = EVENT_FIELDS; f->name[KIND_DEPLOYMENT]; f++) {
			const struct text *t = (const void *)((const char *)e + f->at);
			if ((f->kind != FIELD_TEXT && f->kind != FIELD_NUMBER_OR_TEXT) || !t->p) continue;
			assert_true(utf8_valid(*t) && !text_has_control(*t, f->multiline) && utf8_length(*t) <= f->limit);
		}
	}
}

static void its_fields_are_valid(void **state)
{
	for_each_story(*state, check_fields);
}

/* An index into the company's tables. */
static size_t product_of(const struct event_fields *e)
{
	size_t i = 0;
	while (i < DEMO_PRODUCTS && !text_is(e->product_name, DEMO_PRODUCT_TABLE[i].name)) i++;
	assert_true(i < DEMO_PRODUCTS);
	return i;
}

static size_t environment_of(const struct event_fields *e)
{
	size_t i = 0;
	while (i < DEMO_ENVIRONMENTS && !text_is(e->environment_name, DEMO_ENVIRONMENT_TABLE[i].name)) i++;
	assert_true(i < DEMO_ENVIRONMENTS);
	return i;
}

/* What the matrix will show: each cell's current version, and the cells whose last deployment has that state. */
static void check_end(const struct story *s, time_us now)
{
	static const struct event_fields *last[DEMO_PRODUCTS][DEMO_ENVIRONMENTS], *current[DEMO_PRODUCTS][DEMO_ENVIRONMENTS];
	size_t ends[STATE_COUNT] = {0}, drifting = 0;
	(void)now;
	memset(last, 0, sizeof last), memset(current, 0, sizeof current);
	for (size_t i = 0; i < s->count; i++) {
		const struct event_fields *e = &s->events[i].fields;
		if (e->kind != KIND_DEPLOYMENT) continue;
		size_t p = product_of(e), env = environment_of(e);
		last[p][env] = e;
		if (e->state == STATE_COMPLETED) current[p][env] = e;
	}
	for (size_t p = 0; p < DEMO_PRODUCTS; p++) {
		for (size_t env = 0; env < DEMO_ENVIRONMENTS; env++) {
			assert_non_null(current[p][env]);
			ends[last[p][env]->state]++;
		}
		drifting += !text_equal(current[p][0]->version, current[p][3]->version);
	}
	assert_true(drifting >= 8);
	assert_true(ends[STATE_STARTED] >= 3 && ends[STATE_FAILED] >= 4 && ends[STATE_PENDING] >= 1 && ends[STATE_ABORTED] >= 1);
}

static void every_cell_is_filled_and_the_end_has_something_to_see(void **state)
{
	for_each_story(*state, check_end);
}

static void check_weekends(const struct story *s, time_us now)
{
	size_t weekend = 0;
	(void)now;
	for (size_t i = 0; i < s->count; i++) {
		int64_t day = (s->events[i].fields.occurred_at / DAYS_US(1) + 4) % 7;
		weekend += day == 0 || day == 6;
	}
	assert_true(weekend > 0 && weekend < s->count / 8);
}

static void weekends_are_quiet(void **state)
{
	for_each_story(*state, check_weekends);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_seed_tells_one_story, make_arena, free_arena),
		cmocka_unit_test_setup_teardown(it_has_thousands_of_events, make_arena, free_arena),
		cmocka_unit_test_setup_teardown(it_is_within_the_month_and_in_order, make_arena, free_arena),
		cmocka_unit_test_setup_teardown(its_fields_are_valid, make_arena, free_arena),
		cmocka_unit_test_setup_teardown(every_cell_is_filled_and_the_end_has_something_to_see, make_arena, free_arena),
		cmocka_unit_test_setup_teardown(weekends_are_quiet, make_arena, free_arena),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
