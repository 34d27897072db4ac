/* The commands of the program: a row each. */
#pragma once

#include "base/settings.h"

enum exit_code { EXIT_FINE = 0, EXIT_TROUBLE = 1, EXIT_USAGE = 2 };

struct command {
	const char *name; /* NULL: the end */
	const char *words; /* what follows the name, for the help: "FILE" */
	const char *summary; /* one line */
	const struct setting *settings;
	/* words: what is left after the flags, NULL-terminated. */
	int (*run)(const struct settings *s, char **words);
};

extern const struct command COMMANDS[];

int command_main(int argc, char **argv);

int serve_run(const struct settings *s, char **words);
int admin_run(const struct settings *s, char **words);
int migrate_run(const struct settings *s, char **words);
int backup_run(const struct settings *s, char **words);
int export_run(const struct settings *s, char **words);
int import_run(const struct settings *s, char **words);
int check_run(const struct settings *s, char **words);
int settings_run(const struct settings *s, char **words);
int version_run(const struct settings *s, char **words);

extern const struct setting SERVE_SETTINGS[];
extern const struct setting STORE_SETTINGS[]; /* of commands that only open the store */
extern const struct setting ADMIN_SETTINGS[];
extern const struct setting NO_SETTINGS[];
