/* One HTTP request at a time, waited for: what a command line needs. Unlike outgoing.h it asks the server that its own user named, so no
 * address is refused, and the proxies of the environment are used (HTTPS_PROXY, NO_PROXY …; http_proxy in lower case only). No redirect
 * is followed, no cookie kept, no .netrc read. Knows no noun of the product. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rc.h"
#include "base/text.h"
#include "outgoing/outgoing.h"

struct client;

struct client_options {
	const char *user_agent; /* "versioner/0.1.0" */
	const char *ca_file; /* PEM of further certificate authorities; NULL: the system's alone */
	const char *certificate_file, *key_file; /* PEM, for servers that ask who is there; both or neither */
	size_t answer_most; /* bytes of an answer's body; more ends it (CLIENT_BROKEN) */
};

/* What can be said of the server when there is no answer: it decides whether an event may have been stored. */
enum client_end {
	CLIENT_ANSWERED, /* status and body came whole */
	CLIENT_UNSENT, /* the request never reached a server: name, connection, proxy or TLS failed */
	CLIENT_BROKEN, /* it was sent, wholly or in part, and the answer did not come whole: it may have been acted upon */
	CLIENT_IMPOSSIBLE, /* it cannot be sent at all: the URL, a header, a file of certificates; another try changes nothing */
};

struct client_request {
	const char *method; /* "GET", "POST" … */
	const char *url; /* http or https; no user or password */
	const struct outgoing_header *headers; /* names and values as in outgoing.h */
	size_t header_count;
	struct text body; /* absent: none */
	int64_t timeout; /* microseconds for all of it, above 0 */
};

/* Texts live until the next client_ask() or client_free(). */
struct client_answer {
	enum client_end end;
	int status; /* 0 unless CLIENT_ANSWERED */
	struct text body;
	struct text location; /* of a redirect, which is not followed; else absent */
	struct text request_id; /* X-Request-Id; else absent */
	int64_t retry_after; /* seconds, from either form of the header; -1: none */
	/* Unless CLIENT_ANSWERED, a sentence that says what went wrong and what to look at; names the host, never a secret. */
	char error[ERR_TEXT_MAX];
	int64_t micros; /* how long it took */
};

/* RC_INVALID: a file cannot be read, or holds no certificate. */
enum rc client_new(const struct client_options *options, struct client **ret, struct err *err) must_check;
void client_free(struct client *c); /* NULL is fine */
/* Sends and waits. The connection is kept for the next one. */
void client_ask(struct client *c, const struct client_request *request, struct client_answer *ret);
/* Percent-encodes all but RFC 3986's unreserved characters: a part of a path, a value of a query. */
void client_escape(struct text t, struct buf *out);
