/* base/json_out: commas, escapes and numbers of what is written. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_out.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define assert_content(b, expected) assert_string_equal(terminated(&(b)), (expected))

static const char *terminated(struct buf *b)
{
	assert_false(buf_failed(b));
	buf_char(b, '\0');
	b->n--;
	return b->p;
}

static void puts_commas_and_keys(void **state)
{
	(void)state;
	buf_auto b = BUF_INIT(4096);
	struct json_out j = json_out(&b);
	json_put_object(&j, NULL);
	json_put_text(&j, "a", TEXT("x"));
	json_put_text(&j, "absent", TEXT_ABSENT);
	json_put_text(&j, "empty", TEXT(""));
	json_put_array(&j, "list");
	json_put_int(&j, NULL, 3);
	json_put_int(&j, NULL, 4);
	json_put_object(&j, NULL);
	json_end(&j);
	json_put_array(&j, NULL);
	json_end(&j);
	json_put_cstr(&j, NULL, NULL);
	json_end(&j);
	json_put_object(&j, "o");
	json_put_bool(&j, "t", true);
	json_put_bool(&j, "f", false);
	json_end(&j);
	json_put_null(&j, "n");
	json_put_time(&j, "at", 1779631565890103);
	json_put_time(&j, "never", TIME_NONE);
	json_put_raw(&j, "raw", TEXT("{\"k\":[1]}"));
	json_put_raw(&j, "no_raw", TEXT_ABSENT);
	json_put_cstr(&j, "c", "z");
	json_end(&j);
	assert_content(b,
		"{\"a\":\"x\",\"absent\":null,\"empty\":\"\",\"list\":[3,4,{},[],null],\"o\":{\"t\":true,\"f\":false},"
		"\"n\":null,\"at\":\"2026-05-24T14:06:05.890103Z\",\"never\":null,\"raw\":{\"k\":[1]},\"no_raw\":null,\"c\":\"z\"}");
}

static void writes_lines_one_after_another(void **state)
{
	(void)state;
	buf_auto b = BUF_INIT(100);
	struct json_out j = json_out(&b);
	for (int i = 0; i < 2; i++) {
		json_put_object(&j, NULL);
		json_put_int(&j, "i", i);
		json_end(&j);
		buf_char(&b, '\n');
	}
	json_put_text(&j, NULL, TEXT("top"));
	assert_content(b, "{\"i\":0}\n{\"i\":1}\n\"top\"");
}

static void writes_integers(void **state)
{
	(void)state;
	buf_auto b = BUF_INIT(200);
	struct json_out j = json_out(&b);
	json_put_array(&j, NULL);
	static const int64_t values[] = {0, 9, 10, -1, -10, INT64_MAX, INT64_MIN};
	for (size_t i = 0; i < COUNT(values); i++) json_put_int(&j, NULL, values[i]);
	json_end(&j);
	assert_content(b, "[0,9,10,-1,-10,9223372036854775807,-9223372036854775808]");
}

static void writes_the_shortest_digits(void **state)
{
	(void)state;
	static const struct {
		double value;
		const char *digits;
	} rows[] = {
		{0, "0.0"},
		{-0.0, "-0.0"},
		{3, "3.0"},
		{-12.5, "-12.5"},
		{0.1, "0.1"},
		{0.3, "0.3"},
		{0.1 + 0.2, "0.30000000000000004"},
		{1e3, "1000.0"},
		{1e22, "1e+22"},
		{1e-7, "1e-07"},
		{5e-324, "4.94065645841247e-324"},
		{1.0 / 3, "0.3333333333333333"},
		{DBL_MAX, "1.7976931348623157e+308"},
		{DBL_MIN, "2.2250738585072014e-308"},
		{9007199254740993.0, "9007199254740992.0"},
		{1e15, "1e+15"},
		{123456789012345678.0, "1.2345678901234568e+17"},
		{NAN, "null"},
		{INFINITY, "null"},
		{-INFINITY, "null"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_auto b = BUF_INIT(100);
		struct json_out j = json_out(&b);
		json_put_real(&j, NULL, rows[i].value);
		assert_content(b, rows[i].digits);
	}
}

static void digits_read_back(void **state)
{
	(void)state;
	uint64_t bits = 88172645463325252u;
	for (size_t i = 0; i < 20000; i++) {
		bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17; /* xorshift: any pattern of bits, the same each time */
		double value;
		memcpy(&value, &bits, sizeof value);
		if (!isfinite(value)) continue;
		buf_auto b = BUF_INIT(100);
		json_write_real(&b, value);
		if (strtod(terminated(&b), NULL) != value) fail_msg("%a became %s", value, b.p);
	}
}

static const struct {
	struct text in;
	const char *out;
} escapes[] = {
	{{"", 0}, ""},
	{{"plain text, longer than a word of eight", 39}, "plain text, longer than a word of eight"},
	{{"\"\\/", 3}, "\\\"\\\\/"},
	{{"\b\f\n\r\t", 5}, "\\b\\f\\n\\r\\t"},
	{{"\0\x01\x1F ", 4}, "\\u0000\\u0001\\u001f "},
	{{"\x7E\x7F", 2}, "~\\u007f"},
	{{"\xC2\x80\xC2\x9F\xC2\xA0\xC2\xBF", 8}, "\\u0080\\u009f\xC2\xA0\xC2\xBF"},
	{{"\xE2\x80\xA7\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA\xE2\x82\xAC", 15}, "\xE2\x80\xA7\\u2028\\u2029\xE2\x80\xAA\xE2\x82\xAC"},
	{{"\xC3\xA9\xF0\x9D\x84\x9E", 6}, "\xC3\xA9\xF0\x9D\x84\x9E"},
};

/* Each escape at each offset from the fast path's words. */
static void escapes_at_every_offset(void **state)
{
	(void)state;
	static const char padding[] = "................";
	for (size_t i = 0; i < COUNT(escapes); i++)
		for (size_t before = 0; before < 16; before++)
			for (size_t after = 0; after < 16; after += 5) {
				buf_auto in = BUF_INIT(200), out = BUF_INIT(200), expected = BUF_INIT(200);
				buf_add(&in, padding, before);
				buf_text(&in, escapes[i].in);
				buf_add(&in, padding, after);
				buf_printf(&expected, "%.*s%s%.*s", (int)before, padding, escapes[i].out, (int)after, padding);
				json_escape(&out, buf_view(&in));
				assert_true(text_equal(buf_view(&out), buf_view(&expected)));
			}
}

/* Each byte below 0x80 within a word of plain ones: the sums of the fast path miss none. */
static void escapes_every_ascii_byte(void **state)
{
	(void)state;
	for (int c = 0; c < 0x80; c++)
		for (size_t at = 0; at < 8; at++) {
			char word[8];
			memset(word, at % 2 ? 'z' : ' ', sizeof word);
			word[at] = (char)c;
			buf_auto b = BUF_INIT(100);
			json_escape(&b, (struct text){word, sizeof word});
			bool special = c < 0x20 || c == '"' || c == '\\' || c == 0x7F;
			assert_int_equal(b.n > sizeof word, special);
			if (!special) assert_memory_equal(b.p, word, sizeof word);
		}
}

static void cut_characters_stay_inside(void **state)
{
	(void)state;
	static const char *const cut[] = {"\xC2", "\xE2", "\xE2\x80", "\xF0\x9D"};
	for (size_t i = 0; i < COUNT(cut); i++) {
		buf_auto b = BUF_INIT(100);
		json_escape(&b, text_from(cut[i]));
		assert_content(b, cut[i]);
	}
}

static void too_deep_is_a_failure(void **state)
{
	(void)state;
	buf_auto b = BUF_INIT(1000);
	struct json_out j = json_out(&b);
	for (size_t i = 0; i < 32; i++) json_put_array(&j, NULL);
	assert_false(buf_failed(&b));
	json_put_array(&j, NULL);
	assert_true(buf_failed(&b));
	for (size_t i = 0; i < 40; i++) json_end(&j);
	assert_int_equal(j.depth, 0);
}

static void passing_the_cap_is_a_failure(void **state)
{
	(void)state;
	buf_auto b = BUF_INIT(10);
	struct json_out j = json_out(&b);
	json_put_object(&j, NULL);
	json_put_text(&j, "key", TEXT("value"));
	json_end(&j);
	assert_true(buf_failed(&b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(puts_commas_and_keys),
		cmocka_unit_test(writes_lines_one_after_another),
		cmocka_unit_test(writes_integers),
		cmocka_unit_test(writes_the_shortest_digits),
		cmocka_unit_test(digits_read_back),
		cmocka_unit_test(escapes_at_every_offset),
		cmocka_unit_test(escapes_every_ascii_byte),
		cmocka_unit_test(cut_characters_stay_inside),
		cmocka_unit_test(too_deep_is_a_failure),
		cmocka_unit_test(passing_the_cap_is_a_failure),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
