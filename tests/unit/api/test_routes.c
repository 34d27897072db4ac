/* The route table against tests/data/routes.tsv, through which the end-to-end tests walk: a route that is not in that list would be left out
 * by every test that is about all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../tsv.h"
#include "api/dispatch.h"

static bool is_listed(const struct tsv *t, const struct http_route *route)
{
	for (size_t i = 0; i < t->rows; i++)
		if (strcmp(t->cell[i][0], route->method) == 0 && strcmp(t->cell[i][1], route->path) == 0) return true;
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
	for (size_t i = 0; i < api_route_count(); i++)
		if (!is_listed(t, &API_ROUTES[i])) fail_msg("routes.tsv has no %s %s", API_ROUTES[i].method, API_ROUTES[i].path);
	for (size_t i = 0; i < t->rows; i++)
		if (!is_route(t->cell[i][0], t->cell[i][1])) fail_msg("there is no route %s %s", t->cell[i][0], t->cell[i][1]);
	assert_int_equal(t->rows, api_route_count());
	tsv_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_list_of_routes_is_the_table)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
