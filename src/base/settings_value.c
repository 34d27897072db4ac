/* Reading a setting's value by its kind: bools, numbers in a range, durations, lists, choices. */
#include "base/settings_value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"

/* "no duration: "x"" or, for a secret, the sentence without the value. */
static enum rc refuse(const struct setting *row, const char *typed, const char *wanted, struct err *err)
{
	if (row->secret) return err_set(err, RC_INVALID, "the value is wrong (it is a secret and not shown): %s", wanted);
	return err_set(err, RC_INVALID, "\"%.80s\" is wrong: %s", typed, wanted);
}

static enum rc read_bool(const struct setting *row, const char *typed, struct setting_value *v, struct err *err)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {{"true", true}, {"false", false}, {"yes", true}, {"no", false}, {"on", true}, {"off", false}, {"1", true},
		{"0", false}, {"t", true}, {"f", false}};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (!text_equal_nocase(text_from(typed), text_from(words[i].word))) continue;
		v->number = words[i].value;
		return RC_OK;
	}
	return refuse(row, typed, "give true or false", err);
}

/* The decimal number at the start of `typed`, an optional minus included. *ret_rest is behind it. */
static bool leading_number(const char *typed, int64_t *ret, const char **ret_rest)
{
	const char *digits = *typed == '-' ? typed + 1 : typed;
	if (*digits < '0' || *digits > '9') return false;
	char *end;
	errno = 0;
	intmax_t number = strtoimax(typed, &end, 10);
	if (errno || number < INT64_MIN || number > INT64_MAX) return false;
	*ret = number;
	*ret_rest = end;
	return true;
}

static bool outside(const struct setting *row, int64_t number)
{
	bool bounded = row->least || row->most;
	return bounded && (number < row->least || number > row->most);
}

static enum rc read_int(const struct setting *row, const char *typed, struct setting_value *v, struct err *err)
{
	char wanted[96] = "give a whole number";
	if (row->least || row->most)
		snprintf(wanted, sizeof wanted, "give a whole number from %" PRId64 " to %" PRId64, row->least, row->most);
	int64_t number;
	const char *rest;
	if (!leading_number(typed, &number, &rest) || *rest || outside(row, number)) return refuse(row, typed, wanted, err);
	v->number = number;
	return RC_OK;
}

static const struct {
	const char *unit;
	int64_t micros;
} units[] = {{"d", DAYS_US(1)}, {"h", SECONDS_US(3600)}, {"m", SECONDS_US(60)}, {"s", SECONDS_US(1)}, {"ms", 1000}};
enum { UNITS = sizeof units / sizeof units[0], SECOND = 3 };

void duration_format(int64_t micros, char out[static DURATION_SIZE])
{
	size_t u = 0;
	while (u + 1 < UNITS && (micros == 0 ? u < SECOND : micros % units[u].micros != 0)) u++;
	snprintf(out, DURATION_SIZE, "%" PRId64 "%s", micros / units[u].micros, units[u].unit);
}

static bool duration_parse(const char *typed, int64_t *ret)
{
	int64_t number;
	const char *unit;
	if (!leading_number(typed, &number, &unit) || number < 0) return false;
	if (!*unit) unit = "s";
	for (size_t u = 0; u < UNITS; u++)
		if (strcmp(unit, units[u].unit) == 0) return !__builtin_mul_overflow(number, units[u].micros, ret);
	return false;
}

static enum rc read_duration(const struct setting *row, const char *typed, struct setting_value *v, struct err *err)
{
	char wanted[160] = "give a number with ms, s, m, h or d, such as 30s";
	if (row->least || row->most) {
		char least[DURATION_SIZE], most[DURATION_SIZE];
		duration_format(row->least, least);
		duration_format(row->most, most);
		snprintf(wanted, sizeof wanted, "give a number with ms, s, m, h or d, from %s to %s", least, most);
	}
	int64_t micros;
	if (!duration_parse(typed, &micros) || outside(row, micros)) return refuse(row, typed, wanted, err);
	v->number = micros;
	return RC_OK;
}

void setting_choices_list(const char *choices, struct buf *out)
{
	struct text rest = text_from(choices), choice;
	for (bool first = true; text_split(&rest, '|', &choice); first = false) {
		if (!first) buf_cstr(out, ", ");
		buf_text(out, choice);
	}
}

static enum rc read_choice(const struct setting *row, const char *typed, struct setting_value *v, struct err *err)
{
	(void)v;
	struct text rest = text_from(row->choices), choice;
	while (text_split(&rest, '|', &choice))
		if (text_is(choice, typed)) return RC_OK;
	buf_auto wanted = BUF_INIT(ERR_TEXT_MAX);
	buf_cstr(&wanted, "give one of ");
	setting_choices_list(row->choices, &wanted);
	buf_char(&wanted, '\0');
	return refuse(row, typed, wanted.p, err);
}

void setting_value_add(struct setting_value *v, struct arena *a, const char *item)
{
	if (v->count == v->room) {
		size_t room = v->room ? v->room * 2 : 4;
		const char **items = arena_array_of(a, const char *, room);
		if (v->count) memcpy(items, v->items, v->count * sizeof *items);
		v->items = items;
		v->room = room;
	}
	v->items[v->count++] = item;
}

static void read_list(const char *typed, struct arena *a, struct setting_value *v)
{
	struct text rest = text_from(typed), item;
	while (text_split(&rest, ',', &item)) {
		item = text_trim(item);
		if (item.n) setting_value_add(v, a, text_cstr(a, item));
	}
}

enum rc setting_value_read(
	const struct setting *row, const char *typed, struct arena *a, struct setting_value *v, struct err *err)
{
	size_t longest = row->kind == SETTING_TEXT && row->most ? (size_t)row->most : LIMIT_SETTING;
	if (strlen(typed) > longest) return err_set(err, RC_INVALID, "the value has more than %zu bytes", longest);
	enum rc rc = RC_OK;
	switch (row->kind) {
	case SETTING_TEXT: break;
	case SETTING_BOOL: rc = read_bool(row, typed, v, err); break;
	case SETTING_INT: rc = read_int(row, typed, v, err); break;
	case SETTING_DURATION: rc = read_duration(row, typed, v, err); break;
	case SETTING_CHOICE: rc = read_choice(row, typed, v, err); break;
	case SETTING_LIST: read_list(typed, a, v); break;
	}
	if (rc == RC_OK) v->text = *typed ? typed : NULL;
	return rc;
}
