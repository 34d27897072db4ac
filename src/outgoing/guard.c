/* Which addresses requests may go to: one table, read from the top, and the operator's exceptions. */
#include "outgoing/guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

/* All addresses are looked at in one form: 16 bytes, IPv4 as ::ffff:a.b.c.d, so that a mapped address is the IPv4 address. */
enum { ADDRESS_BYTES = 16, V4_BITS = 96 };

struct network {
	uint8_t bytes[ADDRESS_BYTES];
	uint8_t bits;
};

struct guard {
	bool all;
	struct network *exceptions;
	size_t count;
};

enum verdict {
	REFUSED,
	ALLOWED,
	CARRIED, /* the packets go on to the IPv4 address at `at`: that one decides */
	CARRIED_INVERTED, /* … which is stored with every bit turned over */
};

/* The first row that matches decides. From the IANA registries of special-purpose addresses (RFC 6890); of IPv6 only the block that is
 * given out as global unicast is allowed, so a range that gets a meaning later is refused until then. */
static const struct rule {
	struct network network;
	enum verdict verdict;
	uint8_t at;
} RULES[] = {
#define V4(a, b, c, d, bits) \
	{ \
		{[10] = 0xff, [11] = 0xff, [12] = (a), [13] = (b), [14] = (c), [15] = (d)}, V4_BITS + (bits) \
	}
	{V4(0, 0, 0, 0, 8), REFUSED, 0}, /* this network, unspecified */
	{V4(10, 0, 0, 0, 8), REFUSED, 0}, /* private, RFC 1918 */
	{V4(100, 64, 0, 0, 10), REFUSED, 0}, /* shared, RFC 6598 */
	{V4(127, 0, 0, 0, 8), REFUSED, 0}, /* loopback */
	{V4(168, 63, 129, 16, 32), REFUSED, 0}, /* a public address that is the metadata service of a large cloud */
	{V4(169, 254, 0, 0, 16), REFUSED, 0}, /* link-local, metadata services */
	{V4(172, 16, 0, 0, 12), REFUSED, 0}, /* private */
	{V4(192, 0, 0, 0, 24), REFUSED, 0}, /* protocol assignments, RFC 6890 */
	{V4(192, 0, 2, 0, 24), REFUSED, 0}, /* documentation, RFC 5737 */
	{V4(192, 88, 99, 0, 24), REFUSED, 0}, /* 6to4 relays, withdrawn by RFC 7526 */
	{V4(192, 168, 0, 0, 16), REFUSED, 0}, /* private */
	{V4(198, 18, 0, 0, 15), REFUSED, 0}, /* benchmark, RFC 2544 */
	{V4(198, 51, 100, 0, 24), REFUSED, 0}, /* documentation */
	{V4(203, 0, 113, 0, 24), REFUSED, 0}, /* documentation */
	{V4(224, 0, 0, 0, 4), REFUSED, 0}, /* multicast */
	{V4(240, 0, 0, 0, 4), REFUSED, 0}, /* reserved, broadcast */
	{V4(0, 0, 0, 0, 0), ALLOWED, 0},
#undef V4
	{{{0}, 128}, REFUSED, 0}, /* unspecified */
	{{{[15] = 1}, 128}, REFUSED, 0}, /* loopback: before the compatible form, whose 0.0.0.1 an exception might allow */
	{{{0}, 96}, CARRIED, 12}, /* IPv4-compatible */
	{{{0x00, 0x64, 0xff, 0x9b}, 96}, CARRIED, 12}, /* NAT64, RFC 6052 */
	{{{0x20, 0x01}, 32}, CARRIED_INVERTED, 12}, /* Teredo: the client's, RFC 4380 */
	{{{0x20, 0x01}, 23}, REFUSED, 0}, /* protocol assignments, RFC 2928 */
	{{{0x20, 0x01, 0x0d, 0xb8}, 32}, REFUSED, 0}, /* documentation, RFC 3849 */
	{{{0x20, 0x02}, 16}, CARRIED, 2}, /* 6to4, RFC 3056 */
	{{{0x3f, 0xff}, 20}, REFUSED, 0}, /* documentation, RFC 9637 */
	{{{0x20}, 3}, ALLOWED, 0}, /* global unicast */
	{{{0}, 0}, REFUSED, 0}, /* local NAT64, unique local, link-local, site-local, multicast, not given out */
};

static const uint8_t MAPPED[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static void map_v4(const void *v4, uint8_t out[static ADDRESS_BYTES])
{
	memcpy(out, MAPPED, sizeof MAPPED);
	memcpy(out + sizeof MAPPED, v4, ADDRESS_BYTES - sizeof MAPPED);
}

static bool is_mapped(const uint8_t address[static ADDRESS_BYTES])
{
	return memcmp(address, MAPPED, sizeof MAPPED) == 0;
}

static bool network_has(const struct network *net, const uint8_t address[static ADDRESS_BYTES])
{
	unsigned whole = net->bits / 8, rest = net->bits % 8;
	if (memcmp(net->bytes, address, whole) != 0) return false;
	return rest == 0 || (net->bytes[whole] ^ address[whole]) >> (8 - rest) == 0;
}

static bool network_read(struct text spec, struct network *ret)
{
	char copy[INET6_ADDRSTRLEN];
	struct text address;
	struct network net;
	struct in_addr v4;
	if (!text_split(&spec, '/', &address) || address.n >= sizeof copy) return false;
	memcpy(copy, address.p, address.n);
	copy[address.n] = '\0';
	bool is_v4 = inet_pton(AF_INET, copy, &v4) == 1;
	if (is_v4)
		map_v4(&v4, net.bytes);
	else if (inet_pton(AF_INET6, copy, net.bytes) != 1)
		return false;
	uint64_t most = is_v4 ? 32 : 128, bits = most;
	if (spec.p && (!text_to_u64(spec, &bits) || bits > most)) return false;
	net.bits = (uint8_t)(bits + (is_v4 ? V4_BITS : 0));
	*ret = net;
	return true;
}

enum rc guard_new(const char *const *exceptions, struct guard **ret, struct err *err)
{
	struct guard *g = mem_zalloc(sizeof *g);
	size_t n = 0;
	while (exceptions && exceptions[n]) n++;
	if (n) g->exceptions = mem_zalloc(n * sizeof *g->exceptions);
	for (size_t i = 0; i < n; i++) {
		if (text_is(text_from(exceptions[i]), "all")) {
			g->all = true;
		} else if (!network_read(text_from(exceptions[i]), &g->exceptions[g->count++])) {
			guard_free(g);
			return err_set(err, RC_INVALID, "\"%s\" is no address or network (as 10.0.0.0/8)", exceptions[i]);
		}
	}
	*ret = g;
	return RC_OK;
}

void guard_free(struct guard *g)
{
	if (!g) return;
	free(g->exceptions);
	free(g);
}

/* An IPv6 network of fewer than 96 bits has no IPv4 address, although ::/0 has the mapped form of each. */
static bool is_exception(const struct guard *g, const uint8_t address[static ADDRESS_BYTES])
{
	for (size_t i = 0; i < g->count; i++) {
		const struct network *net = &g->exceptions[i];
		if (network_has(net, address) && (net->bits >= V4_BITS || !is_mapped(address))) return true;
	}
	return false;
}

static const struct rule *rule_of(const uint8_t address[static ADDRESS_BYTES])
{
	const struct rule *r = RULES;
	while (!network_has(&r->network, address)) r++; /* the last row has them all */
	return r;
}

static bool address_allowed(const struct guard *g, const uint8_t address[static ADDRESS_BYTES])
{
	if (is_exception(g, address)) return true;
	const struct rule *r = rule_of(address);
	if (r->verdict == REFUSED || r->verdict == ALLOWED) return r->verdict == ALLOWED;
	uint8_t v4[4], carried[ADDRESS_BYTES];
	for (size_t i = 0; i < sizeof v4; i++) v4[i] = (uint8_t)(address[r->at + i] ^ (r->verdict == CARRIED_INVERTED ? 0xff : 0));
	map_v4(v4, carried);
	return address_allowed(g, carried);
}

bool guard_allows(const struct guard *g, const struct sockaddr *address)
{
	uint8_t bytes[ADDRESS_BYTES];
	if (address->sa_family == AF_INET)
		map_v4(&((const struct sockaddr_in *)(const void *)address)->sin_addr, bytes);
	else if (address->sa_family == AF_INET6)
		memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, sizeof bytes);
	else
		return false;
	return g->all || address_allowed(g, bytes);
}
