/* Filters by a table: each has a name, and a function that knows the words of its list. */
#include "api/filters.h"

#include "base/json.h"
#include "base/limits.h"
#include "domain/environment_type.h"
#include "domain/status.h"

enum { LONGEST_NAME = 255, LONGEST_QUOTED = 64 };

/* Gives the word as it is stored; false: it is not one of this list's. */
typedef bool filter_word(struct text word, struct text *ret);

static bool any_name(struct text word, struct text *ret)
{
	*ret = word;
	return true;
}

static bool status_word(struct text word, struct text *ret)
{
	enum state s;
	for (enum kind k = 0; k < KIND_COUNT; k++)
		if (status_from_word(k, word, &s)) return *ret = text_from(state_name(s)), true;
	if (!state_from_name(word, &s)) return false;
	*ret = text_from(state_name(s));
	return true;
}

static bool environment_type_word(struct text word, struct text *ret)
{
	enum environment_type t;
	if (!environment_type_parse(word, &t)) return false;
	*ret = text_from(environment_type_name(t));
	return true;
}

/* The words of deployments, then those that only builds have, then the state that has no word. */
static const char *accepted_statuses(struct arena *a)
{
	buf_auto list = BUF_INIT(KIB(4));
	struct text rest = text_from(status_words(KIND_BUILD)), word;
	enum state s;
	buf_cstr(&list, status_words(KIND_DEPLOYMENT));
	while (text_split(&rest, ',', &word))
		if (!status_from_word(KIND_DEPLOYMENT, word, &s)) buf_printf(&list, ", %.*s", TEXT_ARGS(text_trim(word)));
	buf_printf(&list, ", %s", state_name(STATE_PREFLIGHT_FAILED));
	return text_cstr(a, buf_view(&list));
}

static const char *accepted_environment_types(struct arena *a)
{
	(void)a;
	return "dev, test, staging, production, other";
}

static const struct filter_row {
	const char *name;
	filter_word *word;
	const char *(*accepted)(struct arena *a); /* what a wrong word should have been */
	const char *error_type;
} FILTERS[] = {
	{"environments", any_name, NULL, NULL},
	{"products", any_name, NULL, NULL},
	{"statuses", status_word, accepted_statuses, "value_error.status"},
	{"environment_types", environment_type_word, accepted_environment_types, "value_error.environment_type"},
};
enum { FILTER_COUNT = sizeof FILTERS / sizeof *FILTERS };

/* ---- reading ---- */

struct filter_reading {
	struct arena *arena;
	struct body_errors *errors;
	const struct filter_row *row;
	struct text words[LIMIT_FILTER_NAMES];
	size_t count;
};

static bool wrong(struct filter_reading *w, struct text key, const char *message, const char *type)
{
	body_error_at(w->errors, (const struct text[]){TEXT("body"), TEXT("filters"), key}, 3, message, type);
	return false;
}

static bool wrong_here(struct filter_reading *w, const char *message, const char *type)
{
	return wrong(w, text_from(w->row->name), message, type);
}

static bool add_once(struct filter_reading *w, struct text word)
{
	for (size_t i = 0; i < w->count; i++)
		if (text_equal(w->words[i], word)) return true;
	w->words[w->count++] = word;
	return true;
}

static bool read_word(struct filter_reading *w, const struct json *v)
{
	if (json_kind(v) != JSON_IS_TEXT) return wrong_here(w, "str type expected", "type_error.str");
	struct text word = text_trim(json_text(v)), stored;
	if (!word.n) return wrong_here(w, "ensure each value has at least 1 character", "value_error.any_str.min_length");
	if (text_has_control(word, false)) return wrong_here(w, "control characters are not allowed", "value_error.str.control");
	if (utf8_length(word) > LONGEST_NAME)
		return wrong_here(w, arena_printf(w->arena, "ensure each value has at most %d characters", LONGEST_NAME),
			"value_error.any_str.max_length");
	if (w->row->word(word, &stored)) return add_once(w, stored);
	return wrong_here(w, arena_printf(w->arena, "value is not one of: %s", w->row->accepted(w->arena)), w->row->error_type);
}

/* The words of one filter; of several wrong ones the first is told. */
static bool read_list(struct filter_reading *w, const struct json *v)
{
	w->count = 0;
	if (json_kind(v) == JSON_ABSENT || json_kind(v) == JSON_IS_NULL) return true;
	if (json_kind(v) == JSON_IS_TEXT) return read_word(w, v);
	if (json_kind(v) != JSON_IS_ARRAY) return wrong_here(w, "value is not a valid list", "type_error.list");
	if (json_size(v) > LIMIT_FILTER_NAMES)
		return wrong_here(w, arena_printf(w->arena, "ensure this value has at most %d items", LIMIT_FILTER_NAMES),
			"value_error.list.max_items");
	for (size_t i = 0; i < json_size(v); i++)
		if (!read_word(w, json_element(v, i))) return false;
	return true;
}

static bool is_filter(struct text key)
{
	for (size_t i = 0; i < FILTER_COUNT; i++)
		if (text_is(key, FILTERS[i].name)) return true;
	return false;
}

static void refuse_strangers(struct filter_reading *w, const struct json *given)
{
	for (struct json_iter i = json_members(given); json_next(&i);) {
		if (is_filter(i.key)) continue;
		struct text name = {i.key.p, utf8_cut(i.key, LONGEST_QUOTED)};
		wrong(w, i.key,
			arena_printf(w->arena,
				"there is no filter \"%.*s\": accepted are environments, products, statuses, environment_types", TEXT_ARGS(name)),
			"value_error.filter");
	}
}

bool filters_read(struct arena *a, const struct json *given, struct text *ret, struct body_errors *errors)
{
	size_t before = errors->count;
	struct filter_reading w = {.arena = a, .errors = errors};
	buf_auto stored = BUF_INIT(LIMIT_FILTERS);
	struct json_out j = json_out(&stored);
	json_put_object(&j, NULL);
	for (size_t i = 0; i < FILTER_COUNT; i++) {
		w.row = &FILTERS[i];
		if (!read_list(&w, json_member(given, FILTERS[i].name)) || !w.count) continue;
		json_put_array(&j, FILTERS[i].name);
		for (size_t k = 0; k < w.count; k++) json_put_text(&j, NULL, w.words[k]);
		json_end(&j);
	}
	json_end(&j);
	refuse_strangers(&w, given);
	if (buf_failed(&stored))
		body_error(errors, "body", "filters",
			arena_printf(a, "ensure this value has at most %zu bytes as compact JSON", LIMIT_FILTERS),
			"value_error.filters.size");
	if (errors->count != before) return false;
	*ret = text_copy(a, buf_view(&stored));
	return true;
}

/* ---- showing ---- */

void filters_render(struct json_out *j, struct arena *a, struct text stored)
{
	const struct json *object = NULL;
	struct err err;
	if (json_read(a, stored, &object, &err) != RC_OK) object = NULL;
	json_put_object(j, "filters");
	for (size_t i = 0; i < FILTER_COUNT; i++) {
		const struct json *list = json_member(object, FILTERS[i].name);
		json_put_array(j, FILTERS[i].name);
		for (size_t k = 0; k < json_size(list); k++) json_put_text(j, NULL, json_text(json_element(list, k)));
		json_end(j);
	}
	json_end(j);
}
