/* Users, sessions, keys and tokens as JSON: never with a secret, but for those that an answer is there to give. */
#pragma once

#include "base/json_out.h"
#include "http/http.h"
#include "store/credential.h"
#include "store/user.h"

struct api_key;
struct db;

/* The members of each, between json_put_object and json_end of the caller. */
void render_user(struct json_out *j, const struct user *u);
void render_scopes(struct json_out *j, struct text scopes); /* the member "scopes" */
void render_api_key(struct json_out *j, struct arena *a, const struct api_key *k);
void render_personal_token(struct json_out *j, const struct personal_token *t);
/* {"url","expires_at"} of a one-time link. */
void render_password_link(struct json_out *j, const struct http_request *r, const char *link, time_us expires_at);
