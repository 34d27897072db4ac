/* The table of settings as text for --help and as Markdown for the documentation. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/settings.h"
#include "base/settings_name.h"

enum { WIDTH = 100, LEFT_MOST = 36 };

const char *setting_value_name(const struct setting *row)
{
	static const char *const standard[] = {
		[SETTING_TEXT] = "TEXT",
		[SETTING_BOOL] = NULL,
		[SETTING_INT] = "NUMBER",
		[SETTING_DURATION] = "DURATION",
		[SETTING_LIST] = "LIST",
	};
	if (row->value_name || row->kind == SETTING_BOOL) return row->value_name;
	return row->kind == SETTING_CHOICE ? row->choices : standard[row->kind];
}

/* "  --public-url URL", or the variable where there is no flag. */
static void add_left(const struct setting *row, struct buf *out)
{
	char variable[SETTING_NAME_SIZE];
	setting_variable(row->name, variable);
	if (row->env_only) {
		buf_printf(out, "  %s", variable);
		return;
	}
	const char *name = setting_value_name(row);
	if (row->letter)
		buf_printf(out, "  -%c, --%s%s%s", row->letter, row->name, name ? " " : "", name ? name : "");
	else
		buf_printf(out, "  --%s%s%s", row->name, name ? " " : "", name ? name : "");
}

static void add_right(const struct setting *row, struct buf *out)
{
	buf_cstr(out, row->help);
	if (row->standard && *row->standard && !row->secret) buf_printf(out, " (default: %s)", row->standard);
	if (row->env_only) buf_cstr(out, " (variable or file only)");
	if (row->flag_only) buf_cstr(out, " (this flag only: no variable, no key of a file)");
}

/* Words of t from `column` on, broken before WIDTH; further lines begin at `indent`. */
static void add_wrapped(struct text t, size_t column, size_t indent, struct buf *out)
{
	struct text word;
	for (bool first = true; text_split(&t, ' ', &word); first = false) {
		size_t width = utf8_length(word);
		if (!first && column + 1 + width > WIDTH) {
			buf_printf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!first) {
			buf_char(out, ' ');
			column++;
		}
		buf_text(out, word);
		column += width;
	}
	buf_char(out, '\n');
}

static size_t left_width(const struct setting *table)
{
	size_t widest = 0;
	for (; table->name; table++) {
		buf_auto left = BUF_INIT(WIDTH * 4);
		add_left(table, &left);
		size_t width = utf8_length(buf_view(&left)) + 2;
		if (width > widest && width <= LEFT_MOST) widest = width;
	}
	return widest ? widest : LEFT_MOST;
}

void settings_help(const struct setting *table, struct buf *out)
{
	size_t indent = left_width(table);
	for (; table->name; table++) {
		buf_auto left = BUF_INIT(WIDTH * 4), right = BUF_INIT(KIB(4));
		add_left(table, &left);
		add_right(table, &right);
		buf_text(out, buf_view(&left));
		size_t width = utf8_length(buf_view(&left));
		if (width + 2 > indent) {
			buf_char(out, '\n');
			width = 0;
		}
		buf_printf(out, "%*s", (int)(indent - width), "");
		add_wrapped(buf_view(&right), indent, indent, out);
	}
}

/* A "|" would end the cell. */
static void add_cell(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '|') buf_char(out, '\\');
		buf_char(out, *s);
	}
}

static void add_code(struct buf *out, const char *s)
{
	if (!s || !*s) return;
	buf_char(out, '`');
	add_cell(out, s);
	buf_char(out, '`');
}

static void add_flag_cell(const struct setting *row, struct buf *out)
{
	if (row->env_only) return;
	char flag[SETTING_NAME_SIZE * 2];
	const char *name = setting_value_name(row);
	snprintf(flag, sizeof flag, "--%s%s%s", row->name, name ? " " : "", name ? name : "");
	add_code(out, flag);
}

void settings_markdown(const struct setting *table, struct buf *out)
{
	buf_cstr(out, "| Flag | Variable | Key | Default | Meaning |\n|---|---|---|---|---|\n");
	for (; table->name; table++) {
		char variable[SETTING_NAME_SIZE], key[SETTING_NAME_SIZE];
		setting_variable(table->name, variable);
		setting_key(table->name, key);
		buf_cstr(out, "| ");
		add_flag_cell(table, out);
		buf_cstr(out, " | ");
		add_code(out, table->flag_only ? NULL : variable);
		buf_cstr(out, " | ");
		add_code(out, table->flag_only ? NULL : key);
		buf_cstr(out, " | ");
		add_code(out, table->secret ? NULL : table->standard);
		buf_cstr(out, " | ");
		add_cell(out, table->help);
		buf_cstr(out, " |\n");
	}
}
