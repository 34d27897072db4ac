/* Configs of channels: what is accepted, each sentence of what is not, what a change keeps, and that no secret is shown. */
#include "sample.h"

static const struct config_field FIELDS[] = {
	{.name = "url", .kind = CONFIG_URL, .required = true, .limit = LIMIT_URL},
	{.name = "room", .kind = CONFIG_PLAIN, .limit = 8},
	{.name = "secret", .kind = CONFIG_SECRET, .limit = 32},
	{.name = "to", .kind = CONFIG_ADDRESSES, .limit = 3},
	{.name = "headers", .kind = CONFIG_HEADERS, .limit = 3},
	{.name = NULL},
};
static const struct channel_type EVERY_KIND = {.name = "every_kind", .config = FIELDS};

/* What one reading left behind. */
struct outcome {
	struct arena *arena;
	bool read;
	struct text config;
	struct buf problems; /* "field: message (type)", a line each */
};

static struct guard *guard;

static int set_up(void **state)
{
	(void)state;
	struct err err;
	return guard_new((const char *const[]){NULL}, &guard, &err) == RC_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	guard_free(guard);
	return 0;
}

static void note_problem(void *context, const char *field, const char *message, const char *error_type)
{
	struct outcome *o = context;
	buf_printf(&o->problems, "%s: %s (%s)\n", field, message, error_type);
}

static struct outcome read_text_of(const struct channel_type *type, struct text given, struct text before)
{
	struct outcome o = {
		.arena = arena_new(KIB(16), LIMIT_REQUEST_ARENA), .config = TEXT("untouched"), .problems = BUF_INIT(MIB(1))};
	struct notify_site site = {.guard = guard};
	const struct json *stored = before.p ? sample_json(o.arena, before) : NULL;
	o.read = channel_config_read(
		o.arena, type, given.p ? sample_json(o.arena, given) : NULL, stored, &site, &o.config, note_problem, &o);
	assert_int_equal(o.read, o.problems.n == 0);
	if (!o.read) assert_text(o.config, "untouched");
	return o;
}

static struct outcome read_config(const char *given, const char *before)
{
	return read_text_of(&EVERY_KIND, text_from(given), text_from(before));
}

static void outcome_done(struct outcome *o)
{
	buf_done(&o->problems);
	arena_free(o->arena);
}

static void assert_config(const char *given, const char *before, const char *expected)
{
	struct outcome o = read_config(given, before);
	if (!o.read) fail_msg("%s: %.*s", given, TEXT_ARGS(buf_view(&o.problems)));
	assert_text(o.config, expected);
	outcome_done(&o);
}

static void assert_problems(const char *given, const char *before, const char *expected)
{
	struct outcome o = read_config(given, before);
	if (o.read) fail_msg("%s is accepted", given);
	assert_text(buf_view(&o.problems), expected);
	outcome_done(&o);
}

static struct text shown(struct arena *a, const struct channel_type *type, struct text config)
{
	buf_auto b = BUF_INIT(LIMIT_CONFIG * 2);
	struct json_out j = json_out(&b);
	json_put_object(&j, NULL);
	channel_config_show(&j, "config", a, type, sample_json(a, config));
	json_end(&j);
	return text_copy(a, buf_view(&b));
}

#define U "\"url\":\"" SAMPLE_URL "\""
#define WITH(members) "{" U "," members "}"
#define LONG_SECRET "correct horse battery"
#define FULL \
	"{" U ",\"room\":\"#ops\",\"secret\":\"" LONG_SECRET "\",\"to\":[\"ada@example.com\",\"grace@example.com\"]," \
	"\"headers\":{\"Authorization\":\"Bearer s3cr3t-token\",\"X-Team\":\"ops\"}}"

/* ---- reading ---- */

static void what_is_accepted(void **state)
{
	(void)state;
	static const struct {
		const char *given, *config;
	} rows[] = {
		{"{" U "}", "{" U "}"},
		{FULL, FULL},
		/* the table's order, compact, trimmed */
		{"{ \"room\" : \" #ops \\n\", \"url\": \"\\t" SAMPLE_URL " \" }", "{" U ",\"room\":\"#ops\"}"},
		/* empty and null are absent */
		{WITH("\"room\":\"\",\"secret\":\"  \",\"to\":[],\"headers\":{}"), "{" U "}"},
		{WITH("\"room\":null,\"secret\":null,\"to\":null,\"headers\":null"), "{" U "}"},
		{WITH("\"headers\":{\"X-A\":\"\",\"X-B\":null,\"X-C\":\" c \"}"), "{" U ",\"headers\":{\"X-C\":\"c\"}}"},
		/* one address, and each once */
		{WITH("\"to\":\" ada@example.com \""), "{" U ",\"to\":[\"ada@example.com\"]}"},
		{WITH("\"to\":[\"a@example.com\",\"A@example.com\",\"b@example.com\"]"),
			"{" U ",\"to\":[\"a@example.com\",\"b@example.com\"]}"},
		/* limits are characters */
		{WITH("\"room\":\"éééééééé\""), "{" U ",\"room\":\"éééééééé\"}"},
		{WITH("\"secret\":\"12345678901234567890123456789012\""), "{" U ",\"secret\":\"12345678901234567890123456789012\"}"},
		{WITH("\"secret\":\"q\\\"\\\\uote\""), "{" U ",\"secret\":\"q\\\"\\\\uote\"}"},
		{WITH("\"headers\":{\"User-Agent\":\"us/1\",\"X-!#$%&'*+.^_`|~9\":\"é\"}"),
			"{" U ",\"headers\":{\"User-Agent\":\"us/1\",\"X-!#$%&'*+.^_`|~9\":\"é\"}}"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) assert_config(rows[i].given, NULL, rows[i].config);
}

static void what_is_refused(void **state)
{
	(void)state;
#define CONTROL "control characters are not allowed (value_error.str.control)\n"
#define NAME_ERROR "config.headers: the name of a header has 1 to 128 letters, digits and - (value_error.header.name)\n"
	static const struct {
		const char *given, *problems;
	} rows[] = {
		{NULL, "config.url: field required (value_error.missing)\n"},
		{"null", "config.url: field required (value_error.missing)\n"},
		{"{}", "config.url: field required (value_error.missing)\n"},
		{"{\"url\":null}", "config.url: field required (value_error.missing)\n"},
		{"{\"url\":\" \"}", "config.url: field required (value_error.missing)\n"},
		{"[]", "config: value is not a valid dict (type_error.dict)\n"},
		{"\"\"", "config: value is not a valid dict (type_error.dict)\n"},
		{"{\"url\":7}", "config.url: str type expected (type_error.str)\n"},
		{"{\"url\":[\"x\"]}", "config.url: str type expected (type_error.str)\n"},
		{"{\"url\":\"https://a.example/\\r\\nX: y\"}", "config.url: " CONTROL},
		{WITH("\"room\":\"a\\u0000b\""), "config.room: " CONTROL},
		{WITH("\"room\":\"123456789\""),
			"config.room: ensure this value has at most 8 characters (value_error.any_str.max_length)\n"},
		{WITH("\"secret\":true"), "config.secret: str type expected (type_error.str)\n"},
		{WITH("\"secret\":\"a\\u0007\""), "config.secret: " CONTROL},
		{WITH("\"secret\":\"123456789012345678901234567890123\""),
			"config.secret: ensure this value has at most 32 characters (value_error.any_str.max_length)\n"},
		{WITH("\"to\":\"nobody\""), "config.to: number 1 is not a valid email address (value_error.email)\n"},
		{WITH("\"to\":[\"a@example.com\",\"Ada <b@example.com>\"]"),
			"config.to: number 2 is not a valid email address (value_error.email)\n"},
		{WITH("\"to\":[\"a@example.com\\r\\nBcc: c@example.com\"]"),
			"config.to: number 1 is not a valid email address (value_error.email)\n"},
		{WITH("\"to\":[\"a@example.com\",7]"), "config.to: str type expected (type_error.str)\n"},
		{WITH("\"to\":{\"a\":1}"), "config.to: str type expected (type_error.str)\n"},
		{WITH("\"to\":[\"a@x.io\",\"b@x.io\",\"c@x.io\",\"d@x.io\"]"),
			"config.to: ensure this value has at most 3 items (value_error.list.max_items)\n"},
		{WITH("\"headers\":[],\"secret\":[],\"to\":{}"),
			"config.secret: str type expected (type_error.str)\nconfig.to: str type expected (type_error.str)\n"
			"config.headers: value is not a valid dict (type_error.dict)\n"},
		{WITH("\"headers\":[\"X-A\"]"), "config.headers: value is not a valid dict (type_error.dict)\n"},
		{WITH("\"headers\":{\"X-A\":\"1\",\"X-B\":\"2\",\"X-C\":\"3\",\"X-D\":\"4\"}"),
			"config.headers: ensure this value has at most 3 members (value_error.dict.max_items)\n"},
		{WITH("\"headers\":{\"X-A\":7}"), "config.headers.X-A: str type expected (type_error.str)\n"},
		{WITH("\"headers\":{\"X-A\":\"a\\r\\nHost: evil\"}"), "config.headers.X-A: " CONTROL},
		{WITH("\"headers\":{\"X-A\":\"1\",\"x-a\":\"2\"}"),
			"config.headers.x-a: this header is given twice (value_error.header.twice)\n"},
		{WITH("\"headers\":{\"\":\"1\"}"), NAME_ERROR},
		{WITH("\"headers\":{\"X A\":\"1\"}"), NAME_ERROR},
		{WITH("\"headers\":{\"X-A:\":\"1\"}"), NAME_ERROR},
		{WITH("\"headers\":{\"X-A\\r\\nHost\":\"1\"}"), NAME_ERROR},
		{WITH("\"headers\":{\"X-\\\"\":\"1\"}"), NAME_ERROR},
		{WITH("\"headers\":{\"X-é\":\"1\"}"), NAME_ERROR},
		{WITH("\"token\":\"x\""), "config.token: unknown field, one of: url, room, secret, to, headers (value_error.extra)\n"},
		/* each is told of, in the order of the table */
		{"{\"other\":1,\"headers\":1,\"room\":1}",
			"config.url: field required (value_error.missing)\nconfig.room: str type expected (type_error.str)\n"
			"config.headers: value is not a valid dict (type_error.dict)\n"
			"config.other: unknown field, one of: url, room, secret, to, headers (value_error.extra)\n"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) assert_problems(rows[i].given, NULL, rows[i].problems);
}

static void urls_are_checked_by_the_rules_for_destinations(void **state)
{
	(void)state;
	static const char *const refused[] = {"ftp://example.com/", "javascript:alert(1)", "https://user:word@example.com/",
		"http://127.0.0.1/", "http://[::1]/", "http://169.254.169.254/latest", "https://"};
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct arena *a = arena_new(KIB(4), KIB(64));
		struct err err = {0};
		assert_int_equal(outgoing_url_check(text_from(refused[i]), guard, &err), RC_INVALID);
		assert_problems(arena_printf(a, "{\"url\":\"%s\"}", refused[i]), NULL,
			arena_printf(a, "config.url: %s (value_error.url)\n", err.text));
		arena_free(a);
	}
}

static void reserved_headers(void **state)
{
	(void)state;
	static const char *const reserved[] = {"Host", "content-length", "Transfer-Encoding", "CONNECTION", "Content-Type", "TE",
		"Trailer", "Upgrade", "Expect", "Keep-Alive", "Proxy-Authorization", "Accept-Encoding", "X-Versioner-Signature",
		"x-versioner-anything", "webhook-id", "Webhook-Signature"};
	for (size_t i = 0; i < COUNT(reserved); i++) {
		struct arena *a = arena_new(KIB(4), KIB(64));
		assert_problems(arena_printf(a, WITH("\"headers\":{\"%s\":\"x\"}"), reserved[i]), NULL,
			arena_printf(a, "config.headers.%s: this header is set by the server (value_error.header.reserved)\n", reserved[i]));
		arena_free(a);
	}
	assert_config(WITH("\"headers\":{\"X-Host\":\"a\",\"Hosts\":\"b\",\"webhook\":\"c\"}"), NULL,
		WITH("\"headers\":{\"X-Host\":\"a\",\"Hosts\":\"b\",\"webhook\":\"c\"}"));
}

static void long_ones(void **state)
{
	(void)state;
	struct arena *a = arena_new(KIB(64), MIB(8));
	struct text x1024 = sample_long(a, "é", 1024), x128 = sample_long(a, "n", 128);
	char *right = arena_printf(a, WITH("\"headers\":{\"%.*s\":\"%.*s\"}"), TEXT_ARGS(x128), TEXT_ARGS(x1024));
	assert_config(right, NULL, right);
	assert_problems(arena_printf(a, WITH("\"headers\":{\"X-A\":\"%.*sé\"}"), TEXT_ARGS(x1024)), NULL,
		"config.headers.X-A: ensure this value has at most 1024 characters (value_error.any_str.max_length)\n");
	assert_problems(arena_printf(a, WITH("\"headers\":{\"%.*sn\":\"x\"}"), TEXT_ARGS(x128)), NULL, NAME_ERROR);
	arena_free(a);
}

static void the_whole_has_a_limit(void **state)
{
	(void)state;
	static const struct config_field fields[] = {
		{.name = "headers", .kind = CONFIG_HEADERS, .limit = 20},
		{.name = NULL},
	};
	static const struct channel_type type = {.name = "large", .config = fields};
	buf_auto b = BUF_INIT(MIB(1));
	struct arena *a = arena_new(KIB(16), MIB(1));
	struct text value = sample_long(a, "x", 1024);
	for (int i = 0; i < 20; i++) buf_printf(&b, "%s\"X-%d\":\"%.*s\"", i ? "," : "{\"headers\":{", i, TEXT_ARGS(value));
	buf_cstr(&b, "}}");
	struct outcome o = read_text_of(&type, buf_view(&b), TEXT_ABSENT);
	assert_text(
		buf_view(&o.problems), "config: ensure this value has at most 16384 bytes as compact JSON (value_error.config.size)\n");
	outcome_done(&o);
	arena_free(a);
}

/* An answer has no room for thousands of problems, or for names of any length. */
static void unknown_members_are_told_of_in_moderation(void **state)
{
	(void)state;
	buf_auto b = BUF_INIT(MIB(1));
	buf_cstr(&b, "{" U);
	for (int i = 0; i < 1000; i++) buf_printf(&b, ",\"\xF0\x9F\x9A\x80%0200d\":1", i);
	buf_char(&b, '}');
	struct outcome o = read_text_of(&EVERY_KIND, buf_view(&b), TEXT_ABSENT);
	size_t lines = 0;
	for (size_t i = 0; i < o.problems.n; i++) lines += o.problems.p[i] == '\n';
	assert_int_equal(lines, 20);
	assert_true(o.problems.n < 20 * 200);
	assert_true(utf8_valid(buf_view(&o.problems)));
	outcome_done(&o);
}

/* ---- changes ---- */

static void changes(void **state)
{
	(void)state;
	static const struct {
		const char *before, *given, *after;
	} rows[] = {
		{FULL, "{}", FULL},
		{FULL, NULL, FULL},
		{"{" U ",\"room\":\"#ops\"}", "{\"room\":\"#dev\"}", "{" U ",\"room\":\"#dev\"}"},
		{"{" U ",\"room\":\"#ops\"}", "{\"room\":null}", "{" U "}"},
		{"{" U ",\"room\":\"#ops\"}", "{\"room\":\"\"}", "{" U "}"},
		{"{" U "}", "{\"secret\":\"new\"}", "{" U ",\"secret\":\"new\"}"},
		{"{" U "}", "{\"url\":\"https://other.example/\"}", "{\"url\":\"https://other.example/\"}"},
		/* the masked form of the stored one means that one */
		{"{" U ",\"secret\":\"" LONG_SECRET "\"}", "{\"secret\":\"****tery\"}", "{" U ",\"secret\":\"" LONG_SECRET "\"}"},
		{"{" U ",\"secret\":\"short\"}", "{\"secret\":\" **** \"}", "{" U ",\"secret\":\"short\"}"},
		/* headers are replaced as a whole; masked ones are those of the same name */
		{"{" U ",\"headers\":{\"Authorization\":\"a\",\"X-Team\":\"b\"}}",
			"{\"headers\":{\"authorization\":\"****\",\"X-New\":\"c\"}}",
			"{" U ",\"headers\":{\"authorization\":\"a\",\"X-New\":\"c\"}}"},
		{"{" U ",\"headers\":{\"Authorization\":\"a\"}}", "{\"headers\":{}}", "{" U "}"},
		/* another path of the same host may have them, another host must be given them */
		{"{" U ",\"headers\":{\"X-A\":\"a\"}}", "{\"url\":\"" SAMPLE_URL "/other\"}",
			"{\"url\":\"" SAMPLE_URL "/other\",\"headers\":{\"X-A\":\"a\"}}"},
		{"{" U ",\"headers\":{\"X-A\":\"a\"}}", "{\"url\":\"https://other.example/\",\"headers\":{\"X-A\":\"b\"}}",
			"{\"url\":\"https://other.example/\",\"headers\":{\"X-A\":\"b\"}}"},
		{"{" U ",\"to\":[\"a@example.com\"]}", "{\"to\":\"b@example.com\"}", "{" U ",\"to\":[\"b@example.com\"]}"},
		/* what the type no longer takes is dropped */
		{"{" U ",\"former\":\"x\"}", "{}", "{" U "}"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) assert_config(rows[i].given, rows[i].before, rows[i].after);
}

#define MOVED "give the headers again: the URL leads to another host now (value_error.moved)\n"
#define MASKED_ALREADY "this is the masked form of a value that is not stored here: give the value itself (value_error.masked)\n"

static void changes_that_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *before, *given, *problems;
	} rows[] = {
		{"{" U "}", "{\"url\":null}", "config.url: field required (value_error.missing)\n"},
		{"{" U "}", "{\"url\":\"\"}", "config.url: field required (value_error.missing)\n"},
		/* a mask of something else must not become the secret */
		{"{" U ",\"secret\":\"" LONG_SECRET "\"}", "{\"secret\":\"****abcd\"}", "config.secret: " MASKED_ALREADY},
		{"{" U "}", "{\"secret\":\"****\"}", "config.secret: " MASKED_ALREADY},
		{NULL, WITH("\"secret\":\"****tery\""), "config.secret: " MASKED_ALREADY},
		{"{" U "}", "{\"url\":\"https://other.example/…abcd\"}", "config.url: " MASKED_ALREADY},
		{"{" U ",\"headers\":{\"X-A\":\"a\"}}", "{\"headers\":{\"X-B\":\"****\"}}", "config.headers.X-B: " MASKED_ALREADY},
		{"{" U ",\"headers\":{\"X-A\":\"a\"}}", "{\"headers\":{\"X-A\":\"****a\"}}", "config.headers.X-A: " MASKED_ALREADY},
		/* what is sent in the clear does not follow to another host */
		{"{" U ",\"headers\":{\"X-A\":\"a\"}}", "{\"url\":\"https://other.example/\"}", "config.headers: " MOVED},
		{"{" U ",\"headers\":{\"X-A\":\"a\"}}", "{\"url\":\"https://other.example/\",\"headers\":{\"X-A\":\"****\"}}",
			"config.headers: " MOVED},
	};
	for (size_t i = 0; i < COUNT(rows); i++) assert_problems(rows[i].given, rows[i].before, rows[i].problems);
}

/* A form that shows a config and saves it untouched changes nothing. */
static void what_is_shown_can_be_saved(void **state)
{
	(void)state;
	static const struct {
		const struct channel_type *type;
		const char *config;
	} rows[] = {
		{&EVERY_KIND, FULL},
		{&EVERY_KIND, "{" U ",\"secret\":\"short\"}"},
		{&CHANNEL_WEBHOOK, "{" U ",\"secret\":\"****************\",\"headers\":{\"X-A\":\"b\"}}"},
		{&CHANNEL_WEBHOOK, "{\"url\":\"http://h.example:8080?token=abc\"}"},
		{&CHANNEL_EMAIL, "{\"to\":[\"ada@example.com\"]}"},
		{&CHANNEL_MSTEAMS, "{\"webhook_url\":\"" SAMPLE_URL "?sig=abcdefghijkl\"}"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *a = arena_new(KIB(16), MIB(1));
		const struct json *answer = sample_json(a, shown(a, rows[i].type, text_from(rows[i].config)));
		buf_auto form = BUF_INIT(LIMIT_CONFIG);
		json_write_value(&form, json_member(answer, "config"));
		struct outcome o = read_text_of(rows[i].type, buf_view(&form), text_from(rows[i].config));
		if (!o.read) fail_msg("%.*s: %.*s", TEXT_ARGS(buf_view(&form)), TEXT_ARGS(buf_view(&o.problems)));
		assert_text(o.config, rows[i].config);
		outcome_done(&o);
		arena_free(a);
	}
}

/* What was right when it was set is not refused because another field changes. */
static void a_stored_url_stays_when_the_rules_change(void **state)
{
	(void)state;
	static const char before[] = "{\"url\":\"http://127.0.0.1:9000/hooks/0123456789\"}";
	assert_config("{\"room\":\"#ops\"}", before, "{\"url\":\"http://127.0.0.1:9000/hooks/0123456789\",\"room\":\"#ops\"}");
	assert_config("{\"url\":\"http://127.0.0.1:9000/…6789\"}", before, before);
}

/* ---- showing ---- */

static void what_is_shown(void **state)
{
	(void)state;
	struct arena *a = arena_new(KIB(16), MIB(1));
	struct text url = outgoing_url_masked(a, TEXT(SAMPLE_URL));
	assert_text(shown(a, &EVERY_KIND, TEXT(FULL)), arena_printf(a,
													   "{\"config\":{\"url\":\"%.*s\",\"room\":\"#ops\",\"secret\":\"****tery\","
													   "\"to\":[\"ada@example.com\",\"grace@example.com\"],"
													   "\"headers\":{\"Authorization\":\"****\",\"X-Team\":\"****\"}}}",
													   TEXT_ARGS(url)));
	assert_text(shown(a, &EVERY_KIND, TEXT("{\"room\":\"#ops\"}")),
		"{\"config\":{\"url\":null,\"room\":\"#ops\",\"secret\":null,\"to\":null,\"headers\":null}}");
	assert_true(sample_contains(
		shown(a, &EVERY_KIND, TEXT("{\"headers\":{\"X\\\"\":\"a\",\"Y\":\"b\"}}")), "\"headers\":{\"Y\":\"****\"}"));
	arena_free(a);
}

static void secrets_show_four_characters_at_most(void **state)
{
	(void)state;
	static const struct {
		const char *secret, *shown;
	} rows[] = {
		{"1", "****"},
		{"123456789012345", "****"},
		{"1234567890123456", "****3456"},
		{"éééééééé", "****"}, /* 16 bytes, 8 characters */
		{"éééééééééééééééé", "****éééé"},
		{"xoxb-000000000000-abcdefgh\xF0\x9F\x9A\x80", "****fgh\xF0\x9F\x9A\x80"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *a = arena_new(KIB(16), MIB(1));
		struct text config = text_from(arena_printf(a, "{\"secret\":\"%s\"}", rows[i].secret));
		const struct json *config_shown = json_member(sample_json(a, shown(a, &EVERY_KIND, config)), "config");
		assert_text(json_text(json_member(config_shown, "secret")), rows[i].shown);
		arena_free(a);
	}
}

/* By every type: neither what is shown nor any problem has a piece of a secret in it. */
static void nothing_quotes_a_secret(void **state)
{
	(void)state;
	static const char token[] = "s3cr3t-Zq7Wm2Xc9Vb4Nk";
	static const struct channel_type *const types[] = {&EVERY_KIND, &CHANNEL_WEBHOOK, &CHANNEL_MSTEAMS};
	for (size_t i = 0; i < COUNT(types); i++) {
		struct arena *a = arena_new(KIB(16), MIB(1));
		const char *config = arena_printf(a,
			"{\"url\":\"https://h.example/%s/in?k=%s\",\"webhook_url\":\"https://h.example/%s/"
			"in?k=%s\",\"secret\":\"%sEND!\",\"headers\":{"
			"\"X-A\":\"%s\"}}",
			token, token, token, token, token, token);
		assert_false(sample_contains(shown(a, types[i], text_from(config)), "Zq7Wm2Xc9"));
		const char *broken = arena_printf(a,
			"{\"url\":\"https://%s:%s@h.example/\\n\",\"webhook_url\":\"ftp://"
			"%s\",\"secret\":\"%s\\u0000%s\",\"headers\":{\"X-A\":\"%s\\n%s\"},"
			"\"to\":[\"%s\"]}",
			token, token, token, token, token, token, token, token);
		struct outcome o = read_text_of(types[i], text_from(broken), TEXT_ABSENT);
		assert_false(o.read);
		assert_false(sample_contains(buf_view(&o.problems), "Zq7Wm2Xc9"));
		outcome_done(&o);
		arena_free(a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_accepted),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(urls_are_checked_by_the_rules_for_destinations),
		cmocka_unit_test(reserved_headers),
		cmocka_unit_test(long_ones),
		cmocka_unit_test(the_whole_has_a_limit),
		cmocka_unit_test(unknown_members_are_told_of_in_moderation),
		cmocka_unit_test(changes),
		cmocka_unit_test(changes_that_are_refused),
		cmocka_unit_test(what_is_shown_can_be_saved),
		cmocka_unit_test(a_stored_url_stays_when_the_rules_change),
		cmocka_unit_test(what_is_shown),
		cmocka_unit_test(secrets_show_four_characters_at_most),
		cmocka_unit_test(nothing_quotes_a_secret),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
