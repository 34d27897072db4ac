/* What is printed of an event: titles, advice, colours, and nothing that steers a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "cli/report.h"

static struct arena *arena;

struct printed {
	char *out, *err;
	size_t out_n, err_n;
};

static struct printed print(const struct report *r, bool colour)
{
	struct printed p = {NULL, NULL, 0, 0};
	struct report_to to = {.out = open_memstream(&p.out, &p.out_n), .err = open_memstream(&p.err, &p.err_n), .colour = colour};
	to.environment = &CI_OF_PROCESS;
	report_event(r, NULL, &to);
	fclose(to.out);
	fclose(to.err);
	return p;
}

static void forget(struct printed *p)
{
	free(p->out);
	free(p->err);
}

static const struct json *parse(const char *text)
{
	const struct json *v;
	struct err err;
	if (json_read(arena, text_from(text), &v, &err) != RC_OK) fail_msg("%s", err.text);
	return v;
}

static const struct {
	enum report_outcome outcome;
	enum kind kind;
	const char *code, *rule, *title;
} titles[] = {
	{REPORT_RECORDED, KIND_BUILD, NULL, NULL, "Build event tracked successfully"},
	{REPORT_RECORDED, KIND_DEPLOYMENT, NULL, NULL, "Deployment event tracked successfully"},
	{REPORT_BLOCKED, KIND_DEPLOYMENT, "NO_DEPLOY_WINDOW", "Friday\nfreeze", "Deployment blocked: Friday freeze"},
	{REPORT_BLOCKED, KIND_DEPLOYMENT, "CONCURRENT_DEPLOYMENT", NULL, "Deployment blocked: another deployment is running"},
	{REPORT_BLOCKED, KIND_BUILD, "VERSION_SHA_CONFLICT", NULL, "Build blocked: the version is another commit already"},
	{REPORT_BLOCKED, KIND_DEPLOYMENT, "SOMETHING_NEW", NULL, "Deployment blocked"},
	{REPORT_BLOCKED, KIND_DEPLOYMENT, NULL, NULL, "Deployment blocked"},
	{REPORT_REFUSED, KIND_BUILD, NULL, NULL, "Build event not recorded"},
	{REPORT_UNREACHED, KIND_BUILD, NULL, NULL, "Build event not sent"},
	{REPORT_SPOOLED, KIND_BUILD, NULL, NULL, "Build event kept for later"},
};

static void each_outcome_has_its_title(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
		struct event_out event = {.kind = titles[i].kind};
		struct api_answer answer = {.code = text_from(titles[i].code), .rule_name = text_from(titles[i].rule)};
		struct report r = {.outcome = titles[i].outcome, .event = &event, .answer = &answer};
		buf_auto title = BUF_INIT(KIB(4));
		report_title(&r, &title);
		if (!text_is(buf_view(&title), titles[i].title)) fail_msg("%zu: %.*s", i, (int)title.n, title.p);
	}
}

static void a_block_names_rule_message_and_time(void **state)
{
	(void)state;
	struct event_out event = {.kind = KIND_DEPLOYMENT};
	struct api_answer answer = {.end = API_BLOCKED,
		.status = 423,
		.message = TEXT("Closed"),
		.code = TEXT("NO_DEPLOY_WINDOW"),
		.rule_name = TEXT("Friday freeze"),
		.retry_after = TEXT("2026-05-25T06:00:00Z"),
		.details = parse("{\"reason\":\"x\\u009b2Jy\"}")};
	struct report r = {.outcome = REPORT_BLOCKED, .exit_code = 5, .event = &event, .answer = &answer};
	struct printed p = print(&r, false);
	assert_string_equal(p.err, "✗ Deployment blocked: Friday freeze\n\nError: NO_DEPLOY_WINDOW\nRule: Friday freeze\nClosed\n"
							   "Retry after: 2026-05-25T06:00:00Z\n\nTry again after the time that is named.\n"
							   "Details: {\"reason\":\"x\\u009b2Jy\"}\n");
	assert_string_equal(p.out, "");
	forget(&p);
}

static void colours_are_used_only_when_wanted(void **state)
{
	(void)state;
	struct event_out event = {.kind = KIND_BUILD};
	struct api_answer fine = {.end = API_OK, .json = parse("{\"id\":\"1\\u001b[31m\",\"product_id\":\"2\"}")};
	struct report r = {.outcome = REPORT_RECORDED, .event = &event, .answer = &fine};
	struct printed p = print(&r, true);
	assert_non_null(strstr(p.out, "\033[32m✓\033[0m Build"));
	assert_non_null(strstr(p.out, "Event ID: 1 [31m\n"));
	assert_null(strstr(p.out, "Product ID"));
	forget(&p);
	r.verbose = true;
	p = print(&r, false);
	assert_null(strchr(p.out, '\033'));
	assert_non_null(strstr(p.out, "  Product ID: 2\n"));
	forget(&p);
}

static const char *get(void *context, const char *name)
{
	return strcmp(name, context) == 0 ? "1" : NULL;
}

static void a_file_is_no_terminal(void **state)
{
	(void)state;
	FILE *f = tmpfile();
	struct ci_environment environment = {get, (char *)"NO_COLOR"};
	assert_false(report_colour(f, &CI_OF_PROCESS));
	assert_false(report_colour(f, &environment));
	fclose(f);
}

static void a_failure_that_does_not_count_is_a_warning(void **state)
{
	(void)state;
	struct event_out event = {.kind = KIND_DEPLOYMENT, .needs_rules = true};
	struct api_answer answer = {.end = API_UNKNOWN, .message = TEXT("no answer")};
	struct report r = {.outcome = REPORT_UNREACHED, .exit_code = 1, .event = &event, .answer = &answer};
	struct printed p = print(&r, false);
	assert_memory_equal(p.err, "Error: no answer\n", 17);
	assert_non_null(strstr(p.err, "may have been stored"));
	assert_non_null(strstr(p.err, "must not begin"));
	forget(&p);
	r.exit_code = 0;
	p = print(&r, false);
	assert_memory_equal(p.err, "Warning: the event was not recorded: no answer\n", 47);
	assert_null(strstr(p.err, "must not begin"));
	forget(&p);
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(KIB(16), MIB(8));
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
		cmocka_unit_test(each_outcome_has_its_title),
		cmocka_unit_test(a_block_names_rule_message_and_time),
		cmocka_unit_test(colours_are_used_only_when_wanted),
		cmocka_unit_test(a_file_is_no_terminal),
		cmocka_unit_test(a_failure_that_does_not_count_is_a_warning),
	};
	return cmocka_run_group_tests_name("report", tests, set_up, take_down);
}
