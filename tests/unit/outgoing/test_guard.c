/* Which addresses requests may go to: both sides of the edges of each range, addresses in addresses, exceptions. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/un.h>

#include <cmocka.h>

#include "outgoing/guard.h"

static bool allows(const struct guard *g, const char *address)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	if (inet_pton(AF_INET, address, &v4.sin_addr) == 1) return guard_allows(g, (struct sockaddr *)&v4);
	if (inet_pton(AF_INET6, address, &v6.sin6_addr) != 1) fail_msg("%s", address);
	return guard_allows(g, (struct sockaddr *)&v6);
}

static struct guard *guard_of(const char *const *exceptions)
{
	struct guard *g;
	struct err err;
	if (guard_new(exceptions, &g, &err) != RC_OK) fail_msg("%s", err.text);
	return g;
}

struct row {
	const char *address;
	bool allowed;
};

static void check(const char *const *exceptions, const struct row *rows, size_t count)
{
	struct guard *g = guard_of(exceptions);
	for (size_t i = 0; i < count; i++) {
		if (allows(g, rows[i].address) != rows[i].allowed) print_error("%s\n", rows[i].address);
		assert_int_equal(allows(g, rows[i].address), rows[i].allowed);
	}
	guard_free(g);
}
#define CHECK(exceptions, rows) check((exceptions), (rows), sizeof(rows) / sizeof *(rows))

static void test_v4(void **state)
{
	(void)state;
	/* The first and the last of each range, and their neighbours outside. */
	static const struct row rows[] = {
		{"0.0.0.0", false},
		{"0.255.255.255", false},
		{"1.0.0.0", true},
		{"9.255.255.255", true},
		{"10.0.0.0", false},
		{"10.255.255.255", false},
		{"11.0.0.0", true},
		{"100.63.255.255", true},
		{"100.64.0.0", false},
		{"100.127.255.255", false},
		{"100.128.0.0", true},
		{"126.255.255.255", true},
		{"127.0.0.0", false},
		{"127.0.0.1", false},
		{"127.255.255.255", false},
		{"128.0.0.0", true},
		{"168.63.129.15", true},
		{"168.63.129.16", false},
		{"168.63.129.17", true},
		{"169.253.255.255", true},
		{"169.254.0.0", false},
		{"169.254.169.254", false},
		{"169.254.255.255", false},
		{"169.255.0.0", true},
		{"172.15.255.255", true},
		{"172.16.0.0", false},
		{"172.31.255.255", false},
		{"172.32.0.0", true},
		{"191.255.255.255", true},
		{"192.0.0.0", false},
		{"192.0.0.255", false},
		{"192.0.1.0", true},
		{"192.0.1.255", true},
		{"192.0.2.0", false},
		{"192.0.2.255", false},
		{"192.0.3.0", true},
		{"192.88.98.255", true},
		{"192.88.99.0", false},
		{"192.88.99.255", false},
		{"192.88.100.0", true},
		{"192.167.255.255", true},
		{"192.168.0.0", false},
		{"192.168.255.255", false},
		{"192.169.0.0", true},
		{"198.17.255.255", true},
		{"198.18.0.0", false},
		{"198.19.255.255", false},
		{"198.20.0.0", true},
		{"198.51.99.255", true},
		{"198.51.100.0", false},
		{"198.51.100.255", false},
		{"198.51.101.0", true},
		{"203.0.112.255", true},
		{"203.0.113.0", false},
		{"203.0.113.255", false},
		{"203.0.114.0", true},
		{"223.255.255.255", true},
		{"224.0.0.0", false},
		{"239.255.255.255", false},
		{"240.0.0.0", false},
		{"255.255.255.254", false},
		{"255.255.255.255", false},
		{"8.8.8.8", true},
	};
	CHECK(NULL, rows);
}

static void test_v6(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"::", false},
		{"::1", false},
		{"100::1", false},
		{"1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
		{"2000::", true},
		{"2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true},
		{"2001:1::1", false},
		{"2001:20::1", false},
		{"2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", false},
		{"2001:200::", true},
		{"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", true},
		{"2001:db8::", false},
		{"2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", false},
		{"2001:db9::", true},
		{"2001:4860:4860::8888", true},
		{"2606:4700::1111", true},
		{"3ffe:ffff::", true},
		{"3fff::", false},
		{"3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", false},
		{"3fff:1000::", true},
		{"3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true},
		{"4000::", false},
		{"5f00::1", false},
		{"fc00::", false},
		{"fd00:ec2::254", false},
		{"fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
		{"fe80::1", false},
		{"febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
		{"fec0::1", false},
		{"ff02::1", false},
		{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
	};
	CHECK(NULL, rows);
}

static void test_v4_in_v6(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"::ffff:8.8.8.8", true}, /* mapped */
		{"::ffff:127.0.0.1", false}, {"::ffff:169.254.169.254", false}, {"::ffff:0.0.0.0", false},
		{"::8.8.8.8", true}, /* compatible */
		{"::127.0.0.1", false}, {"::10.1.2.3", false}, {"::fffe:8.8.8.8", false}, /* neither */
		{"::ffff:0:8.8.8.8", false}, /* translated, RFC 2765: local */
		{"64:ff9b::8.8.8.8", true}, /* NAT64 */
		{"64:ff9b::127.0.0.1", false}, {"64:ff9b::192.168.0.1", false}, {"64:ff9b:0:0:0:1:808:808", false},
		{"64:ff9b:1::8.8.8.8", false}, /* local NAT64 */
		{"2002:808:808::1", true}, /* 6to4 */
		{"2002:7f00:1::1", false}, {"2002:a9fe:a9fe::1", false}, {"2002:c0a8:1::", false}, {"2002::", false}, {"2003::1", true},
		{"2001:0:808:808:0:0:f7f7:f7f7", true}, /* Teredo, 8.8.8.8 turned over */
		{"2001:0:808:808:0:0:80ff:fffe", false}, /* 127.0.0.1 */
		{"2001:0:808:808:0:0:3f57:fffe", false}, /* 192.168.0.1 */
		{"2001:0:808:808:0:0:7f00:1", true}, /* 128.255.255.254 */
	};
	CHECK(NULL, rows);
}

static void test_exceptions(void **state)
{
	(void)state;
	static const char *const exceptions[] = {
		"10.1.0.0/16", "192.168.7.7", "172.16.0.0/13", "fd00:1::/33", "::1", "0.0.0.0/31", NULL};
	static const struct row rows[] = {
		{"10.0.255.255", false},
		{"10.1.0.0", true},
		{"10.1.255.255", true},
		{"10.2.0.0", false},
		{"192.168.7.6", false},
		{"192.168.7.7", true},
		{"192.168.7.8", false},
		{"172.16.0.0", true},
		{"172.23.255.255", true},
		{"172.24.0.0", false},
		{"fd00:1:7fff::1", true},
		{"fd00:1:8000::1", false},
		{"::1", true},
		{"127.0.0.1", false},
		{"0.0.0.1", true},
		{"0.0.0.2", false},
		{"::", false}, /* although its last four bytes are those of 0.0.0.0 */
		{"::ffff:10.1.2.3", true},
		{"64:ff9b::10.1.2.3", true},
		{"2002:a01:203::", true},
		{"2001:0:808:808:0:0:f5fe:fdfc", true},
		{"8.8.8.8", true},
	};
	CHECK(exceptions, rows);

	static const char *const each_v6[] = {"::/0", NULL};
	static const struct row v6_rows[] = {
		{"fe80::1", true},
		{"::1", true},
		{"127.0.0.1", false},
		{"::ffff:127.0.0.1", false},
	};
	CHECK(each_v6, v6_rows);

	static const char *const each_v4[] = {"0.0.0.0/0", NULL};
	static const struct row v4_rows[] = {
		{"127.0.0.1", true},
		{"255.255.255.255", true},
		{"::ffff:127.0.0.1", true},
		{"::1", false},
		{"fe80::1", false},
	};
	CHECK(each_v4, v4_rows);

	static const char *const mapped[] = {"::ffff:10.0.0.0/104", NULL};
	static const struct row mapped_rows[] = {
		{"10.2.3.4", true},
		{"11.0.0.0", true},
		{"127.0.0.1", false},
	};
	CHECK(mapped, mapped_rows);
}

static void test_all(void **state)
{
	(void)state;
	static const char *const all[] = {"10.0.0.0/8", "all", NULL};
	static const struct row rows[] = {
		{"127.0.0.1", true},
		{"::1", true},
		{"255.255.255.255", true},
		{"fe80::1", true},
		{"8.8.8.8", true},
	};
	CHECK(all, rows);
}

static void test_families(void **state)
{
	(void)state;
	static const char *const all[] = {"all", NULL};
	struct guard *g = guard_of(all);
	struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "/run/x"};
	struct sockaddr none = {.sa_family = AF_UNSPEC};
	assert_false(guard_allows(g, (struct sockaddr *)&local));
	assert_false(guard_allows(g, &none));
	guard_free(g);
	guard_free(NULL);
}

static void test_bad_exceptions(void **state)
{
	(void)state;
	static const char *const bad[] = {"", " ", "x", "All", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/a", "10.0.0.0/-1",
		"10.0.0.0/8/8", "1.2.3", "::1/129", "[::1]", "fe80::1%eth0", "example.com", "10.0.0.1-10.0.0.9", "::ffff:999.0.0.1",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const char *const list[] = {"10.0.0.1", bad[i], "all", NULL};
		struct guard *g = NULL;
		struct err err = {0};
		assert_int_equal(guard_new(list, &g, &err), RC_INVALID);
		assert_null(g);
		assert_non_null(strstr(err.text, bad[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v4),
		cmocka_unit_test(test_v6),
		cmocka_unit_test(test_v4_in_v6),
		cmocka_unit_test(test_exceptions),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_bad_exceptions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
