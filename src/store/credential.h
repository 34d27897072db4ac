/* What a person comes with: sessions, personal tokens, and the one-time links that set a password. Only digests of the secrets are stored. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/text.h"
#include "store/page.h"

struct db;

struct session {
	int64_t account;
	struct text id, user_id, token_digest, peer;
	time_us created_at, seen_at, expires_at, ended_at;
	int64_t revision; /* set by session_insert() */
};
enum rc session_insert(struct db *db, struct session *s) must_check;
enum rc session_end(struct db *db, int64_t account, struct text id, time_us now) must_check; /* RC_NOT_FOUND: ended already */
/* All of a user's but that one (absent: all). */
enum rc session_end_all(struct db *db, int64_t account, struct text user_id, struct text but_id, time_us now) must_check;
enum rc session_touch(struct db *db, int64_t account, struct text id, time_us seen_at) must_check; /* raises no revision */
/* Deletes at most `most` that would have expired before. */
enum rc session_cut(struct db *db, int64_t account, time_us before, int64_t most, int64_t *ret_deleted) must_check;
typedef void session_each(void *context, const struct session *s);
/* Of all accounts: what has changed since that revision, ended ones too: with -1 as well, for whoever still takes one of them for alive. So the tokens
 * below. */
enum rc session_each_since(struct db *db, struct arena *a, int64_t revision, session_each *each, void *context) must_check;

struct personal_token {
	int64_t account;
	struct text id, user_id, name, token_digest;
	time_us created_at, expires_at, last_used_at, revoked_at;
	int64_t revision; /* set by personal_token_insert() */
};
enum rc personal_token_insert(struct db *db, struct personal_token *t) must_check;
enum rc personal_token_get(struct db *db, struct arena *a, int64_t account, struct text user_id, struct text id,
	struct personal_token *ret) must_check; /* RC_NOT_FOUND: another's, or revoked */
enum rc personal_token_revoke(struct db *db, int64_t account, struct text user_id, struct text id, time_us now) must_check;
enum rc personal_token_revoke_all(struct db *db, int64_t account, struct text user_id, time_us now) must_check;
enum rc personal_token_touch(struct db *db, int64_t account, struct text id, time_us used_at) must_check;
/* Neither revoked nor expired. */
enum rc personal_token_count(struct db *db, int64_t account, struct text user_id, time_us now, int64_t *ret) must_check;
typedef void personal_token_each(void *context, const struct personal_token *t);
enum rc personal_token_list(struct db *db, struct arena *a, int64_t account, struct text user_id, const struct page *page,
	personal_token_each *each, void *context) must_check; /* not revoked */
enum rc personal_token_each_since(
	struct db *db, struct arena *a, int64_t revision, personal_token_each *each, void *context) must_check;

struct password_link {
	int64_t account;
	struct text user_id, token_digest;
	time_us created_at, expires_at;
};
enum rc password_link_put(struct db *db, const struct password_link *l) must_check; /* takes an older one's place */
enum rc password_link_find(
	struct db *db, struct arena *a, int64_t account, struct text token_digest, struct password_link *ret) must_check;
enum rc password_link_drop(struct db *db, int64_t account, struct text user_id) must_check;
