/* base/json_scan: what is too deep or too much, and where; a number's own characters, wherever its member stands and however its key
 * is spelled. */
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
			size_t at;
			assert_int_equal(json_find_excess((struct text){exact, n}, 96, 100, &at), JSON_FITS);
			free(exact);
		}
}

static const struct {
	const char *text;
	size_t levels, values;
	enum json_excess excess;
	size_t at;
} bounds[] = {
	{"[[[]]]", 3, 99, JSON_FITS, 0},
	{"[[[]]]", 2, 99, JSON_TOO_DEEP, 2},
	{"[{\"[[[[\":[]},[{}]]", 3, 99, JSON_FITS, 0},
	{"[{\"\\\"[[[[\":[{}]}]", 3, 99, JSON_TOO_DEEP, 12},
	{"]]]][[[[", 3, 99, JSON_TOO_DEEP, 7},
	{"\"[[[[[", 1, 99, JSON_FITS, 0},
	{"", 1, 1, JSON_FITS, 0},
	{"1", 1, 1, JSON_FITS, 0},
	{"[]", 9, 1, JSON_FITS, 0},
	{" [ \t\r\n] ", 9, 1, JSON_FITS, 0},
	{"[0]", 9, 2, JSON_FITS, 0},
	{"[0]", 9, 1, JSON_TOO_MANY, 1},
	{"[ \"a\"]", 9, 1, JSON_TOO_MANY, 2},
	{"[{},{},{}]", 9, 4, JSON_FITS, 0},
	{"[{},{},{}]", 9, 3, JSON_TOO_MANY, 6},
	{"[{ },[ ],\"\" , 0]", 9, 5, JSON_FITS, 0},
	{"[{ },[ ],\"\" , 0]", 9, 4, JSON_TOO_MANY, 12},
	{"[[[[]]]]", 9, 4, JSON_FITS, 0},
	{"[[[[]]]]", 9, 3, JSON_TOO_MANY, 3},
	{"{\"a\":1,\"b\":[2,3]}", 9, 5, JSON_FITS, 0},
	{"{\"a\":1,\"b\":[2,3]}", 9, 4, JSON_TOO_MANY, 13},
	{"{\",,[{\":\",\\\",\"}", 9, 2, JSON_FITS, 0},
};

static void finds_what_is_too_much(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bounds); i++) {
		size_t at = 0;
		enum json_excess excess = json_find_excess(text_from(bounds[i].text), bounds[i].levels, bounds[i].values, &at);
		if (excess != bounds[i].excess || at != bounds[i].at) fail_msg("row %zu, %s: %d at %zu", i, bounds[i].text, excess, at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_source),
		cmocka_unit_test(escaped_letters_of_a_key_are_read),
		cmocka_unit_test(stays_inside),
		cmocka_unit_test(finds_what_is_too_much),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
