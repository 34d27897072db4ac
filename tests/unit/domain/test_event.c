/* The field table against the specification's, clamping, run keys and the time of an event. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "domain/event.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define AT(member) offsetof(struct event_fields, member)

enum need { NONE, OPTIONAL, REQUIRED };

/* The specification's table, written out: name and need of a deployment's field and of a build's, kind, limit. */
static const struct expected_field {
	const char *deployment;
	enum need in_deployment;
	const char *build;
	enum need in_build;
	enum event_field_kind kind;
	size_t limit;
	bool multiline;
	size_t at;
} EXPECTED[] = {
	{"product_name", REQUIRED, "product_name", REQUIRED, FIELD_TEXT, 255, false, AT(product_name)},
	{"version", REQUIRED, "version", REQUIRED, FIELD_NUMBER_OR_TEXT, 255, false, AT(version)},
	{"environment_name", REQUIRED, NULL, NONE, FIELD_TEXT, 255, false, AT(environment_name)},
	{"status", REQUIRED, "status", REQUIRED, FIELD_STATUS, 0, false, AT(status)},
	{"scm_repository", OPTIONAL, "scm_repository", OPTIONAL, FIELD_TEXT, 512, false, AT(scm_repository)},
	{"scm_sha", OPTIONAL, "scm_sha", OPTIONAL, FIELD_TEXT, 128, false, AT(scm_sha)},
	{"scm_branch", OPTIONAL, "scm_branch", OPTIONAL, FIELD_TEXT, 255, false, AT(scm_branch)},
	{"build_number", OPTIONAL, "build_number", OPTIONAL, FIELD_NUMBER_OR_TEXT, 255, false, AT(build_number)},
	{"invoke_id", OPTIONAL, "invoke_id", OPTIONAL, FIELD_NUMBER_OR_TEXT, 255, false, AT(invoke_id)},
	{"build_url", OPTIONAL, "build_url", OPTIONAL, FIELD_TEXT, 2048, false, AT(build_url)},
	{"deploy_url", OPTIONAL, NULL, NONE, FIELD_TEXT, 2048, false, AT(deploy_url)},
	{"source_system", OPTIONAL, "source_system", OPTIONAL, FIELD_TEXT, 64, false, AT(source_system)},
	{"deployed_by", OPTIONAL, "built_by", OPTIONAL, FIELD_TEXT, 255, false, AT(actor)},
	{"deployed_by_email", OPTIONAL, "built_by_email", OPTIONAL, FIELD_TEXT, 255, false, AT(actor_email)},
	{"deployed_by_name", OPTIONAL, "built_by_name", OPTIONAL, FIELD_TEXT, 255, false, AT(actor_name)},
	{"started_at", OPTIONAL, "started_at", OPTIONAL, FIELD_TIME, 0, false, AT(started_at)},
	{"completed_at", OPTIONAL, "completed_at", OPTIONAL, FIELD_TIME, 0, false, AT(completed_at)},
	{"occurred_at", OPTIONAL, "occurred_at", OPTIONAL, FIELD_TIME, 0, false, AT(occurred_at)},
	{"error_message", OPTIONAL, "error_message", OPTIONAL, FIELD_TEXT, 4096, true, AT(error_message)},
	{"error_code", OPTIONAL, "error_code", OPTIONAL, FIELD_TEXT, 255, false, AT(error_code)},
	{"skip_preflight_checks", OPTIONAL, NULL, NONE, FIELD_BOOL, 0, false, AT(skip_preflight_checks)},
	{"extra_metadata", OPTIONAL, "extra_metadata", OPTIONAL, FIELD_METADATA, 131072, true, AT(extra_metadata)},
};

static bool is_end(const struct event_field *f)
{
	return !f->name[KIND_DEPLOYMENT] && !f->name[KIND_BUILD];
}

static void assert_name(const char *name, const char *expected)
{
	if (!expected)
		assert_null(name);
	else
		assert_string_equal(name, expected);
}

static void fields_are_those_of_the_specification(void **unused)
{
	(void)unused;
	size_t i = 0;
	for (const struct event_field *f = EVENT_FIELDS; !is_end(f); f++, i++) {
		assert_true(i < COUNT_OF(EXPECTED));
		const struct expected_field *x = &EXPECTED[i];
		assert_name(f->name[KIND_DEPLOYMENT], x->deployment);
		assert_name(f->name[KIND_BUILD], x->build);
		assert_int_equal(f->required[KIND_DEPLOYMENT], x->in_deployment == REQUIRED);
		assert_int_equal(f->required[KIND_BUILD], x->in_build == REQUIRED);
		assert_int_equal(f->kind, x->kind);
		assert_int_equal(f->limit, x->limit);
		assert_int_equal(f->multiline, x->multiline);
		assert_int_equal(f->at, x->at);
	}
	assert_int_equal(i, COUNT_OF(EXPECTED));
}

/* event_clamp_times promises room for three names. */
static void there_are_three_times(void **unused)
{
	(void)unused;
	size_t times = 0;
	for (const struct event_field *f = EVENT_FIELDS; !is_end(f); f++) times += f->kind == FIELD_TIME;
	assert_int_equal(times, 3);
}

#define NOW SECONDS_US(1779631565)
#define ALLOWED SECONDS_US(300)

static const struct event_fields NO_TIMES = {.started_at = TIME_NONE, .completed_at = TIME_NONE, .occurred_at = TIME_NONE};

static void clamp_keeps_five_minutes_exactly(void **unused)
{
	(void)unused;
	const char *names[3] = {NULL};
	struct event_fields e = NO_TIMES;
	e.started_at = e.completed_at = e.occurred_at = NOW + ALLOWED;
	assert_int_equal(event_clamp_times(&e, NOW, names), 0);
	assert_int_equal(e.started_at, NOW + ALLOWED);
	assert_int_equal(e.completed_at, NOW + ALLOWED);
	assert_int_equal(e.occurred_at, NOW + ALLOWED);
	assert_null(names[0]);
}

static void clamp_sets_a_microsecond_more_to_now(void **unused)
{
	(void)unused;
	for (enum kind k = 0; k < KIND_COUNT; k++) {
		const char *names[3] = {NULL};
		struct event_fields e = NO_TIMES;
		e.kind = k;
		e.started_at = e.completed_at = e.occurred_at = NOW + ALLOWED + 1;
		assert_int_equal(event_clamp_times(&e, NOW, names), 3);
		assert_int_equal(e.started_at, NOW);
		assert_int_equal(e.completed_at, NOW);
		assert_int_equal(e.occurred_at, NOW);
		assert_string_equal(names[0], "started_at");
		assert_string_equal(names[1], "completed_at");
		assert_string_equal(names[2], "occurred_at");
	}
}

static void clamp_names_only_what_it_changed(void **unused)
{
	(void)unused;
	const char *names[3] = {NULL};
	struct event_fields e = NO_TIMES;
	e.started_at = NOW - 1;
	e.completed_at = INT64_MAX;
	assert_int_equal(event_clamp_times(&e, NOW, names), 1);
	assert_string_equal(names[0], "completed_at");
	assert_null(names[1]);
	assert_int_equal(e.started_at, NOW - 1);
	assert_int_equal(e.completed_at, NOW);
	assert_true(e.occurred_at == TIME_NONE);
}

static void clamp_leaves_absent_and_old_times(void **unused)
{
	(void)unused;
	const char *names[3] = {NULL};
	struct event_fields e = NO_TIMES;
	e.occurred_at = SECONDS_US(-62135596800); /* year 1 */
	assert_int_equal(event_clamp_times(&e, NOW, names), 0);
	assert_true(e.started_at == TIME_NONE);
	assert_true(e.completed_at == TIME_NONE);
	assert_int_equal(e.occurred_at, SECONDS_US(-62135596800));
}

static void the_run_key_is_invoke_id_with_the_run_attempt(void **unused)
{
	(void)unused;
	static const struct {
		const char *invoke_id, *run_attempt, *expected;
	} rows[] = {
		{NULL, NULL, NULL},
		{"", NULL, NULL},
		{NULL, "2", NULL}, /* an attempt of nothing is no key */
		{"", "2", NULL},
		{"9127", NULL, "9127"},
		{"9127", "", "9127"},
		{"9127", "2", "9127/2"},
		{"a/b", "10", "a/b/10"},
	};
	struct arena *a = arena_new(1024, 65536);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct event_fields e = {.invoke_id = text_from(rows[i].invoke_id), .run_attempt = text_from(rows[i].run_attempt)};
		struct text key = event_run_key(a, &e);
		if (!text_equal(key, text_from(rows[i].expected))) fail_msg("row %zu gives '%.*s'", i, TEXT_ARGS(key));
	}
	arena_free(a);
}

static void the_run_key_is_the_arena_s(void **unused)
{
	(void)unused;
	struct arena *a = arena_new(1024, 65536);
	char id[] = "9127", attempt[] = "2";
	struct event_fields e = {.invoke_id = {id, 4}};
	struct text alone = event_run_key(a, &e);
	e.run_attempt = (struct text){attempt, 1};
	struct text both = event_run_key(a, &e);
	memset(id, 'x', 4);
	attempt[0] = 'x';
	assert_true(text_is(alone, "9127"));
	assert_true(text_is(both, "9127/2"));
	arena_free(a);
}

enum { STARTED_AT = 1000, COMPLETED_AT = 2000, OCCURRED_AT = 3000, RECEIVED = 4000 };

static const struct time_case {
	const char *name;
	enum state state;
	time_us started_at, completed_at, occurred_at, expected;
} TIMES[] = {
	{"occurred_at of a final event", STATE_COMPLETED, STARTED_AT, COMPLETED_AT, OCCURRED_AT, OCCURRED_AT},
	{"occurred_at of an open event", STATE_STARTED, STARTED_AT, COMPLETED_AT, OCCURRED_AT, OCCURRED_AT},
	{"else completed_at of a completed one", STATE_COMPLETED, STARTED_AT, COMPLETED_AT, TIME_NONE, COMPLETED_AT},
	{"else completed_at of a failed one", STATE_FAILED, STARTED_AT, COMPLETED_AT, TIME_NONE, COMPLETED_AT},
	{"else completed_at of an aborted one", STATE_ABORTED, STARTED_AT, COMPLETED_AT, TIME_NONE, COMPLETED_AT},
	{"else completed_at of a blocked one", STATE_PREFLIGHT_FAILED, STARTED_AT, COMPLETED_AT, TIME_NONE, COMPLETED_AT},
	{"else started_at of a started one", STATE_STARTED, STARTED_AT, TIME_NONE, TIME_NONE, STARTED_AT},
	{"else started_at of a pending one", STATE_PENDING, STARTED_AT, TIME_NONE, TIME_NONE, STARTED_AT},
	{"completed_at of an open event does not count", STATE_STARTED, TIME_NONE, COMPLETED_AT, TIME_NONE, RECEIVED},
	{"completed_at of an open event does not hide its start", STATE_STARTED, STARTED_AT, COMPLETED_AT, TIME_NONE, STARTED_AT},
	{"started_at of a final event does not count", STATE_COMPLETED, STARTED_AT, TIME_NONE, TIME_NONE, RECEIVED},
	{"else received, final", STATE_FAILED, TIME_NONE, TIME_NONE, TIME_NONE, RECEIVED},
	{"else received, open", STATE_PENDING, TIME_NONE, TIME_NONE, TIME_NONE, RECEIVED},
	{"the epoch is a time", STATE_STARTED, 0, TIME_NONE, TIME_NONE, 0},
};

static void event_time_is(void **state)
{
	const struct time_case *c = *state;
	struct event_fields e = {
		.state = c->state,
		.started_at = c->started_at,
		.completed_at = c->completed_at,
		.occurred_at = c->occurred_at,
	};
	assert_int_equal(event_time(&e, RECEIVED), c->expected);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(fields_are_those_of_the_specification),
		cmocka_unit_test(there_are_three_times),
		cmocka_unit_test(clamp_keeps_five_minutes_exactly),
		cmocka_unit_test(clamp_sets_a_microsecond_more_to_now),
		cmocka_unit_test(clamp_names_only_what_it_changed),
		cmocka_unit_test(clamp_leaves_absent_and_old_times),
		cmocka_unit_test(the_run_key_is_invoke_id_with_the_run_attempt),
		cmocka_unit_test(the_run_key_is_the_arena_s),
	};
	struct CMUnitTest tests[COUNT_OF(TIMES) + COUNT_OF(others)];
	for (size_t i = 0; i < COUNT_OF(TIMES); i++)
		tests[i] = (struct CMUnitTest){TIMES[i].name, event_time_is, NULL, NULL, (void *)&TIMES[i]};
	memcpy(tests + COUNT_OF(TIMES), others, sizeof(others));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
