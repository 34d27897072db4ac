/* Reading a declared body: each kind of field with what is right and wrong for it, and the exact list of errors. */
#include "request.h"

#include "api/body.h"
#include "base/json.h"

struct target {
	struct text name, tag, note;
	int colour;
	time_us at;
	bool flag;
	int64_t number;
	struct text metadata;
	const struct json *object;
};

static bool choose_colour(void *into, struct text word)
{
	static const char *const colours[] = {"red", "green"};
	for (int i = 0; i < 2; i++)
		if (text_is(word, colours[i])) return ((struct target *)into)->colour = i + 1, true;
	return false;
}

static const char *accepted_colours(const void *into)
{
	(void)into;
	return "red, green";
}

static void take_object(void *into, const struct json *object, struct body_errors *errors)
{
	((struct target *)into)->object = object;
	if (json_member(object, "bad")) body_error(errors, "body", "object.bad", "m", "t");
}

static const struct body_field FIELDS[] = {
	{.name = "name", .kind = BODY_TEXT, .required = true, .limit = 5, .at = offsetof(struct target, name)},
	{.name = "tag", .kind = BODY_NUMBER_OR_TEXT, .limit = 10, .at = offsetof(struct target, tag)},
	{.name = "note", .kind = BODY_TEXT, .limit = 20, .multiline = true, .at = offsetof(struct target, note)},
	{.name = "colour",
		.kind = BODY_CHOICE,
		.required = true,
		.limit = 10,
		.choose = choose_colour,
		.accepted = accepted_colours,
		.error_type = "value_error.colour"},
	{.name = "at", .kind = BODY_TIME, .at = offsetof(struct target, at)},
	{.name = "flag", .kind = BODY_BOOL, .at = offsetof(struct target, flag)},
	{.name = "number", .kind = BODY_INT, .limit = 100, .at = offsetof(struct target, number)},
	{.name = "metadata", .kind = BODY_METADATA, .at = offsetof(struct target, metadata)},
	{.name = "object", .kind = BODY_OBJECT, .kept = true, .inside = take_object},
	{.name = NULL},
};

#define ALL_GOOD "\"name\":\"a\",\"colour\":\"red\""

/* What one reading left behind. */
struct outcome {
	struct arena *arena;
	struct target target;
	uint64_t given;
	size_t errors;
	char list[2048];
};

static struct outcome read_body(struct text source)
{
	struct outcome o = {.arena = arena_new(KIB(16), LIMIT_REQUEST_ARENA), .target = {.at = TIME_NONE, .number = -7}};
	const struct json *object;
	struct err err;
	struct body_errors errors;
	if (json_read(o.arena, source, &object, &err) != RC_OK) fail_msg("%.*s: %s", TEXT_ARGS(source), err.text);
	body_errors_init(&errors);
	body_read(o.arena, FIELDS, source, object, &o.target, &errors, &o.given);
	o.errors = errors.count;
	if (errors.count) snprintf(o.list, sizeof o.list, "%.*s", TEXT_ARGS(body_errors_list(&errors)));
	body_errors_done(&errors);
	return o;
}

static void assert_is(struct text t, const char *expected)
{
	if (!text_is(t, expected)) fail_msg("\"%.*s\" is not \"%s\"", TEXT_ARGS(t), expected);
}

/* ---- what is right ---- */

static void reads_every_kind(void **state)
{
	(void)state;
	struct outcome o = read_body(
		TEXT("{\"metadata\":{\"a\": [1, \"x\"]},\"number\":100,\"flag\":true,\"at\":\"2026-05-24T14:06:05.5+02:00\","
			 "\"colour\":\" green \",\"note\":\"a\\tb\\nc\",\"tag\":\"t\",\"name\":\"  \xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9 "
			 "\",\"unknown\":1}"));
	assert_string_equal(o.list, "");
	assert_is(o.target.name, "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"); /* five characters, ten bytes */
	assert_is(o.target.tag, "t");
	assert_is(o.target.note, "a\tb\nc");
	assert_int_equal(o.target.colour, 2);
	assert_int_equal(o.target.at, INT64_C(1779624365500000));
	assert_true(o.target.flag);
	assert_int_equal(o.target.number, 100);
	assert_is(o.target.metadata, "{\"a\":[1,\"x\"]}");
	assert_int_equal(o.given, 0xff);
	arena_free(o.arena);
}

static void absent_null_and_empty_leave_the_place_as_it_was(void **state)
{
	(void)state;
	static const struct {
		const char *body;
		uint64_t given;
	} rows[] = {
		{"{" ALL_GOOD "}", 0x09},
		{"{" ALL_GOOD ",\"tag\":null,\"note\":null,\"at\":null,\"flag\":null,\"number\":null,\"metadata\":null}", 0xff},
		{"{" ALL_GOOD ",\"tag\":\"\",\"note\":\" \\t\\n\",\"at\":\"  \"}", 0x1f},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct outcome o = read_body(text_from(rows[i].body));
		assert_string_equal(o.list, "");
		assert_null(o.target.tag.p);
		assert_null(o.target.note.p);
		assert_null(o.target.metadata.p);
		assert_int_equal(o.target.at, TIME_NONE);
		assert_int_equal(o.target.number, -7);
		assert_false(o.target.flag);
		assert_int_equal(o.given, rows[i].given);
		arena_free(o.arena);
	}
}

static void an_object_is_given_as_it_is(void **state)
{
	(void)state;
	struct outcome o = read_body(TEXT("{" ALL_GOOD ",\"object\":{\"b\":[\"\\u0000\"],\"a\":null}}"));
	assert_string_equal(o.list, "");
	assert_int_equal(json_size(o.target.object), 2);
	assert_int_equal(json_kind(json_member(o.target.object, "a")), JSON_IS_NULL);
	assert_int_equal(o.given, 0x109);
	arena_free(o.arena);
	o = read_body(TEXT("{" ALL_GOOD "}"));
	assert_null(o.target.object);
	assert_int_equal(o.errors, 0);
	arena_free(o.arena);
}

static void numbers_keep_their_characters(void **state)
{
	(void)state;
	static const struct {
		const char *number, *text;
	} rows[] = {{"1.10", "1.10"}, {"7", "7"}, {"-0", "-0"}, {"1e5", "1e5"}, {"1.0E+2", "1.0E+2"}, {"0.10", "0.10"},
		{"9007199254740993", NULL}};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char body[100];
		snprintf(body, sizeof body, "{" ALL_GOOD ", \"tag\" : %s }", rows[i].number);
		struct outcome o = read_body(text_from(body));
		if (rows[i].text) assert_is(o.target.tag, rows[i].text);
		assert_int_equal(o.errors, rows[i].text ? 0 : 1); /* sixteen characters, ten are allowed */
		arena_free(o.arena);
	}
}

/* ---- what is wrong ---- */

#define ONE(field, msg, type) "[{\"loc\":[\"body\",\"" field "\"],\"msg\":\"" msg "\",\"type\":\"" type "\"}]"
#define REQUIRED(field) ONE(field, "field required", "value_error.missing")
#define NO_TEXT(field) ONE(field, "str type expected", "type_error.str")
#define CONTROL(field) ONE(field, "control characters are not allowed", "value_error.str.control")
#define NO_TIME ONE("at", "invalid datetime format: RFC 3339 with an offset expected", "value_error.datetime")
#define NO_BOOL ONE("flag", "value could not be parsed to a boolean", "type_error.bool")
#define NO_INT ONE("number", "value is not a valid integer", "type_error.integer")
#define NO_RANGE ONE("number", "ensure this value is from 0 to 100", "value_error.number.range")
#define NO_COLOUR ONE("colour", "value is not one of: red, green", "value_error.colour")
#define NO_DICT_AT(field) ONE(field, "value is not a valid dict", "type_error.dict")
#define NO_DICT NO_DICT_AT("metadata")

static const struct {
	const char *body, *list;
} WRONG[] = {
	{"{\"colour\":\"red\"}", REQUIRED("name")}, {"{\"colour\":\"red\",\"name\":null}", REQUIRED("name")},
	{"{\"colour\":\"red\",\"name\":\"\"}", REQUIRED("name")},
	{"{\"colour\":\"red\",\"name\":\" \\u00a0\\u3000\\n\"}", REQUIRED("name")},
	{"{\"colour\":\"red\",\"name\":1}", NO_TEXT("name")}, {"{\"colour\":\"red\",\"name\":[]}", NO_TEXT("name")},
	{"{\"colour\":\"red\",\"name\":{}}", NO_TEXT("name")}, {"{\"colour\":\"red\",\"name\":false}", NO_TEXT("name")},
	{"{\"colour\":\"red\",\"name\":\"abcdef\"}",
		ONE("name", "ensure this value has at most 5 characters", "value_error.any_str.max_length")},
	{"{\"colour\":\"red\",\"name\":\"\\u00e9bcdef\"}",
		ONE("name", "ensure this value has at most 5 characters", "value_error.any_str.max_length")},
	{"{\"colour\":\"red\",\"name\":\"a\\u0000b\"}", CONTROL("name")},
	{"{\"colour\":\"red\",\"name\":\"a\\tb\"}", CONTROL("name")}, {"{\"colour\":\"red\",\"name\":\"a\\nb\"}", CONTROL("name")},
	{"{\"colour\":\"red\",\"name\":\"a\\u007fb\"}", CONTROL("name")},
	{"{\"colour\":\"red\",\"name\":\"a\\u0085b\"}", CONTROL("name")}, {"{" ALL_GOOD ",\"note\":\"a\\u001bb\"}", CONTROL("note")},
	{"{" ALL_GOOD ",\"note\":\"a\\rb\"}", CONTROL("note")}, {"{" ALL_GOOD ",\"tag\":true}", NO_TEXT("tag")},
	{"{" ALL_GOOD ",\"tag\":[1]}", NO_TEXT("tag")}, {"{\"name\":\"a\"}", REQUIRED("colour")},
	{"{\"name\":\"a\",\"colour\":\"\"}", REQUIRED("colour")}, {"{\"name\":\"a\",\"colour\":\"blue\"}", NO_COLOUR},
	{"{\"name\":\"a\",\"colour\":\"RED\"}", NO_COLOUR}, {"{\"name\":\"a\",\"colour\":1}", NO_TEXT("colour")},
	{"{" ALL_GOOD ",\"at\":\"2026-05-24T14:06:05\"}", NO_TIME}, {"{" ALL_GOOD ",\"at\":\"2026-02-30T14:06:05Z\"}", NO_TIME},
	{"{" ALL_GOOD ",\"at\":\"yesterday\"}", NO_TIME}, {"{" ALL_GOOD ",\"at\":1779624365}", NO_TIME},
	{"{" ALL_GOOD ",\"at\":\"2026-05-24T14:06:05Z\\u0000\"}", NO_TIME}, {"{" ALL_GOOD ",\"flag\":\"true\"}", NO_BOOL},
	{"{" ALL_GOOD ",\"flag\":1}", NO_BOOL}, {"{" ALL_GOOD ",\"number\":1.0}", NO_INT},
	{"{" ALL_GOOD ",\"number\":\"1\"}", NO_INT}, {"{" ALL_GOOD ",\"number\":true}", NO_INT},
	{"{" ALL_GOOD ",\"number\":-1}", NO_RANGE}, {"{" ALL_GOOD ",\"number\":101}", NO_RANGE},
	{"{" ALL_GOOD ",\"number\":9223372036854775807}", NO_RANGE}, {"{" ALL_GOOD ",\"metadata\":[]}", NO_DICT},
	{"{" ALL_GOOD ",\"metadata\":\"{}\"}", NO_DICT}, {"{" ALL_GOOD ",\"metadata\":1}", NO_DICT},
	{"{" ALL_GOOD ",\"metadata\":{\"a\":{\"b\":[\"\\u0007\"]}}}", CONTROL("metadata")},
	{"{" ALL_GOOD ",\"metadata\":{\"a\\u0007\":1}}", CONTROL("metadata")},
	{"{" ALL_GOOD ",\"metadata\":{\"a\":\"b\\u0000\"}}", CONTROL("metadata")},
	{"{" ALL_GOOD ",\"object\":[]}", NO_DICT_AT("object")}, {"{" ALL_GOOD ",\"object\":\"{}\"}", NO_DICT_AT("object")},
	{"{" ALL_GOOD ",\"object\":true}", NO_DICT_AT("object")},
	{"{" ALL_GOOD ",\"object\":{\"bad\":1}}", ONE("object.bad", "m", "t")},
	{"{" ALL_GOOD ",\"object\":null}", REQUIRED("object")}, /* it cannot be taken away */
};

static void tells_what_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(WRONG); i++) {
		struct outcome o = read_body(text_from(WRONG[i].body));
		if (o.errors != 1) fail_msg("%s: %zu errors %s", WRONG[i].body, o.errors, o.list);
		assert_string_equal(o.list, WRONG[i].list);
		arena_free(o.arena);
	}
}

static void finds_every_error_in_the_order_of_the_fields(void **state)
{
	(void)state;
	struct outcome o = read_body(
		TEXT("{\"metadata\":1,\"number\":-1,\"flag\":0,\"at\":\"\\u0041\",\"tag\":[],\"note\":1,\"colour\":\"x\"}"));
	static const char *const order[] = {"name", "tag", "note", "colour", "at", "flag", "number", "metadata"};
	assert_int_equal(o.errors, COUNT_OF(order));
	const char *at = o.list;
	for (size_t i = 0; i < COUNT_OF(order); i++) {
		char loc[60];
		snprintf(loc, sizeof loc, "{\"loc\":[\"body\",\"%s\"],", order[i]);
		at = strstr(at, loc);
		if (!at) fail_msg("%s is not in its place: %s", order[i], o.list);
	}
	arena_free(o.arena);
}

static void what_is_wrong_leaves_the_place_as_it_was(void **state)
{
	(void)state;
	struct outcome o = read_body(
		TEXT("{\"name\":\"abcdef\",\"colour\":\"x\",\"at\":\"x\",\"flag\":1,\"number\":101,\"metadata\":1}"));
	assert_null(o.target.name.p);
	assert_int_equal(o.target.colour, 0);
	assert_int_equal(o.target.at, TIME_NONE);
	assert_int_equal(o.target.number, -7);
	assert_null(o.target.metadata.p);
	arena_free(o.arena);
}

/* ---- the whole body, and the answer ---- */

static void a_body_is_one_object(void **state)
{
	(void)state;
	static const char NO_OBJECT[] =
		"{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"value is not a valid dict\",\"type\":\"type_error.dict\"}]}";
	static const char NO_JSON[] = "{\"detail\":\"Invalid JSON in request body\"}";
	const struct {
		struct text body;
		int status;
		const char *answer;
	} rows[] = {
		{TEXT("{}"), 0, ""},
		{TEXT(" {\"a\":1}\r\n"), 0, ""},
		{TEXT(""), 400, NO_JSON},
		{TEXT("{"), 400, NO_JSON},
		{TEXT("{} {}"), 400, NO_JSON},
		{TEXT("{\"a\":1,\"a\":2}"), 400, NO_JSON},
		{TEXT("{\"a\":\"\xff\"}"), 400, NO_JSON},
		{TEXT("{}\0"), 400, NO_JSON},
		{TEXT("nul"), 400, NO_JSON},
		{TEXT("{'a':1}"), 400, NO_JSON},
		{TEXT("[]"), 422, NO_OBJECT},
		{TEXT("null"), 422, NO_OBJECT},
		{TEXT("1"), 422, NO_OBJECT},
		{TEXT("\"{}\""), 422, NO_OBJECT},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct made_request *m = request_of("/", NULL);
		const struct json *object = NULL;
		m->r.body = rows[i].body;
		assert_int_equal(body_object(&m->r, &object), rows[i].status == 0);
		assert_int_equal(m->r.response.status, rows[i].status);
		if (rows[i].status) assert_string_equal(answer_of(m), rows[i].answer);
		request_free(m);
	}
}

static void errors_are_answered_as_422(void **state)
{
	(void)state;
	struct made_request *m = request_of("/", NULL);
	struct body_errors errors;
	body_errors_init(&errors);
	body_error(&errors, "header", "Idempotency-Key", "too \"long\"", "value_error.x");
	body_error(&errors, "body", NULL, "m", "t");
	buf_cstr(&m->r.response.body, "what was there before");
	body_errors_answer(&errors, &m->r);
	assert_int_equal(m->r.response.status, 422);
	assert_string_equal(answer_of(m),
		"{\"detail\":[{\"loc\":[\"header\",\"Idempotency-Key\"],\"msg\":\"too \\\"long\\\"\",\"type\":\"value_error.x\"},"
		"{\"loc\":[\"body\"],\"msg\":\"m\",\"type\":\"t\"}]}");
	request_free(m);
}

static void an_error_inside_of_a_field_has_its_path(void **state)
{
	(void)state;
	struct body_errors errors;
	body_errors_init(&errors);
	body_error_at(&errors, (const struct text[]){TEXT("body"), TEXT("config"), TEXT("a.b\"")}, 3, "m", "t");
	assert_true(text_is(body_errors_list(&errors), "[{\"loc\":[\"body\",\"config\",\"a.b\\\"\"],\"msg\":\"m\",\"type\":\"t\"}]"));
	body_errors_done(&errors);
}

/* Paths may be the sender's words, a million of them. */
static void errors_are_bounded(void **state)
{
	(void)state;
	struct arena *a = arena_new(MIB(2), MIB(64));
	struct body_errors errors;
	const struct json *list;
	char *word = arena_zalloc(a, KIB(512));
	memset(word, '\\', KIB(512));
	body_errors_init(&errors);
	struct text path[] = {TEXT("body"), TEXT("config"), TEXT("headers"), {word, KIB(512)}};
	for (int i = 0; i < 1000; i++) body_error_at(&errors, path, 4, "m", "t");
	assert_int_equal(errors.count, 1000);
	assert_int_equal(json_read(a, body_errors_list(&errors), &list, NULL), RC_OK);
	assert_int_equal(json_size(list), BODY_ERRORS_MOST);
	assert_int_equal(json_text(json_element(json_member(json_element(list, 0), "loc"), 3)).n, 255);
	body_errors_done(&errors);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_kind),
		cmocka_unit_test(absent_null_and_empty_leave_the_place_as_it_was),
		cmocka_unit_test(an_object_is_given_as_it_is),
		cmocka_unit_test(numbers_keep_their_characters),
		cmocka_unit_test(tells_what_is_wrong),
		cmocka_unit_test(finds_every_error_in_the_order_of_the_fields),
		cmocka_unit_test(what_is_wrong_leaves_the_place_as_it_was),
		cmocka_unit_test(a_body_is_one_object),
		cmocka_unit_test(errors_are_answered_as_422),
		cmocka_unit_test(an_error_inside_of_a_field_has_its_path),
		cmocka_unit_test(errors_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
