/* argv[1] → a row of the command table; its flags → settings; then the command. */
#include "base/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/secret.h"

static void print_buf(const struct buf *b, FILE *to)
{
	fwrite(b->p, 1, b->n, to);
}

/* Of one word ("track") when only these are wanted, else NULL. */
static void show_commands(const struct command *table, const char *group, FILE *to)
{
	size_t n = group ? strlen(group) : 0, widest = 0;
	for (const struct command *c = table; c->name; c++)
		if (strlen(c->name) > widest) widest = strlen(c->name);
	fprintf(to, "Usage: versioner %s%s[--flag value ...]\n\nCommands:\n", group ? group : "COMMAND ", group ? " COMMAND " : "");
	for (const struct command *c = table; c->name; c++)
		if (!group || (strncmp(c->name, group, n) == 0 && c->name[n] == ' '))
			fprintf(to, "  %-*s  %s\n", (int)widest, c->name, c->summary);
	fprintf(to, "\nversioner COMMAND --help shows the flags of a command.\n");
}

void command_help(const struct command *c, struct buf *out)
{
	bool words_first = *c->words && !c->words_end_flags;
	buf_printf(out, "Usage: versioner %s%s%s%s%s%s\n\n%s.\n", c->name, words_first ? " " : "", words_first ? c->words : "",
		c->settings[0].name ? " [--flag value ...]" : "", c->words_end_flags ? " " : "", c->words_end_flags ? c->words : "",
		c->summary);
	if (c->details) buf_printf(out, "\n%s\n", c->details);
	if (!c->settings[0].name) return;
	buf_cstr(out, "\nEach flag is also the variable VERSIONER_FLAG_NAME and a key of the configuration file.\n\n");
	settings_help(c->settings, out);
}

static void show_help(const struct command *c)
{
	buf_auto help = BUF_INIT(KIB(64));
	command_help(c, &help);
	print_buf(&help, stdout);
}

static int command_start(const struct command *table, const struct command *c, int argc, char **argv)
{
	struct settings *s = settings_new(c->settings);
	struct settings_reading reading = {
		.files = c->family->files, .foreign_file = c->family->foreign_file, .words_end_flags = c->words_end_flags};
	struct err err;
	char **words;
	int code = EXIT_FINE;
	settings_read_like(s, &reading);
	for (const struct command *other = table; other->name; other++) /* one configuration file serves every command */
		if (other->settings != c->settings) settings_also_known(s, other->settings);
	enum rc rc = settings_load(s, argc, argv, &words, &err);
	if (rc == RC_OK) {
		if (c->family->begin) c->family->begin(s);
		code = c->run(s, words);
	} else if (rc == RC_NOT_FOUND) {
		show_help(c);
	} else {
		fprintf(stderr, "versioner %s: %s\n", c->name, err.text);
		code = c->family->usage_code;
	}
	settings_free(s);
	return code;
}

/* The row of the name of one word or two; *ret_words says how many. */
static const struct command *find_command(const struct command *table, int argc, char **argv, int *ret_words)
{
	char two[128] = "";
	if (argc > 1) snprintf(two, sizeof two, "%s %s", argv[0], argv[1]);
	for (const struct command *c = table; c->name; c++) {
		bool both = strcmp(c->name, two) == 0;
		if (!both && strcmp(c->name, argv[0]) != 0) continue;
		*ret_words = both ? 2 : 1;
		return c;
	}
	return NULL;
}

/* Whether the word begins the names of some commands, as "track" does. */
static bool is_group(const struct command *table, const char *word)
{
	size_t n = strlen(word);
	for (; table->name; table++)
		if (n && strncmp(table->name, word, n) == 0 && table->name[n] == ' ') return true;
	return false;
}

static bool asks_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help");
}

/* argv begins with the words that name no command. */
static int unknown_command(const struct command *table, int argc, char **argv)
{
	bool group = is_group(table, argv[0]);
	if (group && (argc < 2 || asks_help(argv[1]))) return show_commands(table, argv[0], stdout), EXIT_FINE;
	fprintf(stderr, "versioner: there is no command \"%.80s%s%.80s\"\n", argv[0], group ? " " : "", group ? argv[1] : "");
	show_commands(table, group ? argv[0] : NULL, stderr);
	return EXIT_TROUBLE;
}

/* "versioner help track build". */
static int help_main(const struct command *table, int argc, char **argv)
{
	int words;
	if (argc < 1) return show_commands(table, NULL, stdout), EXIT_FINE;
	const struct command *c = find_command(table, argc, argv, &words);
	if (c) return show_help(c), EXIT_FINE;
	return unknown_command(table, is_group(table, argv[0]) ? 1 : argc, argv);
}

/* Whether the flag's value is the next word, by any command that knows the flag. */
static bool value_follows(const struct command *table, const char *flag)
{
	if (flag[1] != '-' || strchr(flag, '=')) return false;
	for (; table->name; table++)
		for (const struct setting *row = table->settings; row->name; row++)
			if (strcmp(row->name, flag + 2) == 0) return row->kind != SETTING_BOOL && !row->alone;
	return false;
}

/* "--debug track -v build x" becomes "track build --debug -v x": flags may stand before the name of the command, and within it. */
static void arrange(const struct command *table, int argc, char **argv, char **ret)
{
	char *names[2], **flags = mem_alloc((size_t)(argc + 1) * sizeof *flags);
	int name_count = 0, flag_count = 0, at = 1, n = 0;
	while (at < argc && (name_count == 0 || (name_count == 1 && is_group(table, names[0])))) {
		bool flag = argv[at][0] == '-' && argv[at][1];
		bool with_value = flag && at + 1 < argc && value_follows(table, argv[at]);
		if (!flag) names[name_count++] = argv[at++];
		if (flag) flags[flag_count++] = argv[at++];
		if (with_value) flags[flag_count++] = argv[at++];
	}
	ret[n++] = argv[0];
	for (int i = 0; i < name_count; i++) ret[n++] = names[i];
	for (int i = 0; i < flag_count; i++) ret[n++] = flags[i];
	while (at < argc) ret[n++] = argv[at++];
	ret[n] = NULL;
	free(flags);
}

static int run_named(const struct command *table, int argc, char **argv)
{
	static char version[] = "version";
	int words;
	if (argc < 2 || asks_help(argv[1])) return help_main(table, argc < 2 ? 0 : argc - 2, argv + 2);
	if (strcmp(argv[1], "--version") == 0) argv[1] = version;
	const struct command *c = find_command(table, argc - 1, argv + 1, &words);
	if (!c) return unknown_command(table, argc - 1, argv + 1);
	return command_start(table, c, argc - words, argv + words);
}

int command_main(const struct command *table, int argc, char **argv)
{
	struct err err;
	if (secret_init(&err) != RC_OK) return fprintf(stderr, "versioner: %s\n", err.text), EXIT_TROUBLE;
	char **arranged = mem_alloc((size_t)(argc + 1) * sizeof *arranged);
	arrange(table, argc, argv, arranged);
	int code = run_named(table, argc, arranged);
	free(arranged);
	return code;
}
