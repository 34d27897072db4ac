/* Writing JSON into a buffer; see the header. */
#include "base/json_out.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = sizeof((struct json_out *)0)->first / sizeof(bool) };

struct json_out json_out(struct buf *b)
{
	return (struct json_out){.b = b};
}

/* Room for n bytes, to be counted by whoever fills it. NULL: there is none. */
static char *room_for(struct buf *b, size_t n)
{
	if (b->failed) return NULL;
	if (n > b->room - b->n) buf_reserve(b, n);
	return b->failed ? NULL : b->p + b->n;
}

/* What stands before a value: the comma, and the key unless it is an array's element; and `after`, with which the value begins.
 * In one piece: most of what is written are such small ones. */
static void start_with(struct json_out *j, const char *key, const char *after)
{
	bool comma = j->depth > 0 && !j->first[j->depth - 1];
	bool named = key && j->depth > 0 && !j->is_array[j->depth - 1];
	size_t n = named ? strlen(key) : 0, m = strlen(after);
	char *p = room_for(j->b, comma + (named ? n + 3 : 0) + m);
	if (j->depth > 0) j->first[j->depth - 1] = false;
	if (!p) return;
	if (comma) *p++ = ',';
	if (named) {
		*p++ = '"';
		p = mempcpy(p, key, n);
		p = mempcpy(p, "\":", 2);
	}
	p = mempcpy(p, after, m);
	j->b->n = (size_t)(p - j->b->p);
}

static void start_value(struct json_out *j, const char *key)
{
	start_with(j, key, "");
}

static void open_level(struct json_out *j, const char *key, bool is_array)
{
	start_with(j, key, is_array ? "[" : "{");
	if (j->depth == DEPTH_MAX) {
		j->b->failed = true;
		return;
	}
	j->first[j->depth] = true;
	j->is_array[j->depth++] = is_array;
}

void json_put_object(struct json_out *j, const char *key)
{
	open_level(j, key, false);
}

void json_put_array(struct json_out *j, const char *key)
{
	open_level(j, key, true);
}

void json_end(struct json_out *j)
{
	if (j->depth == 0) return;
	buf_char(j->b, j->is_array[--j->depth] ? ']' : '}');
}

void json_put_text(struct json_out *j, const char *key, struct text t)
{
	if (!t.p) {
		json_put_null(j, key);
		return;
	}
	start_with(j, key, "\"");
	json_escape(j->b, t);
	buf_char(j->b, '"');
}

void json_put_cstr(struct json_out *j, const char *key, const char *s)
{
	json_put_text(j, key, text_from(s));
}

void json_put_int(struct json_out *j, const char *key, int64_t v)
{
	char digits[20]; /* "-9223372036854775808" */
	char *p = digits + sizeof digits;
	uint64_t rest = v < 0 ? -(uint64_t)v : (uint64_t)v;
	do *--p = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (v < 0) *--p = '-';
	start_value(j, key);
	buf_add(j->b, p, (size_t)(digits + sizeof digits - p));
}

void json_put_real(struct json_out *j, const char *key, double v)
{
	start_value(j, key);
	json_write_real(j->b, v);
}

void json_put_bool(struct json_out *j, const char *key, bool v)
{
	start_with(j, key, v ? "true" : "false");
}

void json_put_null(struct json_out *j, const char *key)
{
	start_with(j, key, "null");
}

void json_put_time(struct json_out *j, const char *key, time_us t)
{
	if (t == TIME_NONE) {
		json_put_null(j, key);
		return;
	}
	char time[RFC3339_SIZE];
	size_t n = rfc3339_format(t, time);
	start_with(j, key, "\"");
	time[n] = '"'; /* instead of the NUL */
	buf_add(j->b, time, n + 1);
}

void json_put_raw(struct json_out *j, const char *key, struct text compact_json)
{
	if (compact_json.n == 0) {
		json_put_null(j, key);
		return;
	}
	start_value(j, key);
	buf_text(j->b, compact_json);
}

/* A byte that stands for itself whatever follows. 0xC2 begins the C1 controls, 0xE2 begins U+2028 and U+2029. */
static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c != '"' && c != '\\' && c != 0x7F && c != 0xC2 && c != 0xE2;
}

/* Whether eight bytes are all printable ASCII without quote and backslash. The sums may flag a byte too much, never too few. */
static bool is_plain_word(const char *p)
{
	const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
	uint64_t w;
	memcpy(&w, p, sizeof w);
	uint64_t quote = w ^ ones * '"', backslash = w ^ ones * '\\', del = w ^ ones * 0x7F;
	return !((w | (w - ones * 0x20) | (quote - ones) | (backslash - ones) | (del - ones)) & tops);
}

static size_t plain_run(const char *p, size_t n)
{
	size_t i = 0;
	while (n - i >= sizeof(uint64_t) && is_plain_word(p + i)) i += sizeof(uint64_t);
	if (n - i < sizeof(uint64_t) && n >= sizeof(uint64_t) && is_plain_word(p + n - sizeof(uint64_t))) return n; /* the rest too */
	while (i < n && is_plain((unsigned char)p[i])) i++;
	return i;
}

static void escape_ascii(struct buf *b, unsigned char c)
{
	static const char letters[128] = {
		['"'] = '"',
		['\\'] = '\\',
		['\b'] = 'b',
		['\f'] = 'f',
		['\n'] = 'n',
		['\r'] = 'r',
		['\t'] = 't',
	};
	if (letters[c])
		buf_add(b, (char[]){'\\', letters[c]}, 2);
	else
		buf_printf(b, "\\u%04x", c);
}

/* Writes the character at p, whose first byte is not plain, and returns how many bytes it has. */
static size_t escape_one(struct buf *b, const unsigned char *p, size_t n)
{
	if (p[0] < 0x80) {
		escape_ascii(b, p[0]);
		return 1;
	}
	if (p[0] == 0xC2 && n >= 2 && p[1] < 0xA0) {
		buf_printf(b, "\\u%04x", p[1]);
		return 2;
	}
	if (p[0] == 0xE2 && n >= 3 && p[1] == 0x80 && (p[2] == 0xA8 || p[2] == 0xA9)) {
		buf_printf(b, "\\u20%02x", p[2] - 0x80);
		return 3;
	}
	buf_add(b, p, 1); /* the others that begin with these bytes; what follows is plain */
	return 1;
}

void json_escape(struct buf *b, struct text t)
{
	for (size_t i = 0; i < t.n;) {
		size_t n = plain_run(t.p + i, t.n - i);
		buf_add(b, t.p + i, n);
		i += n;
		if (i < t.n) i += escape_one(b, (const unsigned char *)t.p + i, t.n - i);
	}
}

void json_write_real(struct buf *b, double v)
{
	if (!isfinite(v)) {
		buf_text(b, TEXT("null"));
		return;
	}
	char digits[32];
	for (int precision = 15; precision <= 17; precision++) {
		snprintf(digits, sizeof digits, "%.*g", precision, v);
		if (strtod(digits, NULL) == v) break;
	}
	buf_cstr(b, digits);
	if (!strpbrk(digits, ".e")) buf_text(b, TEXT(".0"));
}
