/* Shows the matrix again and again. On a terminal it has the alternate screen to itself and gives the terminal back whatever ends or stops
 * the program: the handlers do that themselves, because a request may take half a minute. */
#include "cli/status_watch.h"
#include "cli/ci_log.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/status_table.h"
#include "cli/table.h"

/* Alternate screen, no cursor, no line that goes on below; and back. */
static const char ENTER[] = "\033[?1049h\033[?25l\033[?7l", LEAVE[] = "\033[?7h\033[?25h\033[?1049l";
static const int ENDING[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { USUAL_LINES = 24 };

struct watch {
	struct reading *reading;
	const struct buf *path;
	struct arena *shown, *next; /* of the answer that is shown, and of the one that is asked for */
	const struct json *matrix;
	time_us asked_at;
	char trouble[ERR_TEXT_MAX]; /* why it is an older one; "" */
	bool terminal;
};

/* ---- signals ---- */

static void write_all(const char *bytes, size_t n)
{
	while (n) {
		ssize_t written = write(STDOUT_FILENO, bytes, n);
		if (written < 0 && errno != EINTR) return;
		if (written > 0) bytes += written, n -= (size_t)written;
	}
}

static void on(int signal, void (*handler)(int))
{
	struct sigaction action = {.sa_handler = handler};
	sigemptyset(&action.sa_mask);
	sigaction(signal, &action, NULL);
}

/* Ends as it would have ended without us. */
static void end(int signal)
{
	write_all(LEAVE, sizeof LEAVE - 1);
	on(signal, SIG_DFL);
	raise(signal);
}

static void stop(int signal)
{
	int before = errno;
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, signal);
	write_all(LEAVE, sizeof LEAVE - 1);
	on(signal, SIG_DFL);
	raise(signal);
	sigprocmask(SIG_UNBLOCK, &set, NULL); /* here it stops, and goes on */
	on(signal, stop);
	write_all(ENTER, sizeof ENTER - 1);
	errno = before;
}

static void nothing(int signal)
{
	(void)signal;
}

static void take_terminal(void)
{
	for (size_t i = 0; i < sizeof ENDING / sizeof *ENDING; i++) on(ENDING[i], end);
	on(SIGTSTP, stop);
	on(SIGWINCH, nothing); /* it only wakes us */
	on(SIGCONT, nothing);
	write_all(ENTER, sizeof ENTER - 1);
}

/* Signals that only wake are let in nowhere else. True: one of them came. */
static bool woken_before(int64_t micros)
{
	struct timespec t = {.tv_sec = micros / 1000000, .tv_nsec = micros % 1000000 * 1000};
	sigset_t mask;
	sigprocmask(SIG_SETMASK, NULL, &mask);
	sigdelset(&mask, SIGWINCH);
	sigdelset(&mask, SIGCONT);
	return ppoll(NULL, 0, &t, &mask) != 0;
}

/* ---- what is shown ---- */

static size_t terminal_lines(void)
{
	struct winsize size;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row ? size.ws_row : USUAL_LINES;
}

static void put_line(struct buf *frame, struct text line)
{
	buf_text(frame, line);
	buf_cstr(frame, "\033[K\r\n");
}

static void put_heading(const struct watch *w, struct buf *frame)
{
	char asked[RFC3339_SIZE];
	rfc3339_format(w->asked_at, asked);
	const char *dim = w->reading->colour ? "\033[2m" : "", *red = w->reading->colour ? "\033[31m" : "";
	const char *normal = w->reading->colour ? "\033[0m" : "";
	buf_printf(frame, "\033[H%s%.10s %.8sZ%s", dim, asked, asked + 11, normal);
	if (*w->trouble) buf_printf(frame, "  %sno newer answer: %s%s", red, w->trouble, normal);
	put_line(frame, TEXT_ABSENT);
	put_line(frame, TEXT_ABSENT);
}

/* Over what was there, line by line, in one piece: nothing is ever blank in between. */
static void put_frame(const struct watch *w, struct text table, struct buf *frame)
{
	size_t room = terminal_lines(), shown = 2;
	struct text line;
	put_heading(w, frame);
	while (table.n && text_split(&table, '\n', &line)) {
		if (shown + 2 > room && table.n) {
			buf_cstr(frame, "…");
			break;
		}
		put_line(frame, line);
		shown++;
	}
	buf_cstr(frame, "\033[J");
}

static void show(struct watch *w)
{
	buf_auto table = BUF_INIT(LIMIT_CLIENT_ARENA);
	buf_auto frame = BUF_INIT(LIMIT_CLIENT_ARENA);
	if (w->terminal) w->reading->width = table_terminal_width(STDOUT_FILENO);
	status_table(w->shown, w->matrix, w->reading->width, w->reading->colour, &table);
	if (w->terminal) {
		put_frame(w, buf_view(&table), &frame);
		write_all(frame.p, frame.n);
	} else {
		buf_char(&table, '\n');
		write_all(table.p, table.n);
	}
}

/* ---- asking ---- */

static void take(struct watch *w, const struct api_answer *answer)
{
	struct arena *old = w->shown;
	w->shown = w->next;
	w->next = old;
	w->matrix = answer->json;
	w->asked_at = clock_now();
	w->trouble[0] = '\0';
	if (!setting_bool(w->reading->settings, "json")) return show(w);
	buf_auto line = BUF_INIT(LIMIT_CLIENT_ARENA);
	ci_log_json(&line, answer->body);
	buf_char(&line, '\n');
	write_all(line.p, line.n);
}

static void refuse(struct watch *w, const struct api_answer *answer)
{
	snprintf(w->trouble, sizeof w->trouble, "%.*s", TEXT_ARGS(answer->message));
	for (char *c = w->trouble; *c; c++)
		if (*c == '\n') *c = ' ';
	if (w->terminal)
		show(w);
	else
		fprintf(stderr, "versioner status: %s\n", w->trouble);
}

static void ask_again(struct watch *w)
{
	struct api_answer answer;
	struct api_request request = {.method = "GET", .once = true};
	arena_reset(w->next);
	request.path = text_cstr(w->next, buf_view(w->path));
	api_call(w->reading->client, w->next, &request, &answer);
	if (answer.end == API_OK)
		take(w, &answer);
	else
		refuse(w, &answer);
}

int status_watch(struct reading *r, const struct buf *path)
{
	struct watch w = {.reading = r, .path = path};
	struct api_answer answer;
	int64_t every = setting_int(r->settings, "watch");
	sigset_t waking;
	w.shown = arena_new(KIB(64), LIMIT_CLIENT_ARENA);
	w.next = arena_new(KIB(64), LIMIT_CLIENT_ARENA);
	w.terminal = r->width && !setting_bool(r->settings, "json");
	int code = reading_get(r, w.next, path, &answer);
	if (code == EXIT_FINE) {
		sigemptyset(&waking);
		sigaddset(&waking, SIGWINCH);
		sigaddset(&waking, SIGCONT);
		sigprocmask(SIG_BLOCK, &waking, NULL);
		if (w.terminal) take_terminal();
		take(&w, &answer);
		for (;;) {
			if (woken_before(every) && w.terminal)
				show(&w);
			else
				ask_again(&w);
		}
	}
	arena_free(w.shown);
	arena_free(w.next);
	return code;
}
