/* The contract's errors: one sentence for each status, with the headers that belong to it. */
#include <string.h>

#include "base/json_out.h"
#include "http/http_private.h"

static const struct error_row {
	int status;
	const char *detail;
	const char *header, *value;
} error_rows[] = {
	{400, "Invalid JSON in request body", NULL, NULL},
	{401, "Invalid authentication credentials", "WWW-Authenticate", "Bearer"},
	{403, "You do not have permission to perform this action", NULL, NULL},
	{404, "Not found", NULL, NULL},
	{405, "Method not allowed", NULL, NULL},
	{414, "Request target too long", NULL, NULL},
	{500, "Internal server error", NULL, NULL},
	{503, "Service temporarily unavailable", "Retry-After", "5"},
};

static const struct error_row *error_find(int status)
{
	for (size_t i = 0; i < sizeof error_rows / sizeof *error_rows; i++)
		if (error_rows[i].status == status) return &error_rows[i];
	return error_find(500);
}

static void error_write(struct http_request *r, int status, const char *detail, struct text request_id)
{
	r->response.status = status;
	r->response.content_type = NULL;
	r->response.stored = NULL;
	buf_clear(&r->response.body);
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	json_put_cstr(&j, "detail", detail);
	if (request_id.p) json_put_text(&j, "request_id", request_id);
	json_end(&j);
}

void http_error(struct http_request *r, int status, const char *detail)
{
	error_write(r, status, detail, TEXT_ABSENT);
}

void http_error_standard(struct http_request *r, int status)
{
	const struct error_row *row = error_find(status);
	error_write(r, row->status, row->detail, row->status == 500 ? r->id : TEXT_ABSENT);
	if (row->header) http_response_header(r, row->header, text_from(row->value));
}
