/* Who a request is from, whether they may, and not too often. */
#pragma once

#include "http/http.h"

/* The hook of that name for http_start: context is the app. What it finds is held in r->principal. */
bool admit(void *context, struct http_request *r);

/* The name of the session's cookie: over TLS one that no neighbouring host can set. */
const char *session_cookie_name(const struct http_request *r);
/* Gives the client that session's cookie; an empty token takes it away. */
void session_cookie_set(struct http_request *r, struct text token, int64_t lifetime);
