/* Who a request is from: an API key, or a person by a session or a personal token. Made by the keyring and by people; held by a request (or
 * a stream) until it lets go, so that it stays valid however quickly it is revoked. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "auth/permission.h"
#include "base/clock.h"
#include "base/text.h"

struct principal;

enum principal_kind { PRINCIPAL_API_KEY, PRINCIPAL_SESSION, PRINCIPAL_TOKEN };

enum principal_kind principal_kind(const struct principal *p);
int64_t principal_account(const struct principal *p);
/* How events, the audit log and idempotency name it: "api_key:k1", "user:ada@example.com". */
struct text principal_label(const struct principal *p);
/* By what it came: "api_key:k1", "session:ID", "token:ID". */
struct text principal_credential(const struct principal *p);
struct text principal_user_id(const struct principal *p); /* absent for a key */
struct text principal_credential_id(const struct principal *p); /* id of the session or token; absent for a key */
int64_t principal_key_number(const struct principal *p); /* 1 of "k1"; 0 for a person */
unsigned principal_scopes(const struct principal *p); /* of a key; 0 for a person */
bool principal_allows(const struct principal *p, enum permission permission); /* by its scopes, or its user's role of now */
/* Not revoked, not expired, and its user active. */
bool principal_alive(const struct principal *p, time_us now);
time_us principal_expires_at(const struct principal *p); /* TIME_NONE: never */

struct principal *principal_hold(struct principal *p);
void principal_release(struct principal *p); /* NULL is fine */

struct rate_verdict {
	bool allowed;
	unsigned limit, remaining;
	unsigned retry_after, reset; /* seconds, rounded up; until one more request, until the bucket is full */
};
/* Takes one request from its bucket (a minute's worth deep). per_minute 0: no limit. monotonic: clock_monotonic(). */
struct rate_verdict principal_take(struct principal *p, unsigned per_minute, int64_t monotonic);
