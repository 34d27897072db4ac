/* Many notifications in one Slack message: counts, every failure by name, the others while there is room, never more than
 * fits. */
#include <stdlib.h>

#include "slack_sample.h"

static struct digest_line line_of(struct sample *s, const char *event_type, const char *product)
{
	struct digest_line l = {event_type_find(text_from(event_type)), sample_notice()};
	l.notice.product_name = text_copy(s->arena, text_from(product));
	l.notice.extra_metadata = TEXT_ABSENT;
	return l;
}

enum { MOST = 500 };

struct many {
	struct sample s;
	struct digest digest;
	struct digest_line lines[MOST];
};

/* Every n-th line is a failure (0: none); names of `unit`, so many times, behind the line's own number. */
static struct many *many_of(size_t count, size_t failure_every, const char *unit, size_t times)
{
	struct many *m = mem_zalloc(sizeof *m);
	slack_begin(&m->s, WEBHOOK_CONFIG, "deployment.completed");
	for (size_t i = 0; i < count; i++) {
		bool failed = failure_every && i % failure_every == 0;
		struct text pad = sample_long(m->s.arena, unit, times);
		const char *name = arena_printf(m->s.arena, "p%03zu-%.*s", i, TEXT_ARGS(pad));
		m->lines[i] = line_of(&m->s, failed ? "deployment.failed" : "deployment.completed", name);
		if (times > 1) m->lines[i].notice.version = m->lines[i].notice.environment_name = pad;
	}
	m->digest = (struct digest){.lines = m->lines, .count = count};
	m->s.delivery.digest = &m->digest;
	return m;
}

static void many_free(struct many *m)
{
	sample_end(&m->s);
	free(m);
}

static bool is_named(const struct many *m, size_t i)
{
	char name[32];
	snprintf(name, sizeof name, ": p%03zu-", i);
	return sample_contains(m->s.request.body, name);
}

static void assert_failures_named(const struct many *m)
{
	for (size_t i = 0; i < m->digest.count; i++) {
		bool taken = i < m->digest.taken;
		if (taken && m->lines[i].type->is_failure && !is_named(m, i)) fail_msg("failure %zu is not named", i);
		if (!taken && is_named(m, i)) fail_msg("line %zu is named, but not taken", i);
	}
}

static size_t named(const struct many *m)
{
	size_t n = 0;
	for (size_t i = 0; i < m->digest.count; i++) n += is_named(m, i);
	return n;
}

static void twenty_one(void **state)
{
	(void)state;
	struct many *m = many_of(21, 7, "x", 1);
	const struct json *message = slack_message(&m->s, &CHANNEL_SLACK_WEBHOOK);
	assert_int_equal(m->digest.taken, 21);
	assert_int_equal(named(m), 21);
	assert_text(slack_header(message), "21 notifications");
	assert_text(json_text(json_member(message, "text")), "21 notifications, 3 of them failures");
	assert_text(slack_words(slack_block(message, "section", 0)),
		"\xE2\x9C\x85 Deployment succeeded: 18\n\xE2\x9D\x8C Deployment failed: 3");
	struct text failures = slack_words(slack_block(message, "section", 1));
	assert_true(text_starts(failures, TEXT("\xE2\x9D\x8C Deployment failed: p000-x 1.4.2 \xE2\x86\x92 production \xC2\xB7 "
										   "<https://versioner.example.com/manage/deployments?view=")));
	assert_false(sample_contains(failures, "succeeded"));
	assert_null(slack_block(message, "context", 0));
	many_free(m);
}

static void five_hundred(void **state)
{
	(void)state;
	struct many *m = many_of(500, 50, "x", 1);
	const struct json *message = slack_message(&m->s, &CHANNEL_SLACK_WEBHOOK);
	assert_int_equal(m->digest.taken, 500);
	assert_failures_named(m);
	assert_true(named(m) > 50 && named(m) < 500);
	char more[64];
	snprintf(more, sizeof more, "and %zu more", 500 - named(m));
	assert_text(slack_context(message), more);
	many_free(m);
}

static void only_failures_with_the_longest_names(void **state)
{
	(void)state;
	static const char *const units[] = {"x", "\xF0\x9F\x9A\x80", "&", "\"", "*", "\xE2\x82\xAC"};
	for (size_t i = 0; i < COUNT(units); i++) {
		struct many *m = many_of(MOST, 1, units[i], 250);
		slack_message(&m->s, &CHANNEL_SLACK_WEBHOOK);
		assert_true(m->digest.taken >= 1 && m->digest.taken < MOST);
		assert_failures_named(m);
		many_free(m);
	}
}

static void failures_with_ordinary_names_fill_the_message(void **state)
{
	(void)state;
	struct many *m = many_of(MOST, 1, "x", 1);
	slack_message(&m->s, &CHANNEL_SLACK_WEBHOOK);
	assert_true(m->digest.taken > 40 && m->digest.taken < MOST);
	assert_failures_named(m);
	many_free(m);
}

/* All before the failure that does not fit are taken, and nothing behind it. */
static void successes_in_front_do_not_count(void **state)
{
	(void)state;
	struct many *m = many_of(MOST, 2, "\xF0\x9F\x9A\x80", 200);
	slack_message(&m->s, &CHANNEL_SLACK_WEBHOOK);
	assert_true(m->digest.taken % 2 == 0 && m->digest.taken > 2);
	assert_failures_named(m);
	many_free(m);
}

static void the_rest_comes_in_the_next(void **state)
{
	(void)state;
	struct many *m = many_of(MOST, 1, "x", 100);
	size_t told = 0, messages = 0;
	for (; told < MOST; messages++) {
		m->digest = (struct digest){.lines = m->lines + told, .count = MOST - told};
		slack_message(&m->s, &CHANNEL_SLACK_WEBHOOK);
		assert_true(m->digest.taken >= 1);
		told += m->digest.taken;
	}
	assert_int_equal(told, MOST);
	assert_true(messages < 40);
	many_free(m);
}

static void every_event_type_is_counted(void **state)
{
	(void)state;
	struct many *m = many_of(0, 0, "x", 1);
	for (const struct event_type *t = EVENT_TYPES; t->name; t++) m->lines[m->digest.count++] = line_of(&m->s, t->name, "shop");
	const struct json *message = slack_message(&m->s, &CHANNEL_SLACK_WEBHOOK);
	struct text counts = slack_words(slack_block(message, "section", 0));
	for (const struct event_type *t = EVENT_TYPES; t->name; t++) {
		char expected[128];
		snprintf(expected, sizeof expected, "%s%s%s: 1", t->icon, *t->icon ? " " : "", t->headline);
		if (!sample_contains(counts, expected)) fail_msg("%s is not counted", t->name);
	}
	many_free(m);
}

static void hostile_names(void **state)
{
	(void)state;
	struct many *m = many_of(0, 0, "x", 1);
	for (size_t i = 0; i < COUNT(HOSTILE) * 2; i++) {
		m->lines[i] = line_of(&m->s, i % 2 ? "build.failed" : "deployment.completed", "shop");
		sample_fill(&m->lines[i].notice, text_from(HOSTILE[i / 2]));
	}
	m->digest.count = COUNT(HOSTILE) * 2;
	m->s.site.public_url = NULL;
	slack_message(&m->s, &CHANNEL_SLACK_WEBHOOK);
	assert_int_equal(m->digest.taken, m->digest.count);
	assert_false(sample_contains(m->s.request.body, "<!channel>"));
	assert_false(sample_contains(m->s.request.body, "|View>"));
	many_free(m);
}

static void one_is_one(void **state)
{
	(void)state;
	struct many *m = many_of(1, 1, "x", 1);
	const struct json *message = slack_message(&m->s, &CHANNEL_SLACK_WEBHOOK);
	assert_text(slack_header(message), "1 notification");
	assert_text(json_text(json_member(message, "text")), "1 notification, a failure");
	many_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twenty_one),
		cmocka_unit_test(five_hundred),
		cmocka_unit_test(only_failures_with_the_longest_names),
		cmocka_unit_test(failures_with_ordinary_names_fill_the_message),
		cmocka_unit_test(successes_in_front_do_not_count),
		cmocka_unit_test(the_rest_comes_in_the_next),
		cmocka_unit_test(every_event_type_is_counted),
		cmocka_unit_test(hostile_names),
		cmocka_unit_test(one_is_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
