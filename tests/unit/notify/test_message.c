/* What a message says, whatever the channel: fields, error, links, context, durations, clean text. */
#include "sample.h"

#include "notify/message.h"

static struct message message(struct sample *s)
{
	return message_of(s->arena, &s->delivery.notice, s->delivery.type, &s->site);
}

static struct text field(const struct message *m, const char *label)
{
	for (size_t i = 0; i < m->field_count; i++)
		if (strcmp(m->fields[i].label, label) == 0) return m->fields[i].value;
	return TEXT_ABSENT;
}

static struct text link_url(const struct message *m, const char *label)
{
	for (size_t i = 0; i < m->link_count; i++)
		if (strcmp(m->links[i].label, label) == 0) return m->links[i].url;
	return TEXT_ABSENT;
}

static void the_fields_are_in_their_order(void **state)
{
	(void)state;
	static const char *const expected[][2] = {{"Product", "shop"}, {"Version", "1.4.2"}, {"Environment", "production"},
		{"Deployed by", "Ada L."}, {"Branch", "main"}, {"Commit", "01234567"}};
	struct sample s;
	sample_begin(&s, "{}", "deployment.completed");
	struct message m = message(&s);
	assert_int_equal(m.field_count, COUNT(expected));
	for (size_t i = 0; i < COUNT(expected); i++) {
		assert_string_equal(m.fields[i].label, expected[i][0]);
		assert_text(m.fields[i].value, expected[i][1]);
	}
	assert_string_equal(m.icon, "\xE2\x9C\x85");
	assert_text(m.headline, "Deployment succeeded");
	assert_text(m.summary, "Deployment succeeded: shop 1.4.2 \xE2\x86\x92 production");
	assert_int_equal(m.success, SUCCESS_YES);
	assert_false(m.is_failure);
	assert_null(m.error.p);
	sample_end(&s);
}

static void what_is_not_known_is_no_field(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, "{}", "build.pending");
	s.delivery.notice = sample_bare_notice();
	struct message m = message(&s);
	assert_int_equal(m.field_count, 2);
	assert_text(m.summary, "Build queued: p v");
	assert_text(m.context, "pending");
	s.delivery.notice.product_name = TEXT("\xE2\x80\x8B");
	m = message(&s);
	assert_int_equal(m.field_count, 1);
	assert_text(m.summary, "Build queued: v");
	sample_end(&s);
}

static void who_is_the_name_else_the_login_else_the_address(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, "{}", "deployment.completed");
	struct message m = message(&s);
	assert_text(field(&m, "Deployed by"), "Ada L.");
	s.delivery.notice.actor_name = TEXT(" ");
	m = message(&s);
	assert_text(field(&m, "Deployed by"), "ada");
	s.delivery.notice.actor = TEXT_ABSENT;
	m = message(&s);
	assert_text(field(&m, "Deployed by"), "ada@example.com");
	s.delivery.notice.kind = KIND_BUILD;
	m = message(&s);
	assert_text(field(&m, "Built by"), "ada@example.com");
	sample_end(&s);
}

static void a_commit_is_short(void **state)
{
	(void)state;
	static const char *const table[][2] = {
		{"0123456789abcdef0123456789abcdef01234567", "01234567"},
		{"ABCDEF0123", "ABCDEF01"},
		{"abc123", "abc123"},
		{"refs/heads/a-long-name", "refs/heads/\xE2\x80\xA6"},
		{"r123456", "r123456"},
	};
	struct sample s;
	sample_begin(&s, "{}", "deployment.completed");
	for (size_t i = 0; i < COUNT(table); i++) {
		s.delivery.notice.scm_sha = text_from(table[i][0]);
		struct message m = message(&s);
		assert_text(field(&m, "Commit"), table[i][1]);
	}
	sample_end(&s);
}

static void the_error_is_put_together(void **state)
{
	(void)state;
	static const struct {
		const char *metadata, *message, *code, *expected;
	} table[] = {
		{NULL, "it broke", NULL, "it broke"},
		{NULL, NULL, "E17", "E17"},
		{NULL, "it broke", "E17", "E17: it broke"},
		{NULL, "E17 it broke", "E17", "E17 it broke"},
		{"{\"error\":\"from metadata\"}", NULL, NULL, "from metadata"},
		{"{\"error\":\"from metadata\"}", "it broke", "E17", "E17: from metadata\nit broke"},
		{"{\"error\":\"it broke badly\"}", "it broke", NULL, "it broke badly"},
		{"{\"error\":{\"message\":\"inner\",\"stack\":\"S\"},\"stack\":\"T\",\"stack_trace\":\"U\"}", NULL, NULL, "inner"},
		{"{\"error\":{\"stack\":\"S\"}}", NULL, NULL, NULL},
		{"{\"error\":17}", NULL, NULL, NULL},
		{"{\"error\":[\"a\"]}", "\xE2\x80\x8B \n", "", NULL},
		{NULL, NULL, NULL, NULL},
	};
	struct sample s;
	sample_begin(&s, "{}", "deployment.failed");
	for (size_t i = 0; i < COUNT(table); i++) {
		s.delivery.notice.extra_metadata = text_from(table[i].metadata);
		s.delivery.notice.error_message = text_from(table[i].message);
		s.delivery.notice.error_code = text_from(table[i].code);
		struct message m = message(&s);
		if (table[i].expected)
			assert_text(m.error, table[i].expected);
		else
			assert_null(m.error.p);
	}
	sample_end(&s);
}

static void a_stack_trace_is_left_out(void **state)
{
	(void)state;
	static const char *const table[][2] = {
		{"NullPointerException: x\n\tat com.acme.Shop.sell(Shop.java:17)\n\t... 12 more\nCaused by: y",
			"NullPointerException: x"},
		{"TypeError: x is undefined\r\n    at f (/app/index.js:1:2)\r\n    at g", "TypeError: x is undefined"},
		{"Traceback (most recent call last):\n  File \"a.py\", line 3, in f\n    g()\nValueError: bad\n", "ValueError: bad"},
		{"failed:\nTraceback (most recent call last):\n  File \"a.py\", line 3\nValueError: bad", "failed:"},
		{"panic: boom\n\ngoroutine 1 [running]:\nmain.main()", "panic: boom"},
		{"a.rb:1:in `f': no (E)\n\tfrom a.rb:3:in `<main>'", "a.rb:1:in `f': no (E)"},
		{"first\nat noon\n  indented\nlast", "first\nat noon\n  indented\nlast"},
		{"goroutine leak", "goroutine leak"},
		{"\tat only.Frames(A.java:1)\n\tat more.Frames(A.java:2)", NULL},
	};
	struct sample s;
	sample_begin(&s, "{}", "build.failed");
	for (size_t i = 0; i < COUNT(table); i++) {
		s.delivery.notice.error_message = text_from(table[i][0]);
		struct message m = message(&s);
		if (table[i][1])
			assert_text(m.error, table[i][1]);
		else
			assert_null(m.error.p);
	}
	sample_end(&s);
}

static void only_failures_have_an_error(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, "{}", "deployment.completed");
	s.delivery.notice.error_message = TEXT("it broke");
	for (const struct event_type *t = EVENT_TYPES; t->name; t++) {
		s.delivery.type = t;
		struct message m = message(&s);
		assert_int_equal(m.error.p != NULL, t->is_failure);
		assert_int_equal(m.is_failure, t->is_failure);
	}
	sample_end(&s);
}

static void the_context_says_what_it_was(void **state)
{
	(void)state;
#define DOT " \xC2\xB7 "
	static const struct {
		enum state state;
		enum rollout rollout;
		unsigned transitions;
		const char *previous, *expected;
	} table[] = {
		{STATE_COMPLETED, ROLLOUT_UPGRADE, 0, "1.4.1", "completed" DOT "took 2 min 5 s" DOT "replaces 1.4.1"},
		{STATE_COMPLETED, ROLLOUT_ROLLBACK, 0, "1.4.3", "completed" DOT "took 2 min 5 s" DOT "rollback from 1.4.3"},
		{STATE_COMPLETED, ROLLOUT_UPGRADE, TRANSITION_ROLLED_BACK, NULL, "completed" DOT "took 2 min 5 s" DOT "rollback"},
		{STATE_COMPLETED, ROLLOUT_UPGRADE, TRANSITION_RECOVERED, NULL,
			"completed" DOT "took 2 min 5 s" DOT "first success after a failure"},
		{STATE_COMPLETED, ROLLOUT_INITIAL, 0, NULL, "completed" DOT "took 2 min 5 s" DOT "first deployment there"},
		{STATE_COMPLETED, ROLLOUT_REDEPLOY, 0, "1.4.2", "completed" DOT "took 2 min 5 s" DOT "the same version again"},
		{STATE_FAILED, ROLLOUT_NONE, 0, "1.4.1", "failed" DOT "took 2 min 5 s"},
		{STATE_STARTED, ROLLOUT_NONE, 0, NULL, "started"},
		{STATE_PREFLIGHT_FAILED, ROLLOUT_NONE, 0, NULL, "blocked" DOT "took 2 min 5 s"},
	};
	struct sample s;
	sample_begin(&s, "{}", "deployment.completed");
	for (size_t i = 0; i < COUNT(table); i++) {
		sample_state(&s, KIND_DEPLOYMENT, table[i].state);
		s.delivery.notice.rollout = table[i].rollout;
		s.delivery.notice.transitions = table[i].transitions;
		s.delivery.notice.previous_version = text_from(table[i].previous);
		assert_text(message(&s).context, table[i].expected);
	}
	s.delivery.type = event_type_find(TEXT("dr.created"));
	assert_null(message(&s).context.p);
	sample_end(&s);
}

static void clocks_that_disagree_give_no_duration(void **state)
{
	(void)state;
	static const time_us table[][2] = {
		{TIME_NONE, SAMPLE_AT}, {SAMPLE_AT, TIME_NONE}, {SAMPLE_AT, SAMPLE_AT - 1}, {INT64_MIN + 1, INT64_MAX}};
	struct sample s;
	sample_begin(&s, "{}", "deployment.failed");
	s.delivery.notice.state = STATE_FAILED;
	for (size_t i = 0; i < COUNT(table); i++) {
		s.delivery.notice.started_at = table[i][0];
		s.delivery.notice.ended_at = table[i][1];
		assert_text(message(&s).context, "failed");
	}
	sample_end(&s);
}

static void durations_in_words(void **state)
{
	(void)state;
	static const struct {
		int64_t micros;
		const char *expected;
	} table[] = {{-1, "0 s"}, {INT64_MIN, "0 s"}, {0, "0 s"}, {999999, "0 s"}, {SECONDS_US(45), "45 s"},
		{SECONDS_US(60), "1 min"}, {SECONDS_US(125), "2 min 5 s"}, {SECONDS_US(3 * 3600 + 2 * 60 + 59), "3 h 2 min"},
		{DAYS_US(1) + SECONDS_US(4 * 3600), "1 d 4 h"}, {DAYS_US(400), "400 d"}, {INT64_MAX, "106751991 d 4 h"}};
	struct arena *a = arena_new(KIB(4), MIB(1));
	for (size_t i = 0; i < COUNT(table); i++) assert_text(message_duration(a, table[i].micros), table[i].expected);
	arena_free(a);
}

static void the_links(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, "{}", "deployment.completed");
	struct message m = message(&s);
	assert_string_equal(m.links[0].label, "View");
	assert_text(
		link_url(&m, "View"), "https://versioner.example.com/manage/deployments?view=0195b0a0-0000-7000-8000-00000000000d");
	assert_text(link_url(&m, "Logs"), "https://ci.example.com/deploys/8?a=1&b=2");
	s.delivery.notice.kind = KIND_BUILD;
	s.delivery.notice.deploy_url = TEXT("javascript:alert(1)");
	m = message(&s);
	assert_text(link_url(&m, "View"), "https://versioner.example.com/manage/versions?view=0195b0a0-0000-7000-8000-00000000000f");
	assert_text(link_url(&m, "Logs"), "https://ci.example.com/builds/7");
	s.site.public_url = NULL;
	s.delivery.notice.build_url = TEXT_ABSENT;
	assert_int_equal(message(&s).link_count, 0);
	s.site.public_url = "https://versioner.example.com";
	s.delivery.notice.version_id = TEXT("a b&c");
	m = message(&s);
	assert_text(link_url(&m, "View"), "https://versioner.example.com/manage/versions?view=a%20b%26c");
	sample_end(&s);
}

static void only_good_urls_become_links(void **state)
{
	(void)state;
	static const char *const table[][2] = {
		{"https://ci.example.com", "https://ci.example.com"},
		{"HTTP://ci:8080/a?b#c", "HTTP://ci:8080/a?b#c"},
		{"http://[::1]:80/x", "http://[::1]:80/x"},
		{"https://ci/job/a|b/{x}\"<>`^\\", "https://ci/job/a%7Cb/%7Bx%7D%22%3C%3E%60%5E%5C"},
		{"https://ci/\xC3\xBC?100%&%20#a#b", "https://ci/%C3%BC?100%25&%20#a%23b"},
		{"javascript:alert(1)", NULL},
		{"data:text/html,x", NULL},
		{"ftp://ci/x", NULL},
		{"https://", NULL},
		{"https:///x", NULL},
		{"https://user:pass@ci/x", NULL},
		{"https://user@ci", NULL},
		{"https://a..b/", NULL},
		{"https://ci:0/", NULL},
		{"https://ci:99999/", NULL},
		{"https://ci:80:80/", NULL},
		{"https://\xC3\xBC.example/", NULL},
		{"https://ci/a b", NULL},
		{"https://ci/a\nb", NULL},
		{"https://ci/\xC2\x85/", NULL},
		{"https://ci/\xFF", NULL},
		{"//ci/x", NULL},
		{"", NULL},
	};
	struct sample s;
	sample_begin(&s, "{}", "deployment.completed");
	s.delivery.notice.build_url = TEXT_ABSENT;
	for (size_t i = 0; i < COUNT(table); i++) {
		s.delivery.notice.deploy_url = text_from(table[i][0]);
		struct message m = message(&s);
		struct text url = link_url(&m, "Logs");
		if (table[i][1])
			assert_text(url, table[i][1]);
		else if (url.p)
			fail_msg("%s became a link", table[i][0]);
	}
	sample_end(&s);
}

static void a_link_that_grows_too_long_is_none(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, "{}", "deployment.completed");
	s.delivery.notice.build_url = TEXT_ABSENT;
	char url[LIMIT_URL + 2];
	memset(url, 'a', sizeof url);
	memcpy(url, "https://ci/", 11);
	s.delivery.notice.deploy_url = (struct text){url, LIMIT_URL};
	assert_int_equal(message(&s).link_count, 2);
	s.delivery.notice.deploy_url = (struct text){url, LIMIT_URL + 1};
	assert_int_equal(message(&s).link_count, 1);
	url[20] = '{'; /* three bytes when encoded */
	s.delivery.notice.deploy_url = (struct text){url, LIMIT_URL};
	assert_int_equal(message(&s).link_count, 1);
	sample_end(&s);
}

static void clean_text(void **state)
{
	(void)state;
	static const struct {
		const char *given;
		size_t most;
		bool keep_lines;
		const char *expected;
	} table[] = {
		{"plain", 5, false, "plain"},
		{"plain", 4, false, "pla\xE2\x80\xA6"},
		{"plain", 1, false, "\xE2\x80\xA6"},
		{"plain", 0, false, ""},
		{"a\tb\r\nc\rd", 20, false, "a b c d"},
		{"a\tb\r\nc\rd", 20, true, "a\tb\nc d"},
		{"x\x1By\x7Fz\xC2\x85w\xE2\x80\xA8v", 20, true, "x y z w v"},
		{"\xE2\x80\xAE"
		 "gnp.\xE2\x81\xA6"
		 "exe\xE2\x80\x8B\xEF\xBB\xBF\xD8\x9C",
			20, false, "gnp.exe"},
		{"\xF0\x9F\x9A\x80\xF0\x9F\x9A\x80\xF0\x9F\x9A\x80", 2, false, "\xF0\x9F\x9A\x80\xE2\x80\xA6"},
		{"ab\xE2\x80\x8B", 2, false, "ab"}, /* what is not shown takes no room */
		{"a\xFF\xC3", 9, false, "a\xEF\xBF\xBD\xEF\xBF\xBD"},
	};
	struct arena *a = arena_new(KIB(4), MIB(1));
	for (size_t i = 0; i < COUNT(table); i++)
		assert_text(message_clean(a, text_from(table[i].given), table[i].most, table[i].keep_lines), table[i].expected);
	assert_null(message_clean(a, TEXT_ABSENT, 5, false).p);
	arena_free(a);
}

static void hostile_texts_are_clean(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(HOSTILE); i++) {
		struct sample s;
		sample_begin(&s, "{}", "deployment.failed");
		sample_fill(&s.delivery.notice, text_from(HOSTILE[i]));
		struct message m = message(&s);
		assert_one_line(m.summary);
		assert_one_line(m.context);
		for (size_t k = 0; k < m.field_count; k++) {
			assert_one_line(m.fields[k].value);
			assert_true(text_trim(m.fields[k].value).n > 0);
		}
		assert_true(utf8_valid(m.error) && !text_has_control(m.error, true));
		sample_end(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fields_are_in_their_order),
		cmocka_unit_test(what_is_not_known_is_no_field),
		cmocka_unit_test(who_is_the_name_else_the_login_else_the_address),
		cmocka_unit_test(a_commit_is_short),
		cmocka_unit_test(the_error_is_put_together),
		cmocka_unit_test(a_stack_trace_is_left_out),
		cmocka_unit_test(only_failures_have_an_error),
		cmocka_unit_test(the_context_says_what_it_was),
		cmocka_unit_test(clocks_that_disagree_give_no_duration),
		cmocka_unit_test(durations_in_words),
		cmocka_unit_test(the_links),
		cmocka_unit_test(only_good_urls_become_links),
		cmocka_unit_test(a_link_that_grows_too_long_is_none),
		cmocka_unit_test(clean_text),
		cmocka_unit_test(hostile_texts_are_clean),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
