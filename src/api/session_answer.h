/* The answer that tells who one is: of the routes of /session. */
#pragma once

#include "base/clock.h"
#include "http/http.h"
#include "store/credential.h"
#include "store/user.h"

struct db;

/* Answers 200 with the user's session of that token (the cookie's value). In a transaction; a failure is answered as such. */
void session_answer(struct http_request *r, struct db *db, const struct user *u, struct text session_token, time_us expires_at);
/* The same for whom an API key or a personal token speaks. */
void session_answer_token(struct http_request *r, struct db *db);
void session_answer_key(struct http_request *r, struct db *db);

/* What comes after the session was stored (session_begin): the cookie, the answer, and that memory learns of it once it is committed; also that all
 * others of the user have ended, if they have. */
void session_begun(
	struct http_request *r, struct db *db, const struct user *u, const struct session *s, const char *token, bool others_ended);
