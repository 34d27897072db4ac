/* Environment types against the data tables, and names that are close to a word but are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../tsv.h"
#include "domain/environment_type.h"

static void assert_type(const char *name, const char *type)
{
	const char *found = environment_type_name(environment_type_from_name(text_from(name)));
	if (strcmp(found, type) != 0) fail_msg("'%s' is %s, not %s", name, found, type);
}

static void every_row_of_the_table(void **unused)
{
	(void)unused;
	struct tsv *t = tsv_read("environment-types.tsv");
	assert_int_equal(t->rows, 29);
	for (size_t i = 0; i < t->rows; i++) assert_type(tsv_get(t, i, "word"), tsv_get(t, i, "type"));
	tsv_free(t);
}

/* For each pair of rows a name with both words, in both orders, has the type of the upper row. */
static void the_upper_row_wins(void **unused)
{
	(void)unused;
	struct tsv *t = tsv_read("environment-types.tsv");
	for (size_t upper = 0; upper < t->rows; upper++) {
		for (size_t lower = upper + 1; lower < t->rows; lower++) {
			const char *a = tsv_get(t, upper, "word"), *b = tsv_get(t, lower, "word");
			char name[128];
			snprintf(name, sizeof(name), "%s-x-%s", a, b);
			assert_type(name, tsv_get(t, upper, "type"));
			snprintf(name, sizeof(name), "%s/x/%s", b, a);
			assert_type(name, tsv_get(t, upper, "type"));
		}
	}
	tsv_free(t);
}

static void every_example(void **unused)
{
	(void)unused;
	struct tsv *t = tsv_read("environment-types-examples.tsv");
	for (size_t i = 0; i < t->rows; i++) assert_type(tsv_get(t, i, "name"), tsv_get(t, i, "type"));
	tsv_free(t);
}

static void names_at_the_edges(void **unused)
{
	(void)unused;
	static const struct {
		const char *name, *type;
	} rows[] = {
		{NULL, "other"},
		{"", "other"},
		{"   ", "other"},
		{"--/--", "other"},
		{"PROD", "production"},
		{"[prod]", "production"},
		{"eu.prod.7", "production"},
		{"prod1", "other"}, /* a digit is part of the word */
		{"1prod", "other"},
		{"pre--__prod", "staging"}, /* any separators between the words of a run */
		{"eu-pre-prod-1", "staging"},
		{"pre-pre-prod", "staging"},
		{"prod-pre", "production"}, /* a run has an order */
		{"pre-eu-prod", "production"}, /* and is consecutive */
		{"pre", "other"}, /* half a run is none */
		{"x-pre", "other"},
		{"non", "other"},
		{"pre-productions", "other"},
		{"latest", "other"},
		{"devops", "other"},
		{"prod\xc3\xa9", "other"}, /* bytes of a multi-byte character belong to the word */
		{"\xc3\xa9prod", "other"},
		{"\xe6\x9c\xac\xe7\x95\xaa", "other"},
		{"\xe6\x9c\xac prod", "production"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) assert_type(rows[i].name, rows[i].type);
}

static void a_byte_of_zero_separates(void **unused)
{
	(void)unused;
	assert_int_equal(environment_type_from_name(TEXT("a\0prod\0b")), ENV_PRODUCTION);
}

/* Text is not terminated: the bytes behind it do not count. */
static void the_name_ends_at_its_length(void **unused)
{
	(void)unused;
	assert_int_equal(environment_type_from_name((struct text){"production", 4}), ENV_PRODUCTION);
	assert_int_equal(environment_type_from_name((struct text){"production", 5}), ENV_OTHER);
	assert_int_equal(environment_type_from_name((struct text){"pre-prod", 3}), ENV_OTHER);
}

static void a_long_name_is_searched_to_its_end(void **unused)
{
	(void)unused;
	size_t n = 1 << 20;
	char *name = malloc(n);
	assert_non_null(name);
	memset(name, '-', n);
	memcpy(name + n - 4, "prod", 4);
	assert_int_equal(environment_type_from_name((struct text){name, n}), ENV_PRODUCTION);
	memset(name, 'a', n);
	assert_int_equal(environment_type_from_name((struct text){name, n}), ENV_OTHER);
	free(name);
}

static void types_are_in_the_order_of_the_matrix(void **unused)
{
	(void)unused;
	static const char *const order[] = {"dev", "test", "staging", "production", "other"};
	assert_int_equal(sizeof(order) / sizeof(order[0]), ENV_TYPE_COUNT);
	for (size_t i = 0; i < ENV_TYPE_COUNT; i++) {
		enum environment_type t = ENV_TYPE_COUNT;
		assert_string_equal(environment_type_name((enum environment_type)i), order[i]);
		assert_true(environment_type_parse(text_from(order[i]), &t));
		assert_int_equal(t, i);
	}
}

static void other_type_names_are_refused(void **unused)
{
	(void)unused;
	static const char *const refused[] = {NULL, "", "prod", "Production", "production ", "development"};
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		enum environment_type t = ENV_TYPE_COUNT;
		assert_false(environment_type_parse(text_from(refused[i]), &t));
		assert_int_equal(t, ENV_TYPE_COUNT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_table),
		cmocka_unit_test(the_upper_row_wins),
		cmocka_unit_test(every_example),
		cmocka_unit_test(names_at_the_edges),
		cmocka_unit_test(a_byte_of_zero_separates),
		cmocka_unit_test(the_name_ends_at_its_length),
		cmocka_unit_test(a_long_name_is_searched_to_its_end),
		cmocka_unit_test(types_are_in_the_order_of_the_matrix),
		cmocka_unit_test(other_type_names_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
