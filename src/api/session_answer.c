/* {"kind","account","user","key","permissions","csrf_token","expires_at"} */
#include "api/session_answer.h"

#include "actions/people.h"
#include "api/admit.h"
#include "api/app.h"
#include "api/failure.h"
#include "api/metrics.h"
#include "api/render_people.h"
#include "auth/people.h"
#include "auth/permission.h"
#include "auth/principal.h"
#include "base/json_out.h"
#include "store/account.h"
#include "store/api_key.h"

struct shown {
	const char *kind;
	const struct user *user; /* NULL: a key */
	const struct api_key *key;
	const char *csrf_token;
	time_us expires_at;
};

static bool allowed(const struct shown *s, enum permission p)
{
	enum role role;
	unsigned scopes = 0;
	if (s->user) return role_parse(s->user->role, &role) && role_allows(role, p);
	return scopes_parse(s->key->scopes, &scopes) && scopes_allow(scopes, p);
}

static void put_permissions(struct json_out *j, const struct shown *s)
{
	json_put_array(j, "permissions");
	for (enum permission p = 0; p < PERMISSION_COUNT; p++)
		if (permission_name(p) && allowed(s, p)) json_put_cstr(j, NULL, permission_name(p));
	json_end(j);
}

static void put_user(struct json_out *j, const struct user *u)
{
	if (!u) return json_put_null(j, "user");
	json_put_object(j, "user");
	render_user(j, u);
	json_end(j);
}

static void put_key(struct json_out *j, const struct api_key *k)
{
	if (!k) return json_put_null(j, "key");
	json_put_object(j, "key");
	json_put_text(j, "id", k->id);
	json_put_text(j, "name", k->name);
	render_scopes(j, k->scopes);
	json_end(j);
}

static void answer(struct http_request *r, struct db *db, int64_t account_id, const struct shown *s)
{
	struct account account;
	enum rc rc = account_get(db, r->arena, account_id, &account);
	if (rc != RC_OK) return failure_answer(r, rc);
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	json_put_cstr(&j, "kind", s->kind);
	json_put_object(&j, "account");
	json_put_text(&j, "slug", account.slug);
	json_put_text(&j, "name", account.name);
	json_end(&j);
	put_user(&j, s->user);
	put_key(&j, s->key);
	put_permissions(&j, s);
	json_put_cstr(&j, "csrf_token", s->csrf_token);
	json_put_time(&j, "expires_at", s->expires_at);
	json_end(&j);
	r->response.status = 200;
}

void session_answer(struct http_request *r, struct db *db, const struct user *u, struct text session_token, time_us expires_at)
{
	char csrf[CSRF_TOKEN_SIZE];
	csrf_token(session_token, csrf);
	answer(r, db, u->account, &(struct shown){.kind = "session", .user = u, .csrf_token = csrf, .expires_at = expires_at});
}

void session_answer_token(struct http_request *r, struct db *db)
{
	const struct principal *p = call_of(r)->principal;
	struct user u;
	enum rc rc = user_get(db, r->arena, account_of(r), principal_user_id(p), &u);
	if (rc != RC_OK) return failure_answer(r, rc);
	answer(r, db, account_of(r), &(struct shown){.kind = "token", .user = &u, .expires_at = principal_expires_at(p)});
}

void session_answer_key(struct http_request *r, struct db *db)
{
	struct api_key k;
	enum rc rc = api_key_get(db, r->arena, account_of(r), principal_key_number(call_of(r)->principal), &k);
	if (rc != RC_OK) return failure_answer(r, rc);
	answer(r, db, account_of(r), &(struct shown){.kind = "api_key", .key = &k, .expires_at = TIME_NONE});
}

struct begun {
	struct user user;
	struct session session;
	bool others_ended;
};

static void learn(struct http_request *r)
{
	const struct call *call = call_of(r);
	const struct begun *b = call->lesson;
	people_learn_now(call->app->people, &b->user, &b->session, NULL);
	if (b->others_ended) people_end_sessions(call->app->people, b->user.account, b->user.id, b->session.id, b->user.revision);
	metrics_count_login(call->app->metrics, LOGIN_OK);
}

void session_begun(
	struct http_request *r, struct db *db, const struct user *u, const struct session *s, const char *token, bool others_ended)
{
	struct call *call = call_of(r);
	struct begun *b = arena_new_of(r->arena, struct begun);
	*b = (struct begun){*u, *s, others_ended};
	call->lesson = b;
	call->committed = learn;
	session_answer(r, db, u, text_from(token), s->expires_at);
	if (r->response.status == 200) session_cookie_set(r, text_from(token), call->app->session_lifetime);
}
