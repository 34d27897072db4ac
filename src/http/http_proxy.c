/* Trusted proxies: X-Forwarded-For and X-Forwarded-Proto count only from those. */
#include "http/http_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool address_read(struct text t, uint8_t out[static 16], bool *ret_v4)
{
	char copy[PEER_SIZE];
	if (t.n == 0 || t.n >= sizeof copy) return false;
	memcpy(copy, t.p, t.n);
	copy[t.n] = '\0';
	if (strlen(copy) != t.n) return false;
	struct in6_addr v6;
	struct in_addr v4;
	*ret_v4 = inet_pton(AF_INET, copy, &v4) == 1;
	if (*ret_v4) {
		memcpy(out, mapped_prefix, sizeof mapped_prefix);
		memcpy(out + 12, &v4, 4);
		return true;
	}
	if (inet_pton(AF_INET6, copy, &v6) != 1) return false;
	memcpy(out, &v6, 16);
	return true;
}

static bool network_read(struct text spec, struct network *ret)
{
	struct text address;
	bool v4;
	if (!text_split(&spec, '/', &address) || !address_read(address, ret->bytes, &v4)) return false;
	unsigned most = v4 ? 32 : 128;
	uint64_t bits = most;
	if (spec.p && (!text_to_u64(spec, &bits) || bits > most)) return false;
	ret->bits = (unsigned)bits + (v4 ? 96 : 0);
	return true;
}

enum rc proxies_read(const char *const *specs, struct proxies *ret, struct err *err)
{
	struct proxies p = {0};
	size_t n = 0;
	while (specs && specs[n]) n++;
	if (n) p.networks = mem_zalloc(n * sizeof *p.networks);
	for (; p.count < n; p.count++) {
		if (network_read(text_from(specs[p.count]), &p.networks[p.count])) continue;
		enum rc rc = err_set(err, RC_INVALID, "trusted proxy \"%s\" is no address or network (as 10.0.0.0/8)", specs[p.count]);
		proxies_done(&p);
		return rc;
	}
	*ret = p;
	return RC_OK;
}

void proxies_done(struct proxies *p)
{
	free(p->networks);
	*p = (struct proxies){0};
}

static bool network_has(const struct network *net, const uint8_t address[static 16])
{
	unsigned whole = net->bits / 8, rest = net->bits % 8;
	if (memcmp(net->bytes, address, whole) != 0) return false;
	if (rest == 0) return true;
	return ((net->bytes[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

bool proxies_trust(const struct proxies *p, struct text address)
{
	uint8_t bytes[16];
	bool v4;
	if (p->count == 0 || !address_read(address, bytes, &v4)) return false;
	for (size_t i = 0; i < p->count; i++)
		if (network_has(&p->networks[i], bytes)) return true;
	return false;
}

size_t peer_format(const struct sockaddr *sa, char out[static PEER_SIZE])
{
	const char *shown = NULL;
	if (sa && sa->sa_family == AF_INET) {
		shown = inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, out, PEER_SIZE);
	} else if (sa && sa->sa_family == AF_INET6) {
		const struct in6_addr *v6 = &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;
		if (IN6_IS_ADDR_V4MAPPED(v6))
			shown = inet_ntop(AF_INET, &v6->s6_addr[12], out, PEER_SIZE);
		else
			shown = inet_ntop(AF_INET6, v6, out, PEER_SIZE);
	}
	if (!shown) memcpy(out, "local", sizeof "local");
	return strlen(out);
}

/* The last element of a comma-separated list, taken off it. False when the list is at its end. */
static bool split_last(struct text *list, struct text *ret)
{
	if (list->n == 0) return false;
	size_t start = list->n;
	while (start && list->p[start - 1] != ',') start--;
	*ret = text_trim((struct text){list->p + start, list->n - start});
	list->n = start ? start - 1 : 0;
	return true;
}

/* "192.0.2.1:4711", "[2001:db8::1]:4711" and "[2001:db8::1]" to the address alone. */
static struct text without_port(struct text t)
{
	if (t.n && t.p[0] == '[') {
		const char *end = memchr(t.p, ']', t.n);
		return end ? (struct text){t.p + 1, (size_t)(end - t.p) - 1} : t;
	}
	const char *first = t.n ? memchr(t.p, ':', t.n) : NULL;
	if (!first) return t;
	size_t before = (size_t)(first - t.p);
	if (memchr(first + 1, ':', t.n - before - 1)) return t;
	return (struct text){t.p, before};
}

struct text forwarded_client(const struct proxies *p, struct text peer, struct text forwarded_for)
{
	struct text hop;
	uint8_t bytes[16];
	bool v4;
	while (proxies_trust(p, peer) && split_last(&forwarded_for, &hop)) {
		hop = without_port(hop);
		if (!address_read(hop, bytes, &v4)) break;
		peer = hop;
	}
	return peer;
}

bool forwarded_secure(struct text forwarded_proto)
{
	struct text last;
	return split_last(&forwarded_proto, &last) && text_equal_nocase(last, TEXT("https"));
}

struct text forwarded_host(struct text hosts)
{
	struct text last;
	return split_last(&hosts, &last) && last.n ? last : TEXT_ABSENT;
}
