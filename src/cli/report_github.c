/* GitHub Actions: an annotation on the run, and a table in the job's summary ($GITHUB_STEP_SUMMARY).
 *
 * Source: GitHub's "Workflow commands" and the runner's reader of them: in data %, CR and LF are written as %25, %0D and %0A; in a
 * property : and , as %3A and %2C too. In the summary every character that means something to Markdown or HTML is an entity. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "cli/ci_log.h"
#include "cli/report.h"

enum { ANNOTATION_MOST = 4000 /* GitHub cuts at 4,096 */ };

/* ---- annotations ---- */

static void add_escaped(struct buf *out, struct text t, const char *escaped)
{
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] && strchr(escaped, t.p[i]))
			buf_printf(out, "%%%02X", (unsigned char)t.p[i]);
		else
			buf_char(out, t.p[i]);
	}
}

static struct text cut(struct text t)
{
	if (utf8_valid(t)) t.n = utf8_cut(t, ANNOTATION_MOST);
	return t;
}

static void annotate(FILE *f, const char *level, struct text title, struct text sentence)
{
	buf_auto line = BUF_INIT(LIMIT_CLIENT_MESSAGE * 4), plain_title = BUF_INIT(LIMIT_CLIENT_MESSAGE * 2),
			 plain = BUF_INIT(LIMIT_CLIENT_MESSAGE * 2);
	ci_log_text(&plain_title, cut(title), true);
	ci_log_text(&plain, cut(sentence), true);
	buf_printf(&line, "::%s title=", level);
	add_escaped(&line, buf_view(&plain_title), "%\r\n:,");
	buf_cstr(&line, "::");
	add_escaped(&line, buf_view(&plain), "%\r\n");
	buf_char(&line, '\n');
	fwrite(line.p, 1, line.n, f);
}

struct annotating {
	FILE *f;
	struct text title;
};

static void annotate_warning(void *context, struct text sentence)
{
	const struct annotating *a = context;
	annotate(a->f, "warning", a->title, sentence);
}

static void add_sentence(void *context, struct text sentence)
{
	struct buf *out = context;
	if (out->n) buf_char(out, '\n');
	buf_text(out, sentence);
}

/* What was deployed: "shop 1.2.3 to production". */
static void add_what(const struct event_out *e, struct buf *out)
{
	buf_printf(out, "%.*s %.*s", TEXT_ARGS(e->product), TEXT_ARGS(e->version));
	if (e->environment.n) buf_printf(out, " to %.*s", TEXT_ARGS(e->environment));
	buf_printf(out, ": %.*s", TEXT_ARGS(e->status));
}

static void add_why(const struct report *r, struct buf *out)
{
	const struct api_answer *a = r->answer;
	buf_text(out, a->message);
	if (a->rule_name.n) buf_printf(out, "\nRule: %.*s", TEXT_ARGS(a->rule_name));
	if (a->retry_after.n) buf_printf(out, "\nRetry after: %.*s", TEXT_ARGS(a->retry_after));
	report_advice(r, add_sentence, out);
}

/* On stderr: a script that keeps stdout in a variable would swallow them. */
static void annotate_event(const struct report *r, const struct report_to *to)
{
	buf_auto title = BUF_INIT(LIMIT_CLIENT_MESSAGE * 2), sentence = BUF_INIT(LIMIT_CLIENT_MESSAGE * 4);
	report_title(r, &title);
	struct annotating a = {to->err, buf_view(&title)};
	if (r->outcome == REPORT_RECORDED)
		add_what(r->event, &sentence);
	else
		add_why(r, &sentence);
	const char *level = r->outcome == REPORT_RECORDED ? "notice" : r->exit_code == 0 ? "warning" : "error";
	annotate(to->err, level, a.title, buf_view(&sentence));
	report_warnings(r, annotate_warning, &a);
}

/* ---- summary ---- */

/* An entity is text to Markdown and to HTML, whatever character it stands for. */
static void add_entities(struct buf *out, struct text t)
{
	buf_auto plain = BUF_INIT(LIMIT_CLIENT_MESSAGE * 8);
	ci_log_text(&plain, t, false);
	for (size_t i = 0; i < plain.n; i++) {
		unsigned char c = (unsigned char)plain.p[i];
		if (c == '\n')
			buf_cstr(out, "<br>");
		else if (c < 0x80 && ispunct(c))
			buf_printf(out, "&#%d;", c);
		else
			buf_char(out, (char)c);
	}
}

static bool is_web(struct text url)
{
	return text_starts(url, TEXT("https://")) || text_starts(url, TEXT("http://"));
}

static void add_row(struct buf *out, const char *name, struct text value)
{
	if (!value.n) return;
	buf_printf(out, "| %s | ", name);
	add_entities(out, value);
	buf_cstr(out, " |\n");
}

static void add_link(struct buf *out, const char *name, struct text url)
{
	if (!url.n || !is_web(url) || memchr(url.p, '\n', url.n)) return;
	buf_printf(out, "| %s | <a href=\"", name);
	add_entities(out, url);
	buf_cstr(out, "\">");
	add_entities(out, url);
	buf_cstr(out, "</a> |\n");
}

/* The page of the dashboard that shows what was recorded. */
static void add_dashboard(const struct report *r, struct buf *out)
{
	bool build = r->event->kind == KIND_BUILD;
	struct text id = json_text(json_member(r->answer->json, build ? "version_id" : "id")), base = text_from(r->ui_url);
	if (r->outcome != REPORT_RECORDED || !id.n || !base.n) return;
	while (base.n && base.p[base.n - 1] == '/') base.n--;
	buf_auto url = BUF_INIT(LIMIT_SETTING * 2);
	buf_printf(&url, "%.*s/manage/%s?view=%.*s", TEXT_ARGS(base), build ? "versions" : "deployments", TEXT_ARGS(id));
	add_link(out, "Versioner", buf_view(&url));
}

static void add_summary_warning(void *context, struct text sentence)
{
	add_row(context, "Warning", sentence);
}

static void add_advice(void *context, struct text sentence)
{
	struct buf *out = context;
	buf_char(out, '\n');
	add_entities(out, sentence);
	buf_char(out, '\n');
}

static void add_summary(const struct report *r, struct buf *out)
{
	static const char *const SIGNS[] = {[REPORT_RECORDED] = "✅",
		[REPORT_BLOCKED] = "⛔",
		[REPORT_REFUSED] = "❌",
		[REPORT_UNREACHED] = "❌",
		[REPORT_SPOOLED] = "⚠️"};
	const struct event_out *e = r->event;
	const struct api_answer *a = r->answer;
	buf_auto title = BUF_INIT(LIMIT_CLIENT_MESSAGE * 2);
	report_title(r, &title);
	buf_printf(out, "\n### %s ", r->outcome != REPORT_RECORDED && r->exit_code == 0 ? "⚠️" : SIGNS[r->outcome]);
	add_entities(out, buf_view(&title));
	buf_cstr(out, "\n\n| | |\n|---|---|\n");
	add_row(out, "Product", e->product);
	add_row(out, "Environment", e->environment);
	add_row(out, "Version", e->version);
	add_row(out, "Status", e->status);
	add_row(out, "Commit", e->scm_sha);
	if (r->outcome == REPORT_RECORDED) add_row(out, "Event ID", json_text(json_member(a->json, "id")));
	if (r->outcome != REPORT_RECORDED) add_row(out, "Reason", a->message);
	add_row(out, "Code", a->code);
	add_row(out, "Rule", a->rule_name);
	add_row(out, "Retry after", a->retry_after);
	report_warnings(r, add_summary_warning, out);
	add_dashboard(r, out);
	add_link(out, "Run", e->run_url);
	report_advice(r, add_advice, out);
}

static bool append(const char *path, struct text t)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
	if (fd < 0) return false;
	ssize_t n = write(fd, t.p, t.n); /* in one piece: other steps' programs may write too */
	int reason = n < 0 ? errno : ENOSPC;
	close(fd);
	errno = reason;
	return n == (ssize_t)t.n;
}

static void write_summary(const struct report *r, const struct report_to *to)
{
	const char *path = to->environment->get(to->environment->context, "GITHUB_STEP_SUMMARY");
	if (!path || !*path) return;
	buf_auto summary = BUF_INIT(KIB(1000)); /* GitHub takes 1 MiB a step */
	add_summary(r, &summary);
	errno = EFBIG;
	if (!buf_failed(&summary) && append(path, buf_view(&summary))) return;
	fprintf(to->err, "Warning: the job summary cannot be written: %s\n", strerror(errno));
}

void report_github_after(const struct report *r, const struct report_to *to)
{
	annotate_event(r, to);
	write_summary(r, to);
}
