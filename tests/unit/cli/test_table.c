/* Tables: what a character is wide, what may be written, what is cut and what goes below. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"
#include "cli/glyph.h"
#include "cli/table.h"

static struct arena *arena;

static const struct {
	const char *text;
	size_t width;
} widths[] = {
	{"", 0}, {"abc", 3}, {"äöü€", 4}, {"e\xcc\x81", 1}, /* e and a combining acute */
	{"日本", 4}, {"한국", 4}, {"🚀", 2}, {"ｗｉｄｅ", 8}, {"…·≠✗▸○⊘⊗✓└", 10},
	{"a\xe2\x80\x8d"
	 "b",
		2}, /* zero-width joiner */
	{"\xef\xb8\x8f", 0}, /* variation selector */
	{"שלום", 4}, {"\x1b[31m", 5}, {"\xff\xfe", 2}, {"\xe6\x97", 2}, /* cut off */
	{"\xc0\xaf", 2}, /* overlong */
	{"\xe2\x80\xae", 1}, /* turns the text around: shown as a dot */
};

static void each_text_has_its_width(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
		size_t width = table_text_width(text_from(widths[i].text));
		if (width != widths[i].width) fail_msg("case %zu: %zu, not %zu", i, width, widths[i].width);
	}
}

static struct glyph glyph_of(uint32_t c)
{
	char bytes[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char LEAD[] = {0, 0, 0xc0, 0xe0, 0xf0};
	for (size_t i = n; i > 1; i--, c >>= 6) bytes[i - 1] = (char)(0x80 | (c & 0x3f));
	bytes[0] = (char)(LEAD[n] | c);
	struct glyph g = glyph_at((struct text){bytes, n}, 0);
	assert_int_equal(g.bytes, n);
	return g;
}

/* Every character once: the searched tables must be sorted, or some would not be found. */
static void every_range_is_found_from_end_to_end(void **state)
{
	(void)state;
	static const struct {
		uint32_t from, to;
		size_t width;
		bool safe;
	} rows[] = {
		{0x0, 0x1f, 1, false},
		{0x20, 0x7e, 1, true},
		{0x7f, 0x9f, 1, false},
		{0xa1, 0xac, 1, true},
		{0x300, 0x36f, 0, true},
		{0x400, 0x482, 1, true},
		{0x1100, 0x115f, 2, true},
		{0x1160, 0x11ff, 0, true},
		{0x200b, 0x200b, 1, false},
		{0x200c, 0x200d, 0, true},
		{0x200e, 0x200f, 1, false},
		{0x2028, 0x202e, 1, false},
		{0x2066, 0x2069, 1, false},
		{0x2500, 0x257f, 1, true},
		{0x3041, 0x3096, 2, true},
		{0x4e00, 0x9fff, 2, true},
		{0xac00, 0xd7a3, 2, true},
		{0xfe00, 0xfe0f, 0, true},
		{0xfeff, 0xfeff, 1, false},
		{0xff01, 0xff60, 2, true},
		{0xff61, 0xff9f, 1, true},
		{0x1f600, 0x1f64f, 2, true},
		{0x20000, 0x2a6df, 2, true},
		{0xe0020, 0xe007f, 1, false},
		{0xe0100, 0xe01ef, 0, true},
		{0xf0000, 0xffffd, 1, true},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (uint32_t c = rows[i].from; c <= rows[i].to; c++) {
			struct glyph g = glyph_of(c);
			if (g.width != rows[i].width || g.safe != rows[i].safe) fail_msg("U+%04X: %zu, %d", c, g.width, g.safe);
		}
}

/* Lines of cells separated by "|"; a line that begins with "+" is below the one before. */
static struct table *table_of(const struct table_column *columns, size_t count, const char *const *lines)
{
	struct table *t = table_new(arena, columns, count);
	for (; *lines; lines++) {
		struct table_cell cells[8] = {0};
		bool below = **lines == '+';
		struct text rest = text_from(*lines + below);
		for (size_t i = 0; i < count && text_split(&rest, '|', &cells[i].text); i++) {
		}
		(below ? table_row_below : table_row)(t, cells);
	}
	return t;
}

static void assert_prints(const struct table *t, size_t width, const char *expected)
{
	buf_auto out = BUF_INIT(KIB(64));
	table_print(t, width, false, &out);
	if (!text_is(buf_view(&out), expected)) fail_msg("width %zu gives\n%.*sand not\n%s", width, (int)out.n, out.p, expected);
}

static const struct table_column THREE[] = {
	{.title = "NAME", .least = 4}, {.title = "VERSION", .least = 5}, {.title = "N", .right = true}};

static void columns_line_up_by_width_not_by_bytes(void **state)
{
	(void)state;
	const char *const lines[] = {"日本|1.0|7", "naïve|2026.05|123", "e\xcc\x81|x|", NULL};
	assert_prints(table_of(THREE, 3, lines), 0,
		"NAME   VERSION    N\n"
		"日本   1.0        7\n"
		"naïve  2026.05  123\n"
		"e\xcc\x81      x\n");
}

static void what_is_too_wide_is_cut_where_that_is_allowed(void **state)
{
	(void)state;
	const char *const lines[] = {"shop|2026.05.24-build.99|1", "日本語サービス|1|22", NULL};
	struct table *t = table_of(THREE, 3, lines);
	assert_prints(t, 80,
		"NAME            VERSION               N\nshop            2026.05.24-build.99   1\n日本語サービス  1                    "
		"22\n");
	assert_prints(t, 28, "NAME         VERSION       N\nshop         2026.05.24…   1\n日本語サー…  1            22\n");
}

static void no_line_is_wider_than_the_terminal(void **state)
{
	(void)state;
	const char *const lines[] = {
		"shop|2026.05.24-build.99|1", "日本語サービス|1|22", "🚀🚀🚀🚀🚀|e\xcc\x81\xcc\x81\xcc\x81|333333333333", NULL};
	struct table *t = table_of(THREE, 3, lines);
	for (size_t width = 8; width < 60; width++) {
		buf_auto out = BUF_INIT(KIB(64));
		table_print(t, width, false, &out);
		struct text rest = buf_view(&out), line;
		while (text_split(&rest, '\n', &line)) {
			if (table_text_width(line) > width) fail_msg("width %zu: %.*s", width, (int)line.n, line.p);
			assert_true(!line.n || line.p[line.n - 1] != ' ');
		}
		assert_true(utf8_valid(buf_view(&out)));
	}
}

static void what_does_not_fit_side_by_side_goes_below(void **state)
{
	(void)state;
	static const struct table_column wide[] = {{.title = "P"}, {.title = "dev"}, {.title = "staging"}, {.title = "production"}};
	const char *const lines[] = {"a|1|2|3", "b|||4", "c|5||", "+ more|||6", NULL};
	struct table *t = table_of(wide, 4, lines);
	assert_prints(t, 0,
		"P      dev  staging  production\na      1    2        3\nb                    4\nc      5\n more                6\n");
	assert_prints(t, 20, "P      dev  staging\na      1    2\nc      5\n\nP      production\na      3\nb      4\nc\n more  6\n");
}

static void nothing_that_is_shown_steers_the_terminal(void **state)
{
	(void)state;
	static const char hostile[] = "\x1b]0;title\x07\x1b[2J|\r\n\t\x7f\xc2\x9b"
								  "31m\xe2\x80\xae|\xff";
	const char *const lines[] = {hostile, NULL};
	buf_auto out = BUF_INIT(KIB(4));
	table_print(table_of(THREE, 3, lines), 0, false, &out);
	assert_true(utf8_valid(buf_view(&out)));
	size_t breaks = 0;
	for (size_t i = 0; i < out.n; i++) {
		unsigned char c = (unsigned char)out.p[i];
		breaks += c == '\n';
		assert_true(c == '\n' || (c >= 0x20 && c != 0x7f && !(c == 0xc2 && (unsigned char)out.p[i + 1] < 0xa0)));
	}
	assert_int_equal(breaks, 2);
	assert_non_null(memmem(out.p, out.n, "·]0;title··[2J", strlen("·]0;title··[2J")));
	assert_null(memmem(out.p, out.n, "\xe2\x80\xae", 3));
}

static void a_ci_system_finds_no_command(void **state)
{
	static const struct table_column one[] = {{.title = "PRODUCT"}};
	static const struct table_cell cells[] = {
		{TEXT("::add-mask::x"), TABLE_PLAIN}, {TEXT("a ##[add-path]/x"), TABLE_PLAIN}, {TEXT("a::b"), TABLE_PLAIN}};
	(void)state;
	struct table *t = table_new(arena, one, 1);
	for (size_t i = 0; i < 3; i++) table_row(t, &cells[i]);
	assert_prints(t, 0, "PRODUCT\n: :add-mask::x\na # #[add-path]/x\na::b\n");
}

static void colours_are_only_where_they_are_wanted_and_end_with_the_cell(void **state)
{
	(void)state;
	static const struct table_column one[] = {{.title = "A", .least = 3}, {.title = "B"}};
	struct table *t = table_new(arena, one, 2);
	table_row(t, (struct table_cell[]){{TEXT("failed"), TABLE_BAD}, {TEXT("x"), TABLE_PLAIN}});
	buf_auto plain = BUF_INIT(KIB(4));
	buf_auto colour = BUF_INIT(KIB(4));
	table_print(t, 6, false, &plain);
	table_print(t, 6, true, &colour);
	assert_true(text_is(buf_view(&plain), "A    B\nfa…  x\n"));
	assert_true(text_is(buf_view(&colour), "\033[1mA\033[0m    \033[1mB\033[0m\n\033[31mfa…\033[0m  x\n"));
}

static void only_a_terminal_has_a_width(void **state)
{
	(void)state;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	setenv("COLUMNS", "70", 1);
	assert_int_equal(table_terminal_width(ends[1]), 0);
	unsetenv("COLUMNS");
	close(ends[0]);
	close(ends[1]);
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(KIB(4), MIB(16));
	return 0;
}

static int take_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, take_down)
	const struct CMUnitTest tests[] = {
		CASE(each_text_has_its_width),
		CASE(every_range_is_found_from_end_to_end),
		CASE(columns_line_up_by_width_not_by_bytes),
		CASE(what_is_too_wide_is_cut_where_that_is_allowed),
		CASE(no_line_is_wider_than_the_terminal),
		CASE(what_does_not_fit_side_by_side_goes_below),
		CASE(nothing_that_is_shown_steers_the_terminal),
		CASE(a_ci_system_finds_no_command),
		CASE(colours_are_only_where_they_are_wanted_and_end_with_the_cell),
		CASE(only_a_terminal_has_a_width),
	};
	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
