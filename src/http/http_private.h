/* What the files of the room share: the server, a connection's record, and an exchange (a request and its answer).
 *
 * Who touches an exchange: the HTTP thread of its connection, except between dispatch and http_finish() of a parked one, when it
 * is whoever was handed it. `parking` is the hand-over in both directions:
 *
 *   PARK_OPEN ── HTTP thread suspended the connection ──> PARK_SUSPENDED ── http_finish ──> PARK_FINISHED, and it resumes
 *   PARK_OPEN ── http_finish came first ────────────────> PARK_FINISHED: the HTTP thread sees it and answers (or resumes) itself
 *
 * The suspension comes before PARK_SUSPENDED is published, so a resumption never overtakes it. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "http/http.h"
#include "http/http_proxy.h"
#include "http/http_route.h"
#include "http/http_shape.h"
#include "http/http_target.h"
#include "http/libmicrohttpd.h"

#define DEADLINE_NEVER INT64_MAX

/* One for each open connection, so it is kept small. */
struct connection {
	struct connection *previous, *next; /* under the server's connections_lock, as the list's head */
	struct http_server *server;
	int fd;
	bool trusted; /* its peer is a trusted proxy */
	bool cut; /* by the reaper, which counts it once; under that lock */
	struct exchange *stream; /* whose answer is one and has begun; under that lock */
	uint8_t peer_length;
	char peer[PEER_SIZE];
	_Atomic int64_t deadline; /* clock_monotonic() */
};

enum exchange_stage {
	STAGE_HEADERS, /* the request line has come */
	STAGE_BODY, /* into `body` */
	STAGE_DISCARD, /* a body that nobody wants, or none; the answer may be set already */
	STAGE_DISPATCHED,
	STAGE_ANSWERING,
};

enum exchange_parking { PARK_OPEN, PARK_SUSPENDED, PARK_FINISHED };

struct exchange {
	struct http_request r; /* first: a struct http_request * of this server is one of these */
	uint32_t magic;
	struct http_server *server;
	struct connection *connection;
	struct MHD_Connection *mhd;
	enum exchange_stage stage;
	_Atomic int parking;
	bool target_whole;
	bool routed; /* counted as in flight; the completed hook is owed */
	bool answered; /* the response has been prepared */
	bool gzipped, not_modified;
	char etag[33]; /* without quotes; empty: none */
	struct shape shape;
	struct target parts;
	struct buf body;
	uint64_t discarded;
	struct buf packed; /* the response's body in the other form: with gzip, or a stored one without */
	struct http_stream stream;
	bool streams; /* the answer is a stream */
	_Atomic int stream_state; /* http_stream.c */
	atomic_bool stream_gone; /* its client has */
	int64_t stream_began; /* 0: it has not */
	struct exchange *next_free;
};

struct http_server {
	struct MHD_Daemon *daemon;
	int listen_fd; /* -1 while the daemon owns it */
	bool listen_is_own; /* not from socket activation */
	unsigned port;
	bool tls;
	struct http_hooks hooks;
	struct http_options options; /* the strings of it are only good within http_start */
	struct router *router;
	struct proxies proxies;
	char **cors_origins; /* NULL-terminated copies */
	char start_problem[160]; /* what the library first complained of while it was starting */
	atomic_bool started, draining;

	pthread_mutex_t connections_lock;
	struct connection *connections;
	pthread_t reaper;
	bool reaper_runs;
	pthread_cond_t reaper_wake;
	bool reaper_stop; /* under connections_lock */

	pthread_mutex_t free_lock;
	struct exchange *free_exchanges;
	unsigned free_count;

	_Atomic uint64_t requests, accepted, open, in_flight, streams, refused, timed_out;
};

static inline struct exchange *exchange_of(const struct http_request *r)
{
	return (struct exchange *)(uintptr_t)r;
}

/* http_listen.c */
enum rc listen_open(const char *address, int *ret_fd, struct err *err) must_check;
unsigned listen_port(int fd);
void listen_raise_limits(unsigned max_connections);

/* http_connection.c: the library's callbacks, and the thread that cuts off connections past their deadline. */
enum MHD_Result connection_admit(void *cls, const struct sockaddr *address, socklen_t size);
void connection_notify(void *cls, struct MHD_Connection *mhd, void **record, enum MHD_ConnectionNotificationCode code);
void connection_until(struct connection *c, int64_t deadline);
enum rc reaper_start(struct http_server *s, struct err *err) must_check;
void reaper_stop(struct http_server *s);

/* http_exchange.c */
struct exchange *exchange_take(struct http_server *s);
void exchange_give(struct exchange *x);
struct exchange *exchange_checked(void *p); /* ends the process unless it is one */
void exchanges_free(struct http_server *s);

/* http_request.c: the library's callbacks. */
void *request_begin(void *cls, const char *target, struct MHD_Connection *mhd);
enum MHD_Result request_continue(void *cls, struct MHD_Connection *mhd, const char *url, const char *method, const char *version,
	const char *upload, size_t *upload_size, void **exchange);
void request_completed(void *cls, struct MHD_Connection *mhd, void **exchange, enum MHD_RequestTerminationCode code);

/* http_refuse.c: all that can be decided before a body is read. */
/* Reads the fields. False: the response has been set, and the connection must end after it. */
bool request_shape_accept(struct exchange *x, const char *version);
/* Finds the route and asks admit. The response has been set when the request is not to go on. */
void request_route(struct exchange *x);
void refuse_too_large(struct exchange *x, uint64_t limit);

/* http_cors.c */
bool cors_configured(const struct http_server *s);
void cors_preflight(struct exchange *x, struct text allow);
void cors_add(struct exchange *x, struct MHD_Response *response);

/* http_compress.c: false: no room, or for gzip_bytes not smaller; out is then of no use. */
bool gzip_bytes(struct text plain, struct buf *out);
bool gunzip_bytes(struct text gzip, size_t plain, struct buf *out); /* into exactly so many bytes */

/* http_stream.c */
struct MHD_Response *stream_response(struct exchange *x); /* from here on it is no longer in flight */
void stream_end(struct exchange *x); /* the request is over */
void stream_look(struct exchange *x); /* under connections_lock: ends it if its client has gone */
void streams_wake(struct http_server *s); /* all, so that they see that the server stops */

/* http_response.c */
void response_prepare(struct exchange *x); /* on any thread: what takes time (tag, compression) */
enum MHD_Result response_queue(struct exchange *x, bool close); /* on the HTTP thread */
