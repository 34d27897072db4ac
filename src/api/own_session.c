/* GET, PATCH and DELETE /session: who one is, one's own name and password, logging out. */
#include <stddef.h>

#include "actions/people.h"
#include "api/admit.h"
#include "api/app.h"
#include "api/body.h"
#include "api/failure.h"
#include "api/handlers.h"
#include "api/password_call.h"
#include "api/session_answer.h"
#include "auth/people.h"
#include "auth/principal.h"
#include "auth/throttle.h"
#include "base/json.h"
#include "base/log.h"

static struct text session_token(const struct http_request *r)
{
	return http_cookie(r, session_cookie_name(r));
}

void session_get(struct http_request *r, struct db *db)
{
	const struct principal *p = call_of(r)->principal;
	if (principal_kind(p) == PRINCIPAL_API_KEY) return session_answer_key(r, db);
	if (principal_kind(p) == PRINCIPAL_TOKEN) return session_answer_token(r, db);
	struct user u;
	enum rc rc = user_get(db, r->arena, account_of(r), principal_user_id(p), &u);
	if (rc != RC_OK) return failure_answer(r, rc);
	session_answer(r, db, &u, session_token(r), principal_expires_at(p));
}

/* ---- changing oneself ---- */

struct change {
	struct password_call password; /* first */
	struct text name, given, current;
	uint64_t which;
	struct user user; /* as the current password was checked against */
	struct text throttled;
};
enum { GIVEN_NAME = 1 << 0 };

static const struct body_field FIELDS[] = {
	{.name = "name", .kind = BODY_TEXT, .limit = 255, .at = offsetof(struct change, name)},
	{.name = "password", .kind = BODY_SECRET, .kept = true, .limit = PASSWORD_MOST, .at = offsetof(struct change, given)},
	{.name = "current_password", .kind = BODY_SECRET, .limit = PASSWORD_MOST, .at = offsetof(struct change, current)},
	{0},
};

/* What only a person at a browser may do: neither a token nor a key changes who may log in. */
static bool refuse_without_session(struct http_request *r)
{
	if (principal_kind(call_of(r)->principal) == PRINCIPAL_SESSION) return false;
	http_error_standard(r, 403);
	return true;
}

bool session_change_prepare(struct http_request *r)
{
	const struct json *object;
	if (refuse_without_session(r) || !body_object(r, &object)) return false;
	struct change *c = arena_new_of(r->arena, struct change);
	struct body_errors errors;
	body_errors_init(&errors);
	body_read(r->arena, FIELDS, r->body, object, c, &errors, &c->which);
	if (c->given.p && !c->current.p) body_error(&errors, "body", "current_password", "field required", "value_error.missing");
	if (errors.count) return body_errors_answer(&errors, r), false;
	body_errors_done(&errors);
	call_of(r)->prepared = c;
	return true;
}

static void answer_wrong(struct http_request *r)
{
	body_answer_one(r, "current_password", "this is not your password", "value_error.password");
}

static bool checked(struct password_call *p, bool matches)
{
	const struct change *c = (const struct change *)p;
	struct http_request *r = p->request;
	throttle_end(call_of(r)->app->throttle, c->throttled, r->peer, matches, clock_monotonic());
	if (matches) return true;
	log_warn("a change of password was refused: the current one was wrong", LOG_TEXT("peer", r->peer),
		LOG_TEXT("request_id", r->id), LOG_TEXT("email", c->user.email));
	answer_wrong(r);
	return false;
}

struct changed {
	struct user user;
	bool password;
};

static void learn(struct http_request *r)
{
	const struct call *call = call_of(r);
	const struct changed *c = call->lesson;
	people_learn_now(call->app->people, &c->user, NULL, NULL);
	if (c->password)
		people_end_sessions(
			call->app->people, c->user.account, c->user.id, principal_credential_id(call->principal), c->user.revision);
}

static void store(struct http_request *r, struct db *db)
{
	struct call *call = call_of(r);
	const struct change *c = call->prepared;
	struct changed *done = arena_new_of(r->arena, struct changed);
	struct user u = c->user;
	if (c->which & GIVEN_NAME) u.name = c->name;
	enum rc rc = user_change_self(
		db, r->arena, &call->actor, &u, c->password.fresh, principal_credential_id(call->principal), r->received);
	if (rc == RC_DENIED) return answer_wrong(r); /* it has been changed meanwhile */
	if (rc != RC_OK) return failure_answer(r, rc);
	*done = (struct changed){u, c->given.p != NULL};
	call->lesson = done;
	call->committed = learn;
	session_answer(r, db, &u, session_token(r), principal_expires_at(call->principal));
}

/* Whoever holds a stolen session must not find out the password by trying. */
static bool begin(struct http_request *r)
{
	const struct change *c = call_of(r)->prepared;
	unsigned wait = c->given.p ? throttle_begin(call_of(r)->app->throttle, c->throttled, r->peer, clock_monotonic()) : 0;
	if (!wait) return password_call_begin(r);
	failure_throttled(r, wait);
	return false;
}

void session_change(struct http_request *r, struct db *db)
{
	struct change *c = call_of(r)->prepared;
	enum rc rc = user_get(db, r->arena, account_of(r), call_of(r)->actor.user_id, &c->user);
	if (rc != RC_OK) return failure_answer(r, rc);
	const char *trouble = c->given.p ? password_trouble(c->given, c->user.email) : NULL;
	if (trouble) return body_answer_one(r, "password", trouble, "value_error.password");
	c->throttled = text_from(arena_printf(r->arena, "%lld %.*s", (long long)account_of(r), TEXT_ARGS(c->user.email)));
	if (c->given.p) {
		c->password.check = c->current;
		c->password.stored = c->user.password_hash;
		c->password.checked = checked;
		c->password.make = c->given;
	}
	c->password.store = store;
	call_of(r)->afterwards = begin;
}

/* ---- logging out ---- */

bool session_logout_prepare(struct http_request *r)
{
	return !refuse_without_session(r);
}

static void learn_end(struct http_request *r)
{
	const struct call *call = call_of(r);
	people_end(
		call->app->people, account_of(r), call->actor.user_id, PRINCIPAL_SESSION, principal_credential_id(call->principal));
}

void session_logout_handle(struct http_request *r, struct db *db)
{
	struct call *call = call_of(r);
	enum rc rc = session_logout(db, r->arena, &call->actor, principal_credential_id(call->principal), r->received);
	if (rc != RC_OK && rc != RC_NOT_FOUND) return failure_answer(r, rc); /* ended already: all the better */
	call->committed = learn_end;
	session_cookie_set(r, TEXT(""), 0);
	r->response.status = 204;
}
