/* API keys: only the digest of a secret is stored. */
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/text.h"
#include "store/page.h"

struct db;

struct api_key {
	int64_t account;
	struct text account_slug;
	int64_t number; /* "k1" is 1 */
	struct text id, name, scopes, secret_digest; /* digest of the whole key, hexadecimal */
	struct text created_by; /* label of the actor; absent: the first start, or before it was kept */
	time_us created_at, last_used_at, revoked_at;
};

enum rc api_key_next_number(struct db *db, int64_t account, int64_t *ret) must_check;
/* Also raises the revision that tells other server processes, and in a transaction signals it. So does api_key_revoke(). */
enum rc api_key_insert(struct db *db, const struct api_key *k) must_check;
enum rc api_key_get(struct db *db, struct arena *a, int64_t account, int64_t number, struct api_key *ret) must_check;
enum rc api_key_find(struct db *db, struct arena *a, int64_t account, struct text id, struct api_key *ret) must_check;
typedef void api_key_show(void *context, const struct api_key *k);
/* Of one account, newest first, revoked ones too. */
enum rc api_key_list(
	struct db *db, struct arena *a, int64_t account, const struct page *page, api_key_show *each, void *context) must_check;
/* RC_NOT_FOUND when there is no such key or it is revoked already. */
enum rc api_key_revoke(struct db *db, int64_t account, int64_t number, time_us now) must_check;
enum rc api_key_touch(struct db *db, int64_t account, int64_t number, time_us used_at) must_check;
/* Every key of every account, oldest first: each() is called for each; k is valid during the call. */
enum rc api_key_each(struct db *db, struct arena *a, api_key_show *each, void *context) must_check;
/* The number that grows with each change of a key. */
enum rc api_key_revision(struct db *db, int64_t *ret) must_check;
