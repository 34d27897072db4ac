/* One setting's value: from the characters that somebody typed to what the program uses. Private to the settings' files. */
#pragma once

#include "base/settings.h"

struct setting_value {
	enum setting_source source;
	const char *text; /* as typed; NULL: none */
	int64_t number; /* of a bool, int or duration */
	const char **items; /* of a list */
	size_t count, room;
	int line; /* of the configuration file, when it came from there */
};

/* Reads what was typed for `row`. Fails with RC_INVALID and a sentence that does not name the setting (the caller knows whether it
 * was a flag, a variable or a line of a file) and shows no secret. A list gets the comma-separated items appended. */
enum rc setting_value_read(
	const struct setting *row, const char *typed, struct arena *a, struct setting_value *v, struct err *err) must_check;
/* One more item of a list, whatever characters it has. */
void setting_value_add(struct setting_value *v, struct arena *a, const char *item);

enum { DURATION_SIZE = 32 };
/* "90m" of 5400000000: the largest unit that divides it. */
void duration_format(int64_t micros, char out[static DURATION_SIZE]);

/* "logfmt, json" of "logfmt|json". */
void setting_choices_list(const char *choices, struct buf *out);
