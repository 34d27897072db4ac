/* Trusted proxies: which addresses are, and whose word is taken. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/http_proxy.h"

static const char *const specs[] = {"10.0.0.0/9", "192.0.2.1", "2001:db8::/33", "::1", NULL};
static struct proxies proxies;

static int begin(void **state)
{
	(void)state;
	return proxies_read(specs, &proxies, NULL) == RC_OK ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	proxies_done(&proxies);
	return 0;
}

static void test_trust(void **state)
{
	(void)state;
	static const struct {
		const char *address;
		bool trusted;
	} rows[] = {
		{"10.0.0.1", true},
		{"10.127.255.255", true},
		{"10.128.0.0", false},
		{"11.0.0.0", false},
		{"192.0.2.1", true},
		{"192.0.2.2", false},
		{"::ffff:192.0.2.1", true},
		{"2001:db8:7fff::1", true},
		{"2001:db8:8000::1", false},
		{"::1", true},
		{"::2", false},
		{"local", false},
		{"", false},
		{"10.0.0.1 ", false},
		{"10.0.0", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (proxies_trust(&proxies, text_from(rows[i].address)) != rows[i].trusted) print_error("%s\n", rows[i].address);
		assert_int_equal(proxies_trust(&proxies, text_from(rows[i].address)), rows[i].trusted);
	}
}

static void test_bad_specs(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"", "x", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/a", "10.0.0.0/-1", "::1/129", "10.0.0.0/8/8", "1.2.3"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const char *const list[] = {"10.0.0.1", bad[i], NULL};
		struct proxies none = {0};
		struct err err;
		assert_int_equal(proxies_read(list, &none, &err), RC_INVALID);
		assert_null(none.networks);
	}
}

static void test_client(void **state)
{
	(void)state;
	static const struct {
		const char *peer, *list, *client;
	} rows[] = {
		{"10.0.0.1", "203.0.113.9", "203.0.113.9"},
		{"10.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"},
		{"10.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.7", "203.0.113.9"},
		{"10.0.0.1", "10.0.0.8,10.0.0.7", "10.0.0.8"},
		{"203.0.113.9", "6.6.6.6", "203.0.113.9"},
		{"10.0.0.1", "", "10.0.0.1"},
		{"10.0.0.1", NULL, "10.0.0.1"},
		{"10.0.0.1", "6.6.6.6, unknown", "10.0.0.1"},
		{"10.0.0.1", "6.6.6.6,,", "10.0.0.1"},
		{"10.0.0.1", "203.0.113.9:4711", "203.0.113.9"},
		{"10.0.0.1", "[2001:db8:ffff::1]:4711", "2001:db8:ffff::1"},
		{"10.0.0.1", "2001:db8:ffff::1", "2001:db8:ffff::1"},
		{"10.0.0.1", "[", "10.0.0.1"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct text client = forwarded_client(&proxies, text_from(rows[i].peer), text_from(rows[i].list));
		if (!text_is(client, rows[i].client)) print_error("%s: %.*s\n", rows[i].list, TEXT_ARGS(client));
		assert_true(text_is(client, rows[i].client));
	}
	assert_true(forwarded_secure(TEXT("https")));
	assert_true(forwarded_secure(TEXT("http, HTTPS")));
	assert_false(forwarded_secure(TEXT("https, http")));
	assert_false(forwarded_secure(TEXT("")));
}

static void test_peer_format(void **state)
{
	(void)state;
	char out[PEER_SIZE];
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000207)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	inet_pton(AF_INET6, "::ffff:192.0.2.7", &v6.sin6_addr);
	assert_int_equal(peer_format((struct sockaddr *)&v4, out), 9);
	assert_string_equal(out, "192.0.2.7");
	peer_format((struct sockaddr *)&v6, out);
	assert_string_equal(out, "192.0.2.7");
	inet_pton(AF_INET6, "2001:db8::7", &v6.sin6_addr);
	peer_format((struct sockaddr *)&v6, out);
	assert_string_equal(out, "2001:db8::7");
	assert_int_equal(peer_format(NULL, out), 5);
	assert_string_equal(out, "local");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_trust, begin, end),
		cmocka_unit_test(test_bad_specs),
		cmocka_unit_test_setup_teardown(test_client, begin, end),
		cmocka_unit_test(test_peer_format),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
