/* Objects as JSON: every field of the answers is there in its order, what clients rely on is never null, what was not given is. */
#include "request.h"

#include "api/render.h"
#include "base/json.h"

#define RECEIVED INT64_C(1779624365890103) /* 2026-05-24T12:06:05.890103Z */

/* What one rendering gave: its text and the same parsed. */
struct rendered {
	struct arena *arena;
	const char *text;
	const struct json *object;
};

static struct rendered rendered_of(struct buf *b, struct json_out *j)
{
	struct rendered r = {.arena = arena_new(KIB(64), MIB(16))};
	struct err err;
	json_end(j);
	r.text = text_cstr(r.arena, buf_view(b));
	if (json_read(r.arena, buf_view(b), &r.object, &err) != RC_OK) fail_msg("%s: %s", err.text, r.text);
	buf_done(b);
	return r;
}

#define RENDER(ret, call) \
	do { \
		struct buf buf_ = BUF_INIT(MIB(1)); \
		struct json_out j_ = json_out(&buf_); \
		json_put_object(&j_, NULL); \
		call; \
		(ret) = rendered_of(&buf_, &j_); \
	} while (0)

/* The least that the store can hold of one. */
static struct record bare_record(enum kind kind, enum state state)
{
	struct record r = {.kind = kind,
		.id = TEXT("i"),
		.product_id = TEXT("p"),
		.version_id = TEXT("v"),
		.product_name = TEXT("shop"),
		.version = TEXT("1.2.3"),
		.updated_at = RECEIVED,
		.state_event_id = TEXT("e"),
		.attempt = {state, TIME_NONE, TIME_NONE, TIME_NONE, RECEIVED, RECEIVED}};
	if (state_is_final(state)) r.attempt.ended_at = RECEIVED + 1;
	if (kind == KIND_DEPLOYMENT) r.environment_id = TEXT("n"), r.environment_name = TEXT("prod");
	if (kind == KIND_DEPLOYMENT && state == STATE_COMPLETED) r.rollout = ROLLOUT_INITIAL;
	return r;
}

static void assert_members(const struct rendered *r, const char *const *names)
{
	struct json_iter i = json_members(r->object);
	for (; *names; names++) {
		if (!json_next(&i)) fail_msg("%s is missing: %s", *names, r->text);
		if (!text_is(i.key, *names)) fail_msg("%.*s stands where %s should", TEXT_ARGS(i.key), *names);
	}
	if (json_next(&i)) fail_msg("%.*s is one too many", TEXT_ARGS(i.key));
}

static void assert_texts(const struct rendered *r, const char *const *names)
{
	for (; *names; names++)
		if (json_text(json_member(r->object, *names)).n == 0) fail_msg("%s is null or empty: %s", *names, r->text);
}

static void assert_times(const struct rendered *r, const char *const *names)
{
	for (; *names; names++) {
		struct text t = json_text(json_member(r->object, *names));
		time_us time;
		if (!t.p || !rfc3339_parse(t, &time) || t.p[t.n - 1] != 'Z') fail_msg("%s is no time: %s", *names, r->text);
	}
}

static void assert_value(const struct rendered *r, const char *name, const char *expected)
{
	const struct json *v = json_member(r->object, name);
	if (expected && !text_is(json_text(v), expected)) fail_msg("%s is not \"%s\": %s", name, expected, r->text);
	if (!expected && json_kind(v) != JSON_IS_NULL) fail_msg("%s is not null: %s", name, r->text);
}

#define NAMES(...) \
	(const char *const[]) \
	{ \
		__VA_ARGS__, NULL \
	}

/* ---- the answers to events ---- */

static void the_answer_to_a_deployment_event(void **state)
{
	(void)state;
	for (enum state s = 0; s < STATE_COUNT; s++) {
		struct recorded recorded = {.record = bare_record(KIND_DEPLOYMENT, s), .event_id = TEXT("e"), .event_state = s};
		struct rendered r;
		RENDER(r, render_recorded(&j_, &recorded));
		assert_members(
			&r, NAMES("id", "event_id", "event_type", "product_id", "product_name", "version_id", "version", "environment_id",
					"environment_name", "status", "deployed_at", "started_at", "completed_at", "deploy_url", "build_url",
					"build_number", "invoke_id", "source_system", "scm_repository", "scm_sha", "scm_branch", "deployed_by",
					"deployed_by_email", "deployed_by_name", "kind", "extra_metadata", "soak_time_hours", "warnings"));
		assert_texts(&r, NAMES("id", "product_id", "version_id", "environment_id", "status", "event_type"));
		assert_times(&r, NAMES("deployed_at"));
		assert_value(&r, "status", state_name(s));
		assert_value(&r, "event_type", event_type_name(KIND_DEPLOYMENT, s));
		assert_value(&r, "deployed_at", s == STATE_COMPLETED ? "2026-05-24T12:06:05.890104Z" : "2026-05-24T12:06:05.890103Z");
		assert_value(&r, "completed_at", state_is_final(s) ? "2026-05-24T12:06:05.890104Z" : NULL);
		assert_value(&r, "started_at", NULL);
		assert_value(&r, "kind", s == STATE_COMPLETED ? "initial" : NULL);
		assert_value(&r, "extra_metadata", NULL);
		assert_value(&r, "soak_time_hours", NULL);
		assert_int_equal(json_size(json_member(r.object, "warnings")), 0);
		arena_free(r.arena);
	}
}

static void the_answer_to_a_build_event(void **state)
{
	(void)state;
	for (enum state s = 0; s < STATE_PREFLIGHT_FAILED; s++) {
		struct recorded recorded = {.record = bare_record(KIND_BUILD, s), .event_id = TEXT("e"), .event_state = s};
		struct rendered r;
		RENDER(r, render_recorded(&j_, &recorded));
		assert_members(&r, NAMES("id", "event_id", "event_type", "product_id", "product_name", "version_id", "version", "status",
							   "build_number", "build_url", "started_at", "completed_at", "created_at", "scm_repository",
							   "scm_sha", "scm_branch", "built_by", "built_by_email", "built_by_name", "source_system",
							   "invoke_id", "error_message", "error_code", "extra_metadata", "warnings"));
		assert_texts(&r, NAMES("id", "version_id", "product_id", "version", "status", "event_type"));
		assert_times(&r, NAMES("started_at", "created_at"));
		assert_value(&r, "status", state_name(s));
		assert_value(&r, "completed_at", state_is_final(s) ? "2026-05-24T12:06:05.890104Z" : NULL);
		arena_free(r.arena);
	}
}

static void what_was_given_is_shown_as_it_was(void **state)
{
	(void)state;
	struct recorded recorded = {.record = bare_record(KIND_DEPLOYMENT, STATE_STARTED),
		.event_id = TEXT("e"),
		.event_state = STATE_PENDING,
		.warnings = {"one \"thing\"", "another"},
		.warning_count = 2};
	recorded.record.attempt.started_at = 0;
	recorded.record.details = (struct details){.build_number = TEXT("1.10"),
		.build_url = TEXT("https://ci/?a=1&b=<2>"),
		.deploy_url = TEXT("d"),
		.invoke_id = TEXT("run"),
		.source_system = TEXT("github"),
		.scm_repository = TEXT("r"),
		.scm_sha = TEXT("abc"),
		.scm_branch = TEXT("main"),
		.actor = TEXT("ann\xc3\xa9"),
		.actor_email = TEXT("a@b"),
		.actor_name = TEXT("A"),
		.extra_metadata = TEXT("{\"a\":[1,2.5]}")};
	struct rendered r;
	RENDER(r, render_recorded(&j_, &recorded));
	assert_value(&r, "build_number", "1.10");
	assert_value(&r, "build_url", "https://ci/?a=1&b=<2>");
	assert_value(&r, "deploy_url", "d");
	assert_value(&r, "invoke_id", "run");
	assert_value(&r, "source_system", "github");
	assert_value(&r, "scm_repository", "r");
	assert_value(&r, "scm_sha", "abc");
	assert_value(&r, "scm_branch", "main");
	assert_value(&r, "deployed_by", "ann\xc3\xa9");
	assert_value(&r, "deployed_by_email", "a@b");
	assert_value(&r, "deployed_by_name", "A");
	assert_value(&r, "event_type", "deployment.pending"); /* of this event, not of the state */
	assert_value(&r, "started_at", "1970-01-01T00:00:00.000000Z");
	assert_value(&r, "deployed_at", "1970-01-01T00:00:00.000000Z");
	assert_non_null(strstr(r.text, "\"extra_metadata\":{\"a\":[1,2.5]}"));
	assert_non_null(strstr(r.text, "\"warnings\":[\"one \\\"thing\\\"\",\"another\"]"));
	arena_free(r.arena);
}

/* ---- stored ones ---- */

static void stored_deployments_and_builds(void **state)
{
	(void)state;
	struct record deployment = bare_record(KIND_DEPLOYMENT, STATE_FAILED), build = bare_record(KIND_BUILD, STATE_FAILED);
	deployment.details.error_message = build.details.error_message = TEXT("line\nline");
	deployment.attempt.pending_at = RECEIVED;
	struct rendered d, b;
	RENDER(d, render_record(&j_, &deployment));
	RENDER(b, render_record(&j_, &build));
	assert_texts(&d, NAMES("id", "product_id", "version_id", "environment_id", "status"));
	assert_times(&d, NAMES("deployed_at", "created_at", "updated_at", "pending_at"));
	assert_value(&d, "error_message", "line\nline");
	assert_value(&d, "error_code", NULL);
	assert_value(&d, "kind", NULL);
	assert_texts(&b, NAMES("id", "version_id", "product_id", "version", "status"));
	assert_times(&b, NAMES("started_at", "created_at", "updated_at"));
	assert_value(&b, "error_message", "line\nline");
	assert_value(&b, "pending_at", NULL);
	arena_free(d.arena);
	arena_free(b.arena);
}

static void an_event_of_the_log(void **state)
{
	(void)state;
	struct logged_event e = {.id = TEXT("e"),
		.kind = KIND_DEPLOYMENT,
		.state = STATE_FAILED,
		.effect = VERDICT_CORRECTION,
		.subject_id = TEXT("s"),
		.product_id = TEXT("p"),
		.environment_id = TEXT("n"),
		.version_id = TEXT("v"),
		.actor = TEXT("api_key:k1"),
		.occurred_at = 0,
		.received_at = RECEIVED,
		.payload = TEXT("{\"a\":1}"),
		.product_name = TEXT("shop"),
		.environment_name = TEXT("prod"),
		.version = TEXT("1")};
	struct rendered d, b;
	RENDER(d, render_event(&j_, &e));
	e.kind = KIND_BUILD;
	e.environment_id = e.environment_name = TEXT_ABSENT;
	RENDER(b, render_event(&j_, &e));
	const char *const *members = NAMES("id", "event_type", "kind", "effect", "deployment_id", "build_id", "product_id",
		"product_name", "environment_id", "environment_name", "version_id", "version", "actor", "occurred_at", "received_at",
		"payload");
	assert_members(&d, members);
	assert_members(&b, members);
	assert_value(&d, "event_type", "deployment.failed");
	assert_value(&d, "effect", "correction");
	assert_value(&d, "deployment_id", "s");
	assert_value(&d, "build_id", NULL);
	assert_value(&d, "occurred_at", "1970-01-01T00:00:00.000000Z");
	assert_non_null(strstr(d.text, "\"payload\":{\"a\":1}"));
	assert_value(&b, "event_type", "build.failed");
	assert_value(&b, "deployment_id", NULL);
	assert_value(&b, "build_id", "s");
	assert_value(&b, "environment_id", NULL);
	arena_free(d.arena);
	arena_free(b.arena);
}

static void the_catalog(void **state)
{
	(void)state;
	struct product p = {.id = TEXT("i"), .name = TEXT("shop"), .created_at = RECEIVED, .updated_at = RECEIVED};
	struct environment e = {.id = TEXT("i"),
		.name = TEXT("prod"),
		.type = ENV_PRODUCTION,
		.position = POSITION_UNSET,
		.created_at = RECEIVED,
		.updated_at = RECEIVED,
		.extra_metadata = TEXT("{}")};
	struct version v = {
		.id = TEXT("i"), .product_id = TEXT("p"), .product_name = TEXT("shop"), .name = TEXT("1"), .created_at = RECEIVED};
	struct rendered r;
	RENDER(r, render_product(&j_, &p));
	assert_string_equal(r.text, "{\"id\":\"i\",\"name\":\"shop\",\"description\":null,\"extra_metadata\":null,"
								"\"created_at\":\"2026-05-24T12:06:05.890103Z\",\"updated_at\":\"2026-05-24T12:06:05.890103Z\"}");
	arena_free(r.arena);
	RENDER(r, render_environment(&j_, &e));
	assert_string_equal(r.text,
		"{\"id\":\"i\",\"name\":\"prod\",\"type\":\"production\",\"position\":4000,\"description\":null,\"extra_metadata\":{},"
		"\"created_at\":\"2026-05-24T12:06:05.890103Z\",\"updated_at\":\"2026-05-24T12:06:05.890103Z\"}");
	arena_free(r.arena);
	e.position = 0;
	RENDER(r, render_environment(&j_, &e));
	assert_int_equal(json_int(json_member(r.object, "position")), 0);
	arena_free(r.arena);
	RENDER(r, render_version(&j_, &v));
	assert_string_equal(r.text, "{\"id\":\"i\",\"product_id\":\"p\",\"product_name\":\"shop\",\"version\":\"1\",\"scm_sha\":null,"
								"\"scm_repository\":null,\"created_at\":\"2026-05-24T12:06:05.890103Z\"}");
	arena_free(r.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_answer_to_a_deployment_event),
		cmocka_unit_test(the_answer_to_a_build_event),
		cmocka_unit_test(what_was_given_is_shown_as_it_was),
		cmocka_unit_test(stored_deployments_and_builds),
		cmocka_unit_test(an_event_of_the_log),
		cmocka_unit_test(the_catalog),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
