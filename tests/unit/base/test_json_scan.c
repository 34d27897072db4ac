/* base/json_scan: a number's own characters, wherever its member stands and however its key is spelled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/json_scan.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct {
	const char *text, *source;
} rows[] = {
	{"{\"version\":1.10}", "1.10"},
	{"{\"version\":1}", "1"},
	{" {\t\"version\"\r\n:\n -1.50E+07 \n} ", "-1.50E+07"},
	{"{\"version\":0}", "0"},
	{"{\"a\":1,\"version\":2.0,\"b\":3}", "2.0"},
	{"{\"\\u0076ersion\":2.0}", "2.0"},
	{"{\"ve\\u0072sion\" : 2.0}", "2.0"},
	{"{\"\\u0076\\u0065\\u0072\\u0073\\u0069\\u006F\\u006e\":2.0}", "2.0"},
	{"{\"version\":\"1.10\"}", NULL},
	{"{\"version\":true}", NULL},
	{"{\"version\":null}", NULL},
	{"{\"version\":[1]}", NULL},
	{"{\"version\":{\"version\":1}}", NULL},
	{"{}", NULL},
	{"{\"versio\":1}", NULL},
	{"{\"versions\":1}", NULL},
	{"{\"Version\":1}", NULL},
	{"{\"\":1,\"version\":7}", "7"},
	{"{\"versio\\u016e\":1}", NULL},
	{"{\"a\":{\"version\":1},\"version\":2.50}", "2.50"},
	{"{\"a\":[\"version\",1,{\"version\":1}],\"version\":2.50}", "2.50"},
	{"{\"a\":\"\\\"version\\\":1,\",\"version\":2.50}", "2.50"},
	{"{\"a\":\"}\\\\\",\"version\":2.50}", "2.50"},
	{"{\"a\":[[],{},[{\"x\":\"]}\"}]],\"version\":2.50}", "2.50"},
	{"{\"a\\\"\":\"version\",\"version\":2.50}", "2.50"},
	{"[\"version\",1]", NULL},
	{"1", NULL},
	{"\"version\"", NULL},
};

static void finds_the_source(void **state)
{
	(void)state;
	struct arena *a = arena_new(1024, 1 << 20);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct json *v;
		assert_int_equal(json_read(a, text_from(rows[i].text), &v, NULL), RC_OK);
		struct text source = json_number_source(text_from(rows[i].text), "version");
		if (!text_is(source, rows[i].source)) fail_msg("%s gives %.*s", rows[i].text, TEXT_ARGS(source));
	}
	arena_free(a);
}

static void escaped_letters_of_a_key_are_read(void **state)
{
	(void)state;
	assert_true(text_is(json_number_source(TEXT("{\"a\\/\\\"\\\\\\b\\f\\n\\r\\t\":5}"), "a/\"\\\b\f\n\r\t"), "5"));
}

/* Cut anywhere, in memory that ends there, nothing is read beyond the end. */
static void stays_inside(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t n = 0; n <= strlen(rows[i].text); n++) {
			char *exact = mem_alloc(n);
			memcpy(exact, rows[i].text, n);
			struct text source = json_number_source((struct text){exact, n}, "version");
			assert_true(!source.p || (source.p >= exact && source.p + source.n <= exact + n));
			assert_true(json_find_excess_depth((struct text){exact, n}, 96) == n);
			free(exact);
		}
}

static void finds_the_bracket_too_many(void **state)
{
	(void)state;
	assert_int_equal(json_find_excess_depth(TEXT("[[[]]]"), 3), 6);
	assert_int_equal(json_find_excess_depth(TEXT("[[[]]]"), 2), 2);
	assert_int_equal(json_find_excess_depth(TEXT("[{\"[[[[\":[]},[{}]]"), 3), 18);
	assert_int_equal(json_find_excess_depth(TEXT("[{\"\\\"[[[[\":[{}]}]"), 3), 12);
	assert_int_equal(json_find_excess_depth(TEXT("]]]][[[["), 3), 7);
	assert_int_equal(json_find_excess_depth(TEXT("\"[[[[["), 1), 6);
	assert_int_equal(json_find_excess_depth(TEXT_ABSENT, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_source),
		cmocka_unit_test(escaped_letters_of_a_key_are_read),
		cmocka_unit_test(stays_inside),
		cmocka_unit_test(finds_the_bracket_too_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
