/* The progress of a long command; see the header. */
#include "serve/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

enum { BAR_WIDTH = 30 };
#define BAR_EVERY (SECONDS_US(1) / 10)
#define LOG_EVERY SECONDS_US(10)

void progress_start(struct progress *p)
{
	*p = (struct progress){.terminal = isatty(STDERR_FILENO) == 1};
}

bool progress_on_terminal(const struct progress *p)
{
	return p->terminal;
}

static int64_t rate(const struct progress *p, int64_t rows, int64_t now)
{
	int64_t elapsed = now - p->started;
	return elapsed > 0 ? (int64_t)((double)(rows - p->before) * 1e6 / (double)elapsed) : 0;
}

static int percent_of(int64_t rows, int64_t total)
{
	return total <= 0 ? 0 : rows >= total ? 100 : (int)((double)rows * 100 / (double)total);
}

static void draw_bar(struct progress *p, int64_t rows, int64_t total, int64_t a_second)
{
	static const char full[] = "##############################", empty[] = "..............................";
	int percent = percent_of(rows, total), filled = percent * BAR_WIDTH / 100;
	fprintf(stderr, "\r\033[K%s ", p->doing);
	if (total > 0) fprintf(stderr, "[%.*s%.*s] %3d %%  ", filled, full, BAR_WIDTH - filled, empty, percent);
	fprintf(stderr, "%" PRId64 " rows, %" PRId64 " a second", rows, a_second);
	fflush(stderr);
	p->drawn = true;
}

static void log_progress(const struct progress *p, int64_t rows, int64_t total, int64_t a_second)
{
	if (total > 0)
		log_info("rows so far", LOG_STR("step", p->doing), LOG_INT("rows", rows), LOG_INT("percent", percent_of(rows, total)),
			LOG_INT("rows_a_second", a_second));
	else
		log_info("rows so far", LOG_STR("step", p->doing), LOG_INT("rows", rows), LOG_INT("rows_a_second", a_second));
}

void progress_show(struct progress *p, const char *doing, int64_t rows, int64_t total)
{
	int64_t now = clock_monotonic();
	if (p->doing != doing) {
		p->doing = doing;
		p->started = p->shown = now;
		p->before = rows;
	}
	if (now - p->shown < (p->terminal ? BAR_EVERY : LOG_EVERY)) return;
	p->shown = now;
	if (p->terminal)
		draw_bar(p, rows, total, rate(p, rows, now));
	else
		log_progress(p, rows, total, rate(p, rows, now));
}

void progress_end(struct progress *p)
{
	if (p->drawn) fprintf(stderr, "\r\033[K");
	p->drawn = false;
}
