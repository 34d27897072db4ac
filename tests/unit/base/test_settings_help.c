/* The settings as help text and as a table of Markdown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/settings.h"

static void test_help_shows_flags_aligned_without_secrets(void **state)
{
	(void)state;
	static const struct setting rows[] = {
		{.name = "db", .kind = SETTING_TEXT, .standard = "versioner.db", .value_name = "PATH", .help = "Where the data is"},
		{.name = "metrics", .kind = SETTING_BOOL, .standard = "true", .help = "Serve metrics"},
		{.name = "log-format", .kind = SETTING_CHOICE, .choices = "logfmt|json", .standard = "logfmt", .help = "Log lines"},
		{.name = "a-flag-with-a-very-long-name-indeed", .kind = SETTING_INT, .help = "Far"},
		{.name = "key",
			.kind = SETTING_TEXT,
			.standard = "s3cret",
			.secret = true,
			.help = "A help text that is so long that it does not fit beside its flag in one hundred columns and goes on below"},
		{.name = "password", .kind = SETTING_TEXT, .secret = true, .env_only = true, .help = "Of the mail server"},
		{.name = "scratch", .kind = SETTING_TEXT, .flag_only = true, .help = "May be overwritten"},
		{.name = NULL},
	};
	buf_auto out = BUF_INIT(KIB(16));
	settings_help(rows, &out);
	buf_char(&out, '\0');
	assert_string_equal(out.p,
		"  --db PATH                 Where the data is (default: versioner.db)\n"
		"  --metrics                 Serve metrics (default: true)\n"
		"  --log-format logfmt|json  Log lines (default: logfmt)\n"
		"  --a-flag-with-a-very-long-name-indeed NUMBER\n"
		"                            Far\n"
		"  --key TEXT                A help text that is so long that it does not fit beside its flag in one\n"
		"                            hundred columns and goes on below\n"
		"  VERSIONER_PASSWORD        Of the mail server (variable or file only)\n"
		"  --scratch TEXT            May be overwritten (this flag only: no variable, no key of a file)\n");
}

static void test_markdown_has_a_row_for_each_setting(void **state)
{
	(void)state;
	static const struct setting rows[] = {
		{.name = "log-format", .kind = SETTING_CHOICE, .choices = "logfmt|json", .standard = "logfmt", .help = "Log lines"},
		{.name = "smtp-password",
			.kind = SETTING_TEXT,
			.standard = "s3cret",
			.secret = true,
			.env_only = true,
			.help = "Of the mail server"},
		{.name = "scratch", .kind = SETTING_TEXT, .flag_only = true, .help = "May be overwritten"},
		{.name = NULL},
	};
	buf_auto out = BUF_INIT(KIB(16));
	settings_markdown(rows, &out);
	buf_char(&out, '\0');
	assert_string_equal(out.p, "| Flag | Variable | Key | Default | Meaning |\n"
							   "|---|---|---|---|---|\n"
							   "| `--log-format logfmt\\|json` | `VERSIONER_LOG_FORMAT` | `log_format` | `logfmt` | Log lines |\n"
							   "|  | `VERSIONER_SMTP_PASSWORD` | `smtp_password` |  | Of the mail server |\n"
							   "| `--scratch TEXT` |  |  |  | May be overwritten |\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_help_shows_flags_aligned_without_secrets),
		cmocka_unit_test(test_markdown_has_a_row_for_each_setting),
	};
	return cmocka_run_group_tests_name("settings_help", tests, NULL, NULL);
}
