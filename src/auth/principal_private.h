/* What a principal is made of. Private to this room: the keyring and people make them.
 *
 * Everything that a request reads without a lock is set once before anybody else sees it, or atomic. */
#pragma once

#include <stdatomic.h>

#include "auth/principal.h"
#include "base/secret.h"

enum { PRINCIPAL_NAME_SIZE = 64 };

/* A user. `label` is replaced and never freed while people lives, because requests hold on to it. */
struct person {
	int64_t account;
	char id[PRINCIPAL_NAME_SIZE];
	_Atomic(const char *) label; /* "user:ada@example.com" */
	_Atomic(enum role) role;
	_Atomic bool active;
	/* Under the lock of people. */
	int64_t revision; /* of what is known */
	int64_t inactive_before; /* what was made before has ended */
	int64_t ended_before; /* sessions made before have ended, but this one: */
	char kept[PRINCIPAL_NAME_SIZE];
	struct principal *credentials;
	struct person *next; /* in its chain */
};

struct principal {
	enum principal_kind kind;
	int64_t account;
	uint8_t secret[DIGEST_BYTES];
	_Atomic bool ended; /* revoked, logged out */
	_Atomic time_us used_at; /* latest use; TIME_NONE: none since uses were last asked for */
	_Atomic int64_t bucket_time; /* GCRA's theoretical arrival time, microseconds of the monotonic clock */
	struct principal *next; /* in its chain */
	union {
		struct {
			int64_t number;
			char slug[PRINCIPAL_NAME_SIZE];
			char label[32];
			_Atomic unsigned scopes;
		} key; /* lives as long as the keyring */
		struct {
			struct person *person;
			char credential[PRINCIPAL_NAME_SIZE]; /* "session:ID" */
			struct text id; /* of it, the end of `credential` */
			time_us expires_at;
			int64_t idle; /* 0: no limit */
			_Atomic time_us seen_at;
			_Atomic unsigned holders; /* freed with the last one */
			bool forgettable; /* had ended when people_forget() came by */
			struct principal *sibling; /* of the same person */
		} own;
	};
};

static inline bool principal_is_key(const struct principal *p)
{
	return p->kind == PRINCIPAL_API_KEY;
}
