/* Failed logins wait, by user and address, by address, by user; with a clock of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "auth/throttle.h"
#include "base/secret.h"

#define SECOND INT64_C(1000000)
#define BEGIN (1000 * SECOND)

static unsigned try_at(struct throttle *t, const char *user, const char *peer, bool success, int64_t at)
{
	unsigned wait = throttle_begin(t, text_from(user), text_from(peer), at);
	if (!wait) throttle_end(t, text_from(user), text_from(peer), success, at);
	return wait;
}

static void five_are_free_then_the_wait_doubles(void **state)
{
	(void)state;
	static const unsigned waits[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300};
	struct throttle *t = throttle_new();
	int64_t now = BEGIN;
	for (int i = 0; i < 5; i++) assert_int_equal(try_at(t, "1 ada@x", "10.0.0.1", false, now), 0);
	for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
		assert_int_equal(try_at(t, "1 ada@x", "10.0.0.1", false, now), waits[i]);
		assert_int_equal(
			try_at(t, "1 ada@x", "10.0.0.1", true, now + waits[i] * SECOND - 1), 1); /* nor with the right password */
		now += waits[i] * SECOND;
		assert_int_equal(try_at(t, "1 ada@x", "10.0.0.1", false, now), 0);
	}
	assert_int_equal(try_at(t, "1 bea@x", "10.0.0.1", false, now), 0);
	assert_int_equal(try_at(t, "1 ada@x", "10.0.0.2", false, now), 0);
	assert_int_equal(try_at(t, "2 ada@x", "10.0.0.1", false, now), 0);
	throttle_free(t);
}

static void a_success_forgets(void **state)
{
	(void)state;
	struct throttle *t = throttle_new();
	for (int round = 0; round < 40; round++) {
		for (int i = 0; i < 4; i++) assert_int_equal(try_at(t, "u", "10.0.0.1", false, BEGIN + round * 7200 * SECOND), 0);
		assert_int_equal(try_at(t, "u", "10.0.0.1", true, BEGIN + round * 7200 * SECOND), 0);
	}
	/* Successes are nobody's failures: thousands from one office. */
	for (int i = 0; i < 5000; i++) assert_int_equal(try_at(t, "v", "10.0.0.2", true, BEGIN), 0);
	throttle_free(t);
}

static void an_hour_forgets_all(void **state)
{
	(void)state;
	struct throttle *t = throttle_new();
	int64_t now = BEGIN;
	for (int i = 0; i < 5; i++) assert_int_equal(try_at(t, "u", "10.0.0.1", false, now), 0);
	assert_int_not_equal(try_at(t, "u", "10.0.0.1", false, now), 0);
	now += 3601 * SECOND;
	for (int i = 0; i < 5; i++) assert_int_equal(try_at(t, "u", "10.0.0.1", false, now), 0);
	assert_int_equal(try_at(t, "u", "10.0.0.1", false, now), 1);
	throttle_free(t);
}

/* begin() without end(): they are under way. */
static void those_at_once_are_counted(void **state)
{
	(void)state;
	struct throttle *t = throttle_new();
	int begun = 0;
	for (int i = 0; i < 100; i++) begun += !throttle_begin(t, TEXT("u"), TEXT("10.0.0.1"), BEGIN);
	assert_int_equal(begun, 5);
	throttle_free(t);
}

static void an_address_has_twenty(void **state)
{
	(void)state;
	struct throttle *t = throttle_new();
	char user[16];
	for (int i = 0; i < 20; i++) {
		snprintf(user, sizeof user, "user%d", i);
		assert_int_equal(try_at(t, user, "10.0.0.1", false, BEGIN), 0);
	}
	assert_int_equal(try_at(t, "another", "10.0.0.1", false, BEGIN), 1);
	assert_int_equal(try_at(t, "another", "::ffff:10.0.0.1", false, BEGIN), 1);
	assert_int_equal(try_at(t, "another", "10.0.0.2", false, BEGIN), 0);
	int64_t now = BEGIN;
	unsigned wait = 0;
	for (int i = 0; i < 12; i++) {
		wait = try_at(t, "another", "10.0.0.1", false, now);
		now += wait * SECOND;
		snprintf(user, sizeof user, "more%d", i);
		assert_int_equal(try_at(t, user, "10.0.0.1", false, now), 0);
	}
	assert_int_equal(wait, 60);
	throttle_free(t);
}

static void a_network_of_ipv6_is_one_address(void **state)
{
	(void)state;
	struct throttle *t = throttle_new();
	char peer[64];
	for (int i = 0; i < 5; i++) {
		snprintf(peer, sizeof peer, "2001:db8:1:2:%x::%x", i + 1, i);
		assert_int_equal(try_at(t, "u", peer, false, BEGIN), 0);
	}
	assert_int_equal(try_at(t, "u", "2001:db8:1:2::77", false, BEGIN), 1);
	assert_int_equal(try_at(t, "u", "2001:db8:1:3::77", false, BEGIN), 0);
	throttle_free(t);
}

/* Fifty failures from as many addresses. Who has logged in before is not held up by them. */
static void a_user_under_attack(void **state)
{
	(void)state;
	struct throttle *t = throttle_new();
	char peer[32];
	assert_int_equal(try_at(t, "u", "10.9.9.9", true, BEGIN), 0);
	for (int i = 0; i < 50; i++) {
		snprintf(peer, sizeof peer, "10.0.%d.1", i);
		assert_int_equal(try_at(t, "u", peer, false, BEGIN), 0);
	}
	assert_int_equal(try_at(t, "u", "10.1.0.1", false, BEGIN), 5);
	assert_int_equal(try_at(t, "u", "10.1.0.2", false, BEGIN), 5);
	assert_int_equal(try_at(t, "u", "10.9.9.9", true, BEGIN), 0);
	assert_int_equal(try_at(t, "u", "10.9.9.9", false, BEGIN), 0);
	assert_int_equal(try_at(t, "u", "10.1.0.3", false, BEGIN + 5 * SECOND), 0);
	assert_int_equal(try_at(t, "u", "10.1.0.4", false, BEGIN + 5 * SECOND), 5);
	throttle_free(t);
}

/* More names than there is room for: none of it is asked to remember all, and it goes on. */
static void a_flood_of_names_is_survived(void **state)
{
	(void)state;
	struct throttle *t = throttle_new();
	char user[32], peer[32];
	for (int i = 0; i < 60000; i++) {
		snprintf(user, sizeof user, "user%d", i);
		snprintf(peer, sizeof peer, "10.%d.%d.%d", i / 65536, i / 256 % 256, i % 256);
		assert_int_equal(try_at(t, user, peer, false, BEGIN + i), 0);
	}
	for (int i = 0; i < 5; i++) try_at(t, "victim", "10.9.9.9", false, BEGIN + 60000);
	assert_int_equal(try_at(t, "victim", "10.9.9.9", false, BEGIN + 60000), 1);
	assert_int_equal(try_at(t, "", "", false, BEGIN), 0);
	assert_int_equal(try_at(t, "u", "no address, and longer than any address could ever be, by far, really", false, BEGIN), 0);
	throttle_free(t);
	throttle_free(NULL);
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
		cmocka_unit_test(five_are_free_then_the_wait_doubles),
		cmocka_unit_test(a_success_forgets),
		cmocka_unit_test(an_hour_forgets_all),
		cmocka_unit_test(those_at_once_are_counted),
		cmocka_unit_test(an_address_has_twenty),
		cmocka_unit_test(a_network_of_ipv6_is_one_address),
		cmocka_unit_test(a_user_under_attack),
		cmocka_unit_test(a_flood_of_names_is_survived),
	};
	return cmocka_run_group_tests(tests, ready, NULL);
}
