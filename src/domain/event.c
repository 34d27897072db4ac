/* The field table of events, and what follows from an event's own fields: its run key and its time. */
#include "domain/event.h"

#include <string.h>

#include "base/limits.h"

#define FUTURE_ALLOWED SECONDS_US(5 * 60) /* clocks of CI machines are off by as much */

#define AT(member) .at = offsetof(struct event_fields, member)
#define NAMES(deployment, build) .name = {[KIND_DEPLOYMENT] = (deployment), [KIND_BUILD] = (build)}
#define BOTH(wire) NAMES(wire, wire)
#define DEPLOYMENT(wire) NAMES(wire, NULL)
#define REQUIRED .required = {[KIND_DEPLOYMENT] = true, [KIND_BUILD] = true}
#define REQUIRED_DEPLOYMENT .required = {[KIND_DEPLOYMENT] = true}

const struct event_field EVENT_FIELDS[] = {
	{BOTH("product_name"), REQUIRED, .kind = FIELD_TEXT, .limit = 255, AT(product_name)},
	{BOTH("version"), REQUIRED, .kind = FIELD_NUMBER_OR_TEXT, .limit = 255, AT(version)},
	{DEPLOYMENT("environment_name"), REQUIRED_DEPLOYMENT, .kind = FIELD_TEXT, .limit = 255, AT(environment_name)},
	{BOTH("status"), REQUIRED, .kind = FIELD_STATUS, AT(status)},
	{BOTH("scm_repository"), .kind = FIELD_TEXT, .limit = 512, AT(scm_repository)},
	{BOTH("scm_sha"), .kind = FIELD_TEXT, .limit = 128, AT(scm_sha)},
	{BOTH("scm_branch"), .kind = FIELD_TEXT, .limit = 255, AT(scm_branch)},
	{BOTH("build_number"), .kind = FIELD_NUMBER_OR_TEXT, .limit = 255, AT(build_number)},
	{BOTH("invoke_id"), .kind = FIELD_NUMBER_OR_TEXT, .limit = 255, AT(invoke_id)},
	{BOTH("build_url"), .kind = FIELD_TEXT, .limit = 2048, AT(build_url)},
	{DEPLOYMENT("deploy_url"), .kind = FIELD_TEXT, .limit = 2048, AT(deploy_url)},
	{BOTH("source_system"), .kind = FIELD_TEXT, .limit = 64, AT(source_system)},
	{NAMES("deployed_by", "built_by"), .kind = FIELD_TEXT, .limit = 255, AT(actor)},
	{NAMES("deployed_by_email", "built_by_email"), .kind = FIELD_TEXT, .limit = 255, AT(actor_email)},
	{NAMES("deployed_by_name", "built_by_name"), .kind = FIELD_TEXT, .limit = 255, AT(actor_name)},
	{BOTH("started_at"), .kind = FIELD_TIME, AT(started_at)},
	{BOTH("completed_at"), .kind = FIELD_TIME, AT(completed_at)},
	{BOTH("occurred_at"), .kind = FIELD_TIME, AT(occurred_at)},
	{BOTH("error_message"), .kind = FIELD_TEXT, .limit = 4096, .multiline = true, AT(error_message)},
	{BOTH("error_code"), .kind = FIELD_TEXT, .limit = 255, AT(error_code)},
	{DEPLOYMENT("skip_preflight_checks"), .kind = FIELD_BOOL, AT(skip_preflight_checks)},
	{BOTH("extra_metadata"), .kind = FIELD_METADATA, .limit = LIMIT_METADATA_BYTES, .multiline = true, AT(extra_metadata)},
	{.name = {NULL}},
};

static bool is_end(const struct event_field *f)
{
	for (enum kind k = 0; k < KIND_COUNT; k++) {
		if (f->name[k]) return false;
	}
	return true;
}

size_t event_clamp_times(struct event_fields *e, time_us now, const char *ret_names[static 3])
{
	size_t clamped = 0;
	for (const struct event_field *f = EVENT_FIELDS; !is_end(f); f++) {
		if (f->kind != FIELD_TIME) continue;
		time_us *t = (time_us *)(void *)((char *)e + f->at);
		if (*t > now + FUTURE_ALLOWED) {
			*t = now;
			ret_names[clamped++] = f->name[e->kind];
		}
	}
	return clamped;
}

struct text event_run_key(struct arena *a, const struct event_fields *e)
{
	struct text id = e->invoke_id, attempt = e->run_attempt;
	if (id.n == 0) return TEXT_ABSENT;
	if (attempt.n == 0) return text_copy(a, id);

	size_t n = id.n + 1 + attempt.n;
	char *key = arena_alloc(a, n + 1);
	memcpy(key, id.p, id.n);
	key[id.n] = '/';
	memcpy(key + id.n + 1, attempt.p, attempt.n);
	key[n] = '\0';
	return (struct text){key, n};
}

time_us event_time(const struct event_fields *e, time_us received)
{
	if (e->occurred_at != TIME_NONE) return e->occurred_at;
	/* A final event's start is not when it happened, and an open event's end has not come yet. */
	time_us own = state_is_final(e->state) ? e->completed_at : e->started_at;
	return own != TIME_NONE ? own : received;
}
