/* A real server and raw sockets: what it answers, with which headers, and what it refuses. */
#include <zlib.h>

#include "http_fixture.h"

static void test_chunked(void **state)
{
	(void)state;
	struct client *c = connected();
	struct answer a = ask(
		c, "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
	assert_int_equal(a.status, 200);
	assert_string_equal(a.body, "abcdefg");
	assert_int_equal(ask(c, "GET /show HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
	client_close(c);
}

static void test_continue(void **state)
{
	(void)state;
	struct client *c = connected();
	struct answer a = ask(c, "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
	assert_int_equal(a.status, 100);
	a = ask(c, "abc");
	assert_string_equal(a.body, "abc");
	a = ask(c, "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3000\r\n\r\n");
	assert_int_equal(a.status, 413);
	assert_string_equal(a.body, "{\"detail\":\"Request body too large: the limit is 1000 bytes\"}");
	assert_string_equal(answer_header(&a, "Connection"), "close");
	assert_true(client_ended(c, 2000));
	client_close(c);
}

static void test_head(void **state)
{
	(void)state;
	struct client *c = connected();
	struct answer a = ask(c, "HEAD /state HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(a.status, 200);
	assert_string_equal(answer_header(&a, "Content-Length"), "5000");
	assert_non_null(answer_header(&a, "ETag"));
	assert_int_equal(ask(c, "GET /show HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
	client_close(c);
}

static void test_options(void **state)
{
	(void)state;
	struct answer a = ask_once("OPTIONS /items/7 HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(a.status, 204);
	assert_string_equal(answer_header(&a, "Allow"), "GET, HEAD, DELETE, OPTIONS");
	assert_null(answer_header(&a, "Access-Control-Allow-Origin"));
	assert_null(answer_header(&a, "Content-Length"));
	a = ask_once("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(a.status, 204);
	assert_string_equal(answer_header(&a, "Allow"), "GET, HEAD, POST, PATCH, DELETE, OPTIONS");
	assert_int_equal(ask_once("OPTIONS /none HTTP/1.1\r\nHost: x\r\n\r\n").status, 404);
	assert_int_equal(ask_once("GET * HTTP/1.1\r\nHost: x\r\n\r\n").status, 400);
}

static void test_cors(void **state)
{
	(void)state;
	struct answer a = ask_once("OPTIONS /json HTTP/1.1\r\nHost: x\r\nOrigin: https://dash.example\r\n"
							   "Access-Control-Request-Method: POST\r\n\r\n");
	assert_string_equal(answer_header(&a, "Access-Control-Allow-Origin"), "https://dash.example");
	assert_string_equal(answer_header(&a, "Access-Control-Allow-Methods"), "POST, OPTIONS");
	assert_non_null(strstr(answer_header(&a, "Access-Control-Allow-Headers"), "Idempotency-Key"));
	assert_string_equal(answer_header(&a, "Access-Control-Max-Age"), "600");
	a = ask_once("GET /show HTTP/1.1\r\nHost: x\r\nOrigin: https://dash.example\r\n\r\n");
	assert_string_equal(answer_header(&a, "Access-Control-Allow-Origin"), "https://dash.example");
	assert_string_equal(answer_header(&a, "Vary"), "Origin");
	a = ask_once(
		"OPTIONS /json HTTP/1.1\r\nHost: x\r\nOrigin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n\r\n");
	assert_null(answer_header(&a, "Access-Control-Allow-Origin"));
	assert_null(answer_header(&a, "Access-Control-Allow-Methods"));
}

static void test_errors(void **state)
{
	(void)state;
	struct answer a = ask_once("GET /none HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(a.status, 404);
	assert_string_equal(a.body, "{\"detail\":\"Not found\"}");
	assert_string_equal(answer_header(&a, "Content-Type"), "application/json");
	a = ask_once("PUT /items/7 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab");
	assert_int_equal(a.status, 405);
	assert_string_equal(a.body, "{\"detail\":\"Method not allowed\"}");
	assert_string_equal(answer_header(&a, "Allow"), "GET, HEAD, DELETE, OPTIONS");
	a = ask_once("POST /denied HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(a.status, 401);
	assert_string_equal(answer_header(&a, "WWW-Authenticate"), "Bearer");
	a = ask_once("GET /nothing HTTP/1.1\r\nHost: x\r\nX-Request-Id: abc\r\n\r\n");
	assert_int_equal(a.status, 500);
	assert_string_equal(a.body, "{\"detail\":\"Internal server error\",\"request_id\":\"abc\"}");
	a = ask_once("GET /show?a=1&a=2 HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(a.status, 400);
	assert_string_equal(a.body, "{\"detail\":\"Invalid query parameter: a\"}");
	assert_int_equal(ask_once("GET /a/../show HTTP/1.1\r\nHost: x\r\n\r\n").status, 404);
	wait_completed(6);
}

static void test_content_type(void **state)
{
	(void)state;
	static const struct {
		const char *header;
		int status;
	} rows[] = {
		{"", 200},
		{"Content-Type: application/json\r\n", 200},
		{"Content-Type: application/json; charset=UTF-8\r\n", 200},
		{"Content-Type: application/cloudevents+json\r\n", 200},
		{"Content-Type: text/plain\r\n", 415},
		{"Content-Type: application/json; charset=latin1\r\n", 415},
		{"Content-Encoding: gzip\r\n", 415},
		{"Content-Encoding: identity\r\n", 200},
	};
	struct client *c = connected();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char request[256];
		snprintf(request, sizeof request, "POST /json HTTP/1.1\r\nHost: x\r\n%sContent-Length: 2\r\n\r\n{}", rows[i].header);
		struct answer a = ask(c, request);
		if (a.status != rows[i].status) print_error("%s", rows[i].header);
		assert_int_equal(a.status, rows[i].status);
		if (strstr(rows[i].header, "Type") && a.status == 415)
			assert_string_equal(a.body, "{\"detail\":\"Unsupported content type: use application/json\"}");
	}
	client_close(c);
}

/* The rest of a refused body is read away, and the connection serves the next request. */
static void test_too_large_declared(void **state)
{
	(void)state;
	static const char *const methods[] = {"POST", "PATCH"};
	for (size_t i = 0; i < 2; i++) {
		struct client *c = connected();
		char head[128];
		static char body[200000];
		snprintf(head, sizeof head, "%s /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n", methods[i], sizeof body);
		client_say(c, head);
		assert_true(client_send(c, body, sizeof body));
		struct answer a = client_answer(c, false);
		assert_int_equal(a.status, 413);
		assert_null(answer_header(&a, "Connection"));
		assert_int_equal(ask(c, "GET /show HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
		client_close(c);
	}
	struct client *c = connected();
	struct answer a = ask(c, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 40000000\r\n\r\n");
	assert_int_equal(a.status, 413);
	assert_string_equal(answer_header(&a, "Connection"), "close");
	assert_true(client_ended(c, 2000));
	client_close(c);
}

static void test_too_large_chunked(void **state)
{
	(void)state;
	struct client *c = connected();
	char chunk[0x400 + 8];
	memcpy(chunk, "400\r\n", 5);
	memset(chunk + 5, 'x', 0x400);
	memcpy(chunk + 5 + 0x400, "\r\n", 2);
	client_say(c, "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 20; i++) assert_true(client_send(c, chunk, 5 + 0x400 + 2));
	struct answer a = ask(c, "0\r\n\r\n");
	assert_int_equal(a.status, 413);
	assert_int_equal(ask(c, "GET /show HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
	client_say(c, "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
	size_t sent = 0;
	while (sent < LIMIT_DRAIN + MIB(16) && client_send(c, chunk, 5 + 0x400 + 2)) sent += 0x400;
	assert_true(sent < LIMIT_DRAIN + MIB(16));
	client_close(c);
}

static void test_large_body_arrives(void **state)
{
	(void)state;
	struct client *c = connected();
	static char body[100001];
	for (size_t i = 0; i + 1 < sizeof body; i++) body[i] = (char)('a' + i % 26);
	client_say(c, "POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
	client_say(c, body);
	struct answer a = client_answer(c, false);
	assert_int_equal(a.status, 200);
	assert_int_equal(a.body_n, 100000);
	assert_memory_equal(a.body, body, 100000);
	client_close(c);
}

/* A body that nobody asked for is not taken for the next request. */
static void test_ignored_body(void **state)
{
	(void)state;
	struct client *c = connected();
	struct answer a = ask(c, "GET /show HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\nGET /none HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(a.status, 200);
	assert_int_equal(ask(c, "GET /items/9 HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
	client_close(c);
}

#define MALFORMED(bytes) \
	{ \
		bytes, sizeof(bytes) - 1 \
	}

static void test_malformed(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t n;
	} rows[] = {
		MALFORMED("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na"),
		MALFORMED("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
		MALFORMED("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na"),
		MALFORMED("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1,1\r\n\r\na"),
		MALFORMED("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n 0\r\n\r\n0123456789"),
		MALFORMED("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
		MALFORMED("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n"),
		MALFORMED("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
		MALFORMED("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
		MALFORMED("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
		MALFORMED("GET /show HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"),
		MALFORMED("GET /show HTTP/1.1\r\nHost: x\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n"),
		MALFORMED("GET /show HTTP/1.1\r\nHost: x\r\nA: b\r\n\tc\r\n\r\n"),
		MALFORMED("GET /show HTTP/1.1\r\n Host: x\r\nHost: y\r\n\r\n"),
		MALFORMED("GET /show HTTP/1.1\r\nHost: x\r\nA: b\rC: d\r\n\r\n"),
		MALFORMED("GET /show HTTP/1.1\r\nHost: x\r\nA: b\0c\r\nD: e\r\n\r\n"),
		MALFORMED("GET /show HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n"),
		MALFORMED("GET /show HTTP/1.1\r\nHost: x\r\nA\0: c\r\n\r\n"),
		MALFORMED("GET /show HTTP/1.1\r\nHost: x\nA: b\r\n\r\n"),
		MALFORMED("GET /show HTTP/1.1\r\nHost: x\r\n: b\r\nC: d\r\n\r\n"),
		MALFORMED("GET /show HTTP/1.1\r\nHost: x\r\n:\r\nGET /show HTTP/1.1\r\nHost: x\r\n\r\n"),
		MALFORMED("GET /show HTTP/1.0\r\n:\r\nGET /show HTTP/1.1\r\nHost: x\r\n\r\n"),
		MALFORMED("GET /show HTTP/1.1\nHost: x\r\n\r\n"),
		MALFORMED("GET /show HTTP/1.1\r\nHost: x\n\n"),
		MALFORMED("GET /show HTTP/1.1\r\nHost: x\r\n\n"),
		MALFORMED("GET /show\0b HTTP/1.1\r\nHost: x\r\n\r\n"),
		MALFORMED("GET /show%zz HTTP/1.1\r\nHost: x\r\n\r\n"),
		MALFORMED("GET /show%00 HTTP/1.1\r\nHost: x\r\n\r\n"),
		MALFORMED("GET /show#a HTTP/1.1\r\nHost: x\r\n\r\n"),
		MALFORMED("GET show HTTP/1.1\r\nHost: x\r\n\r\n"),
		MALFORMED("G(T /show HTTP/1.1\r\nHost: x\r\n\r\n"),
		MALFORMED("GET /show HTTP/1.1\r\n\r\n"),
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct client *c = connected();
		client_send(c, rows[i].bytes, rows[i].n);
		struct answer a = client_answer(c, false);
		if (a.status != 400) print_error("%d for %s\n", a.status, rows[i].bytes);
		assert_int_equal(a.status, 400);
		assert_string_equal(answer_header(&a, "Connection"), "close");
		int more; /* the library sends some of its own refusals twice */
		while ((more = client_fill(c, 2000)) > 0)
			;
		assert_int_equal(more, 0);
		assert_null(memmem(c->bytes, c->n, " 200 ", 5));
		client_close(c);
	}
	assert_int_equal(completed, 0);
}

static void test_header_limits(void **state)
{
	(void)state;
	static char request[20000];
	/* All are 13 KiB together, and there is room for a body and the answer beside them. */
	for (int fields = LIMIT_HEADER_COUNT - 1; fields <= LIMIT_HEADER_COUNT; fields++) {
		int n = snprintf(request, sizeof request, "GET /show HTTP/1.1\r\nHost: x\r\n");
		for (int i = 0; i < fields; i++) n += snprintf(request + n, sizeof request - (size_t)n, "F%d: %0125d\r\n", i, 1);
		snprintf(request + n, sizeof request - (size_t)n, "\r\n");
		assert_int_equal(ask_once(request).status, fields < LIMIT_HEADER_COUNT ? 200 : 400);
	}
	snprintf(request, sizeof request, "GET /show HTTP/1.1\r\nHost: x\r\nCookie: %010240d\r\n\r\n", 1);
	assert_int_equal(ask_once(request).status, 200);
	snprintf(request, sizeof request, "GET /show HTTP/1.1\r\nHost: x\r\nCookie: %018000d\r\n\r\n", 1);
	assert_int_not_equal(ask_once(request).status, 200);
	snprintf(request, sizeof request, "GET /show?q=%0*d HTTP/1.1\r\nHost: x\r\n\r\n", (int)LIMIT_TARGET, 1);
	assert_int_equal(ask_once(request).status, 414);
	snprintf(request, sizeof request, "GET /show?q=%0*d HTTP/1.1\r\nHost: x\r\n\r\n", (int)LIMIT_TARGET - 8, 1);
	assert_int_equal(ask_once(request).status, 200);
}

static void test_request_fields(void **state)
{
	(void)state;
	struct answer a = ask_once("\r\nGET http://other/items/a%2Fb//?q=x+y%26z HTTP/1.1\r\nHost: x\r\nUser-Agent:  me \r\n\r\n");
	assert_string_equal(a.body, "path=/items/a/b item=a/b q=x y&z peer=127.0.0.1 secure=0 agent=me");
	a = ask_once("GET /show HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 6.6.6.6, 192.0.2.7\r\nX-Forwarded-For: 127.0.0.9\r\n"
				 "X-Forwarded-Proto: https\r\n\r\n");
	assert_non_null(strstr(a.body, "peer=192.0.2.7 secure=1"));
}

static void test_request_id(void **state)
{
	(void)state;
	struct answer a = ask_once("GET /show HTTP/1.1\r\nHost: x\r\nX-Request-Id: run-1.2_3\r\n\r\n");
	assert_string_equal(answer_header(&a, "X-Request-Id"), "run-1.2_3");
	a = ask_once("GET /show HTTP/1.1\r\nHost: x\r\nX-Request-Id: no spaces\r\n\r\n");
	assert_int_equal(strlen(answer_header(&a, "X-Request-Id")), 36);
	a = ask_once("GET /none HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(strlen(answer_header(&a, "X-Request-Id")), 36);
}

static void test_response_headers(void **state)
{
	(void)state;
	struct answer a = ask_once("DELETE /items/1 HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(a.status, 204);
	assert_null(answer_header(&a, "X-Left"));
	assert_null(answer_header(&a, "X-Evil"));
	assert_null(answer_header(&a, "Content-Type"));
	assert_string_equal(answer_header(&a, "X-Kept"), "second");
	assert_string_equal(answer_header(&a, "Cache-Control"), "no-store");
	assert_string_equal(answer_header(&a, "X-Content-Type-Options"), "nosniff");
	assert_string_equal(answer_header(&a, "Referrer-Policy"), "no-referrer");
	a = ask_once("GET /show HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_string_equal(answer_header(&a, "Content-Security-Policy"), "default-src 'none'; frame-ancestors 'none'");
}

static void test_reset(void **state)
{
	(void)state;
	struct http_request r = {.arena = arena_new(1024, MIB(1)), .response.body = BUF_INIT(KIB(1))};
	http_response_header(&r, "X-RateLimit-Limit", TEXT("5"));
	r.response.kept_headers = r.response.header_count;
	http_response_header(&r, "X-Other", TEXT("6"));
	http_error(&r, 409, "say \"no\"");
	assert_true(text_is(buf_view(&r.response.body), "{\"detail\":\"say \\\"no\\\"\"}"));
	r.response.close = true;
	http_response_reset(&r);
	assert_int_equal(r.response.status, 0);
	assert_int_equal(r.response.body.n, 0);
	assert_false(r.response.close);
	assert_int_equal(r.response.header_count, 1);
	assert_true(text_is(r.response.headers[0].name, "X-RateLimit-Limit"));
	buf_done(&r.response.body);
	arena_free(r.arena);
}

static void test_conditional(void **state)
{
	(void)state;
	struct client *c = connected();
	struct answer a = ask(c, "GET /state HTTP/1.1\r\nHost: x\r\n\r\n");
	char tag[64], request[256];
	snprintf(tag, sizeof tag, "%.60s", answer_header(&a, "ETag"));
	assert_int_equal(strlen(tag), 34);
	assert_string_equal(answer_header(&a, "Cache-Control"), "private, no-cache");
	static const char *const lists[] = {"%s", "W/%s", "\"a\", %s", "*%.0s"};
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		char list[128];
		snprintf(list, sizeof list, lists[i], tag);
		snprintf(request, sizeof request, "GET /state HTTP/1.1\r\nHost: x\r\nIf-None-Match: %s\r\n\r\n", list);
		a = ask(c, request);
		assert_int_equal(a.status, 304);
		assert_string_equal(answer_header(&a, "ETag"), tag);
		assert_string_equal(answer_header(&a, "Content-Length"), "5000");
	}
	assert_int_equal(ask(c, "GET /state HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"other\"\r\n\r\n").status, 200);
	client_close(c);
}

static void test_gzip(void **state)
{
	(void)state;
	struct client *c = connected();
	struct answer a = ask(c, "GET /state HTTP/1.1\r\nHost: x\r\nAccept-Encoding: br, gzip;q=0.8\r\n\r\n");
	assert_string_equal(answer_header(&a, "Content-Encoding"), "gzip");
	assert_string_equal(answer_header(&a, "Vary"), "Accept-Encoding, Origin");
	assert_true(a.body_n < BIG / 4);
	unsigned char plain[BIG + 1];
	z_stream z = {.next_in = (unsigned char *)a.body, .avail_in = (uInt)a.body_n, .next_out = plain, .avail_out = sizeof plain};
	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.total_out, BIG);
	inflateEnd(&z);
	char request[256];
	const char *tag = answer_header(&a, "ETag");
	assert_non_null(strstr(tag, "-gzip\""));
	snprintf(
		request, sizeof request, "GET /state HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nIf-None-Match: %.60s\r\n\r\n", tag);
	assert_int_equal(ask(c, request).status, 304);
	a = ask(c, "GET /state HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip;q=0\r\n\r\n");
	assert_null(answer_header(&a, "Content-Encoding"));
	a = ask(c, "GET /show HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
	assert_null(answer_header(&a, "Content-Encoding"));
	client_close(c);
}

/* "A short text.", compressed. */
static const char packed[] = "\037\213\010\000\000\000\000\000\002\003sT(\316\310/*Q(I\255(\321\003\000_EGm\015\000\000\000";

static void test_stored(void **state)
{
	(void)state;
	stored = (struct http_stored){{packed, sizeof packed - 1}, 13, "tag"};
	struct client *c = connected();
	struct answer a = ask(c, "GET /stored HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
	assert_int_equal(a.status, 200);
	assert_int_equal(a.body_n, sizeof packed - 1);
	assert_memory_equal(a.body, packed, a.body_n);
	assert_string_equal(answer_header(&a, "Content-Encoding"), "gzip");
	assert_string_equal(answer_header(&a, "Vary"), "Accept-Encoding, Origin");
	assert_string_equal(answer_header(&a, "ETag"), "\"tag-gzip\"");
	a = ask(c, "GET /stored HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(a.body_n, 13);
	assert_memory_equal(a.body, "A short text.", 13);
	assert_null(answer_header(&a, "Content-Encoding"));
	assert_string_equal(answer_header(&a, "ETag"), "\"tag\"");
	a = ask(c, "GET /stored HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"tag-gzip\"\r\n\r\n");
	assert_int_equal(a.status, 304);
	assert_string_equal(answer_header(&a, "Content-Length"), "13");
	a = ask(c, "HEAD /stored HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
	assert_int_equal(a.status, 200);
	assert_int_equal(a.body_n, 0);
	client_close(c);
}

/* A program whose bytes were damaged says so; it sends nothing that looks whole. */
static void test_stored_damaged(void **state)
{
	(void)state;
	static const struct http_stored damaged[] = {{{packed, sizeof packed - 1}, 12, "t"}, {{packed, sizeof packed - 1}, 14, "t"},
		{{packed, 20}, 13, "t"}, {{"text", 4}, 4, "t"}};
	struct client *c = connected();
	for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
		stored = damaged[i];
		struct answer a = ask(c, "GET /stored HTTP/1.1\r\nHost: x\r\n\r\n");
		assert_int_equal(a.status, 500);
		assert_null(answer_header(&a, "ETag"));
		assert_string_equal(answer_header(&a, "Content-Type"), "application/json");
	}
	client_close(c);
}

int main(void)
{
	struct err err;
	if (secret_init(&err) != RC_OK) return 1;
	const struct CMUnitTest tests[] = {
		WITH(test_chunked, start),
		WITH(test_continue, start),
		WITH(test_head, start),
		WITH(test_options, start),
		WITH(test_cors, start),
		WITH(test_errors, start),
		WITH(test_content_type, start),
		WITH(test_too_large_declared, start),
		WITH(test_too_large_chunked, start),
		WITH(test_large_body_arrives, start),
		WITH(test_ignored_body, start),
		WITH(test_malformed, start),
		WITH(test_header_limits, start),
		WITH(test_request_fields, start),
		WITH(test_request_id, start),
		WITH(test_response_headers, start),
		cmocka_unit_test(test_reset),
		WITH(test_conditional, start),
		WITH(test_gzip, start),
		WITH(test_stored, start),
		WITH(test_stored_damaged, start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
