/* Somebody else's words in the log of a CI system. Runners read commands out of what a program prints: GitHub's "::name::" at the start of a
 * line and "##[name]" anywhere in it, Azure's "##vso[name]", TeamCity's "##teamcity[name]". A branch or a rule that is named like that must
 * not set a variable, or a path, of the pipeline. */
#pragma once

#include <stdio.h>

#include "base/buf.h"
#include "base/text.h"

/* Adds t so that none of its lines holds a command: a blank is put into "##", and into "::" where a line begins. Control characters but
 * line feeds become blanks. Bytes that are no UTF-8 stay. `line_begins`: t stands at the start of a line. */
void ci_log_text(struct buf *out, struct text t, bool line_begins);
/* Adds JSON that means the same and holds no command: "##" can only stand in a string, where the second one may be written as an escape. */
void ci_log_json(struct buf *out, struct text json);
/* "Error: sentence" on a line, for a sentence that may quote what was given. */
void ci_log_say(FILE *to, const char *label, const char *sentence);
