/* Reading JSON straight from its bytes; see the header. */
#include "base/json_in.h"

#include <string.h>

struct json_in json_in(struct text bytes, struct arena *a)
{
	return (struct json_in){.p = bytes.p, .start = bytes.p, .end = bytes.p + bytes.n, .arena = a};
}

static bool fail(struct json_in *j)
{
	j->failed = true;
	return false;
}

static void skip_space(struct json_in *j)
{
	while (j->p < j->end && (*j->p == ' ' || *j->p == '\t' || *j->p == '\r' || *j->p == '\n')) j->p++;
}

static bool take(struct json_in *j, char c)
{
	skip_space(j);
	if (j->failed || j->p == j->end || *j->p != c) return false;
	j->p++;
	return true;
}

/* ---- texts ---- */

static bool read_hex4(struct json_in *j, uint32_t *ret)
{
	uint32_t n = 0;
	if (j->end - j->p < 4) return false;
	for (int i = 0; i < 4; i++) {
		char c = *j->p++;
		if (c >= '0' && c <= '9')
			n = n * 16 + (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			n = n * 16 + (uint32_t)(c - 'a') + 10;
		else if (c >= 'A' && c <= 'F')
			n = n * 16 + (uint32_t)(c - 'A') + 10;
		else
			return false;
	}
	*ret = n;
	return true;
}

/* At most four bytes, for the six or twelve that the escape has. */
static char *put_utf8(char *to, uint32_t c)
{
	int following = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const unsigned char leads[] = {0x00, 0xC0, 0xE0, 0xF0};
	*to++ = (char)(leads[following] | c >> (6 * following));
	while (following-- > 0) *to++ = (char)(0x80 | (c >> (6 * following) & 0x3F));
	return to;
}

/* What follows "\u": a character, or a pair of surrogates. */
static char *unescape_code(struct json_in *j, char *to)
{
	uint32_t c, low;
	if (!read_hex4(j, &c) || c == 0 || (c >= 0xDC00 && c <= 0xDFFF)) return NULL;
	if (c < 0xD800 || c > 0xDBFF) return put_utf8(to, c);
	if (j->end - j->p < 2 || j->p[0] != '\\' || j->p[1] != 'u') return NULL;
	j->p += 2;
	if (!read_hex4(j, &low) || low < 0xDC00 || low > 0xDFFF) return NULL;
	return put_utf8(to, 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00));
}

static char *unescape_one(struct json_in *j, char *to)
{
	static const char letters[128] = {
		['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t'};
	if (j->p == j->end) return NULL;
	unsigned char c = (unsigned char)*j->p++;
	if (c == 'u') return unescape_code(j, to);
	if (c >= 128 || !letters[c]) return NULL;
	*to++ = letters[c];
	return to;
}

/* Bytes up to a quote, a backslash or a control character. */
static size_t plain_run(const char *p, const char *end)
{
	const char *from = p;
	while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20) p++;
	return (size_t)(p - from);
}

/* The closing quote has been found for certain: what is unescaped is never longer than what is not. */
static bool read_escaped(struct json_in *j, const char *from, size_t room, struct text *ret)
{
	char *out = arena_alloc(j->arena, room + 1), *to = out;
	j->p = from;
	for (;;) {
		size_t n = plain_run(j->p, j->end);
		memcpy(to, j->p, n);
		to += n;
		j->p += n;
		if (j->p == j->end || (unsigned char)*j->p < 0x20) return fail(j);
		if (*j->p++ == '"') break;
		to = unescape_one(j, to);
		if (!to) return fail(j);
	}
	*ret = (struct text){out, (size_t)(to - out)};
	return true;
}

/* Where the text that begins at p ends: at its quote. */
static const char *find_quote(const char *p, const char *end)
{
	for (p += plain_run(p, end); end - p >= 2 && *p == '\\'; p += plain_run(p, end)) p += 2;
	return p < end && *p == '"' ? p : NULL;
}

static bool read_text(struct json_in *j, struct text *ret)
{
	if (!take(j, '"')) return fail(j);
	const char *from = j->p;
	size_t n = plain_run(from, j->end);
	j->p += n;
	if (j->p == j->end) return fail(j);
	if (*j->p == '"') return *ret = (struct text){from, n}, j->p++, true;
	const char *quote = find_quote(j->p, j->end);
	return quote ? read_escaped(j, from, (size_t)(quote - from), ret) : fail(j);
}

/* ---- numbers and words ---- */

static bool read_int(struct json_in *j, int64_t *ret)
{
	bool negative = *j->p == '-';
	const char *digits = j->p += negative;
	uint64_t n = 0, most = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
	for (; j->p < j->end && *j->p >= '0' && *j->p <= '9'; j->p++) {
		uint64_t digit = (uint64_t)(*j->p - '0');
		if (n > (most - digit) / 10) return fail(j);
		n = n * 10 + digit;
	}
	if (j->p == digits || (*digits == '0' && j->p - digits > 1)) return fail(j);
	*ret = negative ? (int64_t)-n : (int64_t)n;
	return true; /* a fraction or an exponent is a mistake where the next comma or bracket must stand */
}

static bool read_null(struct json_in *j)
{
	if (j->end - j->p < 4 || memcmp(j->p, "null", 4) != 0) return fail(j);
	j->p += 4;
	return true;
}

/* ---- objects ---- */

bool json_in_object(struct json_in *j)
{
	if (!take(j, '{')) return fail(j);
	j->first = true;
	return true;
}

bool json_in_key(struct json_in *j, struct text *ret)
{
	if (take(j, '}')) return j->first = false;
	if (j->failed || (!j->first && !take(j, ','))) return fail(j);
	j->first = false;
	return read_text(j, ret) && (take(j, ':') || fail(j));
}

bool json_in_scalar(struct json_in *j, struct json_scalar *ret)
{
	struct json_scalar v = {.kind = JSON_SCALAR_NULL};
	skip_space(j);
	if (j->failed || j->p == j->end) return fail(j);
	bool read;
	if (*j->p == '"') {
		v.kind = JSON_SCALAR_TEXT;
		read = read_text(j, &v.text);
	} else if (*j->p == 'n') {
		read = read_null(j);
	} else {
		v.kind = JSON_SCALAR_INT;
		read = read_int(j, &v.integer);
	}
	if (read) *ret = v;
	return read;
}

bool json_in_done(struct json_in *j)
{
	skip_space(j);
	return !j->failed && j->p == j->end;
}

size_t json_in_at(const struct json_in *j)
{
	return (size_t)(j->p - j->start);
}
