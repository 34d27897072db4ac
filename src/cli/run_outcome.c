/* From the end of a program to a status, an exit code and what is worth keeping. */
#include "cli/run_outcome.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/json_out.h"
#include "base/limits.h"

enum { NAME_MOST = 1000 }; /* bytes of a program's name in a sentence */

static const struct {
	int number;
	const char *name;
} SIGNALS[] = {
	{SIGHUP, "SIGHUP"},
	{SIGINT, "SIGINT"},
	{SIGQUIT, "SIGQUIT"},
	{SIGILL, "SIGILL"},
	{SIGTRAP, "SIGTRAP"},
	{SIGABRT, "SIGABRT"},
	{SIGBUS, "SIGBUS"},
	{SIGFPE, "SIGFPE"},
	{SIGKILL, "SIGKILL"},
	{SIGUSR1, "SIGUSR1"},
	{SIGSEGV, "SIGSEGV"},
	{SIGUSR2, "SIGUSR2"},
	{SIGPIPE, "SIGPIPE"},
	{SIGALRM, "SIGALRM"},
	{SIGTERM, "SIGTERM"},
	{SIGXCPU, "SIGXCPU"},
	{SIGXFSZ, "SIGXFSZ"},
	{SIGSYS, "SIGSYS"},
};

static const char *signal_name(struct arena *a, int number)
{
	for (size_t i = 0; i < sizeof SIGNALS / sizeof *SIGNALS; i++)
		if (SIGNALS[i].number == number) return SIGNALS[i].name;
	return arena_printf(a, "signal %d", number);
}

/* Arguments are never told: they may hold a secret. */
static struct text program_name(const char *program)
{
	struct text name = text_from(program);
	if (!name.n || !utf8_valid(name) || text_has_control(name, false)) return TEXT("the program");
	name.n = utf8_cut(name, NAME_MOST);
	return name;
}

static struct text metadata_of(struct arena *a, const struct run_outcome *o, int signal, int64_t micros)
{
	buf_auto out = BUF_INIT(KIB(1));
	struct json_out j = json_out(&out);
	json_put_object(&j, NULL);
	json_put_int(&j, "vi_run_exit_code", o->exit_code);
	json_put_int(&j, "vi_run_duration_ms", micros / 1000);
	if (signal) json_put_cstr(&j, "vi_run_signal", signal_name(a, signal));
	json_end(&j);
	return text_copy(a, buf_view(&out));
}

static struct run_outcome outcome_unbegun(struct arena *a, const struct run_end *end)
{
	struct run_outcome o = {.status = "aborted", .exit_code = RUN_SIGNAL + end->cancelled_by};
	o.error_message = text_from(arena_printf(a, "%s came before the program was begun", signal_name(a, end->cancelled_by)));
	o.metadata = metadata_of(a, &o, end->cancelled_by, 0);
	return o;
}

static struct run_outcome outcome_unstarted(struct arena *a, const struct run_end *end, const char *program)
{
	struct run_outcome o = {.status = "failed"};
	o.exit_code = end->start_error == ENOENT ? RUN_NOT_FOUND : RUN_CANNOT_START;
	o.error_message = text_from(arena_printf(a, "%.*s: %s", TEXT_ARGS(program_name(program)), strerror(end->start_error)));
	o.metadata = metadata_of(a, &o, 0, end->micros);
	return o;
}

struct run_outcome run_outcome(struct arena *a, const struct run_end *end, const char *program)
{
	if (!end->begun) return outcome_unbegun(a, end);
	if (end->start_error) return outcome_unstarted(a, end, program);
	int signal = WIFSIGNALED(end->wait_status) ? WTERMSIG(end->wait_status) : 0;
	struct run_outcome o = {.exit_code = signal ? RUN_SIGNAL + signal : WEXITSTATUS(end->wait_status)};
	bool cancelled = end->cancelled_by || signal == SIGINT || signal == SIGTERM;
	o.status = o.exit_code == 0 ? "completed" : cancelled ? "aborted" : "failed";
	if (signal) {
		o.error_message = text_from(
			arena_printf(a, "%.*s was ended by %s", TEXT_ARGS(program_name(program)), signal_name(a, signal)));
	}
	o.metadata = metadata_of(a, &o, signal ? signal : o.exit_code ? end->cancelled_by : 0, end->micros);
	return o;
}
