/* Which peers may say on whose behalf they speak, and for whom they do. Pure except for reading addresses. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/rc.h"
#include "base/text.h"

enum { PEER_SIZE = 46 }; /* an IPv6 address as text, and NUL */

struct network {
	uint8_t bytes[16]; /* IPv4 as ::ffff:a.b.c.d */
	unsigned bits;
};

struct proxies {
	struct network *networks;
	size_t count;
};

/* specs: NULL-terminated addresses or CIDRs; NULL is an empty list. */
enum rc proxies_read(const char *const *specs, struct proxies *ret, struct err *err) must_check;
void proxies_done(struct proxies *p);
bool proxies_trust(const struct proxies *p, struct text address);

/* "192.0.2.1" or "2001:db8::1"; an IPv4 address that came by IPv6 is shown as IPv4; "local" for anything but TCP/IP. */
size_t peer_format(const struct sockaddr *sa, char out[static PEER_SIZE]);

/* The client behind a trusted peer: the list is read from its end, each trusted hop vouches for the one before it. A part of
 * forwarded_for, or peer when there is nothing to go by. */
struct text forwarded_client(const struct proxies *p, struct text peer, struct text forwarded_for);
bool forwarded_secure(struct text forwarded_proto); /* what the nearest proxy says */
struct text forwarded_host(struct text hosts); /* the same of X-Forwarded-Host; absent: nothing */
