/* Plain text of what became of an event, and the table of systems that show more. */
#include "cli/report.h"

#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "cli/ci_log.h"

const struct reporter REPORTERS[] = {
	{"github", NULL, report_github_after},
	{"gitlab", report_gitlab_before, report_gitlab_after},
	{0},
};

/* What a code of a blocked event is called, and what to do about it. */
static const struct {
	const char *code, *title, *advice;
} BLOCKS[] = {
	{"CONCURRENT_DEPLOYMENT", "another deployment is running", "Wait until it has ended, then try again."},
	{"NO_DEPLOY_WINDOW", "closed by a schedule", "Try again after the time that is named."},
	{"FLOW_VIOLATION", "other environments come first", "Deploy to the environments that come before, then try again."},
	{"INSUFFICIENT_SOAK_TIME", "not proven long enough", "Try again after the time that is named."},
	{"APPROVAL_REQUIRED", "an approval is missing", "Get the approval in Versioner, then try again."},
	{"QUALITY_APPROVAL_REQUIRED", "an approval is missing", "Get the approval in Versioner, then try again."},
	{"VERSION_SHA_CONFLICT", "the version is another commit already", "Give this commit a version of its own."},
};

enum { BLOCK_COUNT = sizeof BLOCKS / sizeof *BLOCKS };

static size_t block_of(const struct report *r)
{
	size_t i = 0;
	while (i < BLOCK_COUNT && !text_is(r->answer->code, BLOCKS[i].code)) i++;
	return i;
}

static const char *kind_of(const struct report *r)
{
	return r->event->kind == KIND_DEPLOYMENT ? "Deployment" : "Build";
}

void report_title(const struct report *r, struct buf *out)
{
	static const char *const TITLES[] = {
		[REPORT_RECORDED] = " event tracked successfully",
		[REPORT_BLOCKED] = " blocked",
		[REPORT_REFUSED] = " event not recorded",
		[REPORT_UNREACHED] = " event not sent",
		[REPORT_SPOOLED] = " event kept for later",
	};
	size_t block = block_of(r);
	buf_printf(out, "%s%s", kind_of(r), TITLES[r->outcome]);
	if (r->outcome != REPORT_BLOCKED) return;
	if (r->answer->rule_name.n) {
		buf_cstr(out, ": ");
		for (size_t i = 0; i < r->answer->rule_name.n; i++)
			buf_char(out, r->answer->rule_name.p[i] == '\n' ? ' ' : r->answer->rule_name.p[i]);
	} else if (block < BLOCK_COUNT) {
		buf_printf(out, ": %s", BLOCKS[block].title);
	}
}

static void say_rule(const struct json *rule, void (*say)(void *context, struct text sentence), void *context)
{
	struct text name = json_text(json_member(rule, "rule_name")), why = json_text(json_member(rule, "error_message"));
	bool reports = text_is(json_text(json_member(rule, "status")), "report_only");
	if (!reports || !text_is(json_text(json_member(rule, "evaluation_result")), "failed")) return;
	buf_auto out = BUF_INIT(LIMIT_CLIENT_MESSAGE);
	buf_printf(&out, "the rule \"%.*s\" only reports, and would have blocked this%s%.*s", TEXT_ARGS(name), why.n ? ": " : "",
		TEXT_ARGS(why));
	say(context, buf_view(&out));
}

void report_warnings(const struct report *r, void (*say)(void *context, struct text sentence), void *context)
{
	const struct json *record = r->answer->json;
	const struct json *preflight = json_member(json_member(record, "extra_metadata"), "preflight_status");
	const struct json *warnings = json_member(record, "warnings"), *rules = json_member(preflight, "rules_evaluated");
	if (r->outcome != REPORT_RECORDED) return;
	for (size_t i = 0; json_kind(warnings) == JSON_IS_ARRAY && i < json_size(warnings); i++)
		if (json_text(json_element(warnings, i)).n) say(context, json_text(json_element(warnings, i)));
	for (size_t i = 0; json_kind(rules) == JSON_IS_ARRAY && i < json_size(rules); i++)
		say_rule(json_element(rules, i), say, context);
}

void report_advice(const struct report *r, void (*say)(void *context, struct text sentence), void *context)
{
	size_t block = block_of(r);
	if (r->outcome == REPORT_BLOCKED)
		say(context, text_from(block < BLOCK_COUNT ? BLOCKS[block].advice : "Resolve what is said above, then try again."));
	if (r->outcome == REPORT_UNREACHED && r->answer->end == API_UNKNOWN)
		say(context, TEXT("It was sent, and may have been stored although no answer came: look before you send it again."));
	if (r->outcome == REPORT_SPOOLED) say(context, TEXT("The next versioner track, or versioner flush, sends it."));
	if (r->outcome == REPORT_SPOOLED && r->event->needs_rules)
		say(context, TEXT("No rule was asked whether this deployment may begin."));
	if (r->outcome == REPORT_UNREACHED && r->event->needs_rules && r->exit_code != 0)
		say(context, TEXT("No rule was asked, so the deployment must not begin."));
}

/* ---- plain text ---- */

static const char RED[] = "\033[31m", YELLOW[] = "\033[33m", GREEN[] = "\033[32m", NORMAL[] = "\033[0m";

static const char *coloured(const struct report_to *to, const char *sequence)
{
	return to->colour ? sequence : "";
}

/* Somebody else's words. */
static void print_safely(FILE *f, struct text t, bool line_begins)
{
	buf_auto safe = BUF_INIT(LIMIT_CLIENT_ANSWER);
	ci_log_text(&safe, t, line_begins);
	fwrite(safe.p, 1, safe.n, f);
}

static void print_line_of(FILE *f, const char *label, struct text t)
{
	fputs(label, f);
	print_safely(f, t, !*label);
	fputc('\n', f);
}

static void print_warning(void *context, struct text sentence)
{
	const struct report_to *to = context;
	fprintf(to->err, "%sWarning:%s", coloured(to, YELLOW), coloured(to, NORMAL));
	print_line_of(to->err, " ", sentence);
}

static void print_line(void *context, struct text sentence)
{
	const struct report_to *to = context;
	fprintf(to->err, "%.*s\n", TEXT_ARGS(sentence));
}

static void print_id(FILE *f, const char *label, const struct json *record, const char *member)
{
	struct text id = json_text(json_member(record, member));
	if (!id.n) return;
	fprintf(f, "  %s", label);
	print_line_of(f, ": ", id);
}

static void print_recorded(const struct report *r, const struct report_to *to)
{
	const struct json *record = r->answer->json;
	fprintf(to->out, "%s✓%s %s event tracked successfully\n", coloured(to, GREEN), coloured(to, NORMAL), kind_of(r));
	print_id(to->out, "Event ID", record, "id");
	if (r->verbose) {
		print_id(to->out, "Product ID", record, "product_id");
		print_id(to->out, "Version ID", record, "version_id");
		print_id(to->out, "Environment ID", record, "environment_id");
	}
	report_warnings(r, print_warning, (void *)to);
}

static void print_blocked(const struct report *r, const struct report_to *to)
{
	const struct api_answer *answer = r->answer;
	buf_auto title = BUF_INIT(LIMIT_CLIENT_MESSAGE * 2), details = BUF_INIT(LIMIT_CLIENT_ANSWER);
	report_title(r, &title);
	fprintf(to->err, "%s✗ ", coloured(to, RED));
	print_safely(to->err, buf_view(&title), false);
	fprintf(to->err, "%s\n\n", coloured(to, NORMAL));
	if (answer->code.n) print_line_of(to->err, "Error: ", answer->code);
	if (answer->rule_name.n) print_line_of(to->err, "Rule: ", answer->rule_name);
	print_line_of(to->err, "", answer->message);
	if (answer->retry_after.n) print_line_of(to->err, "Retry after: ", answer->retry_after);
	fputc('\n', to->err);
	report_advice(r, print_line, (void *)to);
	if (!answer->details) return;
	json_write_value(&details, answer->details);
	print_line_of(to->err, "Details: ", buf_view(&details));
}

/* "API error: …", "Error: …", or a warning when it shall not count. */
static void print_failed(const struct report *r, const struct report_to *to)
{
	bool counts = r->exit_code != 0;
	const char *label = !counts ? "Warning: the event was not recorded:" : r->outcome == REPORT_REFUSED ? "API error:" : "Error:";
	const char *kept = r->outcome == REPORT_SPOOLED ? "Warning: the event is kept for later:" : label;
	fprintf(to->err, "%s%s%s", coloured(to, counts ? RED : YELLOW), kept, coloured(to, NORMAL));
	print_line_of(to->err, " ", r->answer->message);
	report_advice(r, print_line, (void *)to);
}

static void print_plain(const struct report *r, const struct report_to *to)
{
	static void (*const PRINT[])(const struct report *r, const struct report_to *to) = {
		[REPORT_RECORDED] = print_recorded,
		[REPORT_BLOCKED] = print_blocked,
		[REPORT_REFUSED] = print_failed,
		[REPORT_UNREACHED] = print_failed,
		[REPORT_SPOOLED] = print_failed,
	};
	PRINT[r->outcome](r, to);
	fflush(to->out);
	fflush(to->err);
}

void report_event(const struct report *r, const char *system, const struct report_to *to)
{
	const struct reporter *row = REPORTERS;
	while (row->system && (!system || strcmp(row->system, system) != 0)) row++;
	if (row->before) row->before(r, to);
	print_plain(r, to);
	if (row->after) row->after(r, to);
	fflush(to->out);
	fflush(to->err);
}

bool report_colour(FILE *f, const struct ci_environment *environment)
{
	const char *never = environment->get(environment->context, "NO_COLOR"),
			   *term = environment->get(environment->context, "TERM");
	if (never && *never) return false;
	return isatty(fileno(f)) && !(term && strcmp(term, "dumb") == 0);
}
