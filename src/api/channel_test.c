/* POST /notification-channels/{id}/test: a sample is sent now, and the destination's word is the answer.
 *
 *   reader               the channel is read; the request stays parked
 *   deliverer's thread   the sample goes out, the destination answers, tested() takes the request on
 *   writer               the audit log says that it was tested; the answer leaves
 */
#include "actions/channels.h"
#include "api/app.h"
#include "api/failure.h"
#include "api/handlers.h"
#include "base/json_out.h"
#include "notify/deliverer.h"
#include "store/channel.h"

struct tested_channel {
	struct deliverer_test test;
	struct channel channel;
};

static void answer_tested(struct http_request *r, struct db *db)
{
	const struct tested_channel *c = call_of(r)->prepared;
	const struct deliverer_test *t = &c->test;
	bool delivered = t->verdict == DELIVERY_DONE;
	enum rc rc = channel_note_test(db, r->arena, &call_of(r)->actor, &c->channel, delivered, r->received);
	if (rc != RC_OK) return failure_answer(r, rc);
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	json_put_bool(&j, "delivered", delivered);
	if (t->status)
		json_put_int(&j, "status", t->status);
	else
		json_put_null(&j, "status");
	json_put_text(&j, "answer", t->answer); /* without the secrets of the config: notify/answer_text.h */
	json_put_real(&j, "duration_ms", (double)t->micros / 1000);
	json_end(&j);
	r->response.status = 200;
}

static void tested(struct deliverer_test *t)
{
	struct http_request *r = t->context;
	t->answer = text_copy(r->arena, t->answer);
	if (!call_write(call_of(r), answer_tested)) http_finish(r);
}

/* Once the deliverer has taken it, the answer may be on its way already: r is not touched any more. */
static bool test_begin(struct http_request *r)
{
	struct call *call = call_of(r);
	struct tested_channel *c = call->prepared;
	enum rc rc = call->app->deliverer ? deliverer_test(call->app->deliverer, &c->test) : RC_UNAVAILABLE;
	if (rc == RC_OK) return true;
	failure_answer(r, rc);
	return false;
}

void channel_test(struct http_request *r, struct db *db)
{
	struct tested_channel *c = arena_new_of(r->arena, struct tested_channel);
	enum rc rc = channel_get(db, r->arena, account_of(r), http_path_param(r, "id"), &c->channel);
	if (rc != RC_OK) return failure_answer(r, rc);
	const struct channel_type *type = channel_type_find(c->channel.type);
	if (!type) return failure_answer(r, RC_CORRUPT);
	c->test = (struct deliverer_test){.type = type, .config = c->channel.config, .done = tested, .context = r};
	call_of(r)->prepared = c;
	call_of(r)->afterwards = test_begin;
}
