/* A server on a free port for a test, with routes that show what arrived, and what its hooks saw. */
#pragma once

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/secret.h"
#include "http/http.h"
#include "raw_client.h"

enum { BODY_LIMIT = 1000, BIG = 5000 };

/* What the hooks saw. */
static _Atomic int completed, lost;
static _Atomic int parked_now;

static inline void handle_echo(struct http_request *r, struct db *db)
{
	(void)db;
	r->response.status = 200;
	r->response.content_type = "text/plain";
	buf_text(&r->response.body, r->body);
}

static inline void handle_show(struct http_request *r, struct db *db)
{
	(void)db;
	r->response.status = 200;
	buf_printf(&r->response.body, "path=%.*s item=%.*s q=%.*s peer=%.*s secure=%d agent=%.*s", TEXT_ARGS(r->path),
		TEXT_ARGS(http_path_param(r, "item")), TEXT_ARGS(http_query(r, "q")), TEXT_ARGS(r->peer), r->secure,
		TEXT_ARGS(http_header(r, "user-agent")));
}

static inline void handle_big(struct http_request *r, struct db *db)
{
	(void)db;
	r->response.status = 200;
	for (int i = 0; i < BIG / 10; i++) buf_cstr(&r->response.body, "abcdefghi ");
}

/* What /stored gives: a test fills it. */
static struct http_stored stored;

static inline void handle_stored(struct http_request *r, struct db *db)
{
	(void)db;
	r->response.status = 200;
	r->response.content_type = "image/x-any";
	r->response.stored = &stored;
}

static inline void handle_nothing(struct http_request *r, struct db *db)
{
	(void)db;
	(void)r;
}

static inline void handle_gone(struct http_request *r, struct db *db)
{
	(void)db;
	r->response.status = 204;
	http_response_header(r, "X-Left", TEXT("a\r\nX-Evil: 1"));
	http_response_header(r, "X-Kept", TEXT("first"));
	http_response_header(r, "X-Kept", TEXT("second"));
}

static const struct http_route routes[] = {
	{.method = "POST", .path = "/echo/", .body_limit = BODY_LIMIT, .access = ACCESS_MEMORY, .handle = handle_echo},
	{.method = "PATCH", .path = "/echo/", .body_limit = BODY_LIMIT, .access = ACCESS_MEMORY, .handle = handle_echo},
	{.method = "POST", .path = "/json", .body_limit = BODY_LIMIT, .content_type = "application/json", .handle = handle_echo},
	{.method = "POST", .path = "/large", .body_limit = MIB(1), .access = ACCESS_MEMORY, .handle = handle_echo},
	{.method = "POST", .path = "/denied", .body_limit = BODY_LIMIT, .permission = 1, .handle = handle_echo},
	{.method = "POST", .path = "/parked", .body_limit = BODY_LIMIT, .access = ACCESS_WRITE, .handle = handle_echo},
	{.method = "GET", .path = "/items/{item}", .handle = handle_show},
	{.method = "GET", .path = "/show", .handle = handle_show},
	{.method = "GET", .path = "/state", .flags = ROUTE_ETAG, .handle = handle_big},
	{.method = "GET", .path = "/stored", .handle = handle_stored},
	{.method = "GET", .path = "/nothing", .handle = handle_nothing},
	{.method = "DELETE", .path = "/items/{item}", .handle = handle_gone},
	{0},
};

static inline bool admit(void *context, struct http_request *r)
{
	(void)context;
	if (r->route->permission == 0) return true;
	http_error_standard(r, 401);
	return false;
}

/* "0": finished before dispatch returns, mostly; else after so many milliseconds. */
static inline void *finish_later(void *p)
{
	struct http_request *r = p;
	char wait[16] = "";
	snprintf(wait, sizeof wait, "%.*s", TEXT_ARGS(r->body));
	if (atoi(wait)) pause_ms(atoi(wait));
	r->route->handle(r, NULL);
	atomic_fetch_sub(&parked_now, 1);
	http_finish(r);
	return NULL;
}

static inline enum http_outcome dispatch(void *context, struct http_request *r)
{
	(void)context;
	if (r->route->access != ACCESS_WRITE) {
		r->route->handle(r, NULL);
		return HTTP_ANSWERED;
	}
	atomic_fetch_add(&parked_now, 1);
	if (text_is(r->body, "at once")) {
		finish_later(r);
		return HTTP_PARKED;
	}
	pthread_t thread;
	if (pthread_create(&thread, NULL, finish_later, r) != 0) abort();
	pthread_detach(thread);
	return HTTP_PARKED;
}

static inline void on_completed(void *context, struct http_request *r, int64_t micros, bool was_lost)
{
	(void)context;
	assert_true(micros >= 0);
	assert_non_null(r->id.p);
	atomic_fetch_add(&completed, 1);
	if (was_lost) atomic_fetch_add(&lost, 1);
}

static const struct http_hooks hooks = {.admit = admit, .dispatch = dispatch, .completed = on_completed};
static const char *const origins[] = {"https://dash.example", NULL};
static const char *const proxies[] = {"127.0.0.0/8", NULL};
static const struct http_options standard = {.listen = "127.0.0.1:0",
	.listen_fd = -1,
	.threads = 1,
	.max_connections = 100,
	.idle_timeout = SECONDS_US(20),
	.header_timeout = SECONDS_US(20),
	.body_timeout = SECONDS_US(20),
	.stream_patience = SECONDS_US(1) / 2,
	.cors_origins = origins,
	.trusted_proxies = proxies};

static struct http_server *server;

static inline int start_with(const struct http_options *options)
{
	struct err err;
	atomic_store(&completed, 0);
	atomic_store(&lost, 0);
	if (http_start(options, routes, &hooks, &server, &err) == RC_OK) return 0;
	print_error("%s\n", err.text);
	return -1;
}

static inline int start(void **state)
{
	(void)state;
	return start_with(&standard);
}

static inline int stop(void **state)
{
	(void)state;
	http_stop(server);
	server = NULL;
	return 0;
}

static inline struct client *connected(void)
{
	return client_open(http_port(server));
}

static inline struct answer ask(struct client *c, const char *request)
{
	client_say(c, request);
	return client_answer(c, strncmp(request, "HEAD", 4) == 0);
}

static inline struct answer ask_once(const char *request)
{
	struct client *c = connected();
	struct answer a = ask(c, request);
	client_close(c);
	return a;
}

/* The hook runs when the answer has left, so a client may have it a little earlier. */
static inline void wait_completed(int n)
{
	for (int i = 0; i < 3000 && completed < n; i++) pause_ms(1);
	assert_int_equal(completed, n);
}

#define WITH(test, begin) cmocka_unit_test_setup_teardown(test, begin, stop)
