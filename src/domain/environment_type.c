/* Finds the type of an environment by the words of its name. */
#include "domain/environment_type.h"

#include <stddef.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const char *const TYPE_NAMES[ENV_TYPE_COUNT] = {
	[ENV_DEV] = "dev",
	[ENV_TEST] = "test",
	[ENV_STAGING] = "staging",
	[ENV_PRODUCTION] = "production",
	[ENV_OTHER] = "other",
};

/* Tried from the top: the first row whose run of words is in the name wins, so that "pre-prod" is found before "prod". */
static const struct {
	const char *words;
	enum environment_type type;
} TYPE_WORDS[] = {
	{"preprod", ENV_STAGING},
	{"pre prod", ENV_STAGING},
	{"preproduction", ENV_STAGING},
	{"pre production", ENV_STAGING},
	{"nonprod", ENV_TEST},
	{"non prod", ENV_TEST},
	{"nonproduction", ENV_TEST},
	{"non production", ENV_TEST},
	{"staging", ENV_STAGING},
	{"stage", ENV_STAGING},
	{"stg", ENV_STAGING},
	{"uat", ENV_STAGING},
	{"acceptance", ENV_STAGING},
	{"dev", ENV_DEV},
	{"development", ENV_DEV},
	{"develop", ENV_DEV},
	{"local", ENV_DEV},
	{"sandbox", ENV_DEV},
	{"preview", ENV_DEV},
	{"test", ENV_TEST},
	{"testing", ENV_TEST},
	{"qa", ENV_TEST},
	{"integration", ENV_TEST},
	{"int", ENV_TEST},
	{"ci", ENV_TEST},
	{"prod", ENV_PRODUCTION},
	{"production", ENV_PRODUCTION},
	{"prd", ENV_PRODUCTION},
	{"live", ENV_PRODUCTION},
};

static bool is_word_byte(char c)
{
	unsigned char u = (unsigned char)c;
	return (u >= '0' && u <= '9') || (u >= 'A' && u <= 'Z') || (u >= 'a' && u <= 'z') || u >= 0x80;
}

/* Cuts the next word off *rest, with what stands before it. False when there is none. */
static bool next_word(struct text *rest, struct text *ret_word)
{
	size_t from = 0;
	while (from < rest->n && !is_word_byte(rest->p[from])) from++;
	size_t to = from;
	while (to < rest->n && is_word_byte(rest->p[to])) to++;
	if (from == to) return false;
	*ret_word = (struct text){rest->p + from, to - from};
	*rest = (struct text){rest->p + to, rest->n - to};
	return true;
}

static bool starts_with_run(struct text name, struct text run)
{
	struct text wanted, word;
	while (next_word(&run, &wanted)) {
		if (!next_word(&name, &word) || !text_equal_nocase(word, wanted)) return false;
	}
	return true;
}

static bool has_run(struct text name, struct text run)
{
	struct text word;
	do {
		if (starts_with_run(name, run)) return true;
	} while (next_word(&name, &word));
	return false;
}

enum environment_type environment_type_from_name(struct text name)
{
	for (size_t i = 0; i < COUNT_OF(TYPE_WORDS); i++) {
		if (has_run(name, text_from(TYPE_WORDS[i].words))) return TYPE_WORDS[i].type;
	}
	return ENV_OTHER;
}

const char *environment_type_name(enum environment_type t)
{
	return TYPE_NAMES[t];
}

bool environment_type_parse(struct text word, enum environment_type *ret)
{
	for (enum environment_type t = 0; t < ENV_TYPE_COUNT; t++) {
		if (text_is(word, TYPE_NAMES[t])) {
			*ret = t;
			return true;
		}
	}
	return false;
}
