/* POST /session/password: a one-time link sets the password and logs in. */
#include <stddef.h>

#include "actions/people.h"
#include "api/app.h"
#include "api/body.h"
#include "api/failure.h"
#include "api/handlers.h"
#include "api/password_call.h"
#include "api/session_answer.h"
#include "auth/people.h"
#include "base/json.h"

struct link_body {
	struct password_call password; /* first */
	struct text link, given;
};

static const struct body_field FIELDS[] = {
	{.name = "token", .kind = BODY_SECRET, .required = true, .limit = LINK_TOKEN_SIZE, .at = offsetof(struct link_body, link)},
	{.name = "password", .kind = BODY_SECRET, .required = true, .limit = PASSWORD_MOST, .at = offsetof(struct link_body, given)},
	{0},
};

bool session_link_prepare(struct http_request *r)
{
	const struct json *object;
	if (!body_object(r, &object)) return false;
	struct link_body *b = arena_new_of(r->arena, struct link_body);
	struct body_errors errors;
	body_errors_init(&errors);
	body_read(r->arena, FIELDS, r->body, object, b, &errors, NULL);
	if (errors.count) return body_errors_answer(&errors, r), false;
	body_errors_done(&errors);
	call_of(r)->prepared = b;
	return true;
}

static void answer_invalid(struct http_request *r)
{
	http_response_reset(r);
	http_error(r, 401, "This link is not valid any more");
}

/* Of two that use the same link at once, one finds it used here. */
static void store(struct http_request *r, struct db *db)
{
	const struct link_body *b = call_of(r)->prepared;
	struct user u;
	struct session s;
	char token[SESSION_TOKEN_SIZE];
	enum rc rc = link_use(db, r->arena, b->link, b->password.fresh, r->id, r->received, &u);
	if (rc == RC_NOT_FOUND) return answer_invalid(r);
	if (rc == RC_OK)
		rc = session_begin(
			db, r->arena, &u, TEXT_ABSENT, r->peer, r->id, call_of(r)->app->session_lifetime, r->received, token, &s);
	if (rc != RC_OK) return failure_answer(r, rc);
	session_begun(r, db, &u, &s, token, true);
}

void session_link(struct http_request *r, struct db *db)
{
	struct link_body *b = call_of(r)->prepared;
	struct user u;
	enum rc rc = link_user(db, r->arena, b->link, r->received, &u);
	if (rc == RC_NOT_FOUND) return answer_invalid(r);
	if (rc != RC_OK) return failure_answer(r, rc);
	const char *trouble = password_trouble(b->given, u.email);
	if (trouble) return body_answer_one(r, "password", trouble, "value_error.password");
	b->password.make = b->given;
	b->password.store = store;
	call_of(r)->write.key = people_key(u.account);
	call_of(r)->afterwards = password_call_begin;
}
