/* base/arena: pieces do not overlap and are aligned, a reset takes them back, the cap and overflows end the process. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/limits.h"

static void pieces_are_apart_and_aligned(void **state)
{
	(void)state;
	struct arena *a = arena_new(KIB(1), MIB(8));
	enum { COUNT = 500 };
	unsigned char *pieces[COUNT];
	for (size_t i = 0; i < COUNT; i++) {
		pieces[i] = arena_alloc(a, i);
		assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
		memset(pieces[i], (int)(i & 0xFF), i);
	}
	for (size_t i = 0; i < COUNT; i++)
		for (size_t k = 0; k < i; k++) assert_int_equal(pieces[i][k], i & 0xFF);
	arena_free(a);
}

static void gives_pieces_larger_than_a_block(void **state)
{
	(void)state;
	struct arena *a = arena_new(KIB(1), MIB(16));
	char *large = arena_alloc(a, MIB(5));
	memset(large, 'x', MIB(5));
	char *small = arena_copy(a, "after", 6);
	assert_string_equal(small, "after");
	assert_int_equal(large[MIB(5) - 1], 'x');
	assert_true(arena_used(a) >= MIB(5) + 6);
	arena_free(a);
}

static void zalloc_is_zero_after_a_reset(void **state)
{
	(void)state;
	struct arena *a = arena_new(KIB(4), MIB(1));
	memset(arena_alloc(a, KIB(3)), 0xFF, KIB(3));
	arena_reset(a);
	const unsigned char *p = arena_zalloc(a, KIB(3));
	for (size_t i = 0; i < KIB(3); i++) assert_int_equal(p[i], 0);
	arena_free(a);
}

static void reset_gives_all_back(void **state)
{
	(void)state;
	struct arena *a = arena_new(KIB(1), KIB(64)); /* the sum of the rounds is far above the cap */
	char *first = arena_alloc(a, 10);
	for (size_t round = 0; round < 100; round++) {
		arena_reset(a);
		assert_int_equal(arena_used(a), 0);
		assert_ptr_equal(arena_alloc(a, 10), first);
		memset(arena_alloc(a, KIB(40)), 1, KIB(40));
	}
	arena_free(a);
}

static void prints_short_and_long(void **state)
{
	(void)state;
	struct arena *a = arena_new(KIB(1), MIB(1));
	assert_string_equal(arena_printf(a, "%s-%d", "a", 7), "a-7");
	char word[1001];
	memset(word, 'w', sizeof word);
	word[1000] = '\0';
	for (size_t n = 250; n <= 260; n++) /* around the size of the buffer on the stack */
		assert_int_equal(strlen(arena_printf(a, "%.*s", (int)n, word)), n);
	assert_string_equal(arena_printf(a, "%s", word), word);
	arena_free(a);
}

static void copies_nothing(void **state)
{
	(void)state;
	struct arena *a = arena_new(0, KIB(4));
	assert_non_null(arena_copy(a, NULL, 0));
	assert_non_null(arena_array_of(a, int, 0));
	arena_free(a);
	arena_free(NULL);
}

/* Whether the child that runs it is ended by abort() and says `word` on standard error. */
static bool dies(void (*deed)(struct arena *a), const char *word)
{
	int ends[2];
	if (pipe(ends) != 0) return false;
	pid_t child = fork();
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		signal(SIGABRT, SIG_DFL);
		deed(arena_new(KIB(1), KIB(64)));
		_exit(0);
	}
	close(ends[1]);
	char said[4096] = "";
	ssize_t n = read(ends[0], said, sizeof said - 1);
	close(ends[0]);
	int status = 0;
	waitpid(child, &status, 0);
	return n > 0 && strstr(said, word) && !(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void take_too_much_at_once(struct arena *a)
{
	arena_alloc(a, KIB(64) + 1);
}

static void take_too_much_bit_by_bit(struct arena *a)
{
	for (size_t i = 0; i < 65; i++) arena_alloc(a, KIB(1));
}

static void take_size_max(struct arena *a)
{
	arena_alloc(a, 100);
	arena_alloc(a, SIZE_MAX - 3);
}

static void take_overflowing_array(struct arena *a)
{
	(void)arena_array_of(a, uint64_t, SIZE_MAX / 8 + 2);
}

static void passing_the_cap_ends_the_process(void **state)
{
	(void)state;
	assert_true(dies(take_too_much_at_once, "cap"));
	assert_true(dies(take_too_much_bit_by_bit, "cap"));
	assert_true(dies(take_size_max, "cap"));
	assert_true(dies(take_overflowing_array, "cap"));
}

static void cap_can_be_used_up(void **state)
{
	(void)state;
	struct arena *a = arena_new(KIB(1), KIB(64));
	memset(arena_alloc(a, KIB(63)), 1, KIB(63));
	assert_true(arena_used(a) >= KIB(63));
	arena_free(a);
}

static void mem_functions(void **state)
{
	(void)state;
	char *s = mem_strdup("text");
	s = mem_realloc(s, 100);
	assert_string_equal(s, "text");
	free(s);
	unsigned char *zero = mem_zalloc(64);
	for (size_t i = 0; i < 64; i++) assert_int_equal(zero[i], 0);
	free(zero);
	void *nothing = mem_alloc(0);
	assert_non_null(nothing);
	free(nothing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_apart_and_aligned),
		cmocka_unit_test(gives_pieces_larger_than_a_block),
		cmocka_unit_test(zalloc_is_zero_after_a_reset),
		cmocka_unit_test(reset_gives_all_back),
		cmocka_unit_test(prints_short_and_long),
		cmocka_unit_test(copies_nothing),
		cmocka_unit_test(passing_the_cap_ends_the_process),
		cmocka_unit_test(cap_can_be_used_up),
		cmocka_unit_test(mem_functions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
