/* Strings with a length: comparing, trimming, copying, splitting. What concerns UTF-8 alone is in utf8.c. */
#include "base/text.h"

#include <string.h>

struct text text_from(const char *c_string)
{
	return c_string ? (struct text){c_string, strlen(c_string)} : TEXT_ABSENT;
}

bool text_equal(struct text a, struct text b)
{
	if (!a.p || !b.p) return !a.p && !b.p;
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

bool text_is(struct text a, const char *c_string)
{
	return text_equal(a, text_from(c_string));
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

bool text_equal_nocase(struct text a, struct text b)
{
	if (!a.p || !b.p) return !a.p && !b.p;
	if (a.n != b.n) return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i])) return false;
	return true;
}

bool text_starts(struct text a, struct text prefix)
{
	return a.n >= prefix.n && (prefix.n == 0 || memcmp(a.p, prefix.p, prefix.n) == 0);
}

int text_compare(struct text a, struct text b)
{
	size_t shorter = a.n < b.n ? a.n : b.n;
	int order = shorter ? memcmp(a.p, b.p, shorter) : 0;
	return order ? order : (a.n > b.n) - (a.n < b.n);
}

/* The characters beyond ASCII with Unicode's White_Space property, as UTF-8. */
static const struct space {
	char bytes[4];
	size_t n;
} spaces[] = {
	{"\xC2\x85", 2}, /* U+0085 next line */
	{"\xC2\xA0", 2}, /* U+00A0 no-break space */
	{"\xE1\x9A\x80", 3}, /* U+1680 ogham space */
	{"\xE2\x80\xA8", 3}, /* U+2028 line separator */
	{"\xE2\x80\xA9", 3}, /* U+2029 paragraph separator */
	{"\xE2\x80\xAF", 3}, /* U+202F narrow no-break space */
	{"\xE2\x81\x9F", 3}, /* U+205F medium mathematical space */
	{"\xE3\x80\x80", 3}, /* U+3000 ideographic space */
};

static bool is_ascii_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_wide_space(const char *p, size_t n)
{
	/* U+2000–U+200A: the quads and the thin spaces */
	if (n == 3 && memcmp(p, "\xE2\x80", 2) == 0 && (unsigned char)p[2] >= 0x80 && (unsigned char)p[2] <= 0x8A) return true;
	for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
		if (spaces[i].n == n && memcmp(spaces[i].bytes, p, n) == 0) return true;
	return false;
}

static size_t space_at_start(struct text t)
{
	if (is_ascii_space(t.p[0])) return 1;
	for (size_t n = 2; n <= 3 && n <= t.n; n++)
		if (is_wide_space(t.p, n)) return n;
	return 0;
}

static size_t space_at_end(struct text t)
{
	if (is_ascii_space(t.p[t.n - 1])) return 1;
	for (size_t n = 2; n <= 3 && n <= t.n; n++)
		if (is_wide_space(t.p + t.n - n, n)) return n;
	return 0;
}

/* Visible ASCII: no space begins or ends with it. Nearly every text does. */
static bool is_plain(char c)
{
	return c > ' ' && c < 0x7F;
}

struct text text_trim(struct text t)
{
	if (t.n > 0 && is_plain(t.p[0]) && is_plain(t.p[t.n - 1])) return t;
	for (size_t n; t.n > 0 && (n = space_at_start(t)) > 0;) {
		t.p += n;
		t.n -= n;
	}
	for (size_t n; t.n > 0 && (n = space_at_end(t)) > 0;) t.n -= n;
	return t;
}

struct text text_trim_blanks(struct text t)
{
	while (t.n && (t.p[0] == ' ' || t.p[0] == '\t')) {
		t.p++;
		t.n--;
	}
	while (t.n && (t.p[t.n - 1] == ' ' || t.p[t.n - 1] == '\t')) t.n--;
	return t;
}

struct text text_copy(struct arena *a, struct text t)
{
	if (!t.p) return t;
	char *p = arena_alloc(a, t.n + 1);
	memcpy(p, t.p, t.n);
	p[t.n] = '\0';
	return (struct text){p, t.n};
}

const char *text_cstr(struct arena *a, struct text t)
{
	return text_copy(a, t).p;
}

struct text text_lower(struct arena *a, struct text t)
{
	if (!t.p) return t;
	char *p = arena_alloc(a, t.n + 1);
	for (size_t i = 0; i < t.n; i++) p[i] = lower(t.p[i]);
	p[t.n] = '\0';
	return (struct text){p, t.n};
}

bool text_split(struct text *rest, char separator, struct text *ret_part)
{
	if (!rest->p) return false;
	const char *end = rest->n ? memchr(rest->p, separator, rest->n) : NULL;
	if (!end) {
		*ret_part = *rest;
		*rest = TEXT_ABSENT;
		return true;
	}
	size_t n = (size_t)(end - rest->p);
	*ret_part = (struct text){rest->p, n};
	*rest = (struct text){end + 1, rest->n - n - 1};
	return true;
}

uint64_t text_hash(struct text t, uint64_t seed)
{
	uint64_t hash = UINT64_C(14695981039346656037) ^
					seed; /* FNV-1a, whose last bytes reach only a part of the bits; then mixed */
	for (size_t i = 0; i < t.n; i++) hash = (hash ^ (unsigned char)t.p[i]) * UINT64_C(1099511628211);
	hash = (hash ^ hash >> 32) * UINT64_C(0x9E3779B97F4A7C15);
	return hash ^ hash >> 29;
}

bool text_to_u64(struct text t, uint64_t *ret)
{
	if (t.n == 0) return false;
	uint64_t value = 0;
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] < '0' || t.p[i] > '9') return false;
		if (__builtin_mul_overflow(value, (uint64_t)10, &value)) return false;
		if (__builtin_add_overflow(value, (uint64_t)(t.p[i] - '0'), &value)) return false;
	}
	*ret = value;
	return true;
}
