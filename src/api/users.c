/* Users: list, single, create, change, delete, and the one-time links with which they set a password. */
#include <stddef.h>

#include "actions/people.h"
#include "api/app.h"
#include "api/body.h"
#include "api/failure.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/render_people.h"
#include "auth/people.h"
#include "base/json.h"
#include "outgoing/outgoing.h"

struct user_body {
	struct text email, name;
	enum role role;
	bool active;
	uint64_t given;
};
enum { GIVEN_EMAIL = 1 << 0, GIVEN_ROLE = 1 << 1, GIVEN_NAME = 1 << 2, GIVEN_ACTIVE = 1 << 3 };

static bool choose_role(void *into, struct text word)
{
	return role_parse(word, &((struct user_body *)into)->role);
}

static const char *roles(const void *into)
{
	(void)into;
	return "admin, release_manager, product, developer, sre, qa, security, compliance, billing, viewer";
}

#define FIELDS(is_required) \
	{.name = "email", \
		.kind = BODY_TEXT, \
		.required = (is_required), \
		.kept = true, \
		.limit = 254, \
		.at = offsetof(struct user_body, email)}, \
		{.name = "role", \
			.kind = BODY_CHOICE, \
			.required = (is_required), \
			.kept = true, \
			.limit = 64, \
			.choose = choose_role, \
			.accepted = roles, \
			.error_type = "value_error.role"}, \
	{ \
		.name = "name", .kind = BODY_TEXT, .limit = 255, .at = offsetof(struct user_body, name) \
	}
static const struct body_field CREATE_FIELDS[] = {FIELDS(true), {0}};
static const struct body_field CHANGE_FIELDS[] = {
	FIELDS(false),
	{.name = "active", .kind = BODY_BOOL, .kept = true, .at = offsetof(struct user_body, active)},
	{0},
};

static bool prepare(struct http_request *r, const struct body_field *fields)
{
	const struct json *object;
	if (!body_object(r, &object)) return false;
	struct user_body *b = arena_new_of(r->arena, struct user_body);
	struct body_errors errors;
	body_errors_init(&errors);
	body_read(r->arena, fields, r->body, object, b, &errors, &b->given);
	if (b->email.p && !outgoing_mail_address_valid(b->email))
		body_error(&errors, "body", "email", "value is not a valid email address", "value_error.email");
	if (errors.count) return body_errors_answer(&errors, r), false;
	body_errors_done(&errors);
	b->email = text_lower(r->arena, b->email);
	call_of(r)->prepared = b;
	return true;
}

bool user_create_prepare(struct http_request *r)
{
	return prepare(r, CREATE_FIELDS);
}

bool user_change_prepare(struct http_request *r)
{
	return prepare(r, CHANGE_FIELDS);
}

/* ---- what memory is told once it is committed ---- */

static void learn(struct http_request *r)
{
	const struct call *call = call_of(r);
	people_learn_now(call->app->people, call->lesson, NULL, NULL);
}

static void learn_later(struct http_request *r, const struct user *u)
{
	call_of(r)->lesson = arena_copy(r->arena, u, sizeof *u);
	call_of(r)->committed = learn;
}

/* ---- writing ---- */

static void refuse(struct http_request *r, struct db *db, enum rc rc, const char *code, const struct err *err)
{
	if (rc == RC_CONFLICT || failure_is_limit(rc, db)) return failure_conflict(r, code, err);
	failure_answer(r, rc);
}

void users_create(struct http_request *r, struct db *db)
{
	const struct user_body *b = call_of(r)->prepared;
	struct user u = {.account = account_of(r), .email = b->email, .name = b->name, .role = text_from(role_name(b->role))};
	char link[LINK_TOKEN_SIZE];
	const char *code = NULL;
	struct err err;
	enum rc rc = user_create(db, r->arena, &call_of(r)->actor, &u, r->received, link, &code, &err);
	if (rc != RC_OK) return refuse(r, db, rc, code, &err);
	learn_later(r, &u);
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	render_user(&j, &u);
	json_put_object(&j, "password_link");
	render_password_link(&j, r, link, r->received + LINK_LIFE);
	json_end(&j);
	json_end(&j);
	r->response.status = 201;
}

static void answer(struct http_request *r, const struct user *u)
{
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	render_user(&j, u);
	json_end(&j);
	r->response.status = 200;
}

void users_change(struct http_request *r, struct db *db)
{
	const struct user_body *b = call_of(r)->prepared;
	struct user u;
	const char *code = NULL;
	struct err err;
	enum rc rc = user_get(db, r->arena, account_of(r), http_path_param(r, "id"), &u);
	if (rc != RC_OK) return failure_answer(r, rc);
	if (b->given & GIVEN_EMAIL) u.email = b->email;
	if (b->given & GIVEN_ROLE) u.role = text_from(role_name(b->role));
	if (b->given & GIVEN_NAME) u.name = b->name;
	if (b->given & GIVEN_ACTIVE && b->active) u.deactivated_at = TIME_NONE;
	if (b->given & GIVEN_ACTIVE && !b->active && u.deactivated_at == TIME_NONE) u.deactivated_at = r->received;
	rc = user_change(db, r->arena, &call_of(r)->actor, &u, r->received, &code, &err);
	if (rc != RC_OK) return refuse(r, db, rc, code, &err);
	learn_later(r, &u);
	answer(r, &u);
}

static void learn_end(struct http_request *r)
{
	people_end_user(call_of(r)->app->people, account_of(r), http_path_param(r, "id"));
}

void users_delete(struct http_request *r, struct db *db)
{
	const char *code = NULL;
	struct err err;
	enum rc rc = user_delete(db, r->arena, &call_of(r)->actor, http_path_param(r, "id"), r->received, &code, &err);
	if (rc != RC_OK) return refuse(r, db, rc, code, &err);
	call_of(r)->committed = learn_end;
	r->response.status = 204;
}

void users_link(struct http_request *r, struct db *db)
{
	char link[LINK_TOKEN_SIZE];
	time_us expires_at;
	enum rc rc = user_link(db, r->arena, &call_of(r)->actor, http_path_param(r, "id"), r->received, link, &expires_at);
	if (rc != RC_OK) return failure_answer(r, rc);
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	render_password_link(&j, r, link, expires_at);
	json_end(&j);
	r->response.status = 201;
}

/* ---- reading ---- */

static void item(void *context, const struct user *u)
{
	struct list *l = context;
	if (!list_item(l, u->id)) return;
	render_user(&l->out, u);
	json_end(&l->out);
}

void users_list(struct http_request *r, struct db *db)
{
	struct query q;
	if (!query_read(r, QUERY_PAGE, &q)) return;
	struct list l;
	list_begin(&l, r, &q);
	enum rc rc = user_list(db, r->arena, account_of(r), &q.page, item, &l);
	if (rc != RC_OK) return failure_answer(r, rc);
	list_end(&l);
}

void users_get(struct http_request *r, struct db *db)
{
	struct user u;
	enum rc rc = user_get(db, r->arena, account_of(r), http_path_param(r, "id"), &u);
	if (rc != RC_OK) return failure_answer(r, rc);
	answer(r, &u);
}
