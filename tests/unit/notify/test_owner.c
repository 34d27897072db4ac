/* Names of processes: this one lives, one that has been waited for has ended, and of others nothing is certain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/secret.h"
#include "notify/owner.h"

static void this_process_has_not_ended(void **unused)
{
	(void)unused;
	char name[OWNER_SIZE], again[OWNER_SIZE];
	owner_name(name);
	owner_name(again);
	assert_string_equal(name, again);
	assert_false(owner_has_ended(text_from(name)));
}

static void a_process_that_is_gone_has_ended(void **unused)
{
	(void)unused;
	char name[OWNER_SIZE] = "";
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0) {
		char mine[OWNER_SIZE] = "";
		owner_name(mine);
		_exit(write(ends[1], mine, sizeof mine) == (ssize_t)sizeof mine ? 0 : 1);
	}
	assert_int_equal(read(ends[0], name, sizeof name), sizeof name);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_true(owner_has_ended(text_from(name)));
	close(ends[0]);
	close(ends[1]);
}

/* The number is this process's, the start is another's: the number was given again. */
static void another_with_this_number_has_ended(void **unused)
{
	(void)unused;
	char name[OWNER_SIZE];
	owner_name(name);
	*strrchr(name, '/') = '\0';
	strcat(name, "/1");
	assert_true(owner_has_ended(text_from(name)));
}

static void of_others_nothing_is_certain(void **unused)
{
	(void)unused;
	static const char *const others[] = {"", "/", "process/abcdefghijklmnop", "not-this-boot/pid:[4026531836]/1/1", "////", "1"};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) assert_false(owner_has_ended(text_from(others[i])));
	char name[OWNER_SIZE];
	owner_name(name);
	strchr(name, '/')[1] = 'x'; /* another namespace */
	assert_false(owner_has_ended(text_from(name)));
	owner_name(name);
	*strrchr(name, '/') = '\0'; /* cut */
	assert_false(owner_has_ended(text_from(name)));
}

int main(void)
{
	struct err err;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(this_process_has_not_ended),
		cmocka_unit_test(a_process_that_is_gone_has_ended),
		cmocka_unit_test(another_with_this_number_has_ended),
		cmocka_unit_test(of_others_nothing_is_certain),
	};
	if (secret_init(&err) != RC_OK) return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
