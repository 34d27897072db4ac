/* Somebody else's words in the log of a CI system. Runners read commands out of what a program prints: GitHub's "::name::" at the start of a
 * line and "##[name]" anywhere in it, Azure's "##vso[name]", TeamCity's "##teamcity[name]". A branch or a rule that is named like that must
 * not set a variable, or a path, of the pipeline. */
#pragma once

#include "base/buf.h"
#include "base/text.h"

/* Adds t so that none of its lines holds a command: a blank is put into "##", and into "::" where a line begins. Control characters but
 * line feeds become blanks. Bytes that are no UTF-8 stay. `line_begins`: t stands at the start of a line. */
void ci_log_text(struct buf *out, struct text t, bool line_begins);
