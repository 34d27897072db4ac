/* One thread with a connection of its own, a bounded list of what is to be called, and the form of a call.
 *
 *   SENDER           eight bytes as hexadecimal digits, new with each process: what this one has called itself it does not hear
 *   topic payload    a line each; "*" alone is everything
 *
 * Those who tell only write into the list and an eventfd. The list is called at most a hundred times a second: what is told in between goes
 * along with the next call. When a call fails, nobody knows how much of it was heard, and the next one says "everything". */
#include "db/wakeup.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/secret.h"
#include "db/db_driver.h"

enum {
	MOST_WAITING = 256, /* lines */
	LINE_SIZE = 164,
	SENDER_SIZE = 17,
	PAUSE_MICROS = 10000, /* between two calls */
	CHECK_MICROS = 5000000, /* a quiet connection is asked whether it lives */
	AWAY_MICROS = 250000, /* between two attempts to listen */
	CANNOT_MICROS = 10000000, /* the same behind a pooler */
};
static const struct text EVERYTHING = {"*", 1};

struct wakeup {
	struct wakeup_options options;
	struct db *db;
	const struct db_line *line;
	char sender[SENDER_SIZE];
	pthread_t thread;
	int event; /* an eventfd: there is something to call, or to stop for */
	atomic_bool hears;
	atomic_uint_fast64_t called, heard, connections;
	/* The thread's */
	int64_t next_call, next_check;
	bool told_away;

	pthread_mutex_t lock;
	struct buf waiting; /* lines */
	size_t waiting_count;
	bool everything; /* instead of them */
	bool stopping;
};

/* ---- telling ---- */

static void wake(struct wakeup *w)
{
	const uint64_t one = 1;
	ssize_t written = write(w->event, &one, sizeof one);
	(void)written; /* it fails only when it is awake already */
}

static bool is_waiting(const struct buf *lines, struct text line)
{
	struct text rest = buf_view(lines), one;

	while (text_split(&rest, '\n', &one))
		if (text_equal(one, line)) return true;
	return false;
}

/* Under the lock. */
static void put_everything(struct wakeup *w)
{
	w->everything = true;
	w->waiting_count = 0;
	buf_clear(&w->waiting);
}

static void put(struct wakeup *w, struct text line)
{
	if (w->everything || is_waiting(&w->waiting, line)) return;
	if (w->waiting_count == MOST_WAITING) return put_everything(w);
	buf_text(&w->waiting, line);
	buf_char(&w->waiting, '\n');
	w->waiting_count++;
}

/* False: it cannot be said in a line. */
static bool line_of(char ret[static LINE_SIZE], size_t *ret_length, struct text topic, struct text payload)
{
	if (topic.n + 1 + payload.n >= LINE_SIZE || text_has_control(topic, false) || text_has_control(payload, false)) return false;
	memcpy(ret, topic.p, topic.n);
	ret[topic.n] = ' ';
	memcpy(ret + topic.n + 1, payload.p, payload.n);
	*ret_length = topic.n + 1 + payload.n;
	return true;
}

void wakeup_tell(struct wakeup *w, struct text topic, struct text payload)
{
	char line[LINE_SIZE];
	size_t length;

	if (!w) return;
	bool good = line_of(line, &length, topic, payload);
	pthread_mutex_lock(&w->lock);
	if (good)
		put(w, (struct text){line, length});
	else
		put_everything(w);
	pthread_mutex_unlock(&w->lock);
	wake(w);
}

void wakeup_tell_everything(struct wakeup *w)
{
	if (!w) return;
	pthread_mutex_lock(&w->lock);
	put_everything(w);
	pthread_mutex_unlock(&w->lock);
	wake(w);
}

/* ---- calling ---- */

static enum rc call(struct wakeup *w, struct buf *message)
{
	enum rc rc = w->line->call(w->db, buf_view(message));
	if (rc == RC_OK) atomic_fetch_add(&w->called, 1);
	return rc;
}

static void message_begin(struct buf *message, const char *sender)
{
	buf_clear(message);
	buf_cstr(message, sender);
}

/* As many lines in a message as it can hold. */
static enum rc call_lines(struct wakeup *w, struct text lines)
{
	buf_auto message = BUF_INIT(LINE_MOST);
	struct text line;
	enum rc rc = RC_OK;
	bool any = false;

	message_begin(&message, w->sender);
	while (rc == RC_OK && text_split(&lines, '\n', &line)) {
		if (!line.n) continue;
		if (message.n + 1 + line.n > LINE_MOST) {
			rc = call(w, &message);
			message_begin(&message, w->sender);
		}
		buf_char(&message, '\n');
		buf_text(&message, line);
		any = true;
	}
	return rc == RC_OK && any ? call(w, &message) : rc;
}

static enum rc call_waiting(struct wakeup *w)
{
	pthread_mutex_lock(&w->lock);
	struct buf lines = w->waiting;
	bool everything = w->everything;
	w->waiting = BUF_INIT(MOST_WAITING * LINE_SIZE);
	w->waiting_count = 0;
	w->everything = false;
	pthread_mutex_unlock(&w->lock);
	enum rc rc = call_lines(w, everything ? EVERYTHING : buf_view(&lines));
	buf_done(&lines);
	if (rc != RC_OK) {
		pthread_mutex_lock(&w->lock);
		put_everything(w);
		pthread_mutex_unlock(&w->lock);
	}
	return rc;
}

enum rc wakeup_call(struct db *db, struct text topic, struct text payload)
{
	static const struct text NOBODY = {"-\n", 2}; /* hears nothing itself */
	buf_auto message = BUF_INIT(LINE_MOST);
	char line[LINE_SIZE];
	size_t length;

	if (!db->driver->line) return RC_OK;
	buf_text(&message, NOBODY);
	buf_text(&message, line_of(line, &length, topic, payload) ? (struct text){line, length} : EVERYTHING);
	return db->driver->line->call(db, buf_view(&message));
}

/* ---- hearing ---- */

static void hear_line(struct wakeup *w, struct text line)
{
	struct text topic;

	atomic_fetch_add(&w->heard, 1);
	if (text_equal(line, EVERYTHING))
		w->options.everything(w->options.context);
	else if (text_split(&line, ' ', &topic) && line.p)
		w->options.heard(w->options.context, topic, line);
}

static void hear_all(struct wakeup *w)
{
	buf_auto message = BUF_INIT(KIB(16));

	while (w->line->heard(w->db, &message)) {
		struct text rest = buf_view(&message), line;
		if (!text_split(&rest, '\n', &line) || text_is(line, w->sender)) continue;
		while (text_split(&rest, '\n', &line))
			if (line.n) hear_line(w, line);
	}
}

/* ---- the thread ---- */

static bool is_stopping(struct wakeup *w, bool *ret_call)
{
	pthread_mutex_lock(&w->lock);
	bool stopping = w->stopping;
	*ret_call = w->everything || w->waiting_count;
	pthread_mutex_unlock(&w->lock);
	return stopping;
}

static void set_hears(struct wakeup *w, bool hears)
{
	if (atomic_exchange(&w->hears, hears) != hears) w->options.hears(w->options.context, hears);
}

static void forget_event(struct wakeup *w)
{
	uint64_t count;
	ssize_t n = read(w->event, &count, sizeof count);
	(void)n; /* nothing to forget */
}

static void sleep_away(struct wakeup *w, enum rc rc)
{
	int64_t until = clock_monotonic() + (rc == RC_NOT_FOUND ? CANNOT_MICROS : AWAY_MICROS);
	bool call;

	while (!is_stopping(w, &call)) {
		int64_t left = until - clock_monotonic();
		struct pollfd fd = {.fd = w->event, .events = POLLIN};
		if (left <= 0) return;
		poll(&fd, 1, (int)(left / 1000) + 1);
		forget_event(w);
	}
}

static void begin_to_listen(struct wakeup *w)
{
	enum rc rc = w->line->listen(w->db);

	if (rc == RC_OK) {
		if (w->told_away) log_info("other servers are heard again");
		w->told_away = false;
		w->next_check = clock_monotonic() + CHECK_MICROS;
		atomic_fetch_add(&w->connections, 1);
		set_hears(w, true);
		w->options.everything(w->options.context);
		return;
	}
	set_hears(w, false);
	if (!w->told_away)
		log_warn("other servers are not heard: looking for their changes instead", LOG_STR("error", db_error(w->db)->text));
	w->told_away = true;
	sleep_away(w, rc);
}

/* One turn of a connection that listens. */
static enum rc turn(struct wakeup *w, bool to_call)
{
	enum rc rc = RC_OK;
	int64_t now = clock_monotonic();

	if (to_call && now >= w->next_call) {
		rc = call_waiting(w);
		w->next_call = now + PAUSE_MICROS;
		w->next_check = now + CHECK_MICROS;
	} else if (now >= w->next_check) {
		rc = w->line->check(w->db);
		w->next_check = now + CHECK_MICROS;
	}
	hear_all(w);
	if (rc != RC_OK) return rc;
	/* While a call waits for its time, more of them need not wake. */
	bool paused = to_call && now < w->next_call;
	rc = w->line->wait(w->db, paused ? -1 : w->event, (paused ? w->next_call : w->next_check) - now);
	if (!paused) forget_event(w);
	hear_all(w);
	return rc;
}

static void *wakeup_run(void *arg)
{
	struct wakeup *w = arg;
	bool to_call;

	while (!is_stopping(w, &to_call)) {
		if (!atomic_load(&w->hears))
			begin_to_listen(w);
		else if (turn(w, to_call) != RC_OK)
			set_hears(w, false);
	}
	if (to_call && atomic_load(&w->hears) && call_waiting(w) != RC_OK) log_debug("the last call to other servers failed");
	set_hears(w, false);
	return NULL;
}

/* ---- life ---- */

static void wakeup_free(struct wakeup *w)
{
	db_close(w->db);
	if (w->event >= 0) close(w->event);
	buf_done(&w->waiting);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

enum rc wakeup_start(const struct wakeup_options *options, struct wakeup **ret, struct err *err)
{
	uint8_t sender[8];
	const struct db_driver *driver = db_driver_of(options->location);
	struct db *db;

	if (driver && !driver->line) return *ret = NULL, RC_OK;
	enum rc rc = db_open(options->location, DB_WRITE, &db, err);
	if (rc != RC_OK) return rc;
	struct wakeup *w = mem_zalloc(sizeof *w);
	w->options = *options;
	w->db = db;
	w->line = db->driver->line;
	w->waiting = BUF_INIT(MOST_WAITING * LINE_SIZE);
	pthread_mutex_init(&w->lock, NULL);
	random_bytes(sender, sizeof sender);
	hex_encode(sender, sizeof sender, w->sender);
	w->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	*ret = w; /* before the thread, which may call back at once */
	if (w->event < 0 || pthread_create(&w->thread, NULL, wakeup_run, w) != 0) {
		*ret = NULL;
		wakeup_free(w);
		return err_set(err, RC_UNAVAILABLE, "no thread could be started");
	}
	pthread_setname_np(w->thread, "wakeup");
	return RC_OK;
}

void wakeup_stop(struct wakeup *w)
{
	if (!w) return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_mutex_unlock(&w->lock);
	wake(w);
	pthread_join(w->thread, NULL);
	wakeup_free(w);
}

bool wakeup_hears(const struct wakeup *w)
{
	return w && atomic_load(&w->hears);
}

struct wakeup_stats wakeup_stats(struct wakeup *w)
{
	if (!w) return (struct wakeup_stats){0};
	return (struct wakeup_stats){.hears = atomic_load(&w->hears),
		.called = atomic_load(&w->called),
		.heard = atomic_load(&w->heard),
		.connections = atomic_load(&w->connections)};
}
