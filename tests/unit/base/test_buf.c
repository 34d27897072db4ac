/* base/buf: grows to its cap and not a byte further; a failure sticks and leaves what was there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

#define assert_content(b, expected) assert_true(text_is(buf_view(&(b)), (expected)))

static void appends(void **state)
{
	(void)state;
	buf_auto b = BUF_INIT(1000);
	assert_content(b, "");
	buf_cstr(&b, "a");
	buf_text(&b, TEXT("bc"));
	buf_text(&b, TEXT_ABSENT);
	buf_char(&b, 'd');
	buf_add(&b, "ef", 2);
	buf_add(&b, NULL, 0);
	buf_printf(&b, "-%d", 12);
	assert_content(b, "abcdef-12");
	assert_false(buf_failed(&b));
}

static void fills_to_the_last_byte(void **state)
{
	(void)state;
	for (size_t cap = 1; cap < 300; cap++) {
		buf_auto b = BUF_INIT(cap);
		for (size_t i = 0; i < cap; i++) buf_char(&b, (char)('a' + i % 26));
		assert_false(buf_failed(&b));
		buf_char(&b, '!');
		assert_true(buf_failed(&b));
		assert_int_equal(b.n, cap);
		assert_true(b.room <= cap);
		assert_int_equal(b.p[cap - 1], 'a' + (cap - 1) % 26);
	}
}

static void failure_sticks(void **state)
{
	(void)state;
	buf_auto b = BUF_INIT(4);
	buf_cstr(&b, "abc");
	buf_cstr(&b, "de");
	buf_char(&b, 'x'); /* would fit; the content ends before what did not */
	buf_printf(&b, "%s", "");
	assert_true(buf_failed(&b));
	assert_content(b, "abc");
	buf_clear(&b);
	assert_false(buf_failed(&b));
	buf_cstr(&b, "wxyz");
	assert_content(b, "wxyz");
	buf_done(&b);
	assert_content(b, "");
	buf_cstr(&b, "vwxyz");
	assert_true(buf_failed(&b));
	assert_int_equal(b.cap, 4);
}

static void sizes_do_not_overflow(void **state)
{
	(void)state;
	buf_auto b = BUF_INIT(SIZE_MAX);
	buf_cstr(&b, "abc");
	buf_add(&b, "x", SIZE_MAX); /* refused before it is read */
	assert_true(buf_failed(&b));
	assert_content(b, "abc");
	buf_auto none = BUF_INIT(0);
	buf_text(&none, TEXT(""));
	assert_false(buf_failed(&none));
	buf_char(&none, 'x');
	assert_true(buf_failed(&none));
	assert_null(none.p);
}

static void prints_exactly_to_the_cap(void **state)
{
	(void)state;
	char word[400];
	memset(word, 'w', sizeof word);
	for (int n = 250; n < 262; n++) { /* around the size of the buffer on the stack */
		buf_auto b = BUF_INIT((size_t)n);
		buf_printf(&b, "%.*s", n, word);
		assert_false(buf_failed(&b));
		assert_int_equal(b.n, n);
		buf_clear(&b);
		buf_printf(&b, "%.*s", n + 1, word);
		assert_true(buf_failed(&b));
		assert_int_equal(b.n, 0);
	}
}

static void reserve_keeps_content(void **state)
{
	(void)state;
	buf_auto b = BUF_INIT(5000);
	buf_cstr(&b, "abc");
	buf_reserve(&b, 4000);
	assert_true(b.room >= 4003);
	const char *before = b.p;
	for (size_t i = 0; i < 4000; i++) buf_char(&b, 'x');
	assert_ptr_equal(b.p, before);
	assert_memory_equal(b.p, "abcx", 4);
	buf_reserve(&b, 998);
	assert_true(buf_failed(&b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends),
		cmocka_unit_test(fills_to_the_last_byte),
		cmocka_unit_test(failure_sticks),
		cmocka_unit_test(sizes_do_not_overflow),
		cmocka_unit_test(prints_exactly_to_the_cap),
		cmocka_unit_test(reserve_keeps_content),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
