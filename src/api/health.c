/* GET /health: the process lives. GET /ready: the store answers, and what is to be told leaves. */
#include "api/app.h"
#include "api/failure.h"
#include "api/handlers.h"
#include "base/json_out.h"
#include "notify/deliverer.h"
#include "store/account.h"

void health_handle(struct http_request *r, struct db *db)
{
	(void)db;
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	json_put_cstr(&j, "status", "ok");
	json_put_cstr(&j, "version", VERSIONER_VERSION);
	json_end(&j);
	r->response.status = 200;
}

/* A server that takes events but tells nobody is not ready: another one can do both. */
void ready_handle(struct http_request *r, struct db *db)
{
	const struct app *app = call_of(r)->app;
	int64_t accounts;
	enum rc rc = account_count(db, &accounts);
	if (rc != RC_OK) return failure_answer(r, rc == RC_FAILED ? RC_UNAVAILABLE : rc);
	bool stuck = app->deliverer && !deliverer_moves(app->deliverer);
	if (stuck) http_error_standard(r, 503); /* its header stays, its body is said here */
	buf_clear(&r->response.body);
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	if (stuck) json_put_cstr(&j, "detail", "Service temporarily unavailable");
	json_put_cstr(&j, "status", stuck ? "stuck" : "ready");
	json_put_cstr(&j, "engine", app->engine);
	json_put_int(&j, "schema", app->schema);
	if (app->deliverer) json_put_cstr(&j, "outbox", stuck ? "stuck" : "moving");
	json_end(&j);
	r->response.status = stuck ? 503 : 200;
}
