/* Path and query of a request: decoded once, normalised, refused where two readers could understand them differently. */
#include "http/http_target.h"

#include <string.h>
#include <strings.h>

#include "base/limits.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9') return c - '0';
	if (c >= 'a' && c <= 'f') return c - 'a' + 10;
	if (c >= 'A' && c <= 'F') return c - 'A' + 10;
	return -1;
}

static bool decode_bytes(struct text raw, bool plus_is_space, char *out, size_t *ret_n)
{
	size_t n = 0;
	for (size_t i = 0; i < raw.n; i++) {
		char c = raw.p[i];
		if (c == '%') {
			if (raw.n - i < 3) return false;
			int high = hex_digit(raw.p[i + 1]), low = hex_digit(raw.p[i + 2]);
			if (high < 0 || low < 0) return false;
			c = (char)(high * 16 + low);
			i += 2;
		} else if (c == '+' && plus_is_space) {
			c = ' ';
		}
		out[n++] = c;
	}
	*ret_n = n;
	return true;
}

bool target_decode(struct arena *a, struct text raw, bool plus_is_space, struct text *ret)
{
	struct text plain = raw;
	if (raw.n && (memchr(raw.p, '%', raw.n) || (plus_is_space && memchr(raw.p, '+', raw.n)))) {
		char *out = arena_alloc(a, raw.n);
		if (!decode_bytes(raw, plus_is_space, out, &plain.n)) return false;
		plain.p = out;
	}
	if (!utf8_valid(plain) || text_has_control(plain, false)) return false;
	*ret = plain;
	return true;
}

/* Spaces and controls end or break a request line, and "#" never travels: whatever sent them is not to be guessed at. */
static bool bytes_allowed(struct text raw)
{
	for (size_t i = 0; i < raw.n; i++) {
		unsigned char c = (unsigned char)raw.p[i];
		if (c <= 0x20 || c == 0x7f || c == '#') return false;
	}
	return true;
}

static bool starts_nocase(struct text t, const char *prefix)
{
	size_t n = strlen(prefix);
	return t.n >= n && strncasecmp(t.p, prefix, n) == 0;
}

/* "http://host:port/path?query" to "/path?query". False when there is no host. */
static bool take_authority(struct text *raw)
{
	size_t skip = starts_nocase(*raw, "http://") ? 7 : starts_nocase(*raw, "https://") ? 8 : 0;
	if (!skip) return true;
	size_t end = skip;
	while (end < raw->n && raw->p[end] != '/' && raw->p[end] != '?') end++;
	if (end == skip) return false;
	*raw = (struct text){raw->p + end, raw->n - end};
	return true;
}

static bool is_dots(struct text segment)
{
	return text_is(segment, ".") || text_is(segment, "..");
}

static enum target_verdict parse_path(struct arena *a, struct text raw, struct target *ret)
{
	char *path = arena_alloc(a, raw.n + 1);
	size_t n = 0;
	bool unknown = false;
	struct text part;
	while (text_split(&raw, '/', &part)) {
		if (part.n == 0) continue;
		if (!target_decode(a, part, false, &part)) return TARGET_MALFORMED;
		path[n++] = '/';
		memcpy(path + n, part.p, part.n);
		n += part.n;
		if (ret->segment_count == TARGET_SEGMENTS || is_dots(part))
			unknown = true;
		else
			ret->segments[ret->segment_count++] = part;
	}
	if (n == 0) path[n++] = '/';
	ret->path = (struct text){path, n};
	return unknown ? TARGET_UNKNOWN : TARGET_OK;
}

static bool query_has(const struct target *t, struct text name)
{
	for (size_t i = 0; i < t->query_count; i++)
		if (text_equal(t->query[i].name, name)) return true;
	return false;
}

static bool parse_param(struct arena *a, struct text part, struct target *ret)
{
	struct text raw_name = {part.p, part.n}, raw_value = TEXT("");
	const char *equals = memchr(part.p, '=', part.n);
	if (equals) {
		raw_name.n = (size_t)(equals - part.p);
		raw_value = (struct text){equals + 1, part.n - raw_name.n - 1};
	}
	struct http_param *param = &ret->query[ret->query_count];
	ret->wrong = TEXT("");
	if (utf8_valid(raw_name)) ret->wrong = raw_name;
	if (!target_decode(a, raw_name, true, &param->name)) return false;
	ret->wrong = param->name;
	if (param->name.n == 0 || query_has(ret, param->name)) return false;
	if (!target_decode(a, raw_value, true, &param->value)) return false;
	ret->query_count++;
	return true;
}

static enum target_verdict parse_query(struct arena *a, struct text raw, struct target *ret)
{
	if (raw.n == 0) return TARGET_OK;
	size_t parts = 1;
	for (size_t i = 0; i < raw.n && parts < TARGET_QUERY_PARAMS; i++) parts += raw.p[i] == '&';
	ret->query = arena_array_of(a, struct http_param, parts + 1); /* one more: the one that is too many has a place to be named */
	struct text part;
	while (text_split(&raw, '&', &part)) {
		if (part.n == 0) continue;
		if (!parse_param(a, part, ret)) return TARGET_BAD_QUERY;
		if (ret->query_count > TARGET_QUERY_PARAMS) return TARGET_BAD_QUERY;
	}
	ret->wrong = TEXT_ABSENT;
	return TARGET_OK;
}

enum target_verdict target_parse(struct arena *a, struct text raw, struct target *ret)
{
	*ret = (struct target){.path = TEXT("/")};
	if (raw.n > LIMIT_TARGET) return TARGET_TOO_LONG;
	if (raw.n == 0 || !bytes_allowed(raw)) return TARGET_MALFORMED;
	if (text_is(raw, "*")) {
		ret->asterisk = true;
		ret->path = TEXT("*");
		return TARGET_OK;
	}
	if (!take_authority(&raw)) return TARGET_MALFORMED;
	struct text path = raw, query = TEXT_ABSENT;
	const char *mark = raw.n ? memchr(raw.p, '?', raw.n) : NULL;
	if (mark) {
		path.n = (size_t)(mark - raw.p);
		query = (struct text){mark + 1, raw.n - path.n - 1};
	}
	if (path.n && path.p[0] != '/') return TARGET_MALFORMED;
	enum target_verdict verdict = parse_path(a, path, ret);
	return verdict == TARGET_OK ? parse_query(a, query, ret) : verdict;
}
