/* Completion scripts of the shells, made from the command table: what may follow what. */
#include "cli/completion.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "cli/commands.h"

static const struct {
	const char *shell;
	void (*write)(const struct command *table, struct buf *out);
} SHELLS[] = {{"bash", completion_bash}, {"zsh", completion_zsh}, {"fish", completion_fish}};

static bool is_file(const char *value_name)
{
	static const char *const FILES[] = {"FILE", "[FILE]", "PATH", "FOLDER", "[FOLDER]"};
	for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++)
		if (strcmp(value_name, FILES[i]) == 0) return true;
	return false;
}

enum completion_kind completion_of_flag(const struct setting *row)
{
	const char *value = setting_value_name(row);
	if (row->kind == SETTING_BOOL) return COMPLETE_SWITCH;
	if (row->kind == SETTING_CHOICE) return COMPLETE_CHOICE;
	return is_file(value) ? COMPLETE_FILE : COMPLETE_TEXT;
}

void completion_choices(const struct setting *row, struct buf *out)
{
	for (const char *p = row->choices; *p; p++) buf_char(out, *p == '|' ? ' ' : *p);
}

enum completion_kind completion_of_words(const struct command *c)
{
	if (c->words_end_flags) return COMPLETE_PROGRAM;
	if (strstr(c->words, " | ")) return COMPLETE_CHOICE;
	return is_file(c->words) ? COMPLETE_FILE : COMPLETE_NOTHING;
}

void completion_words(const struct command *c, struct buf *out)
{
	struct text rest = text_from(c->words), choice, word;
	while (text_split(&rest, '|', &choice)) {
		choice = text_trim(choice);
		if (!text_split(&choice, ' ', &word)) continue;
		if (out->n) buf_char(out, ' ');
		buf_text(out, word);
	}
}

bool completion_group(const struct command *table, const struct command *c, struct text *ret_group, bool *ret_first)
{
	const char *blank = strchr(c->name, ' ');
	if (!blank) return false;
	size_t n = (size_t)(blank - c->name) + 1;
	while (strncmp(table->name, c->name, n) != 0) table++;
	*ret_group = (struct text){c->name, n - 1};
	*ret_first = table == c;
	return true;
}

void completion_quote(struct buf *out, const char *s, const char *escaped, const char *quote)
{
	for (; *s; s++) {
		if (*s == '\'') {
			buf_cstr(out, quote);
			continue;
		}
		if (strchr(escaped, *s)) buf_char(out, '\\');
		buf_char(out, *s);
	}
}

int completion_run(const struct command *table, char **words)
{
	for (size_t i = 0; words[0] && !words[1] && i < sizeof SHELLS / sizeof *SHELLS; i++) {
		if (strcmp(words[0], SHELLS[i].shell) != 0) continue;
		buf_auto script = BUF_INIT(KIB(512));
		SHELLS[i].write(table, &script);
		bool fine = !buf_failed(&script) && fwrite(script.p, 1, script.n, stdout) == script.n && fflush(stdout) == 0;
		return fine ? EXIT_FINE : EXIT_TROUBLE;
	}
	fprintf(stderr, "versioner completion: name one shell: bash, zsh or fish\n");
	return EXIT_TROUBLE;
}
