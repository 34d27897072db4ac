/* The tables of settings: every row is whole, every default is a value of its kind, and names are found where people look for them. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/settings_value.h"
#include "serve/commands.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *name;
	const struct setting *rows;
} TABLES[] = {{"serve", SERVE_SETTINGS}, {"store", STORE_SETTINGS}, {"admin", ADMIN_SETTINGS}, {"demo", DEMO_SETTINGS},
	{"none", NO_SETTINGS}};

/* Calls f for every row of every table. */
static void for_each_row(void (*f)(const char *table, const struct setting *row))
{
	for (size_t i = 0; i < COUNT_OF(TABLES); i++)
		for (const struct setting *row = TABLES[i].rows; row->name; row++) f(TABLES[i].name, row);
}

static void check_help(const char *table, const struct setting *row)
{
	size_t n = row->help ? strlen(row->help) : 0;
	if (n < 10 || n > 100) fail_msg("%s --%s: the help is no line", table, row->name);
	if (row->help[n - 1] == '.' || strchr(row->help, '\n') || strchr(row->help, '|'))
		fail_msg("%s --%s: \"%s\"", table, row->name, row->help);
	if (row->kind != SETTING_BOOL && !row->value_name) fail_msg("%s --%s has no name for its value", table, row->name);
	for (const char *c = row->value_name ? row->value_name : ""; *c; c++)
		if (!isupper((unsigned char)*c) && *c != ':') fail_msg("%s --%s: %s", table, row->name, row->value_name);
}

static void every_row_has_help(void **state)
{
	(void)state;
	for_each_row(check_help);
}

static void check_name(const char *table, const struct setting *row)
{
	const char *n = row->name;
	bool fine = islower((unsigned char)n[0]) && strlen(n) < 32 && n[strlen(n) - 1] != '-' && !strstr(n, "--");
	for (const char *c = n; fine && *c; c++) fine = islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '-';
	if (!fine || strcmp(n, "help") == 0) fail_msg("%s --%s is no name of a flag", table, n);
}

static void names_are_names_of_flags(void **state)
{
	(void)state;
	for_each_row(check_name);
}

static void names_are_unique(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(TABLES); i++)
		for (const struct setting *row = TABLES[i].rows; row->name; row++)
			for (const struct setting *other = row + 1; other->name; other++)
				if (strcmp(row->name, other->name) == 0) fail_msg("%s --%s stands twice", TABLES[i].name, row->name);
}

/* By flag, variable or file, one name means one thing in all commands. Only the scratch store has a place of its own. */
static void a_name_means_the_same_everywhere(void **state)
{
	(void)state;
	for (size_t i = 1; i < COUNT_OF(TABLES); i++)
		for (const struct setting *row = TABLES[i].rows; row->name; row++)
			for (const struct setting *serve = SERVE_SETTINGS; serve->name; serve++) {
				if (strcmp(row->name, serve->name) != 0) continue;
				assert_int_equal(row->kind, serve->kind);
				assert_string_equal(row->help, serve->help);
				if (!strcmp(TABLES[i].name, "demo") && !strcmp(row->name, "db")) {
					assert_string_not_equal(row->standard, serve->standard);
					continue;
				}
				assert_string_equal(row->standard ? row->standard : "", serve->standard ? serve->standard : "");
			}
}

static int place_of(const struct setting *table, const char *name)
{
	for (int i = 0; table[i].name; i++)
		if (strcmp(table[i].name, name) == 0) return i;
	fail_msg("there is no --%s", name);
	return -1;
}

/* In the order in which somebody who sets up a server needs them; what belongs together stands together. */
static void rows_stand_where_people_look(void **state)
{
	(void)state;
	static const char *const order[] = {"config", "db", "listen", "public-url", "tls-cert", "rate-limit", "max-connections",
		"http-threads", "retain-events", "log-requests", "admin-email"};
	static const char *const pairs[][2] = {{"tls-cert", "tls-key"}, {"trusted-proxy", "cors-origin"},
		{"idle-timeout", "header-timeout"}, {"header-timeout", "body-timeout"}, {"queue-size", "batch-size"},
		{"batch-size", "batch-time"}, {"log-level", "log-format"}};
	for (size_t i = 1; i < COUNT_OF(order); i++)
		assert_true(place_of(SERVE_SETTINGS, order[i - 1]) < place_of(SERVE_SETTINGS, order[i]));
	for (size_t i = 0; i < COUNT_OF(pairs); i++)
		assert_int_equal(place_of(SERVE_SETTINGS, pairs[i][0]) + 1, place_of(SERVE_SETTINGS, pairs[i][1]));
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(place_of(TABLES[i].rows, "config"), 0);
		assert_int_equal(place_of(TABLES[i].rows, "db"), 1);
	}
}

static void check_range(const char *table, const struct setting *row)
{
	bool ranged = row->kind == SETTING_INT || row->kind == SETTING_DURATION;
	if (ranged && row->most <= row->least) fail_msg("%s --%s has no range", table, row->name);
	if (!ranged && (row->least || row->most)) fail_msg("%s --%s has a range", table, row->name);
	if ((row->kind == SETTING_CHOICE) != (row->choices != NULL)) fail_msg("%s --%s and its choices", table, row->name);
	if ((ranged || row->kind == SETTING_CHOICE || row->kind == SETTING_BOOL) && !row->standard)
		fail_msg("%s --%s needs a default", table, row->name);
	if (row->secret && row->standard) fail_msg("%s --%s is a secret with a default", table, row->name);
	bool refused_with_a_secret = strcmp(row->name, "smtp-url") == 0; /* as a flag: notify_setup.c */
	if (row->secret && !row->env_only && !refused_with_a_secret)
		fail_msg("%s --%s would stand in the process list", table, row->name);
}

static void kinds_have_what_they_need(void **state)
{
	(void)state;
	for_each_row(check_range);
}

static void check_default(const char *table, const struct setting *row)
{
	struct arena *a = arena_new(KIB(4), MIB(1));
	struct setting_value v = {.text = NULL};
	struct err err = {0};
	if (row->standard && setting_value_read(row, row->standard, a, &v, &err) != RC_OK)
		fail_msg("%s --%s: %s", table, row->name, err.text);
	arena_free(a);
}

static void every_default_is_a_value(void **state)
{
	(void)state;
	for_each_row(check_default);
}

static void every_table_loads_without_a_word(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(TABLES); i++) {
		char *argv[] = {(char[]){"test"}, NULL};
		struct settings *s = settings_new(TABLES[i].rows);
		struct err err = {0};
		if (settings_load(s, 1, argv, NULL, &err) != RC_OK) fail_msg("%s: %s", TABLES[i].name, err.text);
		for (const struct setting *row = TABLES[i].rows; row->name; row++)
			assert_int_equal(setting_source(s, row->name), FROM_DEFAULT);
		settings_free(s);
	}
}

/* What the specification promises of a server that nobody configured. */
static void the_promised_defaults(void **state)
{
	(void)state;
	char *argv[] = {(char[]){"test"}, NULL};
	struct settings *s = settings_new(SERVE_SETTINGS);
	struct err err;
	assert_int_equal(settings_load(s, 1, argv, NULL, &err), RC_OK);
	assert_string_equal(setting_text(s, "db"), "./versioner.db");
	assert_int_equal(setting_int(s, "rate-limit"), 6000);
	assert_int_equal(setting_int(s, "retain-events"), 0);
	assert_string_equal(setting_text(s, "admin-email"), "admin@localhost");
	assert_string_equal(setting_text(s, "log-format"), "logfmt");
	assert_false(setting_bool(s, "metrics-public"));
	assert_int_equal(setting_count(s, "cors-origin"), 0);
	assert_int_equal(setting_count(s, "trusted-proxy"), 0);
	assert_null(setting_text(s, "bootstrap-api-key"));
	assert_true(setting_int(s, "shutdown-timeout") < 10000000); /* SIGTERM ends it within ten seconds */
	settings_free(s);
}

static void the_help_names_every_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(TABLES); i++) {
		buf_auto help = BUF_INIT(KIB(64)), table = BUF_INIT(KIB(64));
		settings_help(TABLES[i].rows, &help);
		settings_markdown(TABLES[i].rows, &table);
		buf_char(&help, '\0');
		buf_char(&table, '\0');
		for (const struct setting *row = TABLES[i].rows; row->name; row++) {
			char flag[64];
			snprintf(flag, sizeof flag, "--%s", row->name);
			assert_int_equal(strstr(help.p, flag) != NULL, !row->env_only);
			assert_non_null(strstr(table.p, row->help));
		}
	}
}

static void every_command_has_its_table(void **state)
{
	(void)state;
	for (const struct command *c = COMMANDS; c->name; c++) {
		assert_non_null(c->run);
		assert_non_null(c->settings);
		assert_true(*c->summary && c->summary[strlen(c->summary) - 1] != '.');
		for (const struct command *other = c + 1; other->name; other++) assert_string_not_equal(c->name, other->name);
	}
}

/* A variable of the machine that runs the tests must not look like a setting. */
static int without_variables(void **state)
{
	(void)state;
	extern char **environ;
	for (char **v = environ; *v;) {
		char name[64];
		snprintf(name, sizeof name, "%.*s", (int)strcspn(*v, "="), *v);
		if (strncmp(name, "VERSIONER_", 10) == 0 && unsetenv(name) == 0)
			v = environ;
		else
			v++;
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_has_help),
		cmocka_unit_test(names_are_names_of_flags),
		cmocka_unit_test(names_are_unique),
		cmocka_unit_test(a_name_means_the_same_everywhere),
		cmocka_unit_test(rows_stand_where_people_look),
		cmocka_unit_test(kinds_have_what_they_need),
		cmocka_unit_test(every_default_is_a_value),
		cmocka_unit_test(every_table_loads_without_a_word),
		cmocka_unit_test(the_promised_defaults),
		cmocka_unit_test(the_help_names_every_row),
		cmocka_unit_test(every_command_has_its_table),
	};
	return cmocka_run_group_tests(tests, without_variables, NULL);
}
