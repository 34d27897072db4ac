/* The whole API in one thread, without sockets: a request is taken apart, routed, admitted and dispatched by the real code, and runs
 * in a transaction of a real store that ends with api_forget(). For fuzz targets. The program is linked with --wrap for the
 * functions that would hand a request to another thread or ask the HTTP library (see meson.build). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "http/http.h"

struct asked {
	struct text method, target;
	struct text idempotency_key; /* absent: none */
	struct text body;
};

struct answer {
	const struct http_request *request; /* its response; until the next api_ask or api_forget */
	bool refused_early; /* before dispatch: no such route, a malformed target */
};

/* Opens a new store at the first call, and begins the transaction. */
void api_begin(void);
/* Checks, besides giving the answer, what holds for every request: a read writes nothing, an answer of state is the same when it
 * is asked again, a write may be applied twice (as the commit pipeline does), the answer comes exactly once. */
struct answer api_ask(const struct asked *asked);
/* Replays the event log against the derived tables; ends the process when they disagree. */
void api_check(void);
/* Takes everything back since api_begin. */
void api_forget(void);
