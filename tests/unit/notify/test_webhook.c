/* The webhook's request: body, headers and signatures, member by member. */
#include "sample.h"

#include "../tsv.h"
#include "base/secret.h"
#include "notify/webhook.h"

#define CONFIG_BARE "{\"url\":\"" SAMPLE_URL "\"}"
#define SECRET "It's a Secret to Everybody"
#define CONFIG_SECRETIVE "{\"url\":\"" SAMPLE_URL "\",\"secret\":\"" SECRET "\"}"

static struct text header(const struct sample *s, const char *name)
{
	return sample_header(s->request.headers, s->request.header_count, name);
}

static const struct json *composed(struct sample *s)
{
	sample_compose(s, &CHANNEL_WEBHOOK);
	return sample_json(s->arena, s->request.body);
}

/* ---- body ---- */

static void the_body_is_the_contract_s(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, CONFIG_BARE, "deployment.completed");
	s.delivery.notice.preflight_status = TEXT("passed");
	s.delivery.notice.transitions = TRANSITION_RECOVERED | TRANSITION_ROLLED_BACK;
	sample_compose(&s, &CHANNEL_WEBHOOK);
	assert_string_equal(s.request.url, SAMPLE_URL);
	assert_null(s.request.mail);
	assert_text(s.request.body,
		"{\"id\":\"0195b0a0-0000-7000-8000-00000000000d\",\"deployed_at\":\"2021-02-25T15:02:10.123456Z\","
		"\"event_type\":\"deployment.completed\",\"environment\":\"production\",\"is_successful\":true,\"deployer\":\"Ada L.\","
		"\"product_name\":\"shop\",\"version\":\"1.4.2\",\"repo_name\":\"acme/shop\","
		"\"commit_sha\":\"0123456789abcdef0123456789abcdef01234567\",\"preflight_status\":\"passed\","
		"\"source_url\":\"https://ci.example.com/deploys/8?a=1&b=2\",\"event_id\":\"0195b0a0-0000-7000-8000-00000000000e\","
		"\"kind\":\"upgrade\",\"previous_version\":\"1.4.1\",\"duration_seconds\":125.0,\"extra_metadata\":{\"ticket\":\"OPS-1\"}"
		","
		"\"transitions\":[\"recovered\",\"rolled_back\"]}");
	sample_end(&s);
}

static void what_is_not_known_is_null(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, CONFIG_BARE, "build.pending");
	s.delivery.notice = sample_bare_notice();
	sample_compose(&s, &CHANNEL_WEBHOOK);
	assert_text(s.request.body,
		"{\"id\":\"s\",\"deployed_at\":\"2021-02-25T15:02:10.123456Z\",\"event_type\":\"build.pending\",\"environment\":null,"
		"\"is_successful\":null,\"deployer\":null,\"product_name\":\"p\",\"version\":\"v\",\"repo_name\":null,\"commit_sha\":"
		"null,"
		"\"preflight_status\":null,\"source_url\":null,\"event_id\":\"e\",\"kind\":null,\"previous_version\":null,"
		"\"duration_seconds\":null,\"extra_metadata\":null,\"transitions\":[]}");
	sample_end(&s);
}

static void every_event_type_of_the_table(void **state)
{
	(void)state;
	struct tsv *t = tsv_read("event-types.tsv");
	for (size_t i = 0; i < t->rows; i++) {
		const char *name = tsv_get(t, i, "event_type"), *successful = tsv_get(t, i, "is_successful");
		struct sample s;
		sample_begin(&s, CONFIG_BARE, name);
		if (!strcmp(tsv_get(t, i, "category"), "build")) s.delivery.notice.kind = KIND_BUILD;
		const struct json *body = composed(&s);
		assert_text(json_text(json_member(body, "event_type")), name);
		assert_text(header(&s, "X-Versioner-Event"), name);
		const struct json *v = json_member(body, "is_successful");
		const char *is = json_kind(v) == JSON_IS_NULL ? "null" : json_bool(v) ? "true" : "false";
		assert_string_equal(is, successful);
		assert_int_equal(json_kind(v) == JSON_IS_NULL || json_kind(v) == JSON_IS_BOOL, true);
		assert_int_equal(json_kind(json_member(body, "environment")) == JSON_IS_NULL, s.delivery.notice.kind == KIND_BUILD);
		sample_end(&s);
	}
	tsv_free(t);
}

static void our_event_types_are_successes(void **state)
{
	(void)state;
	static const char *const ours[] = {"deployment.recovered", "deployment.rolled_back"};
	for (size_t i = 0; i < COUNT(ours); i++) {
		struct sample s;
		sample_begin(&s, CONFIG_BARE, ours[i]);
		const struct json *body = composed(&s);
		assert_text(json_text(json_member(body, "event_type")), ours[i]);
		assert_true(json_bool(json_member(body, "is_successful")));
		sample_end(&s);
	}
}

static void the_deployer_is_the_best_name_known(void **state)
{
	(void)state;
	static const struct {
		const char *name, *login, *email, *deployer;
	} rows[] = {
		{"Ada L.", "ada", "ada@example.com", "Ada L."},
		{NULL, "ada", "ada@example.com", "ada"},
		{"", "", "ada@example.com", "ada@example.com"},
		{NULL, NULL, NULL, NULL},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sample s;
		sample_begin(&s, CONFIG_BARE, "deployment.started");
		s.delivery.notice.actor_name = text_from(rows[i].name);
		s.delivery.notice.actor = text_from(rows[i].login);
		s.delivery.notice.actor_email = text_from(rows[i].email);
		assert_true(text_equal(json_text(json_member(composed(&s), "deployer")), text_from(rows[i].deployer)));
		sample_end(&s);
	}
}

static void the_source_is_a_web_link_or_nothing(void **state)
{
	(void)state;
	static const struct {
		const char *deploy, *build, *source;
	} rows[] = {
		{"https://d.example", "https://b.example", "https://d.example"},
		{NULL, "http://b.example", "http://b.example"},
		{"HTTPS://d.example", NULL, "HTTPS://d.example"},
		{"javascript:alert(1)", "https://b.example", "https://b.example"},
		{"ftp://d.example", "file:///etc/passwd", NULL},
		{"https://", "http:/b.example", NULL},
		{"", " https://b.example", "https://b.example"},
		{"https://ada:secret@d.example", "https://b.example/a b", NULL},
		{"https://d.example/\xc3\xa4|", NULL, "https://d.example/%C3%A4%7C"},
		{NULL, NULL, NULL},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sample s;
		sample_begin(&s, CONFIG_BARE, "deployment.started");
		s.delivery.notice.deploy_url = text_from(rows[i].deploy);
		s.delivery.notice.build_url = text_from(rows[i].build);
		if (!text_equal(json_text(json_member(composed(&s), "source_url")), text_from(rows[i].source))) fail_msg("row %zu", i);
		sample_end(&s);
	}
}

static void rollouts_and_transitions(void **state)
{
	(void)state;
	static const struct {
		enum rollout rollout;
		unsigned transitions;
		const char *expected;
	} rows[] = {
		{ROLLOUT_INITIAL, 0, "\"kind\":\"initial\",\"transitions\":[]"},
		{ROLLOUT_REDEPLOY, TRANSITION_RECOVERED, "\"kind\":\"redeploy\",\"transitions\":[\"recovered\"]"},
		{ROLLOUT_ROLLBACK, TRANSITION_ROLLED_BACK, "\"kind\":\"rollback\",\"transitions\":[\"rolled_back\"]"},
		{ROLLOUT_NONE, 0, "\"kind\":null,\"transitions\":[]"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sample s;
		sample_begin(&s, CONFIG_BARE, "deployment.completed");
		s.delivery.notice.rollout = rows[i].rollout;
		s.delivery.notice.transitions = rows[i].transitions;
		const struct json *body = composed(&s);
		buf_auto seen = BUF_INIT(KIB(1));
		buf_cstr(&seen, "\"kind\":");
		json_write_value(&seen, json_member(body, "kind"));
		buf_cstr(&seen, ",\"transitions\":");
		json_write_value(&seen, json_member(body, "transitions"));
		assert_text(buf_view(&seen), rows[i].expected);
		sample_end(&s);
	}
}

static void durations(void **state)
{
	(void)state;
	static const struct {
		time_us started, ended;
		enum json_kind kind;
		double seconds;
	} rows[] = {
		{SAMPLE_AT, SAMPLE_AT + 1500000, JSON_IS_REAL, 1.5}, {SAMPLE_AT, SAMPLE_AT, JSON_IS_REAL, 0},
		{SAMPLE_AT, SAMPLE_AT - 7, JSON_IS_REAL, 0}, /* clocks that disagree */
		{TIME_NONE, SAMPLE_AT, JSON_IS_NULL, 0}, {SAMPLE_AT, TIME_NONE, JSON_IS_NULL, 0},
		{INT64_MIN + 1, INT64_MAX, JSON_IS_REAL, 18446744073709.55}, /* no overflow */
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sample s;
		sample_begin(&s, CONFIG_BARE, "deployment.completed");
		s.delivery.notice.started_at = rows[i].started;
		s.delivery.notice.ended_at = rows[i].ended;
		const struct json *v = json_member(composed(&s), "duration_seconds");
		assert_int_equal(json_kind(v), rows[i].kind);
		assert_true(json_number(v) >= rows[i].seconds - 0.01 && json_number(v) <= rows[i].seconds + 0.01);
		sample_end(&s);
	}
}

/* A program gets what was sent, to the byte, and nothing of it gets out of its member or into a header. */
static void hostile_texts_stay_in_their_members(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(HOSTILE); i++) {
		struct sample s;
		sample_begin(&s, CONFIG_SECRETIVE, "deployment.failed");
		sample_fill(&s.delivery.notice, text_from(HOSTILE[i]));
		const struct json *body = composed(&s);
		assert_int_equal(json_size(body), 18);
		assert_text(json_text(json_member(body, "product_name")), HOSTILE[i]);
		assert_text(json_text(json_member(body, "commit_sha")), HOSTILE[i]);
		assert_one_line(s.request.body);
		assert_clean_headers(s.request.headers, s.request.header_count);
		sample_end(&s);
	}
}

static void the_largest_event_fits(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, CONFIG_BARE, "deployment.failed");
	sample_fill(&s.delivery.notice, sample_long(s.arena, "\xE2\x80\xA8", 4096)); /* each becomes six characters */
	struct text value = sample_long(s.arena, "\xF0\x9F\x9A\x80", (LIMIT_METADATA_BYTES - 8) / 4);
	s.delivery.notice.extra_metadata = text_from(arena_printf(s.arena, "{\"k\":\"%.*s\"}", TEXT_ARGS(value)));
	const struct json *body = composed(&s);
	assert_true(text_equal(json_text(json_member(json_member(body, "extra_metadata"), "k")), value));
	sample_end(&s);
}

/* ---- headers ---- */

static void without_a_secret_nothing_is_signed(void **state)
{
	(void)state;
	static const char *const names[] = {"Content-Type", "X-Versioner-Event", "webhook-id", "webhook-timestamp"};
	static const char *const values[] = {
		"application/json", "deployment.completed", "0195b0a0-0000-7000-8000-00000000000a", "1614265330"};
	struct sample s;
	sample_begin(&s, CONFIG_BARE, "deployment.completed");
	sample_compose(&s, &CHANNEL_WEBHOOK);
	assert_int_equal(s.request.header_count, COUNT(names));
	for (size_t i = 0; i < COUNT(names); i++) assert_text(header(&s, names[i]), values[i]);
	sample_end(&s);
}

static void with_a_secret_both_signatures_are_right(void **state)
{
	(void)state;
	struct sample s;
	uint8_t mac[32];
	char hex[65];
	sample_begin(&s, CONFIG_SECRETIVE, "deployment.failed");
	sample_compose(&s, &CHANNEL_WEBHOOK);
	assert_int_equal(s.request.header_count, 6);
	hmac_sha256(TEXT(SECRET), &s.request.body, 1, mac);
	hex_encode(mac, sizeof mac, hex);
	assert_text(header(&s, "X-Versioner-Signature"), arena_printf(s.arena, "sha256=%s", hex));

	struct text signed_text = text_from(
		arena_printf(s.arena, "%.*s.1614265330.%.*s", TEXT_ARGS(s.delivery.id), TEXT_ARGS(s.request.body)));
	hmac_sha256(TEXT(SECRET), &signed_text, 1, mac);
	struct text base64 = base64_encode(s.arena, (struct text){(char *)mac, sizeof mac});
	assert_text(header(&s, "webhook-signature"), arena_printf(s.arena, "v1,%.*s", TEXT_ARGS(base64)));
	for (size_t i = 0; i < s.request.header_count; i++) assert_false(sample_contains(s.request.headers[i].value, SECRET));
	sample_end(&s);
}

/* The timestamp is the attempt's, so that a receiver that refuses old ones takes a retry; the id is the message's. */
static void a_retry_has_the_same_id_and_a_new_time(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, CONFIG_SECRETIVE, "deployment.failed");
	sample_compose(&s, &CHANNEL_WEBHOOK);
	struct text id = header(&s, "webhook-id"), signature = header(&s, "webhook-signature"), body = s.request.body;
	s.delivery.now += SECONDS_US(3600);
	sample_compose(&s, &CHANNEL_WEBHOOK);
	assert_true(text_equal(header(&s, "webhook-id"), id));
	assert_true(text_equal(s.request.body, body));
	assert_text(header(&s, "webhook-timestamp"), "1614268930");
	assert_false(text_equal(header(&s, "webhook-signature"), signature));
	sample_end(&s);
}

static void the_vector_of_standard_webhooks(void **state)
{
	(void)state;
	struct arena *a = arena_new(KIB(4), KIB(64));
	assert_text(webhook_signature(a, TEXT("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), TEXT("msg_p5jXN8AQM9LWM0D4loKWxJek"),
					1614265330, TEXT("{\"test\": 2432232314}")),
		"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	arena_free(a);
}

static void assert_key(struct arena *a, struct text secret, struct text key)
{
	uint8_t mac[32];
	hmac_sha256(key, &TEXT("id.1.{}"), 1, mac);
	struct text expected = base64_encode(a, (struct text){(char *)mac, sizeof mac});
	assert_text(webhook_signature(a, secret, TEXT("id"), 1, TEXT("{}")), arena_printf(a, "v1,%s", expected.p));
}

static void only_whole_keys_are_decoded(void **state)
{
	(void)state;
	static const struct {
		size_t bytes;
		bool decoded;
	} rows[] = {{23, false}, {24, true}, {64, true}, {65, false}};
	static const char *const plain[] = {
		"whsec_", "whsec_not base64 at all, but long enough for it!", "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"};
	struct arena *a = arena_new(KIB(4), KIB(64));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text key = sample_long(a, "k", rows[i].bytes);
		struct text secret = text_from(arena_printf(a, "whsec_%s", base64_encode(a, key).p));
		assert_key(a, secret, rows[i].decoded ? key : secret);
	}
	for (size_t i = 0; i < COUNT(plain); i++) assert_key(a, text_from(plain[i]), text_from(plain[i]));
	arena_free(a);
}

static void the_config_s_headers_come_last(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, "{\"url\":\"" SAMPLE_URL "\",\"headers\":{\"Authorization\":\"Bearer abc\",\"X-Team\":\"\xC3\xA9quipe\"}}",
		"deployment.completed");
	sample_compose(&s, &CHANNEL_WEBHOOK);
	assert_int_equal(s.request.header_count, 6);
	assert_text(s.request.headers[4].name, "Authorization");
	assert_text(s.request.headers[4].value, "Bearer abc");
	assert_text(header(&s, "X-Team"), "\xC3\xA9quipe");
	sample_end(&s);
}

static void a_test_says_so(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, CONFIG_BARE, "deployment.completed");
	s.delivery.is_test = true;
	sample_compose(&s, &CHANNEL_WEBHOOK);
	assert_text(header(&s, "X-Versioner-Test"), "true");
	assert_text(header(&s, "X-Versioner-Event"), "deployment.completed");
	sample_end(&s);
}

static void a_channel_without_an_url_is_refused(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, "{}", "deployment.completed");
	assert_int_equal(CHANNEL_WEBHOOK.compose(&s.delivery, &s.request, &s.err), RC_INVALID);
	assert_string_equal(s.err.text, "the channel has no url");
	sample_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_body_is_the_contract_s),
		cmocka_unit_test(what_is_not_known_is_null),
		cmocka_unit_test(every_event_type_of_the_table),
		cmocka_unit_test(our_event_types_are_successes),
		cmocka_unit_test(the_deployer_is_the_best_name_known),
		cmocka_unit_test(the_source_is_a_web_link_or_nothing),
		cmocka_unit_test(rollouts_and_transitions),
		cmocka_unit_test(durations),
		cmocka_unit_test(hostile_texts_stay_in_their_members),
		cmocka_unit_test(the_largest_event_fits),
		cmocka_unit_test(without_a_secret_nothing_is_signed),
		cmocka_unit_test(with_a_secret_both_signatures_are_right),
		cmocka_unit_test(a_retry_has_the_same_id_and_a_new_time),
		cmocka_unit_test(the_vector_of_standard_webhooks),
		cmocka_unit_test(only_whole_keys_are_decoded),
		cmocka_unit_test(the_config_s_headers_come_last),
		cmocka_unit_test(a_test_says_so),
		cmocka_unit_test(a_channel_without_an_url_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
