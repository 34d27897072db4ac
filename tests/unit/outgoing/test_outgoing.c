/* HTTP requests to a real server: what is sent, what counts as an answer, what a hostile server can and cannot do. */
#include "sender.h"
#include "web.h"

#define LOOPBACK "127.0.0.0/8"

static struct peer *web;

static int begin(void **state)
{
	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	web = web_start();
	return 0;
}

static int end(void **state)
{
	(void)state;
	web_stop(web);
	return 0;
}

static struct web *heard(void)
{
	return web->context;
}

static const char *url_of(char out[static 200], const char *path)
{
	snprintf(out, 200, "http://127.0.0.1:%u%s", web->port, path);
	return out;
}

/* One request with a loop of its own. */
static struct outcome ask(const char *exception, int64_t timeout, const char *url)
{
	struct outcome out = {0};
	struct sender s = sender_open(exception, timeout, NULL);
	struct outgoing_request request = {.url = url, .body = TEXT("{}")};
	sender_send(&s, &request, &out);
	assert_int_equal(outgoing_under_way(s.o), 1);
	sender_wait(&s);
	sender_close(&s);
	assert_int_equal(out.calls, 1);
	return out;
}

struct row {
	const char *path;
	enum outgoing_end end;
	int status;
	int64_t retry_after;
	size_t body_n;
	const char *error;
};

static void check_rows(const struct row *rows, size_t count, int64_t timeout)
{
	for (size_t i = 0; i < count; i++) {
		char url[200];
		const struct row *r = &rows[i];
		struct outcome out = ask(LOOPBACK, timeout, url_of(url, r->path));
		if (out.end != r->end || out.status != r->status || out.retry_after != r->retry_after || strcmp(out.error, r->error) != 0)
			fail_msg("%s: end %d, status %d, retry after %lld, \"%s\"", r->path, out.end, out.status, (long long)out.retry_after,
				out.error);
		assert_int_equal(out.body_n, r->body_n);
		outcome_done(&out);
	}
}

static void test_answers(void **state)
{
	(void)state;
	enum { LIMIT = LIMIT_OUTGOING_ANSWER };
	static const struct row rows[] = {
		{"/ok", OUTGOING_ANSWERED, 200, -1, 4, ""},
		{"/500", OUTGOING_ANSWERED, 500, -1, 6, ""},
		{"/wait-seconds", OUTGOING_ANSWERED, 429, 17, 0, ""},
		{"/wait-zero", OUTGOING_ANSWERED, 429, 0, 0, ""},
		{"/wait-ages", OUTGOING_ANSWERED, 503, 10 * 365 * 86400, 0, ""},
		{"/wait-rubbish", OUTGOING_ANSWERED, 503, -1, 0, ""},
		{"/wait-past", OUTGOING_ANSWERED, 429, 0, 0, ""},
		{"/100-once", OUTGOING_ANSWERED, 204, -1, 0, ""},
		{"/gzip", OUTGOING_ANSWERED, 200, -1, 15, ""},
		{"/half", OUTGOING_ANSWERED, 200, -1, 6, ""},
		{"/exactly-limit", OUTGOING_ANSWERED, 200, -1, LIMIT, ""},
		{"/endless-body", OUTGOING_ANSWERED, 200, -1, LIMIT, ""},
		{"/endless-chunks", OUTGOING_ANSWERED, 410, -1, LIMIT, ""},
		{"/endless-trailers", OUTGOING_ANSWERED, 200, -1, 2, ""},
		{"/endless-headers", OUTGOING_NO_ANSWER, 0, -1, 0, "the answer's headers are too large"},
		{"/endless-header", OUTGOING_NO_ANSWER, 0, -1, 0, "the answer's headers are too large, or memory is short"},
		{"/endless-100", OUTGOING_NO_ANSWER, 0, -1, 0, "the answer's headers are too large"},
		{"/reset", OUTGOING_NO_ANSWER, 0, -1, 0, "connection reset"},
		{"/goodbye", OUTGOING_NO_ANSWER, 0, -1, 0, "the connection was closed without an answer"},
		{"/mail", OUTGOING_NO_ANSWER, 0, -1, 0, "the answer is malformed"},
	};
	check_rows(rows, sizeof rows / sizeof *rows, SECONDS_US(60));

	char url[200];
	struct outcome out = ask(LOOPBACK, SECONDS_US(60), url_of(url, "/wait-date"));
	assert_int_equal(out.status, 429);
	assert_in_range(out.retry_after, 1, 600);
	outcome_done(&out);
}

static void test_time_is_up(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"/hang", OUTGOING_NO_ANSWER, 0, -1, 0, "timed out"},
		{"/100-and-hang", OUTGOING_NO_ANSWER, 0, -1, 0, "timed out"},
		{"/slow-head", OUTGOING_NO_ANSWER, 0, -1, 0, "timed out"},
	};
	check_rows(rows, sizeof rows / sizeof *rows, 300000);

	char url[200];
	struct outcome out = ask(LOOPBACK, 300000, url_of(url, "/slow-body"));
	assert_int_equal(out.end, OUTGOING_ANSWERED);
	assert_int_equal(out.status, 503);
	assert_int_equal(out.retry_after, 3);
	outcome_done(&out);
}

static void test_no_redirect(void **state)
{
	(void)state;
	char url[200];
	struct peer *other = web_start();
	heard()->other_port = other->port;
	struct outcome out = ask(LOOPBACK, SECONDS_US(60), url_of(url, "/redirect"));
	assert_int_equal(out.end, OUTGOING_ANSWERED);
	assert_int_equal(out.status, 302);
	assert_int_equal(atomic_load(&other->connections), 0);
	outcome_done(&out);
	web_stop(other);
}

static void test_refused_port(void **state)
{
	(void)state;
	char url[200];
	struct peer *gone = web_start();
	snprintf(url, sizeof url, "http://127.0.0.1:%u/secret", gone->port);
	web_stop(gone);
	struct outcome out = ask(LOOPBACK, SECONDS_US(60), url);
	assert_int_equal(out.end, OUTGOING_NO_ANSWER);
	assert_string_equal(out.error, "connection refused");
	outcome_done(&out);
}

static void test_forbidden(void **state)
{
	(void)state;
	static const char *const hosts[] = {"127.0.0.1", "2130706433", "0x7f.1", "0177.1", "[::ffff:127.0.0.1]", "[::1]", "0",
		"localhost", "１２７.0.0.1", "[64:ff9b::7f00:1]", "[2002:7f00:1::1]", "10.0.0.1", "169.254.169.254"};
	int before = atomic_load(&web->connections);
	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
		char url[200];
		snprintf(url, sizeof url, "http://%s:%u/ok", hosts[i], web->port);
		struct outcome out = ask(NULL, SECONDS_US(60), url);
		if (out.end != OUTGOING_FORBIDDEN) fail_msg("%s: %d %s", hosts[i], out.end, out.error);
		assert_string_equal(out.error, "the destination's address is not allowed (loopback, private or reserved)");
		outcome_done(&out);
	}
	static const char *const schemes[] = {"ftp", "gopher", "smtp", "dict", "telnet", "ldap", "unknown"};
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		char url[200];
		snprintf(url, sizeof url, "%s://127.0.0.1:%u/ok", schemes[i], web->port);
		struct outcome out = ask(LOOPBACK, SECONDS_US(60), url);
		if (out.end != OUTGOING_FORBIDDEN) fail_msg("%s: %d %s", schemes[i], out.end, out.error);
		assert_string_equal(out.error, "the destination is neither http nor https");
		outcome_done(&out);
	}
	assert_int_equal(atomic_load(&web->connections), before);
}

/* The name has an address of each family. */
static void test_allowed_addresses_of_a_host(void **state)
{
	(void)state;
	char url[200];
	snprintf(url, sizeof url, "http://localhost:%u/ok", web->port);
	struct outcome out = ask("127.0.0.1", SECONDS_US(60), url);
	assert_int_equal(out.end, OUTGOING_ANSWERED);
	outcome_done(&out);
	out = ask("::1", SECONDS_US(60), url); /* nobody listens there */
	assert_int_equal(out.end, OUTGOING_NO_ANSWER);
	outcome_done(&out);
}

static void test_what_is_sent(void **state)
{
	(void)state;
	char url[200];
	struct outcome out = {0};
	struct sender s = sender_open(LOOPBACK, SECONDS_US(60), NULL);
	static char body[1500000]; /* so large that the library would wait for a 100 Continue */
	int before = atomic_load(&heard()->requests);
	for (size_t i = 0; i < sizeof body; i++) body[i] = (char)i; /* NUL, CR, LF and all */
	const struct outgoing_header headers[] = {
		{TEXT("Content-Type"), TEXT("application/json")},
		{TEXT("X-Empty"), TEXT("")},
		{TEXT("X-Name"), TEXT("  Zürich; \"a\"\tb  ")},
		{TEXT("webhook-id"), TEXT("msg_1")},
	};
	struct outgoing_request request = {
		.url = url_of(url, "/a b/ü?q=x y#part"), .headers = headers, .header_count = 4, .body = {body, sizeof body}};
	sender_send(&s, &request, &out);
	while (atomic_load(&heard()->requests) == before) {
		outgoing_run(s.o, 10000);
		if (out.calls) fail_msg("%d %s", out.end, out.error);
	}
	sender_close(&s);
	assert_int_equal(out.end, OUTGOING_STOPPED);
	outcome_done(&out);

	char host[100];
	const char *sent = heard()->last;
	snprintf(host, sizeof host, "\r\nHost: 127.0.0.1:%u\r\n", web->port);
	static const char *const there[] = {"\r\nContent-Type: application/json\r\n", "\r\nX-Empty:\r\n",
		"\r\nX-Name: Zürich; \"a\"\tb\r\n", "\r\nUser-Agent: versioner/test\r\n", "\r\nContent-Length: 1500000\r\n"};
	static const char *const missing[] = {
		"Expect", "urlencoded", "Accept-Encoding", "Cookie", "Authorization", "Upgrade", "Referer", "part"};
	assert_memory_equal(sent, "POST /a%20b/%c3%bc?q=x", 22);
	assert_non_null(strstr(sent, host));
	for (size_t i = 0; i < sizeof there / sizeof *there; i++)
		if (!strstr(sent, there[i])) fail_msg("%s not in %s", there[i], sent);
	for (size_t i = 0; i < sizeof missing / sizeof *missing; i++)
		if (strstr(sent, missing[i])) fail_msg("%s in %s", missing[i], sent);
	assert_int_equal(heard()->last_n, (size_t)(strstr(sent, "\r\n\r\n") - sent) + 4 + sizeof body);
	assert_memory_equal(strstr(sent, "\r\n\r\n") + 4, body, sizeof body);
}

static void test_no_body_and_no_type(void **state)
{
	(void)state;
	char url[200];
	struct outcome out = {0};
	struct sender s = sender_open(LOOPBACK, SECONDS_US(60), NULL);
	struct outgoing_request request = {.url = url_of(url, "/ok")};
	sender_send(&s, &request, &out);
	sender_wait(&s);
	sender_close(&s);
	assert_int_equal(out.status, 200);
	assert_string_equal(out.body, "fine");
	assert_non_null(strstr(heard()->last, "\r\nContent-Length: 0\r\n"));
	assert_null(strstr(heard()->last, "Content-Type"));
	outcome_done(&out);
}

static void test_headers_refused(void **state)
{
	(void)state;
	const struct {
		struct outgoing_header header;
		const char *says;
	} rows[] = {
		{{TEXT("X-A"), TEXT("b\r\nX-Evil: 1")}, "X-A"},
		{{TEXT("X-A"), TEXT("b\n")}, "X-A"},
		{{TEXT("X-A"), TEXT("b\rc")}, "X-A"},
		{{TEXT("X-A"), TEXT("b\0c")}, "X-A"},
		{{TEXT("X-A"), TEXT("b\x7f")}, "X-A"},
		{{TEXT("X-A\r\nX-Evil"), TEXT("1")}, "name"},
		{{TEXT("X-A: b"), TEXT("1")}, "name"},
		{{TEXT("X-A\0"), TEXT("1")}, "name"},
		{{TEXT("X A"), TEXT("1")}, "name"},
		{{TEXT("X-A:"), TEXT("1")}, "name"},
		{{TEXT("X-A;"), TEXT("")}, "name"},
		{{TEXT(""), TEXT("1")}, "name"},
		{{TEXT("host"), TEXT("example.com")}, "Host"},
		{{TEXT("Content-Length"), TEXT("3")}, "Content-Length"},
		{{TEXT("transfer-encoding"), TEXT("chunked")}, "Transfer-Encoding"},
		{{TEXT("CONNECTION"), TEXT("close")}, "Connection"},
		{{TEXT("Expect"), TEXT("100-continue")}, "Expect"},
	};
	char url[200];
	int before = atomic_load(&web->connections);
	struct outcome out = {0};
	struct sender s = sender_open(LOOPBACK, SECONDS_US(60), NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err err = {0};
		struct outgoing_request request = {.url = url_of(url, "/ok"), .headers = &rows[i].header, .header_count = 1};
		assert_int_equal(outgoing_send(s.o, &request, outcome_take, &out, &err), RC_INVALID);
		if (!strstr(err.text, rows[i].says)) fail_msg("%zu: %s", i, err.text);
		assert_int_equal(outgoing_under_way(s.o), 0);
	}
	outgoing_run(s.o, 0);
	sender_close(&s);
	assert_int_equal(out.calls, 0);
	assert_int_equal(atomic_load(&web->connections), before);
}

static void test_urls_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "http://", "http://secret@127.0.0.1/", "http://:secret@127.0.0.1/",
		"http://127.0.0.1:99999/secret", "http://127.0.0.1/secret\r\nX: y", "file:///etc/passwd"};
	struct outcome out = {0};
	struct sender s = sender_open("all", SECONDS_US(60), NULL);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err err = {0};
		struct outgoing_request request = {.url = bad[i]};
		if (outgoing_send(s.o, &request, outcome_take, &out, &err) != RC_INVALID) fail_msg("%s", bad[i]);
		assert_true(err.text[0]);
		assert_null(strstr(err.text, "secret"));
	}
	sender_close(&s);
	assert_int_equal(out.calls, 0);
}

static void test_many_at_once(void **state)
{
	(void)state;
	enum { MANY = 150 };
	static struct outcome outs[MANY];
	static char urls[MANY][200];
	static const char *const paths[] = {"/ok", "/500", "/endless-body"};
	struct sender s = sender_open(LOOPBACK, SECONDS_US(60), NULL);
	for (int i = 0; i < MANY; i++) {
		struct outgoing_request request = {.url = url_of(urls[i], paths[i % 3])};
		sender_send(&s, &request, &outs[i]);
	}
	assert_int_equal(outgoing_under_way(s.o), MANY);
	sender_wait(&s);
	sender_close(&s);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(outs[i].calls, 1);
		assert_int_equal(outs[i].status, i % 3 == 1 ? 500 : 200);
		assert_int_equal(outs[i].body_n, i % 3 == 0 ? 4 : i % 3 == 1 ? 6 : LIMIT_OUTGOING_ANSWER);
		outcome_done(&outs[i]);
	}
}

static void test_connections_are_kept(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		int connections;
	} rows[] = {{"/ok", 1}, {"/500", 1}, {"/endless-body", 5}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char url[200];
		int before = atomic_load(&web->connections);
		struct sender s = sender_open(LOOPBACK, SECONDS_US(60), NULL);
		for (int n = 0; n < 5; n++) {
			struct outcome out = {0};
			struct outgoing_request request = {.url = url_of(url, rows[i].path)};
			sender_send(&s, &request, &out);
			sender_wait(&s);
			assert_int_equal(out.end, OUTGOING_ANSWERED);
			outcome_done(&out);
		}
		sender_close(&s);
		assert_int_equal(atomic_load(&web->connections) - before, rows[i].connections);
	}
}

static void test_stop(void **state)
{
	(void)state;
	enum { COUNT = 5 };
	char url[200];
	struct outcome outs[COUNT] = {0};
	int before = atomic_load(&heard()->requests);
	struct sender s = sender_open(LOOPBACK, SECONDS_US(60), NULL);
	struct outgoing_request request = {.url = url_of(url, "/hang")};
	for (int i = 0; i + 1 < COUNT; i++) sender_send(&s, &request, &outs[i]);
	while (atomic_load(&heard()->requests) < before + COUNT - 1) outgoing_run(s.o, 10000);
	sender_send(&s, &request, &outs[COUNT - 1]); /* not begun yet */
	sender_close(&s);
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(outs[i].calls, 1);
		assert_int_equal(outs[i].end, OUTGOING_STOPPED);
		assert_int_equal(outs[i].status, 0);
		outcome_done(&outs[i]);
	}
	outgoing_free(NULL);
}

struct chain {
	struct outgoing *o;
	struct outgoing_request request;
	int left, answered, refused;
};

static void send_next(void *context, const struct outgoing_answer *a)
{
	struct chain *c = context;
	char copy[100];
	assert_true(a->body.n < sizeof copy);
	if (a->end == OUTGOING_ANSWERED) c->answered++;
	if (c->left-- <= 0) return;
	struct err err;
	if (outgoing_send(c->o, &c->request, send_next, c, &err) != RC_OK) c->refused++;
	memcpy(copy, a->body.p, a->body.n); /* still there */
	assert_true(a->end != OUTGOING_ANSWERED || memcmp(copy, "fine", 4) == 0);
}

static void test_send_from_done(void **state)
{
	(void)state;
	char url[200];
	struct sender s = sender_open(LOOPBACK, SECONDS_US(60), NULL);
	struct chain c = {.o = s.o, .request = {.url = url_of(url, "/ok")}, .left = 20};
	assert_int_equal(outgoing_send(s.o, &c.request, send_next, &c, NULL), RC_OK);
	sender_wait(&s);
	assert_int_equal(c.answered, 21);

	c.left = 1; /* when stopping, nothing new begins */
	assert_int_equal(outgoing_send(s.o, &c.request, send_next, &c, NULL), RC_OK);
	sender_close(&s);
	assert_int_equal(c.refused, 1);
	assert_int_equal(c.answered, 21);
}

static void *wake_it(void *outgoing)
{
	outgoing_wake(outgoing);
	return NULL;
}

/* Without the wake-up these waits would take an hour, and the test with them. */
static void test_wake(void **state)
{
	(void)state;
	char url[200];
	pthread_t thread;
	struct outcome out = {0};
	struct sender s = sender_open(LOOPBACK, SECONDS_US(60), NULL);
	assert_int_equal(pthread_create(&thread, NULL, wake_it, s.o), 0);
	outgoing_run(s.o, SECONDS_US(3600));
	pthread_join(thread, NULL);
	outgoing_wake(s.o); /* before the wait: it counts all the same */
	outgoing_run(s.o, SECONDS_US(3600));

	struct outgoing_request request = {.url = url_of(url, "/hang")};
	sender_send(&s, &request, &out);
	assert_int_equal(pthread_create(&thread, NULL, wake_it, s.o), 0);
	outgoing_run(s.o, SECONDS_US(3600));
	pthread_join(thread, NULL);
	sender_close(&s);
	outcome_done(&out);
}

static void test_options_refused(void **state)
{
	(void)state;
	struct guard *g;
	struct outgoing *o = NULL;
	struct err err = {0};
	assert_int_equal(guard_new(NULL, &g, NULL), RC_OK);
	struct outgoing_options options = {.guard = g, .user_agent = "x", .timeout = SECONDS_US(1), .ca_file = "/nonexistent/ca.pem"};
	assert_int_equal(outgoing_new(&options, &o, &err), RC_INVALID);
	assert_non_null(strstr(err.text, "/nonexistent/ca.pem"));
	options.ca_file = "/dev/null";
	assert_int_equal(outgoing_new(&options, &o, &err), RC_INVALID);
	assert_non_null(strstr(err.text, "no certificate"));
	options.ca_file = NULL;
	options.timeout = 0;
	assert_int_equal(outgoing_new(&options, &o, &err), RC_INVALID);
	assert_null(o);
	guard_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_time_is_up),
		cmocka_unit_test(test_no_redirect),
		cmocka_unit_test(test_refused_port),
		cmocka_unit_test(test_forbidden),
		cmocka_unit_test(test_allowed_addresses_of_a_host),
		cmocka_unit_test(test_what_is_sent),
		cmocka_unit_test(test_no_body_and_no_type),
		cmocka_unit_test(test_headers_refused),
		cmocka_unit_test(test_urls_refused),
		cmocka_unit_test(test_many_at_once),
		cmocka_unit_test(test_connections_are_kept),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_send_from_done),
		cmocka_unit_test(test_wake),
		cmocka_unit_test(test_options_refused),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
