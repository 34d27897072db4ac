/* What the scripts of the shells have in common. Private to the files of completion. */
#pragma once

#include "base/buf.h"
#include "base/command.h"

/* What may follow: a flag that needs a value, or a command that takes words. */
enum completion_kind { COMPLETE_NOTHING, COMPLETE_TEXT, COMPLETE_FILE, COMPLETE_CHOICE, COMPLETE_SWITCH, COMPLETE_PROGRAM };

enum completion_kind completion_of_flag(const struct setting *row);
void completion_choices(const struct setting *row, struct buf *out); /* "logfmt json" */
enum completion_kind completion_of_words(const struct command *c);
void completion_words(const struct command *c, struct buf *out); /* the words of a COMPLETE_CHOICE: "bash zsh fish" */

/* Of "track build": "track", and true. Each group is told once: only its first row is `first`. */
bool completion_group(const struct command *table, const struct command *c, struct text *ret_group, bool *ret_first);

/* Adds s for a place within single quotes: a backslash before each of `escaped`, and `quote` instead of a quote. */
void completion_quote(struct buf *out, const char *s, const char *escaped, const char *quote);

void completion_bash(const struct command *table, struct buf *out);
void completion_zsh(const struct command *table, struct buf *out);
void completion_fish(const struct command *table, struct buf *out);
