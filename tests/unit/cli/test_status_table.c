/* The matrix as a table: versions, drift, attempts that are not current, narrow terminals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "cli/state_sign.h"
#include "cli/status_table.h"

static struct arena *arena;

#define ENVIRONMENTS "\"environments\":[{\"id\":\"e1\",\"name\":\"dev\"},{\"id\":\"e2\",\"name\":\"production\"}]"
#define CELL(version, attempt) "{\"version\":\"" version "\",\"version_id\":\"v" version "\",\"latest_attempt\":" attempt "}"
#define EMPTY(attempt) "{\"version\":null,\"version_id\":null,\"latest_attempt\":" attempt "}"
#define ATTEMPT(version, status) "{\"version\":\"" version "\",\"status\":\"" status "\"}"
#define PRODUCT(name, drift, cells) \
	"{\"product_id\":\"p-" name "\",\"product_name\":\"" name "\",\"cells\":{" cells "},\"drift\":" drift "}"

static void assert_table(const char *items, size_t width, bool colour, const char *expected)
{
	const struct json *matrix;
	struct err err;
	buf_auto out = BUF_INIT(KIB(64));
	const char *text = arena_printf(arena, "{" ENVIRONMENTS ",\"items\":[%s]}", items);
	if (json_read(arena, text_from(text), &matrix, &err) != RC_OK) fail_msg("%s", err.text);
	status_table(arena, matrix, width, colour, &out);
	if (!text_is(buf_view(&out), expected)) fail_msg("is\n%.*sand not\n%s", (int)out.n, out.p, expected);
}

static void products_stand_by_name_and_drift_is_marked(void **state)
{
	(void)state;
	assert_table(PRODUCT("shop", "true", "\"e1\":" CELL("2", "null") ",\"e2\":" CELL("1", "null")) "," //
		PRODUCT("billing", "false", "\"e2\":" CELL("7", "null")),
		0, false,
		"  PRODUCT  dev  production\n"
		"  billing       7\n"
		"≠ shop     2    1\n"
		"\n"
		"≠ differs between environments\n");
}

static void an_attempt_that_is_not_current_has_its_line(void **state)
{
	(void)state;
	assert_table(PRODUCT("shop", "false", "\"e1\":" CELL("1", ATTEMPT("2", "failed")) ",\"e2\":" EMPTY(ATTEMPT("3", "started"))),
		0, false,
		"  PRODUCT   dev         production\n"
		"  shop      1\n"
		"  └ latest  ✗ 2 failed  ▸ 3 running\n");
}

static const struct {
	const char *state, *text;
	enum table_mark mark;
} signs[] = {
	{"pending", "○ 1.0 pending", TABLE_RUNNING},
	{"started", "▸ 1.0 running", TABLE_RUNNING},
	{"completed", "✓ 1.0 completed", TABLE_GOOD},
	{"failed", "✗ 1.0 failed", TABLE_BAD},
	{"aborted", "⊘ 1.0 aborted", TABLE_WARNING},
	{"preflight_failed", "⊗ 1.0 blocked", TABLE_BAD},
	{"something_new", "? 1.0 something_new", TABLE_PLAIN},
};

static void each_state_has_its_sign(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		struct table_cell cell = state_cell(arena, text_from(signs[i].state), TEXT("1.0"));
		if (!text_is(cell.text, signs[i].text) || cell.mark != signs[i].mark) fail_msg("%.*s", TEXT_ARGS(cell.text));
	}
	assert_true(text_is(state_cell(arena, TEXT("failed"), TEXT_ABSENT).text, "✗ failed"));
}

static void in_parts_an_attempt_stays_with_its_product(void **state)
{
	(void)state;
	assert_table(PRODUCT("a", "false", "\"e1\":" CELL("1", "null")) "," //
		PRODUCT("b", "false", "\"e2\":" EMPTY(ATTEMPT("very-long-version", "failed"))) "," //
		PRODUCT("c", "false", "\"e1\":" EMPTY(ATTEMPT("very-long-version", "aborted"))),
		28, false,
		"  PRODUCT   dev\n"
		"  a         1\n"
		"  c\n"
		"  └ latest  ⊘ very-long-ver…\n"
		"\n"
		"  PRODUCT   production\n"
		"  b\n"
		"  └ latest  ✗ very-long-ver…\n");
}

static void colours_say_what_signs_say(void **state)
{
	(void)state;
	assert_table(PRODUCT("shop", "true", "\"e1\":" CELL("2", "null") ",\"e2\":" CELL("1", ATTEMPT("2", "failed"))), 80, true,
		"\033[1m  PRODUCT\033[0m   \033[1mdev\033[0m  \033[1mproduction\033[0m\n"
		"\033[33m≠ shop\033[0m      2    \033[33m1\033[0m\n"
		"\033[2m  └ latest\033[0m       \033[31m✗ 2 failed\033[0m\n"
		"\n"
		"≠ differs between environments\n");
}

static void names_do_not_steer_the_terminal(void **state)
{
	(void)state;
	assert_table(PRODUCT("a\\u001b[2Jb\\u202e", "false", "\"e1\":" CELL("1\\r2", "null")), 0, false,
		"  PRODUCT  dev  production\n"
		"  a·[2Jb·  1·2\n");
}

static void nothing_is_said_so(void **state)
{
	(void)state;
	assert_table("", 80, false, "Nothing is deployed.\n");
}

/* A server that is not ours must not bring us down. */
static void other_shapes_are_no_trouble(void **state)
{
	(void)state;
	static const char *const shapes[] = {"{}", "[]", "{\"items\":3,\"environments\":[]}",
		"{\"items\":[1,null],\"environments\":[null,{}]}",
		"{\"items\":[{\"cells\":[],\"product_name\":3}],\"environments\":[{\"id\":7,\"name\":null}]}",
		"{\"items\":[{\"cells\":{\"e\":{\"latest_attempt\":{}}}}],\"environments\":[{\"id\":\"e\"}]}"};
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		const struct json *matrix;
		buf_auto out = BUF_INIT(KIB(64));
		assert_int_equal(json_read(arena, text_from(shapes[i]), &matrix, NULL), RC_OK);
		status_table(arena, matrix, 40, true, &out);
		assert_true(out.n > 0 && out.p[out.n - 1] == '\n');
	}
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(KIB(4), MIB(16));
	return 0;
}

static int take_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, take_down)
	const struct CMUnitTest tests[] = {
		CASE(products_stand_by_name_and_drift_is_marked),
		CASE(an_attempt_that_is_not_current_has_its_line),
		CASE(each_state_has_its_sign),
		CASE(in_parts_an_attempt_stays_with_its_product),
		CASE(colours_say_what_signs_say),
		CASE(names_do_not_steer_the_terminal),
		CASE(nothing_is_said_so),
		CASE(other_shapes_are_no_trouble),
	};
	return cmocka_run_group_tests_name("status_table", tests, NULL, NULL);
}
