/* base/text, the part about UTF-8: only well-formed text passes, at every offset from the fast path's words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct text good[] = {
	{"", 0},
	{"a", 1},
	{"\0", 1},
	{"\x7F", 1},
	{"\xC2\x80", 2},
	{"\xDF\xBF", 2},
	{"\xE0\xA0\x80", 3},
	{"\xEC\xBF\xBF", 3},
	{"\xED\x9F\xBF", 3},
	{"\xEE\x80\x80", 3},
	{"\xEF\xBF\xBF", 3},
	{"\xEF\xBB\xBF", 3},
	{"\xF0\x90\x80\x80", 4},
	{"\xF3\xBF\xBF\xBF", 4},
	{"\xF4\x8F\xBF\xBF", 4},
	{"\xC3\xA9\xE2\x82\xAC\xF0\x9D\x84\x9E", 9},
};

static const struct text bad[] = {
	{"\x80", 1}, {"\xBF", 1}, {"\xC0\x80", 2}, {"\xC1\xBF", 2}, /* stray, overlong in two */
	{"\xE0\x80\x80", 3}, {"\xE0\x9F\xBF", 3}, {"\xF0\x80\x80\x80", 4}, {"\xF0\x8F\xBF\xBF", 4}, /* overlong in three, four */
	{"\xED\xA0\x80", 3}, {"\xED\xBF\xBF", 3}, {"\xED\xA0\xBD\xED\xB8\x80", 6}, /* surrogates, a pair of them */
	{"\xF4\x90\x80\x80", 4}, {"\xF5\x80\x80\x80", 4}, {"\xFE", 1}, {"\xFF", 1}, /* beyond U+10FFFF, never bytes */
	{"\xF8\x88\x80\x80\x80", 5}, {"\xFC\x84\x80\x80\x80\x80", 6}, /* the old five and six */
	{"\xC3", 1}, {"\xE2\x82", 2}, {"\xE2", 1}, {"\xF0\x9D\x84", 3}, {"\xF0\x9D", 2}, /* cut off */
	{"\xC3(", 2}, {"\xE2(\xA1", 3}, {"\xE2\x82(", 3}, {"\xF0\x9D\x84(", 4}, {"\xF0(\x84\x9E", 4}, /* ASCII inside */
	{"\xC3\xC3\xA9", 3}, {"\xE2\x82\xC3\xA9", 4}, /* a lead byte inside */
};

/* The bytes of t with `before` and `after` ASCII characters around, in exactly as much memory: reading over the end is found. */
static bool valid_within(struct text t, size_t before, size_t after)
{
	struct arena *a = arena_new(1024, 65536);
	char *p = arena_alloc(a, before + t.n + after);
	memset(p, 'x', before + t.n + after);
	memcpy(p + before, t.p, t.n);
	bool valid = utf8_valid((struct text){p, before + t.n + after});
	arena_free(a);
	return valid;
}

static void tells_good_from_bad(void **state)
{
	(void)state;
	for (size_t before = 0; before < 18; before++)
		for (size_t after = 0; after < 18; after++) {
			for (size_t i = 0; i < COUNT(good); i++) assert_true(valid_within(good[i], before, after));
			for (size_t i = 0; i < COUNT(bad); i++) assert_false(valid_within(bad[i], before, after));
		}
	assert_true(utf8_valid(TEXT_ABSENT));
}

/* All code points, encoded by the definition, pass; exactly the surrogates do not. */
static void accepts_every_character(void **state)
{
	(void)state;
	for (unsigned c = 0x80; c < 0x110000; c++) {
		char p[4];
		size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		for (size_t i = n; i-- > 1;) p[i] = (char)(0x80 | (c >> (6 * (n - 1 - i)) & 0x3F));
		p[0] = (char)((n == 2 ? 0xC0 : n == 3 ? 0xE0 : 0xF0) | c >> (6 * (n - 1)));
		bool surrogate = c >= 0xD800 && c <= 0xDFFF;
		if (utf8_valid((struct text){p, n}) == surrogate) fail_msg("U+%04X", c);
	}
}

static void counts_characters(void **state)
{
	(void)state;
	assert_int_equal(utf8_length(TEXT("")), 0);
	assert_int_equal(utf8_length(TEXT_ABSENT), 0);
	assert_int_equal(utf8_length(TEXT("a\xC3\xA9\xE2\x82\xAC\xF0\x9D\x84\x9E!")), 5);
}

static void cuts_whole_characters(void **state)
{
	(void)state;
	static const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
	for (size_t i = 0; i < COUNT(expected); i++)
		assert_int_equal(utf8_cut(TEXT("a\xC3\xA9\xE2\x82\xAC\xF0\x9D\x84\x9E"), i), expected[i]);
	assert_int_equal(utf8_cut(TEXT_ABSENT, 5), 0);
	assert_int_equal(utf8_cut(TEXT("\x80\x80\x80\x80"), 2), 0); /* invalid: anything, but inside */
}

static void finds_control_characters(void **state)
{
	(void)state;
	static const struct {
		struct text t;
		bool strict, lenient;
	} rows[] = {
		{{"", 0}, false, false},
		{{"plain \xC3\xA9\xE2\x82\xAC", 11}, false, false},
		{{"a\0b", 3}, true, true},
		{{"\x1B[31m", 5}, true, true},
		{{"\x7F", 1}, true, true},
		{{"\xC2\x80", 2}, true, true},
		{{"\xC2\x9F", 2}, true, true},
		{{"\xC2\xA0", 2}, false, false},
		{{"\xC3\x85", 2}, false, false},
		{{"a\tb\nc\r\n", 7}, true, false},
		{{"\r", 1}, true, true},
		{{"\rx", 2}, true, true},
		{{"\r\r\n", 3}, true, true},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(text_has_control(rows[i].t, false), rows[i].strict);
		assert_int_equal(text_has_control(rows[i].t, true), rows[i].lenient);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_good_from_bad),
		cmocka_unit_test(accepts_every_character),
		cmocka_unit_test(counts_characters),
		cmocka_unit_test(cuts_whole_characters),
		cmocka_unit_test(finds_control_characters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
