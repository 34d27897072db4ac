/* What a command says of an event that was sent: to people, and to the CI system that shows it.
 *
 * Plain text is always written. A CI system that can show more has a row in REPORTERS (report.c) with what is written before and after
 * it; each system's is in a file of its own (report_github.c, report_gitlab.c). */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/api_client.h"
#include "cli/event_out.h"

enum report_outcome {
	REPORT_RECORDED,
	REPORT_BLOCKED, /* a rule, or a conflict: 409, 423, 428 */
	REPORT_REFUSED, /* the server said no */
	REPORT_UNREACHED, /* no answer */
	REPORT_SPOOLED, /* no answer, but kept for later */
};

struct report {
	enum report_outcome outcome;
	int exit_code; /* 0 with --fail-on-api-error=false: then it is a warning, not an error */
	const struct event_out *event;
	const struct api_answer *answer;
	const char *ui_url; /* NULL: not known */
	bool verbose;
};

/* Where it goes. */
struct report_to {
	FILE *out, *err;
	bool colour; /* of err and out: see report_colour() */
	const struct ci_environment *environment; /* GITHUB_STEP_SUMMARY … */
};

struct reporter {
	const char *system; /* as ci.system; NULL: the end */
	void (*before)(const struct report *r, const struct report_to *to); /* may be NULL */
	void (*after)(const struct report *r, const struct report_to *to); /* may be NULL */
};
extern const struct reporter REPORTERS[];

/* Plain text, with what the row of `system` adds (NULL: plain alone). Flushes both streams. */
void report_event(const struct report *r, const char *system, const struct report_to *to);

/* A terminal, no NO_COLOR, and TERM is not "dumb". */
bool report_colour(FILE *f, const struct ci_environment *environment);

/* The rows, in their own files */
void report_github_after(const struct report *r, const struct report_to *to);
void report_gitlab_before(const struct report *r, const struct report_to *to);
void report_gitlab_after(const struct report *r, const struct report_to *to);

/* ---- for those files ---- */
/* "Deployment blocked: Friday freeze", "Build event not recorded": a heading of one line, without control characters. */
void report_title(const struct report *r, struct buf *out);
/* Sentences of the server that are no error: its warnings, and report-only rules that would have blocked. Calls say() for each. */
void report_warnings(const struct report *r, void (*say)(void *context, struct text sentence), void *context);
/* What to do about it, one line each, without markup. */
void report_advice(const struct report *r, void (*say)(void *context, struct text sentence), void *context);
