/* Comparing origins (RFC 6454). */
#include "http/http_origin.h"

#include <string.h>

struct origin {
	struct text scheme, host, port; /* port: absent for the scheme's own */
};

static struct text default_port(struct text scheme)
{
	if (text_equal_nocase(scheme, TEXT("https"))) return TEXT("443");
	if (text_equal_nocase(scheme, TEXT("http"))) return TEXT("80");
	return TEXT_ABSENT;
}

/* "host", "host:port", "[2001:db8::1]:port" */
static void split_port(struct text authority, struct origin *o)
{
	o->host = authority;
	size_t n = authority.n;
	while (n && authority.p[n - 1] >= '0' && authority.p[n - 1] <= '9') n--;
	if (!n || authority.p[n - 1] != ':') return;
	o->host.n = n - 1;
	if (n < authority.n) o->port = (struct text){authority.p + n, authority.n - n};
}

/* "scheme://authority", and whatever comes behind it in a URL. */
static bool origin_read(struct text t, struct origin *ret)
{
	const char *end = t.n ? memmem(t.p, t.n, "://", 3) : NULL;
	if (!end || end == t.p) return false;
	*ret = (struct origin){.scheme = {t.p, (size_t)(end - t.p)}};
	struct text authority = {end + 3, t.n - ret->scheme.n - 3};
	const char *slash = authority.n ? memchr(authority.p, '/', authority.n) : NULL;
	if (slash) authority.n = (size_t)(slash - authority.p);
	if (!authority.n) return false;
	split_port(authority, ret);
	return ret->host.n > 0;
}

static bool same_host(const struct origin *a, const struct origin *b)
{
	struct text port_a = a->port.p ? a->port : default_port(a->scheme), port_b = b->port.p ? b->port : default_port(b->scheme);
	return text_equal_nocase(a->host, b->host) && text_equal(port_a, port_b);
}

bool origin_of_host(struct text origin, struct text host)
{
	struct origin o, own = {0};
	if (!host.n || !origin_read(origin, &o)) return false;
	split_port(host, &own);
	own.scheme = o.scheme;
	return own.host.n > 0 && same_host(&o, &own);
}

bool origin_of_url(struct text origin, const char *url)
{
	struct origin o, own;
	if (!url || !origin_read(origin, &o) || !origin_read(text_from(url), &own)) return false;
	return text_equal_nocase(o.scheme, own.scheme) && same_host(&o, &own);
}
