/* The settings: which source wins, how each kind is read, what a wrong flag, variable or line is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/settings.h"
#include "base/settings_name.h"

static const struct setting table[] = {
	{.name = "config", .kind = SETTING_TEXT, .value_name = "FILE", .help = "Configuration file"},
	{.name = "public-url",
		.kind = SETTING_TEXT,
		.standard = "http://localhost",
		.value_name = "URL",
		.help = "Where people reach the server"},
	{.name = "metrics", .kind = SETTING_BOOL, .standard = "false", .help = "Serve metrics"},
	{.name = "threads", .kind = SETTING_INT, .standard = "4", .least = 1, .most = 64, .help = "HTTP threads"},
	{.name = "offset", .kind = SETTING_INT, .help = "Any number, also a negative one"},
	{.name = "idle-timeout",
		.kind = SETTING_DURATION,
		.standard = "60s",
		.least = 1000,
		.most = DAYS_US(1),
		.help = "Between two requests"},
	{.name = "cors-origin",
		.kind = SETTING_LIST,
		.standard = "http://one, http://two",
		.help = "Origins that may call from a browser"},
	{.name = "log-format",
		.kind = SETTING_CHOICE,
		.standard = "logfmt",
		.choices = "logfmt|json",
		.help = "How a line of the log looks"},
	{.name = "scratch", .kind = SETTING_TEXT, .standard = "here", .flag_only = true, .help = "What this command may overwrite"},
	{.name = "api-key", .kind = SETTING_TEXT, .standard = "hidden-default", .secret = true, .help = "A key"},
	{.name = "pin", .kind = SETTING_INT, .least = 1000, .most = 9999, .secret = true, .help = "A secret number"},
	{.name = "smtp-password", .kind = SETTING_TEXT, .secret = true, .env_only = true, .help = "Password of the mail server"},
	{.name = NULL},
};

enum { WORDS = 12 };

/* One attempt to load: what was typed, and what came of it. */
struct load {
	const char *flags[WORDS]; /* without argv[0] */
	const char *variables[WORDS]; /* "NAME=value" */
	const char *file; /* content of the configuration file; NULL: none */
	bool words_wanted;
	const struct setting *also; /* the table of another command */

	struct settings *settings;
	struct err err;
	char **words;
	char path[64];
};

/* What the caller's shell or an earlier case has set would take part. "NAME=value" in the environment is copied there. */
static void set_variables(const char *const *variables)
{
	char name[SETTING_NAME_SIZE];
	for (size_t i = 0; table[i].name; i++) {
		setting_variable(table[i].name, name);
		unsetenv(name);
	}
	for (; *variables; variables++) {
		size_t n = strcspn(*variables, "=");
		assert_true(n < sizeof name);
		memcpy(name, *variables, n);
		name[n] = '\0';
		setenv(name, *variables + n + 1, 1);
	}
}

static enum rc load(struct load *l)
{
	char *argv[WORDS + 4] = {(char *)"versioner"};
	int argc = 1;
	char config[96];
	if (l->file) {
		snprintf(l->path, sizeof l->path, P_tmpdir "/settings-test-XXXXXX");
		int fd = mkstemp(l->path);
		assert_true(fd >= 0);
		assert_int_equal(write(fd, l->file, strlen(l->file)), strlen(l->file));
		close(fd);
		snprintf(config, sizeof config, "--config=%s", l->path);
		argv[argc++] = config;
	}
	for (int i = 0; l->flags[i]; i++) argv[argc++] = (char *)l->flags[i];
	set_variables(l->variables);
	l->settings = settings_new(table);
	if (l->also) settings_also_known(l->settings, l->also);
	enum rc rc = settings_load(l->settings, argc, argv, l->words_wanted ? &l->words : NULL, &l->err);
	if (l->file) unlink(l->path);
	return rc;
}

static void done(struct load *l)
{
	settings_free(l->settings);
}

#define LOADED(name, ...) \
	struct load name = {__VA_ARGS__}; \
	if (load(&name) != RC_OK) fail_msg("not loaded: %s", name.err.text)

static void test_each_kind_has_its_default(void **state)
{
	(void)state;
	LOADED(l, .file = NULL);
	assert_null(setting_text(l.settings, "config"));
	assert_string_equal(setting_text(l.settings, "public-url"), "http://localhost");
	assert_false(setting_bool(l.settings, "metrics"));
	assert_int_equal(setting_int(l.settings, "threads"), 4);
	assert_int_equal(setting_int(l.settings, "offset"), 0);
	assert_int_equal(setting_int(l.settings, "idle-timeout"), SECONDS_US(60));
	assert_int_equal(setting_count(l.settings, "cors-origin"), 2);
	assert_string_equal(setting_item(l.settings, "cors-origin", 1), "http://two");
	assert_null(setting_item(l.settings, "cors-origin", 2));
	assert_string_equal(setting_text(l.settings, "log-format"), "logfmt");
	assert_int_equal(setting_source(l.settings, "threads"), FROM_DEFAULT);
	done(&l);
}

/* For each kind: the same setting typed in three places, each with its own value, and with the strongest taken away one by one. */
static const struct {
	const char *name, *flag, *variable, *line;
	const char *text[4]; /* by source: default, file, environment, flag; of lists the first item */
	int64_t number[4];
} precedence[] = {
	{"public-url", "--public-url=http://flag", "VERSIONER_PUBLIC_URL=http://env", "public_url: http://file\n",
		{"http://localhost", "http://file", "http://env", "http://flag"}, {0}},
	{"threads", "--threads=10", "VERSIONER_THREADS=9", "threads: 8\n", {NULL}, {4, 8, 9, 10}},
	{"metrics", "--metrics", "VERSIONER_METRICS=no", "metrics: yes\n", {NULL}, {0, 1, 0, 1}},
	{"idle-timeout", "--idle-timeout=3s", "VERSIONER_IDLE_TIMEOUT=2s", "idle_timeout: 1s\n", {NULL},
		{SECONDS_US(60), SECONDS_US(1), SECONDS_US(2), SECONDS_US(3)}},
	{"log-format", "--log-format=logfmt", "VERSIONER_LOG_FORMAT=json", "log_format: logfmt\n",
		{"logfmt", "logfmt", "json", "logfmt"}, {0}},
	{"cors-origin", "--cors-origin=flag", "VERSIONER_CORS_ORIGIN=env", "cors_origin: [file]\n",
		{"http://one", "file", "env", "flag"}, {0}},
};

static void test_the_stronger_source_wins(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof precedence / sizeof precedence[0]; i++) {
		for (int source = FROM_DEFAULT; source <= FROM_FLAG; source++) {
			const char *name = precedence[i].name;
			LOADED(l, .flags = {source >= FROM_FLAG ? precedence[i].flag : NULL},
				.variables = {source >= FROM_ENVIRONMENT ? precedence[i].variable : NULL},
				.file = source >= FROM_FILE ? precedence[i].line : NULL);
			print_message("# %s from source %d\n", name, source);
			assert_int_equal(setting_source(l.settings, name), source);
			if (strcmp(name, "cors-origin") == 0) {
				assert_int_equal(setting_count(l.settings, name), source == FROM_DEFAULT ? 2 : 1);
				assert_string_equal(setting_item(l.settings, name, 0), precedence[i].text[source]);
			} else if (precedence[i].text[source]) {
				assert_string_equal(setting_text(l.settings, name), precedence[i].text[source]);
			} else {
				assert_int_equal(setting_int(l.settings, name), precedence[i].number[source]);
			}
			done(&l);
		}
	}
}

static void test_the_file_is_named_by_a_variable_too(void **state)
{
	(void)state;
	char path[] = P_tmpdir "/settings-test-XXXXXX", variable[64];
	int fd = mkstemp(path);
	assert_int_equal(write(fd, "threads: 7\n", 11), 11);
	close(fd);
	snprintf(variable, sizeof variable, "VERSIONER_CONFIG=%s", path);
	LOADED(l, .variables = {variable});
	unlink(path);
	assert_int_equal(setting_int(l.settings, "threads"), 7);
	done(&l);
}

static void test_bool_forms(void **state)
{
	(void)state;
	static const struct {
		const char *flag;
		bool value;
	} rows[] = {{"--metrics", true}, {"--metrics=true", true}, {"--metrics=yes", true}, {"--metrics=ON", true},
		{"--metrics=1", true}, {"--metrics=false", false}, {"--metrics=No", false}, {"--metrics=off", false},
		{"--metrics=0", false}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		LOADED(l, .flags = {rows[i].flag});
		assert_int_equal(setting_bool(l.settings, "metrics"), rows[i].value);
		done(&l);
	}
}

static void test_duration_forms(void **state)
{
	(void)state;
	static const struct {
		const char *typed;
		int64_t micros;
	} rows[] = {{"500ms", 500000}, {"30s", SECONDS_US(30)}, {"30", SECONDS_US(30)}, {"5m", SECONDS_US(300)}, {"24h", DAYS_US(1)},
		{"1d", DAYS_US(1)}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		LOADED(l, .flags = {"--idle-timeout", rows[i].typed});
		assert_int_equal(setting_int(l.settings, "idle-timeout"), rows[i].micros);
		done(&l);
	}
}

static void test_flag_with_and_without_equals_sign(void **state)
{
	(void)state;
	LOADED(l, .flags = {"--public-url", "http://a=b", "--offset=-5", "--api-key=k=v", "--metrics", "--threads", "2"});
	assert_string_equal(setting_text(l.settings, "public-url"), "http://a=b");
	assert_int_equal(setting_int(l.settings, "offset"), -5);
	assert_string_equal(setting_text(l.settings, "api-key"), "k=v");
	assert_true(setting_bool(l.settings, "metrics"));
	assert_int_equal(setting_int(l.settings, "threads"), 2);
	done(&l);
}

static void test_a_repeated_flag_adds_to_a_list_and_replaces_others(void **state)
{
	(void)state;
	LOADED(l, .flags = {"--cors-origin=a, b,,", "--threads=2", "--cors-origin", "c", "--threads=3"},
		.variables = {"VERSIONER_CORS_ORIGIN=x,y"});
	assert_int_equal(setting_count(l.settings, "cors-origin"), 3);
	assert_string_equal(setting_item(l.settings, "cors-origin", 0), "a");
	assert_string_equal(setting_item(l.settings, "cors-origin", 1), "b");
	assert_string_equal(setting_item(l.settings, "cors-origin", 2), "c");
	assert_int_equal(setting_int(l.settings, "threads"), 3);
	done(&l);
}

static void test_lists_of_the_file(void **state)
{
	(void)state;
	LOADED(l, .file = "cors_origin:\n  - a,b\n  - \" c\"\n");
	assert_int_equal(setting_count(l.settings, "cors-origin"), 2);
	assert_string_equal(setting_item(l.settings, "cors-origin", 0), "a,b");
	assert_string_equal(setting_item(l.settings, "cors-origin", 1), " c");
	done(&l);

	LOADED(comma, .file = "cors_origin: a, b\n");
	assert_int_equal(setting_count(comma.settings, "cors-origin"), 2);
	done(&comma);

	LOADED(empty, .file = "cors_origin: []\n");
	assert_int_equal(setting_count(empty.settings, "cors-origin"), 0);
	done(&empty);
}

static void test_an_empty_value_takes_the_default_away_but_an_empty_variable_is_none(void **state)
{
	(void)state;
	LOADED(l, .flags = {"--public-url=", "--cors-origin="}, .variables = {"VERSIONER_THREADS="},
		.file = "log_format:\nidle_timeout: ~\n");
	assert_null(setting_text(l.settings, "public-url"));
	assert_int_equal(setting_count(l.settings, "cors-origin"), 0);
	assert_int_equal(setting_int(l.settings, "threads"), 4);
	assert_string_equal(setting_text(l.settings, "log-format"), "logfmt");
	assert_int_equal(setting_int(l.settings, "idle-timeout"), SECONDS_US(60));
	done(&l);
}

static void test_secret_from_variable_or_file_but_not_from_a_flag(void **state)
{
	(void)state;
	LOADED(env, .variables = {"VERSIONER_SMTP_PASSWORD=pw1"});
	assert_string_equal(setting_text(env.settings, "smtp-password"), "pw1");
	done(&env);
	LOADED(file, .file = "smtp_password: \"pw2\"\n");
	assert_string_equal(setting_text(file.settings, "smtp-password"), "pw2");
	done(&file);
}

static void test_words_that_are_no_flags(void **state)
{
	(void)state;
	LOADED(l, .flags = {"one", "--threads=2", "-", "--", "--threads=3", "-x", "--"}, .words_wanted = true);
	static const char *const wanted[] = {"one", "-", "--threads=3", "-x", "--", NULL};
	for (size_t i = 0; wanted[i]; i++) assert_string_equal(l.words[i], wanted[i]);
	assert_null(l.words[5]);
	assert_int_equal(setting_int(l.settings, "threads"), 2);
	done(&l);
}

static void test_help_is_asked_for(void **state)
{
	(void)state;
	static const char *const flags[] = {"--help", "-h"};
	for (size_t i = 0; i < 2; i++) {
		struct load l = {.flags = {"--threads=2", flags[i], "--no-such-flag"}};
		assert_int_equal(load(&l), RC_NOT_FOUND);
		assert_string_equal(l.err.text, "");
		done(&l);
	}
}

/* What is wrong, the sentence that says so, and what must not stand in it. */
static const struct {
	struct load load;
	const char *sentence; /* "FILE" stands for the file's name */
	const char *never;
} wrong[] = {
	{{.flags = {"--threads=0"}}, "--threads: \"0\" is wrong: give a whole number from 1 to 64", NULL},
	{{.flags = {"--threads", "65"}}, "--threads: \"65\" is wrong: give a whole number from 1 to 64", NULL},
	{{.flags = {"--threads=4x"}}, "--threads: \"4x\" is wrong: give a whole number from 1 to 64", NULL},
	{{.flags = {"--threads= 4"}}, "--threads: \" 4\" is wrong: give a whole number from 1 to 64", NULL},
	{{.flags = {"--offset=9223372036854775808"}}, "--offset: \"9223372036854775808\" is wrong: give a whole number", NULL},
	{{.flags = {"--offset="}}, "--offset: \"\" is wrong: give a whole number", NULL},
	{{.flags = {"--threads"}}, "--threads needs a value", NULL},
	{{.flags = {"--metrics=maybe"}}, "--metrics: \"maybe\" is wrong: give true or false", NULL},
	{{.flags = {"--log-format=xml"}}, "--log-format: \"xml\" is wrong: give one of logfmt, json", NULL},
	{{.flags = {"--log-format=log"}}, "--log-format: \"log\" is wrong: give one of logfmt, json", NULL},
	{{.variables = {"VERSIONER_IDLE_TIMEOUT=soon"}},
		"VERSIONER_IDLE_TIMEOUT: \"soon\" is wrong: give a number with ms, s, m, h or d, from 1ms to 1d", NULL},
	{{.variables = {"VERSIONER_IDLE_TIMEOUT=25h"}},
		"VERSIONER_IDLE_TIMEOUT: \"25h\" is wrong: give a number with ms, s, m, h or d, from 1ms to 1d", NULL},
	{{.variables = {"VERSIONER_IDLE_TIMEOUT=-1s"}},
		"VERSIONER_IDLE_TIMEOUT: \"-1s\" is wrong: give a number with ms, s, m, h or d, from 1ms to 1d", NULL},
	{{.variables = {"VERSIONER_IDLE_TIMEOUT=9223372036854775807d"}},
		"VERSIONER_IDLE_TIMEOUT: \"9223372036854775807d\" is wrong: give a number with ms, s, m, h or d, from 1ms to 1d", NULL},
	{{.flags = {"--threads=2"}, .variables = {"VERSIONER_THREADS=x"}},
		"VERSIONER_THREADS: \"x\" is wrong: give a whole number from 1 to 64", NULL},
	{{.file = "# head\nmetrics: true\nthreads: many\n"}, "FILE:3: threads: \"many\" is wrong: give a whole number from 1 to 64",
		NULL},

	{{.flags = {"--thread=2"}}, "there is no flag --thread; did you mean --threads?", NULL},
	{{.flags = {"--public_url=x"}}, "there is no flag --public_url; did you mean --public-url?", NULL},
	{{.flags = {"--zzzzzzzz=hunter2"}}, "there is no flag --zzzzzzzz; --help shows all", "hunter2"},
	{{.flags = {"--timeout=2"}}, "there is no flag --timeout; did you mean --idle-timeout?", NULL},
	{{.flags = {"-t"}}, "there is no flag -t; flags begin with two dashes, --help shows all", NULL},
	{{.flags = {"word"}}, "\"word\" is not expected here; flags begin with --", NULL},
	{{.flags = {"--", "word"}}, "\"word\" is not expected here; flags begin with --", NULL},
	{{.file = "metrics: true\npublic-url: x\n"}, "FILE:2: there is no setting public-url; did you mean public_url?", NULL},
	{{.file = "qqqqqqqqqq: x\n"}, "FILE:1: there is no setting qqqqqqqqqq", NULL},

	{{.flags = {"--smtp-password=hunter2"}},
		"--smtp-password is no flag, because other users see the flags of a program: set VERSIONER_SMTP_PASSWORD", "hunter2"},
	{{.flags = {"--pin=hunter2"}},
		"--pin: the value is wrong (it is a secret and not shown): give a whole number from 1000 to 9999", "hunter2"},
	{{.file = "pin: hunter2\n"},
		"FILE:1: pin: the value is wrong (it is a secret and not shown): give a whole number from 1000 to 9999", "hunter2"},

	{{.file = "threads: 1\n\nthreads: 2\n"}, "FILE:3: threads stands twice, first in line 1", NULL},
	{{.file = "threads: [1, 2]\n"}, "FILE:1: threads: one value is wanted, not a list", NULL},
	{{.file = "metrics: true\npublic_url:\n  host: x\n"}, "FILE:3: a plain value is wanted here, not a mapping or a list", NULL},
	{{.file = "cors_origin:\n  - [a]\n"}, "FILE:2: a plain value is wanted here, not a mapping or a list", NULL},
	{{.file = "public_url: &a x\nsmtp_password: *a\n"}, "FILE:2: aliases (*name) are not supported here", NULL},
	{{.file = "threads: 1\n---\nthreads: 2\n"}, "FILE:2: a second document begins here: one is enough", NULL},
	{{.file = "just words\n"}, "FILE:1: settings are written as \"name: value\"", NULL},
	{{.file = "- threads\n"}, "FILE:1: settings are written as \"name: value\"", NULL},
	{{.file = "public_url: \"a\\0b\"\n"}, "FILE:1: a value holds a NUL character", NULL},
	{{.file = "config: other.yaml\n"}, "FILE:1: a configuration file cannot name another", NULL},
	{{.flags = {"--config=no-such-file.yaml"}}, "no-such-file.yaml: No such file or directory", NULL},
};

/* The sentence with the real file's name. */
static const char *named(const struct load *l, const char *sentence, char out[static ERR_TEXT_MAX])
{
	bool file = strncmp(sentence, "FILE", 4) == 0;
	snprintf(out, ERR_TEXT_MAX, "%s%s", file ? l->path : "", file ? sentence + 4 : sentence);
	return out;
}

static void test_what_is_wrong_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct load l = wrong[i].load;
		char sentence[ERR_TEXT_MAX];
		print_message("# %s\n", wrong[i].sentence);
		assert_int_equal(load(&l), RC_INVALID);
		assert_string_equal(l.err.text, named(&l, wrong[i].sentence, sentence));
		if (wrong[i].never) assert_null(strstr(l.err.text, wrong[i].never));
		done(&l);
	}
}

static void test_broken_yaml_names_the_line(void **state)
{
	(void)state;
	struct load l = {.file = "metrics: true\npublic_url: \"open\n"};
	assert_int_equal(load(&l), RC_INVALID);
	char start[96];
	snprintf(start, sizeof start, "%s:3: no valid YAML: ", l.path);
	assert_int_equal(strncmp(l.err.text, start, strlen(start)), 0);
	done(&l);
}

static void test_keys_of_another_command_are_passed_over_in_the_file(void **state)
{
	(void)state;
	static const struct setting other[] = {
		{.name = "keep-days", .kind = SETTING_INT, .help = "Of another command"}, {.name = NULL}};
	LOADED(l, .file = "keep_days: 3\nthreads: 5\n", .also = other);
	assert_int_equal(setting_int(l.settings, "threads"), 5);
	done(&l);
	struct load unknown = {.file = "threads: 5\nkeep_day: 3\n", .also = other},
				flag = {.flags = {"--keep-days=3"}, .also = other};
	assert_int_equal(load(&unknown), RC_INVALID);
	assert_int_equal(load(&flag), RC_INVALID);
	done(&unknown);
	done(&flag);
}

/* What other commands are told by a variable or a file is not meant for it. */
static void test_some_settings_are_flags_only(void **state)
{
	(void)state;
	LOADED(l, .file = "scratch: precious\nthreads: 5\n", .variables = {"VERSIONER_SCRATCH=precious too"});
	assert_string_equal(setting_text(l.settings, "scratch"), "here");
	assert_int_equal(setting_source(l.settings, "scratch"), FROM_DEFAULT);
	assert_int_equal(setting_int(l.settings, "threads"), 5);
	done(&l);
	LOADED(flag, .file = "scratch: precious\n", .flags = {"--scratch=mine"});
	assert_string_equal(setting_text(flag.settings, "scratch"), "mine");
	done(&flag);
}

static void test_an_empty_file_is_fine(void **state)
{
	(void)state;
	static const char *const files[] = {"", "# nothing\n", "---\n", "{}\n"};
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		LOADED(l, .file = files[i]);
		assert_int_equal(setting_source(l.settings, "threads"), FROM_DEFAULT);
		done(&l);
	}
}

static void test_a_huge_value_or_file_is_refused(void **state)
{
	(void)state;
	size_t size = LIMIT_SETTINGS_FILE + 16;
	char *bytes = malloc(size + 1);
	memset(bytes, '#', size);
	bytes[size] = '\0';
	struct load file = {.file = bytes};
	assert_int_equal(load(&file), RC_INVALID);
	assert_non_null(strstr(file.err.text, "has more than 262144 bytes"));
	done(&file);

	bytes[LIMIT_SETTING + 1] = '\0';
	struct load flag = {.flags = {"--public-url", bytes}};
	assert_int_equal(load(&flag), RC_INVALID);
	assert_string_equal(flag.err.text, "--public-url: the value has more than 65536 bytes");
	done(&flag);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_kind_has_its_default),
		cmocka_unit_test(test_the_stronger_source_wins),
		cmocka_unit_test(test_the_file_is_named_by_a_variable_too),
		cmocka_unit_test(test_bool_forms),
		cmocka_unit_test(test_duration_forms),
		cmocka_unit_test(test_flag_with_and_without_equals_sign),
		cmocka_unit_test(test_a_repeated_flag_adds_to_a_list_and_replaces_others),
		cmocka_unit_test(test_lists_of_the_file),
		cmocka_unit_test(test_an_empty_value_takes_the_default_away_but_an_empty_variable_is_none),
		cmocka_unit_test(test_secret_from_variable_or_file_but_not_from_a_flag),
		cmocka_unit_test(test_words_that_are_no_flags),
		cmocka_unit_test(test_help_is_asked_for),
		cmocka_unit_test(test_what_is_wrong_is_named),
		cmocka_unit_test(test_broken_yaml_names_the_line),
		cmocka_unit_test(test_keys_of_another_command_are_passed_over_in_the_file),
		cmocka_unit_test(test_some_settings_are_flags_only),
		cmocka_unit_test(test_an_empty_file_is_fine),
		cmocka_unit_test(test_a_huge_value_or_file_is_refused),
	};
	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
