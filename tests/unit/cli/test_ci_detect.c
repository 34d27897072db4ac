/* CI systems against the data table, in both directions; and what an environment gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../tsv.h"
#include "base/limits.h"
#include "cli/ci_detect.h"

enum { VARIABLES = 24 };

/* "NAME=value" each. */
static const char *get(void *context, const char *name)
{
	const char *const *variables = context;
	for (size_t n = strlen(name); *variables; variables++)
		if (strncmp(*variables, name, n) == 0 && (*variables)[n] == '=') return *variables + n + 1;
	return NULL;
}

static struct arena *arena;

static struct ci detect(const char *const *variables)
{
	struct ci_environment environment = {get, (void *)variables};
	return ci_detect(arena, &environment);
}

static bool same_row(const struct tsv *t, size_t i, const struct ci_row *row)
{
	return strcmp(tsv_get(t, i, "system"), row->system) == 0 && strcmp(tsv_get(t, i, "condition"), row->condition) == 0 &&
		   strcmp(tsv_get(t, i, "field"), row->field) == 0 && strcmp(tsv_get(t, i, "source"), row->source) == 0;
}

static void the_table_is_the_data_row_by_row(void **state)
{
	(void)state;
	struct tsv *t = tsv_read("ci-detection.tsv");
	size_t rows = 0;
	for (; CI_ROWS[rows].system; rows++) {
		if (rows >= t->rows) fail_msg("not in the data: %s %s", CI_ROWS[rows].system, CI_ROWS[rows].field);
		if (!same_row(t, rows, &CI_ROWS[rows]))
			fail_msg("row %zu differs: %s %s", rows, CI_ROWS[rows].system, CI_ROWS[rows].field);
	}
	assert_int_equal(rows, t->rows);
	tsv_free(t);
}

/* Each variable that the row's source names gets a value of its own; then the field must hold exactly what the source says. */
struct made {
	char variables[VARIABLES][160];
	const char *list[VARIABLES + 1];
	size_t count;
};

static void make(struct made *m, const char *name, size_t n, const char *value)
{
	for (size_t i = 0; i < m->count; i++)
		if (strncmp(m->list[i], name, n) == 0 && m->list[i][n] == '=') return;
	assert_true(m->count < VARIABLES);
	snprintf(m->variables[m->count], sizeof m->variables[0], "%.*s=%s", (int)n, name, value);
	m->list[m->count] = m->variables[m->count];
	m->list[++m->count] = NULL;
}

/* The condition of the system, and each variable that its rows name, as "value of NAME"; addresses where one is wanted. */
static void make_all(struct made *m, const char *system)
{
	for (const struct ci_row *row = CI_ROWS; row->system; row++) {
		if (strcmp(row->system, system) != 0) continue;
		size_t n = strcspn(row->condition, "= ");
		if (row->condition[n] == '=') make(m, row->condition, n, row->condition + n + 1);
		for (const char *at = row->source; *at;) {
			size_t word = strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
			char value[96];
			snprintf(value, sizeof value, "%s%.*s", strncmp(row->source, "git-url", 7) == 0 ? "git@host:" : "v-", (int)word, at);
			if (word > 2) make(m, at, word, value);
			at += word ? word : 1;
		}
		if (row->condition[n] == ' ') make(m, row->condition, n, "set");
	}
}

static void each_system_is_found_and_fills_each_of_its_fields(void **state)
{
	(void)state;
	const char *system = "";
	int systems = 0;
	for (const struct ci_row *row = CI_ROWS; row->system; row++) {
		struct made m = {.count = 0};
		make_all(&m, row->system);
		struct ci ci = detect(m.list);
		assert_string_equal(ci.system, row->system);
		struct text value = ci_field(&ci, row->field);
		if (!value.n) fail_msg("%s: %s is not found", row->system, row->field);
		char plain[128];
		snprintf(plain, sizeof plain, "v-%s", row->source);
		bool one_name = strspn(row->source, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == strlen(row->source);
		if (one_name && strncmp(row->condition, row->source, strlen(row->source)) != 0 && !text_is(value, plain))
			fail_msg("%s: %s is %.*s", row->system, row->field, TEXT_ARGS(value));
		systems += strcmp(system, row->system) != 0;
		system = row->system;
	}
	assert_int_equal(systems, 8);
}

static const struct {
	const char *variables[VARIABLES];
	const char *field, *value; /* NULL: absent */
} cases[] = {
	{{"GITHUB_ACTIONS=true", "GITHUB_REPOSITORY=acme/shop", NULL}, "product", "shop"},
	{{"GITHUB_ACTIONS=true", "GITHUB_REPOSITORY=acme/shop.git", NULL}, "product", "shop"},
	{{"GITHUB_ACTIONS=true", "GITHUB_SHA=0123456789abcdef", NULL}, "version", "01234567"},
	{{"GITHUB_ACTIONS=true", "GITHUB_SHA=abc", NULL}, "version", "abc"},
	{{"GITHUB_ACTIONS=true", "GITHUB_SHA=ééééééééé", NULL}, "version", "éééééééé"},
	{{"GITHUB_ACTIONS=true", "GITHUB_SERVER_URL=https://github.com", "GITHUB_REPOSITORY=a/b", "GITHUB_RUN_ID=7", NULL}, "run_url",
		"https://github.com/a/b/actions/runs/7"},
	{{"GITHUB_ACTIONS=true", "GITHUB_SERVER_URL=https://github.com", "GITHUB_REPOSITORY=a/b", NULL}, "run_url", NULL},
	{{"GITHUB_ACTIONS=true", "GITHUB_HEAD_REF=", NULL}, "extra.vi_gh_head_ref", NULL},
	{{"GITHUB_ACTIONS=true", "GITHUB_SHA=\xff\xfe", NULL}, "scm_sha", NULL},
	{{"GITLAB_CI=true", "CI_PROJECT_PATH=group/sub/shop", NULL}, "product", "shop"},
	{{"JENKINS_URL=x", "GIT_URL=git@github.com:acme/shop.git", NULL}, "scm_repository", "github.com/acme/shop"},
	{{"JENKINS_URL=x", "GIT_URL=https://github.com/acme/shop.git", NULL}, "scm_repository", "github.com/acme/shop"},
	{{"JENKINS_URL=x", "GIT_URL=ssh://git@github.com/acme/shop", NULL}, "scm_repository", "github.com/acme/shop"},
	{{"JENKINS_URL=x", "GIT_URL=https://token:secret@github.com/acme/shop.git", NULL}, "scm_repository", "github.com/acme/shop"},
	{{"JENKINS_URL=x", "GIT_URL=https://github.com/acme/shop.git", NULL}, "product", "shop"},
	{{"JENKINS_URL=x", "GIT_URL=shop", NULL}, "product", "shop"},
	{{"CIRCLECI=true", "CIRCLE_BRANCH=main", "CIRCLE_TAG=v1", NULL}, "scm_branch", "main"},
	{{"CIRCLECI=true", "CIRCLE_BRANCH=", "CIRCLE_TAG=v1", NULL}, "scm_branch", "v1"},
	{{"CIRCLECI=true", "CIRCLE_PROJECT_USERNAME=acme", NULL}, "scm_repository", NULL},
	{{"BITBUCKET_BUILD_NUMBER=3", "BITBUCKET_REPO_FULL_NAME=a/b", NULL}, "run_url",
		"https://bitbucket.org/a/b/pipelines/results/3"},
	{{"TF_BUILD=True", "SYSTEM_COLLECTIONURI=https://dev.azure.com/acme/", "SYSTEM_TEAMPROJECT=p", "BUILD_BUILDID=9",
		 "BUILD_BUILDURI=vstfs:///9", NULL},
		"run_url", "https://dev.azure.com/acme/p/_build/results?buildId=9"},
	{{"TF_BUILD=True", "SYSTEM_TEAMPROJECT=p", "BUILD_BUILDID=9", "BUILD_BUILDURI=vstfs:///9", NULL}, "run_url", "vstfs:///9"},
	{{"TF_BUILD=True", "BUILD_BUILDNUMBER=20260524.1", NULL}, "version", "20260524.1"},
	{{"RD_JOB_ID=x", "RD_JOB_USERNAME=", "RD_JOB_USER_NAME=ann", NULL}, "actor", "ann"},
};

static void sources_are_read_as_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ci ci = detect(cases[i].variables);
		struct text value = ci_field(&ci, cases[i].field);
		bool same = cases[i].value ? text_is(value, cases[i].value) : !value.p;
		if (!same) fail_msg("case %zu: %s is \"%.*s\"", i, cases[i].field, TEXT_ARGS(value));
	}
}

static void the_first_system_wins_and_none_is_none(void **state)
{
	(void)state;
	assert_string_equal(detect((const char *[]){"GITLAB_CI=true", "GITHUB_ACTIONS=true", NULL}).system, "github");
	assert_string_equal(detect((const char *[]){"RD_JOB_ID=1", "TRAVIS=true", NULL}).system, "travis");
	assert_null(detect((const char *[]){"GITHUB_ACTIONS=false", "TF_BUILD=true", "JENKINS_URL=", "CI=true", NULL}).system);
	assert_null(detect((const char *[]){NULL}).system);
	struct ci none = detect((const char *[]){NULL});
	assert_null(ci_field(&none, "product").p);
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(KIB(16), MIB(64));
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
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_the_data_row_by_row),
		cmocka_unit_test(each_system_is_found_and_fills_each_of_its_fields),
		cmocka_unit_test(sources_are_read_as_the_table_says),
		cmocka_unit_test(the_first_system_wins_and_none_is_none),
	};
	return cmocka_run_group_tests_name("ci_detect", tests, set_up, take_down);
}
