/* From a handler's response to what goes out: tag, 304, compression, and the headers that every answer carries. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/secret.h"
#include "http/http_negotiate.h"
#include "http/http_private.h"

/* A slow reader of an answer is given the time of a slow modem, then cut off. */
enum { GZIP_ABOVE = 1024, SLOWEST_BYTES_A_SECOND = 16 * 1024, TAG_HEX_DIGITS = 32 };

static const char *content_type_of(const struct http_request *r)
{
	return r->response.content_type ? r->response.content_type : "application/json";
}

static bool compressible(const struct http_request *r)
{
	if (r->response.stored) return true;
	return r->response.body.n > GZIP_ABOVE && content_type_compressible(content_type_of(r));
}

static void tag_make(struct exchange *x)
{
	struct http_request *r = &x->r;
	const struct http_stored *stored = r->response.stored;
	bool asked = text_is(r->method, "GET") || text_is(r->method, "HEAD");
	bool tagged = stored || (r->route && r->route->flags & ROUTE_ETAG);
	if (!tagged || !asked || r->response.status != 200) return;
	char hex[DIGEST_HEX_SIZE];
	if (!stored) digest_hex(buf_view(&r->response.body), hex);
	snprintf(x->etag, sizeof x->etag, "%.*s", TAG_HEX_DIGITS, stored ? stored->tag : hex);
	struct text known = x->shape.fields[FIELD_IF_NONE_MATCH];
	x->not_modified = known.p && etag_listed(known, text_from(x->etag));
}

/* A stored body leaves as it is, or without its compression. */
static void stored_prepare(struct exchange *x)
{
	struct http_request *r = &x->r;
	const struct http_stored *stored = r->response.stored;
	x->gzipped = gzip_accepted(x->shape.fields[FIELD_ACCEPT_ENCODING]);
	if (x->gzipped || gunzip_bytes(stored->gzip, stored->plain, &x->packed)) return;
	http_response_reset(r);
	http_error_standard(r, 500);
}

void response_prepare(struct exchange *x)
{
	struct http_request *r = &x->r;
	if (r->response.stored) stored_prepare(x);
	if (r->response.status == 0 || buf_failed(&r->response.body)) {
		log_error("a request was left without a whole answer", LOG_TEXT("path", r->path), LOG_TEXT("request_id", r->id));
		http_response_reset(r);
		http_error_standard(r, 500);
	}
	tag_make(x);
	if (!x->not_modified && !r->response.stored && compressible(r) && gzip_accepted(x->shape.fields[FIELD_ACCEPT_ENCODING]))
		x->gzipped = gzip_bytes(buf_view(&r->response.body), &x->packed);
	x->answered = true;
}

static bool header_set(const struct http_request *r, const char *name)
{
	for (size_t i = 0; i < r->response.header_count; i++)
		if (text_equal_nocase(r->response.headers[i].name, text_from(name))) return true;
	return false;
}

static void add_default(const struct http_request *r, struct MHD_Response *response, const char *name, const char *value)
{
	if (!header_set(r, name)) MHD_add_response_header(response, name, value);
}

static void add_tag(const struct exchange *x, struct MHD_Response *response)
{
	if (!x->etag[0]) return;
	char tag[sizeof x->etag + sizeof "\"-gzip\""];
	bool gzip = x->gzipped || (x->not_modified && compressible(&x->r) && gzip_accepted(x->shape.fields[FIELD_ACCEPT_ENCODING]));
	int n = snprintf(tag, sizeof tag, "\"%s%s\"", x->etag, gzip ? "-gzip" : "");
	if (n > 0 && (size_t)n < sizeof tag) MHD_add_response_header(response, "ETag", tag);
}

static void add_vary(const struct exchange *x, struct MHD_Response *response)
{
	bool origin = cors_configured(x->server), encoding = compressible(&x->r);
	if (origin && encoding)
		MHD_add_response_header(response, "Vary", "Accept-Encoding, Origin");
	else if (origin || encoding)
		MHD_add_response_header(response, "Vary", origin ? "Origin" : "Accept-Encoding");
}

static void add_content_headers(const struct exchange *x, struct MHD_Response *response)
{
	const struct http_request *r = &x->r;
	const char *type = content_type_of(r);
	if (r->response.status == MHD_HTTP_NO_CONTENT || x->not_modified) return;
	MHD_add_response_header(response, "Content-Type", type);
	if (x->gzipped) MHD_add_response_header(response, "Content-Encoding", "gzip");
	if (strncmp(type, "text/html", strlen("text/html")) != 0)
		add_default(r, response, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
}

static void add_headers(struct exchange *x, struct MHD_Response *response, bool close)
{
	const struct http_request *r = &x->r;
	for (size_t i = 0; i < r->response.header_count; i++)
		MHD_add_response_header(response, r->response.headers[i].name.p, r->response.headers[i].value.p);
	add_content_headers(x, response);
	add_default(r, response, "Cache-Control", x->etag[0] ? "private, no-cache" : "no-store");
	add_tag(x, response);
	add_vary(x, response);
	MHD_add_response_header(response, "X-Request-Id", r->id.p);
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	add_default(r, response, "Referrer-Policy", "no-referrer");
	cors_add(x, response);
	if (close) MHD_add_response_header(response, "Connection", "close");
}

static struct text body_of(const struct exchange *x)
{
	const struct http_response *response = &x->r.response;
	if (response->status == MHD_HTTP_NO_CONTENT) return TEXT("");
	if (response->stored) return x->gzipped ? response->stored->gzip : buf_view(&x->packed);
	return buf_view(x->gzipped ? &x->packed : &response->body);
}

/* The bytes are the exchange's own or stored, and outlive the response. A 304 keeps its body here so that the library declares the
 * length that a 200 would have; it sends none. */
static struct MHD_Response *response_make(const struct exchange *x)
{
	struct text body = body_of(x);
	return MHD_create_response_from_buffer(body.n, (void *)(uintptr_t)(body.p ? body.p : ""), MHD_RESPMEM_PERSISTENT);
}

enum MHD_Result response_queue(struct exchange *x, bool close)
{
	struct http_server *s = x->server;
	if (!x->answered) response_prepare(x);
	x->stage = STAGE_ANSWERING;
	/* For HEAD the library would send the end of a body that it does not send. */
	bool stream = x->streams && !text_is(x->r.method, "HEAD");
	struct MHD_Response *response = stream ? stream_response(x) : response_make(x);
	if (!response) return MHD_NO;
	close = close || x->r.response.close || atomic_load_explicit(&s->draining, memory_order_relaxed);
	add_headers(x, response, close);
	int64_t most = s->options.body_timeout + SECONDS_US(body_of(x).n / SLOWEST_BYTES_A_SECOND);
	connection_until(x->connection, clock_monotonic() + most);
	unsigned status = x->not_modified ? MHD_HTTP_NOT_MODIFIED : (unsigned)x->r.response.status;
	enum MHD_Result queued = MHD_queue_response(x->mhd, status, response);
	MHD_destroy_response(response);
	return queued;
}
