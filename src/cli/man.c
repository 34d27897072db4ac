/* Manual pages in roff: versioner(1) and one for each command, from the command table and its options. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/settings_name.h"
#include "cli/commands.h"

enum { NAME_SIZE = 128 };

/* "track build" gives "versioner-track-build"; no command gives "versioner". */
static void page_name(const struct command *c, char out[static NAME_SIZE])
{
	snprintf(out, NAME_SIZE, "versioner%s%s", c ? "-" : "", c ? c->name : "");
	for (char *p = out; *p; p++)
		if (*p == ' ') *p = '-';
}

/* Text as roff reads it: a backslash and a hyphen have meanings of their own, and so have "." and "'" where a line begins. */
static void add_text(struct buf *out, const char *s)
{
	for (bool begins = !out->n || out->p[out->n - 1] == '\n'; *s; s++) {
		if (begins && (*s == '.' || *s == '\'')) buf_cstr(out, "\\&");
		begins = *s == '\n';
		if (*s == '\\')
			buf_cstr(out, "\\e");
		else if (*s == '-')
			buf_cstr(out, "\\-");
		else
			buf_char(out, *s);
	}
}

static void add_styled(struct buf *out, char font, const char *s)
{
	buf_printf(out, "\\f%c", font);
	add_text(out, s);
	buf_cstr(out, "\\fR");
}

/* The name of a page, as other pages refer to it. */
static void add_reference(struct buf *out, const struct command *c)
{
	char name[NAME_SIZE];
	page_name(c, name);
	add_styled(out, 'B', name);
	buf_cstr(out, "(1)");
}

static void add_head(struct buf *out, const struct command *c, const char *summary)
{
	char name[NAME_SIZE];
	page_name(c, name);
	buf_printf(out, ".TH \"%s\" 1 \"\" \"versioner %s\" \"Versioner\"\n.SH NAME\n", name, VERSIONER_VERSION);
	add_text(out, name);
	buf_cstr(out, " \\- ");
	add_text(out, summary);
	buf_char(out, '\n');
}

/* Paragraphs are filled; an empty line is between them, and lines that begin with a blank stay as they are. */
static void add_paragraphs(struct buf *out, const char *details)
{
	struct text rest = text_from(details), line;
	buf_cstr(out, ".PP\n");
	while (text_split(&rest, '\n', &line)) {
		char typed[512];
		snprintf(typed, sizeof typed, "%.*s\n", TEXT_ARGS(line));
		if (line.n)
			add_text(out, typed);
		else
			buf_cstr(out, ".PP\n");
	}
}

/* ---- options ---- */

static void add_flag(struct buf *out, const struct setting *row)
{
	char flag[SETTING_NAME_SIZE + 2], letter[] = {'-', row->letter, '\0'};
	const char *value = setting_value_name(row);
	snprintf(flag, sizeof flag, "--%s", row->name);
	if (row->letter) {
		add_styled(out, 'B', letter);
		buf_cstr(out, ", ");
	}
	add_styled(out, 'B', flag);
	if (value) {
		buf_char(out, ' ');
		add_styled(out, 'I', value);
	} else {
		buf_cstr(out, "[=true|false]");
	}
}

static void add_option(struct buf *out, const struct setting *row)
{
	char variable[SETTING_NAME_SIZE], key[SETTING_NAME_SIZE], help[1024];
	setting_variable(row->name, variable);
	setting_key(row->name, key);
	buf_cstr(out, ".TP\n");
	if (row->env_only)
		add_styled(out, 'B', variable);
	else
		add_flag(out, row);
	bool tell = row->standard && *row->standard && !row->secret;
	snprintf(help, sizeof help, "%s%s%s%s.", row->help, tell ? " (default: " : "", tell ? row->standard : "", tell ? ")" : "");
	buf_char(out, '\n');
	add_text(out, help);
	if (row->flag_only) return add_text(out, "\nThis flag only: no variable, no key of a file.\n");
	snprintf(help, sizeof help, "\n%s%s%s %s.\n", row->env_only ? "Key" : "Variable ", row->env_only ? "" : variable,
		row->env_only ? "" : ", key", key);
	add_text(out, help);
}

static void add_options(struct buf *out, const struct command *c)
{
	if (!c->settings[0].name) return;
	buf_cstr(out, ".SH OPTIONS\n");
	for (const struct setting *row = c->settings; row->name; row++) add_option(out, row);
}

/* ---- pages ---- */

static bool has_file(const struct setting *table)
{
	while (table->name && strcmp(table->name, "config") != 0) table++;
	return table->name;
}

static void add_files(struct buf *out, const struct command_family *family)
{
	if (!family->files || !family->files[0]) return;
	buf_cstr(out, ".SH FILES\n");
	for (const char *const *file = family->files; *file; file++) {
		buf_cstr(out, ".TP\n");
		add_styled(out, 'I', *file);
		buf_cstr(out,
			file == family->files ? "\nSettings, read unless a file is named.\n" : "\nRead when the one before is not there.\n");
	}
}

static void add_synopsis(struct buf *out, const struct command *c)
{
	char name[NAME_SIZE];
	snprintf(name, sizeof name, "versioner %s", c->name);
	buf_cstr(out, ".SH SYNOPSIS\n");
	add_styled(out, 'B', name);
	if (!c->words_end_flags && *c->words) {
		buf_char(out, ' ');
		add_styled(out, 'I', c->words);
	}
	if (c->settings[0].name) buf_cstr(out, " [\\fB\\-\\-flag\\fR \\fIvalue\\fR ...]");
	if (c->words_end_flags && *c->words) {
		buf_char(out, ' ');
		add_styled(out, 'I', c->words);
	}
	buf_char(out, '\n');
}

static void add_command_page(struct buf *out, const struct command *c)
{
	add_head(out, c, c->summary);
	add_synopsis(out, c);
	buf_cstr(out, ".SH DESCRIPTION\n");
	add_text(out, c->summary);
	buf_cstr(out, ".\n");
	if (c->details) add_paragraphs(out, c->details);
	add_options(out, c);
	if (has_file(c->settings)) add_files(out, c->family);
	buf_cstr(out, ".SH SEE ALSO\n");
	add_reference(out, NULL);
	buf_char(out, '\n');
}

static void add_first_page(struct buf *out, const struct command *table)
{
	add_head(out, NULL, "what version of which product runs in which environment");
	buf_cstr(out, ".SH SYNOPSIS\n.B versioner\n.I COMMAND\n[\\fB\\-\\-flag\\fR \\fIvalue\\fR ...]\n.SH COMMANDS\n");
	for (const struct command *c = table; c->name; c++) {
		buf_cstr(out, ".TP\n");
		add_reference(out, c);
		buf_char(out, '\n');
		add_text(out, c->summary);
		buf_cstr(out, ".\n");
	}
	buf_cstr(out, ".SH SEE ALSO\n");
	for (const struct command *c = table; c->name; c++) {
		add_reference(out, c);
		buf_cstr(out, c[1].name ? ",\n" : "\n");
	}
}

static bool write_page(const char *folder, const struct command *c, const struct buf *page)
{
	char name[NAME_SIZE], path[4096];
	page_name(c, name);
	int n = snprintf(path, sizeof path, "%s/%s.1", folder, name);
	errno = ENAMETOOLONG;
	FILE *f = n < (int)sizeof path && !buf_failed(page) ? fopen(path, "we") : NULL;
	bool fine = f && fwrite(page->p, 1, page->n, f) == page->n;
	fine = f && fclose(f) == 0 && fine;
	if (!fine) fprintf(stderr, "versioner man: %s cannot be written: %s\n", path, strerror(errno));
	return fine;
}

int man_run(const struct command *table, char **words)
{
	bool fine = true;
	if (words[0] && words[1]) return fprintf(stderr, "versioner man: one folder is enough\n"), EXIT_TROUBLE;
	for (const struct command *c = NULL; fine && (!c || c->name); c = c ? c + 1 : table) {
		char name[NAME_SIZE];
		buf_auto page = BUF_INIT(KIB(256));
		page_name(c, name);
		if (!words[0]) {
			printf("%s.1\n", name);
			continue;
		}
		if (c)
			add_command_page(&page, c);
		else
			add_first_page(&page, table);
		fine = write_page(words[0], c, &page);
	}
	return fine && fflush(stdout) == 0 ? EXIT_FINE : EXIT_TROUBLE;
}
