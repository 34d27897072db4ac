/* Which addresses requests may go to. By default all but those that mean this machine, this network or nobody: unspecified, loopback,
 * private (RFC 1918, RFC 4193), link-local with its metadata services, shared (RFC 6598), multicast, reserved, documentation, benchmark;
 * and IPv6 forms that carry an IPv4 address (mapped, compatible, 6to4, Teredo, NAT64) by that address. */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

#include "base/rc.h"

struct guard;

/* exceptions: NULL-terminated addresses and CIDRs of either family that are allowed all the same; "all" allows everything. RC_INVALID
 * names the one that is not understood. */
enum rc guard_new(const char *const *exceptions, struct guard **ret, struct err *err) must_check;
void guard_free(struct guard *g);
/* Families other than IPv4 and IPv6 are refused. */
bool guard_allows(const struct guard *g, const struct sockaddr *address);
