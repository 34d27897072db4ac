/* The Idempotency-Key header around writing handlers. */
#include "api/idempotency.h"

#include "api/app.h"
#include "api/body.h"
#include "base/limits.h"
#include "db/db.h"
#include "store/idempotency.h"

static void refuse(struct http_request *r, const char *why)
{
	struct body_errors errors;
	body_errors_init(&errors);
	body_error(&errors, "header", "Idempotency-Key", why, "value_error.idempotency_key");
	body_errors_answer(&errors, r);
}

static bool printable(struct text t)
{
	for (size_t i = 0; i < t.n; i++)
		if (t.p[i] < 0x20 || t.p[i] > 0x7e) return false;
	return true;
}

bool idempotency_prepare(struct call *call)
{
	struct http_request *r = call->request;
	struct text key = http_header(r, "Idempotency-Key");
	if (!key.p) return true;
	if (key.n < 1 || key.n > LIMIT_IDEMPOTENCY_KEY || !printable(key))
		return refuse(r, "an idempotency key has 1 to 255 printable ASCII characters"), false;
	call->idempotency_key = text_copy(r->arena, key);
	buf_auto whole = BUF_INIT(LIMIT_BODY + LIMIT_TARGET);
	buf_printf(&whole, "%s %.*s\n", r->route->method, TEXT_ARGS(r->path));
	buf_text(&whole, r->body);
	digest_hex(buf_view(&whole), call->request_digest);
	return true;
}

bool idempotency_replay(struct call *call, struct db *db)
{
	struct http_request *r = call->request;
	struct kept_answer kept;
	enum rc rc = idempotency_find(
		db, r->arena, call->actor.account, call->actor.label, call->idempotency_key, r->received, &kept);
	if (rc == RC_NOT_FOUND) return false;
	if (rc != RC_OK) return true; /* the failure is sticky: the transaction is not committed */
	if (!text_is(kept.request_digest, call->request_digest))
		return refuse(r, "this key was used with another request in the last 24 hours"), true;
	r->response.status = (int)kept.status;
	buf_text(&r->response.body, kept.answer);
	http_response_header(r, "Idempotency-Replayed", TEXT("true"));
	return true;
}

bool idempotency_keep_answer(struct call *call, struct db *db)
{
	struct http_request *r = call->request;
	struct kept_answer kept = {
		.request_digest = text_from(call->request_digest), .status = r->response.status, .answer = buf_view(&r->response.body)};
	return idempotency_keep(db, call->actor.account, call->actor.label, call->idempotency_key, &kept, r->received) == RC_OK;
}
