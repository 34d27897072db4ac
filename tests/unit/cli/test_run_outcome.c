/* What the end of a program means: status, exit code, sentence, metadata. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/limits.h"
#include "cli/run_outcome.h"

#define EXITED(code) W_EXITCODE(code, 0)
#define KILLED(signal) W_EXITCODE(0, signal)
#define RAN(...) \
	{ \
		.begun = true, __VA_ARGS__ \
	}
#define META(code, rest) "{\"vi_run_exit_code\":" #code ",\"vi_run_duration_ms\":1500" rest "}"

static const struct {
	struct run_end end;
	const char *status;
	int exit_code;
	const char *message, *metadata;
} rows[] = {
	{RAN(.wait_status = EXITED(0)), "completed", 0, NULL, META(0, "")},
	{RAN(.wait_status = EXITED(1)), "failed", 1, NULL, META(1, "")},
	{RAN(.wait_status = EXITED(255)), "failed", 255, NULL, META(255, "")},
	/* a shell says so of what it ran; nobody cancelled us */
	{RAN(.wait_status = EXITED(143)), "failed", 143, NULL, META(143, "")},
	{RAN(.wait_status = KILLED(SIGTERM)), "aborted", 143, "./deploy.sh was ended by SIGTERM",
		META(143, ",\"vi_run_signal\":\"SIGTERM\"")},
	{RAN(.wait_status = KILLED(SIGINT)), "aborted", 130, "./deploy.sh was ended by SIGINT",
		META(130, ",\"vi_run_signal\":\"SIGINT\"")},
	{RAN(.wait_status = KILLED(SIGKILL)), "failed", 137, "./deploy.sh was ended by SIGKILL",
		META(137, ",\"vi_run_signal\":\"SIGKILL\"")},
	{RAN(.wait_status = KILLED(SIGSEGV) | 0x80), "failed", 139, "./deploy.sh was ended by SIGSEGV",
		META(139, ",\"vi_run_signal\":\"SIGSEGV\"")}, /* with a core */
	{RAN(.wait_status = KILLED(40)), "failed", 168, "./deploy.sh was ended by signal 40",
		META(168, ",\"vi_run_signal\":\"signal 40\"")},
	/* cancelled, and it took its leave by itself */
	{RAN(.wait_status = EXITED(130), .cancelled_by = SIGINT), "aborted", 130, NULL, META(130, ",\"vi_run_signal\":\"SIGINT\"")},
	{RAN(.wait_status = EXITED(1), .cancelled_by = SIGTERM), "aborted", 1, NULL, META(1, ",\"vi_run_signal\":\"SIGTERM\"")},
	/* … and it went through with it */
	{RAN(.wait_status = EXITED(0), .cancelled_by = SIGTERM), "completed", 0, NULL, META(0, "")},
	{RAN(.start_error = ENOENT), "failed", 127, "./deploy.sh: No such file or directory", META(127, "")},
	{RAN(.start_error = EACCES), "failed", 126, "./deploy.sh: Permission denied", META(126, "")},
	{RAN(.start_error = ENOEXEC), "failed", 126, "./deploy.sh: Exec format error", META(126, "")},
	{RAN(.start_error = E2BIG), "failed", 126, "./deploy.sh: Argument list too long", META(126, "")},
	{{.cancelled_by = SIGHUP}, "aborted", 129, "SIGHUP came before the program was begun",
		"{\"vi_run_exit_code\":129,\"vi_run_duration_ms\":0,\"vi_run_signal\":\"SIGHUP\"}"},
};

static struct arena *arena;

static void each_end_has_its_meaning(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct run_end end = rows[i].end;
		if (end.begun) end.micros = 1500999;
		struct run_outcome o = run_outcome(arena, &end, "./deploy.sh");
		if (strcmp(o.status, rows[i].status) != 0 || o.exit_code != rows[i].exit_code)
			fail_msg("row %zu: %s, %d", i, o.status, o.exit_code);
		if (!text_equal(o.error_message, text_from(rows[i].message))) fail_msg("row %zu: %.*s", i, TEXT_ARGS(o.error_message));
		if (!text_is(o.metadata, rows[i].metadata)) fail_msg("row %zu: %.*s", i, TEXT_ARGS(o.metadata));
	}
}

static void a_name_that_is_no_text_is_not_told(void **state)
{
	(void)state;
	static const char *const names[] = {"", "a\x1b[2Jb", "\xff\xfe", "a\nb"};
	struct run_end end = {.begun = true, .start_error = ENOENT};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct run_outcome o = run_outcome(arena, &end, names[i]);
		assert_true(text_is(o.error_message, "the program: No such file or directory"));
	}
}

static void a_long_name_is_cut_between_characters(void **state)
{
	(void)state;
	char name[4096];
	struct run_end end = {.begun = true, .start_error = ENOENT};
	for (size_t i = 0; i + 2 < sizeof name; i += 2) memcpy(name + i, "ä", 3);
	struct run_outcome o = run_outcome(arena, &end, name);
	assert_true(o.error_message.n < 1100);
	assert_true(utf8_valid(o.error_message));
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(KIB(4), MIB(1));
	return 0;
}

static int take_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, take_down)
	const struct CMUnitTest tests[] = {
		CASE(each_end_has_its_meaning),
		CASE(a_name_that_is_no_text_is_not_told),
		CASE(a_long_name_is_cut_between_characters),
	};
	return cmocka_run_group_tests_name("run_outcome", tests, NULL, NULL);
}
