/* Wildcards, the words that may be subscribed to, and what each subscription wants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "domain/subscription.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
/* ---- wildcards ---- */

static const struct {
	const char *pattern, *name;
	bool matches;
} WILDCARDS[] = {
	{"", "", true},
	{"", "a", false},
	{"a", "", false},
	{"a", "a", true},
	{"a", "b", false},
	{"a", "A", false},
	{"prod", "prod", true},
	{"prod", "prod ", false},
	{"prod", "production", false},
	{"production", "prod", false},
	{"*", "", true},
	{"*", "a", true},
	{"*", "prod-eu-1", true},
	{"*", "*", true},
	{"**", "", true},
	{"***", "anything", true},
	{"prod*", "prod", true},
	{"prod*", "production", true},
	{"prod*", "pro", false},
	{"prod*", "preprod", false},
	{"*prod", "prod", true},
	{"*prod", "preprod", true},
	{"*prod", "production", false},
	{"*prod*", "preproduction", true},
	{"*prod*", "prod", true},
	{"*prod*", "prd", false},
	{"prod-*-1", "prod-eu-1", true},
	{"prod-*-1", "prod--1", true},
	{"prod-*-1", "prod-1", false}, /* the two ends may not share a character */
	{"prod-*-1", "prod-eu-2", false},
	{"aba*aba", "aba", false},
	{"aba*aba", "ababa", false},
	{"aba*aba", "abaaba", true},
	{"a*a", "a", false},
	{"a*a", "aa", true},
	{"a*b*c", "abc", true},
	{"a*b*c", "aXbYc", true},
	{"a*b*c", "acb", false},
	{"a*b*c", "ac", false},
	{"a**c", "ac", true},
	{"*a*b", "ab", true},
	{"*a*b", "ba", false},
	{"*a*b", "bab", true},
	{"*ab*ba*", "aba", false},
	{"*ab*ba*", "abba", true},
	{"*aab", "aaab", true}, /* the first place is not always the one */
	{"*aab*", "aaab", true},
	{"x*aab", "xaaab", true},
	{"*abc*abd", "abcabcabd", true},
	{"*a*a*a*", "aa", false},
	{"*a*a*a*", "aaa", true},
	{"a.b", "axb", false},
	{"a?b", "axb", false},
	{"a?b", "a?b", true},
	{"[ab]", "a", false},
	{"a\\*b", "a*b", false},
	{"a\\*b", "a\\b", true},
	{"a*b", "a*b", true},
	{"%", "a", false},
	{"_", "a", false},
	{"größe*", "größer", true},
	{"gr*ße", "größe", true},
	{"*\xc3", "\xc3\xb6", false},
};

static void wildcards_match_what_they_say(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < COUNT_OF(WILDCARDS); i++)
		if (wildcard_matches(text_from(WILDCARDS[i].pattern), text_from(WILDCARDS[i].name)) != WILDCARDS[i].matches)
			fail_msg("'%s' and '%s'", WILDCARDS[i].pattern, WILDCARDS[i].name);
}

static void nothing_matches_an_absent_name(void **unused)
{
	(void)unused;
	assert_false(wildcard_matches(TEXT("*"), TEXT_ABSENT));
	assert_false(wildcard_matches(TEXT_ABSENT, TEXT("a")));
	assert_false(wildcard_matches(TEXT_ABSENT, TEXT_ABSENT));
	assert_true(wildcard_matches((struct text){"*\0*", 3}, (struct text){"a\0b", 3}));
	assert_false(wildcard_matches((struct text){"a\0c", 3}, (struct text){"a\0b", 3}));
}

/* Held against the definition itself, for every pattern and name of a small alphabet. */
static bool by_definition(const char *pattern, const char *name)
{
	if (!*pattern) return !*name;
	if (*pattern == '*') return by_definition(pattern + 1, name) || (*name && by_definition(pattern, name + 1));
	return *pattern == *name && by_definition(pattern + 1, name + 1);
}

static void spell(unsigned number, const char *alphabet, char *out)
{
	unsigned base = (unsigned)strlen(alphabet);
	for (; number; number = (number - 1) / base) *out++ = alphabet[(number - 1) % base];
	*out = '\0';
}

static void every_short_pattern_means_what_the_definition_says(void **unused)
{
	(void)unused;
	enum { PATTERNS = 1093, NAMES_TRIED = 127 }; /* up to six characters of three, and of two */
	for (unsigned p = 0; p < PATTERNS; p++) {
		for (unsigned n = 0; n < NAMES_TRIED; n++) {
			char pattern[16], name[16];
			spell(p, "ab*", pattern);
			spell(n, "ab", name);
			if (wildcard_matches(text_from(pattern), text_from(name)) != by_definition(pattern, name))
				fail_msg("'%s' and '%s'", pattern, name);
		}
	}
}

/* A matcher that tries each star's length in turn would not come to an end here. */
static void hostile_patterns_end(void **unused)
{
	(void)unused;
	enum { LONG = 100000 };
	char *name = malloc(LONG), *pattern = malloc(LONG);
	assert_true(name && pattern);
	memset(name, 'a', LONG);
	for (size_t i = 0; i < LONG; i++) pattern[i] = i % 2 ? 'a' : '*';
	pattern[LONG - 1] = 'b';
	assert_false(wildcard_matches(TEXT("*a*a*a*a*b"), (struct text){name, LONG}));
	assert_false(wildcard_matches((struct text){pattern, LONG}, (struct text){name, LONG}));
	name[LONG - 1] = 'b';
	assert_true(wildcard_matches(TEXT("*a*a*a*a*b"), (struct text){name, LONG}));
	assert_true(wildcard_matches((struct text){pattern, LONG}, (struct text){name, LONG}));
	assert_false(wildcard_matches(TEXT("*a*a*a*ab*a"), (struct text){name, LONG}));
	memset(pattern, 'a', LONG);
	pattern[0] = pattern[LONG / 2] = '*';
	pattern[LONG / 2 - 1] = 'b';
	assert_false(wildcard_matches((struct text){pattern, LONG}, (struct text){name, LONG}));
	free(name);
	free(pattern);
}

/* ---- words ---- */

static const struct {
	const char *word, *canonical;
} WORDS[] = {
	{"deployment.*", "deployment.*"},
	{"build.*", "build.*"},
	{"dr.*", "dr.*"},
	{"version.*", "version.*"},
	{"*", "*"},
	{"version.pending", "build.pending"},
	{"version.started", "build.started"},
	{"version.completed", "build.completed"},
	{"version.failed", "build.failed"},
	{"version.aborted", "build.aborted"},
};

static void assert_word(const char *word, const char *canonical)
{
	struct text got = TEXT_ABSENT;
	char copy[64];
	snprintf(copy, sizeof(copy), "%s", word);
	if (!subscription_type_parse(text_from(copy), &got)) fail_msg("%s is refused", word);
	memset(copy, 'x', sizeof(copy) - 1); /* what was given may go away */
	if (!text_is(got, canonical)) fail_msg("%s gives %.*s, not %s", word, TEXT_ARGS(got), canonical);
}

static void every_event_type_family_and_old_name_is_accepted(void **unused)
{
	(void)unused;
	for (const struct event_type *t = EVENT_TYPES; t->name; t++) assert_word(t->name, t->name);
	for (size_t i = 0; i < COUNT_OF(WORDS); i++) assert_word(WORDS[i].word, WORDS[i].canonical);
}

static void other_words_are_refused(void **unused)
{
	(void)unused;
	static const struct text refused[] = {{NULL, 0}, {"", 0}, {" ", 1}, {"deployment", 10}, {"deployment.", 11},
		{"deployment*", 11}, {"deploy.*", 8}, {"deployment.fail*", 16}, {"*.failed", 8}, {"**", 2}, {".*", 2},
		{"Deployment.*", 12}, {"deployment.failed ", 18}, {"deployment.failed,build.failed", 30}, {"deployment.success", 18},
		{"version.success", 15}, {"version.preflight_failed", 24}, {"build.preflight_failed", 22}, {"build.approved", 14},
		{"version.rejected", 16}, {"dr.failed", 9}, {"governance.*", 12}, {"recovered", 9}, {"build.recovered", 15}, {"*\0", 2},
		{"deployment.*\0", 13}, {"DR.*", 4}};
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		struct text got = TEXT("untouched");
		if (subscription_type_parse(refused[i], &got)) fail_msg("row %zu is accepted", i);
		assert_true(text_is(got, "untouched"));
	}
}

static void the_list_names_all_that_are_accepted(void **unused)
{
	(void)unused;
	char expected[2048] = "";
	for (const struct event_type *t = EVENT_TYPES; t->name; t++) {
		strcat(expected, *expected ? ", " : "");
		strcat(expected, t->name);
	}
	for (size_t i = 0; i < COUNT_OF(WORDS); i++) {
		strcat(expected, ", ");
		strcat(expected, WORDS[i].word);
	}
	assert_string_equal(subscription_types(), expected);
}

/* ---- interest ---- */

static struct occasion deployment(enum state state, unsigned transitions)
{
	return (struct occasion){.kind = KIND_DEPLOYMENT,
		.state = state,
		.transitions = transitions,
		.product = TEXT("shop"),
		.environment = TEXT("prod-eu"),
		.environment_type = ENV_PRODUCTION};
}

static struct occasion build(enum state state)
{
	return (struct occasion){.kind = KIND_BUILD, .state = state, .product = TEXT("shop"), .environment_type = ENV_TYPE_COUNT};
}

static enum interest wanted(const char *event_type, struct occasion o)
{
	struct subscription s = {.event_type = text_from(event_type)};
	return subscription_interest(&s, &o);
}

/* Each accepted word against each event that there is. */
static bool expected_own(const char *type, enum kind k, enum state s)
{
	const char *dot = strchr(type, '.');
	if (strcmp(type, "*") == 0 || strcmp(type, event_type_name(k, s)) == 0) return true;
	if (!dot || strcmp(dot, ".*") != 0) return false;
	size_t n = (size_t)(dot - type);
	if (k == KIND_BUILD && strncmp(type, "version", n) == 0) return true;
	return n == strlen(kind_name(k)) && strncmp(type, kind_name(k), n) == 0;
}

static void assert_interest_in_all(const char *type)
{
	for (enum state s = 0; s < STATE_COUNT; s++) {
		bool own = expected_own(type, KIND_DEPLOYMENT, s);
		if ((wanted(type, deployment(s, 0)) == INTEREST_OWN_TYPE) != own) fail_msg("%s of a deployment: %s", type, state_name(s));
		if (!own) assert_int_equal(wanted(type, deployment(s, 0)), INTEREST_NONE);
		if (s == STATE_PREFLIGHT_FAILED) continue;
		own = expected_own(type, KIND_BUILD, s);
		if ((wanted(type, build(s)) == INTEREST_OWN_TYPE) != own) fail_msg("%s of a build: %s", type, state_name(s));
		if (!own) assert_int_equal(wanted(type, build(s)), INTEREST_NONE);
	}
}

static void each_word_wants_its_events(void **unused)
{
	(void)unused;
	for (const struct event_type *t = EVENT_TYPES; t->name; t++) assert_interest_in_all(t->name);
	for (size_t i = 0; i < COUNT_OF(WORDS); i++) assert_interest_in_all(WORDS[i].canonical);
	assert_int_equal(wanted("version.*", build(STATE_FAILED)), INTEREST_OWN_TYPE);
	assert_int_equal(wanted("version.*", deployment(STATE_FAILED, 0)), INTEREST_NONE);
	assert_int_equal(wanted("dr.*", deployment(STATE_FAILED, 0)), INTEREST_NONE);
	assert_int_equal(wanted("*", build(STATE_PREFLIGHT_FAILED)), INTEREST_NONE); /* there is no such event */
}

static void transitions_are_told_to_who_names_them(void **unused)
{
	(void)unused;
	static const unsigned both = TRANSITION_RECOVERED | TRANSITION_ROLLED_BACK;
	static const struct {
		const char *type;
		unsigned transitions;
		enum interest interest;
	} rows[] = {
		{"deployment.recovered", 0, INTEREST_NONE},
		{"deployment.recovered", TRANSITION_RECOVERED, INTEREST_RECOVERED},
		{"deployment.recovered", TRANSITION_ROLLED_BACK, INTEREST_NONE},
		{"deployment.recovered", both, INTEREST_RECOVERED},
		{"deployment.rolled_back", 0, INTEREST_NONE},
		{"deployment.rolled_back", TRANSITION_RECOVERED, INTEREST_NONE},
		{"deployment.rolled_back", TRANSITION_ROLLED_BACK, INTEREST_ROLLED_BACK},
		{"deployment.rolled_back", both, INTEREST_ROLLED_BACK},
		{"deployment.completed", both, INTEREST_OWN_TYPE},
		{"deployment.*", both, INTEREST_OWN_TYPE},
		{"*", both, INTEREST_OWN_TYPE},
		{"deployment.failed", both, INTEREST_NONE},
		{"build.*", both, INTEREST_NONE},
		{"version.*", both, INTEREST_NONE},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (wanted(rows[i].type, deployment(STATE_COMPLETED, rows[i].transitions)) != rows[i].interest) fail_msg("row %zu", i);
}

/* A channel's greatest interest is what it is told: its own type before "recovered" before "rolled back". */
static void the_greatest_interest_of_a_channel_counts(void **unused)
{
	(void)unused;
	struct occasion o = deployment(STATE_COMPLETED, TRANSITION_RECOVERED | TRANSITION_ROLLED_BACK);
	static const struct {
		const char *types[3];
		const char *told;
	} rows[] = {
		{{"deployment.failed"}, NULL},
		{{"deployment.rolled_back"}, "deployment.rolled_back"},
		{{"deployment.rolled_back", "deployment.recovered"}, "deployment.recovered"},
		{{"deployment.recovered", "deployment.rolled_back"}, "deployment.recovered"},
		{{"deployment.recovered", "deployment.failed"}, "deployment.recovered"},
		{{"deployment.rolled_back", "deployment.*", "deployment.recovered"}, "deployment.completed"},
		{{"*", "deployment.rolled_back"}, "deployment.completed"},
		{{"deployment.recovered", "deployment.completed"}, "deployment.completed"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		enum interest greatest = INTEREST_NONE;
		for (size_t t = 0; t < 3 && rows[i].types[t]; t++) {
			enum interest interest = wanted(rows[i].types[t], o);
			if (interest > greatest) greatest = interest;
		}
		const char *told = interest_event_type(greatest, &o);
		if (!told || !rows[i].told)
			assert_ptr_equal(told, rows[i].told);
		else
			assert_string_equal(told, rows[i].told);
	}
}

static void an_own_type_is_told_by_its_name(void **unused)
{
	(void)unused;
	struct occasion d = deployment(STATE_PREFLIGHT_FAILED, 0), b = build(STATE_ABORTED);
	assert_string_equal(interest_event_type(INTEREST_OWN_TYPE, &d), "deployment.preflight_failed");
	assert_string_equal(interest_event_type(INTEREST_OWN_TYPE, &b), "build.aborted");
	assert_null(interest_event_type(INTEREST_NONE, &d));
}

/* ---- filters ---- */

#define STATES(a, b) (1u << STATE_##a | 1u << STATE_##b)

/* What is fixed: a completed deployment of "shop" in "prod-eu", which is of production. */
static void filters_alone_and_together(void **unused)
{
	(void)unused;
	struct occasion o = deployment(STATE_COMPLETED, 0);
	/* Two bits a filter: absent, matching, not matching, matching among others. */
	static const struct text environments[][2] = {
		{{0}}, {{"prod-eu", 7}, {"prod-eu", 7}}, {{"stage", 5}, {"prod", 4}}, {{"stage", 5}, {"*-eu", 4}}};
	static const struct text products[][2] = {
		{{0}}, {{"shop", 4}, {"shop", 4}}, {{"prod-eu", 7}, {"sho", 3}}, {{"admin", 5}, {"s*p", 3}}};
	static const unsigned states[] = {0, STATES(COMPLETED, COMPLETED), STATES(FAILED, STARTED), STATES(FAILED, COMPLETED)};
	static const unsigned types[] = {
		0, 1u << ENV_PRODUCTION, 1u << ENV_DEV | 1u << ENV_OTHER, 1u << ENV_DEV | 1u << ENV_PRODUCTION};
	for (unsigned mask = 0; mask < 256; mask++) {
		unsigned e = mask & 3, p = mask >> 2 & 3, s = mask >> 4 & 3, t = mask >> 6;
		struct subscription sub = {.event_type = TEXT("deployment.completed"),
			.environments = environments[e],
			.environment_count = e ? 2 : 0,
			.products = products[p],
			.product_count = p ? 2 : 0,
			.states = states[s],
			.environment_types = types[t]};
		enum interest expected = e == 2 || p == 2 || s == 2 || t == 2 ? INTEREST_NONE : INTEREST_OWN_TYPE;
		if (subscription_interest(&sub, &o) != expected) fail_msg("filters %u %u %u %u", e, p, s, t);
	}
}

static void each_state_and_environment_type_has_its_bit(void **unused)
{
	(void)unused;
	for (enum state wanted_state = 0; wanted_state < STATE_COUNT; wanted_state++) {
		struct subscription s = {.event_type = TEXT("*"), .states = 1u << wanted_state};
		for (enum state state = 0; state < STATE_COUNT; state++) {
			struct occasion o = deployment(state, 0);
			assert_int_equal(subscription_interest(&s, &o) != INTEREST_NONE, state == wanted_state);
		}
	}
	for (enum environment_type wanted_type = 0; wanted_type < ENV_TYPE_COUNT; wanted_type++) {
		struct subscription s = {.event_type = TEXT("*"), .environment_types = 1u << wanted_type};
		for (enum environment_type type = 0; type < ENV_TYPE_COUNT; type++) {
			struct occasion o = deployment(STATE_FAILED, 0);
			o.environment_type = type;
			assert_int_equal(subscription_interest(&s, &o) != INTEREST_NONE, type == wanted_type);
		}
	}
}

/* A build has no environment: it is in none of those that a filter names, not even in "*". */
static void builds_match_only_without_environment_filters(void **unused)
{
	(void)unused;
	static const struct text all = {"*", 1}, shop = {"shop", 4}, other = {"admin", 5};
	struct occasion o = build(STATE_FAILED);
	const struct {
		struct subscription s;
		enum interest interest;
	} rows[] = {
		{{.event_type = TEXT("build.*")}, INTEREST_OWN_TYPE},
		{{.event_type = TEXT("*"), .environments = &all, .environment_count = 1}, INTEREST_NONE},
		{{.event_type = TEXT("build.failed"), .environment_types = (1u << ENV_TYPE_COUNT) - 1}, INTEREST_NONE},
		{{.event_type = TEXT("build.failed"), .products = &shop, .product_count = 1}, INTEREST_OWN_TYPE},
		{{.event_type = TEXT("build.failed"), .products = &all, .product_count = 1}, INTEREST_OWN_TYPE},
		{{.event_type = TEXT("build.failed"), .products = &other, .product_count = 1}, INTEREST_NONE},
		{{.event_type = TEXT("version.*"), .states = 1u << STATE_FAILED}, INTEREST_OWN_TYPE},
		{{.event_type = TEXT("version.*"), .states = 1u << STATE_COMPLETED}, INTEREST_NONE},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (subscription_interest(&rows[i].s, &o) != rows[i].interest) fail_msg("row %zu", i);
}

static void filters_hold_for_transitions_too(void **unused)
{
	(void)unused;
	static const struct text stage = {"stage", 5};
	struct occasion o = deployment(STATE_COMPLETED, TRANSITION_RECOVERED);
	struct subscription s = {.event_type = TEXT("deployment.recovered")};
	assert_int_equal(subscription_interest(&s, &o), INTEREST_RECOVERED);
	s.environments = &stage;
	s.environment_count = 1;
	assert_int_equal(subscription_interest(&s, &o), INTEREST_NONE);
	s = (struct subscription){.event_type = s.event_type, .states = 1u << STATE_COMPLETED};
	assert_int_equal(subscription_interest(&s, &o), INTEREST_RECOVERED);
	s.states = 1u << STATE_FAILED;
	assert_int_equal(subscription_interest(&s, &o), INTEREST_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wildcards_match_what_they_say),
		cmocka_unit_test(nothing_matches_an_absent_name),
		cmocka_unit_test(every_short_pattern_means_what_the_definition_says),
		cmocka_unit_test(hostile_patterns_end),
		cmocka_unit_test(every_event_type_family_and_old_name_is_accepted),
		cmocka_unit_test(other_words_are_refused),
		cmocka_unit_test(the_list_names_all_that_are_accepted),
		cmocka_unit_test(each_word_wants_its_events),
		cmocka_unit_test(transitions_are_told_to_who_names_them),
		cmocka_unit_test(the_greatest_interest_of_a_channel_counts),
		cmocka_unit_test(an_own_type_is_told_by_its_name),
		cmocka_unit_test(filters_alone_and_together),
		cmocka_unit_test(each_state_and_environment_type_has_its_bit),
		cmocka_unit_test(builds_match_only_without_environment_filters),
		cmocka_unit_test(filters_hold_for_transitions_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
