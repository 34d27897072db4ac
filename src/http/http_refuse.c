/* All that is decided when the header fields are there and before a body is read: shape, route, permission, type, length. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/uuid.h"
#include "http/http_negotiate.h"
#include "http/http_private.h"
#include "http/http_wire.h"

struct field_scan {
	struct exchange *x;
	struct wire wire;
};

static enum MHD_Result field_see(
	void *cls, enum MHD_ValueKind kind, const char *name, size_t name_n, const char *value, size_t value_n)
{
	(void)kind;
	struct field_scan *scan = cls;
	struct shape *shape = &scan->x->shape;
	struct text n = {name, name_n}, v = {value ? value : "", value_n};
	if (!value || !wire_field_whole(&scan->wire, n, v)) shape->broken = true;
	shape_see(shape, scan->x->r.arena, n, v);
	return shape->broken ? MHD_NO : MHD_YES;
}

static bool id_is_sane(struct text id)
{
	if (id.n < 1 || id.n > LIMIT_REQUEST_ID) return false;
	for (size_t i = 0; i < id.n; i++) {
		char c = id.p[i];
		bool letter_or_digit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (!letter_or_digit && c != '.' && c != '_' && c != '-') return false;
	}
	return true;
}

static void id_choose(struct exchange *x)
{
	struct text sent = x->shape.fields[FIELD_REQUEST_ID];
	if (id_is_sane(sent)) {
		x->r.id = text_copy(x->r.arena, sent);
		return;
	}
	char *made = arena_alloc(x->r.arena, UUID_SIZE);
	uuid_new(made);
	x->r.id = text_from(made);
}

static void peer_choose(struct exchange *x)
{
	struct connection *c = x->connection;
	x->r.peer = (struct text){c->peer, c->peer_length};
	x->r.secure = x->server->tls;
	if (!c->trusted) return;
	x->r.peer = forwarded_client(&x->server->proxies, x->r.peer, x->shape.fields[FIELD_FORWARDED_FOR]);
	if (x->shape.fields[FIELD_FORWARDED_PROTO].p) x->r.secure = forwarded_secure(x->shape.fields[FIELD_FORWARDED_PROTO]);
}

static bool target_accept(struct exchange *x)
{
	struct http_request *r = &x->r;
	enum target_verdict verdict = target_parse(r->arena, r->target, &x->parts);
	r->path = x->parts.path;
	r->query = x->parts.query;
	r->query_count = x->parts.query_count;
	switch (verdict) {
	case TARGET_OK: break;
	case TARGET_UNKNOWN: http_error_standard(r, 404); break;
	case TARGET_MALFORMED: http_error(r, 400, "Malformed request"); break;
	case TARGET_TOO_LONG: http_error_standard(r, 414); break;
	case TARGET_BAD_QUERY:
		http_error(r, 400, arena_printf(r->arena, "Invalid query parameter: %.*s", TEXT_ARGS(x->parts.wrong)));
		break;
	}
	return verdict != TARGET_MALFORMED && verdict != TARGET_TOO_LONG;
}

static size_t head_size(struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	return info ? info->header_size : 0;
}

bool request_shape_accept(struct exchange *x, const char *version)
{
	struct http_request *r = &x->r;
	struct field_scan scan = {.x = x, .wire = wire_begin(r->method.p, version)};
	MHD_get_connection_values_n(x->mhd, MHD_HEADER_KIND, field_see, &scan);
	bool sound = shape_sound(&x->shape) && shape_is_token(r->method) && wire_head_whole(&scan.wire, head_size(x->mhd));
	if (x->shape.chunked && strcmp(version, "HTTP/1.0") == 0) sound = false; /* its framing is not known (RFC 9112 6.1) */
	id_choose(x);
	peer_choose(x);
	if (sound && x->target_whole) return target_accept(x);
	http_error(r, 400, "Malformed request");
	return false;
}

void refuse_too_large(struct exchange *x, uint64_t limit)
{
	char detail[96];
	snprintf(detail, sizeof detail, "Request body too large: the limit is %llu bytes", (unsigned long long)limit);
	http_error(&x->r, 413, detail);
}

static void answer_options(struct exchange *x, struct text allow)
{
	x->r.response.status = MHD_HTTP_NO_CONTENT;
	http_response_header(&x->r, "Allow", allow);
	cors_preflight(x, allow);
}

/* No row: 404, or 405 when the path is known with another method. OPTIONS is answered here for all. */
static void answer_without_route(struct exchange *x)
{
	struct http_request *r = &x->r;
	buf_auto allow = BUF_INIT(256);
	bool known = router_allow(x->server->router, &x->parts, &allow), options = text_is(r->method, "OPTIONS");
	if (x->parts.asterisk && !options) {
		http_error(r, 400, "Malformed request");
	} else if (!known) {
		http_error_standard(r, 404);
	} else if (options) {
		answer_options(x, buf_view(&allow));
	} else {
		http_error_standard(r, 405);
		http_response_header(r, "Allow", buf_view(&allow));
	}
}

static bool coding_is_identity(struct text coding)
{
	return !coding.p || coding.n == 0 || text_equal_nocase(coding, TEXT("identity"));
}

static void check_body(struct exchange *x)
{
	struct http_request *r = &x->r;
	const struct http_route *route = r->route;
	uint64_t limit = route->body_limit ? route->body_limit : LIMIT_DRAIN;
	if (route->body_limit && !content_type_allowed(x->shape.fields[FIELD_CONTENT_TYPE], route->content_type)) {
		http_error(r, 415, arena_printf(r->arena, "Unsupported content type: use %s", route->content_type));
	} else if (route->body_limit && !coding_is_identity(x->shape.fields[FIELD_CONTENT_ENCODING])) {
		http_error(r, 415, "Unsupported content encoding: send the body as it is");
	} else if (x->shape.length > limit) {
		refuse_too_large(x, limit);
	}
}

void request_route(struct exchange *x)
{
	struct http_server *s = x->server;
	struct http_request *r = &x->r;
	if (atomic_load_explicit(&s->draining, memory_order_relaxed)) {
		http_error_standard(r, 503);
		r->response.close = true;
	}
	if (r->response.status) return;
	r->route = router_find(s->router, r->method, &x->parts, r->path_params, &r->path_param_count);
	if (!r->route) {
		answer_without_route(x);
	} else if (!s->hooks.admit || s->hooks.admit(s->hooks.context, r)) {
		check_body(x);
	} else if (r->response.status == 0) {
		http_error_standard(r, 403);
	}
}
