/* What all commands that talk to a server have in common: where their file is, and what they warn of. */
#include <stdio.h>

#include "cli/ci_log.h"
#include "cli/commands.h"

static const char *const FILES[] = {"~/.versioner/config.yaml", "./config.yaml", NULL};

static void warn(const struct settings *s)
{
	if (settings_has(s, "api-key") && setting_source(s, "api-key") == FROM_FLAG)
		fprintf(stderr, "Warning: --api-key is visible in the list of processes: set VERSIONER_API_KEY, or api_key in the "
						"configuration file\n");
	if (settings_doubt(s)) ci_log_say(stderr, "Warning: passed over", settings_doubt(s));
}

const struct command_family CLIENT_FAMILY = {.files = FILES, .foreign_file = true, .usage_code = EXIT_TROUBLE, .begin = warn};
