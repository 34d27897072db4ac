/* A real server and raw sockets: connections that are kept, parked requests, deadlines, clients that leave, the end. */
#include "http_fixture.h"

static int start_impatient(void **state)
{
	(void)state;
	struct http_options o = standard;
	o.header_timeout = o.body_timeout = o.idle_timeout = SECONDS_US(1) / 2;
	return start_with(&o);
}

static int start_two_threads(void **state)
{
	(void)state;
	struct http_options o = standard;
	o.threads = 2;
	o.max_connections = 3;
	return start_with(&o);
}

static void test_keep_alive(void **state)
{
	(void)state;
	struct client *c = connected();
	for (int i = 0; i < 3; i++) {
		struct answer a = ask(c, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
		assert_int_equal(a.status, 200);
		assert_string_equal(a.body, "hello");
		assert_null(answer_header(&a, "Connection"));
	}
	assert_int_equal(http_stats(server).connections, 1);
	assert_int_equal(http_stats(server).requests, 3);
	client_close(c);
}

/* An answer held back for the acknowledgement of an earlier packet would take 40 ms. */
static void test_answers_are_not_delayed(void **state)
{
	(void)state;
	struct client *c = connected();
	int64_t start_us = clock_monotonic();
	for (int i = 0; i < 50; i++) assert_int_equal(ask(c, "GET /show HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
	assert_true(clock_monotonic() - start_us < SECONDS_US(1));
	client_close(c);
}

static void test_pipelining(void **state)
{
	(void)state;
	struct client *c = connected();
	client_say(c, "POST /parked HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n20"
				  "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\ntwo"
				  "GET /items/3 HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_string_equal(client_answer(c, false).body, "20");
	assert_string_equal(client_answer(c, false).body, "two");
	assert_non_null(strstr(client_answer(c, false).body, "item=3 "));
	client_close(c);
}

static void post_parked(struct client *c, const char *body)
{
	char request[128];
	snprintf(request, sizeof request, "POST /parked HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
	client_say(c, request);
}

static void test_parked(void **state)
{
	(void)state;
	struct client *c = connected();
	static const char *const bodies[] = {"at once", "0", "1", "50"};
	for (int round = 0; round < 50; round++) {
		const char *body = bodies[round % 4];
		post_parked(c, body);
		struct answer a = client_answer(c, false);
		assert_int_equal(a.status, 200);
		assert_string_equal(a.body, body);
	}
	client_close(c);
}

static void test_parked_client_leaves(void **state)
{
	(void)state;
	struct client *c = connected();
	post_parked(c, "300");
	while (parked_now == 0) pause_ms(1);
	struct linger now = {.l_onoff = 1};
	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	client_close(c);
	wait_completed(1);
	assert_int_equal(lost, 1);
	assert_true(http_drain(server, SECONDS_US(2)));
}

static void test_client_leaves_in_body(void **state)
{
	(void)state;
	struct client *c = connected();
	client_say(c, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
	pause_ms(50);
	client_close(c);
	wait_completed(1);
	assert_int_equal(lost, 1);
}

/* A byte every 50 ms: never quiet, never done. Gives the milliseconds until the server had enough. */
static int64_t drip(const char *first)
{
	struct client *c = connected();
	int64_t begin = clock_monotonic();
	client_say(c, first);
	while (clock_monotonic() - begin < SECONDS_US(5) && client_say(c, "x") && client_fill(c, 50) == -1)
		;
	client_close(c);
	return (clock_monotonic() - begin) / 1000;
}

static void test_deadlines(void **state)
{
	(void)state;
	static const char *const beginnings[] = {"",
		"GET /show HTTP/1.1\r\nHost: x\r\nA: ", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n",
		"POST /none HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n", "GET /show HTTP/1.1\r\nHost: x\r\n\r\n"};
	for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings - 1; i++) {
		int64_t ms = drip(beginnings[i]);
		if (ms < 400 || ms > 2000) print_error("%s: %d ms\n", beginnings[i], (int)ms);
		assert_in_range(ms, 400, 2000);
	}
	struct client *c = connected();
	assert_int_equal(ask(c, beginnings[4]).status, 200);
	assert_true(client_ended(c, 2000));
	client_close(c);
	assert_int_equal(http_stats(server).timed_out_connections, 5);
}

static void test_parked_has_no_deadline(void **state)
{
	(void)state;
	struct client *c = connected();
	post_parked(c, "1300");
	assert_int_equal(client_answer(c, false).status, 200);
	client_close(c);
}

static void test_drain(void **state)
{
	(void)state;
	struct client *kept = connected(), *busy = connected();
	assert_int_equal(ask(kept, "GET /show HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
	post_parked(busy, "400");
	while (parked_now == 0) pause_ms(1);
	assert_false(http_drain(server, SECONDS_US(1) / 20));
	struct answer a = ask(kept, "GET /show HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(a.status, 503);
	assert_string_equal(a.body, "{\"detail\":\"Service temporarily unavailable\"}");
	assert_non_null(answer_header(&a, "Retry-After"));
	assert_string_equal(answer_header(&a, "Connection"), "close");
	assert_true(client_ended(kept, 2000));
	assert_true(http_drain(server, SECONDS_US(5)));
	a = client_answer(busy, false);
	assert_int_equal(a.status, 200);
	assert_string_equal(answer_header(&a, "Connection"), "close");
	assert_false(client_possible(http_port(server)));
	client_close(kept);
	client_close(busy);
}

static void *finish_many(void *p)
{
	struct client *c = p;
	for (int i = 0; i < 200; i++) {
		post_parked(c, i % 3 ? "0" : "at once");
		if (client_answer(c, false).status != 200) return (void *)1;
	}
	return NULL;
}

static void test_two_threads_and_limit(void **state)
{
	(void)state;
	struct client *a = connected(), *b = connected(), *c = connected();
	assert_int_equal(ask(a, "GET /show HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
	assert_int_equal(ask(b, "GET /show HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
	assert_int_equal(ask(c, "GET /show HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
	struct client *d = connected();
	assert_true(client_ended(d, 2000));
	assert_int_equal(http_stats(server).refused_connections, 1);
	assert_int_equal(http_stats(server).open_connections, 3);
	assert_null(finish_many(a));
	client_close(a);
	client_close(b);
	client_close(c);
	client_close(d);
}

static void test_start_errors(void **state)
{
	(void)state;
	static const char *const addresses[] = {"", "8080", ":8080", "127.0.0.1", "127.0.0.1:70000", "::1:80", "[::1:80", "host:80"};
	struct http_server *none = NULL;
	struct err err;
	struct http_options o = standard;
	for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
		o.listen = addresses[i];
		assert_int_equal(http_start(&o, routes, &hooks, &none, &err), RC_INVALID);
		assert_non_null(strstr(err.text, "ADDRESS:PORT"));
	}
	char taken[32], expected[64];
	snprintf(taken, sizeof taken, "127.0.0.1:%u", http_port(server));
	snprintf(expected, sizeof expected, "address %s is in use", taken);
	o.listen = taken;
	assert_int_equal(http_start(&o, routes, &hooks, &none, &err), RC_CONFLICT);
	assert_string_equal(err.text, expected);
	o = standard;
	o.tls_cert_file = "/nonexistent";
	assert_int_equal(http_start(&o, routes, &hooks, &none, &err), RC_INVALID);
	o.tls_key_file = "/nonexistent";
	assert_int_equal(http_start(&o, routes, &hooks, &none, &err), RC_INVALID);
	assert_non_null(strstr(err.text, "/nonexistent"));
	assert_null(none);
}

int main(void)
{
	struct err err;
	if (secret_init(&err) != RC_OK) return 1;
	const struct CMUnitTest tests[] = {
		WITH(test_keep_alive, start),
		WITH(test_answers_are_not_delayed, start),
		WITH(test_pipelining, start),
		WITH(test_parked, start),
		WITH(test_parked_client_leaves, start),
		WITH(test_client_leaves_in_body, start),
		WITH(test_deadlines, start_impatient),
		WITH(test_parked_has_no_deadline, start_impatient),
		WITH(test_drain, start),
		WITH(test_two_threads_and_limit, start_two_threads),
		WITH(test_start_errors, start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
