/* Cookies: the one that is asked for is found among whatever else a browser sends, and nothing that is not quite it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/http_cookie.h"

static const struct {
	const char *header, *value; /* NULL: none */
} rows[] = {
	{"session=abc", "abc"},
	{"session=", ""},
	{"a=1; session=abc", "abc"},
	{"a=1; session=abc; b=2", "abc"},
	{"a=1;session=abc;b=2", "abc"},
	{"  session=abc  ", "abc"},
	{"session = abc", "abc"},
	{"session=a=b==", "a=b=="},
	{"session=abc;", "abc"},
	{";;; session=abc ;;", "abc"},
	{"noise; session=abc", "abc"},
	{"json={\"a\":1}; session=abc", "abc"},
	{"other=\xc3\xa9; session=abc", "abc"},
	{"=x; session=abc", "abc"},
	{"session=!#$%&'()*+-./:<=>?@[]^_`{|}~", "!#$%&'()*+-./:<=>?@[]^_`{|}~"},
	/* Not it. */
	{"", NULL},
	{"session", NULL},
	{"Session=abc", NULL},
	{"SESSION=abc", NULL},
	{"xsession=abc", NULL},
	{"sessionx=abc", NULL},
	{"__Host-session=abc", NULL},
	{"\xc2\xa0session=abc", NULL},
	{"a=session=abc", NULL},
	{"a=\"; xsession=abc\"", NULL},
	/* Twice. */
	{"session=abc; session=abc", NULL},
	{"session=abc; a=1; session=xyz", NULL},
	{"session=; session=abc", NULL},
	/* No value of a cookie. */
	{"session=\"abc\"", NULL},
	{"session=a b", NULL},
	{"session=a,b", NULL},
	{"session=a\\b", NULL},
	{"session=a\tb", NULL},
	{"session=\xc3\xa9", NULL},
	{"session=a\x7f", NULL},
};

static void the_cookie_is_found_or_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct text found = cookie_find(text_from(rows[i].header), TEXT("session"));
		bool right = rows[i].value ? text_is(found, rows[i].value) : !found.p;
		if (!right) fail_msg("\"%s\" gives \"%.*s\"", rows[i].header, TEXT_ARGS(found));
	}
	assert_null(cookie_find(TEXT_ABSENT, TEXT("session")).p);
	assert_null(cookie_find((struct text){"session=a\0b", 11}, TEXT("session")).p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_cookie_is_found_or_not)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
