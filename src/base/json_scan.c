/* Scans over JSON as text: how deep it nests and how much it holds, before it is parsed; and the source of a number, which a parsed value forgets. */
#include "base/json_scan.h"

#include <string.h>

#include "base/json.h"

/* The offset of the quote that ends the string whose first character is at i; n when it does not end. */
static size_t find_quote(struct text t, size_t i)
{
	for (; i < t.n && t.p[i] != '"'; i++)
		if (t.p[i] == '\\') i++;
	return i < t.n ? i : t.n;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Values are counted at the comma before them, and the first of a list at whatever follows the opening bracket. */
enum json_excess json_find_excess(struct text bytes, size_t most_levels, size_t most_values, size_t *ret_at)
{
	size_t depth = 0, values = 1;
	bool opened = false;
	for (size_t i = 0; i < bytes.n; i++) {
		char c = bytes.p[i];
		bool opens = c == '[' || c == '{', closes = c == ']' || c == '}';
		if (is_space(c)) continue;
		if ((c == ',' || (opened && !closes)) && ++values > most_values) return *ret_at = i, JSON_TOO_MANY;
		if (opens && ++depth > most_levels) return *ret_at = i, JSON_TOO_DEEP;
		if (closes && depth > 0) depth--;
		if (c == '"') i = find_quote(bytes, i + 1);
		opened = opens;
	}
	return JSON_FITS;
}

static size_t skip_space(struct text t, size_t i)
{
	while (i < t.n && is_space(t.p[i])) i++;
	return i;
}

/* The offset behind the value at i. */
static size_t skip_value(struct text t, size_t i)
{
	size_t depth = 0;
	for (; i < t.n; i++) {
		char c = t.p[i];
		if (c == '"')
			i = find_quote(t, i + 1);
		else if (c == '[' || c == '{')
			depth++;
		else if (depth == 0 && (c == ',' || c == '}'))
			return i;
		else if (c == ']' || c == '}')
			depth--;
	}
	return t.n;
}

static unsigned hex_digit(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

/* The character that the escape at the start of t stands for, and its length. Beyond ASCII it is NUL, which no key has. */
static char read_escape(struct text t, size_t *ret_length)
{
	static const char meant[128] = {
		['b'] = '\b',
		['f'] = '\f',
		['n'] = '\n',
		['r'] = '\r',
		['t'] = '\t',
		['"'] = '"',
		['\\'] = '\\',
		['/'] = '/',
	};
	*ret_length = 2;
	if (t.p[1] != 'u' || t.n < 6) return meant[t.p[1] & 0x7F];
	unsigned code = 0;
	for (size_t i = 2; i < 6; i++) code = code << 4 | hex_digit(t.p[i]);
	*ret_length = 6;
	return code < 0x80 ? (char)code : '\0';
}

/* `raw` is what stands between the quotes. */
static bool key_is(struct text raw, const char *key)
{
	for (; raw.n > 0 && *key; key++) {
		size_t n = 1;
		char c = raw.p[0] == '\\' && raw.n >= 2 ? read_escape(raw, &n) : raw.p[0];
		if (c != *key) return false;
		raw.p += n;
		raw.n -= n;
	}
	return raw.n == 0 && !*key;
}

static struct text number_at(struct text t, size_t i)
{
	static const char characters[] = "+-.0123456789eE"; /* no other value begins with one of these */
	size_t end = i;
	while (end < t.n && memchr(characters, t.p[end], sizeof characters - 1)) end++;
	return end > i ? (struct text){t.p + i, end - i} : TEXT_ABSENT;
}

struct text json_number_source(struct text bytes, const char *key)
{
	size_t i = skip_space(bytes, 0);
	if (i >= bytes.n || bytes.p[i] != '{') return TEXT_ABSENT;
	for (;;) {
		i = skip_space(bytes, i + 1); /* behind the brace or the comma */
		if (i >= bytes.n || bytes.p[i] != '"') return TEXT_ABSENT;
		size_t quote = find_quote(bytes, i + 1);
		bool found = key_is((struct text){bytes.p + i + 1, quote - i - 1}, key);
		size_t colon = skip_space(bytes, quote + 1);
		i = skip_space(bytes, colon + 1);
		if (found) return number_at(bytes, i);
		i = skip_value(bytes, i);
	}
}
