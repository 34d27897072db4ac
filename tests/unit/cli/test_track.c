/* track from flags to exit code: what is said where, what counts as a failure, what is kept, and in which order things arrive. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/secret.h"
#include "cli/ci_detect.h"
#include "cli/cli_settings.h"
#include "cli/commands.h"
#include "cli/spool.h"
#include "script.h"

#define ANSWER(status, body) "HTTP/1.1 " status "\r\nConnection: close\r\n\r\n" body
#define FINE "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"id\":\"abc\"}"

enum { WORDS = 24 };

static char home[64];

struct ran {
	int code;
	char out[8192], err[8192];
};

static int redirect(int fd, const char *name)
{
	char path[100];
	snprintf(path, sizeof path, "%s/%s", home, name);
	int saved = dup(fd), file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	assert_true(saved >= 0 && file >= 0);
	dup2(file, fd);
	close(file);
	return saved;
}

static void restore(FILE *f, int fd, int saved, char text[static 8192])
{
	fflush(f);
	ssize_t n = pread(fd, text, 8191, 0);
	text[n > 0 ? n : 0] = '\0';
	dup2(saved, fd);
	close(saved);
}

static struct ran run(bool build, const char *url, const char *const *flags)
{
	char address[100];
	snprintf(address, sizeof address, "--api-url=%s", url);
	char *argv[WORDS] = {
		(char *)"deployment", address, (char *)"--product=shop", (char *)"--version=1", (char *)"--deadline=800ms"};
	int argc = 5;
	char **words;
	struct ran r;
	struct err err;
	if (!build) argv[argc++] = (char *)"--environment=production";
	for (; *flags; flags++) argv[argc++] = (char *)*flags;
	struct settings *s = settings_new(build ? TRACK_BUILD_SETTINGS : TRACK_DEPLOYMENT_SETTINGS);
	if (settings_load(s, argc, argv, &words, &err) != RC_OK) fail_msg("%s", err.text);
	fflush(stdout);
	int out = redirect(1, "out"), errors = redirect(2, "err");
	r.code = build ? track_build_run(s, words) : track_deployment_run(s, words);
	restore(stdout, 1, out, r.out);
	restore(stderr, 2, errors, r.err);
	settings_free(s);
	return r;
}

#define RUN(build, url, ...) run(build, url, (const char *const[]){__VA_ARGS__, NULL})

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part)) fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static size_t kept(void)
{
	struct spool p;
	assert_int_equal(spool_find(&CI_OF_PROCESS, &p, NULL), RC_OK);
	return spool_is_empty(&p) ? 0 : 1;
}

static void success_is_told_as_ever(void **state)
{
	(void)state;
	struct script *s = script_start((const char *const[]){FINE, NULL});
	struct ran r = RUN(false, s->url, "--status=success");
	assert_int_equal(r.code, 0);
	assert_string_equal(r.out, "✓ Deployment event tracked successfully\n  Event ID: abc\n");
	assert_string_equal(r.err, "");
	r = RUN(true, s->url, "--status=success");
	assert_string_equal(r.out, "✓ Build event tracked successfully\n  Event ID: abc\n");
	assert_memory_equal(s->requests[1], "POST /build-events/ ", 20);
	assert_null(strstr(script_body(s, 0), "occurred_at")); /* only what may be kept says when it was */
	script_stop(s);
}

#define BLOCK \
	"{\"detail\":{\"error\":\"deployment_blocked\",\"message\":\"Closed\",\"code\":\"NO_DEPLOY_WINDOW\"," \
	"\"retry_after\":\"2026-05-25T06:00:00Z\",\"details\":{\"rule_name\":\"Friday freeze\"}}}"

static const struct {
	const char *answer;
	int code, forgiven; /* with --fail-on-api-error=false */
	const char *part;
} outcomes[] = {
	{ANSWER("401 X", "{\"detail\":\"Invalid authentication credentials\"}"), 4, 0, "Invalid authentication credentials"},
	{ANSWER("403 X", "{\"detail\":\"no\"}"), 4, 0, "scope"},
	{ANSWER("404 X", "{\"detail\":\"Not found\"}"), 4, 0, "Not found"},
	{ANSWER("422 X", "{\"detail\":[{\"loc\":[\"body\",\"status\"],\"msg\":\"bad word\"}]}"), 4, 0, "status: bad word"},
	{ANSWER("500 X", "{\"detail\":\"Internal server error\"}"), 4, 0, "Internal server error"},
	{CUT, 1, 0, "may have been stored"},
	{ANSWER("409 X", "{\"detail\":\"taken\",\"error\":\"VERSION_SHA_CONFLICT\"}"), 5, 5, "taken"},
	{ANSWER("423 X", BLOCK), 5, 5, "Rule: Friday freeze\nClosed\nRetry after: 2026-05-25T06:00:00Z"},
	{ANSWER("428 X", BLOCK), 5, 5, "Friday freeze"},
};

static void each_outcome_has_its_code_and_goes_to_stderr(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
		const char *answers[] = {outcomes[i].answer, NULL};
		struct script *s = script_start(answers);
		struct ran r = RUN(false, s->url, "--status=success");
		if (r.code != outcomes[i].code) fail_msg("case %zu: %d: %s", i, r.code, r.err);
		assert_has(r.err, outcomes[i].part);
		assert_string_equal(r.out, "");
		r = RUN(false, s->url, "--fail-on-api-error=false");
		if (r.code != outcomes[i].forgiven) fail_msg("case %zu, forgiven: %d: %s", i, r.code, r.err);
		assert_has(r.err, outcomes[i].part);
		assert_true((strstr(r.err, "Warning: ") != NULL) == (r.code == 0));
		script_stop(s);
	}
}

static void the_switch_is_read_as_ever(void **state)
{
	(void)state;
	static const struct {
		const char *flags[2], *variable;
		int code;
	} rows[] = {
		{{NULL}, NULL, 4},
		{{"--fail-on-api-error"}, NULL, 4},
		{{"--fail-on-api-error=true"}, NULL, 4},
		{{"--fail-on-api-error=false"}, NULL, 0},
		{{"--fail-on-api-error=f"}, NULL, 0},
		{{"--fail-on-api-error=0"}, NULL, 0},
		{{"--fail-on-api-error", "false"}, NULL, 4}, /* the word stands alone and says nothing */
		{{NULL}, "false", 0},
		{{NULL}, "0", 0},
		{{NULL}, "true", 4},
		{{"--fail-on-api-error"}, "false", 4},
		{{"--fail-on-api-error=false"}, "true", 0},
	};
	struct script *s = script_start((const char *const[]){ANSWER("401 X", "{\"detail\":\"no\"}"), NULL});
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *flags[] = {rows[i].flags[0], rows[i].flags[1], NULL};
		if (rows[i].variable) setenv("VERSIONER_FAIL_ON_API_ERROR", rows[i].variable, 1);
		struct ran r = run(true, s->url, flags);
		unsetenv("VERSIONER_FAIL_ON_API_ERROR");
		if (r.code != rows[i].code) fail_msg("row %zu: %d: %s", i, r.code, r.err);
		if (rows[i].flags[1]) assert_has(r.err, "\"false\" is ignored");
	}
	script_stop(s);
}

static void wrong_flags_send_nothing(void **state)
{
	(void)state;
	struct script *s = script_start((const char *const[]){FINE, NULL});
	struct ran r = RUN(false, s->url, "--extra-metadata=[]", "--fail-on-api-error=false");
	assert_int_equal(r.code, 1);
	assert_has(r.err, "must be a JSON object");
	r = RUN(false, s->url, "--environment=", "--fail-on-api-error=false");
	assert_int_equal(r.code, 1);
	assert_has(r.err, "--environment is required");
	assert_int_equal(s->count, 0);
	script_stop(s);
}

static void what_could_not_be_sent_is_kept_and_sent_before_the_next(void **state)
{
	(void)state;
	struct script *s = script_start((const char *const[]){CUT, FINE, NULL});
	struct ran r = RUN(false, s->url, "--status=completed", "--spool", "--deadline=100ms");
	assert_int_equal(r.code, 0);
	assert_has(r.err, "Warning: the event is kept for later");
	assert_string_equal(r.out, "");
	assert_int_equal(kept(), 1);
	r = RUN(false, s->url, "--status=failed");
	assert_int_equal(r.code, 0);
	assert_has(r.err, "1 kept event was sent");
	assert_int_equal(s->count, 3);
	assert_string_equal(script_body(s, 1), script_body(s, 0)); /* byte for byte, with its time */
	assert_has(script_body(s, 1), "\"occurred_at\":\"");
	char first[256], again[256];
	script_header(s, 0, "Idempotency-Key", first);
	script_header(s, 1, "Idempotency-Key", again);
	assert_string_equal(first, again);
	assert_has(script_body(s, 2), "failed");
	assert_int_equal(kept(), 0);
	script_stop(s);
}

static void without_the_flag_nothing_is_kept(void **state)
{
	(void)state;
	struct script *s = script_start((const char *const[]){CUT, NULL});
	assert_int_equal(RUN(false, s->url, "--deadline=100ms").code, 1);
	assert_int_equal(kept(), 0);
	script_stop(s);
}

static void a_start_that_needs_rules_is_not_kept_silently(void **state)
{
	(void)state;
	struct script *s = script_start((const char *const[]){CUT, NULL});
	struct ran r = RUN(false, s->url, "--status=started", "--spool", "--deadline=100ms");
	assert_int_equal(r.code, 1);
	assert_has(r.err, "must not begin");
	assert_int_equal(kept(), 0);
	script_stop(s);
	s = script_start((const char *const[]){CUT, CUT, FINE, NULL});
	r = RUN(false, s->url, "--status=started", "--spool", "--deadline=100ms", "--fail-on-api-error=false");
	assert_int_equal(r.code, 0);
	assert_has(r.err, "No rule was asked");
	assert_int_equal(kept(), 1);
	r = RUN(false, s->url, "--status=completed", "--spool", "--deadline=100ms"); /* still away: in order behind it */
	assert_int_equal(r.code, 0);
	script_stop(s);
}

static void a_blocked_or_refused_event_is_never_kept(void **state)
{
	(void)state;
	static const char *const answers[] = {ANSWER("423 X", BLOCK), ANSWER("422 X", "{}"), ANSWER("401 X", "{}")};
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		struct script *s = script_start((const char *const[]){answers[i], NULL});
		assert_int_not_equal(RUN(false, s->url, "--status=completed", "--spool").code, 0);
		assert_int_equal(kept(), 0);
		script_stop(s);
	}
}

static void warnings_of_the_server_are_told(void **state)
{
	(void)state;
	struct script *s = script_start((const char *const[]){
		ANSWER("200 OK",
			"{\"id\":\"abc\",\"warnings\":[\"another "
			"SHA\\u001b[2J\"],\"extra_metadata\":{\"preflight_status\":{\"rules_evaluated\":["
			"{\"rule_name\":\"R1\",\"status\":\"report_only\",\"evaluation_result\":\"failed\",\"error_message\":\"why\"},"
			"{\"rule_name\":\"R2\",\"status\":\"enabled\",\"evaluation_result\":\"passed\"}]}}}"),
		NULL});
	struct ran r = RUN(false, s->url, "--status=started");
	assert_int_equal(r.code, 0);
	assert_has(r.err, "Warning: another SHA [2J\n");
	assert_has(r.err, "Warning: the rule \"R1\" only reports, and would have blocked this: why\n");
	assert_null(strstr(r.err, "R2"));
	script_stop(s);
}

static void verbose_says_what_was_detected_and_debug_hides_the_key(void **state)
{
	(void)state;
	struct script *s = script_start((const char *const[]){FINE, NULL});
	setenv("GITLAB_CI", "true", 1);
	setenv("CI_COMMIT_SHA", "0123456789abcdef", 1);
	setenv("CI_JOB_NAME", "deploy", 1);
	struct ran r = RUN(false, s->url, "-v", "--debug", "--extra-metadata={\"leak\":\"sk_acme_k1_0123456789abcdef\"}");
	unsetenv("GITLAB_CI");
	assert_int_equal(r.code, 0);
	static const char *const parts[] = {"Auto-detected CI system: gitlab", "scm_sha: 0123456789abcdef (detected: CI_COMMIT_SHA)",
		"vi_gl_job_name: deploy (detected: CI_JOB_NAME)", "product_name: shop (from --product)", "status: success (the default)",
		"Authorization: Bearer sk_acme_k1_****", "Idempotency-Key: ", "← 200", "{\"id\":\"abc\"}"};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) assert_has(r.err, parts[i]);
	assert_null(strstr(r.err, "0123456789abcdef\"}"));
	assert_has(script_body(s, 0), "sk_acme_k1_0123456789abcdef"); /* sent as it was typed all the same */
	script_stop(s);
}

static int set_up(void **state)
{
	(void)state;
	snprintf(home, sizeof home, P_tmpdir "/track-test-XXXXXX");
	if (!mkdtemp(home) || chdir(home) != 0) return 1;
	setenv("HOME", home, 1);
	setenv("XDG_STATE_HOME", home, 1);
	setenv("VERSIONER_API_KEY", "sk_acme_k1_0123456789abcdef", 1);
	for (const struct ci_row *row = CI_ROWS; row->system; row++) { /* whatever runs the tests is no part of them */
		char name[64];
		snprintf(name, sizeof name, "%.*s", (int)strcspn(row->condition, "= "), row->condition);
		unsetenv(name);
	}
	return 0;
}

static int take_down(void **state)
{
	(void)state;
	char command[100];
	snprintf(command, sizeof command, "rm -rf '%s'", home);
	return chdir("/") == 0 ? system(command) : 1;
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, take_down)
	const struct CMUnitTest tests[] = {
		CASE(success_is_told_as_ever),
		CASE(each_outcome_has_its_code_and_goes_to_stderr),
		CASE(the_switch_is_read_as_ever),
		CASE(wrong_flags_send_nothing),
		CASE(what_could_not_be_sent_is_kept_and_sent_before_the_next),
		CASE(without_the_flag_nothing_is_kept),
		CASE(a_start_that_needs_rules_is_not_kept_silently),
		CASE(a_blocked_or_refused_event_is_never_kept),
		CASE(warnings_of_the_server_are_told),
		CASE(verbose_says_what_was_detected_and_debug_hides_the_key),
	};
	if (secret_init(NULL) != RC_OK) return 1;
	return cmocka_run_group_tests_name("track", tests, NULL, NULL);
}
