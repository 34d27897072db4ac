/* A process that notes which signals its group gets. */
#include "cli/run_witness.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

enum { PATIENCE_MS = 50, FILES = 1024 };

/* Holds no file but its pipe: who waits for the end of the program's output must not wait for the witness. */
static void __attribute__((noreturn)) witness(pid_t parent, int fd, const sigset_t *set)
{
	prctl(PR_SET_NAME, "versioner-witn");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) _exit(0);
	for (int i = 0; i < FILES; i++)
		if (i != fd) close(i);
	for (;;) {
		int signal = sigwaitinfo(set, NULL);
		unsigned char byte = (unsigned char)signal;
		if (signal > 0 && write(fd, &byte, 1) != 1) _exit(0);
	}
}

void witness_start(struct run_witness *ret, const sigset_t *set)
{
	int ends[2];
	pid_t self = getpid();
	*ret = (struct run_witness){.fd = -1};
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return;
	pid_t pid = fork();
	if (pid == 0) witness(self, ends[1], set);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return;
	}
	ret->pid = pid;
	ret->fd = ends[0];
}

static void note(struct run_witness *w)
{
	unsigned char bytes[64];
	ssize_t n = read(w->fd, bytes, sizeof bytes);
	for (ssize_t i = 0; i < n; i++)
		if (bytes[i] < sizeof w->seen) w->seen[bytes[i]] = 1;
}

bool witness_saw(struct run_witness *w, int signal)
{
	if (!w->pid) return false;
	int64_t end = clock_monotonic() + PATIENCE_MS * 1000;
	for (;;) {
		struct pollfd ready = {.fd = w->fd, .events = POLLIN};
		note(w);
		if (w->seen[signal]) break;
		int64_t left = (end - clock_monotonic()) / 1000;
		if (left <= 0 || poll(&ready, 1, (int)left) < 0) return false;
		if (ready.revents && !(ready.revents & POLLIN)) return false; /* it is gone */
	}
	w->seen[signal] = 0;
	return true;
}

void witness_end(struct run_witness *w)
{
	if (!w->pid) return;
	kill(w->pid, SIGKILL);
	while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR) {
	}
	close(w->fd);
	w->pid = 0;
}
