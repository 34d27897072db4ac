/* The route table against tests/data/routes.tsv, through which the end-to-end tests walk: a route that is not in that list would be left out
 * by every test that is about all of them. Pages are no routes of the API, and hide none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../tsv.h"
#include "api/dispatch.h"
#include "api/handlers.h"
#include "auth/permission.h"
#include "base/text.h"

static bool is_page(const struct http_route *route)
{
	return route->handle == page_handle || route->handle == asset_handle;
}

/* The word that the list has for it. */
static const char *permission_of(const struct http_route *route)
{
	if (is_page(route)) return "page";
	const char *word = permission_name(route->permission);
	if (word) return word;
	return route->permission == MAY_BE_SOMEBODY ? "self" : route->permission == MAY_READ_METRICS ? "metrics" : "open";
}

static bool is_listed(const struct tsv *t, const struct http_route *route)
{
	for (size_t i = 0; i < t->rows; i++)
		if (strcmp(t->cell[i][0], route->method) == 0 && strcmp(t->cell[i][1], route->path) == 0)
			return strcmp(t->cell[i][2], permission_of(route)) == 0;
	return false;
}

static bool is_route(const char *method, const char *path)
{
	for (size_t i = 0; i < api_route_count(); i++)
		if (strcmp(API_ROUTES[i].method, method) == 0 && strcmp(API_ROUTES[i].path, path) == 0) return true;
	return false;
}

static void the_list_of_routes_is_the_table(void **state)
{
	(void)state;
	struct tsv *t = tsv_read("routes.tsv");

	assert_true(t->rows > 0);
	for (const struct http_route *r = API_ROUTES; r->method; r++)
		if (!is_listed(t, r)) fail_msg("routes.tsv has no %s %s %s", r->method, r->path, permission_of(r));
	for (size_t i = 0; i < t->rows; i++)
		if (!is_route(t->cell[i][0], t->cell[i][1])) fail_msg("there is no route %s %s", t->cell[i][0], t->cell[i][1]);
	assert_int_equal(t->rows, api_route_count());
	tsv_free(t);
}

/* Whether one path can be meant by both: segment for segment the same, or a name in braces. */
static bool overlap(const char *a, const char *b)
{
	struct text x = text_from(a), y = text_from(b), p, q;
	while (x.p && y.p) {
		text_split(&x, '/', &p);
		text_split(&y, '/', &q);
		if (!text_equal(p, q) && !text_starts(p, TEXT("{")) && !text_starts(q, TEXT("{"))) return false;
	}
	return !x.p && !y.p;
}

static void a_page_hides_no_route(void **state)
{
	(void)state;
	assert_true(overlap("/settings/{tab}", "/settings/keys") && !overlap("/settings", "/settings/{tab}") && !overlap("/", "/x"));
	for (size_t i = 0; i < api_route_count(); i++)
		for (size_t j = 0; j < api_route_count() && is_page(&API_ROUTES[i]); j++)
			if (!is_page(&API_ROUTES[j]) && overlap(API_ROUTES[i].path, API_ROUTES[j].path))
				fail_msg("the page %s is in the place of %s", API_ROUTES[i].path, API_ROUTES[j].path);
}

static void a_page_is_for_everybody_and_waits_for_nothing(void **state)
{
	(void)state;
	size_t pages = 0;
	for (const struct http_route *r = API_ROUTES; r->method; r++) {
		if (!is_page(r)) continue;
		assert_string_equal(r->method, "GET");
		assert_int_equal(r->access, ACCESS_MEMORY);
		assert_int_equal(r->permission, MAY_NOTHING_SPECIAL);
		assert_int_equal(r->flags, ROUTE_OPEN);
		pages++;
	}
	assert_true(pages > 10);
}

/* A route without a permission is open, and the other way round: neither is left to chance. */
static void only_open_routes_need_no_permission(void **state)
{
	(void)state;
	for (const struct http_route *r = API_ROUTES; r->method; r++)
		if ((r->permission == MAY_NOTHING_SPECIAL) != ((r->flags & ROUTE_OPEN) != 0)) fail_msg("%s %s", r->method, r->path);
}

/* An answer with a secret is neither kept for who sends the same request again, nor by a browser. */
static void secrets_are_not_kept(void **state)
{
	(void)state;
	size_t secrets = 0;
	for (const struct http_route *r = API_ROUTES; r->method; r++) {
		if (!(r->flags & ROUTE_SECRET)) continue;
		if (r->flags & (ROUTE_IDEMPOTENCY | ROUTE_ETAG)) fail_msg("%s %s", r->method, r->path);
		secrets++;
	}
	assert_true(secrets >= 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_list_of_routes_is_the_table),
		cmocka_unit_test(only_open_routes_need_no_permission),
		cmocka_unit_test(secrets_are_not_kept),
		cmocka_unit_test(a_page_hides_no_route),
		cmocka_unit_test(a_page_is_for_everybody_and_waits_for_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
