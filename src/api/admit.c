/* Admission, all from memory.
 *
 * Credentials are an API key or a personal token in Authorization, or a session's cookie. A request with Authorization is taken by that
 * alone. A browser adds the cookie to whatever any page sends, so a request without Authorization that writes must come from our own page
 * (Origin), and under a cookie it must bring the session's CSRF token, which only our own page can read. Logging in has no cookie yet; the Origin
 * counts there all the same, so that nobody is logged in as somebody else. */
#include "api/admit.h"

#include "api/app.h"
#include "auth/keyring.h"
#include "auth/people.h"
#include "auth/permission.h"
#include "auth/principal.h"
#include "notify/site.h"

static bool writes(const struct http_request *r)
{
	return !text_is(r->method, "GET") && !text_is(r->method, "HEAD") && !text_is(r->method, "OPTIONS");
}

const char *session_cookie_name(const struct http_request *r)
{
	return r->secure ? "__Host-versioner_session" : "versioner_session";
}

void session_cookie_set(struct http_request *r, struct text token, int64_t lifetime)
{
	const char *cookie = arena_printf(r->arena, "%s=%.*s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Lax%s", session_cookie_name(r),
		TEXT_ARGS(token), (long long)(token.n ? lifetime / 1000000 : 0), r->secure ? "; Secure" : "");
	http_response_header(r, "Set-Cookie", text_from(cookie));
}

/* "Bearer pat_…": the token; absent for anything else, an API key included. */
static struct text personal_token(struct text authorization)
{
	static const struct text SCHEME = {"Bearer ", 7}, FORM = {"pat_", 4};
	if (authorization.n < SCHEME.n || !text_equal_nocase((struct text){authorization.p, SCHEME.n}, SCHEME)) return TEXT_ABSENT;
	struct text token = text_trim((struct text){authorization.p + SCHEME.n, authorization.n - SCHEME.n});
	return text_starts(token, FORM) ? token : TEXT_ABSENT;
}

static struct principal *find(struct app *app, struct text authorization, struct text cookie)
{
	time_us now = clock_now();
	if (!authorization.p) return cookie.p ? people_session(app->people, cookie, now) : NULL;
	struct text token = personal_token(authorization);
	return token.p ? people_token(app->people, token, now) : keyring_authenticate(app->keyring, authorization, now);
}

static bool own_page(const struct app *app, struct http_request *r)
{
	if (http_own_page(r, app->site ? app->site->public_url : NULL)) return true;
	http_error(r, 403, "This request came from a page of another origin");
	return false;
}

static bool right_csrf_token(struct http_request *r, struct text cookie)
{
	if (csrf_token_right(cookie, http_header(r, "X-CSRF-Token"))) return true;
	http_error(r, 403, "CSRF token missing or wrong");
	return false;
}

static bool slow_enough(const struct app *app, struct http_request *r, struct principal *p)
{
	struct rate_verdict v = principal_take(p, app->rate_limit, clock_monotonic());
	if (v.allowed) return true;
	http_error(r, 429, arena_printf(r->arena, "Rate limit exceeded. Try again in %u seconds.", v.retry_after));
	http_response_header(r, "Retry-After", text_from(arena_printf(r->arena, "%u", v.retry_after)));
	http_response_header(r, "X-RateLimit-Limit", text_from(arena_printf(r->arena, "%u", v.limit)));
	http_response_header(r, "X-RateLimit-Remaining", text_from(arena_printf(r->arena, "%u", v.remaining)));
	http_response_header(r, "X-RateLimit-Reset", text_from(arena_printf(r->arena, "%u", v.reset)));
	return false;
}

bool admit(void *context, struct http_request *r)
{
	struct app *app = context;
	struct text authorization = http_header(r, "Authorization"), cookie = TEXT_ABSENT;
	if (!authorization.p && writes(r) && !own_page(app, r)) return false;
	if (r->route->flags & ROUTE_OPEN) return true;
	if (r->route->permission == MAY_READ_METRICS && app->metrics_public) return true;
	if (!authorization.p) cookie = http_cookie(r, session_cookie_name(r));
	struct principal *p = find(app, authorization, cookie);
	if (!p) return http_error_standard(r, 401), false;
	r->principal = p;
	if (principal_kind(p) == PRINCIPAL_SESSION && writes(r) && !right_csrf_token(r, cookie)) return false;
	if (!principal_allows(p, r->route->permission)) return http_error_standard(r, 403), false;
	return slow_enough(app, r, p);
}
