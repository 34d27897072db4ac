/* Entity tags, content codings and content types. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/http_negotiate.h"

static void test_etag_listed(void **state)
{
	(void)state;
	static const struct {
		const char *list;
		bool listed;
	} rows[] = {
		{"\"abc\"", true},
		{"W/\"abc\"", true},
		{"\"abc-gzip\"", true},
		{"W/\"abc-gzip\"", true},
		{"*", true},
		{" * ", true},
		{"\"x\", \"abc\"", true},
		{"\"x\",W/\"abc\" ,\"y\"", true},
		{"abc", false},
		{"\"ab\"", false},
		{"\"abcd\"", false},
		{"\"\"", false},
		{"", false},
		{"\"-gzip\"", false},
		{"W/", false},
		{"\"abc", false},
		{"w/\"abc\"", false},
		{"\"x\", *", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (etag_listed(text_from(rows[i].list), TEXT("abc")) != rows[i].listed) print_error("%s\n", rows[i].list);
		assert_int_equal(etag_listed(text_from(rows[i].list), TEXT("abc")), rows[i].listed);
	}
}

static void test_gzip_accepted(void **state)
{
	(void)state;
	static const struct {
		const char *list;
		bool accepted;
	} rows[] = {
		{NULL, false},
		{"", false},
		{"gzip", true},
		{"GZip", true},
		{"x-gzip", true},
		{"deflate, gzip;q=1.0, *;q=0.5", true},
		{"gzip;q=0", false},
		{"gzip; q=0.000", false},
		{"gzip;q=0.001", true},
		{"gzip;Q=0", false},
		{"*", true},
		{"*;q=0", false},
		{"br", false},
		{"identity", false},
		{"*;q=0, gzip", true},
		{"*, gzip;q=0", false},
		{"gzipped", false},
		{";;,,", false},
		{"gzip;q=", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (gzip_accepted(text_from(rows[i].list)) != rows[i].accepted) print_error("%s\n", rows[i].list);
		assert_int_equal(gzip_accepted(text_from(rows[i].list)), rows[i].accepted);
	}
}

static void test_content_type_allowed(void **state)
{
	(void)state;
	static const struct {
		const char *value, *expected;
		bool allowed;
	} rows[] = {
		{NULL, "application/json", true},
		{"text/plain", NULL, true},
		{"application/json", "application/json", true},
		{"Application/JSON ; Charset=\"UTF-8\"", "application/json", true},
		{"application/json; charset=utf8; x=y", "application/json", true},
		{"application/json; x", "application/json", true},
		{"application/json; charset=utf-16", "application/json", false},
		{"application/json; charset", "application/json", false},
		{"application/vnd.a+json", "application/json", true},
		{"application/+json", "application/json", false},
		{"text/a+json", "application/json", false},
		{"application/jsonp", "application/json", false},
		{"", "application/json", false},
		{"application/x-ndjson", "application/x-ndjson", true},
		{"application/vnd.a+json", "application/x-ndjson", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool allowed = content_type_allowed(text_from(rows[i].value), rows[i].expected);
		if (allowed != rows[i].allowed) print_error("%s\n", rows[i].value);
		assert_int_equal(allowed, rows[i].allowed);
	}
}

static void test_compressible(void **state)
{
	(void)state;
	assert_true(content_type_compressible("application/json"));
	assert_true(content_type_compressible("text/html; charset=utf-8"));
	assert_true(content_type_compressible("image/svg+xml"));
	assert_false(content_type_compressible("image/png"));
	assert_false(content_type_compressible("font/woff2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_etag_listed),
		cmocka_unit_test(test_gzip_accepted),
		cmocka_unit_test(test_content_type_allowed),
		cmocka_unit_test(test_compressible),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
