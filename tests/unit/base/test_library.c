/* Libraries loaded on first use: by the first name that is there, once for all threads, and a sentence for what is missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/library.h"

/* Any library will do that each system has and that the tests are not linked with; POSIX knows the function. */
#define FILE_THERE "libm.so.6"

static double (*cube_root)(double), (*no_such_function)(double);
static const struct library_function FUNCTIONS[] = {{"cbrt", &cube_root}, {"no_such_function", &no_such_function}};
enum { GOOD = 1, ALL = 2 };

static struct library library_of(const char *file, const char *other_file, size_t functions)
{
	cube_root = NULL;
	return (struct library){
		.files = {file, other_file},
		.package = "libm-package",
		.functions = FUNCTIONS,
		.function_count = functions,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
}

static void a_function_is_found(void **state)
{
	(void)state;
	struct library l = library_of(FILE_THERE, NULL, GOOD);
	assert_int_equal(library_load(&l, NULL), RC_OK);
	assert_true(cube_root(27) > 2.99 && cube_root(27) < 3.01);
	assert_int_equal(library_load(&l, NULL), RC_OK);
}

static void the_first_name_that_is_there_is_taken(void **state)
{
	(void)state;
	struct library l = library_of("libnothing.so.9", FILE_THERE, GOOD);
	assert_int_equal(library_load(&l, NULL), RC_OK);
	assert_non_null(cube_root);
}

static void a_missing_library_is_named_with_its_package(void **state)
{
	(void)state;
	struct library l = library_of("libnothing.so.9", "libless.so.9", GOOD);
	struct err err;
	for (int i = 0; i < 2; i++) { /* asked again, it says so again */
		assert_int_equal(library_load(&l, &err), RC_FAILED);
		assert_string_equal(err.text,
			"libnothing.so.9 cannot be loaded: cannot open shared object file: No such file or directory "
			"(package libm-package)");
	}
	assert_null(cube_root);
	l.files[0] = FILE_THERE;
	assert_int_equal(library_load(&l, &err), RC_OK);
}

static void a_missing_function_is_named(void **state)
{
	(void)state;
	struct library l = library_of(FILE_THERE, NULL, ALL);
	struct err err;
	assert_int_equal(library_load(&l, &err), RC_FAILED);
	assert_string_equal(err.text, FILE_THERE " has no function no_such_function: it is too old (package libm-package)");
}

static void *load_and_call(void *library)
{
	return (void *)(uintptr_t)(library_load(library, NULL) == RC_OK && cube_root(8) > 1.99);
}

static void threads_may_race_for_it(void **state)
{
	(void)state;
	struct library l = library_of(FILE_THERE, NULL, GOOD);
	pthread_t threads[8];
	for (int i = 0; i < 8; i++) assert_int_equal(pthread_create(&threads[i], NULL, load_and_call, &l), 0);
	for (int i = 0; i < 8; i++) {
		void *good;
		pthread_join(threads[i], &good);
		assert_non_null(good);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_function_is_found),
		cmocka_unit_test(the_first_name_that_is_there_is_taken),
		cmocka_unit_test(a_missing_library_is_named_with_its_package),
		cmocka_unit_test(a_missing_function_is_named),
		cmocka_unit_test(threads_may_race_for_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
