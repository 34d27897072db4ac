/* A notification as a mail: subject, both parts, headers, and what a mail server's answers mean. */
#include "sample.h"

#include "../tsv.h"

#define CONFIG_TWO "{\"to\":[\"ada@example.com\",\"grace@example.com\"]}"

static const struct outgoing_mail *composed(struct sample *s)
{
	sample_compose(s, &CHANNEL_EMAIL);
	assert_non_null(s->request.mail);
	assert_null(s->request.url);
	return s->request.mail;
}

static struct text header(const struct outgoing_mail *m, const char *name)
{
	return sample_header(m->headers, m->header_count, name);
}

static void assert_has(struct text t, const char *part)
{
	if (!sample_contains(t, part)) fail_msg("\"%s\" is not in:\n%.*s", part, TEXT_ARGS(t));
}

static size_t count_of(struct text t, const char *part)
{
	size_t count = 0, n = strlen(part);
	for (size_t i = 0; i + n <= t.n; i++) count += memcmp(t.p + i, part, n) == 0;
	return count;
}

static void a_whole_mail(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, CONFIG_TWO, "deployment.completed");
	const struct outgoing_mail *m = composed(&s);
	assert_string_equal(m->server, "smtp://mail.example.com");
	assert_text(m->from, "Versioner <versioner@example.com>");
	assert_int_equal(m->to_count, 2);
	assert_text(m->to[0], "ada@example.com");
	assert_text(m->to[1], "grace@example.com");
	assert_text(m->subject, "[Versioner] Deployment succeeded: shop 1.4.2 → production");
	static const char *const in_plain[] = {"Deployment succeeded\n", "\nProduct: shop\n", "\nVersion: 1.4.2\n",
		"\nEnvironment: production\n", "\nDeployed by: Ada L.\n", "took 2 min 5 s",
		"\nLogs: https://ci.example.com/deploys/8?a=1&b=2\n"};
	for (size_t i = 0; i < COUNT(in_plain); i++) assert_has(m->plain, in_plain[i]);
	static const char *const in_html[] = {">Deployment succeeded<", ">Product</td>", ">shop</td>", ">Ada L.</td>", "#1a7f37",
		"<a href=\"https://ci.example.com/deploys/8?a=1&amp;b=2\"", "took 2 min 5 s"};
	for (size_t i = 0; i < COUNT(in_html); i++) assert_has(m->html, in_html[i]);
	assert_false(sample_contains(m->plain, "test"));
	assert_false(sample_contains(m->plain, "Error"));
	sample_end(&s);
}

static void every_event_type_of_the_table(void **state)
{
	(void)state;
	struct tsv *t = tsv_read("event-types.tsv");
	for (size_t i = 0; i < t->rows; i++) {
		const char *name = tsv_get(t, i, "event_type"), *headline = tsv_get(t, i, "headline"), *icon = tsv_get(t, i, "icon");
		struct sample s;
		sample_begin(&s, CONFIG_TWO, name);
		const struct outgoing_mail *m = composed(&s);
		assert_has(m->subject, arena_printf(s.arena, "[Versioner] %s", headline));
		assert_has(m->plain, headline);
		assert_has(m->html, headline);
		if (*icon) assert_false(sample_contains(m->subject, icon)); /* plain words */
		assert_text(header(m, "X-Versioner-Event"), name);
		sample_end(&s);
	}
	tsv_free(t);
}

/* Readers make a thread of what refers to the same message; servers know a second copy by its id. */
static void one_deployment_is_one_thread(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, CONFIG_TWO, "deployment.started");
	const struct outgoing_mail *first = composed(&s), *again = composed(&s);
	assert_text(header(first, "Message-ID"), "<0195b0a0-0000-7000-8000-00000000000a@example.com>");
	assert_true(text_equal(header(again, "Message-ID"), header(first, "Message-ID")));
	assert_text(header(first, "References"), "<0195b0a0-0000-7000-8000-00000000000d@example.com>");
	assert_text(header(first, "In-Reply-To"), "<0195b0a0-0000-7000-8000-00000000000d@example.com>");
	assert_text(header(first, "Auto-Submitted"), "auto-generated");
	assert_int_equal(first->header_count, 5);
	s.delivery.id = TEXT("another");
	sample_state(&s, KIND_DEPLOYMENT, STATE_COMPLETED);
	const struct outgoing_mail *later = composed(&s);
	assert_text(header(later, "Message-ID"), "<another@example.com>");
	assert_true(text_equal(header(later, "References"), header(first, "References")));
	sample_end(&s);
}

static void the_domain_of_the_sender(void **state)
{
	(void)state;
	static const struct {
		const char *from, *id;
	} rows[] = {
		{"versioner@example.com", "<i@example.com>"},
		{"\"a@b\" <v@mail.example.org>", "<i@mail.example.org>"},
		{"V <v@example.com >", "<i@example.com>"},
		{"nobody", "<i@localhost>"},
		{"nobody@", "<i@localhost>"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sample s;
		sample_begin(&s, CONFIG_TWO, "deployment.started");
		s.site.mail_from = rows[i].from;
		s.delivery.id = TEXT("i");
		assert_text(header(composed(&s), "Message-ID"), rows[i].id);
		sample_end(&s);
	}
}

static void a_failure_shows_its_error(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, CONFIG_TWO, "deployment.failed");
	s.delivery.notice.state = STATE_FAILED;
	s.delivery.notice.error_message = TEXT("disk <full>\nsecond line");
	const struct outgoing_mail *m = composed(&s);
	assert_has(m->plain, "\nError:\ndisk <full>\nsecond line");
	assert_has(m->html, "disk &lt;full&gt;\nsecond line");
	assert_has(m->html, "#cf222e");
	sample_end(&s);
}

/* Whatever users wrote: the same elements, nothing that is loaded or run, and headers of one line. */
static void hostile_texts_are_only_texts(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, CONFIG_TWO, "deployment.failed");
	s.delivery.notice.state = STATE_FAILED;
	sample_fill(&s.delivery.notice, TEXT("harmless"));
	size_t elements = count_of(composed(&s)->html, "<");
	sample_end(&s);
	for (size_t i = 0; i < COUNT(HOSTILE); i++) {
		sample_begin(&s, CONFIG_TWO, "deployment.failed");
		s.delivery.notice.state = STATE_FAILED;
		sample_fill(&s.delivery.notice, text_from(HOSTILE[i]));
		const struct outgoing_mail *m = composed(&s);
		assert_int_equal(count_of(m->html, "<"), elements);
		assert_one_line(m->subject);
		assert_clean_headers(m->headers, m->header_count);
		assert_true(utf8_valid(m->plain) && !text_has_control(m->plain, true));
		assert_true(utf8_valid(m->html) && !text_has_control(m->html, true));
		static const char *const never[] = {" onmouseover='", "<img", "<script", "\xE2\x80\xAE"};
		for (size_t k = 0; k < COUNT(never); k++) assert_false(sample_contains(m->html, never[k]));
		assert_int_equal(count_of(m->plain, "\r"), 0);
		sample_end(&s);
	}
}

static void only_web_addresses_become_links(void **state)
{
	(void)state;
	static const char *const refused[] = {
		"javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://a.example/\"onclick=\"x", "//evil.example"};
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct sample s;
		sample_begin(&s, CONFIG_TWO, "deployment.completed");
		s.delivery.notice.deploy_url = s.delivery.notice.build_url = text_from(refused[i]);
		const struct outgoing_mail *m = composed(&s);
		assert_false(sample_contains(m->html, arena_printf(s.arena, "href=\"%s", refused[i])));
		assert_false(sample_contains(m->html, "onclick=\""));
		assert_int_equal(count_of(m->html, "href="), count_of(m->html, "href=\"https://"));
		assert_int_equal(count_of(m->html, "src="), 0);
		sample_end(&s);
	}
}

static void long_texts_are_cut(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, CONFIG_TWO, "deployment.failed");
	s.delivery.notice.state = STATE_FAILED;
	sample_fill(&s.delivery.notice, sample_long(s.arena, "\xF0\x9F\x9A\x80\"<", 10000));
	const struct outgoing_mail *m = composed(&s);
	assert_true(utf8_valid(m->subject) && utf8_length(m->subject) <= strlen("[Versioner] ") + 200);
	assert_true(utf8_length(m->plain) < 15000);
	assert_true(m->html.n < KIB(200));
	assert_has(m->html, "</html>\n"); /* nothing ran out of its room */
	assert_true(utf8_valid(m->html));
	sample_end(&s);
}

static void a_test_says_so(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, CONFIG_TWO, "deployment.completed");
	s.delivery.is_test = true;
	const struct outgoing_mail *m = composed(&s);
	assert_has(m->subject, "[Versioner] Test: ");
	assert_has(m->plain, "This is a test: nothing was deployed.");
	assert_has(m->html, "This is a test: nothing was deployed.");
	assert_text(header(m, "X-Versioner-Test"), "true");
	sample_end(&s);
}

static void what_cannot_be_sent(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, CONFIG_TWO, "deployment.completed");
	s.site.mail_server = NULL;
	assert_int_equal(CHANNEL_EMAIL.compose(&s.delivery, &s.request, &s.err), RC_UNAVAILABLE);
	assert_string_equal(s.err.text, "no mail server is set up (--smtp-url)");
	sample_end(&s);
	sample_begin(&s, CONFIG_TWO, "deployment.completed");
	s.site.mail_from = NULL;
	assert_int_equal(CHANNEL_EMAIL.compose(&s.delivery, &s.request, &s.err), RC_UNAVAILABLE);
	sample_end(&s);
	sample_begin(&s, "{\"to\":[]}", "deployment.completed");
	assert_int_equal(CHANNEL_EMAIL.compose(&s.delivery, &s.request, &s.err), RC_INVALID);
	sample_end(&s);
}

static void what_answers_mean(void **state)
{
	(void)state;
	static const struct {
		int status;
		enum delivery_verdict verdict;
	} rows[] = {
		{250, DELIVERY_DONE},
		{251, DELIVERY_DONE},
		{0, DELIVERY_AGAIN},
		{354, DELIVERY_AGAIN},
		{421, DELIVERY_AGAIN},
		{450, DELIVERY_AGAIN},
		{452, DELIVERY_AGAIN},
		{550, DELIVERY_DEAD},
		{552, DELIVERY_DEAD},
		{554, DELIVERY_DEAD},
		{530, DELIVERY_AGAIN}, /* the login, not the mailbox */
		{535, DELIVERY_AGAIN},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sample s;
		sample_begin(&s, CONFIG_TWO, "deployment.completed");
		struct outgoing_answer answer = {.end = OUTGOING_ANSWERED, .status = rows[i].status, .retry_after = -1};
		if (CHANNEL_EMAIL.judge(&s.delivery, &answer) != rows[i].verdict) fail_msg("%d", rows[i].status);
		sample_end(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_mail),
		cmocka_unit_test(every_event_type_of_the_table),
		cmocka_unit_test(one_deployment_is_one_thread),
		cmocka_unit_test(the_domain_of_the_sender),
		cmocka_unit_test(a_failure_shows_its_error),
		cmocka_unit_test(hostile_texts_are_only_texts),
		cmocka_unit_test(only_web_addresses_become_links),
		cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(a_test_says_so),
		cmocka_unit_test(what_cannot_be_sent),
		cmocka_unit_test(what_answers_mean),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
