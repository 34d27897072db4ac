/* POST /session: logging in with an e-mail address and a password.
 *
 * Whether there is such a user shows neither in the answer nor in the time that it takes: a password is checked in any case, and an unknown user, one
 * without a password, and one who is not active are told the same. Failed tries are slowed down (auth/throttle.h) before anything is
 * computed. */
#include <stddef.h>

#include "actions/people.h"
#include "api/app.h"
#include "api/body.h"
#include "api/failure.h"
#include "api/handlers.h"
#include "api/metrics.h"
#include "api/password_call.h"
#include "api/session_answer.h"
#include "auth/throttle.h"
#include "base/json.h"
#include "base/log.h"
#include "store/account.h"

enum { EMAIL_MOST = 254, SLUG_MOST = 40 };

struct login {
	struct password_call password; /* first */
	struct text email, slug, given;
	struct text name; /* for the throttle: account and address */
	int64_t account;
	struct user user;
	bool known; /* there is such a user, and active */
};

static const struct body_field FIELDS[] = {
	{.name = "email", .kind = BODY_TEXT, .required = true, .limit = EMAIL_MOST, .at = offsetof(struct login, email)},
	{.name = "password", .kind = BODY_SECRET, .required = true, .limit = PASSWORD_MOST, .at = offsetof(struct login, given)},
	{.name = "account", .kind = BODY_TEXT, .limit = SLUG_MOST, .at = offsetof(struct login, slug)},
	{0},
};

bool session_login_prepare(struct http_request *r)
{
	const struct json *object;
	if (!body_object(r, &object)) return false;
	struct login *l = arena_new_of(r->arena, struct login);
	struct body_errors errors;
	body_errors_init(&errors);
	body_read(r->arena, FIELDS, r->body, object, l, &errors, NULL);
	if (errors.count) return body_errors_answer(&errors, r), false;
	body_errors_done(&errors);
	l->email = text_lower(r->arena, l->email);
	call_of(r)->prepared = l;
	return true;
}

static void answer_wrong(struct http_request *r)
{
	http_response_reset(r);
	http_error(r, 401, "Wrong e-mail address or password");
}

/* What was typed as an address is only told when it is one of ours: people type passwords in the wrong field. */
static bool checked(struct password_call *p, bool matches)
{
	struct login *l = (struct login *)p;
	struct http_request *r = p->request;
	struct app *app = call_of(r)->app;
	bool right = matches && l->known;
	throttle_end(app->throttle, l->name, r->peer, right, clock_monotonic());
	if (right) return true;
	metrics_count_login(app->metrics, LOGIN_FAILED);
	log_warn("login failed", LOG_TEXT("peer", r->peer), LOG_TEXT("request_id", r->id),
		LOG_TEXT(l->user.email.p ? "email" : NULL, l->user.email));
	answer_wrong(r);
	return false;
}

/* Meanwhile the user may have been deactivated, or the password changed: then the one that was checked no longer counts. */
static void store(struct http_request *r, struct db *db)
{
	const struct login *l = call_of(r)->prepared;
	struct user u = l->user;
	struct session s;
	char token[SESSION_TOKEN_SIZE];
	enum rc rc = session_begin(
		db, r->arena, &u, l->password.fresh, r->peer, r->id, call_of(r)->app->session_lifetime, r->received, token, &s);
	if (rc == RC_NOT_FOUND) return answer_wrong(r);
	if (rc != RC_OK) return failure_answer(r, rc);
	session_begun(r, db, &u, &s, token, false);
}

static bool begin(struct http_request *r)
{
	const struct login *l = call_of(r)->prepared;
	struct app *app = call_of(r)->app;
	unsigned wait = throttle_begin(app->throttle, l->name, r->peer, clock_monotonic());
	if (!wait) return password_call_begin(r);
	metrics_count_login(app->metrics, LOGIN_THROTTLED);
	failure_throttled(r, wait);
	return false;
}

/* The store's first account, when none is named. 0: there is no such account. */
static enum rc find_account(struct db *db, struct text slug, int64_t *ret)
{
	enum rc rc = slug.p ? account_find(db, slug, ret) : account_next(db, INT64_MIN, ret);
	if (rc != RC_NOT_FOUND) return rc;
	*ret = 0;
	return RC_OK;
}

void session_login(struct http_request *r, struct db *db)
{
	struct login *l = call_of(r)->prepared;
	enum rc rc = find_account(db, l->slug, &l->account);
	if (rc == RC_OK) rc = user_find_email(db, r->arena, l->account, l->email, &l->user);
	if (rc != RC_OK && rc != RC_NOT_FOUND) return failure_answer(r, rc);
	l->known = rc == RC_OK && l->user.deactivated_at == TIME_NONE;
	l->name = text_from(arena_printf(r->arena, "%lld %.*s", (long long)l->account, TEXT_ARGS(l->email)));
	l->password.check = l->given;
	l->password.stored = l->known ? l->user.password_hash : TEXT_ABSENT;
	l->password.checked = checked;
	l->password.store = store;
	call_of(r)->write.key = people_key(l->account);
	call_of(r)->afterwards = begin;
}
