/* Targets: what is decoded, what is normalised, what is refused and as what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "http/http_target.h"

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

/* "/a/b|a|b" for the path and its segments, "?name=value" for each parameter. */
static const char *shown(const struct target *t)
{
	struct buf b = BUF_INIT(KIB(64));
	buf_text(&b, t->path);
	for (size_t i = 0; i < t->segment_count; i++) buf_printf(&b, "|%.*s", TEXT_ARGS(t->segments[i]));
	for (size_t i = 0; i < t->query_count; i++)
		buf_printf(&b, "?%.*s=%.*s", TEXT_ARGS(t->query[i].name), TEXT_ARGS(t->query[i].value));
	const char *s = text_cstr(arena, buf_view(&b));
	buf_done(&b);
	return s;
}

static void test_accepted(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{"/", "/"},
		{"/a", "/a|a"},
		{"//a///b//", "/a/b|a|b"},
		{"/a%2Fb/c", "/a/b/c|a/b|c"},
		{"/%61%252F", "/a%2F|a%2F"},
		{"/caf%C3%A9", "/café|café"},
		{"/café", "/café|café"},
		{"/a+b", "/a+b|a+b"},
		{"/a?", "/a|a"},
		{"/a?b", "/a|a?b="},
		{"/a?b=1&c=2", "/a|a?b=1?c=2"},
		{"/a?&&b=1&", "/a|a?b=1"},
		{"/a?b=x+y%2B%26z=", "/a|a?b=x y+&z="},
		{"/a?b=c?d/e", "/a|a?b=c?d/e"},
		{"/a?na%6De=1", "/a|a?name=1"},
		{"http://host", "/"},
		{"HTTPS://host:8080/a?b=1", "/a|a?b=1"},
		{"http://host?b=1", "/?b=1"},
		{"*", "*"},
		{"/...", "/...|..."},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct target t;
		assert_int_equal(target_parse(arena, text_from(rows[i][0]), &t), TARGET_OK);
		assert_string_equal(shown(&t), rows[i][1]);
		assert_int_equal(t.asterisk, rows[i][0][0] == '*');
	}
}

static void test_refused(void **state)
{
	(void)state;
	static const struct {
		const char *raw;
		enum target_verdict verdict;
		const char *wrong;
	} rows[] = {
		{"", TARGET_MALFORMED, NULL},
		{"a", TARGET_MALFORMED, NULL},
		{"**", TARGET_MALFORMED, NULL},
		{"http:///a", TARGET_MALFORMED, NULL},
		{"ftp://host/a", TARGET_MALFORMED, NULL},
		{"/a b", TARGET_MALFORMED, NULL},
		{"/a\tb", TARGET_MALFORMED, NULL},
		{"/a#b", TARGET_MALFORMED, NULL},
		{"/\x7f", TARGET_MALFORMED, NULL},
		{"/%", TARGET_MALFORMED, NULL},
		{"/%4", TARGET_MALFORMED, NULL},
		{"/%4g", TARGET_MALFORMED, NULL},
		{"/%00", TARGET_MALFORMED, NULL},
		{"/%0A", TARGET_MALFORMED, NULL},
		{"/%C2%85", TARGET_MALFORMED, NULL},
		{"/%ff", TARGET_MALFORMED, NULL},
		{"/%C0%AF", TARGET_MALFORMED, NULL},
		{"/\xff", TARGET_MALFORMED, NULL},
		{"/a/./b", TARGET_UNKNOWN, NULL},
		{"/a/../b", TARGET_UNKNOWN, NULL},
		{"/%2e%2E/b", TARGET_UNKNOWN, NULL},
		{"/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", TARGET_UNKNOWN, NULL},
		{"/?a=1&a=2", TARGET_BAD_QUERY, "a"},
		{"/?a=1&%61=2", TARGET_BAD_QUERY, "a"},
		{"/?b=%zz", TARGET_BAD_QUERY, "b"},
		{"/?b=%ff", TARGET_BAD_QUERY, "b"},
		{"/?b=%0d%0aX", TARGET_BAD_QUERY, "b"},
		{"/?=1", TARGET_BAD_QUERY, ""},
		{"/?%00=1", TARGET_BAD_QUERY, "%00"},
		{"/?\xff=1", TARGET_BAD_QUERY, ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct target t;
		enum target_verdict verdict = target_parse(arena, text_from(rows[i].raw), &t);
		if (verdict != rows[i].verdict) print_error("%s\n", rows[i].raw);
		assert_int_equal(verdict, rows[i].verdict);
		if (rows[i].wrong) assert_true(text_is(t.wrong, rows[i].wrong));
	}
}

static void test_nul(void **state)
{
	(void)state;
	struct target t;
	assert_int_equal(target_parse(arena, TEXT("/a\0b"), &t), TARGET_MALFORMED);
}

static void test_many_parameters(void **state)
{
	(void)state;
	for (int n = TARGET_QUERY_PARAMS; n <= TARGET_QUERY_PARAMS + 1; n++) {
		struct buf b = BUF_INIT(KIB(4));
		buf_cstr(&b, "/?");
		for (int i = 1; i <= n; i++) buf_printf(&b, "p%d&", i);
		struct target t;
		enum target_verdict verdict = target_parse(arena, buf_view(&b), &t);
		assert_int_equal(verdict, n > TARGET_QUERY_PARAMS ? TARGET_BAD_QUERY : TARGET_OK);
		if (verdict == TARGET_OK)
			assert_int_equal(t.query_count, TARGET_QUERY_PARAMS);
		else
			assert_true(text_is(t.wrong, "p51"));
		buf_done(&b);
	}
}

static void test_length(void **state)
{
	(void)state;
	static char raw[LIMIT_TARGET + 1];
	memset(raw, 'a', sizeof raw);
	raw[0] = '/';
	struct target t;
	assert_int_equal(target_parse(arena, (struct text){raw, LIMIT_TARGET}, &t), TARGET_OK);
	assert_int_equal(target_parse(arena, (struct text){raw, LIMIT_TARGET + 1}, &t), TARGET_TOO_LONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_accepted, begin, end),
		cmocka_unit_test_setup_teardown(test_refused, begin, end),
		cmocka_unit_test_setup_teardown(test_nul, begin, end),
		cmocka_unit_test_setup_teardown(test_many_parameters, begin, end),
		cmocka_unit_test_setup_teardown(test_length, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
