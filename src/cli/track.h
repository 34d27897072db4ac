/* Sending events: what `track build`, `track deployment` and `run` share. Options and CI system are read once; each event is built,
 * sent, kept when that fails and --spool says so, and reported. */
#pragma once

#include <stdio.h>

#include "base/arena.h"
#include "base/rc.h"
#include "base/settings.h"
#include "cli/event_out.h"
#include "domain/status.h"

struct track;

/* RC_INVALID: something that the user gave is wrong; nothing was sent. */
enum rc track_open(const struct settings *s, enum kind kind, struct track **ret, struct err *err) must_check;
void track_close(struct track *t); /* NULL is fine */

/* For run, whose standard output is another program's: what is said of success goes there instead. */
void track_speak_on(struct track *t, FILE *out);
/* For run: from now on an event that could not be recorded is a warning, as with --fail-on-api-error=false. */
void track_forgive(struct track *t);

/* Only checks that the event can be built: before something is begun that cannot be taken back. */
enum rc track_check(struct track *t, const struct event_override *override, struct err *err) must_check;
/* Builds, sends, reports; gives the exit code (cli/commands.h). What the user gave wrongly is said on stderr, and is 1. */
int track_event(struct track *t, const struct event_override *override);
