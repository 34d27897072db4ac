/* The throttle: one table for each of the three kinds, in which a name's place is a set of a few slots. A full set forgets what was
 * used least lately. Names are kept as a keyed digest, so nobody can aim at a set.
 *
 * A try counts as failed from its beginning; its success takes that back. */
#include "auth/throttle.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/secret.h"

enum { SETS = 1024, WAYS = 8, NAME_BYTES = 16, ADDRESS_SIZE = 64 };
enum kind { PAIR, ADDRESS, USER, KINDS };

/* free: so many failures without waiting. Then `first` seconds, doubled up to `most`. */
static const struct {
	unsigned free, first, most;
} RULES[KINDS] = {[PAIR] = {5, 1, 300}, [ADDRESS] = {20, 1, 60}, [USER] = {50, 5, 5}};

struct slot {
	uint8_t name[NAME_BYTES];
	unsigned failures; /* tries under way among them */
	bool logged_in; /* PAIR: that user from that address */
	int64_t used_at; /* 0: free */
	int64_t failed_at, allowed_at;
};

struct throttle {
	pthread_mutex_t lock;
	uint8_t key[32];
	struct slot slots[KINDS][SETS][WAYS];
};

struct throttle *throttle_new(void)
{
	struct throttle *t = mem_zalloc(sizeof *t);
	pthread_mutex_init(&t->lock, NULL);
	random_bytes(t->key, sizeof t->key);
	return t;
}

void throttle_free(struct throttle *t)
{
	if (!t) return;
	pthread_mutex_destroy(&t->lock);
	free(t);
}

/* IPv6 by its /64, IPv4 in IPv6 as IPv4: who has a network has all of its addresses. What is none of them stands for itself. */
static struct text network_of(struct text peer, char room[static ADDRESS_SIZE])
{
	struct in6_addr a;
	if (peer.n >= ADDRESS_SIZE) peer.n = ADDRESS_SIZE - 1;
	if (peer.n) memcpy(room, peer.p, peer.n);
	room[peer.n] = '\0';
	if (inet_pton(AF_INET6, room, &a) != 1) return (struct text){room, peer.n};
	if (IN6_IS_ADDR_V4MAPPED(&a))
		inet_ntop(AF_INET, &a.s6_addr[12], room, ADDRESS_SIZE);
	else
		memset(&a.s6_addr[8], 0, 8), inet_ntop(AF_INET6, &a, room, ADDRESS_SIZE);
	return text_from(room);
}

static struct slot *slot_of(struct throttle *t, enum kind kind, struct text user, struct text network, int64_t now)
{
	uint8_t name[32];
	uint64_t set;
	char separator = (char)kind;
	const struct text parts[] = {kind == ADDRESS ? TEXT_ABSENT : user, {&separator, 1}, kind == USER ? TEXT_ABSENT : network};
	hmac_sha256((struct text){(const char *)t->key, sizeof t->key}, parts, 3, name);
	memcpy(&set, name + NAME_BYTES, sizeof set);
	struct slot *ways = t->slots[kind][set % SETS], *oldest = ways;
	for (int i = 0; i < WAYS; i++) {
		if (ways[i].used_at && memcmp(ways[i].name, name, NAME_BYTES) == 0) return ways[i].used_at = now, &ways[i];
		if (ways[i].used_at < oldest->used_at) oldest = &ways[i];
	}
	*oldest = (struct slot){.used_at = now};
	memcpy(oldest->name, name, NAME_BYTES);
	return oldest;
}

struct slots {
	struct slot *of[KINDS]; /* NULL: does not count for this one */
};

static struct slots slots_of(struct throttle *t, struct text user, struct text peer, int64_t now)
{
	char room[ADDRESS_SIZE];
	struct text network = network_of(peer, room);
	struct slots s;
	for (enum kind k = 0; k < KINDS; k++) {
		struct slot *slot = s.of[k] = slot_of(t, k, user, network, now);
		if (slot->failures && now - slot->failed_at > SECONDS_US(3600)) slot->failures = 0, slot->allowed_at = 0;
	}
	if (s.of[PAIR]->logged_in) s.of[USER] = NULL;
	return s;
}

static void wait_again(struct slot *s, enum kind k)
{
	if (s->failures < RULES[k].free) {
		s->allowed_at = 0;
		return;
	}
	unsigned beyond = s->failures - RULES[k].free, seconds = RULES[k].most;
	if (beyond < 16 && RULES[k].first << beyond < seconds) seconds = RULES[k].first << beyond;
	s->allowed_at = s->failed_at + SECONDS_US(seconds);
}

unsigned throttle_begin(struct throttle *t, struct text user, struct text peer, int64_t monotonic)
{
	int64_t until = 0;
	pthread_mutex_lock(&t->lock);
	struct slots s = slots_of(t, user, peer, monotonic);
	for (enum kind k = 0; k < KINDS; k++)
		if (s.of[k] && s.of[k]->allowed_at > until) until = s.of[k]->allowed_at;
	for (enum kind k = 0; k < KINDS && until <= monotonic; k++) {
		if (!s.of[k]) continue;
		s.of[k]->failures++;
		s.of[k]->failed_at = monotonic;
		wait_again(s.of[k], k);
	}
	pthread_mutex_unlock(&t->lock);
	return until > monotonic ? (unsigned)((until - monotonic + 999999) / 1000000) : 0;
}

static void end_one(struct slot *s, enum kind k, bool success, int64_t now)
{
	if (success && k == PAIR) {
		s->failures = 0;
		s->logged_in = true;
	} else if (success && s->failures) {
		s->failures--;
	} else if (!success) {
		s->failed_at = now;
	}
	wait_again(s, k);
}

void throttle_end(struct throttle *t, struct text user, struct text peer, bool success, int64_t monotonic)
{
	pthread_mutex_lock(&t->lock);
	struct slots s = slots_of(t, user, peer, monotonic);
	for (enum kind k = 0; k < KINDS; k++)
		if (s.of[k]) end_one(s.of[k], k, success, monotonic);
	pthread_mutex_unlock(&t->lock);
}
