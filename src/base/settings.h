/* Every setting of the product is one row of one table: flag, environment variable, key of the configuration file, default,
 * help, documentation. `versioner serve --help` and docs/operations/settings.md are made from it.
 *
 * Precedence: flag, environment (VERSIONER_NAME_IN_CAPITALS), configuration file, default. The flag --public-url is the
 * variable VERSIONER_PUBLIC_URL and the key public_url. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/rc.h"
#include "base/text.h"

enum setting_kind {
	SETTING_TEXT,
	SETTING_BOOL, /* --flag, --flag=true|false; yes/no, on/off, 1/0 in files and variables */
	SETTING_INT, /* least … most, inclusive */
	SETTING_DURATION, /* "500ms", "30s", "5m", "24h", "7d"; a bare number is seconds; held as microseconds; least/most too */
	SETTING_LIST, /* comma-separated, or a YAML sequence, or the flag repeated */
	SETTING_CHOICE, /* one of `choices` */
};

struct setting {
	const char *name; /* "public-url" */
	enum setting_kind kind;
	const char *standard; /* the default as it would be typed; NULL: none */
	int64_t least, most; /* of a text: its bytes, where LIMIT_SETTING is too little */
	const char *choices; /* "logfmt|json" */
	const char *value_name; /* "URL", for the help */
	const char *help; /* one line */
	const char *alone; /* the value of the flag when none follows it (the end, or another flag); NULL: a value must follow */
	char letter; /* 'v' for "-v"; 0: none */
	bool secret; /* never shown, not even in the answer to a wrong value */
	bool env_only; /* no flag: the value would stand in the process list */
	bool flag_only; /* neither variable nor key: what is set for other commands is not meant for this one */
};

struct settings; /* the values, bound to a table */

/* table ends with a row whose name is NULL; it must outlive the settings. */
struct settings *settings_new(const struct setting *table);
void settings_free(struct settings *s);
/* One configuration file serves all commands: its keys of this other table are passed over. The table must outlive s. */
void settings_also_known(struct settings *s, const struct setting *other);

/* How a family of commands reads its flags and its file, where that is not the usual way. */
struct settings_reading {
	/* Where a file is looked for when --config and VERSIONER_CONFIG name none: the first that is there; "~/" is the home folder.
	 * NULL-terminated; NULL: nowhere. */
	const char *const *files;
	/* The file may be another program's as well: unknown keys and nested values are passed over. In a file that was looked for, so is
	 * a value that does not fit, and a file that is no YAML: settings_doubt(). */
	bool foreign_file;
	bool words_end_flags; /* the first word that is no flag ends them */
};
void settings_read_like(struct settings *s, const struct settings_reading *reading); /* copied; before settings_load() */

/* argv[0] is skipped. Both "--flag value" and "--flag=value"; "--" ends the flags. Words that are no flags are an error unless
 * ret_words is given (then they are collected, NULL-terminated, owned by s). --help gives RC_NOT_FOUND with empty text: show help.
 * Then the file named by --config or VERSIONER_CONFIG (if any), then the environment and defaults. Errors name the flag,
 * variable or file:line and what would be right; an unknown key of the file is an error with the nearest known one. */
enum rc settings_load(struct settings *s, int argc, char **argv, char ***ret_words, struct err *err) must_check;

const char *setting_text(const struct settings *s, const char *name); /* NULL when there is none */
bool setting_bool(const struct settings *s, const char *name);
int64_t setting_int(const struct settings *s, const char *name); /* durations: microseconds */
const char *settings_file(const struct settings *s); /* the file that was read; NULL: none */
const char *settings_doubt(const struct settings *s); /* what was passed over in it though its key is known; NULL: nothing */
bool settings_has(const struct settings *s, const char *name); /* whether the table has such a row */
size_t setting_count(const struct settings *s, const char *name); /* of a list */
const char *setting_item(const struct settings *s, const char *name, size_t i);
enum setting_source {
	FROM_DEFAULT,
	FROM_FILE,
	FROM_ENVIRONMENT,
	FROM_FLAG
} setting_source(const struct settings *s, const char *name);

/* What stands for the value in the help: "URL", "NUMBER", "logfmt|json"; NULL where none is needed. */
const char *setting_value_name(const struct setting *row);
void settings_help(const struct setting *table, struct buf *out); /* the flags, aligned, with defaults, at most 100 columns */
void settings_markdown(const struct setting *table, struct buf *out); /* the rows as a Markdown table */
