/* run: `started`, the program, then what became of it. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "cli/ci_log.h"
#include "cli/commands.h"
#include "cli/run_child.h"
#include "cli/run_outcome.h"
#include "cli/track.h"

const char RUN_DETAILS[] = "Tells the server that the deployment has started, runs CMD, and tells how it ended: completed when\n"
						   "CMD ends with 0, aborted when SIGINT or SIGTERM ends it (or comes while it runs, and it does not\n"
						   "end with 0), else failed. How long it took, its exit code and signal go along in extra_metadata:\n"
						   "vi_run_duration_ms, vi_run_exit_code, vi_run_signal.\n"
						   "\n"
						   "CMD has the same standard streams, environment, terminal, process group and open files as without\n"
						   "versioner, nothing taken away and nothing added: it sees VERSIONER_API_KEY only where that was in\n"
						   "the environment already. Signals that are sent to versioner are passed on to it. What versioner\n"
						   "itself has to say goes to standard error. As process 1 of a container it also takes in the\n"
						   "processes that others leave behind.\n"
						   "\n"
						   "Exit codes: that of CMD, or 128 and the number of the signal that ended it; 127 when CMD is not\n"
						   "found, 126 when it cannot be started. CMD is not begun when the server does not take the start: 5\n"
						   "blocked by a rule or in conflict, 4 refused, 1 no answer or wrong flags (not with --fail-on-api-\n"
						   "error=false, but 5 always). When only the end cannot be told, that is a warning, and kept for\n"
						   "later with --spool: the exit code is that of CMD.";

/* Whether the last event could be sent, too: checked with the longest that it can be, before anything is begun. */
static enum rc check_end(struct track *t, struct err *err)
{
	struct event_override longest = EVENT_OVERRIDE_NONE;
	longest.status = "completed";
	longest.started_at = longest.completed_at = clock_now();
	longest.metadata = TEXT("{\"vi_run_exit_code\":255,\"vi_run_duration_ms\":9223372036854775,\"vi_run_signal\":\"signal 64\"}");
	return track_check(t, &longest, err);
}

static void tell_end(struct track *t, const struct run_outcome *o, time_us started_at)
{
	struct event_override end = EVENT_OVERRIDE_NONE;
	end.status = o->status;
	end.started_at = started_at;
	end.completed_at = clock_now();
	end.error_message = o->error_message;
	end.metadata = o->metadata;
	track_forgive(t);
	track_event(t, &end);
}

static int begin_and_end(struct track *t, struct arena *a, const struct run_found *found, char **words)
{
	struct event_override start = EVENT_OVERRIDE_NONE;
	struct run_end end;
	start.status = "started";
	start.started_at = clock_now();
	run_hold(found, -1);
	int code = track_event(t, &start);
	if (code != EXIT_FINE) return code;
	run_child(found, words, &end);
	struct run_outcome o = run_outcome(a, &end, *words);
	run_hold(found, o.exit_code);
	if (o.error_message.n) fprintf(stderr, "versioner run: %.*s\n", TEXT_ARGS(o.error_message));
	tell_end(t, &o, start.started_at);
	return o.exit_code;
}

int run_run(const struct settings *s, char **words)
{
	struct track *t;
	struct run_found found;
	struct err err;
	run_look(&found);
	if (!*words)
		return fprintf(stderr, "versioner run: no program is named: versioner run [--flag value ...] -- CMD\n"), EXIT_TROUBLE;
	if (track_open(s, KIND_DEPLOYMENT, &t, &err) != RC_OK) return ci_log_say(stderr, "Error", err.text), EXIT_TROUBLE;
	track_speak_on(t, stderr);
	int code = EXIT_TROUBLE;
	if (check_end(t, &err) == RC_OK) {
		struct arena *a = arena_new(KIB(4), LIMIT_CLIENT_ARENA);
		code = begin_and_end(t, a, &found, words);
		arena_free(a);
	} else {
		ci_log_say(stderr, "Error", err.text);
	}
	track_close(t);
	return code;
}
