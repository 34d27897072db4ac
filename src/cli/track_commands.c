/* track build and track deployment. */
#include <stdio.h>

#include "cli/ci_log.h"
#include "cli/commands.h"
#include "cli/track.h"

const char TRACK_DETAILS[] =
	"A value is taken from its flag, else from the environment, else from the configuration file, else from what the CI\n"
	"system says (GitHub Actions, GitLab CI, Jenkins, CircleCI, Bitbucket Pipelines, Azure DevOps, Travis CI, Rundeck).\n"
	"--verbose shows which.\n"
	"\n"
	"Exit codes: 0 recorded (or kept by --spool, or not recorded with --fail-on-api-error=false); 1 no answer, or wrong\n"
	"flags; 4 refused by the server; 5 blocked by a rule or in conflict, whatever --fail-on-api-error says.";

/* "--fail-on-api-error false" is the flag, and a word that says nothing: as ever, it does not stop a pipeline. */
static void warn_of_words(char **words)
{
	struct err ignored;
	for (; *words; words++) {
		err_set(&ignored, RC_INVALID, "\"%.80s\" is ignored; the value of a switch is given as --name=%.80s", *words, *words);
		ci_log_say(stderr, "Warning", ignored.text);
	}
}

static int track(const struct settings *s, enum kind kind, char **words)
{
	static const struct event_override none = {.started_at = TIME_NONE, .completed_at = TIME_NONE};
	struct track *t;
	struct err err;
	warn_of_words(words);
	if (track_open(s, kind, &t, &err) != RC_OK) return ci_log_say(stderr, "Error", err.text), EXIT_TROUBLE;
	int code = track_event(t, &none);
	track_close(t);
	return code;
}

int track_build_run(const struct settings *s, char **words)
{
	return track(s, KIND_BUILD, words);
}

int track_deployment_run(const struct settings *s, char **words)
{
	return track(s, KIND_DEPLOYMENT, words);
}
