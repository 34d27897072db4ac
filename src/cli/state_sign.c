/* The signs of states. */
#include "cli/state_sign.h"

static const struct state_sign {
	const char *state, *sign, *word;
	enum table_mark mark;
} SIGNS[] = {
	{"pending", "○", "pending", TABLE_RUNNING},
	{"started", "▸", "running", TABLE_RUNNING},
	{"completed", "✓", "completed", TABLE_GOOD},
	{"failed", "✗", "failed", TABLE_BAD},
	{"aborted", "⊘", "aborted", TABLE_WARNING},
	{"preflight_failed", "⊗", "blocked", TABLE_BAD},
};

struct table_cell state_cell(struct arena *a, struct text state, struct text version)
{
	const char *space = version.n ? " " : "";
	for (size_t i = 0; i < sizeof SIGNS / sizeof *SIGNS; i++) {
		const struct state_sign *s = &SIGNS[i];
		if (!text_is(state, s->state)) continue;
		return (struct table_cell){
			text_from(arena_printf(a, "%s %.*s%s%s", s->sign, TEXT_ARGS(version), space, s->word)), s->mark};
	}
	return (struct table_cell){
		text_from(arena_printf(a, "? %.*s%s%.*s", TEXT_ARGS(version), space, TEXT_ARGS(state))), TABLE_PLAIN};
}
