/* GET /health: the process lives. GET /ready: the store answers. */
#include "api/app.h"
#include "api/failure.h"
#include "api/handlers.h"
#include "base/json_out.h"
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

void ready_handle(struct http_request *r, struct db *db)
{
	const struct app *app = call_of(r)->app;
	int64_t accounts;
	enum rc rc = account_count(db, &accounts);
	if (rc != RC_OK) return failure_answer(r, rc == RC_FAILED ? RC_UNAVAILABLE : rc);
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	json_put_cstr(&j, "status", "ready");
	json_put_cstr(&j, "engine", app->engine);
	json_put_int(&j, "schema", app->schema);
	json_end(&j);
	r->response.status = 200;
}
