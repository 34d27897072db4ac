/* Routes: which row a path finds, which methods it is said to have, which tables are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "http/http_route.h"

static const struct http_route rows[] = {
	{.method = "GET", .path = "/"},
	{.method = "GET", .path = "/events/"},
	{.method = "POST", .path = "/events/bulk"},
	{.method = "GET", .path = "/events/{id}"},
	{.method = "GET", .path = "/events/stream"},
	{.method = "PATCH", .path = "/events/{id}"},
	{.method = "GET", .path = "/{kind}/stream"},
	{.method = "GET", .path = "/badges/{product}/{environment}"},
	{.method = "GET", .path = "/badges/{product}/all"},
	{0},
};

static struct arena *arena;
static struct router *router;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(1024, MIB(1));
	return router_new(rows, &router, NULL) == RC_OK ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	router_free(router);
	arena_free(arena);
	return 0;
}

static void test_find(void **state)
{
	(void)state;
	static const struct {
		const char *method, *target, *path, *first, *second;
	} cases[] = {
		{"GET", "/", "/", NULL, NULL},
		{"GET", "/events", "/events/", NULL, NULL},
		{"HEAD", "/events/", "/events/", NULL, NULL},
		{"GET", "/events/7", "/events/{id}", "7", NULL},
		{"GET", "/events/stream", "/events/stream", NULL, NULL},
		{"PATCH", "/events/stream", NULL, NULL, NULL},
		{"GET", "/other/stream", "/{kind}/stream", "other", NULL},
		{"GET", "/events/bulk", NULL, NULL, NULL},
		{"GET", "/badges/a%2Fb/c", "/badges/{product}/{environment}", "a/b", "c"},
		{"GET", "/badges/x/all", "/badges/{product}/all", "x", NULL},
		{"GET", "/e%76ents/7", "/events/{id}", "7", NULL},
		{"GET", "/events%2F7", NULL, NULL, NULL},
		{"GET", "/Events", NULL, NULL, NULL},
		{"get", "/events", NULL, NULL, NULL},
		{"DELETE", "/events", NULL, NULL, NULL},
		{"GET", "/events/7/8", NULL, NULL, NULL},
		{"GET", "*", NULL, NULL, NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct target t;
		struct http_param params[HTTP_PATH_PARAMS] = {0};
		size_t n = 0;
		assert_int_equal(target_parse(arena, text_from(cases[i].target), &t), TARGET_OK);
		const struct http_route *row = router_find(router, text_from(cases[i].method), &t, params, &n);
		if (!row != !cases[i].path) print_error("%s %s\n", cases[i].method, cases[i].target);
		assert_true(!row == !cases[i].path);
		if (!row) continue;
		assert_string_equal(row->path, cases[i].path);
		assert_int_equal(n, (cases[i].first != NULL) + (cases[i].second != NULL));
		assert_true(text_equal(params[0].value, text_from(cases[i].first)));
		assert_true(text_equal(params[1].value, text_from(cases[i].second)));
	}
}

static void test_allow(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"/", "GET, HEAD, OPTIONS"},
		{"/events/bulk", "POST, OPTIONS"},
		{"/events/7", "GET, HEAD, PATCH, OPTIONS"},
		{"*", "GET, HEAD, POST, PATCH, OPTIONS"},
		{"/none", NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct target t;
		struct buf b = BUF_INIT(256);
		assert_int_equal(target_parse(arena, text_from(cases[i][0]), &t), TARGET_OK);
		assert_int_equal(router_allow(router, &t, &b), cases[i][1] != NULL);
		assert_true(text_is(buf_view(&b), cases[i][1] ? cases[i][1] : "") || (!cases[i][1] && b.n == 0));
		buf_done(&b);
	}
}

static void test_bad_tables(void **state)
{
	(void)state;
	static const struct http_route twice[] = {{.method = "GET", .path = "/a/{x}"}, {.method = "GET", .path = "/a/{y}/"}, {0}};
	static const struct http_route names[] = {{.method = "GET", .path = "/{a}/{b}/{c}/{d}/{e}"}, {0}};
	static const struct http_route deep[] = {{.method = "GET", .path = "/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7"}, {0}};
	struct router *none = NULL;
	struct err err;
	assert_int_equal(router_new(twice, &none, &err), RC_INVALID);
	assert_string_equal(err.text, "two routes are GET /a/{y}/");
	assert_int_equal(router_new(names, &none, &err), RC_INVALID);
	assert_int_equal(router_new(deep, &none, &err), RC_INVALID);
	assert_null(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_find, begin, end),
		cmocka_unit_test_setup_teardown(test_allow, begin, end),
		cmocka_unit_test_setup_teardown(test_bad_tables, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
