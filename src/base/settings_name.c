/* Names of settings as flags, variables and keys, and what somebody meant who typed an unknown one. */
#include "base/settings_name.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

void setting_variable(const char *name, char out[static SETTING_NAME_SIZE])
{
	snprintf(out, SETTING_NAME_SIZE, "VERSIONER_%s", name);
	for (char *c = out; *c; c++) *c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
}

void setting_key(const char *name, char out[static SETTING_NAME_SIZE])
{
	snprintf(out, SETTING_NAME_SIZE, "%s", name);
	for (char *c = out; *c; c++)
		if (*c == '-') *c = '_';
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* For comparing, "_" and "-" and the cases are the same. */
static char plain(char c)
{
	return c == '_' ? '-' : (char)tolower((unsigned char)c);
}

/* Levenshtein's distance: how many characters to insert, remove or change. Both are shorter than SETTING_NAME_SIZE. */
static size_t distance(struct text a, struct text b)
{
	size_t row[SETTING_NAME_SIZE];
	for (size_t j = 0; j <= b.n; j++) row[j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			size_t change = diagonal + (plain(a.p[i - 1]) != plain(b.p[j - 1]));
			diagonal = row[j];
			row[j] = least(change, least(row[j], row[j - 1]) + 1);
		}
	}
	return row[b.n];
}

/* Whether somebody typed a part of the name: "threads" of "http-threads". */
static bool is_part(struct text typed, struct text name)
{
	if (typed.n < 4) return false;
	for (size_t at = 0; at + typed.n <= name.n; at++)
		if (distance(typed, (struct text){name.p + at, typed.n}) == 0) return true;
	return false;
}

const char *setting_nearest(const struct setting *table, struct text typed, enum setting_spelling as)
{
	if (typed.n >= SETTING_NAME_SIZE) return NULL;
	const char *nearest = NULL, *part_of = NULL;
	size_t best = 2 + typed.n / 4; /* farther than this, nothing was meant */
	for (; table->name; table++) {
		struct text name = text_from(table->name);
		if ((as == SETTING_AS_FLAG && table->env_only) || name.n >= SETTING_NAME_SIZE) continue;
		if (!part_of && is_part(typed, name)) part_of = table->name;
		size_t d = distance(typed, name);
		if (d > best || (d == best && nearest)) continue;
		best = d;
		nearest = table->name;
	}
	return nearest ? nearest : part_of;
}
