/* Making API keys, bringing the stored ones into memory, and what a first start makes: account, admin, key. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "actions/actor.h"
#include "actions/people.h"
#include "auth/key_token.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/rc.h"
#include "store/api_key.h"

struct db;
struct keyring;

/* A new key; its secret is in `token` and nowhere else. scopes: of permission.h. Noted in the audit log, as its revocation is; both take
 * audit_lock() before all else. */
enum rc key_create(struct db *db, struct arena *a, const struct actor *actor, struct text name, unsigned scopes, time_us now,
	char token[static KEY_TOKEN_MAX + 1], struct api_key *ret, struct err *err) must_check;
/* *ret: as it is then. RC_NOT_FOUND: not in this account, or revoked already. */
enum rc key_revoke(
	struct db *db, struct arena *a, const struct actor *actor, struct text id, time_us now, struct api_key *ret) must_check;
/* For the process that made or revoked it, right after its commit, before the answer leaves. */
void key_learn_now(struct keyring *k, const struct api_key *key);

/* Tells the keyring all stored keys if the store's revision of them is another than *revision, and sets that. Begin with -1. A server
 * process calls it several times a second, so a key that another process revoked stops working within that time. In a transaction. */
enum rc keys_refresh(struct db *db, struct keyring *k, int64_t *revision) must_check;

/* Whether a key that somebody chose may be the first one: of the form of key_token.h. RC_INVALID with a sentence. */
enum rc key_check_given(struct text token, struct err *err) must_check;

struct first_start {
	bool happened; /* the store had no key yet */
	char token[KEY_TOKEN_MAX + 1]; /* the new key; empty when it was given */
	char link[LINK_TOKEN_SIZE]; /* with it the admin sets a password */
	struct text slug;
};

/* On an empty store: the account, its admin with a one-time link instead of a password, and one key of scope admin. given_token: the key to use
 * (of the form of key_token.h; its slug names the account), or absent for a random one. RC_INVALID with a sentence for a bad one. A store
 * whose only account never had a key (`versioner demo` fills one before any server) is begun in the same way: the account stays. */
enum rc first_start(struct db *db, struct arena *a, struct text admin_email, struct text given_token, time_us now,
	struct first_start *ret, struct err *err) must_check;
