/* Slack messages by a bot: posted, changed in place, details in the thread; and what each answer leads to. */
#include "slack_sample.h"

#define API "https://slack.example.com/api/"
#define POSTED "{\"ok\":true,\"channel\":\"C17\",\"ts\":\"1614265330.000200\",\"message\":{\"text\":\"x\"}}"

static const struct json *message(struct sample *s)
{
	return slack_message(s, &CHANNEL_SLACK_BOT);
}

static enum delivery_verdict judged(struct sample *s, int status, const char *body)
{
	return slack_judged(s, &CHANNEL_SLACK_BOT, status, body);
}

static void begin_remote(struct sample *s, const char *event_type)
{
	slack_begin(s, BOT_CONFIG, event_type);
	s->delivery.remote_channel = TEXT("C1");
	s->delivery.remote_id = TEXT("1.2");
}

static void the_first_message_is_posted(void **state)
{
	(void)state;
	struct sample s;
	slack_begin(&s, BOT_CONFIG, "deployment.started");
	const struct json *m = message(&s);
	assert_string_equal(s.request.url, API "chat.postMessage");
	assert_text(sample_header(s.request.headers, s.request.header_count, "Authorization"), "Bearer xoxb-17-secret");
	assert_text(sample_header(s.request.headers, s.request.header_count, "Content-Type"), "application/json; charset=utf-8");
	assert_text(json_text(json_member(m, "channel")), "#deploys");
	assert_null(json_member(m, "ts"));
	assert_null(json_member(m, "thread_ts"));
	assert_false(sample_contains(s.request.body, "xoxb"));
	assert_int_equal(judged(&s, 200, POSTED), DELIVERY_DONE);
	assert_text(s.delivery.remote_channel, "C17");
	assert_text(s.delivery.remote_id, "1614265330.000200");
	sample_end(&s);
}

static void a_later_one_changes_it(void **state)
{
	(void)state;
	struct sample s;
	begin_remote(&s, "deployment.completed");
	const struct json *m = message(&s);
	assert_string_equal(s.request.url, API "chat.update");
	assert_text(json_text(json_member(m, "channel")), "C1");
	assert_text(json_text(json_member(m, "ts")), "1.2");
	assert_int_equal(judged(&s, 200, "{\"ok\":true,\"channel\":\"C1\",\"ts\":\"1.2\"}"), DELIVERY_DONE);
	assert_text(s.delivery.remote_id, "1.2");
	sample_end(&s);
}

static void a_failure_has_its_error_in_the_thread(void **state)
{
	(void)state;
	struct sample s;
	slack_begin(&s, BOT_CONFIG, "deployment.failed");
	const struct json *m = message(&s);
	assert_text(slack_code_block(m), "```\nit broke\n```"); /* the first line alone */
	assert_int_equal(judged(&s, 200, POSTED), DELIVERY_NEXT_STEP);
	s.delivery.step++;
	m = message(&s);
	assert_string_equal(s.request.url, API "chat.postMessage");
	assert_text(json_text(json_member(m, "channel")), "C17");
	assert_text(json_text(json_member(m, "thread_ts")), "1614265330.000200");
	assert_text(slack_code_block(m), "```\nit broke\nin two lines\n```");
	assert_int_equal(json_size(json_member(m, "blocks")), 1);
	assert_int_equal(judged(&s, 200, "{\"ok\":true,\"channel\":\"C17\",\"ts\":\"9.9\"}"), DELIVERY_DONE);
	assert_text(s.delivery.remote_id, "1614265330.000200"); /* the thread's parent, not the reply */
	sample_end(&s);
}

static void without_an_error_there_is_no_thread(void **state)
{
	(void)state;
	struct sample s;
	slack_begin(&s, BOT_CONFIG, "deployment.failed");
	s.delivery.notice.error_message = TEXT_ABSENT;
	message(&s);
	assert_int_equal(judged(&s, 200, POSTED), DELIVERY_DONE);
	sample_end(&s);
}

static void a_message_that_is_gone_is_posted_anew(void **state)
{
	(void)state;
	static const char *const words[] = {
		"message_not_found", "cant_update_message", "edit_window_closed", "channel_not_found", "is_archived", "not_in_channel"};
	for (size_t i = 0; i < COUNT(words); i++) {
		struct sample s;
		begin_remote(&s, "deployment.failed");
		message(&s);
		const char *answer = arena_printf(s.arena, "{\"ok\":false,\"error\":\"%s\"}", words[i]);
		assert_int_equal(judged(&s, 200, answer), DELIVERY_NEXT_STEP);
		assert_null(s.delivery.remote_id.p);
		assert_null(s.delivery.remote_channel.p);
		s.delivery.step++;
		const struct json *m = message(&s);
		assert_string_equal(s.request.url, API "chat.postMessage");
		assert_text(json_text(json_member(m, "channel")), "#deploys");
		assert_null(json_member(m, "thread_ts"));
		assert_non_null(slack_header(m).p);
		assert_int_equal(judged(&s, 200, POSTED), DELIVERY_NEXT_STEP);
		assert_text(s.delivery.remote_id, "1614265330.000200");
		s.delivery.step++;
		assert_text(json_text(json_member(message(&s), "thread_ts")), "1614265330.000200");
		assert_int_equal(judged(&s, 200, answer) == DELIVERY_NEXT_STEP, false); /* a thread that is gone ends it */
		sample_end(&s);
	}
}

static void a_sample_is_posted_and_leaves_nothing(void **state)
{
	(void)state;
	struct sample s;
	begin_remote(&s, "deployment.failed");
	s.delivery.is_test = true;
	const struct json *m = message(&s);
	assert_string_equal(s.request.url, API "chat.postMessage");
	assert_text(json_text(json_member(m, "channel")), "#deploys");
	assert_true(text_starts(slack_header(m), TEXT("Test: ")));
	assert_int_equal(judged(&s, 200, POSTED), DELIVERY_DONE);
	assert_text(s.delivery.remote_id, "1.2");
	sample_end(&s);
}

static void a_digest_is_posted_and_leaves_nothing(void **state)
{
	(void)state;
	struct sample s;
	slack_begin(&s, BOT_CONFIG, "deployment.failed");
	struct digest_line lines[2] = {{s.delivery.type, s.delivery.notice}, {s.delivery.type, s.delivery.notice}};
	struct digest digest = {.lines = lines, .count = 2};
	s.delivery.digest = &digest;
	assert_text(slack_header(message(&s)), "2 notifications");
	assert_string_equal(s.request.url, API "chat.postMessage");
	assert_int_equal(judged(&s, 200, POSTED), DELIVERY_DONE);
	assert_null(s.delivery.remote_id.p);
	assert_null(s.delivery.remote_channel.p);
	sample_end(&s);
}

static void what_an_answer_means(void **state)
{
	(void)state;
	static const struct {
		int status;
		const char *body;
		enum delivery_verdict expected;
	} table[] = {
		{200, POSTED, DELIVERY_DONE},
		{200, "{\"ok\":true}", DELIVERY_DONE},
		{0, NULL, DELIVERY_AGAIN},
		{408, NULL, DELIVERY_AGAIN},
		{500, "{\"ok\":false,\"error\":\"invalid_auth\"}", DELIVERY_AGAIN},
		{503, "", DELIVERY_AGAIN},
		{429, "{\"ok\":false,\"error\":\"ratelimited\"}", DELIVERY_LATER},
		{200, "<html>maintenance</html>", DELIVERY_AGAIN},
		{200, "", DELIVERY_AGAIN},
		{200, "[]", DELIVERY_AGAIN},
		{200, "{\"ok\":\"true\"}", DELIVERY_AGAIN},
		{404, "nothing here", DELIVERY_DEAD},
		{302, "", DELIVERY_DEAD},
		{410, "", DELIVERY_SWITCH_OFF},
		{400, "{\"ok\":true}", DELIVERY_DEAD},
		{401, "{\"ok\":false,\"error\":\"invalid_auth\"}", DELIVERY_SWITCH_OFF},
		{200, "{\"ok\":false}", DELIVERY_DEAD},
		{200, "{\"ok\":false,\"error\":17}", DELIVERY_DEAD},
	};
	for (size_t i = 0; i < COUNT(table); i++) {
		struct sample s;
		slack_begin(&s, BOT_CONFIG, "deployment.completed");
		enum delivery_verdict verdict = judged(&s, table[i].status, table[i].body);
		if (verdict != table[i].expected)
			fail_msg("%d %s gives %d", table[i].status, table[i].body ? table[i].body : "", (int)verdict);
		sample_end(&s);
	}
}

static void what_slack_s_errors_mean(void **state)
{
	(void)state;
	static const struct {
		enum delivery_verdict expected;
		const char *words;
	} table[] = {
		{DELIVERY_LATER, "ratelimited rate_limited"},
		{DELIVERY_AGAIN, "internal_error fatal_error service_unavailable request_timeout team_added_to_org"},
		{DELIVERY_SWITCH_OFF,
			"invalid_auth not_authed token_revoked token_expired account_inactive team_access_not_granted is_archived "
			"channel_not_found not_in_channel restricted_action no_permission missing_scope team_disabled "
			"not_allowed_token_type"},
		{DELIVERY_DEAD,
			"msg_too_long invalid_blocks msg_blocks_too_long no_text message_not_found invalid_arguments something_new"},
	};
	struct sample s;
	slack_begin(&s, BOT_CONFIG, "deployment.completed");
	for (size_t i = 0; i < COUNT(table); i++) {
		struct text words = text_from(table[i].words), word;
		while (text_split(&words, ' ', &word)) {
			const char *body = arena_printf(s.arena, "{\"ok\":false,\"error\":\"%.*s\"}", TEXT_ARGS(word));
			enum delivery_verdict verdict = judged(&s, 200, body);
			if (verdict != table[i].expected) fail_msg("%s gives %d", body, (int)verdict);
		}
	}
	sample_end(&s);
}

/* Slack's answer repeats the message, so it may be longer than what was read. */
static void an_answer_that_was_cut_is_still_understood(void **state)
{
	(void)state;
	struct sample s;
	slack_begin(&s, BOT_CONFIG, "deployment.completed");
	assert_int_equal(
		judged(&s, 200, "{\"ok\":true,\"channel\":\"C17\",\"ts\":\"3.4\",\"message\":{\"text\":\"cut off he"), DELIVERY_DONE);
	assert_text(s.delivery.remote_channel, "C17");
	assert_text(s.delivery.remote_id, "3.4");
	sample_end(&s);
}

static void every_step_of_every_type_is_within_the_limits(void **state)
{
	(void)state;
	for (const struct event_type *t = EVENT_TYPES; t->name; t++) {
		for (size_t i = 0; i < COUNT(HOSTILE) * 2; i++) {
			struct sample s;
			slack_begin(&s, BOT_CONFIG, t->name);
			struct text hostile = text_from(HOSTILE[i / 2]);
			if (i % 2) hostile = sample_long(s.arena, HOSTILE[i / 2], 255 / utf8_length(hostile) + 1);
			sample_fill(&s.delivery.notice, hostile);
			message(&s);
			for (; judged(&s, 200, POSTED) == DELIVERY_NEXT_STEP; s.delivery.step++) message(&s);
			assert_true(s.delivery.step <= 1);
			sample_end(&s);
		}
	}
}

static void a_channel_without_its_token_is_refused(void **state)
{
	(void)state;
	static const char *const configs[] = {"{}", "{\"token\":\"x\"}", "{\"channel\":\"x\"}", "{\"token\":\"\",\"channel\":\"x\"}"};
	for (size_t i = 0; i < COUNT(configs); i++) {
		struct sample s;
		slack_begin(&s, configs[i], "deployment.completed");
		assert_int_equal(CHANNEL_SLACK_BOT.compose(&s.delivery, &s.request, &s.err), RC_INVALID);
		sample_end(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_message_is_posted),
		cmocka_unit_test(a_later_one_changes_it),
		cmocka_unit_test(a_failure_has_its_error_in_the_thread),
		cmocka_unit_test(without_an_error_there_is_no_thread),
		cmocka_unit_test(a_message_that_is_gone_is_posted_anew),
		cmocka_unit_test(a_sample_is_posted_and_leaves_nothing),
		cmocka_unit_test(a_digest_is_posted_and_leaves_nothing),
		cmocka_unit_test(what_an_answer_means),
		cmocka_unit_test(what_slack_s_errors_mean),
		cmocka_unit_test(an_answer_that_was_cut_is_still_understood),
		cmocka_unit_test(every_step_of_every_type_is_within_the_limits),
		cmocka_unit_test(a_channel_without_its_token_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
