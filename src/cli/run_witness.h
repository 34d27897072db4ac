/* Whether a signal was sent to our whole process group or to us alone: nothing else tells, and it decides whether the program of
 * `versioner run` has it already. A second SIGTERM is no harmless repetition: to some programs it means "stop at once, whatever breaks".
 *
 * The witness is a process of our group that does nothing but note which signals it got. It ends with us. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct run_witness {
	pid_t pid; /* 0: there is none, and it has seen nothing */
	int fd; /* a byte for each signal that it got */
	unsigned char seen[64]; /* … and that was not asked for yet, by the signal's number */
};

/* `set` is what it watches for; blocked already. Without one (no process to be had) things work, too. */
void witness_start(struct run_witness *ret, const sigset_t *set);
/* Whether it got the signal that we just got, too; waits for a moment. Once for each signal. */
bool witness_saw(struct run_witness *w, int signal);
void witness_end(struct run_witness *w);
