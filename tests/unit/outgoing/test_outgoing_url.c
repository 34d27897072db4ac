/* What a destination may be called: URLs, how they are shown, mail addresses, mail servers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/limits.h"
#include "outgoing/outgoing.h"

static struct guard *guard;

static int begin(void **state)
{
	(void)state;
	static const char *const exceptions[] = {"10.9.0.0/16", NULL};
	return guard_new(exceptions, &guard, NULL) == RC_OK ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	guard_free(guard);
	return 0;
}

static void test_good(void **state)
{
	(void)state;
	static const char *const good[] = {
		"https://hooks.example.com/services/T0/B0/x",
		"http://example.com",
		"HTTPS://EXAMPLE.COM/",
		"https://example.com:1/",
		"https://example.com:65535/",
		"https://example.com:/",
		"https://example.com./",
		"https://example.com/a?b=c&d=@e#f",
		"https://example.com/?u=user:password@host",
		"https://example.com?x=http://127.0.0.1/",
		"https://пример.рф/путь",
		"https://xn--e1afmkfd.xn--p1ai/",
		"https://localhost.example.com/",
		"https://8.8.8.8/",
		"https://134744072/",
		"https://[2606:4700::1111]/",
		"https://[2606:4700::1111]:8443/",
		"http://10.9.1.2:8080/",
		"http://[::ffff:10.9.1.2]/",
		"http://1.2.3.4.5/",
	};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct err err = {0};
		if (outgoing_url_check(text_from(good[i]), guard, &err) != RC_OK) fail_msg("%s: %s", good[i], err.text);
	}
}

static void test_bad(void **state)
{
	(void)state;
	static const struct {
		const char *url, *says;
	} rows[] = {
		{"", "begin with http"},
		{"example.com", "begin with http"},
		{"//example.com/", "begin with http"},
		{"ftp://example.com/", "begin with http"},
		{"file:///etc/passwd", "begin with http"},
		{"gopher://example.com/", "begin with http"},
		{"smtp://example.com/", "begin with http"},
		{"javascript:alert(1)", "begin with http"},
		{"httpx://example.com/", "begin with http"},
		{" https://example.com/", "begin with http"},
		{"http:/example.com/", "begin with http"},
		{"http:example.com/", "begin with http"},
		{"http:\\\\example.com/", "begin with http"},
		{"http://", "no host"},
		{"http:///path", "no host"},
		{"https://./", "no host"},
		{"https://../", "no host"},
		{"https://:80/", "host"},
		{"https://user@example.com/", "no user"},
		{"https://user:password@example.com/", "no user"},
		{"https://@example.com/", "no user"},
		{"https://example.com\\@evil.example/", "no user"},
		{"https://example.com:0/", "port"},
		{"https://example.com:65536/", "port"},
		{"https://example.com:http/", "port"},
		{"https://exam ple.com/", "malformed"},
		{"https://example.com/a\nb", "malformed"},
		{"https://example.com/a\r\nHost: evil", "malformed"},
		{"https://example.com/\x7f", "malformed"},
		{"https://example.com/\xff", "malformed"},
		{"https://\xf0\x9f\x92\xa9\xe2\x80\x8f.example/", "malformed"},
		{"https://%ff.example/", "malformed"},
		{"https://[::1/", "malformed"},
		{"https://[gg::1]/", "malformed"},
		{"http://127.0.0.1/", "not allowed"},
		{"http://127.0.0.1./", "not allowed"},
		{"http://127.1/", "not allowed"},
		{"http://2130706433/", "not allowed"},
		{"http://0177.0.0.1/", "not allowed"},
		{"http://0x7f.1/", "not allowed"},
		{"http://0x7f000001/", "not allowed"},
		{"http://017700000001/", "not allowed"},
		{"http://%31%32%37.0.0.1/", "not allowed"},
		{"http://１２７.0.0.1/", "not allowed"},
		{"http://0/", "not allowed"},
		{"http://169.254.169.254/latest/meta-data/", "not allowed"},
		{"http://10.8.1.2/", "not allowed"},
		{"http://192.168.0.1:8080/", "not allowed"},
		{"http://[::1]/", "not allowed"},
		{"http://[::]/", "not allowed"},
		{"http://[::ffff:127.0.0.1]/", "not allowed"},
		{"http://[::ffff:7f00:1]/", "not allowed"},
		{"http://[64:ff9b::7f00:1]/", "not allowed"},
		{"http://[2002:7f00:1::]/", "not allowed"},
		{"http://[fe80::1%25eth0]/", "not allowed"},
		{"http://[fd00:ec2::254]/", "not allowed"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err err = {0};
		if (outgoing_url_check(text_from(rows[i].url), guard, &err) != RC_INVALID || !strstr(err.text, rows[i].says))
			fail_msg("%s: %s", rows[i].url, err.text);
		assert_null(strstr(err.text, "example"));
		assert_null(strstr(err.text, "password@"));
	}
	struct err err;
	assert_int_equal(outgoing_url_check(TEXT("https://example.com/\0evil"), guard, &err), RC_INVALID);
	assert_int_equal(outgoing_url_check(TEXT_ABSENT, guard, &err), RC_INVALID);
}

static void test_length(void **state)
{
	(void)state;
	char url[LIMIT_URL + 2] = "https://example.com/";
	memset(url + strlen(url), 'a', sizeof url - strlen(url));
	struct err err;
	assert_int_equal(outgoing_url_check((struct text){url, LIMIT_URL}, guard, &err), RC_OK);
	assert_int_equal(outgoing_url_check((struct text){url, LIMIT_URL + 1}, guard, &err), RC_INVALID);
	assert_non_null(strstr(err.text, "2048"));
}

static void test_masked(void **state)
{
	(void)state;
	static const struct {
		const char *url, *shown;
	} rows[] = {
		{"https://hooks.slack.com/services/T000/B000/abcdWXYZ", "https://hooks.slack.com/…WXYZ"},
		{"https://example.com:8443/a/long/secret/path?token=verysecret#part", "https://example.com:8443/…path"},
		{"https://user:secret@example.com/a/long/secret/path", "https://example.com/…path"},
		{"https://example.com/", "https://example.com/…"},
		{"https://example.com", "https://example.com/…"},
		{"https://example.com/?token=verysecretindeed", "https://example.com/…"},
		{"https://example.com/short", "https://example.com/…"},
		{"https://example.com/a/long/secret/ключ", "https://example.com/…ключ"},
		{"http://[2606:4700::1111]:81/0123456789abcdef", "http://[2606:4700::1111]:81/…cdef"},
		{"https://%ff/0123456789abcdef", "…"},
		{"no URL", "…"},
		{"", "…"},
	};
	struct arena *a = arena_new(1024, KIB(64));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct text shown = outgoing_url_masked(a, text_from(rows[i].url));
		if (!text_is(shown, rows[i].shown)) fail_msg("%s: %.*s", rows[i].url, TEXT_ARGS(shown));
	}
	assert_true(text_is(outgoing_url_masked(a, TEXT_ABSENT), "…"));
	assert_true(text_is(outgoing_url_masked(a, TEXT("https://a/\0secret secret secret")), "…"));
	arena_free(a);
}

static void test_mail_address(void **state)
{
	(void)state;
	static const char *const good[] = {
		"a@b", "first.last@example.com", "o'brien+tag@sub.example.co", "x_y-z=1@1-2.example", "root@localhost"};
	static const char *const bad[] = {"", "a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b c", "a@b\r\nRCPT TO:<c@d>", "a\t@b",
		"Name <a@b>", "<a@b>", "a@b,c@d", "a@b;c@d", "\"a b\"@c", "a..b@c", ".a@c", "a.@c", "a@.c", "a@c.", "a@c..d", "a@-c",
		"a@c-", "a@[127.0.0.1]", "a@b>", "a(x)@b", "a@b_c", "\xd0\xb6@b", "a@\xd0\xb6.b", "a@b\x7f",
		"12345678901234567890123456789012345678901234567890123456789012345@long.local",
		"a@1234567890123456789012345678901234567890123456789012345678901234.b"};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (!outgoing_mail_address_valid(text_from(good[i]))) fail_msg("%s", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (outgoing_mail_address_valid(text_from(bad[i]))) fail_msg("%s", bad[i]);
	assert_false(outgoing_mail_address_valid(TEXT_ABSENT));
	assert_false(outgoing_mail_address_valid(TEXT("a\0b@c")));
	assert_false(outgoing_mail_address_valid(TEXT("a@b\0c")));

	char at_limit[256] = "a@";
	for (size_t i = 2; i < 255; i++) at_limit[i] = i % 50 == 0 ? '.' : 'b';
	assert_true(outgoing_mail_address_valid((struct text){at_limit, 254}));
	assert_false(outgoing_mail_address_valid((struct text){at_limit, 255}));
}

static void test_mail_server(void **state)
{
	(void)state;
	static const char *const good[] = {"smtp://mail.example.com", "smtps://mail.example.com:465",
		"smtp://user:p%40ss@mail.example.com:587", "smtp://localhost:25", "smtp://127.0.0.1:1025",
		"smtp://[::1]:25/name.of.client"};
	static const char *const bad[] = {"", "mail.example.com", "http://mail.example.com", "smtp://", "smtp:///",
		"smtp://user:secret@", "smtp:host", "smtp://host:0", "smtp://host:99999", "smtp://ho st", "imap://mail.example.com",
		"smtp://user:secret@host\r\nx"};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct err err = {0};
		if (outgoing_mail_server_check(good[i], &err) != RC_OK) fail_msg("%s: %s", good[i], err.text);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err err = {0};
		if (outgoing_mail_server_check(bad[i], &err) != RC_INVALID) fail_msg("%s", bad[i]);
		assert_non_null(strstr(err.text, "smtp://"));
		assert_null(strstr(err.text, "secret"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_masked),
		cmocka_unit_test(test_mail_address),
		cmocka_unit_test(test_mail_server),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
