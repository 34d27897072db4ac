/* Channels, preferences and notifications as JSON: every member in its order, and no secret in it. */
#include "request.h"

#include "api/render_notification.h"
#include "base/json.h"
#include "domain/event_type.h"

#define T0 INT64_C(1779624365890103)
#define T0_TEXT "\"2026-05-24T12:06:05.890103Z\""
#define T1_TEXT "\"2026-05-24T12:06:06.890103Z\""

/* What one rendering wrote as the members of an object. */
struct written {
	struct arena *arena;
	struct buf b;
	struct json_out j;
};

static struct written *written_begin(void)
{
	struct written *w = mem_zalloc(sizeof *w);
	w->arena = arena_new(KIB(16), MIB(16));
	w->b = BUF_INIT(MIB(1));
	w->j = json_out(&w->b);
	json_put_object(&w->j, NULL);
	return w;
}

static void written_drop(struct written *w)
{
	buf_done(&w->b);
	arena_free(w->arena);
	free(w);
}

static void written_is(struct written *w, const char *expected)
{
	const struct json *object;
	json_end(&w->j);
	assert_int_equal(json_read(w->arena, buf_view(&w->b), &object, NULL), RC_OK);
	assert_string_equal(text_cstr(w->arena, buf_view(&w->b)), expected);
	written_drop(w);
}

static void a_channel_with_its_secrets_masked(void **state)
{
	(void)state;
	struct written *w = written_begin();
	struct channel c = {.id = TEXT("i"),
		.name = TEXT("ops"),
		.type = TEXT("slack_bot"),
		.config = TEXT("{\"token\":\"xoxb-0123456789-abcdefgh\",\"channel\":\"C012345\"}"),
		.enabled = false,
		.disabled_reason = TEXT("token_revoked"),
		.created_at = T0,
		.updated_at = T0 + 1000000};
	render_channel(&w->j, w->arena, &c);
	written_is(w, "{\"id\":\"i\",\"name\":\"ops\",\"channel_type\":\"slack_bot\","
				  "\"config\":{\"token\":\"****efgh\",\"channel\":\"C012345\"},\"enabled\":false,"
				  "\"disabled_reason\":\"token_revoked\",\"created_at\":" T0_TEXT ",\"updated_at\":" T1_TEXT "}");
}

/* What is not understood may be a secret. */
static void a_config_that_is_not_understood_is_not_shown(void **state)
{
	(void)state;
	static const struct {
		struct text type, config;
	} rows[] = {
		{TEXT("carrier_pigeon"), TEXT("{\"token\":\"s\"}")},
		{TEXT("slack_bot"), TEXT("{\"token\":\"s")},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct written *w = written_begin();
		struct channel c = {.id = TEXT("i"), .name = TEXT("n"), .type = rows[i].type, .config = rows[i].config, .enabled = true};
		c.created_at = c.updated_at = T0;
		render_channel(&w->j, w->arena, &c);
		assert_non_null(memmem(w->b.p, w->b.n, "\"config\":null,\"enabled\":true,\"disabled_reason\":null,", 49));
		written_drop(w);
	}
}

static void a_preference(void **state)
{
	(void)state;
	struct written *w = written_begin();
	struct preference p = {.id = TEXT("i"),
		.channel_id = TEXT("c"),
		.channel_name = TEXT("ops"),
		.event_type = TEXT("deployment.*"),
		.filters = TEXT("{\"products\":[\"a\"]}"),
		.enabled = true,
		.created_at = T0,
		.updated_at = T0};
	render_preference(&w->j, w->arena, &p);
	written_is(w, "{\"id\":\"i\",\"event_type\":\"deployment.*\",\"channel_id\":\"c\",\"channel_name\":\"ops\","
				  "\"filters\":{\"environments\":[],\"products\":[\"a\"],\"statuses\":[],\"environment_types\":[]},"
				  "\"enabled\":true,\"created_at\":" T0_TEXT ",\"updated_at\":" T0_TEXT "}");
}

static struct notification bare_notification(const char *event_type, enum notification_state state)
{
	return (struct notification){.id = TEXT("i"),
		.channel_id = TEXT("c"),
		.channel_name = TEXT("ops"),
		.channel_type = TEXT("webhook"),
		.event_id = TEXT("e"),
		.event_type = text_from(event_type),
		.subject_id = TEXT("s"),
		.state = state,
		.created_at = T0,
		.waiting_since = T0,
		.due_at = T0 + 1000000,
		.attempted_at = TIME_NONE,
		.finished_at = TIME_NONE};
}

#define HEAD(event_type) \
	"{\"id\":\"i\",\"channel_id\":\"c\",\"channel_name\":\"ops\",\"channel_type\":\"webhook\",\"event_id\":\"e\"," \
	"\"event_type\":\"" event_type "\","

static void notifications(void **state)
{
	(void)state;
	struct written *w = written_begin();
	struct notification n = bare_notification("deployment.recovered", NOTIFICATION_WAITING);
	render_notification(&w->j, &n);
	written_is(w,
		HEAD("deployment.recovered") "\"deployment_id\":\"s\",\"build_id\":null,\"state\":\"waiting\",\"attempts\":0,"
									 "\"created_at\":" T0_TEXT ",\"due_at\":" T1_TEXT ",\"last_attempt_at\":null,"
									 "\"finished_at\":null,\"answer_status\":null,\"answer\":null,\"folded_into\":null}");
	w = written_begin();
	n = bare_notification("build.failed", NOTIFICATION_DEAD);
	n.attempts = 2, n.attempted_at = T0, n.finished_at = T0, n.answer_status = 404, n.answer = TEXT("no"),
	n.folded_into = TEXT("f");
	render_notification(&w->j, &n);
	written_is(w, HEAD("build.failed") "\"deployment_id\":null,\"build_id\":\"s\",\"state\":\"dead\",\"attempts\":2,"
									   "\"created_at\":" T0_TEXT ",\"due_at\":null,\"last_attempt_at\":" T0_TEXT
									   ",\"finished_at\":" T0_TEXT ",\"answer_status\":404,\"answer\":\"no\","
									   "\"folded_into\":\"f\"}");
}

static void what_was_told(void **state)
{
	(void)state;
	struct written *w = written_begin();
	render_payload(&w->j, NULL);
	written_is(w, "{\"payload\":null}");
	w = written_begin();
	struct notice n = {.kind = KIND_DEPLOYMENT,
		.state = STATE_COMPLETED,
		.rollout = ROLLOUT_ROLLBACK,
		.transitions = TRANSITION_RECOVERED | TRANSITION_ROLLED_BACK,
		.environment_type = ENV_PRODUCTION,
		.version = TEXT("1"),
		.occurred_at = T0,
		.deployed_at = T0,
		.started_at = TIME_NONE,
		.ended_at = T0,
		.extra_metadata = TEXT("{\"a\":[1]}")};
	render_payload(&w->j, &n);
	written_is(w, "{\"payload\":{\"kind\":\"deployment\",\"state\":\"completed\",\"rollout\":\"rollback\","
				  "\"transitions\":[\"recovered\",\"rolled_back\"],\"event_id\":null,\"subject_id\":null,"
				  "\"product_id\":null,\"product_name\":null,\"version_id\":null,\"version\":\"1\",\"previous_version\":null,"
				  "\"environment_id\":null,\"environment_name\":null,\"environment_type\":\"production\",\"actor\":null,"
				  "\"actor_email\":null,\"actor_name\":null,\"scm_repository\":null,\"scm_sha\":null,\"scm_branch\":null,"
				  "\"build_number\":null,\"build_url\":null,\"deploy_url\":null,\"source_system\":null,\"error_message\":null,"
				  "\"error_code\":null,\"preflight_status\":null,\"occurred_at\":" T0_TEXT ",\"deployed_at\":" T0_TEXT
				  ",\"started_at\":null,\"ended_at\":" T0_TEXT ",\"extra_metadata\":{\"a\":[1]}}}");
	w = written_begin();
	n = (struct notice){.kind = KIND_BUILD, .state = STATE_FAILED, .rollout = ROLLOUT_NONE, .environment_type = ENV_TYPE_COUNT};
	render_payload(&w->j, &n);
	assert_non_null(memmem(w->b.p, w->b.n, "\"rollout\":null,\"transitions\":[],", 31));
	assert_non_null(memmem(w->b.p, w->b.n, "\"environment_type\":null,", 24));
	written_drop(w);
}

static void attempts(void **state)
{
	(void)state;
	static const struct {
		struct attempt_outcome o;
		const char *written;
	} rows[] = {
		{{T0, 1500, 503, {"busy", 4}}, "\"duration_ms\":1.5,\"status\":503,\"answer\":\"busy\""},
		{{T0, 0, 0, {"timeout", 7}}, "\"duration_ms\":0.0,\"status\":null,\"answer\":\"timeout\""},
		{{T0, 2000000, 200, {NULL, 0}}, "\"duration_ms\":2000.0,\"status\":200,\"answer\":null"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct written *w = written_begin();
		char expected[256];
		json_put_array(&w->j, "list");
		render_attempt(&w->j, 3, &rows[i].o);
		json_end(&w->j);
		snprintf(expected, sizeof expected, "{\"list\":[{\"number\":3,\"at\":" T0_TEXT ",%s}]}", rows[i].written);
		written_is(w, expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_channel_with_its_secrets_masked),
		cmocka_unit_test(a_config_that_is_not_understood_is_not_shown),
		cmocka_unit_test(a_preference),
		cmocka_unit_test(notifications),
		cmocka_unit_test(what_was_told),
		cmocka_unit_test(attempts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
