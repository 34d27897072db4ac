/* The lines of an export, written and read; see the header. */
#include "actions/dump_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/json_in.h"
#include "base/json_out.h"
#include "base/limits.h"

/* ---- writing ---- */

void dump_write_header(struct buf *b, const struct dump_header *h)
{
	struct json_out j = json_out(b);
	json_put_object(&j, NULL);
	json_put_cstr(&j, "versioner", h->program);
	json_put_int(&j, "format", DUMP_FORMAT);
	json_put_int(&j, "schema", h->schema);
	json_put_int(&j, "exported_at", h->exported_at);
	json_put_array(&j, "tables");
	for (size_t i = 0; i < DUMP_TABLE_COUNT; i++) json_put_cstr(&j, NULL, DUMP_TABLES[i].name);
	json_end(&j);
	json_end(&j);
	buf_char(b, '\n');
}

void dump_write_row(struct buf *b, const struct dump_table *t, const struct param *row)
{
	struct json_out j = json_out(b);
	json_put_object(&j, NULL);
	json_put_cstr(&j, "t", t->name);
	json_put_object(&j, "r");
	for (size_t i = 0; i < t->count; i++) {
		if (row[i].kind == PARAM_INT)
			json_put_int(&j, t->columns[i].name, row[i].integer);
		else
			json_put_text(&j, t->columns[i].name, row[i].kind == PARAM_TEXT ? row[i].text : TEXT_ABSENT);
	}
	json_end(&j);
	json_end(&j);
	buf_char(b, '\n');
}

void dump_write_trailer(struct buf *b, const struct dump_trailer *t)
{
	struct json_out j = json_out(b);
	json_put_object(&j, NULL);
	json_put_object(&j, "rows");
	for (size_t i = 0; i < DUMP_TABLE_COUNT; i++) json_put_int(&j, DUMP_TABLES[i].name, t->rows[i]);
	json_end(&j);
	json_put_cstr(&j, "digest", t->digest);
	json_end(&j);
	buf_char(b, '\n');
}

/* ---- the first line and the last ---- */

static enum rc read_frame(struct arena *a, struct text line, const struct json **ret, struct err *err)
{
	if (line.n > LIMIT_DUMP_FRAME) return err_set(err, RC_INVALID, "longer than %zu bytes", LIMIT_DUMP_FRAME);
	return json_read(a, line, ret, err);
}

enum rc dump_read_header(struct arena *a, struct text line, struct dump_header *ret, struct err *err)
{
	const struct json *v = NULL;
	struct err reason;
	if (read_frame(a, line, &v, &reason) != RC_OK || !json_text(json_member(v, "versioner")).p)
		return err_set(err, RC_INVALID, "not the beginning of an export");
	struct dump_header h = {.schema = json_int(json_member(v, "schema")), .exported_at = json_int(json_member(v, "exported_at"))};
	snprintf(h.program, sizeof h.program, "%.*s", TEXT_ARGS(json_text(json_member(v, "versioner"))));
	if (json_int(json_member(v, "format")) != DUMP_FORMAT)
		return err_set(err, RC_INVALID, "an export of another format: this program reads format %d", DUMP_FORMAT);
	if (h.schema < 1) return err_set(err, RC_INVALID, "the number of the schema is missing");
	const struct json *tables = json_member(v, "tables");
	for (size_t i = 0; i < json_size(tables); i++) {
		struct text name = json_text(json_element(tables, i));
		if (!dump_table_find(name)) return err_set(err, RC_INVALID, "an unknown table is named");
	}
	*ret = h;
	return RC_OK;
}

enum rc dump_read_trailer(struct arena *a, struct text line, struct dump_trailer *ret, struct err *err)
{
	const struct json *v = NULL;
	struct dump_trailer t = {0};
	enum rc rc = read_frame(a, line, &v, err);
	if (rc != RC_OK) return rc;
	for (struct json_iter i = json_members(json_member(v, "rows")); json_next(&i);) {
		const struct dump_table *table = dump_table_find(i.key);
		if (!table || json_kind(i.value) != JSON_IS_INT)
			return err_set(err, RC_INVALID, "\"rows\" counts no table of this program");
		t.rows[table - DUMP_TABLES] = json_int(i.value);
	}
	struct text digest = json_text(json_member(v, "digest"));
	if (digest.n != sizeof t.digest - 1) return err_set(err, RC_INVALID, "\"digest\" is missing");
	memcpy(t.digest, digest.p, digest.n);
	*ret = t;
	return RC_OK;
}

/* ---- rows ---- */

enum dump_line dump_look(struct text line, const struct dump_table **ret_table)
{
	if (line.n >= 7 && !memcmp(line.p, "{\"rows\"", 7)) return DUMP_LINE_TRAILER;
	if (line.n < 6 || memcmp(line.p, "{\"t\":\"", 6) != 0) return DUMP_LINE_NEITHER;
	const char *name = line.p + 6, *quote = memchr(name, '"', line.n - 6);
	const struct dump_table *t = quote ? dump_table_find((struct text){name, (size_t)(quote - name)}) : NULL;
	if (!t) return DUMP_LINE_NEITHER;
	*ret_table = t;
	return DUMP_LINE_ROW;
}

/* Columns mostly come in our order: the search begins where the last one was found. */
static const struct dump_column *column_find(const struct dump_table *t, struct text name, size_t *at)
{
	for (size_t i = 0; i < t->count; i++, ++*at) {
		if (*at >= t->count) *at = 0;
		if (text_is(name, t->columns[*at].name)) return &t->columns[(*at)++];
	}
	return NULL;
}

static enum rc fill_missing(const struct dump_table *t, struct param *row, uint64_t seen, struct err *err)
{
	for (size_t i = 0; i < t->count; i++) {
		if (seen >> i & 1) continue;
		if (t->columns[i].standard == NEEDED)
			return err_set(err, RC_INVALID, "a row of \"%s\" without \"%s\"", t->name, t->columns[i].name);
		row[i] = t->columns[i].standard == ZERO ? P_INT(0) : P_NULL;
	}
	return RC_OK;
}

static enum rc take_value(
	const struct dump_table *t, const struct dump_column *c, const struct json_scalar *v, struct param *ret, struct err *err)
{
	static const enum param_kind kinds[] = {
		[JSON_SCALAR_NULL] = PARAM_NULL, [JSON_SCALAR_INT] = PARAM_INT, [JSON_SCALAR_TEXT] = PARAM_TEXT};
	struct param p = {.kind = kinds[v->kind], .integer = v->integer, .text = v->text};
	if (p.kind == PARAM_NULL ? c->standard != NULLABLE : p.kind != c->kind)
		return err_set(err, RC_INVALID, "\"%s\" of \"%s\" is %s", c->name, t->name,
			p.kind == PARAM_NULL   ? "null"
			: c->kind == PARAM_INT ? "no integer"
								   : "no text");
	*ret = p;
	return RC_OK;
}

static enum rc fail_syntax(const struct json_in *j, struct err *err)
{
	return err_set(err, RC_INVALID, "not a row of an export, at character %zu", json_in_at(j) + 1);
}

static enum rc read_values(struct json_in *j, const struct dump_table *t, struct param *row, uint64_t *seen, struct err *err)
{
	struct text key;
	struct json_scalar v;
	size_t at = 0;
	enum rc rc = RC_OK;
	while (rc == RC_OK && json_in_key(j, &key)) {
		const struct dump_column *c = column_find(t, key, &at);
		if (!c) return err_set(err, RC_INVALID, "\"%s\" has no column of that name, at character %zu", t->name, json_in_at(j));
		size_t i = (size_t)(c - t->columns);
		if (*seen >> i & 1) return err_set(err, RC_INVALID, "\"%s\" stands twice", c->name);
		*seen |= UINT64_C(1) << i;
		rc = json_in_scalar(j, &v) ? take_value(t, c, &v, &row[i], err) : fail_syntax(j, err);
	}
	return rc;
}

static bool read_key(struct json_in *j, const char *name)
{
	struct text key;
	return json_in_key(j, &key) && text_is(key, name);
}

enum rc dump_read_row(
	struct arena *a, struct text line, const struct dump_table **ret_table, struct param *ret_row, struct err *err)
{
	struct json_in j = json_in(line, a);
	struct json_scalar name;
	struct text rest;
	if (!utf8_valid(line)) return err_set(err, RC_INVALID, "not UTF-8");
	if (!json_in_object(&j) || !read_key(&j, "t") || !json_in_scalar(&j, &name) || name.kind != JSON_SCALAR_TEXT)
		return fail_syntax(&j, err);
	const struct dump_table *t = dump_table_find(name.text);
	if (!t) return err_set(err, RC_INVALID, "a row of an unknown table");
	if (!read_key(&j, "r") || !json_in_object(&j)) return fail_syntax(&j, err);
	struct param row[DUMP_COLUMNS];
	uint64_t seen = 0;
	enum rc rc = read_values(&j, t, row, &seen, err);
	if (rc != RC_OK) return rc;
	if (json_in_key(&j, &rest) || !json_in_done(&j)) return fail_syntax(&j, err);
	rc = fill_missing(t, row, seen, err);
	if (rc != RC_OK) return rc;
	memcpy(ret_row, row, t->count * sizeof *row);
	*ret_table = t;
	return RC_OK;
}
