/* Reads a flat YAML mapping of scalars and sequences of scalars, event by event. The only file that knows libyaml. Anchors, aliases,
 * nested mappings and further documents are refused: a configuration file needs none, and aliases can grow without bounds. */
#include "base/settings_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "base/limits.h"

struct reader {
	yaml_parser_t parser;
	yaml_event_t event; /* the current one */
	struct arena *arena;
	bool foreign;
};

static enum rc wrong(int line, struct err *err, const char *sentence)
{
	return err_set(err, RC_INVALID, "%d: %s", line, sentence);
}

static int line_of(const struct reader *r)
{
	return (int)r->event.start_mark.line + 1;
}

/* Frees the current event and parses the next. */
static enum rc advance(struct reader *r, struct err *err)
{
	yaml_event_delete(&r->event);
	if (yaml_parser_parse(&r->parser, &r->event)) {
		if (r->event.type == YAML_ALIAS_EVENT && !r->foreign)
			return wrong(line_of(r), err, "aliases (*name) are not supported here");
		return RC_OK;
	}
	size_t line = r->parser.problem_mark.line ? r->parser.problem_mark.line : r->parser.context_mark.line;
	return err_set(err, RC_INVALID, "%zu: no valid YAML: %s", line + 1, r->parser.problem ? r->parser.problem : "cannot be read");
}

static bool scalar_is_null(const yaml_event_t *e)
{
	if (e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE) return false;
	const char *word = (const char *)e->data.scalar.value;
	return !*word || strcmp(word, "~") == 0 || strcmp(word, "null") == 0;
}

/* The current event's scalar in the arena. A NUL inside would cut the value without a word. */
static enum rc take_scalar(struct reader *r, const char **ret, struct err *err)
{
	if (r->event.type != YAML_SCALAR_EVENT)
		return wrong(line_of(r), err, "a plain value is wanted here, not a mapping or a list");
	const char *value = (const char *)r->event.data.scalar.value;
	size_t length = r->event.data.scalar.length;
	if (memchr(value, '\0', length)) return wrong(line_of(r), err, "a value holds a NUL character");
	*ret = arena_copy(r->arena, value, length + 1);
	return RC_OK;
}

static void add_value(struct reader *r, struct settings_entry *e, const char *value)
{
	if ((e->count & (e->count - 1)) == 0) { /* full at each power of two */
		const char **values = arena_array_of(r->arena, const char *, e->count ? e->count * 2 : 1);
		if (e->count) memcpy(values, e->values, e->count * sizeof *values);
		e->values = values;
	}
	e->values[e->count++] = value;
}

/* The rest of the node that begins with the current event. */
static enum rc skip_node(struct reader *r, struct err *err)
{
	for (size_t depth = 0;;) {
		yaml_event_type_t type = r->event.type;
		if (type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT) depth++;
		if (type == YAML_MAPPING_END_EVENT || type == YAML_SEQUENCE_END_EVENT) depth--;
		if (depth == 0) return RC_OK;
		enum rc rc = advance(r, err);
		if (rc != RC_OK) return rc;
	}
}

static enum rc take_nested(struct reader *r, struct settings_entry *e, struct err *err)
{
	e->nested = true;
	return skip_node(r, err);
}

static enum rc read_sequence(struct reader *r, struct settings_entry *e, struct err *err)
{
	const char *value;
	e->list = true;
	for (;;) {
		enum rc rc = advance(r, err);
		if (rc != RC_OK || r->event.type == YAML_SEQUENCE_END_EVENT) return rc;
		if (r->foreign && r->event.type != YAML_SCALAR_EVENT) {
			if ((rc = take_nested(r, e, err)) != RC_OK) return rc;
			continue;
		}
		if ((rc = take_scalar(r, &value, err)) != RC_OK) return rc;
		add_value(r, e, value);
	}
}

static enum rc read_value(struct reader *r, struct settings_entry *e, struct err *err)
{
	const char *value;
	enum rc rc = advance(r, err);
	if (rc != RC_OK) return rc;
	if (r->event.type == YAML_SEQUENCE_START_EVENT) return read_sequence(r, e, err);
	if (r->foreign && r->event.type != YAML_SCALAR_EVENT) return take_nested(r, e, err);
	rc = take_scalar(r, &value, err);
	if (rc == RC_OK && !scalar_is_null(&r->event)) add_value(r, e, value);
	return rc;
}

/* "? [a, b]": a key that is no word is nobody's setting. */
static enum rc skip_entry(struct reader *r, struct err *err)
{
	enum rc rc = skip_node(r, err);
	if (rc == RC_OK) rc = advance(r, err);
	return rc == RC_OK ? skip_node(r, err) : rc;
}

static enum rc read_mapping(struct reader *r, enum rc (*take)(void *context, const struct settings_entry *e, struct err *err),
	void *context, struct err *err)
{
	for (;;) {
		enum rc rc = advance(r, err);
		if (rc != RC_OK || r->event.type == YAML_MAPPING_END_EVENT) return rc;
		if (r->foreign && r->event.type != YAML_SCALAR_EVENT) {
			if ((rc = skip_entry(r, err)) != RC_OK) return rc;
			continue;
		}
		struct settings_entry e = {.line = line_of(r)};
		if ((rc = take_scalar(r, &e.key, err)) != RC_OK) return rc;
		if ((rc = read_value(r, &e, err)) != RC_OK) return rc;
		if ((rc = take(context, &e, err)) != RC_OK) {
			err_prefix(err, "%d", e.line);
			return rc;
		}
	}
}

static enum rc read_stream(struct reader *r, enum rc (*take)(void *context, const struct settings_entry *e, struct err *err),
	void *context, struct err *err)
{
	for (int documents = 0;;) {
		enum rc rc = advance(r, err);
		if (rc != RC_OK || r->event.type == YAML_STREAM_END_EVENT) return rc;
		switch (r->event.type) {
		case YAML_DOCUMENT_START_EVENT:
			if (documents && r->foreign) return RC_OK;
			if (documents++) return wrong(line_of(r), err, "a second document begins here: one is enough");
			break;
		case YAML_MAPPING_START_EVENT:
			if ((rc = read_mapping(r, take, context, err)) != RC_OK) return rc;
			if (r->foreign) return RC_OK; /* the rest may be a template, or anything */
			break;
		case YAML_SCALAR_EVENT:
			if (r->foreign || scalar_is_null(&r->event)) break;
			__attribute__((fallthrough));
		case YAML_SEQUENCE_START_EVENT:
			if (r->foreign) return RC_OK;
			return wrong(line_of(r), err, "settings are written as \"name: value\"");
		default: break;
		}
	}
}

/* Whole, so that its size has a limit, whatever the path names. */
static enum rc read_bytes(const char *path, struct arena *a, unsigned char **ret, size_t *ret_size, struct err *err)
{
	FILE *f = fopen(path, "rbe");
	if (!f) return err_set(err, RC_INVALID, "%s", strerror(errno));
	unsigned char *bytes = arena_alloc(a, LIMIT_SETTINGS_FILE + 1);
	size_t n = fread(bytes, 1, LIMIT_SETTINGS_FILE + 1, f);
	int failed = ferror(f) ? errno : 0;
	fclose(f);
	if (failed) return err_set(err, RC_INVALID, "%s", strerror(failed));
	if (n > LIMIT_SETTINGS_FILE) return err_set(err, RC_INVALID, "has more than %zu bytes", LIMIT_SETTINGS_FILE);
	*ret = bytes;
	*ret_size = n;
	return RC_OK;
}

enum rc settings_file_read(const char *path, struct arena *a, bool foreign,
	enum rc (*take)(void *context, const struct settings_entry *e, struct err *err), void *context, struct err *err)
{
	unsigned char *bytes = NULL;
	size_t size = 0;
	enum rc rc = read_bytes(path, a, &bytes, &size, err);
	if (rc != RC_OK) {
		err_prefix(err, "%s", path);
		return rc;
	}

	struct reader r = {.arena = a, .foreign = foreign};
	if (!yaml_parser_initialize(&r.parser)) return err_set(err, RC_FAILED, "%s: no memory for the YAML parser", path);
	yaml_parser_set_input_string(&r.parser, bytes, size);
	rc = read_stream(&r, take, context, err);
	yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	if (rc != RC_OK && err) {
		char sentence[ERR_TEXT_MAX];
		memcpy(sentence, err->text, sizeof sentence);
		return err_set(err, rc, "%s:%s", path, sentence); /* "path:line: …", without the blank that err_prefix puts */
	}
	return rc;
}
