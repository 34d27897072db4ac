/* One event's way: built, sent after what was kept earlier, kept itself when that fails, reported. */
#include "cli/track.h"
#include "cli/ci_log.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/uuid.h"
#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/spool.h"

struct track {
	const struct settings *settings;
	enum kind kind;
	struct arena *arena;
	struct ci ci;
	struct api_client *client;
	struct spool spool;
	bool has_spool; /* there is a place for it, whether or not --spool is given */
	FILE *out;
	bool forgiving;
};

enum rc track_open(const struct settings *s, enum kind kind, struct track **ret, struct err *err)
{
	struct track *t = mem_zalloc(sizeof *t);
	*t = (struct track){.settings = s, .kind = kind, .arena = arena_new(KIB(64), LIMIT_CLIENT_ARENA), .out = stdout};
	t->forgiving = !setting_bool(s, "fail-on-api-error");
	t->ci = ci_detect(t->arena, &CI_OF_PROCESS);
	enum rc rc = spool_find(&CI_OF_PROCESS, &t->spool, err);
	t->has_spool = rc == RC_OK;
	if (rc == RC_OK || !setting_bool(s, "spool")) rc = api_client_new(s, &t->client, err);
	if (rc != RC_OK) {
		track_close(t);
		return rc;
	}
	*ret = t;
	return RC_OK;
}

void track_close(struct track *t)
{
	if (!t) return;
	api_client_free(t->client);
	arena_free(t->arena);
	free(t);
}

void track_speak_on(struct track *t, FILE *out)
{
	t->out = out;
}

void track_forgive(struct track *t)
{
	t->forgiving = true;
}

/* A kept event says when it happened. It does so from its first attempt on: all attempts are the same, byte for byte. */
static enum rc build(struct track *t, const struct event_override *override, struct event_out *ret, struct err *err)
{
	time_us occurred = setting_bool(t->settings, "spool") ? clock_now() : TIME_NONE;
	return event_out_build(t->arena, t->kind, t->settings, &t->ci, override, occurred, ret, err);
}

enum rc track_check(struct track *t, const struct event_override *override, struct err *err)
{
	struct event_out event;
	return build(t, override, &event, err);
}

static void explain(const struct track *t, const struct event_out *event)
{
	buf_auto lines = BUF_INIT(LIMIT_CLIENT_ARENA);
	if (!setting_bool(t->settings, "verbose")) return;
	event_out_explain(event, t->settings, &t->ci, &lines);
	fprintf(stderr, "%.*s\n", (int)lines.n, lines.p);
}

/* What was kept goes first, so that things arrive in the order in which they happened. False: the server is away. */
static bool send_kept(struct track *t)
{
	struct spool_result result;
	struct err err;
	if (!t->has_spool || spool_is_empty(&t->spool)) return true;
	enum rc rc = spool_send(&t->spool, t->client, t->arena, false, stderr, &result, &err);
	if (rc == RC_UNAVAILABLE) return true; /* somebody else is at it */
	if (rc != RC_OK) return ci_log_say(stderr, "Warning", err.text), true;
	if (result.sent) fprintf(stderr, "%zu kept event%s sent\n", result.sent, result.sent == 1 ? " was" : "s were");
	return result.end != API_UNREACHED && result.end != API_UNKNOWN;
}

/* Trying again later may help, and the deployment does not wait for an answer of the rules. */
static bool may_be_kept(const struct track *t, const struct event_out *event, const struct api_answer *answer)
{
	bool later = answer->end == API_UNREACHED || answer->end == API_UNKNOWN || answer->status == 429 || answer->status >= 500;
	bool waits = event->needs_rules && !t->forgiving;
	return setting_bool(t->settings, "spool") && later && !waits;
}

static bool keep(struct track *t, const struct event_out *event, const char *key)
{
	struct spool_event kept = {
		.api_url = api_client_url(t->client), .path = event->path, .idempotency_key = key, .body = event->body};
	struct err err;
	if (spool_put(&t->spool, &kept, &err) == RC_OK) return true;
	ci_log_say(stderr, "Warning", err.text);
	return false;
}

static int report(const struct track *t, const struct event_out *event, const struct api_answer *answer, bool kept)
{
	static const enum report_outcome OUTCOMES[] = {
		[API_OK] = REPORT_RECORDED,
		[API_BLOCKED] = REPORT_BLOCKED,
		[API_REFUSED] = REPORT_REFUSED,
		[API_UNREACHED] = REPORT_UNREACHED,
		[API_UNKNOWN] = REPORT_UNREACHED,
	};
	bool forgiven = kept || (answer->end != API_BLOCKED && t->forgiving);
	struct report r = {
		.outcome = kept ? REPORT_SPOOLED : OUTCOMES[answer->end],
		.exit_code = forgiven ? EXIT_FINE : api_exit_code(answer->end),
		.event = event,
		.answer = answer,
		.ui_url = setting_text(t->settings, "ui-url"),
		.verbose = setting_bool(t->settings, "verbose"),
	};
	struct report_to to = {
		.out = t->out,
		.err = stderr,
		.colour = report_colour(t->out, &CI_OF_PROCESS) && report_colour(stderr, &CI_OF_PROCESS),
		.environment = &CI_OF_PROCESS,
	};
	report_event(&r, t->ci.system, &to);
	return r.exit_code;
}

int track_event(struct track *t, const struct event_override *override)
{
	struct event_out event;
	struct api_answer answer;
	struct err err;
	char key[UUID_SIZE];
	if (build(t, override, &event, &err) != RC_OK) return ci_log_say(stderr, "Error", err.text), EXIT_TROUBLE;
	explain(t, &event);
	bool away = !send_kept(t);
	uuid_new(key);
	struct api_request request = {.method = "POST", .path = event.path, .body = event.body, .idempotency_key = key, .once = away};
	api_call(t->client, t->arena, &request, &answer);
	bool kept = may_be_kept(t, &event, &answer) && keep(t, &event, key);
	return report(t, &event, &answer, kept);
}
