/* The log; see the header. A line is built on the stack and written with one write(2). Nothing is allocated here, so that
 * running out of memory can still be said. */
#include "base/log.h"

#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json_out.h"
#include "base/limits.h"

enum {
	VALUE_MAX = LIMIT_LOG_LINE / 4, /* a longer text is cut and ends in "…" */
	TAIL_MAX = 16, /* kept for what ends a line: ` cut=true`, brace, newline */
};

static _Atomic int least_level = LOG_INFO;
static _Atomic int line_format = LOG_LOGFMT;

static const char *const level_names[] = {[LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARN] = "warn", [LOG_ERROR] = "error"};

void log_setup(enum log_level least, enum log_format format)
{
	atomic_store_explicit(&least_level, (int)least, memory_order_relaxed);
	atomic_store_explicit(&line_format, (int)format, memory_order_relaxed);
}

bool log_wanted(enum log_level level)
{
	return (int)level >= atomic_load_explicit(&least_level, memory_order_relaxed);
}

struct line {
	struct buf b; /* over room of the caller's, all of it from the start: never allocated, never freed */
	bool json;
};

static void put_key(struct line *l, const char *key)
{
	if (l->b.n > 1) buf_char(&l->b, l->json ? ',' : ' ');
	if (l->json) buf_char(&l->b, '"');
	buf_cstr(&l->b, key);
	buf_text(&l->b, l->json ? TEXT("\":") : TEXT("="));
}

/* Whether logfmt readers take the value without quotes. */
static bool is_bare(struct text t)
{
	static const char punctuation[] = "._:/-+@,";
	for (size_t i = 0; i < t.n; i++) {
		char c = t.p[i];
		bool alnum = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
		if (!alnum && !memchr(punctuation, c, sizeof punctuation - 1)) return false;
	}
	return t.n > 0;
}

/* Bytes that are not UTF-8 come from outside; they must not reach a terminal or break a JSON line. */
static void put_invalid(struct buf *b, struct text t)
{
	char clean[VALUE_MAX];
	for (size_t i = 0; i < t.n; i++) clean[i] = (unsigned char)t.p[i] < 0x80 ? t.p[i] : '?';
	json_escape(b, (struct text){clean, t.n});
}

static void put_text(struct line *l, struct text t)
{
	if (!t.p) {
		if (l->json) buf_text(&l->b, TEXT("null"));
		return;
	}
	bool bare = !l->json && is_bare(t);
	struct text shown = {t.p, utf8_cut(t, VALUE_MAX)};
	if (!bare) buf_char(&l->b, '"');
	if (utf8_valid(shown))
		json_escape(&l->b, shown);
	else
		put_invalid(&l->b, shown);
	if (shown.n < t.n) buf_text(&l->b, TEXT("…"));
	if (!bare) buf_char(&l->b, '"');
}

static void put_field(struct line *l, const struct log_field *f)
{
	put_key(l, f->key);
	if (f->kind == LOG_FIELD_TEXT)
		put_text(l, f->text);
	else if (f->kind == LOG_FIELD_INT)
		buf_printf(&l->b, "%lld", (long long)f->integer);
	else if (isfinite(f->real))
		buf_printf(&l->b, "%.3f", f->real);
	else
		buf_text(&l->b, TEXT("null"));
}

/* Writes the fields that fit whole and says whether these were all. */
static bool put_fields(struct line *l, const struct log_field *fields)
{
	bool all = true;
	for (const struct log_field *f = fields; f->key; f++) {
		size_t before = l->b.n;
		put_field(l, f);
		if (!buf_failed(&l->b)) continue;
		l->b.failed = false;
		l->b.n = before;
		all = false;
	}
	return all;
}

static void write_line(const char *p, size_t n)
{
	int saved = errno;
	while (write(STDERR_FILENO, p, n) < 0 && errno == EINTR)
		; /* what cannot be written is lost: there is nowhere to say so */
	errno = saved;
}

void log_line(enum log_level level, const char *message, const struct log_field *fields)
{
	char room[LIMIT_LOG_LINE];
	char time[RFC3339_SIZE];
	struct line l = {
		.b = {.p = room, .room = sizeof room - TAIL_MAX, .cap = sizeof room - TAIL_MAX},
		.json = atomic_load_explicit(&line_format, memory_order_relaxed) == LOG_JSON,
	};
	size_t time_n = rfc3339_format(clock_now(), time);
	const struct log_field head[] = {
		LOG_STR("level", level_names[level]),
		LOG_TEXT("time", ((struct text){time, time_n})),
		LOG_STR("msg", message),
		{0},
	};
	if (l.json) buf_char(&l.b, '{');
	bool all = put_fields(&l, head);
	all = put_fields(&l, fields) && all;
	l.b.room = l.b.cap = sizeof room;
	if (!all) {
		put_key(&l, "cut");
		buf_text(&l.b, TEXT("true"));
	}
	if (l.json) buf_char(&l.b, '}');
	buf_char(&l.b, '\n');
	write_line(room, l.b.n);
}
