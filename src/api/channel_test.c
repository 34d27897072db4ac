/* POST /notification-channels/{id}/test: a sample is sent now, and the destination's word is the answer.
 *
 *   reader               the channel is read; the request stays parked
 *   deliverer's thread   the sample goes out, the destination answers, tested() finishes the request
 */
#include "api/app.h"
#include "api/failure.h"
#include "api/handlers.h"
#include "base/json_out.h"
#include "notify/deliverer.h"
#include "store/channel.h"

static void tested(struct deliverer_test *t)
{
	struct http_request *r = t->context;
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	json_put_bool(&j, "delivered", t->verdict == DELIVERY_DONE);
	if (t->status)
		json_put_int(&j, "status", t->status);
	else
		json_put_null(&j, "status");
	json_put_text(&j, "answer", t->answer); /* without the secrets of the config: notify/answer_text.h */
	json_put_real(&j, "duration_ms", (double)t->micros / 1000);
	json_end(&j);
	r->response.status = 200;
	http_finish(r);
}

/* Once the deliverer has taken it, the answer may be on its way already: r is not touched any more. */
static bool test_begin(struct http_request *r)
{
	struct call *call = call_of(r);
	enum rc rc = call->app->deliverer ? deliverer_test(call->app->deliverer, call->prepared) : RC_UNAVAILABLE;
	if (rc == RC_OK) return true;
	failure_answer(r, rc);
	return false;
}

void channel_test(struct http_request *r, struct db *db)
{
	struct channel c;
	enum rc rc = channel_get(db, r->arena, account_of(r), http_path_param(r, "id"), &c);
	if (rc != RC_OK) return failure_answer(r, rc);
	struct deliverer_test *t = arena_new_of(r->arena, struct deliverer_test);
	t->type = channel_type_find(c.type);
	if (!t->type) return failure_answer(r, RC_CORRUPT);
	t->config = c.config;
	t->done = tested;
	t->context = r;
	call_of(r)->prepared = t;
	call_of(r)->afterwards = test_begin;
}
