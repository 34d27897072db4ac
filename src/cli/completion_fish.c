/* Completion for fish: versioner.fish in a folder of $fish_complete_path, or sourced. */
#include "cli/completion.h"

static const char HEAD[] = "# Completion of versioner for fish. Made by: versioner completion fish\n"
						   "\n"
						   "# The words after \"versioner\" begin with these\n"
						   "function __versioner_in\n"
						   "\tset -l words (commandline -opc)\n"
						   "\tset -e words[1]\n"
						   "\tset -l n (count $argv)\n"
						   "\ttest $n -eq 0; or test \"$words[1..$n]\" = \"$argv\"\n"
						   "end\n"
						   "\n"
						   "# … and there are no others yet\n"
						   "function __versioner_at\n"
						   "\ttest (count (commandline -opc)) -eq (math (count $argv) + 1); and __versioner_in $argv\n"
						   "end\n"
						   "\n"
						   "# The words behind \"--\" are another program's\n"
						   "function __versioner_program\n"
						   "\tset -l words (commandline -opc) (commandline -ct)\n"
						   "\twhile test \"$words[1]\" != --\n"
						   "\t\tset -e words[1]\n"
						   "\tend\n"
						   "\tset -e words[1]\n"
						   "\tcomplete -C (string join ' ' -- (string escape -- $words[1..-2]) $words[-1])\n"
						   "end\n"
						   "\n"
						   "complete -c versioner -f\n";

static void add_description(const char *help, struct buf *out)
{
	buf_cstr(out, " -d '");
	completion_quote(out, help, "\\", "\\'");
	buf_cstr(out, "'\n");
}

static void add_flag(const struct command *c, const struct setting *row, struct buf *out)
{
	enum completion_kind kind = completion_of_flag(row);
	if (row->env_only) return;
	buf_printf(out, "complete -c versioner -n '__versioner_in %s' -l %s", c->name, row->name);
	if (row->letter) buf_printf(out, " -s %c", row->letter);
	if (kind == COMPLETE_FILE) buf_cstr(out, " -r -F");
	if (kind == COMPLETE_TEXT && !row->alone) buf_cstr(out, " -x");
	if (kind == COMPLETE_CHOICE) {
		buf_cstr(out, " -x -a '");
		completion_choices(row, out);
		buf_char(out, '\'');
	}
	add_description(row->help, out);
}

static void add_words(const struct command *c, struct buf *out)
{
	buf_auto words = BUF_INIT(4096);
	switch (completion_of_words(c)) {
	case COMPLETE_FILE: buf_printf(out, "complete -c versioner -n '__versioner_in %s' -F\n", c->name); break;
	case COMPLETE_CHOICE:
		completion_words(c, &words);
		buf_printf(out, "complete -c versioner -n '__versioner_at %s' -a '%.*s'\n", c->name, (int)words.n, words.p);
		break;
	case COMPLETE_PROGRAM:
		buf_printf(out,
			"complete -c versioner -n '__versioner_in %s; and contains -- -- (commandline -opc)' -x "
			"-a '(__versioner_program)'\n",
			c->name);
		break;
	default: break;
	}
}

static void add_name(const struct command *table, const struct command *c, struct buf *out)
{
	struct text group;
	bool first;
	if (!completion_group(table, c, &group, &first)) {
		buf_printf(out, "complete -c versioner -n __versioner_at -a %s", c->name);
		add_description(c->summary, out);
		return;
	}
	if (first)
		buf_printf(out, "complete -c versioner -n __versioner_at -a %.*s -d 'tell the server of an event'\n", TEXT_ARGS(group));
	buf_printf(out, "complete -c versioner -n '__versioner_at %.*s' -a %s", TEXT_ARGS(group), c->name + group.n + 1);
	add_description(c->summary, out);
}

void completion_fish(const struct command *table, struct buf *out)
{
	buf_cstr(out, HEAD);
	for (const struct command *c = table; c->name; c++) {
		add_name(table, c, out);
		add_words(c, out);
		for (const struct setting *row = c->settings; row->name; row++) add_flag(c, row, out);
	}
	buf_cstr(out, "complete -c versioner -n __versioner_at -a help -d 'show the flags of a command'\n"
				  "complete -c versioner -l help -d 'show the flags'\n");
}
