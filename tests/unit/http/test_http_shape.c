/* Header fields: which requests are refused before their body, and what is known of the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "http/http_shape.h"

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(1024, MIB(1));
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* Lines as "Name: value", divided by "\n". */
static bool sound(const char *lines, struct shape *s)
{
	*s = (struct shape){0};
	struct text rest = text_from(lines), line, name;
	while (text_split(&rest, '\n', &line)) {
		if (line.n == 0) continue;
		text_split(&line, ':', &name);
		shape_see(s, arena, name, line);
	}
	return shape_sound(s);
}

static void test_shapes(void **state)
{
	(void)state;
	static const struct {
		const char *lines;
		bool sound, body, chunked;
		uint64_t length;
	} rows[] = {
		{"", true, false, false, 0},
		{"Host: a", true, false, false, 0},
		{"Content-Length: 0", true, false, false, 0},
		{"content-length: 12", true, true, false, 12},
		{"CONTENT-LENGTH:  12 \t", true, true, false, 12},
		{"Content-Length: 18446744073709551615", true, true, false, UINT64_MAX},
		{"Transfer-Encoding: chunked", true, true, true, 0},
		{"Transfer-Encoding: CHUNKED", true, true, true, 0},
		{"Host: a\nHost: a", false, false, false, 0},
		{"Content-Length: 1\nContent-length: 1", false, false, false, 0},
		{"Content-Length: 1\nTransfer-Encoding: chunked", false, false, false, 0},
		{"Content-Length:", false, false, false, 0},
		{"Content-Length: +1", false, false, false, 0},
		{"Content-Length: -1", false, false, false, 0},
		{"Content-Length: 1 1", false, false, false, 0},
		{"Content-Length: 1,1", false, false, false, 0},
		{"Content-Length: 0x1", false, false, false, 0},
		{"Content-Length: 18446744073709551616", false, false, false, 0},
		{"Transfer-Encoding: gzip", false, false, false, 0},
		{"Transfer-Encoding: gzip, chunked", false, false, false, 0},
		{"Transfer-Encoding: chunked, chunked", false, false, false, 0},
		{"Transfer-Encoding: chunked\nTransfer-Encoding: chunked", false, false, false, 0},
		{"Transfer-Encoding:", false, false, false, 0},
		{"Transfer-Encoding: \vchunked", false, false, false, 0},
		{"Authorization: a\nAuthorization: b", false, false, false, 0},
		{"Content-Type: a\nContent-Type: b", false, false, false, 0},
		{"A : b", false, false, false, 0},
		{" A: b", false, false, false, 0},
		{": b", false, false, false, 0},
		{"A\x01: b", false, false, false, 0},
		{"A\xc3\xa9: b", false, false, false, 0},
		{"A: b\x7f", false, false, false, 0},
		{"A: b\rC: d", false, false, false, 0},
		{"A: caf\xc3\xa9\t\xff", true, false, false, 0},
		{"A: b\nA: c", true, false, false, 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct shape s;
		bool is_sound = sound(rows[i].lines, &s);
		if (is_sound != rows[i].sound) print_error("%s\n", rows[i].lines);
		assert_int_equal(is_sound, rows[i].sound);
		if (!is_sound) continue;
		assert_int_equal(shape_has_body(&s), rows[i].body);
		assert_int_equal(s.chunked, rows[i].chunked);
		assert_true(s.length == rows[i].length);
	}
}

static void test_nul_in_value(void **state)
{
	(void)state;
	struct shape s = {0};
	shape_see(&s, arena, TEXT("A"), TEXT("b\0c"));
	assert_false(shape_sound(&s));
}

static void test_count(void **state)
{
	(void)state;
	struct shape s = {0};
	for (int i = 0; i < LIMIT_HEADER_COUNT; i++) shape_see(&s, arena, TEXT("A"), TEXT("b"));
	assert_true(shape_sound(&s));
	shape_see(&s, arena, TEXT("A"), TEXT("b"));
	assert_false(shape_sound(&s));
}

static void test_repeated(void **state)
{
	(void)state;
	struct shape s;
	assert_true(sound("X-Forwarded-For: a, b\nX-Request-Id: 1\nx-forwarded-for: c\nX-Request-Id: 2\nExpect: 100-Continue", &s));
	assert_true(text_is(s.fields[FIELD_FORWARDED_FOR], "a, b,c"));
	assert_true(text_is(s.fields[FIELD_REQUEST_ID], "1"));
	assert_true(s.expects_continue);
	assert_null(s.fields[FIELD_HOST].p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_shapes, begin, end),
		cmocka_unit_test_setup_teardown(test_nul_in_value, begin, end),
		cmocka_unit_test_setup_teardown(test_count, begin, end),
		cmocka_unit_test_setup_teardown(test_repeated, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
