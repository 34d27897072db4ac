/* The command line's commands: what the program's table (main.c) takes from this room. */
#pragma once

#include "base/command.h"

/* Further than enum exit_code; what pipelines test. EXIT_TROUBLE (1) is the network, and wrong flags. */
enum cli_exit {
	EXIT_DIFFERENT = 3, /* diff --exit-code: asked and answered, and there are differences */
	EXIT_API = 4, /* the server said no: 401, 403, 404, 422, 429 or 5xx to the last attempt … */
	EXIT_BLOCKED = 5, /* 409, 423, 428, whatever --fail-on-api-error says */
};

/* ~/.versioner/config.yaml, then ./config.yaml; keys of others are passed over; wrong flags are 1; warns of --api-key. */
extern const struct command_family CLIENT_FAMILY;

/* For the help: exit codes, and what else a flag's line does not say. */
extern const char TRACK_DETAILS[], RUN_DETAILS[], STATUS_DETAILS[], HISTORY_DETAILS[], DIFF_DETAILS[];

int track_build_run(const struct settings *s, char **words);
int track_deployment_run(const struct settings *s, char **words);
int run_run(const struct settings *s, char **words); /* words: CMD and its arguments */
int status_run(const struct settings *s, char **words);
int history_run(const struct settings *s, char **words);
int diff_run(const struct settings *s, char **words); /* words: the two environments */
int flush_run(const struct settings *s, char **words);

/* These tell of the whole table: main.c gives it to them. words: the shell (bash, zsh, fish); a folder for the pages. */
int completion_run(const struct command *table, char **words);
int man_run(const struct command *table, char **words);
