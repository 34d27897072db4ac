/* Filters by a table: lists of names are copied, lists of words become bits. */
#include "actions/preference_compile.h"

#include <stddef.h>

#include "base/json.h"
#include "base/limits.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

typedef bool word_bit(struct text word, unsigned *ret);

static bool state_bit(struct text word, unsigned *ret)
{
	enum state s;
	if (!state_from_name(word, &s)) return false;
	*ret = 1u << s;
	return true;
}

static bool environment_type_bit(struct text word, unsigned *ret)
{
	enum environment_type t;
	if (!environment_type_parse(word, &t)) return false;
	*ret = 1u << t;
	return true;
}

static const struct filter {
	const char *name;
	word_bit *bit; /* NULL: a list of names */
	size_t at; /* offsetof in struct subscription: the names, or the bits */
	size_t count_at; /* … of how many names */
} FILTERS[] = {
	{"environments", NULL, offsetof(struct subscription, environments), offsetof(struct subscription, environment_count)},
	{"products", NULL, offsetof(struct subscription, products), offsetof(struct subscription, product_count)},
	{"statuses", state_bit, offsetof(struct subscription, states), 0},
	{"environment_types", environment_type_bit, offsetof(struct subscription, environment_types), 0},
};

static const struct filter *filter_find(struct text name)
{
	for (size_t i = 0; i < COUNT_OF(FILTERS); i++)
		if (text_is(name, FILTERS[i].name)) return &FILTERS[i];
	return NULL;
}

static bool all_texts(const struct json *list)
{
	for (size_t i = 0; i < json_size(list); i++)
		if (json_kind(json_element(list, i)) != JSON_IS_TEXT) return false;
	return true;
}

static void read_names(struct arena *a, const struct filter *f, const struct json *list, struct subscription *s)
{
	size_t count = json_size(list);
	struct text *names = arena_array_of(a, struct text, count);
	for (size_t i = 0; i < count; i++) names[i] = text_copy(a, json_text(json_element(list, i)));
	*(const struct text **)((char *)s + f->at) = names;
	*(size_t *)((char *)s + f->count_at) = count;
}

static enum rc read_words(const struct filter *f, const struct json *list, struct subscription *s, struct err *err)
{
	unsigned bits = 0;
	for (size_t i = 0; i < json_size(list); i++) {
		unsigned bit;
		if (!f->bit(json_text(json_element(list, i)), &bit)) return err_set(err, RC_INVALID, "%s: unknown word", f->name);
		bits |= bit;
	}
	*(unsigned *)((char *)s + f->at) = bits;
	return RC_OK;
}

static enum rc read_filter(struct arena *a, struct text name, const struct json *list, struct subscription *s, struct err *err)
{
	const struct filter *f = filter_find(name);
	if (!f) return err_set(err, RC_INVALID, "there is no such filter");
	if (json_kind(list) == JSON_IS_NULL) return RC_OK;
	if (json_kind(list) != JSON_IS_ARRAY || !all_texts(list)) return err_set(err, RC_INVALID, "%s: no list of texts", f->name);
	if (json_size(list) > LIMIT_FILTER_NAMES)
		return err_set(err, RC_INVALID, "%s: more than %d names", f->name, LIMIT_FILTER_NAMES);
	if (json_size(list) == 0) return RC_OK;
	if (f->bit) return read_words(f, list, s, err);
	return read_names(a, f, list, s), RC_OK;
}

static enum rc read_filters(struct arena *a, const struct json *filters, struct subscription *s, struct err *err)
{
	enum rc rc = RC_OK;
	if (json_kind(filters) != JSON_IS_OBJECT) return err_set(err, RC_INVALID, "the filters are no object");
	for (struct json_iter i = json_members(filters); rc == RC_OK && json_next(&i);) rc = read_filter(a, i.key, i.value, s, err);
	return rc;
}

enum rc preference_compile(struct arena *a, const struct preference *p, struct subscription *ret, struct err *err)
{
	struct subscription s = {0};
	if (!subscription_type_parse(p->event_type, &s.event_type)) return err_set(err, RC_INVALID, "there is no such event type");
	if (p->filters.n > LIMIT_FILTERS) return err_set(err, RC_INVALID, "the filters have more than %zu bytes", LIMIT_FILTERS);
	struct arena *parsed = arena_new(KIB(8), MIB(32)); /* not in `a`, where it would stay as long as the subscription */
	const struct json *filters;
	enum rc rc = json_read(parsed, p->filters, &filters, err);
	if (rc == RC_OK) rc = read_filters(a, filters, &s, err);
	arena_free(parsed);
	if (rc == RC_OK) *ret = s;
	return rc;
}
