/* One request at a time: what comes back, and what may have become of a request without an answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../cli/script.h"
#include "base/clock.h"
#include "base/limits.h"
#include "outgoing/client.h"

enum { MOST = 4096 };

static struct client *client_start(void)
{
	struct client_options options = {.user_agent = "test/1", .answer_most = MOST};
	struct client *c;
	struct err err;
	if (client_new(&options, &c, &err) != RC_OK) fail_msg("%s", err.text);
	return c;
}

static struct client_answer ask(struct client *c, const char *url)
{
	struct client_answer answer;
	struct client_request request = {.method = "POST", .url = url, .body = TEXT("body"), .timeout = SECONDS_US(1) / 2};
	client_ask(c, &request, &answer);
	return answer;
}

static void answers_come_whole_and_the_connection_is_kept(void **state)
{
	(void)state;
	struct script *s = script_start((const char *const[]){
		"HTTP/1.1 503 X\r\nRetry-After: 7\r\nX-Request-Id: r-1\r\nLocation: /there\r\nContent-Length: 4\r\n\r\nwait", NULL});
	struct client *c = client_start();
	for (int i = 0; i < 2; i++) {
		struct client_answer a = ask(c, s->url);
		assert_int_equal(a.end, CLIENT_ANSWERED);
		assert_int_equal(a.status, 503);
		assert_int_equal(a.retry_after, 7);
		assert_true(text_is(a.body, "wait"));
		assert_true(text_is(a.request_id, "r-1"));
		assert_true(text_is(a.location, "/there"));
		assert_string_equal(script_body(s, i), "body");
	}
	assert_int_equal(s->peer->connections, 1);
	client_free(c);
	script_stop(s);
}

static void no_redirect_is_followed(void **state)
{
	(void)state;
	struct script *other = script_start((const char *const[]){"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", NULL});
	char redirect[200];
	snprintf(redirect, sizeof redirect, "HTTP/1.1 307 X\r\nLocation: %s/\r\nContent-Length: 0\r\n\r\n", other->url);
	struct script *s = script_start((const char *const[]){redirect, NULL});
	struct client *c = client_start();
	assert_int_equal(ask(c, s->url).status, 307);
	assert_int_equal(other->count, 0);
	client_free(c);
	script_stop(s);
	script_stop(other);
}

static void an_answer_that_does_not_come_whole_leaves_it_open(void **state)
{
	(void)state;
	static char large[MOST + 200];
	int head = snprintf(large, sizeof large, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", MOST + 1);
	memset(large + head, 'x', MOST + 1);
	const char *const answers[][2] = {{CUT, "without an answer"}, {HANG, "in time"},
		{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nhalf", "within the answer"}, {large, "too large"},
		{"SSH-2.0-OpenSSH\r\nConnection: close\r\n", "HTTP"}};
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		struct script *s = script_start((const char *const[]){answers[i][0], NULL});
		struct client *c = client_start();
		struct client_answer a = ask(c, s->url);
		if (a.end != CLIENT_BROKEN || !strstr(a.error, answers[i][1])) fail_msg("case %zu: %d %s", i, a.end, a.error);
		assert_non_null(strstr(a.error, s->url));
		assert_int_equal(a.status, 0);
		client_free(c);
		script_stop(s);
	}
}

static void what_never_reached_a_server_is_known_not_to_have_happened(void **state)
{
	(void)state;
	struct script *s = script_start((const char *const[]){CUT, NULL});
	char url[64];
	snprintf(url, sizeof url, "%s", s->url);
	script_stop(s);
	struct client *c = client_start();
	struct client_answer a = ask(c, url);
	assert_int_equal(a.end, CLIENT_UNSENT);
	assert_non_null(strstr(a.error, "refused the connection"));
	a = ask(c, "https://name.invalid/path?token=secret");
	assert_int_equal(a.end, CLIENT_UNSENT);
	assert_non_null(strstr(a.error, "https://name.invalid cannot be found (DNS)"));
	assert_null(strstr(a.error, "secret"));
	client_free(c);
}

static void a_server_without_tls_fails_before_anything_is_sent(void **state)
{
	(void)state;
	struct script *s = script_start((const char *const[]){"HTTP/1.1 400 X\r\nConnection: close\r\n\r\n", NULL});
	char url[64];
	struct client *c = client_start();
	snprintf(url, sizeof url, "https://127.0.0.1:%u", s->peer->port);
	struct client_answer a = ask(c, url);
	assert_int_equal(a.end, CLIENT_UNSENT);
	assert_int_equal(s->count, 0);
	client_free(c);
	script_stop(s);
}

static void what_cannot_be_sent_is_said(void **state)
{
	(void)state;
	static const char *const urls[] = {"ftp://x", "http://user:secret@x/", "x", "http://", "http://x:99999/"};
	struct client *c = client_start();
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		struct client_answer a = ask(c, urls[i]);
		if (a.end != CLIENT_IMPOSSIBLE || !*a.error) fail_msg("%s: %d %s", urls[i], a.end, a.error);
		assert_null(strstr(a.error, "secret"));
	}
	struct outgoing_header header = {TEXT("X-A"), TEXT("a\r\nb")};
	struct client_request request = {
		.method = "GET", .url = "http://127.0.0.1:1", .headers = &header, .header_count = 1, .timeout = SECONDS_US(1)};
	struct client_answer a;
	client_ask(c, &request, &a);
	assert_int_equal(a.end, CLIENT_IMPOSSIBLE);
	client_free(c);
}

static void proxies_of_the_environment_are_used_but_not_for_this_machine(void **state)
{
	(void)state;
	struct script *proxy = script_start((const char *const[]){"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy", NULL});
	struct script *s = script_start((const char *const[]){"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ndirect", NULL});
	struct client *c = client_start();
	setenv("http_proxy", proxy->url, 1);
	struct client_answer a = ask(c, "http://versioner.invalid/x");
	assert_true(text_is(a.body, "proxy"));
	assert_memory_equal(proxy->requests[0], "POST http://versioner.invalid/x HTTP/1.1", 40);
	a = ask(c, s->url);
	assert_true(text_is(a.body, "direct"));
	setenv("NO_PROXY", ".invalid", 1);
	assert_int_equal(ask(c, "http://versioner.invalid/x").end, CLIENT_UNSENT);
	unsetenv("NO_PROXY");
	unsetenv("http_proxy");
	client_free(c);
	script_stop(s);
	script_stop(proxy);
}

static void a_proxy_that_refuses_is_named(void **state)
{
	(void)state;
	struct script *proxy = script_start(
		(const char *const[]){"HTTP/1.1 403 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", NULL});
	struct client *c = client_start();
	setenv("HTTPS_PROXY", proxy->url, 1);
	struct client_answer a = ask(c, "https://versioner.invalid/x");
	assert_int_equal(a.end, CLIENT_UNSENT);
	assert_non_null(strstr(a.error, "proxy refused"));
	unsetenv("HTTPS_PROXY");
	client_free(c);
	script_stop(proxy);
}

static void escaping_leaves_only_what_is_unreserved(void **state)
{
	(void)state;
	buf_auto out = BUF_INIT(200);
	client_escape((struct text){"a-Z_0.~ /?&=+%é\0", 17}, &out);
	assert_true(text_is(buf_view(&out), "a-Z_0.~%20%2F%3F%26%3D%2B%25%C3%A9%00"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_come_whole_and_the_connection_is_kept),
		cmocka_unit_test(no_redirect_is_followed),
		cmocka_unit_test(an_answer_that_does_not_come_whole_leaves_it_open),
		cmocka_unit_test(what_never_reached_a_server_is_known_not_to_have_happened),
		cmocka_unit_test(a_server_without_tls_fails_before_anything_is_sent),
		cmocka_unit_test(what_cannot_be_sent_is_said),
		cmocka_unit_test(proxies_of_the_environment_are_used_but_not_for_this_machine),
		cmocka_unit_test(a_proxy_that_refuses_is_named),
		cmocka_unit_test(escaping_leaves_only_what_is_unreserved),
	};
	static const char *const proxies[] = {
		"http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"};
	for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++) unsetenv(proxies[i]);
	return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
