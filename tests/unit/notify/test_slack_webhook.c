/* Messages to Slack's incoming webhooks: every event type, hostile texts, and what the answers mean. */
#include "slack_sample.h"

#include "../tsv.h"
#include "notify/slack_blocks.h"

static const struct json *message(struct sample *s)
{
	return slack_message(s, &CHANNEL_SLACK_WEBHOOK);
}

static void every_event_type_has_its_message(void **state)
{
	(void)state;
	struct tsv *t = tsv_read("event-types.tsv");
	for (size_t i = 0; i < t->rows; i++) {
		struct sample s;
		char header[256], preview[256];
		const char *icon = tsv_get(t, i, "icon"), *headline = tsv_get(t, i, "headline");
		slack_begin(&s, WEBHOOK_CONFIG, tsv_get(t, i, "event_type"));
		const struct json *m = message(&s);
		snprintf(header, sizeof header, "%s%s%s", icon, *icon ? " " : "", headline);
		snprintf(preview, sizeof preview, "%s: shop 1.4.2 \xE2\x86\x92 production", headline);
		assert_text(slack_header(m), header);
		assert_text(json_text(json_member(m, "text")), preview);
		assert_text(slack_field_words(m, 0), "*Product*\nshop");
		assert_int_equal(slack_code_block(m).p != NULL, s.delivery.type->is_failure);
		sample_end(&s);
	}
	tsv_free(t);
}

static void our_own_event_types_too(void **state)
{
	(void)state;
	for (const struct event_type *t = EVENT_TYPES; t->name; t++) {
		struct sample s;
		slack_begin(&s, WEBHOOK_CONFIG, t->name);
		assert_true(sample_contains(slack_header(message(&s)), t->headline));
		sample_end(&s);
	}
}

static void the_whole_message(void **state)
{
	(void)state;
	struct sample s;
	slack_begin(&s, WEBHOOK_CONFIG, "deployment.failed");
	s.delivery.notice.state = STATE_FAILED;
	message(&s);
	assert_string_equal(s.request.url, SAMPLE_URL);
	assert_text(sample_header(s.request.headers, s.request.header_count, "Content-Type"), "application/json");
	assert_text(s.request.body,
		"{\"text\":\"Deployment failed: shop 1.4.2 \xE2\x86\x92 production\",\"blocks\":["
		"{\"type\":\"header\",\"text\":{\"type\":\"plain_text\",\"text\":\"\xE2\x9D\x8C Deployment failed\",\"emoji\":false}},"
		"{\"type\":\"section\",\"fields\":[{\"type\":\"mrkdwn\",\"text\":\"*Product*\\nshop\",\"verbatim\":true},"
		"{\"type\":\"mrkdwn\",\"text\":\"*Version*\\n1.4.2\",\"verbatim\":true},"
		"{\"type\":\"mrkdwn\",\"text\":\"*Environment*\\nproduction\",\"verbatim\":true},"
		"{\"type\":\"mrkdwn\",\"text\":\"*Deployed by*\\nAda L.\",\"verbatim\":true},"
		"{\"type\":\"mrkdwn\",\"text\":\"*Branch*\\nmain\",\"verbatim\":true},"
		"{\"type\":\"mrkdwn\",\"text\":\"*Commit*\\n01234567\",\"verbatim\":true}]},"
		"{\"type\":\"section\",\"text\":{\"type\":\"mrkdwn\",\"text\":\"```\\nit broke\\nin two "
		"lines\\n```\",\"verbatim\":true}},"
		"{\"type\":\"actions\",\"elements\":["
		"{\"type\":\"button\",\"action_id\":\"link_1\",\"text\":{\"type\":\"plain_text\",\"text\":\"View\",\"emoji\":false},"
		"\"url\":\"https://versioner.example.com/manage/deployments?view=0195b0a0-0000-7000-8000-00000000000d\"},"
		"{\"type\":\"button\",\"action_id\":\"link_2\",\"text\":{\"type\":\"plain_text\",\"text\":\"Logs\",\"emoji\":false},"
		"\"url\":\"https://ci.example.com/deploys/8?a=1&b=2\"}]},"
		"{\"type\":\"context\",\"elements\":["
		"{\"type\":\"mrkdwn\",\"text\":\"failed \xC2\xB7 took 2 min 5 s \xC2\xB7 "
		"<https://versioner.example.com/manage/deployments?view=0195b0a0-0000-7000-8000-00000000000d|Open in Versioner>"
		"\",\"verbatim\":true}]}],"
		"\"unfurl_links\":false,\"unfurl_media\":false}");
	sample_end(&s);
}

static void a_sample_says_so(void **state)
{
	(void)state;
	struct sample s;
	slack_begin(&s, WEBHOOK_CONFIG, "deployment.completed");
	s.delivery.is_test = true;
	const struct json *m = message(&s);
	assert_true(text_starts(slack_header(m), TEXT("Test: ")));
	assert_true(text_starts(json_text(json_member(m, "text")), TEXT("Test: ")));
	sample_end(&s);
}

static void the_least_that_can_be_told(void **state)
{
	(void)state;
	struct sample s;
	slack_begin(&s, WEBHOOK_CONFIG, "dr.created");
	s.site.public_url = NULL;
	s.delivery.notice = (struct notice){.started_at = TIME_NONE, .ended_at = TIME_NONE};
	const struct json *m = message(&s);
	assert_int_equal(json_size(json_member(m, "blocks")), 1);
	sample_end(&s);
}

static void without_a_public_url_there_are_no_pages(void **state)
{
	(void)state;
	struct sample s;
	slack_begin(&s, WEBHOOK_CONFIG, "deployment.completed");
	s.site.public_url = NULL;
	const struct json *m = message(&s);
	assert_int_equal(json_size(json_member(slack_block(m, "actions", 0), "elements")), 1);
	assert_false(sample_contains(slack_context(m), "<"));
	sample_end(&s);
}

/* ---- hostile texts ---- */

static void hostile_texts_stay_texts(void **state)
{
	(void)state;
	for (const struct event_type *t = EVENT_TYPES; t->name; t++) {
		for (size_t i = 0; i < COUNT(HOSTILE); i++) {
			struct sample s;
			slack_begin(&s, WEBHOOK_CONFIG, t->name);
			sample_fill(&s.delivery.notice, text_from(HOSTILE[i]));
			s.delivery.notice.deploy_url = s.delivery.notice.build_url = text_from(HOSTILE[i]);
			assert_false(sample_contains(json_text(json_member(message(&s), "text")), "<!channel>"));
			assert_false(sample_contains(s.request.body, "<!channel>"));
			assert_false(sample_contains(s.request.body, "<@U123>"));
			sample_end(&s);
		}
	}
}

static void the_longest_names_fit(void **state)
{
	(void)state;
	static const char *const units[] = {"a", "&", "<", "\"", "\\", "*", "_", "~", "`", ":", "_a_", "\xC3\xA9", "\xE2\x82\xAC",
		"\xF0\x9F\x9A\x80", "\n", "\t", "\xE2\x80\xAE", "\xF3\xA0\x80\xA1"};
	for (size_t i = 0; i < COUNT(units); i++) {
		struct sample s;
		slack_begin(&s, WEBHOOK_CONFIG, "deployment.failed");
		sample_fill(&s.delivery.notice, sample_long(s.arena, units[i], strcmp(units[i], "_a_") == 0 ? 85 : 255));
		s.delivery.notice.error_message = sample_long(s.arena, units[i], 10000);
		message(&s);
		sample_end(&s);
	}
}

static void long_urls_and_errors_fit_together(void **state)
{
	(void)state;
	static const char *const units[] = {"a", "&", "\xF0\x9F\x9A\x80", "`"};
	for (size_t i = 0; i < COUNT(units); i++) {
		struct sample s;
		slack_begin(&s, WEBHOOK_CONFIG, "deployment.failed");
		sample_fill(&s.delivery.notice, sample_long(s.arena, "&", 255));
		s.delivery.notice.error_message = sample_long(s.arena, units[i], 10000);
		const char *url = arena_printf(s.arena, "https://ci/%.*s", TEXT_ARGS(sample_long(s.arena, "&", LIMIT_URL - 11)));
		s.site.public_url = arena_printf(s.arena, "https://v/%.*s", TEXT_ARGS(sample_long(s.arena, "a", 1900)));
		s.delivery.notice.deploy_url = text_from(url);
		const struct json *m = message(&s);
		assert_int_equal(json_size(json_member(slack_block(m, "actions", 0), "elements")), 2);
		assert_true(utf8_length(slack_code_block(m)) > 500);
		sample_end(&s);
	}
}

static void an_error_is_cut_between_characters(void **state)
{
	(void)state;
	for (size_t shift = 0; shift < 8; shift++) {
		struct sample s;
		slack_begin(&s, WEBHOOK_CONFIG, "deployment.failed");
		struct text pad = sample_long(s.arena, "x", shift), tail = sample_long(s.arena, "&\xF0\x9F\x9A\x80", 5000);
		s.delivery.notice.error_message = text_from(arena_printf(s.arena, "%.*s%.*s", TEXT_ARGS(pad), TEXT_ARGS(tail)));
		struct text code = slack_code_block(message(&s));
		assert_true(slack_units(code) <= 3000 && slack_units(code) > 2980);
		assert_true(sample_contains(code, "\xE2\x80\xA6\n```"));
		sample_end(&s);
	}
}

static void texts_are_cut_to_their_size(void **state)
{
	(void)state;
	static const char *const units[] = {"a", "&", "\"", "\xF0\x9F\x9A\x80", "a&\"\xC3\xA9"};
	struct arena *a = arena_new(KIB(4), MIB(64));
	for (size_t i = 0; i < COUNT(units); i++) {
		struct text t = sample_long(a, units[i], 30);
		for (size_t most = 1; most < 40; most++) {
			struct text cut = slack_escape(a, t, most);
			bool is_whole = slack_size(cut) == slack_size(slack_escape(a, t, 1000));
			assert_true(utf8_valid(cut) && slack_size(cut) <= most);
			if (is_whole) continue;
			assert_true(slack_size(cut) + 6 > most);
			assert_text((struct text){cut.p + cut.n - 3, 3}, "\xE2\x80\xA6");
		}
	}
	assert_text(slack_escape(a, TEXT("a&"), 6), "a&amp;");
	assert_text(slack_escape(a, TEXT("a&b"), 6), "a\xE2\x80\xA6");
	arena_free(a);
}

static void an_error_takes_what_is_left(void **state)
{
	(void)state;
	struct arena *a = arena_new(KIB(4), MIB(64));
	struct text error = sample_long(a, "x", 5000);
	for (size_t reserved = 0; reserved < SLACK_MESSAGE + 500; reserved += 100) {
		struct slack_blocks b = {.arena = a};
		slack_add_error(&b, error, reserved);
		assert_true(b.count == 0 || b.size + reserved <= SLACK_MESSAGE);
		assert_int_equal(b.count, reserved <= SLACK_MESSAGE - 200);
	}
	arena_free(a);
}

static void a_fence_cannot_close_the_code_block(void **state)
{
	(void)state;
	static const char *const table[] = {"```", "a```b", "`", "``", "````````", "a\n```\n*out*\n```", "```\n<!channel>"};
	for (size_t i = 0; i < COUNT(table); i++) {
		struct sample s;
		slack_begin(&s, WEBHOOK_CONFIG, "deployment.failed");
		s.delivery.notice.error_message = text_from(table[i]);
		assert_true(slack_code_block(message(&s)).n > 8);
		sample_end(&s);
	}
}

static void a_name_that_formats_is_plain_text(void **state)
{
	(void)state;
	static const struct {
		const char *name, *type, *shown;
	} table[] = {
		{"1.0~rc1_2", "mrkdwn", "*Version*\n1.0~rc1_2"},
		{"*1.0*", "plain_text", "Version\n*1.0*"},
		{"_x_", "plain_text", "Version\n_x_"},
		{"`x`", "plain_text", "Version\n`x`"},
		{":tada:", "plain_text", "Version\n:tada:"},
		{"a:b", "mrkdwn", "*Version*\na:b"},
		{"a&b", "mrkdwn", "*Version*\na&amp;b"},
		{"*a&b*", "mrkdwn",
			"*Version*\n\xE2\x88\x97"
			"a&amp;b\xE2\x88\x97"},
		{"> x", "mrkdwn", "*Version*\n\xE2\x80\xBA x"},
		{"@here #general", "mrkdwn", "*Version*\n@here #general"},
	};
	for (size_t i = 0; i < COUNT(table); i++) {
		struct sample s;
		slack_begin(&s, WEBHOOK_CONFIG, "deployment.completed");
		s.delivery.notice.version = text_from(table[i].name);
		const struct json *m = message(&s);
		assert_text(json_text(json_member(slack_field(m, 1), "type")), table[i].type);
		assert_text(slack_field_words(m, 1), table[i].shown);
		sample_end(&s);
	}
}

static void bad_urls_make_no_button(void **state)
{
	(void)state;
	static const char *const urls[] = {"javascript:alert(1)", "https://u:p@ci/", "https://ci/a b", "file:///etc/passwd",
		"https://", "data:,x", "https://ci/\xE2\x80\xAE|x> <!here"};
	for (size_t i = 0; i < COUNT(urls); i++) {
		struct sample s;
		slack_begin(&s, WEBHOOK_CONFIG, "deployment.completed");
		s.site.public_url = NULL;
		s.delivery.notice.deploy_url = s.delivery.notice.build_url = text_from(urls[i]);
		assert_null(slack_block(message(&s), "actions", 0));
		sample_end(&s);
	}
}

/* ---- answers ---- */

static void what_an_answer_means(void **state)
{
	(void)state;
	static const struct {
		int status;
		const char *body;
		enum delivery_verdict expected;
	} table[] = {
		{200, "ok", DELIVERY_DONE},
		{200, "", DELIVERY_DONE},
		{204, NULL, DELIVERY_DONE},
		{0, NULL, DELIVERY_AGAIN},
		{408, "", DELIVERY_AGAIN},
		{425, "", DELIVERY_AGAIN},
		{500, "rollup_error", DELIVERY_AGAIN},
		{503, "no_service", DELIVERY_AGAIN},
		{429, "rate_limited", DELIVERY_LATER},
		{429, "no_service", DELIVERY_LATER},
		{410, "", DELIVERY_SWITCH_OFF},
		{410, "channel_is_archived", DELIVERY_SWITCH_OFF},
		{404, "no_service", DELIVERY_SWITCH_OFF},
		{404, "no_team\n", DELIVERY_SWITCH_OFF},
		{403, "team_disabled", DELIVERY_SWITCH_OFF},
		{403, "invalid_token", DELIVERY_SWITCH_OFF},
		{403, "action_prohibited", DELIVERY_SWITCH_OFF},
		{400, "invalid_payload", DELIVERY_DEAD},
		{400, "invalid_blocks", DELIVERY_DEAD},
		{404, "channel_not_found", DELIVERY_DEAD},
		{404, "no_service here", DELIVERY_DEAD},
		{403, "", DELIVERY_DEAD},
		{302, "no_service elsewhere", DELIVERY_DEAD},
	};
	struct sample s;
	slack_begin(&s, WEBHOOK_CONFIG, "deployment.completed");
	for (size_t i = 0; i < COUNT(table); i++) {
		enum delivery_verdict verdict = slack_judged(&s, &CHANNEL_SLACK_WEBHOOK, table[i].status, table[i].body);
		if (verdict != table[i].expected)
			fail_msg("%d %s gives %d", table[i].status, table[i].body ? table[i].body : "", (int)verdict);
	}
	sample_end(&s);
}

static void a_channel_without_its_url_is_refused(void **state)
{
	(void)state;
	struct sample s;
	slack_begin(&s, "{}", "deployment.completed");
	assert_int_equal(CHANNEL_SLACK_WEBHOOK.compose(&s.delivery, &s.request, &s.err), RC_INVALID);
	sample_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_event_type_has_its_message),
		cmocka_unit_test(our_own_event_types_too),
		cmocka_unit_test(the_whole_message),
		cmocka_unit_test(a_sample_says_so),
		cmocka_unit_test(the_least_that_can_be_told),
		cmocka_unit_test(without_a_public_url_there_are_no_pages),
		cmocka_unit_test(hostile_texts_stay_texts),
		cmocka_unit_test(the_longest_names_fit),
		cmocka_unit_test(long_urls_and_errors_fit_together),
		cmocka_unit_test(an_error_is_cut_between_characters),
		cmocka_unit_test(texts_are_cut_to_their_size),
		cmocka_unit_test(an_error_takes_what_is_left),
		cmocka_unit_test(a_fence_cannot_close_the_code_block),
		cmocka_unit_test(a_name_that_formats_is_plain_text),
		cmocka_unit_test(bad_urls_make_no_button),
		cmocka_unit_test(what_an_answer_means),
		cmocka_unit_test(a_channel_without_its_url_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
