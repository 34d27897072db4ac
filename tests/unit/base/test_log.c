/* base/log: whole lines in both formats, cut at their limit, whatever the values hold. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"

static FILE *captured; /* stands in for standard error while a test logs */
static int real_stderr;
static char said[MIB(1)];

static int start_capture(void **state)
{
	(void)state;
	captured = tmpfile();
	real_stderr = dup(STDERR_FILENO);
	if (!captured || real_stderr < 0) return -1;
	fcntl(fileno(captured), F_SETFL, O_APPEND);
	return dup2(fileno(captured), STDERR_FILENO) < 0 ? -1 : 0;
}

static int stop_capture(void **state)
{
	(void)state;
	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	fclose(captured);
	return 0;
}

/* What was logged since the last call, terminated. */
static const char *take_said(void)
{
	rewind(captured);
	size_t n = fread(said, 1, sizeof said - 1, captured);
	said[n] = '\0';
	assert_int_equal(ftruncate(fileno(captured), 0), 0);
	return said;
}

/* Behind level and time, which are checked. */
static const char *take_message(const char *level)
{
	const char *line = take_said();
	char head[64];
	int n = snprintf(head, sizeof head, "level=%s time=", level);
	assert_memory_equal(line, head, (size_t)n);
	time_us t;
	assert_true(rfc3339_parse((struct text){line + n, RFC3339_SIZE - 1}, &t));
	assert_true(t <= clock_now() && t > clock_now() - SECONDS_US(60));
	return line + n + RFC3339_SIZE;
}

static void writes_logfmt(void **state)
{
	(void)state;
	log_setup(LOG_DEBUG, LOG_LOGFMT);
	log_info("server started", LOG_STR("listen", "127.0.0.1"), LOG_INT("port", -8080), LOG_MS("took", 1234567));
	assert_string_equal(take_message("info"), "msg=\"server started\" listen=127.0.0.1 port=-8080 took=1234.567\n");
	log_error("alone");
	assert_string_equal(take_message("error"), "msg=alone\n");
	log_debug("d", LOG_TEXT("absent", TEXT_ABSENT), LOG_TEXT("empty", TEXT("")));
	assert_string_equal(take_message("debug"), "msg=d absent= empty=\"\"\n");
}

static void nothing_breaks_out_of_a_value(void **state)
{
	(void)state;
	log_setup(LOG_INFO, LOG_LOGFMT);
	log_warn("m", LOG_TEXT("v", TEXT("a\" x=1\nlevel=error\0\x1B[31m\xC2\x9B \\")));
	assert_string_equal(take_message("warn"), "msg=m v=\"a\\\" x=1\\nlevel=error\\u0000\\u001b[31m\\u009b \\\\\"\n");
	log_warn("m", LOG_STR("v", "a=b"), LOG_STR("w", "caf\xC3\xA9"), LOG_STR("x", "\xFF\xC3 \"\n"));
	assert_string_equal(take_message("warn"), "msg=m v=\"a=b\" w=\"caf\xC3\xA9\" x=\"?? \\\"\\n\"\n");
}

static void level_is_a_threshold(void **state)
{
	(void)state;
	log_setup(LOG_WARN, LOG_LOGFMT);
	assert_false(log_wanted(LOG_DEBUG));
	assert_false(log_wanted(LOG_INFO));
	assert_true(log_wanted(LOG_WARN));
	assert_true(log_wanted(LOG_ERROR));
	int evaluated = 0;
	log_info("no", LOG_INT("n", ++evaluated));
	assert_string_equal(take_said(), "");
	assert_int_equal(evaluated, 0);
	log_warn("yes", LOG_INT("n", ++evaluated));
	assert_int_equal(evaluated, 1);
	assert_string_equal(take_message("warn"), "msg=yes n=1\n");
}

static const struct json *read_line(struct arena *a)
{
	const char *line = take_said();
	size_t n = strlen(line);
	assert_true(n > 0 && n <= LIMIT_LOG_LINE && line[n - 1] == '\n');
	const struct json *v;
	struct err err = {0};
	if (json_read(a, (struct text){line, n - 1}, &v, &err) != RC_OK) fail_msg("%s in %s", err.text, line);
	return v;
}

static void writes_json(void **state)
{
	(void)state;
	log_setup(LOG_INFO, LOG_JSON);
	struct arena *a = arena_new(KIB(4), MIB(1));
	log_info("a \"b\"", LOG_STR("t", "x\ny\xC3\xA9"), LOG_INT("i", INT64_MIN), LOG_MS("ms", 1500), LOG_TEXT("no", TEXT_ABSENT),
		LOG_STR("bad", "\xED\xA0\x80"), ((struct log_field){.key = "nan", .real = NAN, .kind = LOG_FIELD_REAL}));
	const struct json *v = read_line(a);
	assert_int_equal(json_size(v), 9);
	assert_true(text_is(json_text(json_member(v, "level")), "info"));
	time_us t;
	assert_true(rfc3339_parse(json_text(json_member(v, "time")), &t));
	assert_true(text_is(json_text(json_member(v, "msg")), "a \"b\""));
	assert_true(text_is(json_text(json_member(v, "t")), "x\ny\xC3\xA9"));
	assert_true(json_int(json_member(v, "i")) == INT64_MIN);
	assert_true(json_number(json_member(v, "ms")) == 1.5);
	assert_int_equal(json_kind(json_member(v, "no")), JSON_IS_NULL);
	assert_true(text_is(json_text(json_member(v, "bad")), "???"));
	assert_int_equal(json_kind(json_member(v, "nan")), JSON_IS_NULL);
	arena_free(a);
}

enum { FIELDS = 9 }; /* of the lines below: level, time, msg and six */

static void log_much(struct text t)
{
	log_info("m", LOG_TEXT("a", t), LOG_TEXT("b", t), LOG_TEXT("c", t), LOG_TEXT("d", t), LOG_TEXT("e", t), LOG_INT("z", 1));
}

static void check_logfmt(struct arena *a)
{
	(void)a;
	const char *line = take_said();
	size_t n = strlen(line);
	assert_true(n > 0 && n <= LIMIT_LOG_LINE);
	assert_ptr_equal(strchr(line, '\n'), line + n - 1);
	assert_true(utf8_valid(text_from(line)));
}

static void check_json(struct arena *a)
{
	const struct json *v = read_line(a);
	bool cut = json_bool(json_member(v, "cut"));
	assert_int_equal(cut, json_size(v) - cut < FIELDS);
}

/* Letters that stay, controls that become six characters, two-byte characters, and the same out of step: no UTF-8. */
static void long_lines_are_cut_whole(void **state)
{
	(void)state;
	static char letters[3 * LIMIT_LOG_LINE], controls[LIMIT_LOG_LINE], accents[LIMIT_LOG_LINE];
	memset(letters, 'a', sizeof letters);
	memset(controls, 1, sizeof controls);
	for (size_t i = 0; i < sizeof accents; i++) accents[i] = i % 2 ? '\xA9' : '\xC3';
	const struct text values[] = {
		{letters, sizeof letters}, {controls, sizeof controls}, {accents, sizeof accents}, {accents + 1, sizeof accents - 1}};
	static void (*const checks[])(struct arena *) = {[LOG_LOGFMT] = check_logfmt, [LOG_JSON] = check_json};
	struct arena *a = arena_new(KIB(4), MIB(4));
	for (int format = LOG_LOGFMT; format <= LOG_JSON; format++) {
		log_setup(LOG_INFO, (enum log_format)format);
		for (size_t i = 0; i < sizeof values / sizeof *values; i++)
			for (size_t n = 0; n < values[i].n; n += n < 300 || (n > 1900 && n < 2100) ? 1 : 331) {
				arena_reset(a);
				log_much((struct text){values[i].p, n});
				checks[format](a);
			}
	}
	arena_free(a);
}

static void cut_values_and_lines_say_so(void **state)
{
	(void)state;
	static char letters[LIMIT_LOG_LINE];
	memset(letters, 'a', sizeof letters);
	struct text t = {letters, sizeof letters};
	log_setup(LOG_INFO, LOG_LOGFMT);
	log_info("m", LOG_TEXT("a", t), LOG_INT("z", 1));
	const char *line = take_said();
	assert_non_null(strstr(line, "a\xE2\x80\xA6 z=1\n"));
	log_info("m", LOG_TEXT("a", t), LOG_TEXT("b", t), LOG_TEXT("c", t), LOG_TEXT("d", t), LOG_INT("z", 1));
	line = take_said();
	assert_null(strstr(line, " d="));
	assert_non_null(strstr(line, " z=1 cut=true\n"));
}

static void keeps_errno(void **state)
{
	(void)state;
	log_setup(LOG_INFO, LOG_LOGFMT);
	int keep = dup(STDERR_FILENO);
	close(STDERR_FILENO);
	errno = ENOENT;
	log_info("to nobody");
	int after = errno;
	dup2(keep, STDERR_FILENO);
	close(keep);
	assert_int_equal(after, ENOENT);
}

enum { THREADS = 4, LINES = 300 };

static void *log_many(void *letter)
{
	char value[200];
	memset(value, *(const char *)letter, sizeof value);
	for (int i = 0; i < LINES; i++) log_info("m", LOG_TEXT("v", ((struct text){value, sizeof value})));
	return NULL;
}

static void lines_of_threads_do_not_mix(void **state)
{
	(void)state;
	log_setup(LOG_INFO, LOG_LOGFMT);
	pthread_t threads[THREADS];
	for (size_t i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&threads[i], NULL, log_many, (void *)&"abcd"[i]), 0);
	for (size_t i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
	struct text rest = text_from(take_said()), line;
	size_t lines = 0;
	for (; text_split(&rest, '\n', &line) && line.n > 0; lines++) {
		const char *value = memmem(line.p, line.n, " v=", 3);
		assert_non_null(value);
		value += 3;
		assert_ptr_equal(value + 200, line.p + line.n);
		for (size_t i = 1; i < 200; i++) assert_int_equal(value[i], value[0]);
	}
	assert_int_equal(lines, THREADS * LINES);
}

#define captured_test(test) cmocka_unit_test_setup_teardown(test, start_capture, stop_capture)

int main(void)
{
	const struct CMUnitTest tests[] = {
		captured_test(writes_logfmt),
		captured_test(nothing_breaks_out_of_a_value),
		captured_test(level_is_a_threshold),
		captured_test(writes_json),
		captured_test(long_lines_are_cut_whole),
		captured_test(cut_values_and_lines_say_so),
		captured_test(keeps_errno),
		captured_test(lines_of_threads_do_not_mix),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
