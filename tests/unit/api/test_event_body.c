/* Reading an event: every field of both kinds, its limits at and beyond the boundary, metadata, numbers as text, the run attempt, times in
 * the future, and the payload that is written down. */
#include "request.h"

#include "api/event_body.h"
#include "base/json.h"

#define NOW INT64_C(1779624365000000) /* 2026-05-24T12:06:05Z */

/* What one reading left behind. */
struct outcome {
	struct arena *arena;
	bool taken;
	struct submission s;
	size_t errors;
	char list[8192];
};

static struct outcome read_event(enum kind kind, struct text source)
{
	struct outcome o = {.arena = arena_new(KIB(64), LIMIT_REQUEST_ARENA), .s = {.received = -1}};
	const struct json *object;
	struct err err;
	struct body_errors errors;
	if (json_read(o.arena, source, &object, &err) != RC_OK) fail_msg("%.200s: %s", source.p, err.text);
	body_errors_init(&errors);
	o.taken = event_body_read(o.arena, kind, source, object, NOW, &o.s, &errors);
	o.errors = errors.count;
	if (errors.count) snprintf(o.list, sizeof o.list, "%.*s", TEXT_ARGS(body_errors_list(&errors)));
	body_errors_done(&errors);
	assert_int_equal(o.taken, o.errors == 0);
	if (!o.taken) assert_int_equal(o.s.received, -1); /* untouched */
	return o;
}

static struct outcome read_deployment(const char *more)
{
	char body[4096];
	snprintf(body, sizeof body,
		"{\"product_name\":\"p\",\"version\":\"v\",\"environment_name\":\"e\",\"status\":\"success\"%s%s}", *more ? "," : "",
		more);
	return read_event(KIND_DEPLOYMENT, text_from(body));
}

static void assert_is(struct text t, const char *expected)
{
	if (!text_is(t, expected)) fail_msg("\"%.*s\" is not \"%s\"", TEXT_ARGS(t), expected);
}

/* ---- every field ---- */

static void reads_every_field_of_a_deployment(void **state)
{
	(void)state;
	static const char body[] =
		"{\"product_name\":\"1\",\"version\":\"2\",\"environment_name\":\"3\",\"status\":\"Succeeded\",\"scm_repository\":\"5\","
		"\"scm_sha\":\"6\","
		"\"scm_branch\":\"7\",\"build_number\":\"8\",\"invoke_id\":\"9\",\"build_url\":\"10\",\"deploy_url\":\"11\",\"source_"
		"system\":\"unknown\","
		"\"deployed_by\":\"13\",\"deployed_by_email\":\"14\",\"deployed_by_name\":\"15\",\"started_at\":\"2026-05-24T12:00:00Z\","
		"\"completed_at\":\"2026-05-24T12:01:00Z\",\"occurred_at\":\"2026-05-24T12:02:00Z\",\"error_message\":\"19\\n\",\"error_"
		"code\":\"20\","
		"\"skip_preflight_checks\":true,\"extra_metadata\":{\"a\":1},\"built_by\":\"not of this kind\",\"more\":{}}";
	struct outcome o = read_event(KIND_DEPLOYMENT, text_from(body));
	const struct event_fields *f = &o.s.fields;
	assert_string_equal(o.list, "");
	assert_int_equal(f->kind, KIND_DEPLOYMENT);
	assert_int_equal(f->state, STATE_COMPLETED);
	assert_is(f->status, "Succeeded");
	assert_is(f->product_name, "1");
	assert_is(f->version, "2");
	assert_is(f->environment_name, "3");
	assert_is(f->scm_repository, "5");
	assert_is(f->scm_sha, "6");
	assert_is(f->scm_branch, "7");
	assert_is(f->build_number, "8");
	assert_is(f->invoke_id, "9");
	assert_is(f->build_url, "10");
	assert_is(f->deploy_url, "11");
	assert_is(f->source_system, "unknown");
	assert_is(f->actor, "13");
	assert_is(f->actor_email, "14");
	assert_is(f->actor_name, "15");
	assert_int_equal(f->started_at, NOW - SECONDS_US(365));
	assert_int_equal(f->completed_at, NOW - SECONDS_US(305));
	assert_int_equal(f->occurred_at, NOW - SECONDS_US(245));
	assert_is(f->error_message, "19");
	assert_is(f->error_code, "20");
	assert_true(f->skip_preflight_checks);
	assert_is(f->extra_metadata, "{\"a\":1}");
	assert_null(f->run_attempt.p);
	assert_int_equal(o.s.received, NOW);
	assert_int_equal(o.s.warning_count, 0);
	/* The payload: what was accepted, in the order of the fields; nothing else. */
	assert_is(o.s.payload,
		"{\"product_name\":\"1\",\"version\":\"2\",\"environment_name\":\"3\",\"status\":\"Succeeded\",\"scm_repository\":\"5\","
		"\"scm_sha\":\"6\",\"scm_branch\":\"7\",\"build_number\":\"8\",\"invoke_id\":\"9\",\"build_url\":\"10\",\"deploy_url\":"
		"\"11\","
		"\"source_system\":\"unknown\",\"deployed_by\":\"13\",\"deployed_by_email\":\"14\",\"deployed_by_name\":\"15\","
		"\"started_at\":\"2026-05-24T12:00:00.000000Z\",\"completed_at\":\"2026-05-24T12:01:00.000000Z\","
		"\"occurred_at\":\"2026-05-24T12:02:00.000000Z\",\"error_message\":\"19\",\"error_code\":\"20\",\"skip_preflight_"
		"checks\":true,"
		"\"extra_metadata\":{\"a\":1}}");
	arena_free(o.arena);
}

static void a_build_has_no_environment_and_is_built_by_somebody(void **state)
{
	(void)state;
	struct outcome o = read_event(
		KIND_BUILD, TEXT("{\"product_name\":\"p\",\"version\":\"v\",\"status\":\"built\",\"built_by\":\"a\","
						 "\"built_by_email\":\"b\",\"built_by_name\":\"c\",\"environment_name\":7,\"deploy_url\":7,\"deployed_"
						 "by\":7,\"skip_preflight_checks\":7}"));
	assert_string_equal(o.list, "");
	assert_int_equal(o.s.fields.kind, KIND_BUILD);
	assert_int_equal(o.s.fields.state, STATE_COMPLETED);
	assert_null(o.s.fields.environment_name.p);
	assert_null(o.s.fields.deploy_url.p);
	assert_is(o.s.fields.actor, "a");
	assert_is(o.s.fields.actor_email, "b");
	assert_is(o.s.fields.actor_name, "c");
	assert_is(o.s.payload,
		"{\"product_name\":\"p\",\"version\":\"v\",\"status\":\"built\",\"built_by\":\"a\",\"built_by_email\":\"b\","
		"\"built_by_name\":\"c\"}");
	arena_free(o.arena);
}

#define MISSING(field) "{\"loc\":[\"body\",\"" field "\"],\"msg\":\"field required\",\"type\":\"value_error.missing\"}"

static void what_is_required_is_missed(void **state)
{
	(void)state;
	struct outcome o = read_event(KIND_DEPLOYMENT, TEXT("{\"environment_name\":\" \"}"));
	assert_string_equal(
		o.list, "[" MISSING("product_name") "," MISSING("version") "," MISSING("environment_name") "," MISSING("status") "]");
	arena_free(o.arena);
	o = read_event(KIND_BUILD, TEXT("{\"version\":null}"));
	assert_string_equal(o.list, "[" MISSING("product_name") "," MISSING("version") "," MISSING("status") "]");
	arena_free(o.arena);
}

static void an_unknown_status_lists_the_words_of_the_kind(void **state)
{
	(void)state;
	struct outcome d = read_event(
		KIND_DEPLOYMENT, TEXT("{\"product_name\":\"p\",\"version\":\"v\",\"environment_name\":\"e\",\"status\":\"built\"}"));
	assert_non_null(strstr(d.list, "[{\"loc\":[\"body\",\"status\"],\"msg\":\"value is not one of: pending, queued,"));
	assert_non_null(strstr(d.list, "deployed,"));
	assert_null(strstr(d.list, "building"));
	arena_free(d.arena);
	struct outcome b = read_event(KIND_BUILD, TEXT("{\"product_name\":\"p\",\"version\":\"v\",\"status\":\"preflight_failed\"}"));
	assert_non_null(strstr(b.list, "building,"));
	assert_null(strstr(b.list, "deploying"));
	assert_int_equal(b.errors, 1);
	arena_free(b.arena);
}

/* ---- limits ---- */

/* A body whose one field holds `characters` times `character`. */
static struct text body_with(struct arena *a, enum kind kind, const char *name, size_t characters, const char *character)
{
	buf_auto b = BUF_INIT(MIB(1));
	buf_char(&b, '{');
	static const char *const required[] = {"product_name", "version", "environment_name", "status"};
	for (size_t i = 0; i < COUNT_OF(required); i++)
		if (strcmp(required[i], name) != 0 && !(kind == KIND_BUILD && i == 2)) buf_printf(&b, "\"%s\":\"success\",", required[i]);
	buf_printf(&b, "\"%s\":\"", name);
	for (size_t i = 0; i < characters; i++) buf_cstr(&b, character);
	buf_cstr(&b, "\"}");
	return text_copy(a, buf_view(&b));
}

/* The limits of the field table, from the specification. */
static const struct {
	const char *name;
	size_t limit;
	bool deployment, build;
} LIMITS[] = {
	{"product_name", 255, true, true},
	{"version", 255, true, true},
	{"environment_name", 255, true, false},
	{"scm_repository", 512, true, true},
	{"scm_sha", 128, true, true},
	{"scm_branch", 255, true, true},
	{"build_number", 255, true, true},
	{"invoke_id", 255, true, true},
	{"build_url", 2048, true, true},
	{"deploy_url", 2048, true, false},
	{"source_system", 64, true, true},
	{"deployed_by", 255, true, false},
	{"deployed_by_email", 255, true, false},
	{"deployed_by_name", 255, true, false},
	{"built_by", 255, false, true},
	{"built_by_email", 255, false, true},
	{"built_by_name", 255, false, true},
	{"error_message", 4096, true, true},
	{"error_code", 255, true, true},
};

static void assert_limit(enum kind kind, const char *name, size_t limit, const char *character)
{
	struct arena *a = arena_new(KIB(64), MIB(16));
	struct outcome fits = read_event(kind, body_with(a, kind, name, limit, character));
	if (!fits.taken) fail_msg("%s of %zu: %s", name, limit, fits.list);
	struct outcome longer = read_event(kind, body_with(a, kind, name, limit + 1, character));
	char expected[300];
	snprintf(expected, sizeof expected,
		"[{\"loc\":[\"body\",\"%s\"],\"msg\":\"ensure this value has at most %zu "
		"characters\",\"type\":\"value_error.any_str.max_length\"}]",
		name, limit);
	assert_string_equal(longer.list, expected);
	arena_free(fits.arena);
	arena_free(longer.arena);
	arena_free(a);
}

static void limits_are_in_characters(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(LIMITS); i++) {
		for (int wide = 0; wide < 2; wide++) {
			if (LIMITS[i].deployment)
				assert_limit(KIND_DEPLOYMENT, LIMITS[i].name, LIMITS[i].limit, wide ? "\xf0\x9f\x9a\x80" : "x");
			if (LIMITS[i].build) assert_limit(KIND_BUILD, LIMITS[i].name, LIMITS[i].limit, wide ? "\xf0\x9f\x9a\x80" : "x");
		}
	}
}

static void control_characters_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"\\u0000", "\\u0001", "\\u001f", "\\u007f", "\\u0080", "\\u009f"};
	struct arena *a = arena_new(KIB(64), MIB(16));
	for (size_t i = 0; i < COUNT_OF(LIMITS); i++) {
		enum kind kind = LIMITS[i].deployment ? KIND_DEPLOYMENT : KIND_BUILD;
		bool multiline = strcmp(LIMITS[i].name, "error_message") == 0;
		for (size_t k = 0; k < COUNT_OF(bad) + 2; k++) {
			char around[20]; /* an outer one may be white space, which is trimmed */
			snprintf(around, sizeof around, "a%sb", k < COUNT_OF(bad) ? bad[k] : k == COUNT_OF(bad) ? "\\t" : "\\n");
			struct outcome o = read_event(kind, body_with(a, kind, LIMITS[i].name, 1, around));
			if (o.taken != (multiline && k >= COUNT_OF(bad))) fail_msg("%s with %s", LIMITS[i].name, around);
			if (!o.taken) assert_non_null(strstr(o.list, "value_error.str.control"));
			arena_free(o.arena);
		}
	}
	arena_free(a);
}

static void a_body_that_is_all_wrong_has_all_its_errors(void **state)
{
	(void)state;
	static const char body[] =
		"{\"product_name\":[],\"version\":[],\"environment_name\":[],\"status\":[],\"scm_repository\":[],\"scm_sha\":[],\"scm_"
		"branch\":[],"
		"\"build_number\":[],\"invoke_id\":[],\"build_url\":[],\"deploy_url\":[],\"source_system\":[],\"deployed_by\":[],"
		"\"deployed_by_email\":[],"
		"\"deployed_by_name\":[],\"started_at\":[],\"completed_at\":[],\"occurred_at\":[],\"error_message\":[],\"error_code\":[],"
		"\"skip_preflight_checks\":[],\"extra_metadata\":[]}";
	struct outcome o = read_event(KIND_DEPLOYMENT, text_from(body));
	assert_int_equal(o.errors, 22);
	arena_free(o.arena);
	o = read_event(KIND_BUILD, text_from(body));
	assert_int_equal(o.errors, 16); /* no environment and the like, and its builder is called otherwise */
	arena_free(o.arena);
}

/* ---- numbers as text ---- */

static void numbers_are_taken_as_their_text(void **state)
{
	(void)state;
	struct outcome o = read_event(
		KIND_BUILD, TEXT("{\"nested\":{\"version\":9.9},\"product_name\":\"p\",\"version\" : 1.10 ,\"status\":\"success\","
						 "\"build_number\":12345678901234567890e0,\"invoke_id\":9007199254740993}"));
	assert_string_equal(o.list, "");
	assert_is(o.s.fields.version, "1.10");
	assert_is(o.s.fields.build_number, "12345678901234567890e0");
	assert_is(o.s.fields.invoke_id, "9007199254740993");
	assert_non_null(strstr(text_cstr(o.arena, o.s.payload), "\"version\":\"1.10\",")); /* in the log too */
	arena_free(o.arena);
	o = read_event(KIND_BUILD, TEXT("{\"product_name\":1,\"version\":1,\"status\":1,\"scm_sha\":1234567}"));
	assert_int_equal(o.errors, 3); /* the others are texts only */
	arena_free(o.arena);
}

/* ---- metadata ---- */

static struct outcome read_metadata(const char *value)
{
	struct arena *a = arena_new(KIB(64), MIB(16));
	buf_auto b = BUF_INIT(MIB(1));
	buf_cstr(&b, "{\"product_name\":\"p\",\"version\":\"v\",\"status\":\"success\",\"extra_metadata\":");
	buf_cstr(&b, value);
	buf_char(&b, '}');
	struct outcome o = read_event(KIND_BUILD, buf_view(&b));
	arena_free(a);
	return o;
}

/* {"a":{"a":…{}}} of that many levels, the innermost one an object or an array. */
static void nested(size_t levels, bool array, char out[static 1000])
{
	struct buf b = BUF_INIT(1000);
	for (size_t i = 1; i < levels; i++) buf_cstr(&b, "{\"a\":");
	buf_cstr(&b, array ? "[]" : "{}");
	for (size_t i = 1; i < levels; i++) buf_char(&b, '}');
	snprintf(out, 1000, "%.*s", (int)b.n, b.p);
	buf_done(&b);
}

static void metadata_is_at_most_32_levels_deep(void **state)
{
	(void)state;
	static const struct {
		size_t levels;
		bool array, fine;
	} rows[] = {{1, false, true}, {32, false, true}, {32, true, true}, {33, false, false}, {33, true, false}, {64, false, false}};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char value[1000];
		nested(rows[i].levels, rows[i].array, value);
		struct outcome o = read_metadata(value);
		assert_string_equal(
			o.list, rows[i].fine ? ""
								 : "[{\"loc\":[\"body\",\"extra_metadata\"],\"msg\":\"ensure this value has at most 32 levels\","
								   "\"type\":\"value_error.metadata.depth\"}]");
		if (rows[i].fine) assert_is(o.s.fields.extra_metadata, value);
		arena_free(o.arena);
	}
}

/* {"a":"xxx…"} of so many bytes as compact JSON, with white space around when it was sent. */
static void assert_metadata_of(size_t bytes, const char *filler, size_t filler_bytes, bool fine)
{
	buf_auto b = BUF_INIT(MIB(1));
	buf_cstr(&b, "{   \"a\"   :   \"");
	size_t left = bytes - 8; /* {"a":""} */
	for (; left >= filler_bytes; left -= filler_bytes) buf_cstr(&b, filler);
	for (; left; left--) buf_char(&b, 'x');
	buf_cstr(&b, "\"   }");
	buf_char(&b, '\0');
	struct outcome o = read_metadata(b.p);
	assert_int_equal(o.taken, fine);
	if (fine) assert_int_equal(o.s.fields.extra_metadata.n, bytes);
	if (!fine)
		assert_string_equal(o.list,
			"[{\"loc\":[\"body\",\"extra_metadata\"],\"msg\":\"ensure this value has at most 131072 bytes as compact JSON\","
			"\"type\":\"value_error.metadata.size\"}]");
	arena_free(o.arena);
}

static void metadata_is_at_most_128_kib_as_compact_utf8(void **state)
{
	(void)state;
	assert_metadata_of(131072, "x", 1, true);
	assert_metadata_of(131073, "x", 1, false);
	/* Escapes are counted as what they stand for: six characters on the wire, one byte here. */
	assert_metadata_of(131072, "\\u003c", 1, true);
	assert_metadata_of(131073, "\\u003c", 1, false);
	assert_metadata_of(131072, "\\u00e9", 2, true);
	assert_metadata_of(131073, "\\u00e9", 2, false);
}

static void metadata_takes_any_values_and_lines(void **state)
{
	(void)state;
	struct outcome o = read_metadata(
		"{ \"z\" : [1, 2.50, -0.0, true, null, {}], \"a\" : \"tab\\tline\\r\\n\", \"\" : \"\\u00e9\" }");
	assert_string_equal(o.list, "");
	assert_is(o.s.fields.extra_metadata, "{\"z\":[1,2.5,-0.0,true,null,{}],\"a\":\"tab\\tline\\r\\n\",\"\":\"\xc3\xa9\"}");
	arena_free(o.arena);
}

static void the_run_attempt_is_an_integer_or_a_text(void **state)
{
	(void)state;
	static const struct {
		const char *value, *attempt;
	} rows[] = {
		{"{\"vi_gh_run_attempt\":2}", "2"},
		{"{\"vi_gh_run_attempt\":\"2\"}", "2"},
		{"{\"vi_gh_run_attempt\":\" 2 \"}", "2"},
		{"{\"vi_gh_run_attempt\":-1}", "-1"},
		{"{\"vi_gh_run_attempt\":\"\"}", NULL},
		{"{\"vi_gh_run_attempt\":null}", NULL},
		{"{\"vi_gh_run_attempt\":[2]}", NULL},
		{"{\"vi_gh_run_attempt\":true}", NULL},
		{"{\"a\":{\"vi_gh_run_attempt\":2}}", NULL},
		{"{}", NULL},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct outcome o = read_metadata(rows[i].value);
		assert_string_equal(o.list, "");
		if (rows[i].attempt)
			assert_is(o.s.fields.run_attempt, rows[i].attempt);
		else
			assert_null(o.s.fields.run_attempt.p);
		arena_free(o.arena);
	}
}

/* ---- times ---- */

static void a_time_in_the_future_becomes_now_with_a_warning(void **state)
{
	(void)state;
	static const struct {
		const char *more;
		size_t warnings;
		const char *first;
	} rows[] = {
		{"\"started_at\":\"2026-05-24T12:11:05Z\"", 0, NULL}, /* five minutes exactly */
		{"\"started_at\":\"2026-05-24T12:11:05.000001Z\"", 1,
			"started_at was more than 5 minutes in the future and was set to now"},
		{"\"completed_at\":\"2027-01-01T00:00:00Z\",\"occurred_at\":\"9999-12-31T23:59:59Z\"", 2,
			"completed_at was more than 5 minutes in the future and was set to now"},
		{"\"started_at\":\"2026-05-24T12:02:00Z\",\"completed_at\":\"2026-05-24T12:01:00Z\"", 1,
			"completed_at is before started_at"},
		{"\"started_at\":\"2026-05-24T12:01:00Z\",\"completed_at\":\"2026-05-24T12:01:00Z\"", 0, NULL},
		{"", 0, NULL},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct outcome o = read_deployment(rows[i].more);
		assert_string_equal(o.list, "");
		assert_int_equal(o.s.warning_count, rows[i].warnings);
		if (rows[i].first) assert_string_equal(o.s.warnings[0], rows[i].first);
		arena_free(o.arena);
	}
	struct outcome o = read_deployment("\"occurred_at\":\"2030-01-01T00:00:00Z\"");
	assert_int_equal(o.s.fields.occurred_at, NOW);
	assert_non_null(strstr(
		text_cstr(o.arena, o.s.payload), "\"occurred_at\":\"2026-05-24T12:06:05.000000Z\"")); /* the replay sees the same */
	arena_free(o.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_field_of_a_deployment),
		cmocka_unit_test(a_build_has_no_environment_and_is_built_by_somebody),
		cmocka_unit_test(what_is_required_is_missed),
		cmocka_unit_test(an_unknown_status_lists_the_words_of_the_kind),
		cmocka_unit_test(limits_are_in_characters),
		cmocka_unit_test(control_characters_are_refused),
		cmocka_unit_test(a_body_that_is_all_wrong_has_all_its_errors),
		cmocka_unit_test(numbers_are_taken_as_their_text),
		cmocka_unit_test(metadata_is_at_most_32_levels_deep),
		cmocka_unit_test(metadata_is_at_most_128_kib_as_compact_utf8),
		cmocka_unit_test(metadata_takes_any_values_and_lines),
		cmocka_unit_test(the_run_attempt_is_an_integer_or_a_text),
		cmocka_unit_test(a_time_in_the_future_becomes_now_with_a_warning),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
