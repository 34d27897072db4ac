/* Filters of a preference: every accepted form with what is stored of it, every refusal with its place, and what is shown. */
#include "request.h"

#include "api/filters.h"
#include "base/json.h"

/* What one reading left behind. */
struct outcome {
	struct arena *arena;
	struct text stored;
	size_t errors;
	char list[4096];
};

static struct outcome read_filters(struct text source)
{
	struct outcome o = {.arena = arena_new(KIB(16), LIMIT_REQUEST_ARENA), .stored = TEXT("untouched")};
	const struct json *object = NULL;
	struct err err;
	struct body_errors errors;
	if (source.p && json_read(o.arena, source, &object, &err) != RC_OK) fail_msg("%.*s: %s", TEXT_ARGS(source), err.text);
	body_errors_init(&errors);
	bool fine = filters_read(o.arena, object, &o.stored, &errors);
	assert_int_equal(fine, errors.count == 0);
	o.errors = errors.count;
	if (errors.count) snprintf(o.list, sizeof o.list, "%.*s", TEXT_ARGS(body_errors_list(&errors)));
	body_errors_done(&errors);
	return o;
}

static void stores_what_is_meant(void **state)
{
	(void)state;
	static const struct {
		const char *given, *stored;
	} rows[] = {
		{NULL, "{}"},
		{"{}", "{}"},
		{"{\"environments\":null,\"products\":[],\"statuses\":null,\"environment_types\":[]}", "{}"},
		{"{\"environments\":\"prod-*\"}", "{\"environments\":[\"prod-*\"]}"},
		{"{\"environments\":[\" a \",\"b\",\"a\"]}", "{\"environments\":[\"a\",\"b\"]}"},
		{"{\"products\":[\"caf\\u00e9\",\"a,b\",\"*\"]}", "{\"products\":[\"caf\xc3\xa9\",\"a,b\",\"*\"]}"},
		{"{\"statuses\":[\"success\",\"Deployed\",\"built\",\"completed\"]}", "{\"statuses\":[\"completed\"]}"},
		{"{\"statuses\":[\"preflight_failed\",\"in-progress\",\"building\"]}",
			"{\"statuses\":[\"preflight_failed\",\"started\"]}"},
		{"{\"statuses\":\"cancelled\"}", "{\"statuses\":[\"aborted\"]}"},
		{"{\"environment_types\":[\"production\",\"production\",\"dev\"]}", "{\"environment_types\":[\"production\",\"dev\"]}"},
		{"{\"environment_types\":\"other\",\"statuses\":\"fail\",\"products\":\"p\",\"environments\":\"e\"}",
			"{\"environments\":[\"e\"],\"products\":[\"p\"],\"statuses\":[\"failed\"],\"environment_types\":[\"other\"]}"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct outcome o = read_filters(text_from(rows[i].given));
		if (!text_is(o.stored, rows[i].stored))
			fail_msg("%s gives %.*s %s", rows[i].given ? rows[i].given : "nothing", TEXT_ARGS(o.stored), o.list);
		arena_free(o.arena);
	}
}

#define ONE(field, msg, type) "[{\"loc\":[\"body\",\"filters\",\"" field "\"],\"msg\":\"" msg "\",\"type\":\"" type "\"}]"
#define STATUSES \
	"pending, queued, scheduled, started, in_progress, init, deploying, success, completed, complete, finished, deployed, " \
	"failed, fail, failure, error, aborted, abort, cancelled, cancel, skipped, canceled, in-progress, running, succeeded, " \
	"waiting, building, built, preflight_failed"
#define NO_FILTER(name) "there is no filter \\\"" name "\\\": accepted are environments, products, statuses, environment_types"

static void tells_what_is_wrong(void **state)
{
	(void)state;
	static const struct {
		const char *given, *list;
	} rows[] = {
		{"{\"environments\":1}", ONE("environments", "value is not a valid list", "type_error.list")},
		{"{\"products\":{}}", ONE("products", "value is not a valid list", "type_error.list")},
		{"{\"products\":true}", ONE("products", "value is not a valid list", "type_error.list")},
		{"{\"products\":[\"a\",1]}", ONE("products", "str type expected", "type_error.str")},
		{"{\"products\":[null]}", ONE("products", "str type expected", "type_error.str")},
		{"{\"products\":[[\"a\"]]}", ONE("products", "str type expected", "type_error.str")},
		{"{\"products\":[\" \"]}",
			ONE("products", "ensure each value has at least 1 character", "value_error.any_str.min_length")},
		{"{\"products\":\"\"}", ONE("products", "ensure each value has at least 1 character", "value_error.any_str.min_length")},
		{"{\"products\":[\"a\\u0000b\"]}", ONE("products", "control characters are not allowed", "value_error.str.control")},
		{"{\"statuses\":[\"failed\",\"exploded\"]}", ONE("statuses", "value is not one of: " STATUSES, "value_error.status")},
		{"{\"environment_types\":[\"prod\"]}",
			ONE("environment_types", "value is not one of: dev, test, staging, production, other",
				"value_error.environment_type")},
		{"{\"xyz\":null}", ONE("xyz", NO_FILTER("xyz"), "value_error.filter")},
		{"{\"Products\":[]}", ONE("Products", NO_FILTER("Products"), "value_error.filter")},
		{"{\"a.b\\\"\":1}", ONE("a.b\\\"", NO_FILTER("a.b\\\""), "value_error.filter")},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct outcome o = read_filters(text_from(rows[i].given));
		assert_string_equal(o.list, rows[i].list);
		assert_true(text_is(o.stored, "untouched"));
		arena_free(o.arena);
	}
}

static void finds_every_error(void **state)
{
	(void)state;
	struct outcome o = read_filters(TEXT("{\"y\":1,\"environment_types\":\"a\",\"statuses\":1,\"products\":1,\"x\":1}"));
	assert_int_equal(o.errors, 5);
	arena_free(o.arena);
}

/* So many names of so many bytes in one list. */
static struct outcome read_long(size_t names, size_t bytes)
{
	buf_auto b = BUF_INIT(MIB(1));
	buf_cstr(&b, "{\"products\":[");
	for (size_t i = 0; i < names; i++) {
		buf_printf(&b, "%s\"%03zu", i ? "," : "", i);
		for (size_t k = 3; k < bytes; k++) buf_char(&b, 'x');
		buf_char(&b, '"');
	}
	buf_cstr(&b, "]}");
	return read_filters(buf_view(&b));
}

static void is_bounded(void **state)
{
	(void)state;
	static const struct {
		size_t names, bytes;
		const char *type; /* of the refusal; NULL: none */
	} rows[] = {
		{LIMIT_FILTER_NAMES, 100, NULL},
		{LIMIT_FILTER_NAMES + 1, 3, "value_error.list.max_items"},
		{1, 255, NULL},
		{1, 256, "value_error.any_str.max_length"},
		{LIMIT_FILTER_NAMES, 255, "value_error.filters.size"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct outcome o = read_long(rows[i].names, rows[i].bytes);
		assert_int_equal(o.errors, rows[i].type ? 1 : 0);
		if (rows[i].type) assert_non_null(strstr(o.list, rows[i].type));
		arena_free(o.arena);
	}
}

static void shows_every_list(void **state)
{
	(void)state;
	static const struct {
		const char *stored, *shown;
	} rows[] = {
		{"{}", "\"filters\":{\"environments\":[],\"products\":[],\"statuses\":[],\"environment_types\":[]}"},
		{"{\"products\":[\"a\",\"b\"],\"statuses\":[\"failed\"]}",
			"\"filters\":{\"environments\":[],\"products\":[\"a\",\"b\"],\"statuses\":[\"failed\"],\"environment_types\":[]}"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct arena *a = arena_new(KIB(16), MIB(1));
		buf_auto b = BUF_INIT(KIB(16));
		struct json_out j = json_out(&b);
		char expected[512];
		json_put_object(&j, NULL);
		filters_render(&j, a, text_from(rows[i].stored));
		json_end(&j);
		snprintf(expected, sizeof expected, "{%s}", rows[i].shown);
		assert_string_equal(text_cstr(a, buf_view(&b)), expected);
		arena_free(a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stores_what_is_meant),
		cmocka_unit_test(tells_what_is_wrong),
		cmocka_unit_test(finds_every_error),
		cmocka_unit_test(is_bounded),
		cmocka_unit_test(shows_every_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
