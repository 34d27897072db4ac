/* Starts a program, passes signals on to it, stops and continues with it, and waits for its end. */
#include "cli/run_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/run_witness.h"

static const int CANCELLING[] = {SIGINT, SIGTERM, SIGHUP};
enum { CANCELLING_COUNT = sizeof CANCELLING / sizeof *CANCELLING };
static const int PASSED_ON[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT};

/* A handler is told nothing but a number. */
static volatile sig_atomic_t held, held_code;

static void hold(int signal)
{
	if (held) _exit(held_code < 0 ? RUN_SIGNAL + signal : held_code);
	held = signal;
}

static sigset_t set_of_passed(void)
{
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof PASSED_ON / sizeof *PASSED_ON; i++) sigaddset(&set, PASSED_ON[i]);
	sigaddset(&set, SIGCHLD);
	return set;
}

static void set_action(int signal, void (*handler)(int))
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
	sigemptyset(&action.sa_mask);
	sigaction(signal, &action, NULL);
}

/* One call for all of them: poll() says which numbers are no open file. */
static void look_at_files(struct run_found *found)
{
	struct pollfd files[RUN_FILES];
	struct rlimit limit;
	nfds_t count = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < RUN_FILES ? (nfds_t)limit.rlim_cur : RUN_FILES;
	for (int i = 0; i < RUN_FILES; i++) files[i] = (struct pollfd){.fd = i};
	bool known = poll(files, count, 0) >= 0;
	for (nfds_t i = 0; i < RUN_FILES; i++) found->open[i] = !known || i >= count || !(files[i].revents & POLLNVAL);
}

void run_look(struct run_found *ret)
{
	look_at_files(ret);
	sigprocmask(SIG_SETMASK, NULL, &ret->mask);
	sigaction(SIGPIPE, NULL, &ret->pipe);
	sigaction(SIGCHLD, NULL, &ret->child);
	for (size_t i = 0; i < CANCELLING_COUNT; i++) sigaction(CANCELLING[i], NULL, &ret->cancel[i]);
}

void run_hold(const struct run_found *found, int code)
{
	sigset_t set = set_of_passed();
	held = 0;
	held_code = code;
	set_action(SIGPIPE, SIG_IGN); /* a reader of our words who has gone is no reason to end */
	set_action(SIGCHLD, SIG_DFL); /* ignored, it would hide the program's end */
	for (size_t i = 0; i < CANCELLING_COUNT;
		 i++) /* nohup and background jobs have them ignored: so they stay, for the program too */
		if (found->cancel[i].sa_handler != SIG_IGN) set_action(CANCELLING[i], hold);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* ---- the start ---- */

/* In the new process. Says on fd why there is no program, if there is none. */
static void __attribute__((noreturn)) become(const struct run_found *found, char **words, int fd)
{
	for (size_t i = 0; i < CANCELLING_COUNT; i++) sigaction(CANCELLING[i], &found->cancel[i], NULL);
	sigaction(SIGPIPE, &found->pipe, NULL);
	sigaction(SIGCHLD, &found->child, NULL);
	sigprocmask(SIG_SETMASK, &found->mask, NULL);
	execvp(*words, words);
	int why = errno;
	while (write(fd, &why, sizeof why) < 0 && errno == EINTR) {
	}
	_exit(RUN_NOT_FOUND);
}

/* The connection to the server is none of the program's business. */
static void keep_own_files(const struct run_found *found)
{
	for (int fd = 0; fd < RUN_FILES; fd++)
		if (!found->open[fd]) fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* 0, or errno. */
static int start(const struct run_found *found, char **words, pid_t *ret)
{
	int ends[2], why = 0;
	ssize_t n;
	keep_own_files(found);
	if (pipe2(ends, O_CLOEXEC) != 0) return errno;
	pid_t child = fork();
	if (child == 0) become(found, words, ends[1]);
	int fork_error = child < 0 ? errno : 0;
	close(ends[1]);
	while ((n = read(ends[0], &why, sizeof why)) < 0 && errno == EINTR) {
	}
	close(ends[0]);
	if (fork_error) return fork_error;
	if (n == sizeof why) {
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
		}
		return why;
	}
	*ret = child;
	return 0;
}

/* ---- while it runs ---- */

static bool has_terminal(void)
{
	int fd = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0) close(fd);
	return fd >= 0;
}

/* The shell shall see that the job was stopped, as it would without us. Who continues it continues our whole group. Not without a
 * terminal, where somebody may stop and continue the program alone; nor for SIGSTOP, which only such people send. */
static void stop_along(pid_t child, int signal)
{
	if (signal == SIGSTOP || !has_terminal()) return;
	kill(getpid(), SIGSTOP);
	kill(child, SIGCONT);
}

/* Takes in all who have ended or stopped. True: the program has ended. */
static bool take_in(pid_t child, struct run_end *end)
{
	int status;
	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0;) {
		if (pid != child) continue;
		if (WIFSTOPPED(status)) {
			stop_along(child, WSTOPSIG(status));
			continue;
		}
		end->wait_status = status;
		return true;
	}
	return false;
}

/* What was sent to the whole group, by the terminal or by somebody, the program has already: it would take a second SIGINT for
 * impatience. Where it has left the group it has not. */
static void pass_on(pid_t child, const siginfo_t *info, struct run_witness *witness)
{
	bool of_terminal = info->si_code > 0, of_group = witness_saw(witness, info->si_signo) || of_terminal;
	if (!of_group || getpgid(child) != getpgrp()) kill(child, info->si_signo);
}

static void accompany(pid_t child, const sigset_t *set, struct run_witness *witness, struct run_end *end)
{
	siginfo_t info;
	while (!take_in(child, end)) {
		int signal = sigwaitinfo(set, &info);
		if (signal == SIGINT || signal == SIGTERM) end->cancelled_by = signal;
		if (signal > 0 && signal != SIGCHLD) pass_on(child, &info, witness);
	}
}

void run_child(const struct run_found *found, char **words, struct run_end *ret)
{
	sigset_t set = set_of_passed();
	struct run_end end = {.begun = true};
	struct run_witness witness;
	pid_t child = -1;
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (held) {
		*ret = (struct run_end){.cancelled_by = held};
		return;
	}
	sigset_t watched = set;
	sigdelset(&watched, SIGCHLD);
	witness_start(&witness, &watched);
	int64_t begun = clock_monotonic();
	end.start_error = start(found, words, &child);
	if (!end.start_error) accompany(child, &set, &witness, &end);
	end.micros = clock_monotonic() - begun;
	witness_end(&witness);
	*ret = end;
}
