/* The API client against a server that follows a script: attempts, waits, keys, and what is made of each answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/secret.h"
#include "cli/api_client.h"
#include "cli/cli_settings.h"
#include "script.h"

#define FINE "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"id\":\"abc\"}"
#define BROKEN \
	"HTTP/1.1 500 Internal Server Error\r\nX-Request-Id: r-1\r\nContent-Length: 34\r\n\r\n{\"detail\":\"Internal server " \
	"error\"}\n"
#define BUSY(seconds) "HTTP/1.1 429 Too Many Requests\r\nRetry-After: " seconds "\r\nContent-Length: 0\r\n\r\n"
#define KEY "sk_acme_k1_abcdefghijklmnopqrstuvwxyz012345"

static struct arena *arena;

/* A clock that stands still but for the waits. */
static int64_t now, waits[8];
static int wait_count;

static int64_t stopped_now(void)
{
	return now;
}

static void count_wait(int64_t micros)
{
	waits[wait_count++] = micros;
	now += micros;
}

struct called {
	struct script *script;
	struct api_answer answer;
};

static struct api_client *client_for(const char *url, const char *flag)
{
	static const struct api_clock clock = {stopped_now, count_wait};
	char address[100];
	snprintf(address, sizeof address, "--api-url=%s", url);
	char *argv[] = {(char *)"versioner", (char *)"--api-key= " KEY "\n", address, (char *)flag};
	struct settings *s = settings_new(FLUSH_SETTINGS);
	struct api_client *c;
	struct err err;
	if (settings_load(s, 4, argv, NULL, &err) != RC_OK) fail_msg("%s", err.text);
	if (api_client_new(s, &c, &err) != RC_OK) fail_msg("%s", err.text);
	settings_free(s);
	api_client_use_clock(c, &clock);
	wait_count = 0;
	return c;
}

static struct called call_with(const char *flag, const char *const *answers)
{
	struct called called = {.script = script_start(answers)};
	struct api_client *c = client_for(called.script->url, flag);
	struct api_request request = {.method = "POST", .path = "/build-events/", .body = TEXT("{}"), .idempotency_key = "key-1"};
	api_call(c, arena, &request, &called.answer);
	api_client_free(c);
	return called;
}

#define CALL(...) call_with("--deadline=2m", (const char *const[]){__VA_ARGS__, NULL})

static void assert_said(const struct api_answer *answer, const char *part)
{
	char text[2048];
	snprintf(text, sizeof text, "%.*s", TEXT_ARGS(answer->message));
	if (!strstr(text, part)) fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static void done(struct called *c)
{
	script_stop(c->script);
}

static void a_request_has_its_headers(void **state)
{
	(void)state;
	struct called c = CALL(FINE);
	char value[256];
	assert_int_equal(c.answer.end, API_OK);
	assert_true(text_is(json_text(json_member(c.answer.json, "id")), "abc"));
	script_header(c.script, 0, "Authorization", value);
	assert_string_equal(value, "Bearer " KEY);
	script_header(c.script, 0, "Idempotency-Key", value);
	assert_string_equal(value, "key-1");
	script_header(c.script, 0, "Content-Type", value);
	assert_string_equal(value, "application/json");
	assert_memory_equal(c.script->requests[0], "POST /build-events/ HTTP/1.1", 28);
	assert_string_equal(script_body(c.script, 0), "{}");
	done(&c);
}

static void it_is_tried_four_times_with_one_key_and_growing_waits(void **state)
{
	(void)state;
	struct called c = CALL(BROKEN, BROKEN, BROKEN, FINE);
	assert_int_equal(c.answer.end, API_OK);
	assert_int_equal(c.answer.attempts, 4);
	assert_int_equal(wait_count, 3);
	for (int i = 0; i < 3; i++) {
		char key[256];
		int64_t base = SECONDS_US(1) << i;
		assert_in_range(waits[i], base * 8 / 10, base * 12 / 10);
		script_header(c.script, i + 1, "Idempotency-Key", key);
		assert_string_equal(key, "key-1");
		assert_string_equal(script_body(c.script, i + 1), script_body(c.script, 0));
	}
	done(&c);
	c = CALL(BROKEN);
	assert_int_equal(c.script->count, 4);
	assert_int_equal(c.answer.end, API_REFUSED);
	assert_said(&c.answer, "Internal server error (HTTP 500, request r-1)");
	assert_said(&c.answer, "(4 attempts)");
	done(&c);
}

static void a_cut_connection_is_tried_again_and_said_to_be_uncertain(void **state)
{
	(void)state;
	struct called c = CALL(CUT, FINE);
	assert_int_equal(c.answer.end, API_OK);
	assert_int_equal(c.script->count, 2);
	done(&c);
	c = CALL(CUT);
	assert_int_equal(c.answer.end, API_UNKNOWN);
	assert_int_equal(c.script->count, 4);
	assert_int_equal(api_exit_code(c.answer.end), 1);
	done(&c);
	c = CALL("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\"", CUT, FINE);
	assert_true(c.answer.end == API_OK);
	done(&c);
}

static void nobody_there_is_certain(void **state)
{
	(void)state;
	struct script *s = script_start((const char *const[]){FINE, NULL});
	char url[64];
	struct api_answer answer;
	struct api_request request = {.method = "GET", .path = "/x"};
	snprintf(url, sizeof url, "%s", s->url);
	script_stop(s);
	struct api_client *c = client_for(url, "--timeout=5s");
	api_call(c, arena, &request, &answer);
	assert_int_equal(answer.end, API_UNREACHED);
	assert_int_equal(answer.attempts, 4);
	assert_said(&answer, "refused the connection");
	request.once = true;
	api_call(c, arena, &request, &answer);
	assert_int_equal(answer.attempts, 1);
	api_client_free(c);
	c = client_for("http://name.invalid", "--timeout=5s");
	api_call(c, arena, &request, &answer);
	assert_int_equal(answer.end, API_UNREACHED);
	assert_said(&answer, "(DNS)");
	api_client_free(c);
}

static void a_slow_server_is_left_at_the_timeout(void **state)
{
	(void)state;
	struct called c = call_with("--timeout=100ms", (const char *const[]){HANG, FINE, NULL});
	assert_int_equal(c.answer.end, API_OK);
	assert_int_equal(c.answer.attempts, 2);
	done(&c);
}

static void retry_after_is_obeyed_up_to_the_deadline(void **state)
{
	(void)state;
	struct called c = CALL(BUSY("7"), FINE);
	assert_int_equal(c.answer.end, API_OK);
	assert_in_range(waits[0], SECONDS_US(7), SECONDS_US(8));
	done(&c);
	c = CALL(BUSY("3600"), FINE);
	assert_int_equal(c.answer.end, API_REFUSED);
	assert_int_equal(c.script->count, 1);
	assert_int_equal(wait_count, 0);
	assert_said(&c.answer, "asks to wait 3600 s");
	done(&c);
	c = call_with("--deadline=2s", (const char *const[]){BROKEN, NULL});
	assert_int_equal(c.answer.attempts, 2); /* one more wait of about 2 s would be past it */
	done(&c);
}

static const struct {
	const char *status, *body, *part;
	enum api_end end;
	int number;
} refusals[] = {
	{"401 Unauthorized", "{\"detail\":\"Invalid authentication credentials\"}", "VERSIONER_API_KEY", API_REFUSED, 401},
	{"404 Not Found", "{\"detail\":\"Not found\"}", "Not found (HTTP 404): check the address", API_REFUSED, 404},
	{"422 X",
		"{\"detail\":[{\"loc\":[\"body\",\"version\"],\"msg\":\"too long\"},{\"loc\":[\"body\",\"a\",3],\"msg\":\"no\\u001b\"}]}",
		"version: too long\na.3: no  (HTTP 422)", API_REFUSED, 422},
	{"418 X", "{}", "without a reason (HTTP 418)", API_REFUSED, 418},
	{"403 X", "<html></html>", "without a reason (HTTP 403)", API_REFUSED, 403},
	{"200 OK", "<html></html>", "not one of Versioner's API", API_REFUSED, 200},
	{"200 OK", "true", "not one of Versioner's API", API_REFUSED, 200},
	{"301 Moved\r\nLocation: https://other/", "", "\"https://other/\" (HTTP 301)", API_REFUSED, 301},
	{"409 X", "{\"detail\":\"exists\",\"message\":\"m\",\"error\":\"VERSION_SHA_CONFLICT\"}", "exists", API_BLOCKED, 409},
	{"423 Locked", "{}", "without a reason (HTTP 423)", API_BLOCKED, 423},
};

static void each_refusal_has_its_sentence(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		char answer[1024];
		const char *body = refusals[i].body;
		snprintf(answer, sizeof answer, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", refusals[i].status, strlen(body), body);
		struct called c = CALL(answer);
		assert_int_equal(c.answer.end, refusals[i].end);
		assert_int_equal(c.answer.status, refusals[i].number);
		assert_int_equal(c.script->count, 1); /* no second attempt */
		assert_said(&c.answer, refusals[i].part);
		assert_int_equal(api_exit_code(c.answer.end), refusals[i].end == API_BLOCKED ? 5 : 4);
		done(&c);
	}
}

#define BLOCK \
	"{\"error\":\"deployment_blocked\",\"message\":\"Closed on Fridays\",\"code\":\"NO_DEPLOY_WINDOW\"," \
	"\"retry_after\":\"2026-05-25T06:00:00Z\",\"details\":{\"rule_name\":\"Friday\\u001b freeze\",\"n\":1}}"

static void a_block_is_read_under_detail_and_at_the_top(void **state)
{
	(void)state;
	static const char *const bodies[] = {"{\"detail\":" BLOCK "}", BLOCK};
	for (int i = 0; i < 2; i++) {
		char answer[1024];
		snprintf(answer, sizeof answer, "HTTP/1.1 423 Locked\r\nContent-Length: %zu\r\n\r\n%s", strlen(bodies[i]), bodies[i]);
		struct called c = CALL(answer);
		assert_int_equal(c.answer.end, API_BLOCKED);
		assert_true(text_is(c.answer.message, "Closed on Fridays"));
		assert_true(text_is(c.answer.code, "NO_DEPLOY_WINDOW"));
		assert_true(text_is(c.answer.rule_name, "Friday  freeze"));
		assert_true(text_is(c.answer.retry_after, "2026-05-25T06:00:00Z"));
		assert_int_equal(json_int(json_member(c.answer.details, "n")), 1);
		done(&c);
	}
	struct called c = CALL("HTTP/1.1 409 X\r\nRetry-After: 30\r\nContent-Length: 2\r\n\r\n{}");
	assert_true(text_is(c.answer.retry_after, "30 s"));
	done(&c);
}

static const struct {
	const char *flags[3], *part;
} wrong[] = {
	{{"--api-url=http://x"}, "VERSIONER_API_KEY"},
	{{"--api-key=a b", "--api-url=http://x"}, "blank"},
	{{"--api-key=k", "--api-url=ftp://x"}, "is no address"},
	{{"--api-key=k", "--api-url=http://"}, "is no address"},
	{{"--api-key=k", "--api-url="}, "is no address"},
	{{"--api-key=k", "--api-url=https://x/?a=b"}, "is no address"},
	{{"--api-key=k", "--api-url=https://x", "--ca-cert=/nonexistent"}, "/nonexistent"},
	{{"--api-key=k", "--api-url=https://x", "--client-cert=/nonexistent"}, "/nonexistent"},
	{{"--api-key=k", "--api-url=https://x", "--client-key=/nonexistent"}, "needs its certificate"},
};

static void what_is_wrong_is_said_before_anything_is_sent(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		char *argv[5] = {(char *)"versioner"};
		int argc = 1;
		struct api_client *c;
		struct err err;
		for (int f = 0; f < 3 && wrong[i].flags[f]; f++) argv[argc++] = (char *)wrong[i].flags[f];
		struct settings *s = settings_new(FLUSH_SETTINGS);
		assert_int_equal(settings_load(s, argc, argv, NULL, &err), RC_OK);
		assert_int_equal(api_client_new(s, &c, &err), RC_INVALID);
		if (!strstr(err.text, wrong[i].part)) fail_msg("\"%s\" is not in \"%s\"", wrong[i].part, err.text);
		settings_free(s);
	}
}

static void slashes_at_the_end_of_the_address_do_not_count(void **state)
{
	(void)state;
	struct api_client *c = client_for("https://versioner.example.com/base//", "--debug=false");
	assert_string_equal(api_client_url(c), "https://versioner.example.com/base");
	api_client_free(c);
}

static int set_up(void **state)
{
	(void)state;
	unsetenv("VERSIONER_API_KEY");
	unsetenv("VERSIONER_API_URL");
	setenv("HOME", "/nonexistent", 1);
	arena = arena_new(KIB(64), LIMIT_CLIENT_ARENA);
	return secret_init(NULL) == RC_OK ? 0 : 1;
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
		cmocka_unit_test(a_request_has_its_headers),
		cmocka_unit_test(it_is_tried_four_times_with_one_key_and_growing_waits),
		cmocka_unit_test(a_cut_connection_is_tried_again_and_said_to_be_uncertain),
		cmocka_unit_test(nobody_there_is_certain),
		cmocka_unit_test(a_slow_server_is_left_at_the_timeout),
		cmocka_unit_test(retry_after_is_obeyed_up_to_the_deadline),
		cmocka_unit_test(each_refusal_has_its_sentence),
		cmocka_unit_test(a_block_is_read_under_detail_and_at_the_top),
		cmocka_unit_test(what_is_wrong_is_said_before_anything_is_sent),
		cmocka_unit_test(slashes_at_the_end_of_the_address_do_not_count),
	};
	return cmocka_run_group_tests_name("api_client", tests, set_up, take_down);
}
