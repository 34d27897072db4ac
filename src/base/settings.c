/* Binds the table of settings to what was typed: flags, environment, configuration file, defaults, the strongest first. */
#include "base/settings.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "base/settings_file.h"
#include "base/settings_name.h"
#include "base/settings_value.h"

enum { OTHER_TABLES = 32 };

struct settings {
	const struct setting *table;
	struct setting_value *values; /* one for each row */
	const struct setting *others[OTHER_TABLES];
	size_t other_count;
	struct settings_reading reading;
	const char *file, *doubt;
	struct arena *arena;
};

struct settings *settings_new(const struct setting *table)
{
	struct settings *s = mem_zalloc(sizeof *s);
	s->arena = arena_new(KIB(4), LIMIT_SETTINGS_ARENA);
	s->table = table;
	size_t count = 0;
	while (table[count].name) count++;
	s->values = arena_array_of(s->arena, struct setting_value, count + 1);
	return s;
}

void settings_free(struct settings *s)
{
	if (!s) return;
	arena_free(s->arena);
	free(s);
}

void settings_also_known(struct settings *s, const struct setting *other)
{
	for (size_t i = 0; i < s->other_count; i++)
		if (s->others[i] == other) return;
	assert(s->other_count < OTHER_TABLES);
	s->others[s->other_count++] = other;
}

void settings_read_like(struct settings *s, const struct settings_reading *reading)
{
	s->reading = *reading;
}

/* What was typed for row i, unless a stronger source has spoken. A wrong value is an error even then: it waits to be used. */
static enum rc offer(struct settings *s, size_t i, enum setting_source source, const char *typed, struct err *err)
{
	const struct setting *row = &s->table[i];
	struct setting_value *old = &s->values[i], value = {.source = source};
	bool more_of_list = row->kind == SETTING_LIST && old->source == source && source == FROM_FLAG;
	if (more_of_list) value = *old;
	enum rc rc = setting_value_read(row, typed, s->arena, &value, err);
	if (rc == RC_OK && source >= old->source) *old = value;
	return rc;
}

static enum rc load_defaults(struct settings *s, struct err *err)
{
	for (size_t i = 0; s->table[i].name; i++) {
		s->values[i] = (struct setting_value){.source = FROM_DEFAULT};
		if (!s->table[i].standard) continue;
		enum rc rc = offer(s, i, FROM_DEFAULT, s->table[i].standard, err);
		if (rc != RC_OK) {
			err_prefix(err, "the default of --%s", s->table[i].name);
			return rc;
		}
	}
	return RC_OK;
}

/* An empty variable counts as none: that is how it is left out in a container's list of variables. */
static enum rc load_environment(struct settings *s, struct err *err)
{
	for (size_t i = 0; s->table[i].name; i++) {
		if (s->table[i].flag_only) continue;
		char variable[SETTING_NAME_SIZE];
		setting_variable(s->table[i].name, variable);
		const char *typed = getenv(variable);
		if (!typed || !*typed) continue;
		enum rc rc = offer(s, i, FROM_ENVIRONMENT, typed, err);
		if (rc != RC_OK) {
			err_prefix(err, "%s", variable);
			return rc;
		}
	}
	return RC_OK;
}

/* The row of the flag in `word` ("--name" or "--name=value"). */
static enum rc find_flag(const struct settings *s, struct text name, size_t *ret, struct err *err)
{
	for (size_t i = 0; s->table[i].name; i++) {
		if (!text_is(name, s->table[i].name)) continue;
		if (s->table[i].env_only) {
			char variable[SETTING_NAME_SIZE];
			setting_variable(s->table[i].name, variable);
			return err_set(err, RC_INVALID, "--%s is no flag, because other users see the flags of a program: set %s",
				s->table[i].name, variable);
		}
		*ret = i;
		return RC_OK;
	}
	const char *near = setting_nearest(s->table, name, SETTING_AS_FLAG);
	if (near) return err_set(err, RC_INVALID, "there is no flag --%.*s; did you mean --%s?", TEXT_ARGS(name), near);
	return err_set(err, RC_INVALID, "there is no flag --%.*s; --help shows all", TEXT_ARGS(name));
}

/* "-v", "-v=false", "-vv": the row of a letter. */
static enum rc find_letter(const struct settings *s, const char *word, size_t *ret, struct err *err)
{
	size_t letters = strspn(word + 1, (const char[]){word[1], '\0'});
	bool alone = !word[1 + letters] || (letters == 1 && word[2] == '=');
	for (size_t i = 0; s->table[i].name && alone; i++) {
		if (s->table[i].letter != word[1]) continue;
		*ret = i;
		return RC_OK;
	}
	return err_set(err, RC_INVALID, "there is no flag %.40s; flags begin with two dashes, --help shows all", word);
}

/* One flag at argv[*at], which moves on when the value is the next word. */
static enum rc load_flag(struct settings *s, int argc, char **argv, int *at, struct err *err)
{
	const char *word = argv[*at] + 2, *equals = strchr(argv[*at], '=');
	struct text name = equals > word ? (struct text){word, (size_t)(equals - word)} : text_from(word);
	size_t i = 0;
	enum rc rc = argv[*at][1] == '-' ? find_flag(s, name, &i, err) : find_letter(s, argv[*at], &i, err);
	if (rc != RC_OK) return rc;
	const char *typed = equals ? equals + 1 : NULL;
	if (!typed && s->table[i].kind == SETTING_BOOL) typed = "true";
	const char *alone = s->table[i].alone;
	bool value_follows = *at + 1 < argc && !(alone && argv[*at + 1][0] == '-');
	if (!typed && value_follows) typed = argv[++*at];
	if (!typed) typed = alone;
	if (!typed) return err_set(err, RC_INVALID, "--%s needs a value", s->table[i].name);
	rc = offer(s, i, FROM_FLAG, typed, err);
	if (rc != RC_OK) err_prefix(err, "--%s", s->table[i].name);
	return rc;
}

static enum rc load_flags(struct settings *s, int argc, char **argv, char ***ret_words, struct err *err)
{
	char **words = arena_array_of(s->arena, char *, argc > 0 ? (size_t)argc + 1 : 1);
	size_t count = 0;
	bool flags_ended = false;
	for (int at = 1; at < argc; at++) {
		char *word = argv[at];
		bool flag = !flags_ended && word[0] == '-' && word[1];
		if (flag && strcmp(word, "--") == 0) {
			flags_ended = true;
		} else if (flag && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
			return err_set(err, RC_NOT_FOUND, "%s", "");
		} else if (flag) {
			enum rc rc = load_flag(s, argc, argv, &at, err);
			if (rc != RC_OK) return rc;
		} else if (!ret_words) {
			return err_set(err, RC_INVALID, "\"%.80s\" is not expected here; flags begin with --", word);
		} else {
			words[count++] = word;
			flags_ended |= s->reading.words_end_flags;
		}
	}
	if (ret_words) *ret_words = words;
	return RC_OK;
}

/* The row of that key, or NULL. */
static const struct setting *row_of_key(const struct setting *table, const char *key)
{
	for (; table->name; table++) {
		char known[SETTING_NAME_SIZE];
		setting_key(table->name, known);
		if (strcmp(known, key) == 0) return table;
	}
	return NULL;
}

static bool known_elsewhere(const struct settings *s, const char *key)
{
	for (size_t i = 0; i < s->other_count; i++)
		if (row_of_key(s->others[i], key)) return true;
	return false;
}

static enum rc unknown_key(const struct settings *s, const char *key, struct err *err)
{
	const char *near = setting_nearest(s->table, text_from(key), SETTING_AS_KEY);
	if (!near) return err_set(err, RC_INVALID, "there is no setting %.80s", key);
	char known[SETTING_NAME_SIZE];
	setting_key(near, known);
	return err_set(err, RC_INVALID, "there is no setting %.80s; did you mean %s?", key, known);
}

static enum rc take_values(
	struct settings *s, const struct setting *row, const struct settings_entry *e, struct setting_value *value, struct err *err)
{
	if (!e->list) return setting_value_read(row, e->values[0], s->arena, value, err);
	if (row->kind != SETTING_LIST) return err_set(err, RC_INVALID, "one value is wanted, not a list");
	for (size_t n = 0; n < e->count; n++) setting_value_add(value, s->arena, e->values[n]);
	return RC_OK;
}

/* A value that does not fit is an error where we were told to read the file, and another program's where we found it. */
static enum rc misfit(struct settings *s, const struct settings_entry *e, enum rc rc, struct err *err)
{
	err_prefix(err, "%s", e->key);
	if (!s->reading.foreign_file || setting_text(s, "config")) return rc;
	if (!s->doubt) s->doubt = arena_printf(s->arena, "%s:%d: %s", s->file, e->line, err->text);
	return RC_OK;
}

static enum rc take_entry(void *context, const struct settings_entry *e, struct err *err)
{
	struct settings *s = context;
	bool foreign = s->reading.foreign_file;
	if (strcmp(e->key, "config") == 0)
		return foreign ? RC_OK : err_set(err, RC_INVALID, "a configuration file cannot name another");
	const struct setting *row = row_of_key(s->table, e->key);
	if (!row) return foreign || known_elsewhere(s, e->key) ? RC_OK : unknown_key(s, e->key, err);
	if (row->flag_only) return RC_OK; /* another command's */
	if (e->nested) return RC_OK; /* the same word, but another program's meaning */
	struct setting_value *old = &s->values[row - s->table], value = {.source = FROM_FILE, .line = e->line};
	if (old->line) return err_set(err, RC_INVALID, "%s stands twice, first in line %d", e->key, old->line);
	old->line = e->line;
	if (!e->count && !e->list) return RC_OK; /* no value: as if it were not there */
	enum rc rc = take_values(s, row, e, &value, err);
	if (rc != RC_OK) return misfit(s, e, rc, err);
	if (old->source <= FROM_FILE) *old = value;
	return RC_OK;
}

/* NULL: there is none. */
static const char *search_file(const struct settings *s)
{
	const char *home = getenv("HOME");
	for (const char *const *file = s->reading.files; file && *file; file++) {
		bool below_home = strncmp(*file, "~/", 2) == 0;
		if (below_home && (!home || !*home)) continue;
		const char *path = below_home ? arena_printf(s->arena, "%s/%s", home, *file + 2) : *file;
		struct stat st;
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode)) return path;
	}
	return NULL;
}

/* A table without a row "config" has no configuration file. */
static enum rc load_file(struct settings *s, struct err *err)
{
	if (!settings_has(s, "config")) return RC_OK;
	const char *named = setting_text(s, "config");
	s->file = named ? named : search_file(s);
	if (!s->file) return RC_OK;
	enum rc rc = settings_file_read(s->file, s->arena, s->reading.foreign_file, take_entry, s, err);
	if (rc == RC_OK || named || !s->reading.foreign_file) return rc;
	s->doubt = arena_printf(s->arena, "%s", err->text);
	return RC_OK;
}

enum rc settings_load(struct settings *s, int argc, char **argv, char ***ret_words, struct err *err)
{
	char **words = NULL;
	enum rc rc = load_defaults(s, err);
	if (rc == RC_OK) rc = load_flags(s, argc, argv, ret_words ? &words : NULL, err);
	if (rc == RC_OK) rc = load_environment(s, err);
	if (rc == RC_OK) rc = load_file(s, err);
	if (rc == RC_OK && ret_words) *ret_words = words;
	return rc;
}

/* An unknown name, or a list asked as a scalar, is a mistake in the program. */
static const struct setting_value *value_of(const struct settings *s, const char *name, bool list)
{
	for (size_t i = 0; s->table[i].name; i++)
		if (strcmp(s->table[i].name, name) == 0 && (s->table[i].kind == SETTING_LIST) == list) return &s->values[i];
	fprintf(stderr, "the program asks for a %s that is not in its table: %s\n", list ? "list" : "setting", name);
	abort();
}

const char *setting_text(const struct settings *s, const char *name)
{
	return value_of(s, name, false)->text;
}

bool settings_has(const struct settings *s, const char *name)
{
	for (size_t i = 0; s->table[i].name; i++)
		if (strcmp(s->table[i].name, name) == 0) return true;
	return false;
}

const char *settings_file(const struct settings *s)
{
	return s->file;
}

const char *settings_doubt(const struct settings *s)
{
	return s->doubt;
}

bool setting_bool(const struct settings *s, const char *name)
{
	return value_of(s, name, false)->number != 0;
}

int64_t setting_int(const struct settings *s, const char *name)
{
	return value_of(s, name, false)->number;
}

size_t setting_count(const struct settings *s, const char *name)
{
	return value_of(s, name, true)->count;
}

const char *setting_item(const struct settings *s, const char *name, size_t i)
{
	const struct setting_value *v = value_of(s, name, true);
	return i < v->count ? v->items[i] : NULL;
}

enum setting_source setting_source(const struct settings *s, const char *name)
{
	for (size_t i = 0; s->table[i].name; i++)
		if (strcmp(s->table[i].name, name) == 0) return s->values[i].source;
	abort();
}
