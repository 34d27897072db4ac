/* Whose page sent a request: the Origin field against the server's own addresses. Pure functions. */
#pragma once

#include <stdbool.h>

#include "base/text.h"

/* Whether `origin` ("https://versioner.example:8443") names that host ("versioner.example:8443", of a Host field). The scheme is left out: behind a proxy
 * that is not declared the server does not know it. A default port may be left out on either side. */
bool origin_of_host(struct text origin, struct text host);
/* Whether it is the origin of that URL, scheme included. url: NULL gives false. */
bool origin_of_url(struct text origin, const char *url);
