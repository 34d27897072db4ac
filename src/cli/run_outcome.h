/* What the end of the program of `versioner run` means: for the record, and for who called us. No I/O. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

struct run_end {
	bool begun; /* false: a signal came first */
	int start_error; /* errno: it could not be started; 0: it was */
	int wait_status; /* of waitpid(), when it was started */
	int cancelled_by; /* SIGINT or SIGTERM that came while it ran; SIGHUP too when it was not begun; 0: none */
	int64_t micros; /* how long it ran */
};

enum run_exit {
	RUN_CANNOT_START = 126,
	RUN_NOT_FOUND = 127,
	RUN_SIGNAL = 128, /* and the number of the signal */
};

/* Texts are in the arena, or static. */
struct run_outcome {
	const char *status; /* "completed", "failed", "aborted" */
	int exit_code; /* of the program, as a shell gives it */
	struct text error_message; /* what only we know: that it could not be started, or which signal ended it; else absent */
	struct text metadata; /* {"vi_run_exit_code":3,"vi_run_duration_ms":1500} and "vi_run_signal":"SIGTERM" */
};

/* completed: it ended with 0. aborted: SIGINT or SIGTERM ended it, or came while it ran and it did not end with 0; or it was not begun.
 * failed: all else. */
struct run_outcome run_outcome(struct arena *a, const struct run_end *end, const char *program);
