/* URLs of users as links; see the header. */
#include "notify/message_link.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"

enum { LONGEST_HOST = 253, LONGEST_LABEL = 63 };

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

static bool is_name(struct text host)
{
	if (!host.n || host.n > LONGEST_HOST) return false;
	struct text label;
	while (text_split(&host, '.', &label)) {
		if (!label.n || label.n > LONGEST_LABEL) return false;
		for (size_t i = 0; i < label.n; i++)
			if (!is_alnum(label.p[i]) && !is_one_of(label.p[i], "-_")) return false;
	}
	return true;
}

static bool is_ipv6(struct text host)
{
	if (host.n < 4 || host.p[0] != '[' || host.p[host.n - 1] != ']') return false;
	for (size_t i = 1; i < host.n - 1; i++)
		if (!is_hex(host.p[i]) && !is_one_of(host.p[i], ":.")) return false;
	return true;
}

/* host or host:port; never user@host. */
static bool is_authority(struct text t)
{
	size_t end = t.n;
	while (end && t.p[end - 1] >= '0' && t.p[end - 1] <= '9') end--;
	if (end && t.p[end - 1] == ':') {
		uint64_t port;
		struct text digits = {t.p + end, t.n - end};
		if (!text_to_u64(digits, &port) || port == 0 || port > 65535) return false;
		t.n = end - 1;
	}
	return is_name(t) || is_ipv6(t);
}

static size_t scheme_length(struct text url)
{
	static const char *const schemes[] = {"https://", "http://"};
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		struct text scheme = text_from(schemes[i]);
		if (url.n > scheme.n && text_equal_nocase((struct text){url.p, scheme.n}, scheme)) return scheme.n;
	}
	return 0;
}

static void add_encoded(struct buf *b, char c)
{
	buf_printf(b, "%%%02X", (unsigned char)c);
}

/* A '%' without two digits behind it, and a second '#', stand for themselves. */
static void add_path(struct buf *b, struct text t)
{
	bool in_fragment = false;
	for (size_t i = 0; i < t.n; i++) {
		char c = t.p[i];
		bool keep = is_alnum(c) || is_one_of(c, "-._~:/?@!$&'()*+,;=");
		if (c == '%') keep = t.n - i > 2 && is_hex(t.p[i + 1]) && is_hex(t.p[i + 2]);
		if (c == '#') keep = !in_fragment, in_fragment = true;
		if (keep)
			buf_char(b, c);
		else
			add_encoded(b, c);
	}
}

struct text message_link_url(struct arena *a, struct text url)
{
	url = text_trim(url);
	size_t start = scheme_length(url);
	if (!start || url.n > LIMIT_URL || !utf8_valid(url) || text_has_control(url, false)) return TEXT_ABSENT;
	if (memchr(url.p, ' ', url.n)) return TEXT_ABSENT;
	size_t end = start;
	while (end < url.n && !is_one_of(url.p[end], "/?#")) end++;
	if (!is_authority((struct text){url.p + start, end - start})) return TEXT_ABSENT;

	buf_auto b = BUF_INIT(LIMIT_URL);
	buf_add(&b, url.p, end);
	add_path(&b, (struct text){url.p + end, url.n - end});
	return buf_failed(&b) ? TEXT_ABSENT : text_copy(a, buf_view(&b));
}

struct text message_page_url(struct arena *a, const char *base, const char *path, struct text value)
{
	if (!base || !value.n) return TEXT_ABSENT;
	buf_auto b = BUF_INIT(LIMIT_URL);
	buf_cstr(&b, base);
	buf_cstr(&b, path);
	for (size_t i = 0; i < value.n; i++) {
		if (is_alnum(value.p[i]) || is_one_of(value.p[i], "-._~"))
			buf_char(&b, value.p[i]);
		else
			add_encoded(&b, value.p[i]);
	}
	return buf_failed(&b) ? TEXT_ABSENT : message_link_url(a, buf_view(&b));
}
