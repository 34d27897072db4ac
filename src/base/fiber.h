/* A function that can stop in its middle and go on later. It has a stack of its own and runs on the thread of whoever resumes it, so nothing of
 * it happens at the same time as anything else on that thread: what looks like a wait is a return to the resumer.
 *
 *   void ask(void *context) { send(question); fiber_pause(); use(answer); }
 *   fiber_start(f, ask, context);
 *   while (fiber_resume(f)) read_answers();
 *
 * Where a fiber pauses it must hold no mutex: the next one on this thread may want it. */
#pragma once

#include <stdbool.h>

#include "base/rc.h"

struct fiber;

struct fiber *fiber_new(
	void); /* NULL: no memory. With a stack of FIBER_STACK bytes, and a page behind its end that stops an overflow */
void fiber_free(struct fiber *f); /* one that is not under way; NULL is fine */

/* Where the next resume begins. Only of a fiber that is not under way. */
void fiber_start(struct fiber *f, void (*run)(void *context), void *context);
/* Runs it until it pauses (true) or run() has returned (false: it may be started again). */
bool fiber_resume(struct fiber *f);
/* Back to the resumer. Only inside of a fiber. */
void fiber_pause(void);
