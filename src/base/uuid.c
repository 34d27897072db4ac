/* UUIDs version 7. Time and counter are one 60-bit number that only grows, so one atomic step makes them unique and ordered;
 * when more than 4096 are made in a millisecond the counter runs into the next one (RFC 9562 6.2 allows it).
 * The random bits come from a small store of each thread. The process must not fork and then go on making UUIDs in both. */
#include "base/uuid.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"

enum { COUNTER_BITS = 12 };
static const uint64_t last_millisecond = ((uint64_t)1 << 48) - 1;

static uint64_t random_u64(void)
{
	static _Thread_local uint64_t store[32]; /* 256 bytes: the most that getrandom gives without being interrupted */
	static _Thread_local size_t left;
	if (left == 0) {
		if (getrandom(store, sizeof store, 0) != (ssize_t)sizeof store) {
			log_error("the system gives no random bytes");
			abort();
		}
		left = sizeof store / sizeof *store;
	}
	return store[--left];
}

static uint64_t milliseconds(time_us t)
{
	uint64_t ms = t < 0 ? 0 : (uint64_t)t / 1000;
	return ms > last_millisecond ? last_millisecond : ms;
}

static _Atomic uint64_t last; /* tick */

/* Milliseconds and counter: at least now, and greater than any before. */
static uint64_t next_tick(void)
{
	uint64_t now = milliseconds(clock_now()) << COUNTER_BITS;
	uint64_t before = atomic_load_explicit(&last, memory_order_relaxed);
	uint64_t tick;
	do tick = now > before ? now : before + 1;
	while (!atomic_compare_exchange_weak_explicit(&last, &before, tick, memory_order_relaxed, memory_order_relaxed));
	return tick;
}

static void put_hex(char *at, size_t count, uint64_t value)
{
	while (count-- > 0) {
		at[count] = "0123456789abcdef"[value & 15];
		value >>= 4;
	}
}

static void put_uuid(char *out, uint64_t tick, uint64_t random)
{
	memcpy(out, "00000000-0000-7000-8000-000000000000", UUID_SIZE);
	uint64_t ms = tick >> COUNTER_BITS;
	put_hex(out, 8, ms >> 16);
	put_hex(out + 9, 4, ms);
	put_hex(out + 15, 3, tick);
	put_hex(out + 19, 4, 0x8000 | (random >> 48 & 0x3FFF));
	put_hex(out + 24, 12, random);
}

void uuid_new(char out[static UUID_SIZE])
{
	put_uuid(out, next_tick(), random_u64());
}

void uuid_floor(time_us t, char out[static UUID_SIZE])
{
	put_uuid(out, milliseconds(t) << COUNTER_BITS, 0);
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static uint64_t hex_value(char c)
{
	return c <= '9' ? (uint64_t)(c - '0') : (uint64_t)((c | 0x20) - 'a' + 10);
}

/* Of a valid one. */
static uint64_t tick_of(struct text id)
{
	uint64_t tick = 0;
	for (size_t i = 0; i < 18; i++)
		if (i != 8 && i != 13 && i != 14) tick = tick << 4 | hex_value(id.p[i]);
	return tick;
}

void uuid_continue(struct text id)
{
	if (!uuid_valid(id) || id.p[14] != '7') return;
	uint64_t tick = tick_of(id), before = atomic_load_explicit(&last, memory_order_relaxed);
	if (tick >> COUNTER_BITS >= last_millisecond) return;
	while (
		tick > before && !atomic_compare_exchange_weak_explicit(&last, &before, tick, memory_order_relaxed, memory_order_relaxed))
		continue;
}

bool uuid_valid(struct text t)
{
	if (t.n != UUID_SIZE - 1) return false;
	for (size_t i = 0; i < t.n; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? t.p[i] != '-' : !is_hex(t.p[i])) return false;
	}
	return true;
}

struct text uuid_text(struct arena *a)
{
	char *id = arena_alloc(a, UUID_SIZE);
	uuid_new(id);
	return (struct text){id, UUID_SIZE - 1};
}
