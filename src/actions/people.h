/* What is done with users and their credentials, each inside one transaction, with its entry in the audit log; and bringing them into memory.
 *
 * RC_CONFLICT comes with a code for the answer (err is its sentence). RC_NOT_FOUND: not in this account. Each takes audit_lock() before all else. What
 * a process has changed it also tells its memory after the commit, before the answer leaves: people_learn_now(), people_end(), people_end_sessions(),
 * people_end_user(). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "actions/actor.h"
#include "auth/people.h"
#include "base/arena.h"
#include "base/rc.h"
#include "store/credential.h"
#include "store/user.h"

struct db;

enum { PASSWORD_LEAST = 10, PASSWORD_MOST = 256, TOKENS_OF_A_USER = 50, LINK_TOKEN_SIZE = 96 };
#define LINK_LIFE INT64_C(259200000000) /* 72 hours */

extern const char *const LINK_PAGE; /* what stands between the public URL and the token of a link */

/* NULL, or why it may not be a password of the one with this address. */
const char *password_trouble(struct text password, struct text email);

/* u: email, name, role; the rest is set. link: the token of the one-time link that sets the password, "SLUG.SECRET". ret_code "EMAIL_TAKEN". */
enum rc user_create(struct db *db, struct arena *a, const struct actor *actor, struct user *u, time_us now,
	char link[static LINK_TOKEN_SIZE], const char **ret_code, struct err *err) must_check;
/* u as user_get gave it, with its changes (email, name, role, deactivated_at). ret_code: EMAIL_TAKEN, LAST_ADMIN, OWN_ROLE. Deactivated: sessions and
 * tokens end. */
enum rc user_change(struct db *db, struct arena *a, const struct actor *actor, struct user *u, time_us now, const char **ret_code,
	struct err *err) must_check;
enum rc user_delete(struct db *db, struct arena *a, const struct actor *actor, struct text id, time_us now, const char **ret_code,
	struct err *err) must_check;
/* A new one-time link for a user; the old one is void. ret_expires may be NULL. */
enum rc user_link(struct db *db, struct arena *a, const struct actor *actor, struct text user_id, time_us now,
	char link[static LINK_TOKEN_SIZE], time_us *ret_expires) must_check;
/* Own name, and own password if password_hash is there: then every session of the user but keep_session ends. RC_DENIED: u->password_hash, the one
 * that was verified, is not the user's any more. */
enum rc user_change_self(struct db *db, struct arena *a, const struct actor *actor, struct user *u, struct text password_hash,
	struct text keep_session, time_us now) must_check;
/* Somebody else sets the password; every session of the user ends. */
enum rc user_set_password(
	struct db *db, struct arena *a, const struct actor *actor, struct user *u, struct text password_hash, time_us now) must_check;

/* Who a link is for; RC_NOT_FOUND: unknown, used or expired. */
enum rc link_user(struct db *db, struct arena *a, struct text link, time_us now, struct user *ret) must_check;
/* Uses it up: password set, the user's sessions ended. RC_NOT_FOUND as above. */
enum rc link_use(struct db *db, struct arena *a, struct text link, struct text password_hash, struct text request_id, time_us now,
	struct user *ret) must_check;

/* Logs in: a session of that life (microseconds). fresh_hash: to be stored in place of an outdated one, or absent. token: the cookie's value.
 * RC_NOT_FOUND: meanwhile the user is gone or inactive, or has another password than u->password_hash, the one that was verified. */
enum rc session_begin(struct db *db, struct arena *a, struct user *u, struct text fresh_hash, struct text peer,
	struct text request_id, int64_t life, time_us now, char token[static SESSION_TOKEN_SIZE], struct session *ret) must_check;
enum rc session_logout(struct db *db, struct arena *a, const struct actor *actor, struct text session_id, time_us now) must_check;

/* expires_at may be TIME_NONE. ret_code "TOO_MANY_TOKENS". */
enum rc token_create(struct db *db, struct arena *a, const struct actor *actor, struct text user_id, struct text name,
	time_us expires_at, time_us now, char token[static PERSONAL_TOKEN_SIZE], struct personal_token *ret, const char **ret_code,
	struct err *err) must_check;
enum rc token_revoke(
	struct db *db, struct arena *a, const struct actor *actor, struct text user_id, struct text id, time_us now) must_check;

/* Tells `people` all that has changed since *revision, and sets that. Begin with -1. In a transaction. Any thread; several may call it, each with
 * its own revision. */
enum rc people_refresh(struct db *db, struct people *p, int64_t *revision) must_check;
/* For the process that made or ended something itself, right after its commit, before the answer leaves: what the others learn by people_refresh. */
void people_learn_now(struct people *p, const struct user *u, const struct session *s, const struct personal_token *t);
