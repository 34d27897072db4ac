/* base/json: what is read, what is refused, what is written again, within the memory of one request. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/limits.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define assert_text(t, expected) assert_true(text_equal((t), TEXT(expected)))

static struct arena *arena;

static int make_arena(void **state)
{
	(void)state;
	arena = arena_new(KIB(16), LIMIT_REQUEST_ARENA);
	return 0;
}

static int free_arena(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static const struct json *read_text(struct text t)
{
	const struct json *v = NULL;
	struct err err = {0};
	if (json_read(arena, t, &v, &err) != RC_OK) fail_msg("%.*s: %s", TEXT_ARGS(t), err.text);
	assert_non_null(v);
	return v;
}

static const struct json *read(const char *s)
{
	return read_text(text_from(s));
}

static void reads_every_kind(void **state)
{
	(void)state;
	const struct json *v = read(" {\"t\":\"x\\u00e9\\n\", \"i\":-12, \"r\":1.5, \"e\":1e3, \"y\":true, \"n\":false, \"z\":null,"
								"\"a\":[1,\"2\",[]], \"o\":{\"k\":{}}, \"\":\"empty key\"} ");
	assert_int_equal(json_kind(v), JSON_IS_OBJECT);
	assert_int_equal(json_size(v), 10);
	assert_text(json_text(json_member(v, "t")), "x\xC3\xA9\n");
	assert_int_equal(json_int(json_member(v, "i")), -12);
	assert_int_equal(json_kind(json_member(v, "i")), JSON_IS_INT);
	assert_true(json_number(json_member(v, "i")) == -12.0);
	assert_int_equal(json_kind(json_member(v, "r")), JSON_IS_REAL);
	assert_true(json_number(json_member(v, "r")) == 1.5);
	assert_int_equal(json_kind(json_member(v, "e")), JSON_IS_REAL);
	assert_int_equal(json_kind(json_member(v, "y")), JSON_IS_BOOL);
	assert_true(json_bool(json_member(v, "y")));
	assert_int_equal(json_kind(json_member(v, "n")), JSON_IS_BOOL);
	assert_false(json_bool(json_member(v, "n")));
	assert_int_equal(json_kind(json_member(v, "z")), JSON_IS_NULL);
	const struct json *a = json_member(v, "a");
	assert_int_equal(json_kind(a), JSON_IS_ARRAY);
	assert_int_equal(json_size(a), 3);
	assert_text(json_text(json_element(a, 1)), "2");
	assert_null(json_element(a, 3));
	assert_int_equal(json_kind(json_member(json_member(v, "o"), "k")), JSON_IS_OBJECT);
	assert_text(json_text(json_member(v, "")), "empty key");
}

static void absent_answers_everything(void **state)
{
	(void)state;
	assert_int_equal(json_kind(NULL), JSON_ABSENT);
	assert_null(json_text(NULL).p);
	assert_int_equal(json_int(NULL), 0);
	assert_true(json_number(NULL) == 0);
	assert_false(json_bool(NULL));
	assert_null(json_member(NULL, "a"));
	assert_int_equal(json_size(NULL), 0);
	assert_null(json_element(NULL, 0));
	assert_int_equal(json_depth(NULL), 0);
	struct json_iter i = json_members(NULL);
	assert_false(json_next(&i));
}

static void wrong_kinds_answer_nothing(void **state)
{
	(void)state;
	const struct json *text = read("\"12\""), *number = read("12"), *array = read("[1]"), *real = read("1.5");
	assert_int_equal(json_int(text), 0);
	assert_int_equal(json_int(real), 0);
	assert_true(json_number(text) == 0);
	assert_null(json_text(number).p);
	assert_false(json_bool(number));
	assert_null(json_member(array, "a"));
	assert_null(json_element(read("{\"a\":1}"), 0));
	assert_int_equal(json_size(text), 0);
	struct json_iter i = json_members(array);
	assert_false(json_next(&i));
}

static void integers_reach_their_bounds(void **state)
{
	(void)state;
	assert_true(json_int(read("9223372036854775807")) == INT64_MAX);
	assert_true(json_int(read("-9223372036854775808")) == INT64_MIN);
}

static void text_may_hold_nul(void **state)
{
	(void)state;
	const struct json *v = read("[\"a\\u0000b\"]");
	assert_text(json_text(json_element(v, 0)), "a\0b");
}

static void reads_pairs_of_surrogate_escapes(void **state)
{
	(void)state;
	assert_text(json_text(read("\"\\uD834\\uDD1E\"")), "\xF0\x9D\x84\x9E");
	assert_text(json_text(read("\"\xF0\x9D\x84\x9E\xEF\xBF\xBF\"")), "\xF0\x9D\x84\x9E\xEF\xBF\xBF");
}

static void members_come_in_order(void **state)
{
	(void)state;
	buf_auto b = BUF_INIT(MIB(1));
	buf_char(&b, '{');
	for (int i = 0; i < 1000; i++) buf_printf(&b, "%s\"k%d\":%d", i ? "," : "", (i * 7919) % 1000, i);
	buf_char(&b, '}');
	int n = 0;
	for (struct json_iter i = json_members(read_text(buf_view(&b))); json_next(&i); n++) {
		char key[16];
		snprintf(key, sizeof key, "k%d", (n * 7919) % 1000);
		assert_true(text_is(i.key, key));
		assert_int_equal(json_int(i.value), n);
	}
	assert_int_equal(n, 1000);
}

static const struct text refused[] = {
	{"", 0},
	{NULL, 0},
	{" \n\t ", 4},
	{"\0", 1},
	{"{}\0", 3},
	{"\xEF\xBB\xBF{}", 5},
	{"\xFF\xFE{\0}\0", 6},
	/* structure */
	{"{", 1},
	{"}", 1},
	{"[", 1},
	{"[1,]", 4},
	{"{\"a\":1,}", 8},
	{"{,}", 3},
	{"{\"a\"}", 5},
	{"{\"a\":}", 6},
	{"{a:1}", 5},
	{"{'a':1}", 7},
	{"[1 2]", 5},
	{"{} {}", 5},
	{"1 2", 3},
	{"[}", 2},
	{"[1]]", 4},
	{"/* */1", 6},
	{"[1] // x", 8},
	{"{\"a\" 1}", 7},
	{"{1:2}", 5},
	{"{null:1}", 8},
	/* words and numbers */
	{"nul", 3},
	{"True", 4},
	{"NaN", 3},
	{"Infinity", 8},
	{"-Infinity", 9},
	{"undefined", 9},
	{"01", 2},
	{"-01", 3},
	{"+1", 2},
	{".5", 2},
	{"5.", 2},
	{"1e", 2},
	{"1e+", 3},
	{"0x10", 4},
	{"-", 1},
	{"1_000", 5},
	{"--1", 3},
	{"1e999", 5},
	{"-1e999", 6},
	{"9223372036854775808", 19},
	{"-9223372036854775809", 20},
	{"123456789012345678901234567890", 30},
	/* strings */
	{"\"", 1},
	{"\"a", 2},
	{"\"\\", 2},
	{"\"\\\"", 3},
	{"\"\\x\"", 4},
	{"\"\\u12\"", 6},
	{"\"\\u12G4\"", 8},
	{"\"\n\"", 3},
	{"\"\t\"", 3},
	{"\"\0\"", 3},
	{"\"\x1F\"", 3},
	{"'a'", 3},
	{"\"\\uD834\"", 8},
	{"\"\\uDD1E\"", 8},
	{"\"\\uD834\\uD834\"", 14},
	{"\"\\uDD1E\\uD834\"", 14},
	{"\"\\uD834x\"", 9},
	/* UTF-8 */
	{"\"\xC0\x80\"", 4},
	{"\"\xE0\x80\x80\"", 5},
	{"\"\xED\xA0\x80\"", 5},
	{"\"\xF4\x90\x80\x80\"", 6},
	{"\"\xFF\"", 3},
	{"\"\x80\"", 3},
	{"\"\xC3\"", 3},
	{"\"\xE2\x82", 3},
	{"\xC3\xA9", 2},
	{"{\"\xC0\xAF\":1}", 8},
	/* keys */
	{"{\"a\":1,\"a\":1}", 13},
	{"{\"a\":1,\"\\u0061\":2}", 18},
	{"[{\"x\":{\"a\":1,\"b\":2,\"a\":3}}]", 27},
	{"{\"a\\u0000b\":1}", 14},
	{"{\"\":1,\"\":2}", 11},
};

static void refuses_what_is_no_json(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		const struct json *v = NULL;
		struct err err = {0};
		if (json_read(arena, refused[i], &v, &err) != RC_INVALID) fail_msg("taken: %.*s", TEXT_ARGS(refused[i]));
		assert_null(v);
		assert_int_equal(err.rc, RC_INVALID);
		assert_memory_equal(err.text, "line ", 5);
		assert_true(utf8_valid(text_from(err.text)));
	}
}

/* Every prefix of a good text is refused, in memory that ends where the prefix ends. */
static void refuses_every_prefix(void **state)
{
	(void)state;
	struct text whole = TEXT("{\"a\":[1,-2.5e1,\"x\\u00e9\\\\\\n\xE2\x82\xAC\",true,null],\"b\":{\"c\":\"\\uD834\\uDD1E\"}}");
	read_text(whole);
	for (size_t n = 0; n < whole.n; n++) {
		char *exact = mem_alloc(n);
		memcpy(exact, whole.p, n);
		const struct json *v;
		assert_int_equal(json_read(arena, (struct text){exact, n}, &v, NULL), RC_INVALID);
		free(exact);
	}
}

static void errors_tell_where_and_quote_nothing(void **state)
{
	(void)state;
	const struct json *v;
	struct err err;
	assert_int_equal(json_read(arena, TEXT("{\n  \"password\": hunter2\n}"), &v, &err), RC_INVALID);
	assert_memory_equal(err.text, "line 2, column ", 15);
	assert_null(strstr(err.text, "hunter2"));
	assert_int_equal(json_read(arena, TEXT("{\"hunter2\":1,\"hunter2\":2}"), &v, &err), RC_INVALID);
	assert_null(strstr(err.text, "hunter2"));
	assert_non_null(strstr(err.text, "duplicate"));
}

/* `levels` arrays or objects within each other */
static void nest(struct buf *b, const char *open, size_t levels, const char *shut)
{
	for (size_t i = 0; i < levels; i++) buf_cstr(b, open);
	buf_cstr(b, "1");
	for (size_t i = 0; i < levels; i++) buf_cstr(b, shut);
}

static void nesting_has_a_limit(void **state)
{
	(void)state;
	enum { MOST = LIMIT_JSON_DEPTH + LIMIT_METADATA_DEPTH };
	static const char *const brackets[][2] = {{"[", "]"}, {"{\"[]\\\"{}\":", "}"}};
	for (size_t i = 0; i < COUNT(brackets); i++) {
		buf_auto b = BUF_INIT(MIB(4));
		nest(&b, brackets[i][0], MOST, brackets[i][1]);
		assert_int_equal(json_depth(read_text(buf_view(&b))), MOST);
		static const size_t excess[] = {MOST + 1, 2047, 2049, 100000};
		for (size_t k = 0; k < COUNT(excess); k++) {
			buf_clear(&b);
			nest(&b, brackets[i][0], excess[k], brackets[i][1]);
			const struct json *v;
			struct err err;
			assert_int_equal(json_read(arena, buf_view(&b), &v, &err), RC_INVALID);
			assert_non_null(strstr(err.text, "nested deeper than 96 levels"));
		}
	}
	const struct json *v;
	struct err err;
	buf_auto open = BUF_INIT(MIB(1));
	buf_cstr(&open, "\n\xC3\xA9");
	for (size_t i = 0; i < 100000; i++) buf_char(&open, '[');
	assert_int_equal(json_read(arena, buf_view(&open), &v, &err), RC_INVALID);
	assert_string_equal(err.text, "line 2, column 98: nested deeper than 96 levels");
}

static void brackets_in_texts_do_not_nest(void **state)
{
	(void)state;
	buf_auto b = BUF_INIT(KIB(4));
	buf_cstr(&b, "[\"\\\\\",\"\\\"");
	for (size_t i = 0; i < 1000; i++) buf_char(&b, '[');
	buf_cstr(&b, "\"]");
	assert_int_equal(json_size(read_text(buf_view(&b))), 2);
}

static void measures_depth(void **state)
{
	(void)state;
	assert_int_equal(json_depth(read("1")), 0);
	assert_int_equal(json_depth(read("{}")), 1);
	assert_int_equal(json_depth(read("[1,2]")), 1);
	assert_int_equal(json_depth(read("[[],{\"a\":[{}]},1]")), 4);
	assert_int_equal(json_depth(read("{\"a\":1,\"b\":{\"c\":[]},\"d\":[]}")), 3);
}

static void writes_compactly(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
	} rows[] = {
		{" { \"b\" : 1 , \"a\" : [ ] } ", "{\"b\":1,\"a\":[]}"},
		{"[1, 1.0, 1e3, 0.1, 1e-400, 1E+2, -0.0]", "[1,1.0,1000.0,0.1,0.0,100.0,-0.0]"},
		{"[true,false,null,\"\"]", "[true,false,null,\"\"]"},
		{"\"\\u00e9\\uD834\\uDD1E\\/\\u0000\\u001f\"", "\"\xC3\xA9\xF0\x9D\x84\x9E/\\u0000\\u001f\""},
		{"{\"k\\n\\u00e9\":{\"\":{}}}", "{\"k\\n\xC3\xA9\":{\"\":{}}}"},
		{"[9223372036854775807,-9223372036854775808]", "[9223372036854775807,-9223372036854775808]"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_auto b = BUF_INIT(1000), again = BUF_INIT(1000);
		json_write_value(&b, read(rows[i].in));
		assert_true(text_is(buf_view(&b), rows[i].out));
		json_write_value(&again, read_text(buf_view(&b))); /* what was written reads back as the same */
		assert_true(text_equal(buf_view(&b), buf_view(&again)));
	}
	buf_auto b = BUF_INIT(10);
	json_write_value(&b, NULL);
	assert_true(text_is(buf_view(&b), "null"));
}

static void reals_stay_reals(void **state)
{
	(void)state;
	static const char *const reals[] = {"1.0", "1e22", "1e3", "123456789012345680000.0", "0.0", "5e-324"};
	for (size_t i = 0; i < COUNT(reals); i++) {
		const struct json *v = read(reals[i]);
		buf_auto b = BUF_INIT(100);
		json_write_value(&b, v);
		const struct json *again = read_text(buf_view(&b));
		assert_int_equal(json_kind(again), JSON_IS_REAL);
		assert_true(json_number(again) == json_number(v));
	}
}

/* "[unit,unit…" or "{"0":unit…", as large as a body with `values` values may be. */
static void fill_body(struct buf *b, bool object, const char *unit, size_t values)
{
	buf_clear(b);
	buf_char(b, object ? '{' : '[');
	for (size_t i = 0; i < values && b->n + strlen(unit) + 16 <= LIMIT_BODY; i++) {
		if (i) buf_char(b, ',');
		if (object) buf_printf(b, "\"%zx\":", i);
		buf_cstr(b, unit);
	}
	buf_char(b, object ? '}' : ']');
}

/* The bodies that cost most for their size leave a third of a request's arena for what is made of them (with a sanitizer, whose gaps
 * count; else half). */
static void largest_bodies_fit_a_request(void **state)
{
	(void)state;
	static const struct {
		const char *unit;
		size_t values;
	} units[] = {{"{}", 1}, {"[]", 1}, {"0", 1}, {"\"\"", 1}, {"{\"\":0}", 2}, {"[{}]", 2}, {"{\"\":{}}", 2},
		{"{\"\":{},\"a\":{},\"b\":{},\"c\":{},\"d\":{},\"e\":{},\"f\":{},\"g\":{},\"h\":{}}", 10}};
	buf_auto b = BUF_INIT(LIMIT_BODY);
	for (size_t i = 0; i < COUNT(units) * 2; i++) {
		arena_reset(arena);
		fill_body(&b, i % 2, units[i / 2].unit, (LIMIT_JSON_VALUES - 1) / units[i / 2].values);
		assert_true(json_size(read_text(buf_view(&b))) > 0);
		assert_in_range(arena_used(arena), 1, LIMIT_REQUEST_ARENA / 3 * 2);
	}
	arena_reset(arena);
}

static void too_many_values_are_refused(void **state)
{
	(void)state;
	struct err err = {0};
	const struct json *v = NULL;
	buf_auto b = BUF_INIT(LIMIT_BODY);
	fill_body(&b, false, "0", LIMIT_JSON_VALUES);
	assert_int_equal(json_read(arena, buf_view(&b), &v, &err), RC_INVALID);
	assert_string_equal(err.text, "line 1, column 199999: more than 100000 values");
	assert_null(v);
	fill_body(&b, false, "0", LIMIT_JSON_VALUES - 1);
	read_text(buf_view(&b));
	arena_reset(arena);
}

/* jansson's own, declared here because its header stays in one file */
void json_get_alloc_funcs(void *(**ret_allocate)(size_t), void (**ret_release)(void *));

/* Behind json_read, also when it fails, another user of the library gets memory of the system's and gives it back. */
static void arena_is_used_only_while_reading(void **state)
{
	(void)state;
	static const char *const texts[] = {"{\"a\":[1]}", "{\"a\":[1}"};
	for (size_t i = 0; i < COUNT(texts); i++) {
		const struct json *v;
		assert_int_equal(json_read(arena, text_from(texts[i]), &v, NULL), i == 0 ? RC_OK : RC_INVALID);
		void *(*allocate)(size_t);
		void (*release)(void *);
		json_get_alloc_funcs(&allocate, &release);
		size_t before = arena_used(arena);
		void *p = allocate(100);
		assert_int_equal(arena_used(arena), before);
		release(p);
	}
}

static void *read_in_thread(void *wrong)
{
	struct arena *mine = arena_new(KIB(4), MIB(4));
	for (int i = 0; i < 300; i++) {
		arena_reset(mine);
		char *text = arena_printf(mine, "{\"i\":%d,\"list\":[\"a\",{\"b\":[%d]}]}", i, i);
		const struct json *v, *bad;
		if (json_read(mine, text_from(text), &v, NULL) != RC_OK || json_int(json_member(v, "i")) != i) *(bool *)wrong = true;
		if (json_read(mine, TEXT("{\"a\":[{},1,\"x\"],"), &bad, NULL) != RC_INVALID) *(bool *)wrong = true;
	}
	arena_free(mine);
	return NULL;
}

static void threads_do_not_meet(void **state)
{
	(void)state;
	enum { THREADS = 4 };
	pthread_t threads[THREADS];
	bool wrong[THREADS] = {false};
	for (size_t i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&threads[i], NULL, read_in_thread, &wrong[i]), 0);
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_false(wrong[i]);
	}
}

#define with_arena(test) cmocka_unit_test_setup_teardown(test, make_arena, free_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_do_not_meet), /* first: the threads race for jansson's set-up */
		with_arena(reads_every_kind),
		with_arena(absent_answers_everything),
		with_arena(wrong_kinds_answer_nothing),
		with_arena(integers_reach_their_bounds),
		with_arena(text_may_hold_nul),
		with_arena(reads_pairs_of_surrogate_escapes),
		with_arena(members_come_in_order),
		with_arena(refuses_what_is_no_json),
		with_arena(refuses_every_prefix),
		with_arena(errors_tell_where_and_quote_nothing),
		with_arena(nesting_has_a_limit),
		with_arena(brackets_in_texts_do_not_nest),
		with_arena(measures_depth),
		with_arena(writes_compactly),
		with_arena(reals_stay_reals),
		with_arena(largest_bodies_fit_a_request),
		with_arena(too_many_values_are_refused),
		with_arena(arena_is_used_only_while_reading),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
