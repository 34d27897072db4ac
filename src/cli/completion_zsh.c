/* Completion for zsh: a file _versioner of a folder in $fpath, or sourced after compinit. */
#include "cli/completion.h"

static const char SPECIAL[] = "\\:[]";
static const char QUOTE[] = "'\\''";

static void add_command_name(const char *name, const char *summary, struct buf *out)
{
	buf_printf(out, "\t\t\t'%s:", name);
	completion_quote(out, summary, SPECIAL, QUOTE);
	buf_cstr(out, "'\n");
}

/* What _arguments is told of a flag: '--name=[help]:VALUE:action'. */
static void add_flag(const struct setting *row, struct buf *out)
{
	enum completion_kind kind = completion_of_flag(row);
	bool alone = kind == COMPLETE_SWITCH || row->alone;
	if (row->env_only) return;
	buf_cstr(out, " \\\n\t\t\t");
	if (row->letter)
		buf_printf(out, "'(-%c --%s)'{-%c,--%s}'", row->letter, row->name, row->letter, row->name);
	else
		buf_printf(out, "'%s--%s%s", row->kind == SETTING_LIST ? "*" : "", row->name, alone ? "=-" : "=");
	buf_char(out, '[');
	completion_quote(out, row->help, SPECIAL, QUOTE);
	buf_char(out, ']');
	if (kind == COMPLETE_SWITCH) {
		buf_cstr(out, row->letter ? "'" : "::value:(true false)'");
		return;
	}
	buf_cstr(out, alone ? "::" : ":");
	completion_quote(out, setting_value_name(row), SPECIAL, QUOTE);
	buf_char(out, ':');
	if (kind == COMPLETE_FILE) buf_cstr(out, "_files");
	if (kind == COMPLETE_CHOICE) {
		buf_char(out, '(');
		completion_choices(row, out);
		buf_char(out, ')');
	}
	buf_char(out, '\'');
}

static void add_words(const struct command *c, struct buf *out)
{
	buf_auto words = BUF_INIT(4096);
	switch (completion_of_words(c)) {
	case COMPLETE_FILE: buf_cstr(out, " \\\n\t\t\t'*:file:_files'"); break;
	case COMPLETE_CHOICE:
		completion_words(c, &words);
		buf_printf(out, " \\\n\t\t\t'1:word:(%.*s)'", (int)words.n, words.p);
		break;
	case COMPLETE_PROGRAM: buf_cstr(out, " \\\n\t\t\t'(-)1:command:_command_names -e' \\\n\t\t\t'*::argument:_normal'"); break;
	default: break;
	}
}

static void add_command(const struct command *c, struct buf *out)
{
	buf_printf(out, "\t'%s')\n\t\t_arguments -S", c->name);
	for (const struct setting *row = c->settings; row->name; row++) add_flag(row, out);
	buf_cstr(out, " \\\n\t\t\t'--help[show the flags]'");
	add_words(c, out);
	buf_cstr(out, "\n\t\t;;\n");
}

static void add_group(const struct command *table, struct text group, struct buf *out)
{
	buf_printf(out, "\t%.*s)\n\t\tshift words\n\t\t((CURRENT--))\n\t\tcommands=(\n", TEXT_ARGS(group));
	for (const struct command *c = table; c->name; c++)
		if (text_starts(text_from(c->name), group) && c->name[group.n] == ' ')
			add_command_name(c->name + group.n + 1, c->summary, out);
	buf_cstr(out, "\t\t)\n\t\tif ((CURRENT == 2)); then\n\t\t\t_describe command commands\n\t\t\treturn\n\t\tfi\n"
				  "\t\tcommand=\"$command $words[2]\"\n\t\t;;\n");
}

void completion_zsh(const struct command *table, struct buf *out)
{
	struct text group;
	bool first;
	buf_cstr(out, "#compdef versioner\n# Completion of versioner for zsh. Made by: versioner completion zsh\n\n_versioner() {\n"
				  "\tlocal -a commands\n\tlocal command=$words[2]\n\tcommands=(\n");
	for (const struct command *c = table; c->name; c++) {
		bool grouped = completion_group(table, c, &group, &first);
		if (!grouped) add_command_name(c->name, c->summary, out);
		if (grouped && first) buf_printf(out, "\t\t\t'%.*s:tell the server of an event'\n", TEXT_ARGS(group));
	}
	buf_cstr(out, "\t\t\t'help:show the flags of a command'\n\t)\n\tif ((CURRENT == 2)); then\n"
				  "\t\t_describe command commands\n\t\treturn\n\tfi\n\tcase $command in\n");
	for (const struct command *c = table; c->name; c++)
		if (completion_group(table, c, &group, &first) && first) add_group(table, group, out);
	buf_cstr(out, "\tesac\n\tshift words\n\t((CURRENT--))\n\tcase $command in\n");
	for (const struct command *c = table; c->name; c++) add_command(c, out);
	buf_cstr(out, "\thelp) _describe command commands ;;\n\tesac\n}\n\n"
				  "if [[ $funcstack[1] == _versioner ]]; then\n\t_versioner \"$@\"\nelse\n\tcompdef _versioner versioner\nfi\n");
}
