/* The commands of a program as rows of a table: argv → a row; its flags → settings; then the command. Knows no command. */
#pragma once

#include "base/settings.h"

enum exit_code { EXIT_FINE = 0, EXIT_TROUBLE = 1, EXIT_USAGE = 2 };

/* What commands of one family have in common. */
struct command_family {
	/* Where a configuration file is looked for when none is named: the first that is there; "~/" is the home folder. NULL-terminated;
	 * NULL: nowhere. */
	const char *const *files;
	/* The file may be another program's as well: what is not known in it is passed over. So is a file that is no YAML, unless it was
	 * named with --config. */
	bool foreign_file;
	int usage_code; /* the exit code of wrong flags */
	void (*begin)(const struct settings *s); /* before each command: the form of log lines, warnings; may be NULL */
};

struct command {
	const char *name; /* "serve", or of two words: "track build". NULL: the end */
	const char *words; /* what follows the flags, for the help: "FILE" */
	const char *summary; /* one line without a full stop */
	const struct setting *settings;
	/* words: what is left after the flags, NULL-terminated. Gives the exit code. */
	int (*run)(const struct settings *s, char **words);
	const struct command_family *family;
	const char *details; /* further paragraphs of --help and of the manual page, lines of at most 100 columns; NULL: none */
	bool words_end_flags; /* the first word that is no flag ends them: the rest belongs to another program */
};

/* Runs the row that argv asks for and gives the exit code. Answers --help, "help [COMMAND]", --version and no command at all by itself. */
int command_main(const struct command *table, int argc, char **argv);

/* The text of --help, for the manual pages too: usage, summary, details, flags. */
void command_help(const struct command *c, struct buf *out);
