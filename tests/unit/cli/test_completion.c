/* Every flag of every command stands in its help, its manual page and the completion of each shell: there is one list. */
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
#include "cli/commands.h"
#include "cli/completion.h"
#include "serve/commands.h"

static char folder[64];

static void page_path(const char *command, char path[static 256])
{
	snprintf(path, 256, "%s/versioner%s%s.1", folder, *command ? "-" : "", command);
	for (char *p = path; *p; p++)
		if (*p == ' ') *p = '-';
}

static void read_page(const char *command, struct buf *out)
{
	char path[256], block[4096];
	size_t n;
	page_path(command, path);
	FILE *f = fopen(path, "r");
	if (!f) fail_msg("%s is not there", path);
	while ((n = fread(block, 1, sizeof block, f)) > 0) buf_add(out, block, n);
	fclose(f);
	buf_char(out, '\0');
}

static void expect(const char *where, const struct buf *text, const char *wanted)
{
	if (!memmem(text->p, text->n, wanted, strlen(wanted))) fail_msg("%s does not hold \"%s\"", where, wanted);
}

static void roff_flag(const char *name, char out[static 256])
{
	size_t n = (size_t)snprintf(out, 256, "\\-\\-");
	for (; *name; name++) n += (size_t)snprintf(out + n, 256 - n, *name == '-' ? "\\-" : "%c", *name);
}

static void each_flag_stands_in_help_and_manual_page(void **state)
{
	(void)state;
	for (const struct command *c = COMMANDS; c->name; c++) {
		buf_auto help = BUF_INIT(KIB(256)), page = BUF_INIT(KIB(256));
		char flag[256];
		command_help(c, &help);
		read_page(c->name, &page);
		expect(c->name, &page, c->summary);
		for (const struct setting *row = c->settings; row->name; row++) {
			snprintf(flag, sizeof flag, "--%s", row->name);
			if (!row->env_only) expect("the help", &help, flag);
			roff_flag(row->name, flag);
			if (!row->env_only) expect("the page", &page, flag);
		}
	}
}

/* The part of the script that is about one command: from its first mark to the end of what belongs to it. */
static void part_of(const struct buf *script, const char *begin, const char *end, struct buf *out)
{
	const char *at = memmem(script->p, script->n, begin, strlen(begin));
	if (!at) fail_msg("there is no %s", begin);
	const char *stop = memmem(at, (size_t)(script->p + script->n - at), end, strlen(end));
	buf_add(out, at, (size_t)((stop ? stop : script->p + script->n) - at));
}

static void each_flag_is_completed(void **state)
{
	(void)state;
	buf_auto bash = BUF_INIT(KIB(512)), zsh = BUF_INIT(KIB(512)), fish = BUF_INIT(KIB(512));
	completion_bash(COMMANDS, &bash);
	completion_zsh(COMMANDS, &zsh);
	completion_fish(COMMANDS, &fish);
	for (const struct command *c = COMMANDS; c->name; c++) {
		char begin[128], wanted[256];
		buf_auto in_bash = BUF_INIT(KIB(64)), in_zsh = BUF_INIT(KIB(64));
		snprintf(begin, sizeof begin, "\t'%s')\n", c->name);
		part_of(&bash, begin, "\n\t\t;;\n", &in_bash);
		part_of(&zsh, begin, "\n\t\t;;\n", &in_zsh);
		for (const struct setting *row = c->settings; row->name; row++) {
			if (row->env_only) continue;
			snprintf(wanted, sizeof wanted, "--%s ", row->name);
			expect("bash", &in_bash, wanted);
			snprintf(wanted, sizeof wanted, row->letter ? "--%s}'[" : "--%s=", row->name);
			expect("zsh", &in_zsh, wanted);
			snprintf(wanted, sizeof wanted, "-n '__versioner_in %s' -l %s ", c->name, row->name);
			expect("fish", &fish, wanted);
		}
	}
}

static void the_first_page_names_all_commands(void **state)
{
	(void)state;
	buf_auto page = BUF_INIT(KIB(256));
	read_page("", &page);
	for (const struct command *c = COMMANDS; c->name; c++) expect("versioner(1)", &page, c->summary);
}

static void no_line_of_a_page_is_an_unknown_request(void **state)
{
	static const char *const REQUESTS[] = {".TH ", ".SH ", ".PP", ".TP", ".B ", ".I "};
	(void)state;
	for (const struct command *c = COMMANDS; c->name; c++) {
		buf_auto page = BUF_INIT(KIB(256));
		read_page(c->name, &page);
		for (const char *line = page.p; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
			size_t i = 0;
			while (i < 6 && strncmp(line, REQUESTS[i], strlen(REQUESTS[i])) != 0) i++;
			if ((*line == '.' || *line == '\'') && i == 6) fail_msg("%s: %.40s", c->name, line);
		}
	}
}

static void wrong_words_are_refused(void **state)
{
	char *none[] = {NULL}, *wrong[] = {(char *)"tcsh", NULL}, *two[] = {(char *)"bash", (char *)"zsh", NULL};
	char *nowhere[] = {(char *)"/nowhere/at/all", NULL};
	(void)state;
	assert_int_equal(completion_run(COMMANDS, none), EXIT_TROUBLE);
	assert_int_equal(completion_run(COMMANDS, wrong), EXIT_TROUBLE);
	assert_int_equal(completion_run(COMMANDS, two), EXIT_TROUBLE);
	assert_int_equal(man_run(COMMANDS, two), EXIT_TROUBLE);
	assert_int_equal(man_run(COMMANDS, nowhere), EXIT_TROUBLE);
}

static int set_up(void **state)
{
	(void)state;
	char *words[] = {folder, NULL};
	const char *base = getenv("TMPDIR");
	snprintf(folder, sizeof folder, "%s/versioner-man-XXXXXX", base && strlen(base) < 32 ? base : "/tmp");
	return !mkdtemp(folder) || man_run(COMMANDS, words) != EXIT_FINE;
}

static int tear_down(void **state)
{
	char path[256];
	(void)state;
	for (const struct command *c = COMMANDS; c->name; c++) {
		page_path(c->name, path);
		unlink(path);
	}
	page_path("", path);
	unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_flag_stands_in_help_and_manual_page),
		cmocka_unit_test(each_flag_is_completed),
		cmocka_unit_test(the_first_page_names_all_commands),
		cmocka_unit_test(no_line_of_a_page_is_an_unknown_request),
		cmocka_unit_test(wrong_words_are_refused),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
