/* API keys: list, create, revoke. A key is shown once, in the answer that makes it. */
#include <stddef.h>
#include <string.h>

#include "actions/keys.h"
#include "api/app.h"
#include "api/body.h"
#include "api/failure.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/render_people.h"
#include "auth/permission.h"
#include "base/json.h"

struct key_body {
	struct text name;
	unsigned scopes;
};

static const struct body_field FIELDS[] = {
	{.name = "name", .kind = BODY_TEXT, .required = true, .limit = 255, .at = offsetof(struct key_body, name)},
	{0},
};

/* ["events","read"]: one scope at least, each a word by itself. */
static void read_scopes(const struct json *list, unsigned *ret, struct body_errors *errors)
{
	static const char *const NAME = "scopes";
	if (json_kind(list) == JSON_ABSENT || json_kind(list) == JSON_IS_NULL)
		return body_error(errors, "body", NAME, "field required", "value_error.missing");
	if (json_kind(list) != JSON_IS_ARRAY) return body_error(errors, "body", NAME, "value is not a valid list", "type_error.list");
	for (size_t i = 0; i < json_size(list); i++) {
		struct text word = json_text(json_element(list, i));
		unsigned scope;
		if (!word.n || memchr(word.p, ',', word.n) || !scopes_parse(word, &scope))
			return body_error(errors, "body", NAME, "value is not one of: events, read, admin", "value_error.scope");
		*ret |= scope;
	}
	if (!*ret) body_error(errors, "body", NAME, "at least one of: events, read, admin", "value_error.scope");
}

bool api_key_prepare(struct http_request *r)
{
	const struct json *object;
	if (!body_object(r, &object)) return false;
	struct key_body *b = arena_new_of(r->arena, struct key_body);
	struct body_errors errors;
	body_errors_init(&errors);
	body_read(r->arena, FIELDS, r->body, object, b, &errors, NULL);
	read_scopes(json_member(object, "scopes"), &b->scopes, &errors);
	if (errors.count) return body_errors_answer(&errors, r), false;
	body_errors_done(&errors);
	call_of(r)->prepared = b;
	return true;
}

static void learn(struct http_request *r)
{
	key_learn_now(call_of(r)->app->keyring, call_of(r)->lesson);
}

void api_keys_create(struct http_request *r, struct db *db)
{
	struct call *call = call_of(r);
	const struct key_body *b = call->prepared;
	struct api_key *k = arena_new_of(r->arena, struct api_key);
	char token[KEY_TOKEN_MAX + 1];
	struct err err;
	enum rc rc = key_create(db, r->arena, &call->actor, b->name, b->scopes, r->received, token, k, &err);
	if (rc != RC_OK) return failure_answer(r, rc);
	call->lesson = k;
	call->committed = learn;
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	render_api_key(&j, r->arena, k);
	json_put_cstr(&j, "key", token);
	json_end(&j);
	r->response.status = 201;
}

void api_keys_delete(struct http_request *r, struct db *db)
{
	struct call *call = call_of(r);
	struct api_key *k = arena_new_of(r->arena, struct api_key);
	enum rc rc = key_revoke(db, r->arena, &call->actor, http_path_param(r, "id"), r->received, k);
	if (rc != RC_OK) return failure_answer(r, rc);
	call->lesson = k;
	call->committed = learn;
	r->response.status = 204;
}

static void item(void *context, const struct api_key *k)
{
	struct list *l = context;
	if (!list_item(l, k->id)) return;
	render_api_key(&l->out, l->request->arena, k);
	json_end(&l->out);
}

void api_keys_list(struct http_request *r, struct db *db)
{
	struct query q;
	if (!query_read(r, QUERY_PAGE, &q)) return;
	struct list l;
	list_begin(&l, r, &q);
	enum rc rc = api_key_list(db, r->arena, account_of(r), &q.page, item, &l);
	if (rc != RC_OK) return failure_answer(r, rc);
	list_end(&l);
}
