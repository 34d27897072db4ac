/* Users with their roles, their sessions and personal tokens, in memory: who a request is from, in a microsecond and without the store.
 *
 * Whoever reads the store tells it what has changed (actions/people.h). Users stay while it lives (their role and whether they are active
 * change in place); a session or token is let go when it has ended and nobody holds it. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "auth/principal.h"
#include "base/clock.h"
#include "base/text.h"

struct people;

struct people *people_new(int64_t session_idle); /* microseconds without a request after which a session ends */
void people_free(struct people *p);

struct people_user {
	int64_t account;
	struct text id, email;
	enum role role;
	bool active;
	int64_t revision; /* of the row: what is older than what is known changes nothing */
};
void people_learn_user(struct people *p, const struct people_user *u);

struct people_credential {
	int64_t account;
	struct text id, user_id;
	struct text token_digest; /* hexadecimal; one that is not never matches */
	time_us expires_at, seen_at; /* TIME_NONE: never; seen_at of sessions only */
	bool ended; /* logged out, revoked: for good */
	int64_t revision; /* of the row */
};
/* Of a user that is not known yet it is not learnt: users come first. */
void people_learn_session(struct people *p, const struct people_credential *c);
void people_learn_token(struct people *p, const struct people_credential *c);

/* All of a user's sessions but that one (absent: all), made before that revision, have ended. */
void people_end_sessions(struct people *p, int64_t account, struct text user_id, struct text but_id, int64_t revision);
/* The user is inactive or deleted: all that they had has ended. */
void people_end_user(struct people *p, int64_t account, struct text id);
/* That session or token has ended. */
void people_end(struct people *p, int64_t account, struct text user_id, enum principal_kind kind, struct text id);

/* The holder of a cookie's value, or of a "pat_…" token; NULL when unknown, ended, expired, idle for too long, or its user is not active. Notes the
 * use. To be released. */
struct principal *people_session(struct people *p, struct text cookie, time_us now);
struct principal *people_token(struct people *p, struct text token, time_us now);

/* Uses noted since the last call: so that seen_at and last_used_at cost no write for each request. */
typedef void people_use(void *context, enum principal_kind kind, int64_t account, struct text id, time_us used_at);
void people_uses(struct people *p, people_use *each, void *context);
/* Lets go of what has ended or expired; a minute apart at least, because only what had ended at the call before goes. */
void people_forget(struct people *p, time_us now);

/* ---- the forms of the secrets ---- */

#define PERSONAL_TOKEN_PREFIX "pat_"
enum { PERSONAL_TOKEN_SIZE = 48, SESSION_TOKEN_SIZE = 44, CSRF_TOKEN_SIZE = 44 };
void session_token_new(char out[static SESSION_TOKEN_SIZE]); /* 32 random bytes as 43 characters of base64url */
void personal_token_new(char out[static PERSONAL_TOKEN_SIZE]); /* "pat_" and 43 random characters */
/* What a writing request under a session must bring along: bound to the cookie's value, and of no use without it. */
void csrf_token(struct text session_token, char out[static CSRF_TOKEN_SIZE]);
bool csrf_token_right(struct text session_token, struct text given); /* constant-time */
