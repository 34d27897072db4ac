/* People and their credentials as JSON. */
#include "api/render_people.h"

#include "actions/people.h"
#include "api/app.h"
#include "auth/permission.h"
#include "notify/site.h"
#include "store/api_key.h"

void render_user(struct json_out *j, const struct user *u)
{
	json_put_text(j, "id", u->id);
	json_put_text(j, "email", u->email);
	json_put_text(j, "name", u->name);
	json_put_text(j, "role", u->role);
	json_put_bool(j, "active", u->deactivated_at == TIME_NONE && u->deleted_at == TIME_NONE);
	json_put_bool(j, "has_password", u->password_hash.p != NULL);
	json_put_time(j, "created_at", u->created_at);
	json_put_time(j, "last_login_at", u->last_login_at);
}

void render_scopes(struct json_out *j, struct text scopes)
{
	struct text rest = scopes, word;
	json_put_array(j, "scopes");
	while (rest.p && text_split(&rest, ',', &word))
		if (word.n) json_put_text(j, NULL, word);
	json_end(j);
}

void render_api_key(struct json_out *j, struct arena *a, const struct api_key *k)
{
	json_put_text(j, "id", k->id);
	json_put_cstr(j, "number", arena_printf(a, "k%lld", (long long)k->number));
	json_put_text(j, "name", k->name);
	render_scopes(j, k->scopes);
	json_put_time(j, "created_at", k->created_at);
	json_put_text(j, "created_by", k->created_by);
	json_put_time(j, "last_used_at", k->last_used_at);
	json_put_time(j, "revoked_at", k->revoked_at);
}

void render_personal_token(struct json_out *j, const struct personal_token *t)
{
	json_put_text(j, "id", t->id);
	json_put_text(j, "name", t->name);
	json_put_time(j, "created_at", t->created_at);
	json_put_time(j, "expires_at", t->expires_at);
	json_put_time(j, "last_used_at", t->last_used_at);
}

/* Without --public-url the link leads to where the one who asks for it has reached the server. */
void render_password_link(struct json_out *j, const struct http_request *r, const char *link, time_us expires_at)
{
	const struct notify_site *site = call_of(r)->app->site;
	const char *url = site && site->public_url ? arena_printf(r->arena, "%s%s%s", site->public_url, LINK_PAGE, link)
											   : arena_printf(r->arena, "%s://%.*s%s%s", r->secure ? "https" : "http",
													 TEXT_ARGS(http_host(r)), LINK_PAGE, link);
	json_put_cstr(j, "url", url);
	json_put_time(j, "expires_at", expires_at);
}
