/* Which URLs of users become links, and in which form. */
#pragma once

#include "base/arena.h"
#include "base/text.h"

/* The URL as one that every receiver takes: http or https, a plain host, no user or password, at most LIMIT_URL bytes; what an
 * URL may not hold (RFC 3986) percent-encoded. Absent when it cannot be one: also with white space or control characters. */
struct text message_link_url(struct arena *a, struct text url);
/* base + path + value, the value percent-encoded; absent when one of them is missing, or when that is no URL. */
struct text message_page_url(struct arena *a, const char *base, const char *path, struct text value);
