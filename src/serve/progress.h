/* How far a long command has come, on standard error: a bar on a terminal, else a log line every ten seconds. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *doing; /* "exported" */
	int64_t started, shown; /* monotonic */
	int64_t before; /* rows that were done when it started */
	bool terminal, drawn;
};

void progress_start(struct progress *p);
bool progress_on_terminal(const struct progress *p);
/* total 0: not known. With another word than before, rate and time begin anew. */
void progress_show(struct progress *p, const char *doing, int64_t rows, int64_t total);
void progress_end(struct progress *p); /* takes the bar away */
