/* Fibers: the order of what happens, stacks of their own, many of them, and use after use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/fiber.h"

struct walk {
	char *log;
	char name;
	int steps;
};

static void walk(void *context)
{
	struct walk *w = context;

	for (int i = 0; i < w->steps; i++) {
		strncat(w->log, &w->name, 1);
		fiber_pause();
	}
	strncat(w->log, "$", 2);
}

static void test_turns(void **state)
{
	(void)state;
	char log[32] = "";
	struct walk a = {log, 'a', 2}, b = {log, 'b', 1};
	struct fiber *fa = fiber_new(), *fb = fiber_new();

	fiber_start(fa, walk, &a);
	fiber_start(fb, walk, &b);
	assert_string_equal(log, "");
	assert_true(fiber_resume(fa));
	assert_true(fiber_resume(fb));
	assert_true(fiber_resume(fa));
	assert_false(fiber_resume(fb));
	assert_false(fiber_resume(fa));
	assert_string_equal(log, "aba$$");
	fiber_start(fa, walk, &b); /* a stack is used again */
	assert_true(fiber_resume(fa));
	assert_false(fiber_resume(fa));
	assert_string_equal(log, "aba$$b$");
	fiber_free(fa);
	fiber_free(fb);
	fiber_free(NULL);
}

/* As deep as real work goes, with what is on the stack still there after others have run. */
static unsigned fill_and_pause(unsigned seed, int depth)
{
	volatile unsigned char room[1024];
	unsigned sum = 0;

	for (size_t i = 0; i < sizeof room; i++) room[i] = (unsigned char)(seed + i);
	if (depth > 0) sum = fill_and_pause(seed + 1, depth - 1);
	fiber_pause();
	for (size_t i = 0; i < sizeof room; i++)
		if (room[i] != (unsigned char)(seed + i)) return UINT32_MAX;
	return sum == UINT32_MAX ? sum : sum + 1;
}

struct deep {
	unsigned seed, result;
};

static void run_deep(void *context)
{
	struct deep *d = context;

	d->result = fill_and_pause(d->seed, 60);
}

static void test_stacks(void **state)
{
	(void)state;
	enum { MANY = 100 };
	struct fiber *fibers[MANY];
	struct deep work[MANY];
	int under_way = MANY;

	for (unsigned i = 0; i < MANY; i++) {
		work[i] = (struct deep){.seed = i * 7};
		fibers[i] = fiber_new();
		fiber_start(fibers[i], run_deep, &work[i]);
	}
	for (int round = 0; under_way > 0; round++) {
		assert_in_range(round, 0, 61);
		under_way = 0;
		for (unsigned i = 0; i < MANY; i++)
			if (round <= 61) under_way += fiber_resume(fibers[i]);
	}
	for (unsigned i = 0; i < MANY; i++) {
		assert_int_equal(work[i].result, 61);
		fiber_free(fibers[i]);
	}
}

static void inner(void *context)
{
	strcat(context, "i");
	fiber_pause();
	strcat(context, "j");
}

static void outer(void *context)
{
	struct fiber *f = fiber_new();

	fiber_start(f, inner, context);
	strcat(context, "o");
	while (fiber_resume(f)) fiber_pause();
	strcat(context, "p");
	fiber_free(f);
}

static void test_nested(void **state)
{
	(void)state;
	char log[16] = "";
	struct fiber *f = fiber_new();

	fiber_start(f, outer, log);
	assert_true(fiber_resume(f));
	strcat(log, "-");
	assert_false(fiber_resume(f));
	assert_string_equal(log, "oi-jp");
	fiber_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_stacks),
		cmocka_unit_test(test_nested),
	};
	return cmocka_run_group_tests_name("fiber", tests, NULL, NULL);
}
