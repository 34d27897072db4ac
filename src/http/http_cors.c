/* Cross-origin requests of browsers: answered only for the configured origins. They bring a key along: cookies are for the server's own pages. */
#include <string.h>

#include "http/http_private.h"

#define CORS_HEADERS "Authorization, Content-Type, Idempotency-Key, X-Request-Id"
#define RATE_HEADERS "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset"
#define CORS_EXPOSED "ETag, Link, Location, Retry-After, X-Request-Id, " RATE_HEADERS

bool cors_configured(const struct http_server *s)
{
	return s->cors_origins && s->cors_origins[0];
}

/* The configured word that lets the request's origin in: the origin itself or "*"; NULL for none. */
static const char *origin_allowed(const struct exchange *x)
{
	struct text origin = x->shape.fields[FIELD_ORIGIN];
	if (!origin.p || !cors_configured(x->server)) return NULL;
	const char *any = NULL;
	for (char **o = x->server->cors_origins; *o; o++) {
		if (text_is(origin, *o)) return *o;
		if (strcmp(*o, "*") == 0) any = *o;
	}
	return any;
}

void cors_preflight(struct exchange *x, struct text allow)
{
	if (!x->shape.fields[FIELD_PREFLIGHT_METHOD].p || !origin_allowed(x)) return;
	http_response_header(&x->r, "Access-Control-Allow-Methods", allow);
	http_response_header(&x->r, "Access-Control-Allow-Headers", TEXT(CORS_HEADERS));
	http_response_header(&x->r, "Access-Control-Max-Age", TEXT("600"));
}

void cors_add(struct exchange *x, struct MHD_Response *response)
{
	const char *allowed = origin_allowed(x);
	if (!allowed) return;
	MHD_add_response_header(response, "Access-Control-Allow-Origin", allowed);
	MHD_add_response_header(response, "Access-Control-Expose-Headers", CORS_EXPOSED);
}
