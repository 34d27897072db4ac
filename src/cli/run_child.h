/* The program of `versioner run`: started, accompanied and waited for, as if whoever called us had called it.
 *
 * It stays in our process group and session, with our terminal, standard streams, environment, ignored signals and further open files.
 * What the terminal or a sender tells the whole group reaches it without us; what is sent to us alone we pass on.
 * As the first process of a container we also take in the processes that others leave behind. */
#pragma once

#include <signal.h>

#include "cli/run_outcome.h"

enum { RUN_FILES = 1024 }; /* open files with higher numbers are none of ours: the system gives us the lowest that are free */

/* What we were started with, and the program shall be. */
struct run_found {
	sigset_t mask;
	struct sigaction pipe, child, cancel[3];
	bool open[RUN_FILES];
};

/* First of all, before a file of ours is open. */
void run_look(struct run_found *ret);

/* While we talk to the server, before run_child() and after it: SIGINT, SIGTERM and SIGHUP do not end us. The first one is noted, the second one ends us with `code`,
 * or 128 and its number where that is below 0. */
void run_hold(const struct run_found *found, int code);
/* words: the program and its arguments. Comes back when it has ended, could not be started, or was not begun because a signal was noted
 * before. */
void run_child(const struct run_found *found, char **words, struct run_end *ret);
