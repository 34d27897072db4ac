/* What may be subscribed to, and whether a subscription wants an occasion. */
#include "domain/subscription.h"

#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* What is accepted beside the event types themselves, and what it means. */
#define WORD_TABLE(ROW) \
	ROW("deployment.*", "deployment.*") \
	ROW("build.*", "build.*") \
	ROW("dr.*", "dr.*") \
	ROW("version.*", "version.*") \
	ROW("*", "*") \
	ROW("version.pending", "build.pending") \
	ROW("version.started", "build.started") \
	ROW("version.completed", "build.completed") \
	ROW("version.failed", "build.failed") \
	ROW("version.aborted", "build.aborted")

#define ROW_WORD(word, canonical) {word, canonical},
#define LISTED_WORD(word, canonical) ", " word
#define LISTED_TYPE(name, icon, headline, success, is_failure) ", " name

static const struct {
	const char *word, *canonical;
} WORDS[] = {WORD_TABLE(ROW_WORD)};

static const char WORD_LIST[] = EVENT_TYPE_TABLE(LISTED_TYPE) WORD_TABLE(LISTED_WORD);

/* The families that an event belongs to, by its kind. */
static const struct {
	enum kind kind;
	const char *family;
} FAMILIES[] = {
	{KIND_DEPLOYMENT, "*"},
	{KIND_DEPLOYMENT, "deployment.*"},
	{KIND_BUILD, "*"},
	{KIND_BUILD, "build.*"},
	{KIND_BUILD, "version.*"},
};

static const struct {
	enum transition transition;
	enum interest interest;
} TRANSITIONS[] = {
	{TRANSITION_RECOVERED, INTEREST_RECOVERED},
	{TRANSITION_ROLLED_BACK, INTEREST_ROLLED_BACK},
};

/* Cuts *name off behind the first place where `part` stands in it. */
static bool cut_behind(struct text *name, struct text part)
{
	if (part.n == 0) return true;
	const char *found = memmem(name->p, name->n, part.p, part.n);
	if (!found) return false;
	size_t cut = (size_t)(found - name->p) + part.n;
	*name = (struct text){name->p + cut, name->n - cut};
	return true;
}

/* What stands before the first star must begin the name, what stands behind the last must end it. For each part between two stars its first
 * place in the rest of the name is as good as any later one, so nothing is ever tried twice; memmem() is linear. */
bool wildcard_matches(struct text pattern, struct text name)
{
	if (!pattern.p || !name.p) return false;
	if (text_equal(pattern, name)) return true;
	const char *first = memchr(pattern.p, '*', pattern.n);
	if (!first) return false;
	const char *last = memrchr(pattern.p, '*', pattern.n);
	struct text head = {pattern.p, (size_t)(first - pattern.p)};
	struct text tail = {last + 1, pattern.n - (size_t)(last - pattern.p) - 1};
	if (name.n < head.n + tail.n || !text_starts(name, head)) return false;
	if (memcmp(name.p + name.n - tail.n, tail.p, tail.n) != 0) return false;
	if (first == last) return true;

	struct text rest = {name.p + head.n, name.n - head.n - tail.n};
	struct text between = {first + 1, (size_t)(last - first) - 1}, part;
	while (text_split(&between, '*', &part))
		if (!cut_behind(&rest, part)) return false;
	return true;
}

bool subscription_type_parse(struct text word, struct text *ret)
{
	const struct event_type *type = event_type_find(word);
	if (type) return *ret = text_from(type->name), true;
	for (size_t i = 0; i < COUNT_OF(WORDS); i++)
		if (text_is(word, WORDS[i].word)) return *ret = text_from(WORDS[i].canonical), true;
	return false;
}

const char *subscription_types(void)
{
	return WORD_LIST + sizeof(", ") - 1; /* every word brings its comma, the first one too */
}

static bool wants_own_type(struct text event_type, enum kind kind, const char *own)
{
	if (text_is(event_type, own)) return true;
	for (size_t i = 0; i < COUNT_OF(FAMILIES); i++)
		if (FAMILIES[i].kind == kind && text_is(event_type, FAMILIES[i].family)) return true;
	return false;
}

static enum interest type_interest(struct text event_type, const struct occasion *o)
{
	const char *own = event_type_name(o->kind, o->state);
	if (!own) return INTEREST_NONE;
	if (wants_own_type(event_type, o->kind, own)) return INTEREST_OWN_TYPE;
	for (size_t i = 0; i < COUNT_OF(TRANSITIONS); i++)
		if (o->transitions & TRANSITIONS[i].transition && text_is(event_type, transition_event_type(TRANSITIONS[i].transition)))
			return TRANSITIONS[i].interest;
	return INTEREST_NONE;
}

static bool bit_wanted(unsigned wanted, unsigned value)
{
	return wanted == 0 || wanted & 1u << value;
}

static bool name_wanted(const struct text *patterns, size_t count, struct text name)
{
	for (size_t i = 0; i < count; i++)
		if (wildcard_matches(patterns[i], name)) return true;
	return count == 0;
}

static bool environment_wanted(const struct subscription *s, const struct occasion *o)
{
	if (o->kind == KIND_BUILD) return s->environment_count == 0 && s->environment_types == 0;
	return bit_wanted(s->environment_types, o->environment_type) &&
		   name_wanted(s->environments, s->environment_count, o->environment);
}

enum interest subscription_interest(const struct subscription *s, const struct occasion *o)
{
	enum interest interest = type_interest(s->event_type, o);
	if (interest == INTEREST_NONE || !bit_wanted(s->states, o->state) || !environment_wanted(s, o)) return INTEREST_NONE;
	return name_wanted(s->products, s->product_count, o->product) ? interest : INTEREST_NONE;
}

const char *interest_event_type(enum interest i, const struct occasion *o)
{
	if (i == INTEREST_OWN_TYPE) return event_type_name(o->kind, o->state);
	for (size_t t = 0; t < COUNT_OF(TRANSITIONS); t++)
		if (TRANSITIONS[t].interest == i) return transition_event_type(TRANSITIONS[t].transition);
	return NULL;
}
