/* Lines of a file: whole ones whatever the chunks that they came in, and none that is too long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/lines.h"

/* A pipe that gives these bytes and ends. */
static int pipe_with(const char *bytes, size_t n)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], bytes, n), (ssize_t)n);
	close(ends[1]);
	return ends[0];
}

static void lines_come_one_by_one(void **state)
{
	(void)state;
	static const char *const EXPECTED[] = {"a\n", "\n", "bc\n", "the end"};
	int fd = pipe_with("a\n\nbc\nthe end", 13);
	struct lines l = lines_of(fd, 100);
	struct text line;
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(lines_next(&l, &line, NULL), RC_OK);
		assert_true(text_is(line, EXPECTED[i]));
	}
	assert_int_equal(lines_next(&l, &line, NULL), RC_NOT_FOUND);
	assert_int_equal(l.read, 13);
	lines_done(&l);
	close(fd);
}

static void a_file_is_read_over_many_chunks(void **state)
{
	(void)state;
	enum { COUNT = 3000, LENGTH = 401 };
	char name[] = "lines-XXXXXX", written[LENGTH];
	int fd = mkstemp(name);
	assert_true(fd >= 0);
	unlink(name);
	for (int i = 0; i < COUNT; i++) {
		memset(written, 'a' + i % 26, LENGTH - 1);
		written[LENGTH - 1] = '\n';
		assert_int_equal(write(fd, written, LENGTH), LENGTH);
	}
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	struct lines l = lines_of(fd, KIB(1));
	struct text line;
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(lines_next(&l, &line, NULL), RC_OK);
		assert_int_equal(line.n, LENGTH);
		assert_true(line.p[0] == 'a' + i % 26 && line.p[LENGTH - 2] == line.p[0]);
	}
	assert_int_equal(lines_next(&l, &line, NULL), RC_NOT_FOUND);
	lines_done(&l);
	close(fd);
}

static void a_line_that_never_ends_is_refused(void **state)
{
	(void)state;
	struct lines l = lines_of(-1, KIB(64));
	struct text line;
	struct err err = {0};
	FILE *zero = fopen("/dev/zero", "r");
	if (!zero) skip();
	l.fd = fileno(zero);
	assert_int_equal(lines_next(&l, &line, &err), RC_INVALID);
	assert_non_null(strstr(err.text, "longer"));
	lines_done(&l);
	fclose(zero);
}

static void what_cannot_be_read_is_no_end(void **state)
{
	(void)state;
	struct lines l = lines_of(-1, KIB(64));
	struct text line;
	assert_int_equal(lines_next(&l, &line, NULL), RC_UNAVAILABLE);
	lines_done(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_one_by_one),
		cmocka_unit_test(a_file_is_read_over_many_chunks),
		cmocka_unit_test(a_line_that_never_ends_is_refused),
		cmocka_unit_test(what_cannot_be_read_is_no_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
