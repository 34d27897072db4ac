/* The HTTP server: connections, limits, deadlines, routes, bodies, conditional and compressed answers. Knows no noun of the
 * product; the only room that includes microhttpd.h.
 *
 * A request's way, all on the HTTP threads, which never wait for a disk or a database:
 *   request line and headers → shape checks (smuggling, size, count) → request id → route (404, 405, OPTIONS, CORS) →
 *   hooks->admit (authentication, permission, rate limit: memory only) → content type, declared length → body → hooks->dispatch
 * dispatch answers at once (HTTP_ANSWERED), or hands the request to other threads (HTTP_PARKED) and one of those calls
 * http_finish() when the response is complete. While parked, the request belongs to whoever it was handed to.
 *
 * After that the room adds what each answer carries: X-Request-Id, Content-Type, Content-Length, Vary, ETag and 304 (routes with
 * ROUTE_ETAG), gzip above 1 KiB for those who ask, CORS, security headers, Connection: close while stopping. HEAD is GET without
 * the body. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/text.h"

struct db;
struct json;
struct http_request;
struct http_server;

enum http_access {
	ACCESS_MEMORY, /* answered on the HTTP thread, from memory */
	ACCESS_READ, /* on a reader, in a read transaction */
	ACCESS_WRITE, /* through the commit pipeline, in a write transaction */
	ACCESS_TASK, /* on a reader thread without a transaction: work of many small transactions */
};

enum http_route_flags {
	ROUTE_ETAG = 1, /* a GET of state: ETag and If-None-Match */
	ROUTE_OPEN = 2, /* no credentials needed */
	ROUTE_IDEMPOTENCY = 4, /* honours Idempotency-Key */
	ROUTE_CURRENT = 8, /* of ACCESS_READ: sees what is committed, never a copy that may be behind */
	ROUTE_SECRET = 16, /* its body or its answer holds secrets: the memory is overwritten after it */
};

/* A row of the route table. `path` holds {name} for a segment; paths are compared without doubled and last slashes. */
struct http_route {
	const char *method;
	const char *path;
	unsigned permission; /* hooks->admit knows what it means */
	enum http_access access;
	unsigned flags;
	size_t body_limit; /* 0: a body is ignored */
	const char *content_type; /* of the body; an absent one is taken as this; NULL: any. "application/json" also takes +json */
	/* Both as far as the room is concerned opaque: hooks->dispatch calls them. prepare runs on the HTTP thread (parse and check
	 * the body; true: go on, false: the response has been set). handle runs where `access` says, db is NULL for ACCESS_MEMORY. */
	bool (*prepare)(struct http_request *r);
	void (*handle)(struct http_request *r, struct db *db);
};

/* A body that the program carries inside itself, compressed once for all. */
struct http_stored {
	struct text gzip;
	size_t plain; /* bytes without compression */
	const char *tag; /* of its bytes, at most 32 characters, for ETag */
};

enum { HTTP_PATH_PARAMS = 4, HTTP_HEADERS_OUT = 16 };

struct http_param {
	struct text name, value; /* percent-decoded, valid UTF-8 without control characters */
};

struct http_response {
	int status; /* 0: nothing set yet */
	const char *content_type; /* default application/json */
	struct buf body;
	const struct http_stored *stored; /* sent in the place of body, with its tag, packed or not; outlives the server */
	struct http_param headers[HTTP_HEADERS_OUT]; /* further ones; set by http_response_header only */
	size_t header_count;
	size_t kept_headers; /* the first ones, set before dispatch (by admit): http_response_reset leaves them */
	bool close; /* Connection: close after it */
};

struct http_request {
	struct arena *arena; /* lives until the answer has left */
	const struct http_route *route;
	struct text method; /* as sent; HEAD stays HEAD here */
	struct text target; /* as sent, undecoded, with the query */
	struct text path; /* normalised, decoded */
	struct http_param path_params[HTTP_PATH_PARAMS];
	size_t path_param_count;
	struct http_param *query; /* in order; a name that stands twice is a 400 of its own */
	size_t query_count;
	struct text body;
	struct text id; /* X-Request-Id: the caller's if 1–128 of [A-Za-z0-9._-], else a new UUID */
	struct text peer; /* address of the client, after --trusted-proxy */
	bool secure; /* arrived by TLS, as far as is known */
	int64_t started; /* clock_monotonic() at the request line */
	time_us received; /* clock_now() when the body was complete */
	void *principal; /* set by hooks->admit */
	void *work; /* the dispatcher's and the handlers' */
	struct http_response response;
};

struct text http_header(const struct http_request *r, const char *name); /* ASCII case does not matter; the first; absent: none */
struct text http_cookie(const struct http_request *r, const char *name); /* http_cookie.h */
struct text http_host(const struct http_request *r); /* as the client has it: Host, or what a trusted proxy says it was */
/* Whether a page of this server sent it, or no page at all: no Origin, or that of http_host(), or that of public_url (may be NULL). */
bool http_own_page(const struct http_request *r, const char *public_url);
struct text http_path_param(const struct http_request *r, const char *name);
struct text http_query(const struct http_request *r, const char *name);

/* Forget what the response holds (a transaction is run again). */
void http_response_reset(struct http_request *r);
/* name is a literal, value is copied. Takes the place of an earlier one of that name, except Set-Cookie. Nothing happens for an
 * empty value and for one with CR, LF or NUL. Cache-Control, Content-Security-Policy and Referrer-Policy replace the standard ones. */
void http_response_header(struct http_request *r, const char *name, struct text value);
/* {"detail": detail} with that status. The table of the contract's errors is in http_error.c. */
void http_error(struct http_request *r, int status, const char *detail);
/* The contract's standing sentence for 400, 401, 403, 404, 405, 500, 503 with the headers that belong to it (WWW-Authenticate,
 * Retry-After, …; 500 has the request id in its body). */
void http_error_standard(struct http_request *r, int status);

/* ---- answers that come bit by bit ---- */

enum { HTTP_STREAM_LATER = 0, HTTP_STREAM_END = -1 };

/* The body of such an answer. No deadline but that of http_options.stream_patience ends it, and the stop of the server does at once. */
struct http_stream {
	void *context;
	/* On the HTTP thread, and must not wait: writes at most `size` bytes and gives their number, HTTP_STREAM_LATER (asked again after
	 * http_stream_wake()), or HTTP_STREAM_END. Not called for HEAD. */
	ptrdiff_t (*read)(void *context, char *to, size_t size);
	/* On the HTTP thread, once, whoever ended it: the request goes away, and must not be woken any more. cut: bytes were not taken for too long. */
	void (*ended)(void *context, bool cut);
};
/* The answer with the status and headers that are set goes on with this body instead of response.body. From now on `ended` will be called. */
void http_stream_begin(struct http_request *r, const struct http_stream *stream);
/* Any thread, until `ended` has returned. */
void http_stream_wake(struct http_request *r);

enum http_outcome { HTTP_ANSWERED, HTTP_PARKED };

struct http_hooks {
	void *context;
	/* May answer (401, 403, 429: sets the response and returns false). On the HTTP thread, memory only. */
	bool (*admit)(void *context, struct http_request *r);
	enum http_outcome (*dispatch)(void *context, struct http_request *r);
	/* After the answer has left or the connection was lost; once for each well-formed request. route is NULL when none was found. The time
	 * of a stream is that until its beginning.
	 * On the HTTP thread. For the log line and the counters. */
	void (*completed)(void *context, struct http_request *r, int64_t micros, bool lost);
};

struct http_options {
	const char *listen; /* "127.0.0.1:8080", "[::1]:0" (0: a free port), or NULL with listen_fd */
	int listen_fd; /* from socket activation; -1: none */
	const char *tls_cert_file, *tls_key_file; /* PEM; both or none */
	unsigned threads;
	unsigned max_connections;
	int64_t idle_timeout; /* microseconds between requests */
	int64_t header_timeout; /* from the first byte of a request (or the connection) to the end of its headers */
	int64_t body_timeout; /* from the end of the headers to the end of the body */
	int64_t stream_patience; /* for bytes of a stream to be taken by its client; then the connection is cut off */
	const char *const *cors_origins; /* NULL-terminated; "*" allows all (without credentials) */
	const char *const *trusted_proxies; /* NULL-terminated addresses or CIDRs */
};

struct http_stats {
	uint64_t requests, connections, open_connections, in_flight, streams, refused_connections, timed_out_connections;
};

/* routes end with a row whose method is NULL. Both tables and hooks must outlive the server. */
enum rc http_start(const struct http_options *options, const struct http_route *routes, const struct http_hooks *hooks,
	struct http_server **ret, struct err *err) must_check;
unsigned http_port(const struct http_server *s); /* the real one */
/* Any thread: the parked request's response is complete. The request must not be touched after this. */
void http_finish(struct http_request *r);
/* Stops accepting (and refuses further requests on kept connections with Connection: close), ends streams, waits until nothing is in flight or
 * the deadline (microseconds from now) has passed. True: all answered. */
bool http_drain(struct http_server *s, int64_t deadline);
void http_stop(struct http_server *s); /* closes all; nothing may be parked any more */
struct http_stats http_stats(const struct http_server *s);
const struct http_server *http_server_of(const struct http_request *r); /* the one that r came to */
