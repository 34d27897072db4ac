/* Completion for bash, without the functions of the package bash-completion. */
#include "cli/completion.h"

static const char HEAD[] = "# Completion of versioner for bash. Made by: versioner completion bash\n"
						   "\n"
						   "_versioner_files() {\n"
						   "\tlocal IFS=$'\\n'\n"
						   "\tcompopt -o filenames 2>/dev/null\n"
						   "\tCOMPREPLY=($(compgen -f -- \"$1\"))\n"
						   "}\n"
						   "\n"
						   "_versioner() {\n"
						   "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}\n"
						   "\tlocal equals= first=2 flags= value= words= i\n"
						   "\tCOMPREPLY=()\n"
						   "\t# \"--flag=value\" comes as three words\n"
						   "\tif [[ $cur == = ]]; then\n"
						   "\t\tcur= equals=yes\n"
						   "\telif [[ $prev == = ]]; then\n"
						   "\t\tprev=${COMP_WORDS[COMP_CWORD-2]} equals=yes\n"
						   "\tfi\n"
						   "\tif [[ $command == help ]]; then\n"
						   "\t\tCOMP_WORDS=(\"${COMP_WORDS[0]}\" \"${COMP_WORDS[@]:2}\")\n"
						   "\t\tCOMP_CWORD=$((COMP_CWORD - 1))\n"
						   "\t\tcommand=${COMP_WORDS[1]}\n"
						   "\tfi\n";

static const char TAIL[] = "\tif ((COMP_CWORD < first)); then\n"
						   "\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
						   "\t\treturn\n"
						   "\tfi\n"
						   "\tcase $value in\n"
						   "\t'' | switch)\n"
						   "\t\t[[ $equals ]] && COMPREPLY=($(compgen -W 'true false' -- \"$cur\")) && return\n"
						   "\t\t;;\n"
						   "\ttext) return ;;\n"
						   "\tfile)\n"
						   "\t\t_versioner_files \"$cur\"\n"
						   "\t\treturn\n"
						   "\t\t;;\n"
						   "\t*)\n"
						   "\t\tCOMPREPLY=($(compgen -W \"$value\" -- \"$cur\"))\n"
						   "\t\treturn\n"
						   "\t\t;;\n"
						   "\tesac\n"
						   "\tif [[ $cur == -* ]]; then\n"
						   "\t\tCOMPREPLY=($(compgen -W \"$flags --help\" -- \"$cur\"))\n"
						   "\telif [[ $words == FILE ]]; then\n"
						   "\t\t_versioner_files \"$cur\"\n"
						   "\telse\n"
						   "\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
						   "\tfi\n"
						   "}\n"
						   "\n"
						   "complete -F _versioner versioner\n";

static void add_flags(const struct command *c, struct buf *out)
{
	buf_cstr(out, "\t\tflags='");
	for (const struct setting *row = c->settings; row->name; row++) {
		if (row->env_only) continue;
		if (row->letter) buf_printf(out, "-%c ", row->letter);
		buf_printf(out, "--%s ", row->name);
	}
	buf_cstr(out, "'\n");
}

/* A line of the inner case: what follows that flag. */
static void add_value(const struct setting *row, struct buf *out)
{
	static const char *const VALUES[] = {[COMPLETE_TEXT] = "text", [COMPLETE_FILE] = "file", [COMPLETE_SWITCH] = "switch"};
	enum completion_kind kind = completion_of_flag(row);
	if (row->env_only) return;
	buf_printf(out, "\t\t--%s) value='", row->name);
	if (kind == COMPLETE_CHOICE)
		completion_choices(row, out);
	else
		buf_cstr(out, VALUES[kind]);
	buf_cstr(out, "' ;;\n");
}

static void add_words(const struct command *c, struct buf *out)
{
	switch (completion_of_words(c)) {
	case COMPLETE_FILE: buf_cstr(out, "\t\twords=FILE\n"); break;
	case COMPLETE_CHOICE: {
		buf_auto words = BUF_INIT(4096);
		completion_words(c, &words);
		buf_printf(out, "\t\twords='%.*s'\n", (int)words.n, words.p);
		break;
	}
	case COMPLETE_PROGRAM: /* behind "--", or the first word, another program begins */
		buf_cstr(out, "\t\tfor ((i = first; i < COMP_CWORD; i++)); do\n"
					  "\t\t\t[[ ${COMP_WORDS[i]} == -- ]] || continue\n"
					  "\t\t\tif ((i + 1 == COMP_CWORD)); then\n"
					  "\t\t\t\tCOMPREPLY=($(compgen -c -- \"$cur\"))\n"
					  "\t\t\telse\n"
					  "\t\t\t\t_versioner_files \"$cur\"\n"
					  "\t\t\tfi\n"
					  "\t\t\treturn\n"
					  "\t\tdone\n");
		break;
	default: break;
	}
}

static void add_command(const struct command *c, struct buf *out)
{
	buf_printf(out, "\t'%s')\n", c->name);
	add_flags(c, out);
	add_words(c, out);
	if (c->settings[0].name) {
		buf_cstr(out, "\t\tcase $prev in\n");
		for (const struct setting *row = c->settings; row->name; row++) add_value(row, out);
		buf_cstr(out, "\t\tesac\n");
	}
	buf_cstr(out, "\t\t;;\n");
}

/* Which words stand at the first place, and behind "track". */
static void add_first_words(const struct command *table, struct buf *out)
{
	struct text group;
	bool first;
	buf_cstr(out, "\twords='");
	for (const struct command *c = table; c->name; c++) {
		bool grouped = completion_group(table, c, &group, &first);
		if (!grouped) buf_printf(out, "%s ", c->name);
		if (grouped && first) buf_printf(out, "%.*s ", TEXT_ARGS(group));
	}
	buf_cstr(out, "help --help --version'\n\tcase $command in\n");
	for (const struct command *c = table; c->name; c++) {
		if (!completion_group(table, c, &group, &first) || !first) continue;
		buf_printf(out, "\t%.*s)\n\t\t((COMP_CWORD > 1)) && words='", TEXT_ARGS(group));
		for (const struct command *other = c; other->name; other++)
			if (text_starts(text_from(other->name), group) && other->name[group.n] == ' ')
				buf_printf(out, "%s ", other->name + group.n + 1);
		buf_cstr(out, "' first=3 command=\"$command ${COMP_WORDS[2]}\"\n\t\t;;\n");
	}
	buf_cstr(out, "\tesac\n\t((COMP_CWORD >= first)) && words=\n");
}

void completion_bash(const struct command *table, struct buf *out)
{
	buf_cstr(out, HEAD);
	add_first_words(table, out);
	buf_cstr(out, "\tcase $command in\n");
	for (const struct command *c = table; c->name; c++) add_command(c, out);
	buf_cstr(out, "\tesac\n");
	buf_cstr(out, TAIL);
}
