/* All API keys in memory: who a request is from, in a microsecond and without the store.
 *
 * Whoever reads the store tells the keyring what it found (actions/keys.h: at start, and whenever the store's revision of keys has
 * grown). An entry lives as long as the keyring, so a principal stays valid while a request runs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/principal.h"
#include "base/clock.h"
#include "base/text.h"

struct keyring;

struct keyring *keyring_new(void);
void keyring_free(struct keyring *k);

/* A key as it is stored. */
struct keyring_key {
	int64_t account, number;
	struct text slug, scopes; /* "events,read" */
	struct text secret_digest; /* hexadecimal; one that is not never matches */
	bool revoked;
};
/* Takes in a new key, or what has changed of a known one: its scopes, its revocation. Any thread. */
void keyring_learn(struct keyring *k, const struct keyring_key *key);

/* The key of "Authorization: Bearer …"; NULL when there is none, or it is unknown, revoked or malformed. Constant-time in the secret.
 * Notes the use. It need not be released: keys are not counted. */
struct principal *keyring_authenticate(struct keyring *k, struct text authorization, time_us now);

/* Uses noted since the last call: each() for each key used. So that last_used_at costs no write for each request. */
void keyring_uses(
	struct keyring *k, void (*each)(void *context, int64_t account, int64_t number, time_us used_at), void *context);
