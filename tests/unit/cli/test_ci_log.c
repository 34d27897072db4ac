/* No line of somebody else's words is a command to a CI system or a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/ci_log.h"

static const struct {
	const char *words, *shown;
	bool line_begins;
} rows[] = {
	{"", "", true},
	{"plain words", "plain words", true},
	{"::add-mask::x", ": :add-mask::x", true},
	{"::add-mask::x", "::add-mask::x", false},
	{"a\n::error::x", "a\n: :error::x", false},
	{"a\n \t::error::x", "a\n  : :error::x", false},
	{"a\r::error::x", "a ::error::x", false},
	{"a::b", "a::b", true},
	{":::x", ": : :x", true},
	{"\xc2\xa0::x", "\xc2\xa0: :x", true},
	{"##[add-path]/x", "# #[add-path]/x", true},
	{"in the middle ##[set-env name=PATH;]x", "in the middle # #[set-env name=PATH;]x", true},
	{"##vso[task.setvariable variable=x]y", "# #vso[task.setvariable variable=x]y", false},
	{"###", "# # #", false},
	{"#\n#", "#\n#", false},
	{"\033[2J\x07\x7f", " [2J  ", true},
	{"\xc2\x9b"
	 "2J\xc2\xa9",
		" 2J\xc2\xa9", true},
	{"\xc2", "\xc2", true},
	{"#\xc2\x80#", "# #", true},
};

static void commands_are_taken_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		buf_auto out = BUF_INIT(256);
		ci_log_text(&out, text_from(rows[i].words), rows[i].line_begins);
		struct text shown = out.n ? buf_view(&out) : TEXT("");
		if (!text_is(shown, rows[i].shown)) fail_msg("%zu: \"%.*s\"", i, TEXT_ARGS(shown));
	}
}

static void json_means_the_same(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {{"{\"a\":\"##[set-env]###\"}", "{\"a\":\"#\\u0023[set-env]#\\u0023\\u0023\"}"},
		{"[\"#\",\"#a#\"]", "[\"#\",\"#a#\"]"}, {"", ""}};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		buf_auto out = BUF_INIT(256);
		ci_log_json(&out, text_from(pairs[i][0]));
		struct text shown = out.n ? buf_view(&out) : TEXT("");
		if (!text_is(shown, pairs[i][1])) fail_msg("%zu: \"%.*s\"", i, TEXT_ARGS(shown));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(commands_are_taken_out), cmocka_unit_test(json_means_the_same)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
