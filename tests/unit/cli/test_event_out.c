/* The body of an event: where each field comes from, what is merged, what is refused before anything is sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/limits.h"
#include "cli/cli_settings.h"
#include "cli/event_out.h"

enum { WORDS = 24 };

static struct arena *arena;
static const struct event_override none = {.started_at = TIME_NONE, .completed_at = TIME_NONE};

static struct ci github(void)
{
	static struct ci_value values[] = {
		{"scm_repository", {"acme/shop", 9}, "GITHUB_REPOSITORY"},
		{"scm_sha", {"0123456789abcdef", 16}, "GITHUB_SHA"},
		{"actor", {"ann", 3}, "GITHUB_ACTOR"},
		{"run_url", {"https://ci/7", 12}, "…"},
		{"product", {"shop", 4}, "repo-last(scm_repository)"},
		{"version", {"01234567", 8}, "short(scm_sha)"},
		{"extra.vi_gh_job", {"deploy", 6}, "GITHUB_JOB"},
		{"extra.vi_gh_ref", {"refs/heads/main", 15}, "GITHUB_REF"},
	};
	return (struct ci){"github", values, sizeof values / sizeof *values};
}

struct made {
	enum rc rc;
	struct err err;
	struct event_out event;
	const struct json *body;
};

static struct made build_over(
	enum kind kind, const struct ci *ci, const struct event_override *override, const char *const *flags)
{
	char *argv[WORDS + 2] = {(char *)"versioner"};
	int argc = 1;
	struct made m = {.rc = RC_OK};
	while (*flags) argv[argc++] = (char *)*flags++;
	struct settings *s = settings_new(kind == KIND_BUILD ? TRACK_BUILD_SETTINGS : TRACK_DEPLOYMENT_SETTINGS);
	if (settings_load(s, argc, argv, NULL, &m.err) != RC_OK) fail_msg("%s", m.err.text);
	m.rc = event_out_build(arena, kind, s, ci, override, TIME_NONE, &m.event, &m.err);
	if (m.rc == RC_OK && json_read(arena, m.event.body, &m.body, &m.err) != RC_OK) fail_msg("no JSON: %s", m.err.text);
	settings_free(s);
	return m;
}

#define BUILD(kind, ci, ...) build_over(kind, ci, &none, (const char *[]){__VA_ARGS__, NULL})

static void assert_member(const struct made *m, const char *key, const char *value)
{
	struct text t = json_text(json_member(m->body, key));
	if (m->rc != RC_OK) fail_msg("not built: %s", m->err.text);
	if (value ? !text_is(t, value) : json_member(m->body, key) != NULL)
		fail_msg("%s is \"%.*s\", not %s", key, TEXT_ARGS(t), value ? value : "absent");
}

static void detection_fills_what_nobody_gave(void **state)
{
	(void)state;
	struct ci ci = github();
	struct made m = BUILD(KIND_DEPLOYMENT, &ci, "--environment=production");
	static const char *const expected[][2] = {{"product_name", "shop"}, {"version", "01234567"},
		{"environment_name", "production"}, {"status", "success"}, {"source_system", "github"}, {"scm_repository", "acme/shop"},
		{"scm_sha", "0123456789abcdef"}, {"deploy_url", "https://ci/7"}, {"build_url", NULL}, {"deployed_by", "ann"},
		{"deployed_by_email", NULL}, {"built_by", NULL}, {"skip_preflight_checks", NULL}, {"occurred_at", NULL},
		{"started_at", NULL}};
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) assert_member(&m, expected[i][0], expected[i][1]);
	assert_string_equal(m.event.path, "/deployment-events/");
	m = BUILD(KIND_BUILD, &ci, "--status", "started");
	assert_member(&m, "build_url", "https://ci/7");
	assert_member(&m, "built_by", "ann");
	assert_member(&m, "environment_name", NULL);
	assert_string_equal(m.event.path, "/build-events/");
	assert_false(m.event.needs_rules);
}

static void flag_then_variable_then_detection_then_default(void **state)
{
	(void)state;
	struct ci ci = github(), nowhere = {0};
	setenv("VERSIONER_SCM_SHA", "fedcba9876543210", 1);
	struct made m = BUILD(KIND_BUILD, &ci, "--scm-sha=1111111");
	assert_member(&m, "scm_sha", "1111111");
	m = BUILD(KIND_BUILD, &ci, "--product=p");
	assert_member(&m, "scm_sha", "fedcba9876543210");
	unsetenv("VERSIONER_SCM_SHA");
	m = BUILD(KIND_BUILD, &ci, "--source-system=mine");
	assert_member(&m, "scm_sha", "0123456789abcdef");
	assert_member(&m, "source_system", "mine");
	m = BUILD(KIND_BUILD, &nowhere, "--product", "p", "--version", "1", "--scm-sha", " ");
	assert_member(&m, "scm_sha", NULL);
	assert_member(&m, "source_system", "unknown");
	m = BUILD(KIND_BUILD, &ci, "--scm-sha="); /* an empty one is none, as a variable of a shell that is not set */
	assert_member(&m, "scm_sha", "0123456789abcdef");
}

static void every_flag_reaches_its_field(void **state)
{
	(void)state;
	static const char *const deployment[] = {"product", "product_name", "environment", "environment_name", "version", "version",
		"status", "status", "source-system", "source_system", "build-number", "build_number", "scm-sha", "scm_sha",
		"scm-repository", "scm_repository", "scm-branch", "scm_branch", "deploy-url", "deploy_url", "build-url", "build_url",
		"invoke-id", "invoke_id", "deployed-by", "deployed_by", "deployed-by-email", "deployed_by_email", "deployed-by-name",
		"deployed_by_name", NULL};
	static const char *const built[] = {"product", "product_name", "version", "version", "status", "status", "source-system",
		"source_system", "build-number", "build_number", "scm-sha", "scm_sha", "scm-repository", "scm_repository", "scm-branch",
		"scm_branch", "build-url", "build_url", "invoke-id", "invoke_id", "built-by", "built_by", "built-by-email",
		"built_by_email", "built-by-name", "built_by_name", NULL};
	struct ci nowhere = {0};
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		const char *const *names = kind == KIND_BUILD ? built : deployment;
		char flags[WORDS][64];
		const char *list[WORDS + 1] = {NULL};
		for (size_t i = 0; names[i * 2]; i++) {
			snprintf(flags[i], sizeof flags[i], "--%s=v-%s", names[i * 2], names[i * 2]);
			list[i] = flags[i];
		}
		struct made m = build_over((enum kind)kind, &nowhere, &none, list);
		for (size_t i = 0; names[i * 2]; i++) {
			char value[64];
			snprintf(value, sizeof value, "v-%s", names[i * 2]);
			assert_member(&m, names[i * 2 + 1], value);
		}
	}
	struct made m = BUILD(KIND_DEPLOYMENT, &nowhere, "--product=p", "--version=1", "--environment=e", "--started-at",
		"2026-05-24T14:06:05Z", "--completed-at=2026-05-24T16:06:05+02:00", "--skip-preflight-checks");
	assert_member(&m, "started_at", "2026-05-24T14:06:05Z");
	assert_member(&m, "completed_at", "2026-05-24T16:06:05+02:00");
	assert_true(json_bool(json_member(m.body, "skip_preflight_checks")));
}

static void metadata_is_merged_and_the_users_own_wins(void **state)
{
	(void)state;
	struct ci ci = github();
	struct event_override run = none;
	run.metadata = TEXT("{\"exit_code\":3,\"vi_gh_ref\":\"callers\",\"mine\":1}");
	struct made m = build_over(KIND_DEPLOYMENT, &ci, &run,
		(const char *[]){
			"--environment=e", "--extra-metadata={\"vi_gh_job\":\"own\",\"mine\":{\"deep\":[1,null,\"\\\"\"]},\"a\":2.5}", NULL});
	const struct json *metadata = json_member(m.body, "extra_metadata");
	assert_int_equal(json_size(metadata), 5);
	assert_true(text_is(json_text(json_member(metadata, "vi_gh_job")), "own"));
	assert_true(text_is(json_text(json_member(metadata, "vi_gh_ref")), "callers"));
	assert_int_equal(json_int(json_member(metadata, "exit_code")), 3);
	assert_int_equal(json_size(json_member(json_member(metadata, "mine"), "deep")), 3);
	m = BUILD(KIND_BUILD, &ci, "--extra-metadata={}");
	assert_int_equal(json_size(json_member(m.body, "extra_metadata")), 2);
	struct ci nowhere = {0};
	m = BUILD(KIND_BUILD, &nowhere, "--product=p", "--version=1");
	assert_member(&m, "extra_metadata", NULL);
}

static void wrong_things_are_named_all_at_once(void **state)
{
	(void)state;
	struct ci nowhere = {0};
	struct made m = BUILD(KIND_DEPLOYMENT, &nowhere, "--started-at=yesterday");
	static const char *const parts[] = {
		"--product is required", "--environment is required", "--version is required", "--started-at"};
	assert_int_equal(m.rc, RC_INVALID);
	for (size_t i = 0; i < 4; i++) assert_non_null(strstr(m.err.text, parts[i]));
	m = BUILD(KIND_BUILD, &nowhere, "--product=p", "--version=\xff");
	assert_non_null(strstr(m.err.text, "--version is not UTF-8"));
}

static void metadata_must_be_an_object_of_at_most_100_kib(void **state)
{
	(void)state;
	static const struct {
		const char *json, *part; /* part NULL: fine */
	} wrong[] = {{"[1]", "object"}, {"null", "object"}, {"\"x\"", "object"}, {"{", "JSON"}, {"{\"a\":1,}", "JSON"},
		{"{} {}", "JSON"}, {"{\"a\":1}", NULL}, {" {} ", NULL}};
	struct ci nowhere = {0};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct made m = BUILD(KIND_BUILD, &nowhere, "--product=p", "--version=1", "--extra-metadata", wrong[i].json);
		if ((m.rc == RC_OK) != !wrong[i].part) fail_msg("%s: %s", wrong[i].json, m.err.text);
		if (wrong[i].part) assert_non_null(strstr(m.err.text, wrong[i].part));
	}
	for (size_t size = KIB(100); size <= KIB(100) + 1; size++) {
		char *json = malloc(size + 1);
		memset(json, 'x', size);
		memcpy(json, "{\"a\":\"", 6);
		memcpy(json + size - 2, "\"}", 3);
		struct made m = BUILD(KIND_BUILD, &nowhere, "--product=p", "--version=1", "--extra-metadata", json);
		assert_int_equal(m.rc, size <= KIB(100) ? RC_OK : RC_INVALID);
		free(json);
	}
}

static void what_was_detected_is_made_to_fit(void **state)
{
	(void)state;
	char long_branch[400];
	memset(long_branch, 'b', sizeof long_branch);
	struct ci_value values[] = {{"scm_branch", {long_branch, sizeof long_branch}, "X"}, {"actor", {"a\nb", 3}, "Y"},
		{"extra.vi_x", {"c\x1b[0m", 5}, "Z"}};
	struct ci ci = {"github", values, 3};
	struct made m = BUILD(KIND_BUILD, &ci, "--product=p", "--version=1");
	assert_int_equal(json_text(json_member(m.body, "scm_branch")).n, 255);
	assert_member(&m, "built_by", NULL);
	assert_member(&m, "extra_metadata", NULL);
}

static void the_caller_of_run_stands_above_the_options(void **state)
{
	(void)state;
	struct ci ci = github();
	struct event_override run = {
		.status = "failed", .started_at = 0, .completed_at = SECONDS_US(1), .error_message = TEXT("exit 3")};
	struct made m = build_over(KIND_DEPLOYMENT, &ci, &run, (const char *[]){"--environment=e", "--status=success", NULL});
	assert_member(&m, "status", "failed");
	assert_member(&m, "started_at", "1970-01-01T00:00:00.000000Z");
	assert_member(&m, "completed_at", "1970-01-01T00:00:01.000000Z");
	assert_member(&m, "error_message", "exit 3");
}

static void rules_are_asked_by_a_start_only(void **state)
{
	(void)state;
	static const struct {
		const char *status, *more;
		bool needs;
	} rows[] = {{"started", "-v", true}, {"In_Progress", "-v", true}, {"deploying", "-v", true}, {"pending", "-v", false},
		{"success", "-v", false}, {"nonsense", "-v", false}, {"started", "--skip-preflight-checks", false}};
	struct ci ci = github();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct made m = BUILD(KIND_DEPLOYMENT, &ci, "--environment=e", "--status", rows[i].status, rows[i].more);
		assert_member(&m, "status", rows[i].status); /* the server's to judge, and sent as it was typed */
		assert_int_equal(m.event.needs_rules, rows[i].needs);
	}
}

static int set_up(void **state)
{
	(void)state;
	if (chdir(P_tmpdir) != 0) return 1;
	setenv("HOME", "/nonexistent", 1);
	arena = arena_new(KIB(16), MIB(64));
	return 0;
}

static int take_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(detection_fills_what_nobody_gave),
		cmocka_unit_test(flag_then_variable_then_detection_then_default),
		cmocka_unit_test(every_flag_reaches_its_field),
		cmocka_unit_test(metadata_is_merged_and_the_users_own_wins),
		cmocka_unit_test(wrong_things_are_named_all_at_once),
		cmocka_unit_test(metadata_must_be_an_object_of_at_most_100_kib),
		cmocka_unit_test(what_was_detected_is_made_to_fit),
		cmocka_unit_test(the_caller_of_run_stands_above_the_options),
		cmocka_unit_test(rules_are_asked_by_a_start_only),
	};
	return cmocka_run_group_tests_name("event_out", tests, set_up, take_down);
}
