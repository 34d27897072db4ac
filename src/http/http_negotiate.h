/* What a client says it has and understands: If-None-Match, Accept-Encoding, Content-Type. Pure functions. */
#pragma once

#include <stdbool.h>

#include "base/text.h"

/* Whether the list names the tag (without quotes), plain or with "-gzip" behind it, weak or strong, or is "*" (RFC 9110 13.1.2). */
bool etag_listed(struct text if_none_match, struct text tag);
bool gzip_accepted(struct text accept_encoding);
/* Whether a body of that Content-Type may be read as `expected`. Parameters do not matter except a charset, which must be UTF-8;
 * "application/json" also takes application/…+json. An absent value is taken as expected; expected NULL takes all. */
bool content_type_allowed(struct text value, const char *expected);
/* Whether bytes of that type get smaller by compressing. */
bool content_type_compressible(const char *content_type);
