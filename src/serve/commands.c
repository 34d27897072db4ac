/* The table of the program's commands, and those that only say something of the program. */
#include "serve/commands.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "cli/cli_settings.h"
#include "cli/commands.h"

static void log_setup_from(const struct settings *s)
{
	static const char *const LEVELS[] = {"debug", "info", "warn", "error"};
	if (!settings_has(s, "log-level")) return;
	const char *level = setting_text(s, "log-level"), *format = setting_text(s, "log-format");
	for (int i = 0; level && i < 4; i++)
		if (!strcmp(level, LEVELS[i])) log_setup((enum log_level)i, !strcmp(format, "json") ? LOG_JSON : LOG_LOGFMT);
}

static const struct command_family SERVER_FAMILY = {.usage_code = EXIT_USAGE, .begin = log_setup_from};

static int completion(const struct settings *s, char **words)
{
	(void)s;
	return completion_run(COMMANDS, words);
}

static int man(const struct settings *s, char **words)
{
	(void)s;
	return man_run(COMMANDS, words);
}

const struct command COMMANDS[] = {
	{"track build", "", "tell the server of a build", TRACK_BUILD_SETTINGS, track_build_run, .family = &CLIENT_FAMILY,
		.details = TRACK_DETAILS},
	{"track deployment", "", "tell the server of a deployment", TRACK_DEPLOYMENT_SETTINGS, track_deployment_run,
		.family = &CLIENT_FAMILY, .details = TRACK_DETAILS},
	{"run", "-- CMD [ARGUMENT ...]", "tell the server of a deployment that a program makes, and run that program", RUN_SETTINGS,
		run_run, .family = &CLIENT_FAMILY, .details = RUN_DETAILS, .words_end_flags = true},
	{"status", "", "what runs where", STATUS_SETTINGS, status_run, .family = &CLIENT_FAMILY, .details = STATUS_DETAILS},
	{"history", "", "the deployments, newest first", HISTORY_SETTINGS, history_run, .family = &CLIENT_FAMILY,
		.details = HISTORY_DETAILS},
	{"diff", "ENVIRONMENT ENVIRONMENT", "where two environments differ", DIFF_SETTINGS, diff_run, .family = &CLIENT_FAMILY,
		.details = DIFF_DETAILS},
	{"flush", "", "send the events that could not be sent", FLUSH_SETTINGS, flush_run, .family = &CLIENT_FAMILY},
	{"serve", "", "the server", SERVE_SETTINGS, serve_run, .family = &SERVER_FAMILY},
	{"admin", "create-key | list-keys | revoke-key kN | reset-password", "API keys and lost passwords, on the server's machine",
		ADMIN_SETTINGS, admin_run, .family = &SERVER_FAMILY},
	{"check", "", "compare what runs where with the event log, and verify the audit log", CHECK_SETTINGS, check_run,
		.family = &SERVER_FAMILY},
	{"backup", "FILE", "copy the data while the server runs", STORE_SETTINGS, backup_run, .family = &SERVER_FAMILY},
	{"export", "[FILE]", "everything as lines of JSON, secrets included, into FILE (mode 0600) or standard output",
		STORE_SETTINGS, export_run, .family = &SERVER_FAMILY},
	{"import", "[FILE]", "what export wrote, from FILE or standard input, into an empty store; continues if it was interrupted",
		STORE_SETTINGS, import_run, .family = &SERVER_FAMILY},
	{"migrate", "", "bring the data to this version's form", STORE_SETTINGS, migrate_run, .family = &SERVER_FAMILY},
	{"demo", "", "fill a scratch store with a company's month of builds and deployments, to look at", DEMO_SETTINGS, demo_run,
		.family = &SERVER_FAMILY},
	{"settings", "[COMMAND]", "the settings of a command, or else of serve, as a Markdown table", NO_SETTINGS, settings_run,
		.family = &SERVER_FAMILY},
	{"completion", "bash | zsh | fish", "completion of commands and flags for a shell", NO_SETTINGS, completion,
		.family = &CLIENT_FAMILY},
	{"man", "[FOLDER]", "the manual pages, written into FOLDER; without one, their names", NO_SETTINGS, man,
		.family = &CLIENT_FAMILY},
	{"version", "", "the program's version", NO_SETTINGS, version_run, .family = &CLIENT_FAMILY},
	{0},
};

int version_run(const struct settings *s, char **words)
{
	(void)s, (void)words;
	printf("versioner %s\n", VERSIONER_VERSION);
	return EXIT_FINE;
}

int settings_run(const struct settings *s, char **words)
{
	(void)s;
	buf_auto table = BUF_INIT(KIB(64)), name = BUF_INIT(KIB(4));
	for (char **word = words; *word; word++) buf_printf(&name, "%s%s", name.n ? " " : "", *word);
	const struct command *c = COMMANDS;
	while (c->name && !text_is(name.n ? buf_view(&name) : TEXT("serve"), c->name)) c++;
	if (!c->name) return fprintf(stderr, "versioner settings: there is no command \"%.*s\"\n", (int)name.n, name.p), EXIT_TROUBLE;
	settings_markdown(c->settings, &table);
	printf("%.*s", (int)table.n, table.p);
	return EXIT_FINE;
}
