/* The program's commands, a row each; those that open the store or run the server are of this room. */
#pragma once

#include "base/command.h"

extern const struct command COMMANDS[];

int serve_run(const struct settings *s, char **words);
int admin_run(const struct settings *s, char **words);
int migrate_run(const struct settings *s, char **words);
int backup_run(const struct settings *s, char **words);
int export_run(const struct settings *s, char **words);
int import_run(const struct settings *s, char **words);
int check_run(const struct settings *s, char **words);
int demo_run(const struct settings *s, char **words);
int settings_run(const struct settings *s, char **words);
int version_run(const struct settings *s, char **words);

extern const struct setting SERVE_SETTINGS[];
extern const struct setting STORE_SETTINGS[]; /* of commands that only open the store */
extern const struct setting CHECK_SETTINGS[];
extern const struct setting ADMIN_SETTINGS[];
extern const struct setting DEMO_SETTINGS[];
extern const struct setting NO_SETTINGS[];
