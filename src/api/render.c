/* Objects of the API, written member by member. */
#include "api/render.h"

static void render_scm(struct json_out *j, const struct details *d)
{
	json_put_text(j, "scm_repository", d->scm_repository);
	json_put_text(j, "scm_sha", d->scm_sha);
	json_put_text(j, "scm_branch", d->scm_branch);
}

static void render_deployment(struct json_out *j, const struct record *r)
{
	const struct details *d = &r->details;
	json_put_text(j, "product_id", r->product_id);
	json_put_text(j, "product_name", r->product_name);
	json_put_text(j, "version_id", r->version_id);
	json_put_text(j, "version", r->version);
	json_put_text(j, "environment_id", r->environment_id);
	json_put_text(j, "environment_name", r->environment_name);
	json_put_cstr(j, "status", state_name(r->attempt.state));
	json_put_time(j, "deployed_at", attempt_deployed_at(&r->attempt));
	json_put_time(j, "started_at", r->attempt.started_at);
	json_put_time(j, "completed_at", r->attempt.ended_at);
	json_put_text(j, "deploy_url", d->deploy_url);
	json_put_text(j, "build_url", d->build_url);
	json_put_text(j, "build_number", d->build_number);
	json_put_text(j, "invoke_id", d->invoke_id);
	json_put_text(j, "source_system", d->source_system);
	render_scm(j, d);
	json_put_text(j, "deployed_by", d->actor);
	json_put_text(j, "deployed_by_email", d->actor_email);
	json_put_text(j, "deployed_by_name", d->actor_name);
	json_put_cstr(j, "kind", rollout_name(r->rollout));
	json_put_raw(j, "extra_metadata", d->extra_metadata);
	json_put_null(j, "soak_time_hours");
}

static void render_build(struct json_out *j, const struct record *r)
{
	const struct details *d = &r->details;
	json_put_text(j, "product_id", r->product_id);
	json_put_text(j, "product_name", r->product_name);
	json_put_text(j, "version_id", r->version_id);
	json_put_text(j, "version", r->version);
	json_put_cstr(j, "status", state_name(r->attempt.state));
	json_put_text(j, "build_number", d->build_number);
	json_put_text(j, "build_url", d->build_url);
	/* Never null by the contract: a build that never said that it started began, as far as is known, when it came in. */
	json_put_time(j, "started_at", r->attempt.started_at != TIME_NONE ? r->attempt.started_at : r->attempt.received_at);
	json_put_time(j, "completed_at", r->attempt.ended_at);
	json_put_time(j, "created_at", r->attempt.received_at);
	render_scm(j, d);
	json_put_text(j, "built_by", d->actor);
	json_put_text(j, "built_by_email", d->actor_email);
	json_put_text(j, "built_by_name", d->actor_name);
	json_put_text(j, "source_system", d->source_system);
	json_put_text(j, "invoke_id", d->invoke_id);
	json_put_text(j, "error_message", d->error_message);
	json_put_text(j, "error_code", d->error_code);
	json_put_raw(j, "extra_metadata", d->extra_metadata);
}

void render_recorded(struct json_out *j, const struct recorded *r)
{
	json_put_text(j, "id", r->record.id);
	json_put_text(j, "event_id", r->event_id);
	json_put_cstr(j, "event_type", event_type_name(r->record.kind, r->event_state));
	if (r->record.kind == KIND_DEPLOYMENT)
		render_deployment(j, &r->record);
	else
		render_build(j, &r->record);
	json_put_array(j, "warnings");
	for (size_t i = 0; i < r->warning_count; i++) json_put_cstr(j, NULL, r->warnings[i]);
	json_end(j);
}

void render_record(struct json_out *j, const struct record *r)
{
	json_put_text(j, "id", r->id);
	if (r->kind == KIND_DEPLOYMENT) {
		render_deployment(j, r);
		json_put_text(j, "error_message", r->details.error_message);
		json_put_text(j, "error_code", r->details.error_code);
		json_put_time(j, "created_at", r->attempt.received_at);
	} else {
		render_build(j, r);
	}
	json_put_time(j, "pending_at", r->attempt.pending_at);
	json_put_time(j, "updated_at", r->updated_at);
}

void render_event(struct json_out *j, const struct logged_event *e)
{
	json_put_text(j, "id", e->id);
	json_put_cstr(j, "event_type", event_type_name(e->kind, e->state));
	json_put_cstr(j, "kind", kind_name(e->kind));
	json_put_cstr(j, "effect", verdict_name(e->effect));
	json_put_text(j, "deployment_id", e->kind == KIND_DEPLOYMENT ? e->subject_id : TEXT_ABSENT);
	json_put_text(j, "build_id", e->kind == KIND_BUILD ? e->subject_id : TEXT_ABSENT);
	json_put_text(j, "product_id", e->product_id);
	json_put_text(j, "product_name", e->product_name);
	json_put_text(j, "environment_id", e->environment_id);
	json_put_text(j, "environment_name", e->environment_name);
	json_put_text(j, "version_id", e->version_id);
	json_put_text(j, "version", e->version);
	json_put_text(j, "actor", e->actor);
	json_put_time(j, "occurred_at", e->occurred_at);
	json_put_time(j, "received_at", e->received_at);
	json_put_raw(j, "payload", e->payload);
}

void render_whole_event(struct buf *out, const struct logged_event *e)
{
	struct json_out j = json_out(out);
	json_put_object(&j, NULL);
	render_event(&j, e);
	json_end(&j);
}

void render_product(struct json_out *j, const struct product *p)
{
	json_put_text(j, "id", p->id);
	json_put_text(j, "name", p->name);
	json_put_text(j, "description", p->description);
	json_put_raw(j, "extra_metadata", p->extra_metadata);
	json_put_time(j, "created_at", p->created_at);
	json_put_time(j, "updated_at", p->updated_at);
}

void render_environment(struct json_out *j, const struct environment *e)
{
	json_put_text(j, "id", e->id);
	json_put_text(j, "name", e->name);
	json_put_cstr(j, "type", environment_type_name(e->type));
	json_put_int(j, "position", environment_rank(e));
	json_put_text(j, "description", e->description);
	json_put_raw(j, "extra_metadata", e->extra_metadata);
	json_put_time(j, "created_at", e->created_at);
	json_put_time(j, "updated_at", e->updated_at);
}

void render_version(struct json_out *j, const struct version *v)
{
	json_put_text(j, "id", v->id);
	json_put_text(j, "product_id", v->product_id);
	json_put_text(j, "product_name", v->product_name);
	json_put_text(j, "version", v->name);
	json_put_text(j, "scm_sha", v->scm_sha);
	json_put_text(j, "scm_repository", v->scm_repository);
	json_put_time(j, "created_at", v->created_at);
}
