/* Stored preferences as subscriptions: every filter, and everything that must be refused. */
#include "../fresh_store.h"

#include "actions/preference_compile.h"

static enum rc compiled(struct arena *a, const char *event_type, struct text filters, struct subscription *ret, struct err *err)
{
	struct preference p = {.event_type = text_from(event_type), .filters = filters};
	return preference_compile(a, &p, ret, err);
}

static struct subscription filters_of(struct arena *a, const char *filters)
{
	struct subscription s;
	struct err err = {0};
	if (compiled(a, "*", text_from(filters), &s, &err) != RC_OK) fail_msg("%s: %s", filters, err.text);
	return s;
}

static int arena_make(void **state)
{
	*state = arena_new(KIB(4), MIB(16));
	return 0;
}

static int arena_remove(void **state)
{
	arena_free(*state);
	return 0;
}

static void nothing_is_filtered_where_nothing_is_said(void **state)
{
	static const char *const empty[] = {"{}", " { } ", "{\"environments\":[]}",
		"{\"environments\":[],\"products\":[],\"statuses\":[],\"environment_types\":[]}",
		"{\"environments\":null,\"products\":null,\"statuses\":null,\"environment_types\":null}"};
	for (size_t i = 0; i < COUNT_OF(empty); i++) {
		struct subscription s = filters_of(*state, empty[i]);
		assert_int_equal(s.environment_count + s.product_count, 0);
		assert_int_equal(s.states | s.environment_types, 0);
	}
}

static void names_stand_as_they_are(void **state)
{
	struct subscription s = filters_of(
		*state, "{\"environments\":[\"prod-*\",\" gr\\u00f6\\u00dfe\",\"\"],\"products\":[\"shop\"]}");
	assert_int_equal(s.environment_count, 3);
	assert_text(s.environments[0], "prod-*");
	assert_text(s.environments[1], " größe");
	assert_text(s.environments[2], "");
	assert_int_equal(s.product_count, 1);
	assert_text(s.products[0], "shop");
	assert_int_equal(s.states | s.environment_types, 0);
}

static void every_word_is_its_bit(void **state)
{
	char filters[128];
	for (enum state st = 0; st < STATE_COUNT; st++) {
		snprintf(filters, sizeof filters, "{\"statuses\":[\"%s\"]}", state_name(st));
		struct subscription s = filters_of(*state, filters);
		assert_int_equal(s.states, 1u << st);
		assert_int_equal(s.environment_types | s.environment_count | s.product_count, 0);
	}
	for (enum environment_type t = 0; t < ENV_TYPE_COUNT; t++) {
		snprintf(filters, sizeof filters, "{\"environment_types\":[\"%s\"]}", environment_type_name(t));
		struct subscription s = filters_of(*state, filters);
		assert_int_equal(s.environment_types, 1u << t);
		assert_int_equal(s.states, 0);
	}
	struct subscription s = filters_of(
		*state, "{\"statuses\":[\"failed\",\"aborted\",\"failed\"],\"environment_types\":[\"dev\",\"other\"]}");
	assert_int_equal(s.states, 1u << STATE_FAILED | 1u << STATE_ABORTED);
	assert_int_equal(s.environment_types, 1u << ENV_DEV | 1u << ENV_OTHER);
}

static void an_old_name_is_the_new_one(void **state)
{
	struct subscription s;
	struct err err = {0};
	assert_ok(compiled(*state, "version.failed", TEXT("{}"), &s, &err));
	assert_text(s.event_type, "build.failed");
}

static void nothing_of_what_was_read_is_pointed_to(void **state)
{
	char type[] = "deployment.*", filters[] = "{\"products\":[\"shop\"]}";
	struct subscription s;
	struct err err = {0};
	assert_ok(compiled(*state, type, text_from(filters), &s, &err));
	memset(type, 'x', sizeof type);
	memset(filters, 'x', sizeof filters);
	assert_text(s.event_type, "deployment.*");
	assert_text(s.products[0], "shop");
}

static void what_cannot_be_read_is_refused_with_a_sentence(void **state)
{
	static const struct {
		const char *type, *filters, *sentence;
	} rows[] = {
		{"deployment.exploded", "{}", "there is no such event type"},
		{"", "{}", "there is no such event type"},
		{"*", "", "line 1, column 1: nothing there"},
		{"*", "[]", "the filters are no object"},
		{"*", "null", "the filters are no object"},
		{"*", "{\"Environments\":[]}", "there is no such filter"},
		{"*", "{\"products\":[\"a\"],\"status\":[]}", "there is no such filter"},
		{"*", "{\"environments\":\"prod\"}", "environments: no list of texts"},
		{"*", "{\"products\":{}}", "products: no list of texts"},
		{"*", "{\"products\":[\"a\",1]}", "products: no list of texts"},
		{"*", "{\"products\":[null]}", "products: no list of texts"},
		{"*", "{\"statuses\":[true]}", "statuses: no list of texts"},
		{"*", "{\"statuses\":[\"failed\",\"exploded\"]}", "statuses: unknown word"},
		{"*", "{\"statuses\":[\"\"]}", "statuses: unknown word"},
		{"*", "{\"environment_types\":[\"prod\"]}", "environment_types: unknown word"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct subscription s = {.states = 77};
		struct err err = {0};
		if (compiled(*state, rows[i].type, text_from(rows[i].filters), &s, &err) != RC_INVALID)
			fail_msg("row %zu is accepted", i);
		assert_string_equal(err.text, rows[i].sentence);
		assert_int_equal(s.states, 77);
	}
	struct subscription s;
	struct err err = {0};
	assert_int_equal(compiled(*state, "*", TEXT("{\"products\":["), &s, &err), RC_INVALID);
	assert_int_equal(compiled(*state, "*", TEXT_ABSENT, &s, &err), RC_INVALID);
}

/* A list of so many names of so many characters. */
static struct text many_names(struct arena *a, size_t count, size_t length)
{
	char *p = arena_alloc(a, 16 + count * (length + 3)), *at = p;
	static const char HEAD[] = "{\"products\":[";
	memcpy(at, HEAD, sizeof HEAD - 1);
	at += sizeof HEAD - 1;
	for (size_t i = 0; i < count; i++) {
		*at++ = '"';
		memset(at, 'a', length);
		at += length;
		*at++ = '"';
		*at++ = ',';
	}
	memcpy(at - 1, "]}", 2);
	return (struct text){p, (size_t)(at + 1 - p)};
}

static void filters_have_limits(void **state)
{
	struct subscription s;
	struct err err = {0};
	assert_ok(compiled(*state, "*", many_names(*state, LIMIT_FILTER_NAMES, 1), &s, &err));
	assert_int_equal(s.product_count, LIMIT_FILTER_NAMES);
	assert_int_equal(compiled(*state, "*", many_names(*state, LIMIT_FILTER_NAMES + 1, 1), &s, &err), RC_INVALID);
	assert_string_equal(err.text, "products: more than 100 names");

	struct text largest = many_names(*state, 1, LIMIT_FILTERS - 17);
	assert_int_equal(largest.n, LIMIT_FILTERS);
	assert_ok(compiled(*state, "*", largest, &s, &err));
	assert_int_equal(compiled(*state, "*", many_names(*state, 1, LIMIT_FILTERS - 16), &s, &err), RC_INVALID);
	assert_string_equal(err.text, "the filters have more than 16384 bytes");
}

#define TEST_WITH_ARENA(f) cmocka_unit_test_setup_teardown(f, arena_make, arena_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_WITH_ARENA(nothing_is_filtered_where_nothing_is_said),
		TEST_WITH_ARENA(names_stand_as_they_are),
		TEST_WITH_ARENA(every_word_is_its_bit),
		TEST_WITH_ARENA(an_old_name_is_the_new_one),
		TEST_WITH_ARENA(nothing_of_what_was_read_is_pointed_to),
		TEST_WITH_ARENA(what_cannot_be_read_is_refused_with_a_sentence),
		TEST_WITH_ARENA(filters_have_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
