/* GitLab CI: what is printed of an event is a section of the job's log, closed when all is well. Source: GitLab's "Custom collapsible
 * sections": marks between ESC [0K and CR ESC [0K, names of letters, digits, "_", "." and "-", each once in a job's log. */
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/secret.h"
#include "cli/ci_log.h"
#include "cli/report.h"

/* The stream that most of it goes to: the marks must come before and after it. */
static FILE *stream_of(const struct report *r, const struct report_to *to)
{
	return r->outcome == REPORT_RECORDED ? to->out : to->err;
}

/* The same before and after; another one for the next event, and for another process of the job. */
static void print_mark(FILE *f, const char *mark, const struct report *r, const char *options)
{
	char hash[DIGEST_HEX_SIZE];
	struct digest_run d;
	digest_start(&d);
	digest_more(&d, r->event->body);
	digest_more(&d, r->answer->body); /* it holds the event's own id */
	digest_so_far(&d, hash);
	fprintf(
		f, "\033[0Ksection_%s:%lld:versioner_%ld_%.16s%s\r\033[0K", mark, (long long)time(NULL), (long)getpid(), hash, options);
}

void report_gitlab_before(const struct report *r, const struct report_to *to)
{
	FILE *f = stream_of(r, to);
	buf_auto title = BUF_INIT(LIMIT_CLIENT_MESSAGE * 2), header = BUF_INIT(LIMIT_CLIENT_MESSAGE * 4);
	report_title(r, &title);
	ci_log_text(&header, buf_view(&title), false);
	fflush(to->out);
	fflush(to->err);
	print_mark(f, "start", r, r->outcome == REPORT_RECORDED ? "[collapsed=true]" : ""); /* what failed is not folded away */
	fprintf(f, "Versioner: %.*s\n", (int)header.n, header.p);
	fflush(f);
}

void report_gitlab_after(const struct report *r, const struct report_to *to)
{
	FILE *f = stream_of(r, to);
	fflush(to->out);
	fflush(to->err);
	print_mark(f, "end", r, "");
	fputc('\n', f);
	fflush(f);
}
