/* What a request may ask of the one who sent it, and the rate limit. */
#include "auth/principal.h"

#include <stdlib.h>

#include "auth/principal_private.h"

enum { MINUTE_US = 60000000 };

enum principal_kind principal_kind(const struct principal *p)
{
	return p->kind;
}

int64_t principal_account(const struct principal *p)
{
	return p->account;
}

struct text principal_label(const struct principal *p)
{
	return text_from(principal_is_key(p) ? p->key.label : atomic_load_explicit(&p->own.person->label, memory_order_acquire));
}

struct text principal_credential(const struct principal *p)
{
	return text_from(principal_is_key(p) ? p->key.label : p->own.credential);
}

struct text principal_user_id(const struct principal *p)
{
	return principal_is_key(p) ? TEXT_ABSENT : text_from(p->own.person->id);
}

struct text principal_credential_id(const struct principal *p)
{
	return principal_is_key(p) ? TEXT_ABSENT : p->own.id;
}

int64_t principal_key_number(const struct principal *p)
{
	return principal_is_key(p) ? p->key.number : 0;
}

unsigned principal_scopes(const struct principal *p)
{
	return principal_is_key(p) ? p->key.scopes : 0;
}

bool principal_allows(const struct principal *p, enum permission permission)
{
	return principal_is_key(p) ? scopes_allow(p->key.scopes, permission) : role_allows(p->own.person->role, permission);
}

bool principal_alive(const struct principal *p, time_us now)
{
	if (p->ended) return false;
	if (principal_is_key(p)) return true;
	if (!p->own.person->active || (p->own.expires_at != TIME_NONE && p->own.expires_at <= now)) return false;
	return !p->own.idle || now - p->own.seen_at < p->own.idle;
}

time_us principal_expires_at(const struct principal *p)
{
	return principal_is_key(p) ? TIME_NONE : p->own.expires_at;
}

struct principal *principal_hold(struct principal *p)
{
	if (!principal_is_key(p)) atomic_fetch_add_explicit(&p->own.holders, 1, memory_order_relaxed);
	return p;
}

void principal_release(struct principal *p)
{
	if (!p || principal_is_key(p)) return;
	if (atomic_fetch_sub_explicit(&p->own.holders, 1, memory_order_acq_rel) == 1) free(p);
}

static unsigned seconds_up(int64_t micros)
{
	return micros <= 0 ? 0 : (unsigned)((micros + 999999) / 1000000);
}

/* The generic cell rate algorithm: one number for each, the time at which the bucket would be full again. */
struct rate_verdict principal_take(struct principal *p, unsigned per_minute, int64_t monotonic)
{
	if (!per_minute) return (struct rate_verdict){.allowed = true};
	int64_t interval = MINUTE_US / per_minute > 0 ? MINUTE_US / per_minute : 1;
	int64_t depth = interval * per_minute;
	int64_t full_at = atomic_load(&p->bucket_time), next;
	do {
		int64_t from = full_at > monotonic ? full_at : monotonic;
		next = from + interval;
		if (next - monotonic > depth)
			return (struct rate_verdict){.limit = per_minute,
				.retry_after = seconds_up(next - depth - monotonic) ? seconds_up(next - depth - monotonic) : 1,
				.reset = seconds_up(full_at - monotonic)};
	} while (!atomic_compare_exchange_weak(&p->bucket_time, &full_at, next));
	return (struct rate_verdict){.allowed = true,
		.limit = per_minute,
		.remaining = (unsigned)((depth - (next - monotonic)) / interval),
		.reset = seconds_up(next - monotonic)};
}
