/* Status words, states, kinds and event types against the data tables. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../tsv.h"
#include "domain/status.h"

static enum kind kind_of(const char *name)
{
	enum kind k;
	if (!kind_from_name(text_from(name), &k)) fail_msg("no kind: %s", name);
	return k;
}

static void assert_word(enum kind k, const char *word, const char *state)
{
	enum state s;
	if (!status_from_word(k, text_from(word), &s)) fail_msg("%s: '%s' is not accepted", kind_name(k), word);
	if (strcmp(state_name(s), state) != 0) fail_msg("%s: '%s' gives %s, not %s", kind_name(k), word, state_name(s), state);
}

static void every_row_of_the_table(void **unused)
{
	(void)unused;
	struct tsv *t = tsv_read("status-map.tsv");
	for (size_t i = 0; i < t->rows; i++) {
		enum kind k = kind_of(tsv_get(t, i, "kind"));
		enum state s;
		assert_word(k, tsv_get(t, i, "submitted"), tsv_get(t, i, "canonical"));
		assert_true(state_from_name(text_from(tsv_get(t, i, "canonical")), &s));
		assert_string_equal(event_type_name(k, s), tsv_get(t, i, "event_type"));
	}
	tsv_free(t);
}

static void case_and_outer_white_space_do_not_matter(void **unused)
{
	(void)unused;
	struct tsv *t = tsv_read("status-map.tsv");
	for (size_t i = 0; i < t->rows; i++) {
		enum kind k = kind_of(tsv_get(t, i, "kind"));
		const char *word = tsv_get(t, i, "submitted"), *state = tsv_get(t, i, "canonical");
		char upper[64], mixed[64], spaced[80];
		for (size_t c = 0; c <= strlen(word); c++) {
			upper[c] = (char)toupper((unsigned char)word[c]);
			mixed[c] = c % 2 ? upper[c] : word[c];
		}
		snprintf(spaced, sizeof(spaced), " \t\r\n%s\n \xc2\xa0", mixed);
		assert_word(k, upper, state);
		assert_word(k, mixed, state);
		assert_word(k, spaced, state);
	}
	tsv_free(t);
}

/* The list of accepted words is the same rows in the same order: none missing in the code, none missing in the table. */
static void no_word_more_and_none_less(void **unused)
{
	(void)unused;
	struct tsv *t = tsv_read("status-map.tsv");
	for (enum kind k = 0; k < KIND_COUNT; k++) {
		char expected[1024] = "";
		for (size_t i = 0; i < t->rows; i++) {
			if (kind_of(tsv_get(t, i, "kind")) != k) continue;
			if (*expected) strcat(expected, ", ");
			strcat(expected, tsv_get(t, i, "submitted"));
		}
		assert_string_equal(status_words(k), expected);
	}
	tsv_free(t);
}

static void other_words_are_refused(void **unused)
{
	(void)unused;
	static const struct {
		enum kind kind;
		struct text word;
	} refused[] = {
		{KIND_DEPLOYMENT, {"building", 8}}, {KIND_DEPLOYMENT, {"built", 5}}, {KIND_BUILD, {"deploying", 9}},
		{KIND_BUILD, {"deployed", 8}}, {KIND_DEPLOYMENT, {"preflight_failed", 16}}, {KIND_DEPLOYMENT, {"", 0}},
		{KIND_DEPLOYMENT, {NULL, 0}}, {KIND_DEPLOYMENT, {"   ", 3}}, {KIND_DEPLOYMENT, {"succes", 6}},
		{KIND_DEPLOYMENT, {"successful", 10}}, {KIND_DEPLOYMENT, {"in progress", 11}}, {KIND_DEPLOYMENT, {"success\0", 8}},
		{KIND_DEPLOYMENT, {"\xc5\xbf"
						   "uccess",
							  8}}, /* U+017F folds to s in Unicode, not in ASCII */
	};
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		enum state s = STATE_COUNT;
		if (status_from_word(refused[i].kind, refused[i].word, &s)) fail_msg("row %zu is accepted", i);
		assert_int_equal(s, STATE_COUNT);
	}
}

static void states_have_names_and_ends(void **unused)
{
	(void)unused;
	static const struct {
		enum state state;
		const char *name;
		bool final;
	} rows[] = {
		{STATE_PENDING, "pending", false},
		{STATE_STARTED, "started", false},
		{STATE_COMPLETED, "completed", true},
		{STATE_FAILED, "failed", true},
		{STATE_ABORTED, "aborted", true},
		{STATE_PREFLIGHT_FAILED, "preflight_failed", true},
	};
	assert_int_equal(sizeof(rows) / sizeof(rows[0]), STATE_COUNT);
	for (size_t i = 0; i < STATE_COUNT; i++) {
		enum state s = STATE_COUNT;
		assert_string_equal(state_name(rows[i].state), rows[i].name);
		assert_int_equal(state_is_final(rows[i].state), rows[i].final);
		assert_true(state_from_name(text_from(rows[i].name), &s));
		assert_int_equal(s, rows[i].state);
	}
}

static void names_are_exact(void **unused)
{
	(void)unused;
	enum state s = STATE_COUNT;
	enum kind k = KIND_COUNT;
	assert_false(state_from_name(TEXT("success"), &s));
	assert_false(state_from_name(TEXT("Completed"), &s));
	assert_false(state_from_name(TEXT(" completed"), &s));
	assert_false(state_from_name(TEXT("complete"), &s));
	assert_false(state_from_name(TEXT_ABSENT, &s));
	assert_int_equal(s, STATE_COUNT);
	assert_false(kind_from_name(TEXT("Build"), &k));
	assert_false(kind_from_name(TEXT("version"), &k));
	assert_false(kind_from_name(TEXT_ABSENT, &k));
	assert_int_equal(k, KIND_COUNT);
}

static void kinds_have_names(void **unused)
{
	(void)unused;
	assert_string_equal(kind_name(KIND_DEPLOYMENT), "deployment");
	assert_string_equal(kind_name(KIND_BUILD), "build");
	assert_int_equal(kind_of("deployment"), KIND_DEPLOYMENT);
	assert_int_equal(kind_of("build"), KIND_BUILD);
}

/* Both ways: each type of the table reads and writes, and each kind with a state that has a name is in the table. */
static void event_types_are_those_of_the_table(void **unused)
{
	(void)unused;
	struct tsv *t = tsv_read("event-types.tsv");
	size_t in_table = 0, in_code = 0;
	for (size_t i = 0; i < t->rows; i++) {
		const char *category = tsv_get(t, i, "category"), *name = tsv_get(t, i, "event_type");
		enum kind k;
		enum state s;
		bool known = event_type_parse(text_from(name), &k, &s);
		assert_int_equal(known, strcmp(category, "governance") != 0);
		if (!known) continue;
		in_table++;
		assert_string_equal(kind_name(k), category);
		assert_string_equal(event_type_name(k, s), name);
	}
	for (enum kind k = 0; k < KIND_COUNT; k++) {
		for (enum state s = 0; s < STATE_COUNT; s++) in_code += event_type_name(k, s) != NULL;
	}
	assert_int_equal(in_table, in_code);
	assert_null(event_type_name(KIND_BUILD, STATE_PREFLIGHT_FAILED));
	tsv_free(t);
}

static void an_event_type_is_the_kind_a_dot_and_the_state(void **unused)
{
	(void)unused;
	for (enum kind k = 0; k < KIND_COUNT; k++) {
		for (enum state s = 0; s < STATE_COUNT; s++) {
			char name[64];
			snprintf(name, sizeof(name), "%s.%s", kind_name(k), state_name(s));
			if (event_type_name(k, s)) assert_string_equal(event_type_name(k, s), name);
		}
	}
}

static void other_event_types_are_refused(void **unused)
{
	(void)unused;
	static const char *const refused[] = {
		NULL,
		"",
		"deployment",
		"deployment.",
		".failed",
		"deployment.success",
		"Deployment.failed",
		"deployment.failed ",
		"build.preflight_failed",
		"version.completed",
		"dr.created",
	};
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		enum kind k = KIND_COUNT;
		enum state s = STATE_COUNT;
		assert_false(event_type_parse(text_from(refused[i]), &k, &s));
		assert_int_equal(k, KIND_COUNT);
		assert_int_equal(s, STATE_COUNT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_table),
		cmocka_unit_test(case_and_outer_white_space_do_not_matter),
		cmocka_unit_test(no_word_more_and_none_less),
		cmocka_unit_test(other_words_are_refused),
		cmocka_unit_test(states_have_names_and_ends),
		cmocka_unit_test(names_are_exact),
		cmocka_unit_test(kinds_have_names),
		cmocka_unit_test(event_types_are_those_of_the_table),
		cmocka_unit_test(an_event_type_is_the_kind_a_dot_and_the_state),
		cmocka_unit_test(other_event_types_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
