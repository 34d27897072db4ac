/* base/text: comparing, trimming, copying, splitting, numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/text.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define assert_text(t, expected) assert_true(text_equal((t), TEXT(expected)))

static void absent_is_not_empty(void **state)
{
	(void)state;
	assert_false(text_equal(TEXT_ABSENT, TEXT("")));
	assert_true(text_equal(TEXT_ABSENT, TEXT_ABSENT));
	assert_true(text_equal(TEXT(""), TEXT("")));
	assert_false(text_is(TEXT_ABSENT, ""));
	assert_true(text_is(TEXT_ABSENT, NULL));
	assert_false(text_equal_nocase(TEXT_ABSENT, TEXT("")));
	assert_null(text_from(NULL).p);
	assert_non_null(text_from("").p);
}

static void compares_bytes(void **state)
{
	(void)state;
	assert_true(text_equal(TEXT("a\0b"), TEXT("a\0b")));
	assert_false(text_equal(TEXT("a\0b"), TEXT("a\0c")));
	assert_false(text_is(TEXT("a\0b"), "a"));
	assert_false(text_is(TEXT("ab"), "abc"));
	assert_true(text_equal_nocase(TEXT("AzZ09@["), TEXT("aZz09@[")));
	assert_false(text_equal_nocase(TEXT("@"), TEXT("`")));
	assert_false(text_equal_nocase(TEXT("["), TEXT("{")));
	assert_false(text_equal_nocase(TEXT("\xC3\x84"), TEXT("\xC3\xA4"))); /* Ä and ä: ASCII case only */
	assert_true(text_starts(TEXT("abc"), TEXT("ab")));
	assert_true(text_starts(TEXT("abc"), TEXT("")));
	assert_true(text_starts(TEXT_ABSENT, TEXT("")));
	assert_false(text_starts(TEXT("ab"), TEXT("abc")));
}

static void orders(void **state)
{
	(void)state;
	static const struct text ascending[] = {{"", 0}, {"a", 1}, {"a\0", 2}, {"aa", 2}, {"b", 1}, {"\x80", 1}, {"\xFF", 1}};
	for (size_t i = 0; i < COUNT(ascending); i++)
		for (size_t k = 0; k < COUNT(ascending); k++) {
			int order = text_compare(ascending[i], ascending[k]);
			assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
		}
	assert_int_equal(text_compare(TEXT_ABSENT, TEXT("")), 0);
}

static void trims(void **state)
{
	(void)state;
	static const struct {
		struct text in, out;
	} rows[] = {
		{{"", 0}, {"", 0}},
		{{" \t\r\n\v\f", 6}, {"", 0}},
		{{"  a b  ", 7}, {"a b", 3}},
		{{"\xC2\x85x\xC2\xA0", 5}, {"x", 1}},
		{{"\xE1\x9A\x80\xE2\x80\x80\xE2\x80\x8Ax\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAF\xE2\x81\x9F\xE3\x80\x80 ", 26}, {"x", 1}},
		{{"\xE2\x80\x8Bx", 4}, {"\xE2\x80\x8Bx", 4}}, /* U+200B is no white space */
		{{"x\xC2", 2}, {"x\xC2", 2}}, /* the start of a character only */
		{{"\x85\xA0", 2}, {"\x85\xA0", 2}}, /* its end only */
		{{"\xC3\x85 ", 3}, {"\xC3\x85", 2}}, /* Å ends as U+0085 does */
		{{"\xF0\x9F\x80\x80", 4}, {"\xF0\x9F\x80\x80", 4}},
	};
	for (size_t i = 0; i < COUNT(rows); i++) assert_true(text_equal(text_trim(rows[i].in), rows[i].out));
	assert_null(text_trim(TEXT_ABSENT).p);
	assert_non_null(text_trim(TEXT("  ")).p);
}

static void trims_blanks_alone(void **state)
{
	(void)state;
	assert_true(text_equal(text_trim_blanks(TEXT(" \t a\tb \t")), TEXT("a\tb")));
	assert_true(text_equal(text_trim_blanks(TEXT("\nx\xC2\xA0")), TEXT("\nx\xC2\xA0")));
	assert_true(text_equal(text_trim_blanks(TEXT(" \t ")), TEXT("")));
	assert_null(text_trim_blanks(TEXT_ABSENT).p);
}

static void copies(void **state)
{
	(void)state;
	struct arena *a = arena_new(KIB(1), KIB(64));
	struct text copy = text_copy(a, (struct text){"abcdef", 3});
	assert_text(copy, "abc");
	assert_int_equal(copy.p[3], '\0');
	assert_string_equal(text_cstr(a, (struct text){"abcdef", 2}), "ab");
	assert_null(text_cstr(a, TEXT_ABSENT));
	assert_null(text_copy(a, TEXT_ABSENT).p);
	assert_string_equal(text_cstr(a, TEXT("")), "");
	assert_text(text_lower(a, TEXT("ABZ[\xC3\x84"
								   "1")),
		"abz[\xC3\x84"
		"1");
	assert_null(text_lower(a, TEXT_ABSENT).p);
	arena_free(a);
}

static void splits(void **state)
{
	(void)state;
	static const struct {
		const char *whole;
		const char *parts[5];
	} rows[] = {
		{"a,b,c", {"a", "b", "c"}},
		{"", {""}},
		{",", {"", ""}},
		{"a,", {"a", ""}},
		{",,b", {"", "", "b"}},
		{NULL, {NULL}},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text rest = text_from(rows[i].whole), part;
		size_t n = 0;
		for (; text_split(&rest, ',', &part); n++) assert_true(text_is(part, rows[i].parts[n]) && part.p);
		assert_null(rows[i].parts[n]);
	}
}

/* Names that differ in one character fall into all of few places. */
static void hashes_to_everywhere(void **state)
{
	(void)state;
	for (unsigned places = 2; places <= 16; places++) {
		unsigned seen[16] = {0};
		for (char c = 0; c < 100; c++) seen[text_hash((struct text){(char[]){'s', '-', c}, 3}, 7) % places]++;
		for (unsigned i = 0; i < places; i++) assert_in_range(seen[i], 100 / places / 4, 4 * (100 / places + 1));
	}
	assert_true(text_hash(TEXT("a"), 1) != text_hash(TEXT("a"), 2));
	assert_true(text_hash(TEXT("ab"), 0) != text_hash(TEXT("ba"), 0));
	assert_true(text_hash(TEXT("a"), 0) == text_hash((struct text){(char[]){'a'}, 1}, 0));
}

static void reads_numbers(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool good;
		uint64_t value;
	} rows[] = {
		{"0", true, 0},
		{"007", true, 7},
		{"18446744073709551615", true, UINT64_MAX},
		{"18446744073709551616", false, 0},
		{"18446744073709551620", false, 0},
		{"99999999999999999999999999", false, 0},
		{"", false, 0},
		{"-1", false, 0},
		{"+1", false, 0},
		{" 1", false, 0},
		{"1 ", false, 0},
		{"1.0", false, 0},
		{"0x1", false, 0},
		{NULL, false, 0},
		{"\xD9\xA1", false, 0},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t value = 42;
		assert_int_equal(text_to_u64(text_from(rows[i].text), &value), rows[i].good);
		assert_true(value == (rows[i].good ? rows[i].value : 42));
	}
	uint64_t value;
	assert_false(text_to_u64(TEXT("1\0"), &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(absent_is_not_empty),
		cmocka_unit_test(compares_bytes),
		cmocka_unit_test(orders),
		cmocka_unit_test(trims),
		cmocka_unit_test(trims_blanks_alone),
		cmocka_unit_test(copies),
		cmocka_unit_test(splits),
		cmocka_unit_test(hashes_to_everywhere),
		cmocka_unit_test(reads_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
