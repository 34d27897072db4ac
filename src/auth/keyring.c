/* The keyring: an append-only list of entries behind a hash table. Entries are never freed or moved while the keyring lives; what
 * changes in one (scopes, revocation, bucket, last use) is atomic. A new key takes the write lock, a request the read lock. */
#include "auth/keyring.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "auth/key_token.h"
#include "auth/principal_private.h"
#include "base/arena.h"

struct keyring {
	pthread_rwlock_t lock;
	struct principal **chains;
	size_t chain_count, entry_count;
};

struct keyring *keyring_new(void)
{
	struct keyring *k = mem_zalloc(sizeof *k);
	pthread_rwlock_init(&k->lock, NULL);
	k->chain_count = 64;
	k->chains = mem_zalloc(k->chain_count * sizeof *k->chains);
	return k;
}

void keyring_free(struct keyring *k)
{
	if (!k) return;
	for (size_t i = 0; i < k->chain_count; i++)
		for (struct principal *p = k->chains[i], *next; p; p = next) {
			next = p->next;
			free(p);
		}
	free(k->chains);
	pthread_rwlock_destroy(&k->lock);
	free(k);
}

static size_t chain_of(const struct keyring *k, struct text slug, int64_t number)
{
	return (size_t)text_hash(slug, (uint64_t)number) & (k->chain_count - 1);
}

static struct principal *entry_find(const struct keyring *k, struct text slug, int64_t number)
{
	for (struct principal *p = k->chains[chain_of(k, slug, number)]; p; p = p->next)
		if (p->key.number == number && text_is(slug, p->key.slug)) return p;
	return NULL;
}

static void chains_grow(struct keyring *k)
{
	if (k->entry_count < k->chain_count) return;
	size_t old_count = k->chain_count;
	struct principal **old = k->chains;
	k->chain_count *= 4;
	k->chains = mem_zalloc(k->chain_count * sizeof *k->chains);
	for (size_t i = 0; i < old_count; i++)
		for (struct principal *p = old[i], *next; p; p = next) {
			next = p->next;
			size_t at = chain_of(k, text_from(p->key.slug), p->key.number);
			p->next = k->chains[at];
			k->chains[at] = p;
		}
	free(old);
}

static struct principal *entry_new(const struct keyring_key *key)
{
	struct principal *p = mem_zalloc(sizeof *p);
	p->account = key->account;
	p->key.number = key->number;
	snprintf(p->key.slug, sizeof p->key.slug, "%.*s", TEXT_ARGS(key->slug));
	snprintf(p->key.label, sizeof p->key.label, "api_key:k%lld", (long long)key->number);
	if (!digest_from_hex(key->secret_digest, p->secret)) p->ended = true;
	p->used_at = TIME_NONE;
	return p;
}

void keyring_learn(struct keyring *k, const struct keyring_key *key)
{
	unsigned scopes = 0;
	(void)scopes_parse(key->scopes, &scopes);
	pthread_rwlock_wrlock(&k->lock);
	struct principal *p = entry_find(k, key->slug, key->number);
	if (!p) {
		chains_grow(k);
		p = entry_new(key);
		size_t at = chain_of(k, key->slug, key->number);
		p->next = k->chains[at];
		k->chains[at] = p;
		k->entry_count++;
	}
	p->key.scopes = scopes;
	if (key->revoked) p->ended = true;
	pthread_rwlock_unlock(&k->lock);
}

struct principal *keyring_authenticate(struct keyring *k, struct text authorization, time_us now)
{
	static const uint8_t NOBODY[DIGEST_BYTES];
	if (!authorization.p || authorization.n < 8 || !text_equal_nocase((struct text){authorization.p, 7}, TEXT("Bearer ")))
		return NULL;
	struct text token = text_trim((struct text){authorization.p + 7, authorization.n - 7});
	struct key_token parts;
	if (!key_token_parse(token, &parts)) return NULL;
	uint8_t given[DIGEST_BYTES];
	key_token_digest(token, given);

	pthread_rwlock_rdlock(&k->lock);
	struct principal *p = entry_find(k, parts.slug, parts.number);
	pthread_rwlock_unlock(&k->lock);
	bool same = digest_equal(given, p ? p->secret : NOBODY);
	if (!p || !same || p->ended) return NULL;
	atomic_store_explicit(&p->used_at, now, memory_order_relaxed);
	return p;
}

void keyring_uses(struct keyring *k, void (*each)(void *context, int64_t account, int64_t number, time_us used_at), void *context)
{
	pthread_rwlock_rdlock(&k->lock);
	for (size_t i = 0; i < k->chain_count; i++)
		for (struct principal *p = k->chains[i]; p; p = p->next) {
			int64_t used = atomic_exchange(&p->used_at, TIME_NONE);
			if (used != TIME_NONE) each(context, p->account, p->key.number, used);
		}
	pthread_rwlock_unlock(&k->lock);
}
