/* Around every handler: authentication, permission, rate limit, the transaction, Idempotency-Key, the answer after the commit. */
#pragma once

#include "http/http.h"

struct app;

/* The hooks for http_start; the app must outlive the server. */
struct http_hooks api_hooks(struct app *app);
/* Every route of the API; ends with a row without a method. */
extern const struct http_route API_ROUTES[];
size_t api_route_count(void);
