/* The command table: which row runs, what help says, what a wrong word is told. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/command.h"
#include "base/limits.h"

static char ran[256];
static int begun;

static int note(const char *name, const struct settings *s, char **words)
{
	snprintf(ran, sizeof ran, "%s loud=%d", name, setting_bool(s, "loud"));
	for (; *words; words++) {
		size_t n = strlen(ran);
		snprintf(ran + n, sizeof ran - n, " [%s]", *words);
	}
	return 42;
}

static int one_run(const struct settings *s, char **words)
{
	return note("one", s, words);
}

static int two_run(const struct settings *s, char **words)
{
	return note("two words", s, words);
}

static int exec_run(const struct settings *s, char **words)
{
	return note("exec", s, words);
}

static void begin(const struct settings *s)
{
	(void)s;
	begun++;
}

static const struct setting SETTINGS[] = {{.name = "loud", .kind = SETTING_BOOL, .letter = 'l', .help = "shout"},
	{.name = "name", .kind = SETTING_TEXT, .help = "x"}, {0}};
static const struct command_family FAMILY = {.usage_code = 9, .begin = begin};
static const struct command TABLE[] = {
	{"one", "", "the first", SETTINGS, one_run, .family = &FAMILY, .details = "More of it."},
	{"two words", "FILE", "the second", SETTINGS, two_run, .family = &FAMILY},
	{"two others", "", "the third", SETTINGS, one_run, .family = &FAMILY},
	{"exec", "-- CMD", "the fourth", SETTINGS, exec_run, .family = &FAMILY, .words_end_flags = true},
	{0},
};

struct called {
	int code;
	char out[4096], err[4096];
};

static int redirect(FILE *f, FILE *into)
{
	fflush(f);
	int saved = dup(fileno(f));
	dup2(fileno(into), fileno(f));
	return saved;
}

static void restore(FILE *f, FILE *into, int saved, char text[static 4096])
{
	fflush(f);
	ssize_t n = pread(fileno(into), text, 4095, 0);
	text[n > 0 ? n : 0] = '\0';
	dup2(saved, fileno(f));
	close(saved);
	fclose(into);
}

static struct called call(const char *const *words)
{
	char *argv[16] = {(char *)"versioner"};
	int argc = 1;
	struct called c;
	for (; *words; words++) argv[argc++] = strdup(*words);
	ran[0] = '\0';
	FILE *out = tmpfile(), *err = tmpfile();
	int saved_out = redirect(stdout, out), saved_err = redirect(stderr, err);
	c.code = command_main(TABLE, argc, argv);
	restore(stdout, out, saved_out, c.out);
	restore(stderr, err, saved_err, c.err);
	while (argc > 1) free(argv[--argc]);
	return c;
}

#define CALL(...) call((const char *const[]){__VA_ARGS__, NULL})

static const struct {
	const char *words[8], *ran;
} runs[] = {
	{{"one"}, "one loud=0"},
	{{"one", "--loud", "x"}, "one loud=1 [x]"},
	{{"one", "-l"}, "one loud=1"},
	{{"one", "-l=false"}, "one loud=0"},
	{{"two", "words", "--loud=true", "y"}, "two words loud=1 [y]"},
	{{"one", "x", "--loud"}, "one loud=1 [x]"},
	{{"exec", "-l", "--", "ls", "--name"}, "exec loud=1 [ls] [--name]"},
	{{"exec", "-l", "ls", "--name"}, "exec loud=1 [ls] [--name]"},
	{{"--loud", "one", "x"}, "one loud=1 [x]"},
	{{"-l", "--name", "one", "two", "words", "y"}, "two words loud=1 [y]"},
	{{"--name=one", "two", "-l", "words", "y"}, "two words loud=1 [y]"},
	{{"-l", "exec", "ls", "-x"}, "exec loud=1 [ls] [-x]"},
	{{"exec", "ls", "--", "-l"}, "exec loud=0 [ls] [--] [-l]"},
};

static void the_row_of_one_word_or_two_runs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
		begun = 0;
		struct called c = call(runs[i].words);
		if (strcmp(ran, runs[i].ran) != 0) fail_msg("case %zu: \"%s\" ran: %s", i, ran, c.err);
		assert_int_equal(c.code, 42);
		assert_int_equal(begun, 1);
	}
}

static void help_is_given_everywhere(void **state)
{
	(void)state;
	static const struct {
		const char *words[5], *part;
	} helps[] = {
		{{NULL}, "two words"},
		{{"--help"}, "the fourth"},
		{{"help"}, "the fourth"},
		{{"one", "--help"}, "More of it."},
		{{"one", "-h"}, "-l, --loud"},
		{{"help", "one"}, "More of it."},
		{{"help", "two", "words"}, "Usage: versioner two words FILE [--flag value ...]"},
		{{"two", "words", "--name", "x", "--help"}, "the second"},
		{{"exec", "--help"}, "Usage: versioner exec [--flag value ...] -- CMD"},
		{{"two"}, "two others"},
		{{"two", "--help"}, "two others"},
		{{"--loud", "one", "--help"}, "More of it."},
		{{"--help", "one"}, "More of it."},
		{{"help", "two"}, "two others"},
	};
	for (size_t i = 0; i < sizeof helps / sizeof *helps; i++) {
		struct called c = call(helps[i].words);
		if (c.code != 0 || !strstr(c.out, helps[i].part)) fail_msg("case %zu: %d %s%s", i, c.code, c.out, c.err);
		assert_string_equal(ran, "");
		assert_string_equal(c.err, "");
	}
	struct called c = CALL("two");
	assert_null(strstr(c.out, "exec"));
}

static void what_is_wrong_goes_to_stderr_with_the_familys_code(void **state)
{
	(void)state;
	struct called c = CALL("one", "--lood");
	assert_int_equal(c.code, 9);
	assert_non_null(strstr(c.err, "versioner one: there is no flag --lood; did you mean --loud?"));
	assert_string_equal(c.out, "");
	assert_int_equal(CALL("one", "--name").code, 9);
	assert_int_equal(CALL("one", "-x").code, 9);
	assert_int_equal(CALL("one", "-lx").code, 9);
	c = CALL("nothing");
	assert_int_equal(c.code, 1);
	assert_non_null(strstr(c.err, "there is no command \"nothing\""));
	c = CALL("--nothing");
	assert_int_equal(c.code, 1);
	assert_non_null(strstr(c.err, "--nothing"));
	c = CALL("two", "many");
	assert_int_equal(c.code, 1);
	assert_non_null(strstr(c.err, "there is no command \"two many\""));
	assert_string_equal(ran, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_row_of_one_word_or_two_runs),
		cmocka_unit_test(help_is_given_everywhere),
		cmocka_unit_test(what_is_wrong_goes_to_stderr_with_the_familys_code),
	};
	unsetenv("VERSIONER_LOUD");
	unsetenv("VERSIONER_NAME");
	return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
