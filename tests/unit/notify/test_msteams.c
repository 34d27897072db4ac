/* The Adaptive Card for Teams: its form, where users' text may stand, and that it is never too large. */
#include "sample.h"

#include "../tsv.h"

#define CONFIG_URL_ONLY "{\"webhook_url\":\"" SAMPLE_URL "\"}"
enum { CARD_MOST = 28000 };

static const struct json *card_of(struct sample *s)
{
	sample_compose(s, &CHANNEL_MSTEAMS);
	if (s->request.body.n > CARD_MOST) fail_msg("%zu bytes", s->request.body.n);
	const struct json *message = sample_json(s->arena, s->request.body);
	return json_member(json_element(json_member(message, "attachments"), 0), "content");
}

static const struct json *heading_of(const struct json *card)
{
	return json_element(json_member(card, "body"), 0);
}

/* Calls each() with every object in v that has the type. */
static void each_of_type(const struct json *v, const char *type, void (*each)(void *context, const struct json *v), void *context)
{
	if (json_kind(v) == JSON_IS_OBJECT && text_is(json_text(json_member(v, "type")), type)) each(context, v);
	for (size_t i = 0; json_kind(v) == JSON_IS_ARRAY && i < json_size(v); i++)
		each_of_type(json_element(v, i), type, each, context);
	for (struct json_iter i = json_members(v); json_next(&i);) each_of_type(i.value, type, each, context);
}

static void add_text(void *context, const struct json *v)
{
	buf_text(context, json_text(json_member(v, "text")));
	buf_char(context, '\n');
}

static void add_url(void *context, const struct json *v)
{
	buf_text(context, json_text(json_member(v, "title")));
	buf_char(context, ' ');
	buf_text(context, json_text(json_member(v, "url")));
	buf_char(context, '\n');
}

/* What all objects of the type say, a line each. */
static struct text said(struct sample *s, const struct json *card, const char *type)
{
	buf_auto b = BUF_INIT(MIB(1));
	each_of_type(card, type, strcmp(type, "Action.OpenUrl") ? add_text : add_url, &b);
	return text_copy(s->arena, buf_view(&b));
}

static size_t count_lines(struct text t)
{
	size_t n = 0;
	for (size_t i = 0; i < t.n; i++) n += t.p[i] == '\n';
	return n;
}

static void a_whole_card(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, CONFIG_URL_ONLY, "deployment.completed");
	const struct json *card = card_of(&s), *message = sample_json(s.arena, s.request.body);
	assert_string_equal(s.request.url, SAMPLE_URL);
	assert_int_equal(s.request.header_count, 1);
	assert_text(sample_header(s.request.headers, s.request.header_count, "Content-Type"), "application/json");
	assert_text(json_text(json_member(message, "type")), "message");
	const struct json *attachment = json_element(json_member(message, "attachments"), 0);
	assert_int_equal(json_size(json_member(message, "attachments")), 1);
	assert_text(json_text(json_member(attachment, "contentType")), "application/vnd.microsoft.card.adaptive");
	assert_int_equal(json_kind(json_member(attachment, "contentUrl")), JSON_IS_NULL);
	assert_text(json_text(json_member(card, "type")), "AdaptiveCard");
	assert_text(json_text(json_member(card, "version")), "1.4");
	assert_text(json_text(json_member(json_member(card, "msteams"), "width")), "Full");
	assert_text(json_text(json_member(heading_of(card), "text")), "✅ Deployment succeeded");
	struct text runs = said(&s, card, "TextRun");
	static const char *const expected[] = {"Product\nshop\n", "Version\n1.4.2\n", "Environment\nproduction\n",
		"Deployed by\nAda L.\n", "Branch\nmain\n", "Commit\n01234567\n", "took 2 min 5 s"};
	for (size_t i = 0; i < COUNT(expected); i++)
		if (!sample_contains(runs, expected[i])) fail_msg("no \"%s\" in %.*s", expected[i], TEXT_ARGS(runs));
	struct text links = said(&s, card, "Action.OpenUrl");
	assert_true(text_starts(links, TEXT("View https://versioner.example.com/")));
	assert_true(sample_contains(links, "\nLogs https://ci.example.com/deploys/8?a=1&b=2\n"));
	sample_end(&s);
}

static void every_event_type_has_its_headline_and_colour(void **state)
{
	(void)state;
	struct tsv *t = tsv_read("event-types.tsv");
	for (size_t i = 0; i < t->rows; i++) {
		const char *icon = tsv_get(t, i, "icon"), *successful = tsv_get(t, i, "is_successful");
		const char *colour = !strcmp(successful, "true") ? "good" : !strcmp(successful, "false") ? "attention" : "default";
		struct sample s;
		sample_begin(&s, CONFIG_URL_ONLY, tsv_get(t, i, "event_type"));
		const struct json *heading = heading_of(card_of(&s));
		assert_text(json_text(json_member(heading, "text")),
			arena_printf(s.arena, "%s%s%s", icon, *icon ? " " : "", tsv_get(t, i, "headline")));
		assert_text(json_text(json_member(heading, "color")), colour);
		sample_end(&s);
	}
	tsv_free(t);
}

static void a_failure_shows_its_error_line_by_line(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, CONFIG_URL_ONLY, "deployment.failed");
	s.delivery.notice.state = STATE_FAILED;
	s.delivery.notice.error_message = TEXT("first\n\nsecond *line*");
	struct text runs = said(&s, card_of(&s), "TextRun");
	assert_true(sample_contains(runs, "\nfirst\nsecond *line*\n"));
	assert_true(sample_contains(s.request.body, "\"fontType\":\"Monospace\""));
	sample_end(&s);
}

/* Markdown is read in TextBlock, FactSet and titles of buttons: none of them holds a word that is not ours. */
static void users_text_stands_in_runs_only(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, CONFIG_URL_ONLY, "deployment.failed");
	s.delivery.notice.state = STATE_FAILED;
	sample_fill(&s.delivery.notice, TEXT("harmless"));
	const struct json *card = card_of(&s);
	struct text blocks = said(&s, card, "TextBlock");
	size_t lines = count_lines(said(&s, card, "Action.OpenUrl"));
	assert_text(blocks, "❌ Deployment failed\n");
	assert_false(sample_contains(s.request.body, "FactSet"));
	for (size_t i = 0; i < COUNT(HOSTILE); i++) {
		struct sample h;
		sample_begin(&h, CONFIG_URL_ONLY, "deployment.failed");
		h.delivery.notice.state = STATE_FAILED;
		sample_fill(&h.delivery.notice, text_from(HOSTILE[i]));
		card = card_of(&h);
		assert_true(text_equal(said(&h, card, "TextBlock"), blocks));
		assert_int_equal(count_lines(said(&h, card, "Action.OpenUrl")), lines);
		assert_one_line(h.request.body);
		assert_false(sample_contains(h.request.body, "\xE2\x80\xAE"));
		sample_end(&h);
	}
	sample_end(&s);
}

static void only_web_addresses_become_buttons(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, CONFIG_URL_ONLY, "deployment.completed");
	s.site.public_url = NULL;
	s.delivery.notice.deploy_url = TEXT("javascript:alert(1)");
	s.delivery.notice.build_url = TEXT_ABSENT;
	const struct json *card = card_of(&s);
	assert_int_equal(said(&s, card, "Action.OpenUrl").n, 0);
	assert_int_equal(json_kind(json_member(card, "actions")), JSON_ABSENT);
	sample_end(&s);
}

/* ---- size ---- */

static void no_event_makes_a_card_too_large(void **state)
{
	(void)state;
	static const char *const units[] = {
		"x", "\"", "\\", "\n", "a\n", "\"\n", "\t", "\xF0\x9F\x9A\x80", "\xE2\x80\xA8", "\xC2\x85", "\"\\\xF0\x9F\x9A\x80\n"};
	static const size_t times[] = {1, 255, 4096, 10000};
	for (size_t i = 0; i < COUNT(units) * COUNT(times); i++) {
		struct sample s;
		sample_begin(&s, CONFIG_URL_ONLY, "deployment.failed");
		s.delivery.notice.state = STATE_FAILED;
		struct text t = sample_long(s.arena, units[i / COUNT(times)], times[i % COUNT(times)]);
		sample_fill(&s.delivery.notice, t);
		struct text url = text_from(
			arena_printf(s.arena, "https://ci.example.com/%.*s", TEXT_ARGS(sample_long(s.arena, "~", 2000))));
		s.delivery.notice.deploy_url = s.delivery.notice.build_url = url;
		card_of(&s);
		sample_end(&s);
	}
}

/* Names, error, lines and links at once at their longest: less of the error is told, and nothing else is left out. */
static void everything_at_its_longest_fits(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, CONFIG_URL_ONLY, "deployment.failed");
	s.delivery.notice.state = STATE_FAILED;
	sample_fill(&s.delivery.notice, sample_long(s.arena, "\xF0\x9F\x9A\x80", 4096));
	struct text line = text_from(arena_printf(s.arena, "%.*s\n", TEXT_ARGS(sample_long(s.arena, "\xF0\x9F\x9A\x80", 99))));
	s.delivery.notice.error_message = sample_long(s.arena, text_cstr(s.arena, line), 100);
	struct text path = sample_long(s.arena, "~", 2000);
	s.delivery.notice.deploy_url = text_from(arena_printf(s.arena, "https://ci.example.com/%.*s", TEXT_ARGS(path)));
	s.site.public_url = arena_printf(s.arena, "https://v.example/%.*s", 1950, path.p);
	const struct json *card = card_of(&s);
	struct text runs = said(&s, card, "TextRun"), links = said(&s, card, "Action.OpenUrl");
	assert_in_range(count_lines(runs), 15, 30); /* two of each field, and the lines of the error */
	assert_true(s.request.body.n > 12000);
	assert_true(text_starts(links, TEXT("View https://v.example/~")));
	assert_true(sample_contains(links, arena_printf(s.arena, "\nLogs %.*s\n", TEXT_ARGS(s.delivery.notice.deploy_url))));
	sample_end(&s);
}

/* The size comes from the error: the beginning of it stays, as much as has room, and the names stay whole. */
static void a_long_error_is_cut_and_says_so(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, CONFIG_URL_ONLY, "deployment.failed");
	s.delivery.notice.state = STATE_FAILED;
	s.delivery.notice.error_message = sample_long(s.arena, "0123456789", 1000);
	struct text runs = said(&s, card_of(&s), "TextRun");
	assert_true(sample_contains(runs, "Product\nshop\n"));
	assert_true(sample_contains(runs, "01234567890123456789"));
	assert_true(sample_contains(runs, "…"));
	assert_true(s.request.body.n > 5000);

	s.delivery.notice.error_message = sample_long(s.arena, "line\n", 500);
	runs = said(&s, card_of(&s), "TextRun");
	assert_true(sample_contains(runs, "line\nline\n…\n"));
	assert_in_range(count_lines(runs), 80, 120);
	sample_end(&s);
}

static void a_test_says_so(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, CONFIG_URL_ONLY, "deployment.completed");
	s.delivery.is_test = true;
	assert_text(said(&s, card_of(&s), "TextBlock"), "This is a test: nothing was deployed.\n✅ Deployment succeeded\n");
	sample_end(&s);
}

static void a_channel_without_an_url_is_refused(void **state)
{
	(void)state;
	struct sample s;
	sample_begin(&s, "{}", "deployment.completed");
	assert_int_equal(CHANNEL_MSTEAMS.compose(&s.delivery, &s.request, &s.err), RC_INVALID);
	sample_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_card),
		cmocka_unit_test(every_event_type_has_its_headline_and_colour),
		cmocka_unit_test(a_failure_shows_its_error_line_by_line),
		cmocka_unit_test(users_text_stands_in_runs_only),
		cmocka_unit_test(only_web_addresses_become_buttons),
		cmocka_unit_test(no_event_makes_a_card_too_large),
		cmocka_unit_test(everything_at_its_longest_fits),
		cmocka_unit_test(a_long_error_is_cut_and_says_so),
		cmocka_unit_test(a_test_says_so),
		cmocka_unit_test(a_channel_without_an_url_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
