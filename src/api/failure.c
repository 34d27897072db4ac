/* The table of rc and HTTP status. */
#include "api/failure.h"

#include "base/json_out.h"
#include "db/db.h"
#include "http/http.h"

static const int STATUS[] = {
	[RC_OK] = 500,
	[RC_INVALID] = 400,
	[RC_NOT_FOUND] = 404,
	[RC_CONFLICT] = 409,
	[RC_DENIED] = 403,
	[RC_FULL] = 503,
	[RC_UNAVAILABLE] = 503,
	[RC_UNKNOWN] = 503,
	[RC_AGAIN] = 503,
	[RC_CORRUPT] = 500,
	[RC_FAILED] = 500,
};

void failure_answer(struct http_request *r, enum rc rc)
{
	http_response_reset(r);
	http_error_standard(r, STATUS[rc]);
}

bool failure_is_limit(enum rc rc, const struct db *db)
{
	return rc == RC_FULL && db_failure(db) == RC_OK;
}

void failure_throttled(struct http_request *r, unsigned seconds)
{
	http_response_reset(r);
	http_error(r, 429, arena_printf(r->arena, "Too many failed logins. Try again in %u seconds.", seconds));
	http_response_header(r, "Retry-After", text_from(arena_printf(r->arena, "%u", seconds)));
}

void failure_conflict(struct http_request *r, const char *code, const struct err *err)
{
	http_response_reset(r);
	r->response.status = 409;
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	json_put_cstr(&j, "detail", err->text);
	json_put_cstr(&j, "message", err->text);
	json_put_cstr(&j, "error", code);
	json_end(&j);
}
