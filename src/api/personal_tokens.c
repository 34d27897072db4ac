/* Personal tokens: each person's own. Listed and revoked by their owner in any way, but made in a session only: a token that could make
 * tokens would outlive its own revocation. */
#include <stddef.h>

#include "actions/people.h"
#include "api/app.h"
#include "api/body.h"
#include "api/failure.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/render_people.h"
#include "auth/people.h"
#include "auth/principal.h"
#include "base/json.h"

enum { DAYS_MOST = 365 };

struct token_body {
	struct text name;
	int64_t days; /* 0: for ever */
};

static const struct body_field FIELDS[] = {
	{.name = "name", .kind = BODY_TEXT, .required = true, .limit = 255, .at = offsetof(struct token_body, name)},
	{.name = "expires_in_days", .kind = BODY_INT, .limit = DAYS_MOST, .at = offsetof(struct token_body, days)},
	{0},
};

bool personal_token_prepare(struct http_request *r)
{
	const struct json *object;
	if (principal_kind(call_of(r)->principal) != PRINCIPAL_SESSION) return http_error_standard(r, 403), false;
	if (!body_object(r, &object)) return false;
	struct token_body *b = arena_new_of(r->arena, struct token_body);
	struct body_errors errors;
	uint64_t given;
	body_errors_init(&errors);
	body_read(r->arena, FIELDS, r->body, object, b, &errors, &given);
	if (!errors.count && !b->days && json_kind(json_member(object, "expires_in_days")) == JSON_IS_INT)
		body_error(&errors, "body", "expires_in_days", "ensure this value is from 1 to 365", "value_error.number.range");
	if (errors.count) return body_errors_answer(&errors, r), false;
	body_errors_done(&errors);
	call_of(r)->prepared = b;
	return true;
}

static void learn(struct http_request *r)
{
	const struct call *call = call_of(r);
	people_learn_now(call->app->people, NULL, NULL, call->lesson);
}

void personal_tokens_create(struct http_request *r, struct db *db)
{
	struct call *call = call_of(r);
	const struct token_body *b = call->prepared;
	time_us expires_at = b->days ? r->received + DAYS_US(b->days) : TIME_NONE;
	struct personal_token *t = arena_new_of(r->arena, struct personal_token);
	char token[PERSONAL_TOKEN_SIZE];
	const char *code = NULL;
	struct err err;
	enum rc rc = token_create(
		db, r->arena, &call->actor, call->actor.user_id, b->name, expires_at, r->received, token, t, &code, &err);
	if (rc == RC_CONFLICT) return failure_conflict(r, code, &err);
	if (rc != RC_OK) return failure_answer(r, rc);
	call->lesson = t;
	call->committed = learn;
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	render_personal_token(&j, t);
	json_put_cstr(&j, "token", token);
	json_end(&j);
	r->response.status = 201;
}

static void learn_end(struct http_request *r)
{
	const struct call *call = call_of(r);
	people_end(call->app->people, account_of(r), call->actor.user_id, PRINCIPAL_TOKEN, http_path_param(r, "id"));
}

void personal_tokens_delete(struct http_request *r, struct db *db)
{
	struct call *call = call_of(r);
	enum rc rc = token_revoke(db, r->arena, &call->actor, call->actor.user_id, http_path_param(r, "id"), r->received);
	if (rc != RC_OK) return failure_answer(r, rc);
	call->committed = learn_end;
	r->response.status = 204;
}

static void item(void *context, const struct personal_token *t)
{
	struct list *l = context;
	if (!list_item(l, t->id)) return;
	render_personal_token(&l->out, t);
	json_end(&l->out);
}

void personal_tokens_list(struct http_request *r, struct db *db)
{
	struct query q;
	if (!query_read(r, QUERY_PAGE, &q)) return;
	struct list l;
	list_begin(&l, r, &q);
	enum rc rc = personal_token_list(db, r->arena, account_of(r), call_of(r)->actor.user_id, &q.page, item, &l);
	if (rc != RC_OK) return failure_answer(r, rc);
	list_end(&l);
}
