/* Reads the header fields by which client and server agree on what is sent. */
#include "http/http_negotiate.h"

#include <string.h>

static struct text blank_trim(struct text t)
{
	while (t.n && (t.p[0] == ' ' || t.p[0] == '\t')) {
		t.p++;
		t.n--;
	}
	while (t.n && (t.p[t.n - 1] == ' ' || t.p[t.n - 1] == '\t')) t.n--;
	return t;
}

static struct text unquote(struct text t)
{
	if (t.n < 2 || t.p[0] != '"' || t.p[t.n - 1] != '"') return t;
	return (struct text){t.p + 1, t.n - 2};
}

static bool ends_with(struct text t, struct text end)
{
	return t.n >= end.n && memcmp(t.p + t.n - end.n, end.p, end.n) == 0;
}

bool etag_listed(struct text if_none_match, struct text tag)
{
	struct text part, suffix = TEXT("-gzip");
	if (text_is(blank_trim(if_none_match), "*")) return true;
	while (text_split(&if_none_match, ',', &part)) {
		part = blank_trim(part);
		if (text_starts(part, TEXT("W/"))) part = (struct text){part.p + 2, part.n - 2};
		if (part.n < 2 || part.p[0] != '"') continue;
		part = unquote(part);
		if (ends_with(part, suffix)) part.n -= suffix.n;
		if (text_equal(part, tag)) return true;
	}
	return false;
}

/* "q=0", "q=0.000" and what is no number at all: not wanted. */
static bool weight_is_zero(struct text params)
{
	struct text part;
	while (text_split(&params, ';', &part)) {
		part = blank_trim(part);
		if (part.n < 2 || (part.p[0] != 'q' && part.p[0] != 'Q') || part.p[1] != '=') continue;
		for (size_t i = 2; i < part.n; i++)
			if (part.p[i] >= '1' && part.p[i] <= '9') return false;
		return true;
	}
	return false;
}

bool gzip_accepted(struct text accept_encoding)
{
	struct text part;
	bool any = false;
	while (text_split(&accept_encoding, ',', &part)) {
		struct text coding = TEXT("");
		text_split(&part, ';', &coding);
		coding = blank_trim(coding);
		bool wanted = !weight_is_zero(part);
		if (text_equal_nocase(coding, TEXT("gzip")) || text_equal_nocase(coding, TEXT("x-gzip"))) return wanted;
		if (text_is(coding, "*")) any = wanted;
	}
	return any;
}

static bool charset_is_utf8(struct text params)
{
	struct text part, name;
	while (text_split(&params, ';', &part)) {
		part = blank_trim(part);
		if (!text_split(&part, '=', &name) || !text_equal_nocase(blank_trim(name), TEXT("charset"))) continue;
		struct text charset = unquote(blank_trim(part));
		if (!text_equal_nocase(charset, TEXT("utf-8")) && !text_equal_nocase(charset, TEXT("utf8"))) return false;
	}
	return true;
}

static bool type_matches(struct text type, const char *expected)
{
	if (text_equal_nocase(type, text_from(expected))) return true;
	if (strcmp(expected, "application/json") != 0) return false;
	struct text prefix = TEXT("application/"), suffix = TEXT("+json");
	return type.n > prefix.n + suffix.n && text_equal_nocase((struct text){type.p, prefix.n}, prefix) &&
		   text_equal_nocase((struct text){type.p + type.n - suffix.n, suffix.n}, suffix);
}

bool content_type_allowed(struct text value, const char *expected)
{
	if (!expected || !value.p) return true;
	struct text type = TEXT("");
	text_split(&value, ';', &type);
	return type_matches(blank_trim(type), expected) && charset_is_utf8(value);
}

bool content_type_compressible(const char *content_type)
{
	static const char *const prefixes[] = {"text/", "application/json", "application/x-ndjson", "application/javascript",
		"application/problem+json", "image/svg+xml", "application/openapi"};
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (strncmp(content_type, prefixes[i], strlen(prefixes[i])) == 0) return true;
	return false;
}
