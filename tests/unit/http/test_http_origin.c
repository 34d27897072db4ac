/* Origins: which pages are the server's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/http_origin.h"

static const struct {
	const char *origin, *other;
	bool same;
} hosts[] =
	{
		{"http://127.0.0.1:8080", "127.0.0.1:8080", true},
		{"https://v.example", "v.example", true},
		{"https://V.Example", "v.example", true},
		{"https://v.example", "v.example:443", true},
		{"https://v.example:443", "v.example", true},
		{"http://v.example", "v.example:80", true},
		{"https://v.example:8443", "v.example:8443", true},
		{"http://[2001:db8::1]:8080", "[2001:db8::1]:8080", true},
		{"http://[2001:db8::1]", "[2001:db8::1]", true},
		{"http://v.example", "v.example:443", false},
		{"https://v.example", "v.example:8443", false},
		{"https://v.example:8443", "v.example", false},
		{"https://evil.example", "v.example", false},
		{"https://v.example.evil.example", "v.example", false},
		{"https://evil-v.example", "v.example", false},
		{"https://v.example@evil.example", "v.example", false},
		{"http://[2001:db8::1]", "[2001:db8::2]", false},
		{"null", "v.example", false},
		{"null", "null", false},
		{"", "v.example", false},
		{"", "", false},
		{"https://", "", false},
		{"https://:443", ":443", false},
		{"://v.example", "v.example", false},
		{"v.example", "v.example", false},
		{"https:v.example", "v.example", false},
},
  urls[] = {
	  {"https://v.example", "https://v.example", true},
	  {"https://v.example", "https://v.example/deep/page", true},
	  {"https://v.example:443", "https://v.example", true},
	  {"https://v.example", "https://v.example:443/", true},
	  {"https://v.example", "http://v.example", false},
	  {"http://v.example", "https://v.example", false},
	  {"https://v.example", "https://v.example.org", false},
	  {"https://v.example", "not an address", false},
	  {"null", "https://v.example", false},
	  {"https://v.example", NULL, false},
};

static void hosts_are_compared(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
		if (origin_of_host(text_from(hosts[i].origin), text_from(hosts[i].other)) != hosts[i].same)
			fail_msg("\"%s\" and \"%s\"", hosts[i].origin, hosts[i].other);
	assert_false(origin_of_host(TEXT_ABSENT, TEXT("v.example")));
	assert_false(origin_of_host(TEXT("https://v.example"), TEXT_ABSENT));
}

static void addresses_are_compared(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
		if (origin_of_url(text_from(urls[i].origin), urls[i].other) != urls[i].same)
			fail_msg("\"%s\" and \"%s\"", urls[i].origin, urls[i].other ? urls[i].other : "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(hosts_are_compared), cmocka_unit_test(addresses_are_compared)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
