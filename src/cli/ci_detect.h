/* Which CI system the program runs under, and what its environment says of the build. Source: the table of CI systems
 * (tests/data/ci-detection.tsv), whose rows stand in ci_detect.c one by one.
 *
 * "source" of a row is an expression: NAME is a variable; A|B the first that is not empty; "text {NAME}" holds only when each NAME in it
 * is set; repo-last(field) the part of a field after the last slash, without ".git"; short(field) its first 8 characters; git-url(NAME)
 * strips a scheme, "git@" and ".git" and turns the first ":" into "/". An empty variable counts as none. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"

/* The environment, so that tests give their own: the value of a variable, or NULL. `context` is the caller's. */
struct ci_environment {
	const char *(*get)(void *context, const char *name);
	void *context;
};
extern const struct ci_environment CI_OF_PROCESS; /* getenv() */

struct ci_row {
	const char *system; /* "github"; NULL: the end of the table */
	const char *condition; /* "GITHUB_ACTIONS=true", "JENKINS_URL set" */
	const char *field; /* "scm_sha", "run_url", "extra.vi_gh_job" … */
	const char *source;
};
extern const struct ci_row CI_ROWS[];

/* What was found. Texts are in the arena, never empty; absent when not found. */
struct ci {
	const char *system; /* "github" …; NULL: none of them */
	struct ci_value {
		const char *field; /* as in the row; "extra." in front of metadata */
		struct text value;
		const char *source; /* of the row, for --verbose */
	} * values;
	size_t count;
};

struct ci ci_detect(struct arena *a, const struct ci_environment *environment);
struct text ci_field(const struct ci *ci, const char *field); /* absent when there is none; "extra.vi_gh_job" too */
