/* argv[1] → a row of the command table; its flags → settings; then the command. */
#include "serve/command.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/secret.h"

const struct command COMMANDS[] = {
	{"serve", "", "the server", SERVE_SETTINGS, serve_run},
	{"admin", "create-key | list-keys | revoke-key kN", "API keys, on the server's machine", ADMIN_SETTINGS, admin_run},
	{"check", "", "compare what runs where with the event log", STORE_SETTINGS, check_run},
	{"backup", "FILE", "copy the data while the server runs", STORE_SETTINGS, backup_run},
	{"export", "[FILE]", "everything as lines of JSON, secrets included, into FILE (mode 0600) or standard output",
		STORE_SETTINGS, export_run},
	{"import", "[FILE]", "what export wrote, from FILE or standard input, into an empty store; continues if it was interrupted",
		STORE_SETTINGS, import_run},
	{"migrate", "", "bring the data to this version's form", STORE_SETTINGS, migrate_run},
	{"settings", "", "the settings of serve as a Markdown table", NO_SETTINGS, settings_run},
	{"version", "", "the program's version", NO_SETTINGS, version_run},
	{0},
};

static void show_commands(FILE *to)
{
	fprintf(to, "Usage: versioner COMMAND [--flag value ...]\n\nCommands:\n");
	for (const struct command *c = COMMANDS; c->name; c++) fprintf(to, "  %-10s %s\n", c->name, c->summary);
	fprintf(to, "\nversioner COMMAND --help shows the flags of a command.\n");
}

static void show_help(const struct command *c)
{
	buf_auto flags = BUF_INIT(KIB(64));
	settings_help(c->settings, &flags);
	printf("Usage: versioner %s%s%s [--flag value ...]\n\n%s.\n", c->name, *c->words ? " " : "", c->words, c->summary);
	if (flags.n)
		printf("\nEach flag is also the variable VERSIONER_FLAG_NAME and a key of the configuration file.\n\n%.*s", (int)flags.n,
			flags.p);
}

static void log_setup_from(const struct settings *s)
{
	static const char *const LEVELS[] = {"debug", "info", "warn", "error"};
	const char *level = setting_text(s, "log-level"), *format = setting_text(s, "log-format");
	for (int i = 0; level && i < 4; i++)
		if (!strcmp(level, LEVELS[i])) log_setup((enum log_level)i, !strcmp(format, "json") ? LOG_JSON : LOG_LOGFMT);
}

static int command_start(const struct command *c, int argc, char **argv)
{
	struct settings *s = settings_new(c->settings);
	settings_also_known(s, SERVE_SETTINGS); /* one configuration file serves every command */
	settings_also_known(s, ADMIN_SETTINGS);
	struct err err;
	char **words;
	int code = EXIT_FINE;
	enum rc rc = settings_load(s, argc, argv, &words, &err);
	if (rc == RC_OK) {
		if (c->settings != NO_SETTINGS) log_setup_from(s);
		code = c->run(s, words);
	} else if (rc == RC_NOT_FOUND) {
		show_help(c);
	} else {
		fprintf(stderr, "versioner %s: %s\n", c->name, err.text);
		code = EXIT_USAGE;
	}
	settings_free(s);
	return code;
}

static bool asks_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help");
}

int command_main(int argc, char **argv)
{
	struct err err;
	if (secret_init(&err) != RC_OK) return fprintf(stderr, "versioner: %s\n", err.text), EXIT_TROUBLE;
	if (argc < 2) return show_commands(stdout), EXIT_FINE;
	if (asks_help(argv[1])) return show_commands(stdout), EXIT_FINE;
	const char *name = !strcmp(argv[1], "--version") ? "version" : argv[1];
	for (const struct command *c = COMMANDS; c->name; c++)
		if (!strcmp(c->name, name)) return command_start(c, argc - 1, argv + 1);
	fprintf(stderr, "versioner: there is no command \"%s\"\n", argv[1]);
	show_commands(stderr);
	return EXIT_USAGE;
}

int version_run(const struct settings *s, char **words)
{
	(void)s, (void)words;
	printf("versioner %s\n", VERSIONER_VERSION);
	return EXIT_FINE;
}

int settings_run(const struct settings *s, char **words)
{
	(void)s, (void)words;
	buf_auto table = BUF_INIT(KIB(64));
	settings_markdown(SERVE_SETTINGS, &table);
	printf("%.*s", (int)table.n, table.p);
	return EXIT_FINE;
}
