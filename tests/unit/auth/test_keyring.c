/* The keyring: who a header is from, revocation, the rate limit's exact numbers, last uses, many keys, many threads. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/key_token.h"
#include "auth/keyring.h"
#include "auth/permission.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define SECRET "abcdefghijklmnopqrstuvwxyz012345"
#define SECOND INT64_C(1000000)

enum { NOW = 5000 };

/* The key as a server with the slug of `token` stores it. */
static void learn(struct keyring *k, const char *token, int64_t account, const char *scopes, bool revoked)
{
	struct key_token parts;
	char hex[DIGEST_HEX_SIZE];
	assert_true(key_token_parse(text_from(token), &parts));
	digest_hex(text_from(token), hex);
	struct keyring_key key = {account, parts.number, parts.slug, text_from(scopes), text_from(hex), revoked};
	keyring_learn(k, &key);
}

static struct principal *who(struct keyring *k, const char *header)
{
	return keyring_authenticate(k, text_from(header), NOW);
}

static struct keyring *with_one_key(void)
{
	struct keyring *k = keyring_new();
	learn(k, "sk_default_k1_" SECRET, 1, "events", false);
	return k;
}

/* ---- who it is ---- */

static void a_known_key_is_known(void **state)
{
	(void)state;
	static const char *const headers[] = {
		"Bearer sk_default_k1_" SECRET,
		"bearer sk_default_k1_" SECRET,
		"BEARER sk_default_k1_" SECRET,
		"Bearer   sk_default_k1_" SECRET "  ",
	};
	struct keyring *k = with_one_key();
	for (size_t i = 0; i < COUNT_OF(headers); i++) {
		const struct principal *p = who(k, headers[i]);
		if (!p) fail_msg("\"%s\"", headers[i]);
		assert_int_equal(principal_account(p), 1);
		assert_true(text_is(principal_label(p), "api_key:k1"));
		assert_int_equal(principal_scopes(p), SCOPE_EVENTS);
	}
	keyring_free(k);
}

static void any_other_header_is_nobody(void **state)
{
	(void)state;
	static const char *const headers[] = {
		"",
		"B",
		"Bearer",
		"Bearer ",
		"Bearer  ",
		"sk_default_k1_" SECRET,
		"Basic sk_default_k1_" SECRET,
		"Bearersk_default_k1_" SECRET,
		"Bearer\tsk_default_k1_" SECRET,
		"Bearer: sk_default_k1_" SECRET,
		"Bearer sk_default_k1_" SECRET "x",
		"Bearer sk_default_k1_x" SECRET,
		"Bearer sk_default_k1_abcdefghijklmnopqrstuvwxyz012346",
		"Bearer sk_default_k1_ABCDEFGHIJKLMNOPQRSTUVWXYZ012345",
		"Bearer sk_default_k2_" SECRET,
		"Bearer sk_other_k1_" SECRET,
		"Bearer sk_DEFAULT_k1_" SECRET,
		"Bearer sk_default_k11_" SECRET,
		"Bearer sk_default_k1_" SECRET ", Bearer sk_default_k1_" SECRET,
		"Bearer \"sk_default_k1_" SECRET "\"",
		"Bearer sk_default_k1_short",
	};
	struct keyring *k = with_one_key();
	for (size_t i = 0; i < COUNT_OF(headers); i++)
		if (who(k, headers[i])) fail_msg("\"%s\" was somebody", headers[i]);
	assert_null(keyring_authenticate(k, TEXT_ABSENT, NOW));
	assert_null(keyring_authenticate(k, TEXT("Bearer sk_default_k1_" SECRET "\0"), NOW));
	keyring_free(k);
}

static void nobody_is_known_to_an_empty_keyring(void **state)
{
	(void)state;
	struct keyring *k = keyring_new();
	assert_null(who(k, "Bearer sk_default_k1_" SECRET));
	keyring_free(k);
	keyring_free(NULL);
}

static void a_digest_that_is_none_never_matches(void **state)
{
	(void)state;
	static const char *const digests[] = {
		"", "00", "not hexadecimal", "0000000000000000000000000000000000000000000000000000000000000000"};
	for (size_t i = 0; i < COUNT_OF(digests); i++) {
		struct keyring *k = keyring_new();
		struct keyring_key key = {1, 1, TEXT("default"), TEXT("admin"), text_from(digests[i]), false};
		keyring_learn(k, &key);
		assert_null(who(k, "Bearer sk_default_k1_" SECRET));
		keyring_free(k);
	}
}

static void accounts_have_keys_of_their_own(void **state)
{
	(void)state;
	struct keyring *k = with_one_key();
	learn(k, "sk_second_k1_" SECRET, 2, "read,admin", false);
	const struct principal *one = who(k, "Bearer sk_default_k1_" SECRET), *two = who(k, "Bearer sk_second_k1_" SECRET);
	assert_int_equal(principal_account(one), 1);
	assert_int_equal(principal_account(two), 2);
	assert_int_equal(principal_scopes(two), SCOPE_READ | SCOPE_ADMIN);
	assert_true(text_is(principal_label(two), "api_key:k1"));
	keyring_free(k);
}

static void a_revoked_key_is_nobody_and_stays_so(void **state)
{
	(void)state;
	struct keyring *k = with_one_key();
	struct principal *p = who(k, "Bearer sk_default_k1_" SECRET);
	learn(k, "sk_default_k1_" SECRET, 1, "events", true);
	assert_null(who(k, "Bearer sk_default_k1_" SECRET));
	learn(k, "sk_default_k1_" SECRET, 1, "events", false); /* told by somebody who read the store earlier */
	assert_null(who(k, "Bearer sk_default_k1_" SECRET));
	assert_int_equal(principal_account(p), 1); /* its requests under way go on */
	assert_true(text_is(principal_label(p), "api_key:k1"));
	keyring_free(k);
}

static void scopes_are_learned_again_and_the_rest_is_constant(void **state)
{
	(void)state;
	struct keyring *k = with_one_key();
	const struct principal *p = who(k, "Bearer sk_default_k1_" SECRET);
	learn(k, "sk_default_k1_" SECRET, 1, "admin", false);
	assert_ptr_equal(who(k, "Bearer sk_default_k1_" SECRET), p);
	assert_int_equal(principal_scopes(p), SCOPE_ADMIN);
	learn(k, "sk_default_k1_" SECRET, 1, "nonsense", false);
	assert_int_equal(principal_scopes(p), 0);
	learn(k, "sk_default_k1_x" SECRET, 9, "read", false); /* another secret and account under the same name */
	assert_ptr_equal(who(k, "Bearer sk_default_k1_" SECRET), p);
	assert_null(who(k, "Bearer sk_default_k1_x" SECRET));
	assert_int_equal(principal_account(p), 1);
	keyring_free(k);
}

static void a_thousand_keys(void **state)
{
	(void)state;
	enum { KEYS = 1000 };
	struct keyring *k = keyring_new();
	char token[100], header[120];
	for (int i = 1; i <= KEYS; i++) {
		snprintf(token, sizeof token, "sk_account-%d_k%d_" SECRET "%d", i % 10, i, i);
		learn(k, token, i % 10, "events", i % 7 == 0);
	}
	for (int i = 1; i <= KEYS; i++) {
		snprintf(header, sizeof header, "Bearer sk_account-%d_k%d_" SECRET "%d", i % 10, i, i);
		const struct principal *p = who(k, header);
		assert_int_equal(p != NULL, i % 7 != 0);
		if (!p) continue;
		assert_int_equal(principal_account(p), i % 10);
		snprintf(token, sizeof token, "api_key:k%d", i);
		assert_true(text_is(principal_label(p), token));
		snprintf(header, sizeof header, "Bearer sk_account-%d_k%d_" SECRET "%d", i % 10, i, i + 1);
		assert_null(who(k, header));
	}
	keyring_free(k);
}

/* ---- the rate limit ---- */

/* Requests of one key at chosen moments, and each verdict to the number. */
struct taken {
	int64_t at;
	struct rate_verdict expected; /* allowed, limit, remaining, retry_after, reset */
};

static void assert_taken(unsigned per_minute, const struct taken *rows, size_t count)
{
	struct keyring *k = with_one_key();
	struct principal *p = who(k, "Bearer sk_default_k1_" SECRET);
	for (size_t i = 0; i < count; i++) {
		struct rate_verdict v = principal_take(p, per_minute, rows[i].at);
		const struct rate_verdict *e = &rows[i].expected;
		if (v.allowed != e->allowed || v.limit != e->limit || v.remaining != e->remaining || v.retry_after != e->retry_after ||
			v.reset != e->reset)
			fail_msg("request %zu: allowed %d, limit %u, remaining %u, retry after %u, reset %u", i, v.allowed, v.limit,
				v.remaining, v.retry_after, v.reset);
	}
	keyring_free(k);
}

static void the_limit_to_the_number(void **state)
{
	(void)state;
	/* Three a minute: one more every 20 seconds, three at once. */
	static const struct taken rows[] = {
		{1000 * SECOND, {true, 3, 2, 0, 20}},
		{1000 * SECOND, {true, 3, 1, 0, 40}},
		{1000 * SECOND, {true, 3, 0, 0, 60}},
		{1000 * SECOND, {false, 3, 0, 20, 60}},
		{1000 * SECOND + 1, {false, 3, 0, 20, 60}},
		{1019 * SECOND, {false, 3, 0, 1, 41}},
		{1020 * SECOND - 1, {false, 3, 0, 1, 41}},
		{1020 * SECOND, {true, 3, 0, 0, 60}}, /* refusals cost nothing */
		{1020 * SECOND, {false, 3, 0, 20, 60}},
		{1050 * SECOND, {true, 3, 0, 0, 50}},
		{1060 * SECOND, {true, 3, 0, 0, 60}},
		{1120 * SECOND, {true, 3, 2, 0, 20}}, /* full again, and no fuller */
		{9999 * SECOND, {true, 3, 2, 0, 20}},
	};
	assert_taken(3, rows, COUNT_OF(rows));
}

static void one_a_minute(void **state)
{
	(void)state;
	static const struct taken rows[] = {
		{SECOND, {true, 1, 0, 0, 60}},
		{SECOND, {false, 1, 0, 60, 60}},
		{60 * SECOND, {false, 1, 0, 1, 1}},
		{61 * SECOND, {true, 1, 0, 0, 60}},
	};
	assert_taken(1, rows, COUNT_OF(rows));
}

static void no_limit(void **state)
{
	(void)state;
	struct keyring *k = with_one_key();
	struct principal *p = who(k, "Bearer sk_default_k1_" SECRET);
	for (int i = 0; i < 100000; i++) {
		struct rate_verdict v = principal_take(p, 0, 1);
		assert_true(v.allowed);
		assert_int_equal(v.limit, 0);
	}
	keyring_free(k);
}

/* Whatever the limit: in one moment exactly that many pass, and in each further minute as many again. */
static void so_many_pass_in_a_moment_and_in_a_minute(void **state)
{
	(void)state;
	static const unsigned limits[] = {1, 2, 7, 59, 60, 61, 999, 6000};
	for (size_t i = 0; i < COUNT_OF(limits); i++) {
		struct keyring *k = with_one_key();
		struct principal *p = who(k, "Bearer sk_default_k1_" SECRET);
		unsigned passed = 0;
		for (unsigned n = 0; n < limits[i] + 50; n++) passed += principal_take(p, limits[i], SECOND).allowed;
		assert_int_equal(passed, limits[i]);
		for (int64_t at = SECOND + 1; at <= 61 * SECOND; at += 5000) passed += principal_take(p, limits[i], at).allowed;
		assert_in_range(passed, 2 * limits[i] - 1, 2 * limits[i]);
		keyring_free(k);
	}
}

static void each_key_has_its_own_bucket(void **state)
{
	(void)state;
	struct keyring *k = with_one_key();
	learn(k, "sk_default_k2_" SECRET, 1, "events", false);
	struct principal *one = who(k, "Bearer sk_default_k1_" SECRET), *two = who(k, "Bearer sk_default_k2_" SECRET);
	assert_true(principal_take(one, 1, SECOND).allowed);
	assert_false(principal_take(one, 1, SECOND).allowed);
	assert_true(principal_take(two, 1, SECOND).allowed);
	learn(k, "sk_default_k1_" SECRET, 1, "events", false); /* being learned again fills nothing */
	assert_false(principal_take(one, 1, SECOND).allowed);
	keyring_free(k);
}

/* ---- last uses ---- */

struct uses {
	size_t count;
	int64_t account, number;
	time_us used_at;
};

static void note_use(void *context, int64_t account, int64_t number, time_us used_at)
{
	struct uses *u = context;
	*u = (struct uses){u->count + 1, account, number, used_at};
}

static struct uses uses_of(struct keyring *k)
{
	struct uses u = {0};
	keyring_uses(k, note_use, &u);
	return u;
}

static void uses_are_told_once(void **state)
{
	(void)state;
	struct keyring *k = with_one_key();
	learn(k, "sk_default_k2_" SECRET, 1, "events", false);
	assert_int_equal(uses_of(k).count, 0);
	keyring_authenticate(k, TEXT("Bearer sk_default_k2_" SECRET), 100);
	keyring_authenticate(k, TEXT("Bearer sk_default_k2_" SECRET), 200);
	keyring_authenticate(k, TEXT("Bearer sk_default_k1_x" SECRET), 300); /* a wrong secret is no use */
	struct uses u = uses_of(k);
	assert_int_equal(u.count, 1);
	assert_int_equal(u.account, 1);
	assert_int_equal(u.number, 2);
	assert_int_equal(u.used_at, 200);
	assert_int_equal(uses_of(k).count, 0);
	learn(k, "sk_default_k2_" SECRET, 1, "events", true);
	keyring_authenticate(k, TEXT("Bearer sk_default_k2_" SECRET), 400);
	assert_int_equal(uses_of(k).count, 0);
	keyring_free(k);
}

/* ---- threads ---- */

enum { THREADS = 4, ROUNDS = 300, LEARNED = 400, LIMIT = 600 };

struct shared {
	struct keyring *k;
	_Atomic int allowed, seen;
	atomic_bool stop;
};

static void *authenticate_much(void *context)
{
	struct shared *w = context;
	char header[120];
	for (int i = 0; i < ROUNDS; i++) {
		struct principal *p = who(w->k, "Bearer sk_default_k1_" SECRET);
		if (!p || principal_scopes(p) == 0 || !text_is(principal_label(p), "api_key:k1")) return NULL;
		atomic_fetch_add(&w->seen, 1);
		atomic_fetch_add(&w->allowed, principal_take(p, LIMIT, SECOND).allowed);
		snprintf(header, sizeof header, "Bearer sk_more_k%d_" SECRET, 1 + i % LEARNED);
		struct principal *other = who(w->k, header);
		if (other && principal_account(other) != 2) return NULL;
	}
	return w;
}

static void *look_at_uses(void *context)
{
	struct shared *w = context;
	while (!atomic_load(&w->stop)) (void)uses_of(w->k);
	return w;
}

static void threads_authenticate_while_another_learns(void **state)
{
	(void)state;
	struct shared w = {.k = with_one_key()};
	pthread_t threads[THREADS], looker;
	char token[100];
	for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&threads[i], NULL, authenticate_much, &w), 0);
	assert_int_equal(pthread_create(&looker, NULL, look_at_uses, &w), 0);
	for (int i = 1; i <= LEARNED; i++) {
		snprintf(token, sizeof token, "sk_more_k%d_" SECRET, i);
		learn(w.k, token, 2, "read", false);
		learn(w.k, "sk_default_k1_" SECRET, 1, i % 2 ? "events" : "admin", false);
		if (i % 3 == 0) learn(w.k, token, 2, "read", true);
	}
	for (int i = 0; i < THREADS; i++) {
		void *result = NULL;
		pthread_join(threads[i], &result);
		assert_ptr_equal(result, &w);
	}
	atomic_store(&w.stop, true);
	pthread_join(looker, NULL);
	assert_int_equal(w.seen, THREADS * ROUNDS);
	assert_int_equal(w.allowed, LIMIT); /* no request slipped through between two threads */
	keyring_free(w.k);
}

static int ready(void **state)
{
	(void)state;
	struct err err;
	return secret_init(&err) == RC_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_known_key_is_known),
		cmocka_unit_test(any_other_header_is_nobody),
		cmocka_unit_test(nobody_is_known_to_an_empty_keyring),
		cmocka_unit_test(a_digest_that_is_none_never_matches),
		cmocka_unit_test(accounts_have_keys_of_their_own),
		cmocka_unit_test(a_revoked_key_is_nobody_and_stays_so),
		cmocka_unit_test(scopes_are_learned_again_and_the_rest_is_constant),
		cmocka_unit_test(a_thousand_keys),
		cmocka_unit_test(the_limit_to_the_number),
		cmocka_unit_test(one_a_minute),
		cmocka_unit_test(no_limit),
		cmocka_unit_test(so_many_pass_in_a_moment_and_in_a_minute),
		cmocka_unit_test(each_key_has_its_own_bucket),
		cmocka_unit_test(uses_are_told_once),
		cmocka_unit_test(threads_authenticate_while_another_learns),
	};
	return cmocka_run_group_tests(tests, ready, NULL);
}
