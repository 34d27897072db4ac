/* The configuration file: a flat YAML mapping. Private to the settings' files. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/rc.h"

struct settings_entry {
	const char *key;
	const char **values; /* in the arena */
	size_t count; /* 0 of a key without a value (null) */
	bool list; /* written as a sequence */
	bool nested; /* in a foreign file: no value, and no sequence of values */
	int line; /* of the key, from 1 */
};

/* Gives each entry in the file's order to `take` until it fails. Entries are valid as long as the arena. Errors of the file itself
 * and of `take` come back as "path:line: sentence"; a file that cannot be read is RC_INVALID too. foreign: the file is not ours alone:
 * what is more than a value or a sequence of values comes as `nested`, and only the first document is read. */
enum rc settings_file_read(const char *path, struct arena *a, bool foreign,
	enum rc (*take)(void *context, const struct settings_entry *e, struct err *err), void *context, struct err *err) must_check;
