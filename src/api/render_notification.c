/* Objects of the notification endpoints, written member by member. */
#include "api/render_notification.h"

#include "api/filters.h"
#include "base/json.h"
#include "domain/event_type.h"
#include "notify/channel_type.h"

/* A config that cannot be read, or of a type that this program does not know, is not shown at all: it may hold secrets. */
static void render_config(struct json_out *j, struct arena *a, const struct channel *c)
{
	const struct channel_type *type = channel_type_find(c->type);
	const struct json *config;
	struct err err;
	if (!type || json_read(a, c->config, &config, &err) != RC_OK) return json_put_null(j, "config");
	channel_config_show(j, "config", a, type, config);
}

void render_channel(struct json_out *j, struct arena *a, const struct channel *c)
{
	json_put_text(j, "id", c->id);
	json_put_text(j, "name", c->name);
	json_put_text(j, "channel_type", c->type);
	render_config(j, a, c);
	json_put_bool(j, "enabled", c->enabled);
	json_put_text(j, "disabled_reason", c->disabled_reason);
	json_put_time(j, "created_at", c->created_at);
	json_put_time(j, "updated_at", c->updated_at);
}

void render_preference(struct json_out *j, struct arena *a, const struct preference *p)
{
	json_put_text(j, "id", p->id);
	json_put_text(j, "event_type", p->event_type);
	json_put_text(j, "channel_id", p->channel_id);
	json_put_text(j, "channel_name", p->channel_name);
	filters_render(j, a, p->filters);
	json_put_bool(j, "enabled", p->enabled);
	json_put_time(j, "created_at", p->created_at);
	json_put_time(j, "updated_at", p->updated_at);
}

/* 0 is no answer. */
static void put_status(struct json_out *j, const char *key, int64_t status)
{
	if (!status) return json_put_null(j, key);
	json_put_int(j, key, status);
}

void render_notification(struct json_out *j, const struct notification *n)
{
	bool of_build = text_starts(n->event_type, TEXT("build.")), of_deployment = text_starts(n->event_type, TEXT("deployment."));
	json_put_text(j, "id", n->id);
	json_put_text(j, "channel_id", n->channel_id);
	json_put_text(j, "channel_name", n->channel_name);
	json_put_text(j, "channel_type", n->channel_type);
	json_put_text(j, "event_id", n->event_id);
	json_put_text(j, "event_type", n->event_type);
	json_put_text(j, "deployment_id", of_deployment ? n->subject_id : TEXT_ABSENT);
	json_put_text(j, "build_id", of_build ? n->subject_id : TEXT_ABSENT);
	json_put_cstr(j, "state", notification_state_name(n->state));
	json_put_int(j, "attempts", n->attempts);
	json_put_time(j, "created_at", n->created_at);
	json_put_time(j, "due_at", n->state == NOTIFICATION_WAITING ? n->due_at : TIME_NONE);
	json_put_time(j, "last_attempt_at", n->attempted_at);
	json_put_time(j, "finished_at", n->finished_at);
	put_status(j, "answer_status", n->answer_status);
	json_put_text(j, "answer", n->answer);
	json_put_text(j, "folded_into", n->folded_into);
}

static void render_transitions(struct json_out *j, unsigned transitions)
{
	static const enum transition all[] = {TRANSITION_RECOVERED, TRANSITION_ROLLED_BACK};
	json_put_array(j, "transitions");
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (transitions & all[i]) json_put_cstr(j, NULL, transition_name(all[i]));
	json_end(j);
}

static void render_notice_subject(struct json_out *j, const struct notice *n)
{
	json_put_cstr(j, "kind", kind_name(n->kind));
	json_put_cstr(j, "state", state_name(n->state));
	json_put_cstr(j, "rollout", rollout_name(n->rollout));
	render_transitions(j, n->transitions);
	json_put_text(j, "event_id", n->event_id);
	json_put_text(j, "subject_id", n->subject_id);
	json_put_text(j, "product_id", n->product_id);
	json_put_text(j, "product_name", n->product_name);
	json_put_text(j, "version_id", n->version_id);
	json_put_text(j, "version", n->version);
	json_put_text(j, "previous_version", n->previous_version);
	json_put_text(j, "environment_id", n->environment_id);
	json_put_text(j, "environment_name", n->environment_name);
	bool somewhere = n->environment_type < ENV_TYPE_COUNT;
	json_put_cstr(j, "environment_type", somewhere ? environment_type_name(n->environment_type) : NULL);
}

void render_payload(struct json_out *j, const struct notice *n)
{
	if (!n) return json_put_null(j, "payload");
	json_put_object(j, "payload");
	render_notice_subject(j, n);
	json_put_text(j, "actor", n->actor);
	json_put_text(j, "actor_email", n->actor_email);
	json_put_text(j, "actor_name", n->actor_name);
	json_put_text(j, "scm_repository", n->scm_repository);
	json_put_text(j, "scm_sha", n->scm_sha);
	json_put_text(j, "scm_branch", n->scm_branch);
	json_put_text(j, "build_number", n->build_number);
	json_put_text(j, "build_url", n->build_url);
	json_put_text(j, "deploy_url", n->deploy_url);
	json_put_text(j, "source_system", n->source_system);
	json_put_text(j, "error_message", n->error_message);
	json_put_text(j, "error_code", n->error_code);
	json_put_text(j, "preflight_status", n->preflight_status);
	json_put_time(j, "occurred_at", n->occurred_at);
	json_put_time(j, "deployed_at", n->deployed_at);
	json_put_time(j, "started_at", n->started_at);
	json_put_time(j, "ended_at", n->ended_at);
	json_put_raw(j, "extra_metadata", n->extra_metadata);
	json_end(j);
}

void render_attempt(struct json_out *j, int64_t number, const struct attempt_outcome *o)
{
	json_put_object(j, NULL);
	json_put_int(j, "number", number);
	json_put_time(j, "at", o->at);
	json_put_real(j, "duration_ms", (double)o->duration / 1000);
	put_status(j, "status", o->status);
	json_put_text(j, "answer", o->answer);
	json_end(j);
}
