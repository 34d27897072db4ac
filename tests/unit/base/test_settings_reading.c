/* A configuration file that is looked for, and may be another program's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/settings.h"

static const struct setting TABLE[] = {
	{.name = "config", .kind = SETTING_TEXT, .help = "x"},
	{.name = "api-url", .kind = SETTING_TEXT, .standard = "default", .help = "x"},
	{.name = "debug", .kind = SETTING_BOOL, .letter = 'd', .standard = "false", .help = "x"},
	{.name = "tags", .kind = SETTING_LIST, .help = "x"},
	{.name = "long", .kind = SETTING_TEXT, .most = 1 << 20, .help = "x"},
	{0},
};
static const char *const FILES[] = {"~/.tool/config.yaml", "./config.yaml", NULL};

static char folder[64];

static void write_file(const char *path, const char *content)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(content, f);
	fclose(f);
}

static int set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, P_tmpdir "/reading-test-XXXXXX");
	if (!mkdtemp(folder) || chdir(folder) != 0) return 1;
	setenv("HOME", folder, 1);
	unsetenv("VERSIONER_CONFIG");
	unsetenv("VERSIONER_API_URL");
	return mkdir(".tool", 0700);
}

static int take_down(void **state)
{
	(void)state;
	char command[100];
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return chdir("/") == 0 ? system(command) : 1;
}

static struct settings *load(bool foreign, const char *flag, enum rc *ret, struct err *err)
{
	struct settings_reading reading = {.files = FILES, .foreign_file = foreign};
	char *argv[] = {(char *)"versioner", (char *)flag};
	struct settings *s = settings_new(TABLE);
	settings_read_like(s, &reading);
	*ret = settings_load(s, flag ? 2 : 1, argv, NULL, err);
	return s;
}

static void assert_url(const char *flag, const char *expected)
{
	enum rc rc;
	struct err err;
	struct settings *s = load(true, flag, &rc, &err);
	if (rc != RC_OK) fail_msg("%s", err.text);
	assert_string_equal(setting_text(s, "api-url"), expected);
	settings_free(s);
}

static void the_home_folders_file_comes_before_the_working_folders(void **state)
{
	(void)state;
	assert_url(NULL, "default");
	write_file("config.yaml", "api_url: here\n");
	assert_url(NULL, "here");
	write_file(".tool/config.yaml", "api_url: home\n");
	assert_url(NULL, "home");
	write_file("named.yaml", "api_url: named\n");
	assert_url("--config=named.yaml", "named");
	setenv("VERSIONER_API_URL", "variable", 1);
	assert_url("--config=named.yaml", "variable");
	assert_url("--api-url=flag", "flag");
	unsetenv("VERSIONER_API_URL");
	unsetenv("HOME");
	assert_url(NULL, "here");
}

static const char *const FOREIGN[] = {
	"name: tool\nservices:\n  web: {image: x}\n  list: [1, {a: b}]\napi_url: here\n",
	"base: &base {a: 1}\nother: *base\n<<: *base\napi_url: here\n",
	"? [a, b]\n: c\napi_url: here\n",
	"api_url: here\n---\nsecond: [document\n",
	"config: elsewhere\nversion: 2\napi_url: here\ntags: {a: b}\ndebug: [1]\n",
};

static void files_of_others_do_no_harm(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof FOREIGN / sizeof *FOREIGN; i++) {
		enum rc rc;
		struct err err;
		write_file("config.yaml", FOREIGN[i]);
		assert_url(NULL, "here");
		settings_free(load(false, NULL, &rc, &err)); /* ours alone: each of them is an error */
		if (rc == RC_OK) fail_msg("file %zu is no error", i);
	}
	static const char *const nothing[] = {"- a\n- b\n", "just words\n", "", "\t{{ template }}\n", "[unclosed\n"};
	for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
		write_file("config.yaml", nothing[i]);
		assert_url(NULL, "default");
	}
}

static void a_value_that_does_not_fit_is_doubted_where_found_and_wrong_where_named(void **state)
{
	(void)state;
	enum rc rc;
	struct err err;
	write_file("config.yaml", "debug: app:*\napi_url: here\n");
	struct settings *s = load(true, NULL, &rc, &err);
	assert_int_equal(rc, RC_OK);
	assert_false(setting_bool(s, "debug"));
	assert_string_equal(setting_text(s, "api-url"), "here");
	assert_string_equal(settings_file(s), "./config.yaml");
	assert_non_null(strstr(settings_doubt(s), "./config.yaml:1: debug"));
	settings_free(s);
	s = load(true, "--config=config.yaml", &rc, &err);
	assert_int_equal(rc, RC_INVALID);
	assert_non_null(strstr(err.text, "config.yaml:1: debug"));
	settings_free(s);
	s = load(true, "--config=missing.yaml", &rc, &err);
	assert_int_equal(rc, RC_INVALID);
	assert_non_null(strstr(err.text, "missing.yaml"));
	settings_free(s);
}

static void a_letter_stands_for_its_flag(void **state)
{
	(void)state;
	static const struct {
		const char *flag;
		enum rc rc;
		bool on;
	} rows[] = {{"-d", RC_OK, true}, {"-d=false", RC_OK, false}, {"-d=t", RC_OK, true}, {"-x", RC_INVALID, false},
		{"-dd", RC_OK, true}, {"-dd=true", RC_INVALID, false}, {"-dx", RC_INVALID, false}, {"-debug", RC_INVALID, false}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		enum rc rc;
		struct settings *s = load(true, rows[i].flag, &rc, NULL);
		assert_int_equal(rc, rows[i].rc);
		if (rc == RC_OK) assert_int_equal(setting_bool(s, "debug"), rows[i].on);
		settings_free(s);
	}
}

static void a_long_text_has_its_own_limit(void **state)
{
	(void)state;
	enum { SIZE = 90000 };
	static char flag[SIZE + 16];
	enum rc rc;
	memset(flag, 'x', SIZE);
	memcpy(flag, "--long=", 7);
	settings_free(load(true, flag, &rc, NULL));
	assert_int_equal(rc, RC_OK);
	memcpy(flag, "--api-url=", 10);
	settings_free(load(true, flag, &rc, NULL));
	assert_int_equal(rc, RC_INVALID);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, take_down)
	const struct CMUnitTest tests[] = {
		CASE(the_home_folders_file_comes_before_the_working_folders),
		CASE(files_of_others_do_no_harm),
		CASE(a_value_that_does_not_fit_is_doubted_where_found_and_wrong_where_named),
		CASE(a_letter_stands_for_its_flag),
		CASE(a_long_text_has_its_own_limit),
	};
	return cmocka_run_group_tests_name("settings_reading", tests, NULL, NULL);
}
