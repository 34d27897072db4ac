/* What GitHub and GitLab are shown of an event: annotations, the summary, sections; and that no word of an event or a server leaves its place. */
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

#include "base/limits.h"
#include "cli/report.h"

static struct arena *arena;
static char summary_path[64];

static const char *get(void *context, const char *name)
{
	return strcmp(name, "GITHUB_STEP_SUMMARY") == 0 ? context : NULL;
}

struct printed {
	char *out, *err, *summary;
	size_t out_n, err_n;
};

static char *read_summary(void)
{
	char *content = arena_alloc(arena, KIB(256));
	FILE *f = fopen(summary_path, "r");
	size_t n = f ? fread(content, 1, KIB(256) - 1, f) : 0;
	if (f) fclose(f);
	content[n] = '\0';
	return content;
}

static struct printed print(const struct report *r, const char *system, const char *summary)
{
	struct printed p = {NULL, NULL, NULL, 0, 0};
	struct ci_environment environment = {get, (void *)summary};
	struct report_to to = {
		.out = open_memstream(&p.out, &p.out_n), .err = open_memstream(&p.err, &p.err_n), .environment = &environment};
	if (truncate(summary_path, 0) != 0) fail();
	report_event(r, system, &to);
	fclose(to.out);
	fclose(to.err);
	p.summary = read_summary();
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

static struct event_out deployment(void)
{
	return (struct event_out){
		.kind = KIND_DEPLOYMENT,
		.product = TEXT("shop"),
		.version = TEXT("1.2.3"),
		.environment = TEXT("production"),
		.status = TEXT("success"),
		.run_url = TEXT("https://ci.test/run?a=1&b=2"),
		.body = TEXT("{}"),
	};
}

static void expect(const char *where, const char *wanted)
{
	if (!strstr(where, wanted)) fail_msg("\"%s\" is not in:\n%s", wanted, where);
}

static void a_recorded_event_is_a_notice_and_a_table(void **state)
{
	(void)state;
	struct event_out event = deployment();
	struct api_answer answer = {.end = API_OK, .status = 200, .json = parse("{\"id\":\"0190-1\",\"warnings\":[\"late, very\"]}")};
	struct report r = {.outcome = REPORT_RECORDED, .event = &event, .answer = &answer, .ui_url = "https://v.test/"};
	struct printed p = print(&r, "github", summary_path);
	assert_string_equal(p.out, "✓ Deployment event tracked successfully\n  Event ID: 0190-1\n");
	expect(p.err, "::notice title=Deployment event tracked successfully::shop 1.2.3 to production: success\n");
	expect(p.err, "::warning title=Deployment event tracked successfully::late, very\n");
	expect(p.summary, "\n### ✅ Deployment event tracked successfully\n\n| | |\n|---|---|\n| Product | shop |\n");
	expect(p.summary, "| Version | 1&#46;2&#46;3 |\n");
	expect(p.summary, "| Event ID | 0190&#45;1 |\n");
	expect(p.summary, "| Warning | late&#44; very |\n");
	expect(p.summary, "<a href=\"https&#58;&#47;&#47;v&#46;test&#47;manage&#47;deployments&#63;view&#61;0190&#45;1\">");
	expect(p.summary, "<a href=\"https&#58;&#47;&#47;ci&#46;test&#47;run&#63;a&#61;1&#38;b&#61;2\">");
	forget(&p);
}

static void a_block_is_an_error_with_rule_and_time(void **state)
{
	(void)state;
	struct event_out event = deployment();
	struct api_answer answer = {.end = API_BLOCKED,
		.status = 423,
		.message = TEXT("Closed, 100%"),
		.code = TEXT("NO_DEPLOY_WINDOW"),
		.rule_name = TEXT("Friday: freeze, all"),
		.retry_after = TEXT("2026-05-25T06:00:00Z")};
	struct report r = {.outcome = REPORT_BLOCKED, .exit_code = 5, .event = &event, .answer = &answer};
	struct printed p = print(&r, "github", summary_path);
	expect(p.err, "\n::error title=Deployment blocked%3A Friday%3A freeze%2C all::Closed, 100%25%0ARule: Friday: freeze, all%0A"
				  "Retry after: 2026-05-25T06:00:00Z%0ATry again after the time that is named.\n");
	expect(p.summary, "### ⛔ Deployment blocked&#58; Friday&#58; freeze&#44; all\n");
	expect(p.summary, "| Rule | Friday&#58; freeze&#44; all |\n| Retry after | 2026&#45;05&#45;25T06&#58;00&#58;00Z |\n");
	forget(&p);
}

static const struct {
	enum report_outcome outcome;
	int exit_code;
	const char *level;
} levels[] = {
	{REPORT_REFUSED, 4, "\n::error title=Deployment event not recorded::no\n"},
	{REPORT_REFUSED, 0, "\n::warning title=Deployment event not recorded::no\n"},
	{REPORT_UNREACHED, 1, "\n::error title=Deployment event not sent::no\n"},
	{REPORT_UNREACHED, 0, "\n::warning title=Deployment event not sent::no\n"},
	{REPORT_SPOOLED, 0, "\n::warning title=Deployment event kept for later::no%0A"},
};

static void what_does_not_fail_the_job_is_a_warning(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
		struct event_out event = deployment();
		struct api_answer answer = {.end = API_REFUSED, .message = TEXT("no")};
		struct report r = {.outcome = levels[i].outcome, .exit_code = levels[i].exit_code, .event = &event, .answer = &answer};
		struct printed p = print(&r, "github", summary_path);
		expect(p.err, levels[i].level);
		expect(p.summary, levels[i].exit_code ? "### ❌ " : "### ⚠️ ");
		expect(p.summary, "| Reason | no |\n");
		forget(&p);
	}
}

static const char *const hostile[] = {
	"x\n::add-mask::y",
	"x\n  ::set-env name=PATH::y",
	"::error::y",
	"##[add-path]/y",
	"x\r\n::error::y",
	"x%0A::error::y",
	"</td><script>y</script>",
	"<!-- y",
	"| y | y |\n|---|",
	"[y](javascript:y) ![y](http://y)",
	"`y` *y* _y_ # y\n# y\n```",
	"\033[0Ksection_end:1:versioner_1_2\r\033[0K",
	"\xe2\x80\xae y",
};

/* Lines that a runner would obey are those that were meant. */
static void only_our_own_commands(const char *printed)
{
	char *copy = strdup(printed), *save;
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (strstr(line, "##")) fail_msg("%s", line);
		line += strspn(line, " \t\r\f\v");
		if (strncmp(line, "::", 2) != 0) continue;
		if (strncmp(line, "::error title=", 14) != 0 && strncmp(line, "::notice title=", 15) != 0) fail_msg("%s", line);
	}
	free(copy);
}

static void no_text_leaves_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * sizeof hostile / sizeof *hostile; i++) {
		struct text t = text_from(hostile[i / 2]);
		struct event_out event = deployment();
		event.product = event.version = event.environment = event.status = event.scm_sha = event.run_url = t;
		struct api_answer blocked = {
			.end = API_BLOCKED, .message = t, .code = t, .rule_name = t, .retry_after = t, .status = 423};
		struct api_answer fine = {.end = API_OK, .json = parse("{\"id\":\"1\"}")};
		struct report r = {.outcome = i % 2 ? REPORT_BLOCKED : REPORT_RECORDED,
			.exit_code = i % 2 ? 5 : 0,
			.event = &event,
			.answer = i % 2 ? &blocked : &fine,
			.ui_url = "javascript:y"};
		struct printed p = print(&r, "github", summary_path);
		only_our_own_commands(p.err);
		only_our_own_commands(p.out);
		if (strchr(p.summary, '<') && strstr(p.summary, "<a")) fail_msg("%s", p.summary);
		for (const char *tag = strchr(p.summary, '<'); tag; tag = strchr(tag + 1, '<'))
			if (strncmp(tag, "<br>", 4) != 0) fail_msg("%s", tag);
		for (const char *c = p.summary; *c; c++)
			if (strchr("`*_[]\"\r\033", *c)) fail_msg("\"%c\" in %s", *c, p.summary);
		forget(&p);
	}
}

static void the_summary_is_added_to_what_is_there(void **state)
{
	(void)state;
	struct event_out event = deployment();
	struct api_answer answer = {.end = API_OK, .json = parse("{\"id\":\"1\"}")};
	struct report r = {.outcome = REPORT_RECORDED, .event = &event, .answer = &answer};
	struct ci_environment environment = {get, summary_path};
	struct report_to to = {.out = fopen("/dev/null", "w"), .err = fopen("/dev/null", "w"), .environment = &environment};
	FILE *f = fopen(summary_path, "w");
	fputs("before\n", f);
	fclose(f);
	report_event(&r, "github", &to);
	report_event(&r, "github", &to);
	fclose(to.out);
	fclose(to.err);
	const char *summary = read_summary();
	assert_memory_equal(summary, "before\n\n### ✅ ", sizeof "before\n\n### ✅ " - 1);
	const char *second = strstr(summary + 20, "###");
	assert_non_null(second);
	assert_null(strstr(second + 3, "###"));
}

static void a_summary_that_cannot_be_written_is_said(void **state)
{
	(void)state;
	struct event_out event = deployment();
	struct api_answer answer = {.end = API_OK, .json = parse("{\"id\":\"1\"}")};
	struct report r = {.outcome = REPORT_RECORDED, .event = &event, .answer = &answer};
	struct printed p = print(&r, "github", "/nowhere/at/all");
	expect(p.err, "Warning: the job summary cannot be written: No such file or directory\n");
	forget(&p);
	p = print(&r, "github", "");
	assert_null(strstr(p.err, "summary"));
	forget(&p);
}

/* ---- GitLab ---- */

/* "section_start:TIME:NAME": the name. */
static char *section_name(const char *printed, const char *mark)
{
	char wanted[64], name[128];
	long long at;
	snprintf(wanted, sizeof wanted, "\033[0Ksection_%s:%%lld:%%127[A-Za-z0-9_.-]", mark);
	const char *found = strstr(printed, "\033[0Ksection_");
	while (found && strncmp(found + 12, mark, strlen(mark)) != 0) found = strstr(found + 1, "\033[0Ksection_");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	if (!found || sscanf(found, wanted, &at, name) != 2) fail_msg("no %s in %s", mark, printed);
#pragma GCC diagnostic pop
	char *copy = arena_alloc(arena, strlen(name) + 1);
	return strcpy(copy, name);
}

static void a_section_holds_what_is_printed(void **state)
{
	(void)state;
	struct event_out event = deployment();
	struct api_answer answer = {.end = API_OK, .json = parse("{\"id\":\"1\"}"), .body = TEXT("{\"id\":\"1\"}")};
	struct report r = {.outcome = REPORT_RECORDED, .event = &event, .answer = &answer};
	struct printed p = print(&r, "gitlab", NULL);
	assert_string_equal(section_name(p.out, "start"), section_name(p.out, "end"));
	expect(p.out, "[collapsed=true]\r\033[0KVersioner: Deployment event tracked successfully\n✓ Deployment");
	assert_true(strstr(p.out, "Event ID") < strstr(p.out, "section_end"));
	assert_string_equal(p.err, "");
	const char *first = section_name(p.out, "start");
	forget(&p);
	answer.body = TEXT("{\"id\":\"2\"}");
	p = print(&r, "gitlab", NULL);
	assert_string_not_equal(first, section_name(p.out, "start"));
	forget(&p);
}

static void a_failure_is_not_folded_away(void **state)
{
	(void)state;
	struct event_out event = deployment();
	struct api_answer answer = {
		.end = API_BLOCKED, .message = TEXT("no\033[0K"), .rule_name = TEXT("a\r\033[0Ksection_end:1:x\r\033[0K")};
	struct report r = {.outcome = REPORT_BLOCKED, .exit_code = 5, .event = &event, .answer = &answer};
	struct printed p = print(&r, "gitlab", NULL);
	assert_null(strstr(p.err, "collapsed"));
	assert_string_equal(section_name(p.err, "start"), section_name(p.err, "end"));
	expect(p.err, "\033[0KVersioner: Deployment blocked: a  [0Ksection_end:1:x  [0K\n");
	assert_string_equal(p.out, "");
	forget(&p);
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(KIB(64), MIB(32));
	const char *base = getenv("TMPDIR");
	snprintf(summary_path, sizeof summary_path, "%s/versioner-summary-XXXXXX", base && strlen(base) < 32 ? base : "/tmp");
	int fd = mkstemp(summary_path);
	return fd < 0 || close(fd) != 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return unlink(summary_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_recorded_event_is_a_notice_and_a_table),
		cmocka_unit_test(a_block_is_an_error_with_rule_and_time),
		cmocka_unit_test(what_does_not_fail_the_job_is_a_warning),
		cmocka_unit_test(no_text_leaves_its_place),
		cmocka_unit_test(the_summary_is_added_to_what_is_there),
		cmocka_unit_test(a_summary_that_cannot_be_written_is_said),
		cmocka_unit_test(a_section_holds_what_is_printed),
		cmocka_unit_test(a_failure_is_not_folded_away),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
