/* What handlers ask of a request, and what they put into its response. */
#include <string.h>

#include "base/log.h"
#include "http/http_cookie.h"
#include "http/http_origin.h"
#include "http/http_private.h"

static struct text blank_end_cut(struct text t)
{
	while (t.n && (t.p[t.n - 1] == ' ' || t.p[t.n - 1] == '\t')) t.n--;
	return t;
}

struct text http_header(const struct http_request *r, const char *name)
{
	const char *value = NULL;
	size_t n = 0;
	struct MHD_Connection *mhd = exchange_of(r)->mhd;
	enum MHD_Result found = MHD_lookup_connection_value_n(mhd, MHD_HEADER_KIND, name, strlen(name), &value, &n);
	if (found != MHD_YES || !value) return TEXT_ABSENT;
	return blank_end_cut((struct text){value, n});
}

struct text http_cookie(const struct http_request *r, const char *name)
{
	return cookie_find(exchange_of(r)->shape.fields[FIELD_COOKIE], text_from(name));
}

struct text http_host(const struct http_request *r)
{
	const struct exchange *x = exchange_of(r);
	struct text forwarded = x->connection->trusted ? forwarded_host(x->shape.fields[FIELD_FORWARDED_HOST]) : TEXT_ABSENT;
	return forwarded.p ? forwarded : x->shape.fields[FIELD_HOST];
}

bool http_own_page(const struct http_request *r, const char *public_url)
{
	struct text origin = exchange_of(r)->shape.fields[FIELD_ORIGIN];
	return !origin.p || origin_of_host(origin, http_host(r)) || origin_of_url(origin, public_url);
}

static struct text param_find(const struct http_param *params, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (text_is(params[i].name, name)) return params[i].value;
	return TEXT_ABSENT;
}

struct text http_path_param(const struct http_request *r, const char *name)
{
	return param_find(r->path_params, r->path_param_count, name);
}

struct text http_query(const struct http_request *r, const char *name)
{
	return param_find(r->query, r->query_count, name);
}

void http_response_reset(struct http_request *r)
{
	struct http_response *response = &r->response;
	response->status = 0;
	response->content_type = NULL;
	response->header_count = response->kept_headers;
	response->close = false;
	response->stored = NULL;
	buf_clear(&response->body);
}

/* The place of an earlier value of that name, which the new one replaces, or a further one. */
static struct http_param *header_slot(struct http_response *response, struct text name)
{
	bool many = text_equal_nocase(name, TEXT("Set-Cookie"));
	for (size_t i = 0; i < response->header_count && !many; i++)
		if (text_equal_nocase(response->headers[i].name, name)) return &response->headers[i];
	return response->header_count < HTTP_HEADERS_OUT ? &response->headers[response->header_count++] : NULL;
}

void http_response_header(struct http_request *r, const char *name, struct text value)
{
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] == '\r' || value.p[i] == '\n' || value.p[i] == '\0') value.p = NULL, value.n = 0;
	if (!value.p || value.n == 0) return;
	struct http_param *slot = header_slot(&r->response, text_from(name));
	if (!slot) {
		log_error("a response has too many headers", LOG_STR("header", name));
		return;
	}
	*slot = (struct http_param){text_from(name), text_copy(r->arena, value)};
}
