/* People in memory: users by account and id, sessions and tokens by the digest of their secret.
 *
 * A request takes the read lock, finds the digest, takes hold, and lets the lock go. Learning takes the write lock. What has ended stays in the map
 * for one or two rounds of people_forget(): a refresh that read the store just before it ended cannot bring it back meanwhile. */
#include "auth/people.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/principal_private.h"
#include "base/arena.h"

struct label {
	struct label *next;
	char text[];
};

struct people {
	pthread_rwlock_t lock;
	int64_t idle;
	struct person **persons;
	struct principal **credentials;
	size_t person_chains, credential_chains, person_count, credential_count;
	struct label *labels; /* all that there ever were */
};

struct people *people_new(int64_t session_idle)
{
	struct people *p = mem_zalloc(sizeof *p);
	pthread_rwlock_init(&p->lock, NULL);
	p->idle = session_idle;
	p->person_chains = p->credential_chains = 64;
	p->persons = mem_zalloc(p->person_chains * sizeof *p->persons);
	p->credentials = mem_zalloc(p->credential_chains * sizeof *p->credentials);
	return p;
}

void people_free(struct people *p)
{
	if (!p) return;
	for (size_t i = 0; i < p->credential_chains; i++)
		for (struct principal *c = p->credentials[i], *next; c; c = next) {
			next = c->next;
			principal_release(c);
		}
	for (size_t i = 0; i < p->person_chains; i++)
		for (struct person *u = p->persons[i], *next; u; u = next) {
			next = u->next;
			free(u);
		}
	for (struct label *l = p->labels, *next; l; l = next) {
		next = l->next;
		free(l);
	}
	free(p->persons);
	free(p->credentials);
	pthread_rwlock_destroy(&p->lock);
	free(p);
}

/* ---- users ---- */

static struct person **person_chain(const struct people *p, int64_t account, struct text id)
{
	return &p->persons[text_hash(id, (uint64_t)account) & (p->person_chains - 1)];
}

static struct person *person_find(const struct people *p, int64_t account, struct text id)
{
	for (struct person *u = *person_chain(p, account, id); u; u = u->next)
		if (u->account == account && text_is(id, u->id)) return u;
	return NULL;
}

static void persons_grow(struct people *p)
{
	if (p->person_count < p->person_chains) return;
	size_t old_count = p->person_chains;
	struct person **old = p->persons;
	p->person_chains *= 4;
	p->persons = mem_zalloc(p->person_chains * sizeof *p->persons);
	for (size_t i = 0; i < old_count; i++)
		for (struct person *u = old[i], *next; u; u = next) {
			next = u->next;
			struct person **chain = person_chain(p, u->account, text_from(u->id));
			u->next = *chain;
			*chain = u;
		}
	free(old);
}

static struct person *person_new(struct people *p, int64_t account, struct text id)
{
	persons_grow(p);
	struct person *u = mem_zalloc(sizeof *u);
	u->account = account;
	u->revision = -1;
	snprintf(u->id, sizeof u->id, "%.*s", TEXT_ARGS(id));
	struct person **chain = person_chain(p, account, id);
	u->next = *chain;
	*chain = u;
	p->person_count++;
	return u;
}

/* An old label stays: requests under way may show it. An address changes seldom. */
static void person_call(struct people *p, struct person *u, struct text email)
{
	static const char PREFIX[] = "user:";
	const char *now = u->label;
	if (now && text_is(email, now + sizeof PREFIX - 1)) return;
	struct label *l = mem_alloc(sizeof *l + sizeof PREFIX + email.n);
	memcpy(l->text, PREFIX, sizeof PREFIX);
	if (email.n) memcpy(l->text + sizeof PREFIX - 1, email.p, email.n);
	l->text[sizeof PREFIX - 1 + email.n] = '\0';
	l->next = p->labels;
	p->labels = l;
	atomic_store_explicit(&u->label, l->text, memory_order_release);
}

/* What it has ends for good, also when the user comes back. */
static void person_stop(struct person *u, int64_t revision)
{
	u->inactive_before = revision;
	for (struct principal *c = u->credentials; c; c = c->own.sibling) c->ended = true;
}

void people_end_user(struct people *p, int64_t account, struct text id)
{
	pthread_rwlock_wrlock(&p->lock);
	struct person *u = person_find(p, account, id);
	if (u) {
		u->active = false;
		person_stop(u, u->revision + 1);
	}
	pthread_rwlock_unlock(&p->lock);
}

void people_learn_user(struct people *p, const struct people_user *given)
{
	if (given->id.n >= PRINCIPAL_NAME_SIZE) return;
	pthread_rwlock_wrlock(&p->lock);
	struct person *u = person_find(p, given->account, given->id);
	if (!u) u = person_new(p, given->account, given->id);
	if (given->revision >= u->revision) {
		u->revision = given->revision;
		u->role = given->role;
		u->active = given->active;
		person_call(p, u, given->email);
		if (!given->active) person_stop(u, given->revision);
	}
	pthread_rwlock_unlock(&p->lock);
}

/* ---- sessions and tokens ---- */

static struct principal **credential_chain(const struct people *p, const uint8_t secret[static DIGEST_BYTES])
{
	uint64_t begin; /* of a digest: as good as a hash */
	memcpy(&begin, secret, sizeof begin);
	return &p->credentials[begin & (p->credential_chains - 1)];
}

static struct principal *credential_find(
	const struct people *p, enum principal_kind kind, const uint8_t secret[static DIGEST_BYTES])
{
	for (struct principal *c = *credential_chain(p, secret); c; c = c->next)
		if (c->kind == kind && digest_equal(c->secret, secret)) return c;
	return NULL;
}

static void credentials_grow(struct people *p)
{
	if (p->credential_count < p->credential_chains) return;
	size_t old_count = p->credential_chains;
	struct principal **old = p->credentials;
	p->credential_chains *= 4;
	p->credentials = mem_zalloc(p->credential_chains * sizeof *p->credentials);
	for (size_t i = 0; i < old_count; i++)
		for (struct principal *c = old[i], *next; c; c = next) {
			next = c->next;
			struct principal **chain = credential_chain(p, c->secret);
			c->next = *chain;
			*chain = c;
		}
	free(old);
}

static void credential_add(struct people *p, enum principal_kind kind, const uint8_t secret[static DIGEST_BYTES],
	const struct people_credential *given, struct person *u)
{
	credentials_grow(p);
	struct principal *c = mem_zalloc(sizeof *c);
	c->kind = kind;
	c->account = u->account;
	memcpy(c->secret, secret, DIGEST_BYTES);
	c->used_at = TIME_NONE;
	c->own.person = u;
	int prefix = snprintf(c->own.credential, sizeof c->own.credential, "%s:", kind == PRINCIPAL_SESSION ? "session" : "token");
	snprintf(c->own.credential + prefix, sizeof c->own.credential - (size_t)prefix, "%.*s", TEXT_ARGS(given->id));
	c->own.id = text_from(c->own.credential + prefix);
	c->own.expires_at = given->expires_at;
	c->own.idle = kind == PRINCIPAL_SESSION ? p->idle : 0;
	c->own.seen_at = given->seen_at;
	c->own.holders = 1; /* the map */
	struct principal **chain = credential_chain(p, secret);
	c->next = *chain;
	*chain = c;
	c->own.sibling = u->credentials;
	u->credentials = c;
	p->credential_count++;
}

static bool ended_already(const struct person *u, enum principal_kind kind, const struct people_credential *c)
{
	if (c->revision < u->inactive_before) return true;
	if (c->revision >= u->ended_before || kind != PRINCIPAL_SESSION) return false;
	return !text_is(c->id, u->kept);
}

static void seen_at_least(struct principal *c, time_us at)
{
	time_us known = c->own.seen_at;
	while (known < at && !atomic_compare_exchange_weak(&c->own.seen_at, &known, at)) continue;
}

static void credential_learn(struct people *p, enum principal_kind kind, const struct people_credential *given)
{
	uint8_t secret[DIGEST_BYTES];
	if (!digest_from_hex(given->token_digest, secret) || given->id.n + sizeof "session:" > PRINCIPAL_NAME_SIZE) return;
	pthread_rwlock_wrlock(&p->lock);
	struct person *u = person_find(p, given->account, given->user_id);
	struct principal *c = credential_find(p, kind, secret);
	if (c) {
		if (given->ended) c->ended = true;
		seen_at_least(c, given->seen_at);
	} else if (u && !given->ended && !ended_already(u, kind, given)) {
		credential_add(p, kind, secret, given, u);
	}
	pthread_rwlock_unlock(&p->lock);
}

void people_learn_session(struct people *p, const struct people_credential *c)
{
	credential_learn(p, PRINCIPAL_SESSION, c);
}

void people_learn_token(struct people *p, const struct people_credential *c)
{
	credential_learn(p, PRINCIPAL_TOKEN, c);
}

void people_end_sessions(struct people *p, int64_t account, struct text user_id, struct text but_id, int64_t revision)
{
	pthread_rwlock_wrlock(&p->lock);
	struct person *u = person_find(p, account, user_id);
	if (u && revision >= u->ended_before) {
		u->ended_before = revision;
		snprintf(u->kept, sizeof u->kept, "%.*s", TEXT_ARGS(but_id));
	}
	for (struct principal *c = u ? u->credentials : NULL; c; c = c->own.sibling)
		if (c->kind == PRINCIPAL_SESSION && !text_equal(c->own.id, but_id)) c->ended = true;
	pthread_rwlock_unlock(&p->lock);
}

void people_end(struct people *p, int64_t account, struct text user_id, enum principal_kind kind, struct text id)
{
	pthread_rwlock_rdlock(&p->lock);
	struct person *u = person_find(p, account, user_id);
	for (struct principal *c = u ? u->credentials : NULL; c; c = c->own.sibling)
		if (c->kind == kind && text_equal(c->own.id, id)) c->ended = true;
	pthread_rwlock_unlock(&p->lock);
}

static struct principal *credential_use(struct people *p, enum principal_kind kind, struct text token, time_us now)
{
	uint8_t given[DIGEST_BYTES];
	if (!token.n || token.n > 128) return NULL;
	digest(token, given);
	pthread_rwlock_rdlock(&p->lock);
	struct principal *c = credential_find(p, kind, given);
	if (c) principal_hold(c);
	pthread_rwlock_unlock(&p->lock);
	if (c && !principal_alive(c, now)) {
		principal_release(c);
		return NULL;
	}
	if (!c) return NULL;
	seen_at_least(c, now);
	atomic_store_explicit(&c->used_at, now, memory_order_relaxed);
	return c;
}

struct principal *people_session(struct people *p, struct text cookie, time_us now)
{
	return credential_use(p, PRINCIPAL_SESSION, cookie, now);
}

struct principal *people_token(struct people *p, struct text token, time_us now)
{
	if (!text_starts(token, TEXT(PERSONAL_TOKEN_PREFIX))) return NULL;
	return credential_use(p, PRINCIPAL_TOKEN, token, now);
}

/* ---- what is done now and then ---- */

void people_uses(struct people *p, people_use *each, void *context)
{
	pthread_rwlock_rdlock(&p->lock);
	for (size_t i = 0; i < p->credential_chains; i++)
		for (struct principal *c = p->credentials[i]; c; c = c->next) {
			time_us used = atomic_exchange(&c->used_at, TIME_NONE);
			if (used != TIME_NONE) each(context, c->kind, c->account, c->own.id, used);
		}
	pthread_rwlock_unlock(&p->lock);
}

static void forget(struct people *p, struct principal *c)
{
	struct principal **at = &c->own.person->credentials;
	while (*at != c) at = &(*at)->own.sibling;
	*at = c->own.sibling;
	p->credential_count--;
	principal_release(c);
}

void people_forget(struct people *p, time_us now)
{
	pthread_rwlock_wrlock(&p->lock);
	for (size_t i = 0; i < p->credential_chains; i++)
		for (struct principal **at = &p->credentials[i], *c; (c = *at);) {
			bool over = c->ended || (c->own.expires_at != TIME_NONE && c->own.expires_at <= now);
			if (over && c->own.forgettable) {
				*at = c->next;
				forget(p, c);
				continue;
			}
			c->own.forgettable = over;
			at = &c->next;
		}
	pthread_rwlock_unlock(&p->lock);
}
