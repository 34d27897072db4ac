/* The reader of flat objects: what it takes, what it gives, and everything that it must refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/json_in.h"
#include "base/limits.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* The members as "key=value;", with T before a text, I before an integer; false when the bytes are refused. */
static bool read_flat(struct arena *a, struct text bytes, char *out, size_t size)
{
	struct json_in j = json_in(bytes, a);
	struct json_scalar v;
	struct text key;
	*out = '\0';
	json_in_object(&j);
	while (json_in_key(&j, &key)) {
		if (!json_in_scalar(&j, &v)) break;
		size_t n = strlen(out);
		if (v.kind == JSON_SCALAR_NULL)
			snprintf(out + n, size - n, "%.*s=N;", TEXT_ARGS(key));
		else if (v.kind == JSON_SCALAR_INT)
			snprintf(out + n, size - n, "%.*s=I%lld;", TEXT_ARGS(key), (long long)v.integer);
		else
			snprintf(out + n, size - n, "%.*s=T%.*s;", TEXT_ARGS(key), TEXT_ARGS(v.text));
	}
	return json_in_done(&j);
}

static const struct {
	const char *bytes, *read;
} GOOD[] = {
	{"{}", ""},
	{" { } ", ""},
	{"{\"a\":null}", "a=N;"},
	{"{\"a\":\"\"}", "a=T;"},
	{"{ \"a\" : 1 , \"b\" : \"x\" }", "a=I1;b=Tx;"},
	{"{\"a\":0,\"b\":-1,\"c\":9223372036854775807,\"d\":-9223372036854775808}",
		"a=I0;b=I-1;c=I9223372036854775807;d=I-9223372036854775808;"},
	{"{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "a=T\"\\/\b\f\n\r\t;"},
	{"{\"a\":\"x\\u00e9y\\u20AC\\ud83d\\ude00z\"}", "a=Tx\xc3\xa9y\xe2\x82\xac\xf0\x9f\x98\x80z;"},
	{"{\"a\\u0062\":\"c\"}", "ab=Tc;"},
	{"{\"a\":1,\"a\":2}", "a=I1;a=I2;"},
	{"{\"a\":\"{\\\"b\\\":[1,2]}\"}", "a=T{\"b\":[1,2]};"},
};

static const char *const BAD[] = {
	"",
	"{",
	"}",
	"null",
	"[]",
	"{]",
	"{\"a\"}",
	"{\"a\":}",
	"{\"a\":1",
	"{\"a\":1,}",
	"{,\"a\":1}",
	"{\"a\":1 \"b\":2}",
	"{\"a\":1}}",
	"{\"a\":1}{}",
	"{a:1}",
	"{'a':1}",
	"{\"a\":true}",
	"{\"a\":[1]}",
	"{\"a\":{\"b\":1}}",
	"{\"a\":1.5}",
	"{\"a\":1e3}",
	"{\"a\":01}",
	"{\"a\":-}",
	"{\"a\":+1}",
	"{\"a\":-01}",
	"{\"a\":9223372036854775808}",
	"{\"a\":-9223372036854775809}",
	"{\"a\":99999999999999999999999}",
	"{\"a\":nul}",
	"{\"a\":nulll}",
	"{\"a\":\"}",
	"{\"a\":\"\\\"}",
	"{\"a\":\"\\x\"}",
	"{\"a\":\"\\u12\"}",
	"{\"a\":\"\\u12g4\"}",
	"{\"a\":\"\\u0000\"}",
	"{\"a\":\"\\ud83d\"}",
	"{\"a\":\"\\ud83d\\u0041\"}",
	"{\"a\":\"\\ude00\"}",
	"{\"a\":\"\\ud83dx\"}",
	"{\"a\":\"x\ty\"}",
	"{\"a\":\"x\ny\"}",
	"{\"a\":\"\\\ny\"}",
	"{\"a\":\"\\",
	"{\"a\":\"\\u",
};

static void it_reads_what_is_flat(void **state)
{
	struct arena *a = *state;
	char got[512];
	for (size_t i = 0; i < COUNT_OF(GOOD); i++) {
		if (!read_flat(a, text_from(GOOD[i].bytes), got, sizeof got)) fail_msg("refused: %s", GOOD[i].bytes);
		assert_string_equal(got, GOOD[i].read);
	}
}

static void it_refuses_everything_else(void **state)
{
	char got[512];
	for (size_t i = 0; i < COUNT_OF(BAD); i++) {
		/* At the end of its memory, so that a sanitizer sees a step too far. */
		size_t n = strlen(BAD[i]);
		char *bytes = malloc(n + 1);
		memcpy(bytes, BAD[i], n);
		char *exact = realloc(bytes, n ? n : 1);
		if (read_flat(*state, (struct text){exact, n}, got, sizeof got)) fail_msg("taken: %s", BAD[i]);
		free(exact);
	}
}

/* Whatever it takes of an integer or a text, the large parser understands alike. */
static void it_agrees_with_the_parser_of_everything(void **state)
{
	for (size_t i = 0; i < COUNT_OF(GOOD); i++) {
		struct json_in j = json_in(text_from(GOOD[i].bytes), *state);
		const struct json *whole;
		struct json_scalar v;
		struct text key;
		if (json_read(*state, text_from(GOOD[i].bytes), &whole, NULL) != RC_OK) continue; /* a key twice */
		json_in_object(&j);
		while (json_in_key(&j, &key) && json_in_scalar(&j, &v)) {
			const struct json *other = json_member(whole, text_cstr(*state, key));
			if (v.kind == JSON_SCALAR_TEXT)
				assert_true(text_equal(json_text(other), v.text));
			else
				assert_int_equal(json_int(other), v.kind == JSON_SCALAR_INT ? v.integer : 0);
		}
	}
}

static void nested_objects_are_entered_by_hand(void **state)
{
	struct json_in j = json_in(TEXT("{\"t\":\"x\",\"r\":{\"a\":1},\"z\":2}"), *state);
	struct json_scalar v;
	struct text key;
	assert_true(json_in_object(&j) && json_in_key(&j, &key) && json_in_scalar(&j, &v));
	assert_true(json_in_key(&j, &key) && json_in_object(&j) && json_in_key(&j, &key) && json_in_scalar(&j, &v));
	assert_false(json_in_key(&j, &key));
	assert_true(json_in_key(&j, &key) && json_in_scalar(&j, &v));
	assert_int_equal(v.integer, 2);
	assert_false(json_in_key(&j, &key));
	assert_true(json_in_done(&j));
}

static int make_arena(void **state)
{
	*state = arena_new(KIB(4), MIB(4));
	return 0;
}

static int free_arena(void **state)
{
	arena_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_reads_what_is_flat),
		cmocka_unit_test(it_refuses_everything_else),
		cmocka_unit_test(it_agrees_with_the_parser_of_everything),
		cmocka_unit_test(nested_objects_are_entered_by_hand),
	};
	return cmocka_run_group_tests(tests, make_arena, free_arena);
}
