/* What may not be a password, and what may. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "actions/people.h"

#define E_ACUTE "\xc3\xa9"
#define OWL "\xf0\x9f\xa6\x89"
#define FIFTY "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghij"

static const struct {
	const char *password, *email, *part; /* of the sentence; NULL: fine */
} ROWS[] = {
	{"correct horse", "ada@example.com", NULL},
	{"ten chars!", "ada@example.com", NULL},
	{"nine char", "ada@example.com", "at least 10"},
	{"", "ada@example.com", "at least 10"},
	{E_ACUTE "bc" E_ACUTE "efghij", "ada@example.com", NULL}, /* characters, not bytes */
	{E_ACUTE "bc" E_ACUTE "efgh", "ada@example.com", "at least 10"},
	{FIFTY FIFTY FIFTY FIFTY FIFTY "abcdef", "a@b", NULL}, /* 256 */
	{FIFTY FIFTY FIFTY FIFTY FIFTY "abcdefg", "a@b", "at most 256"},
	{"ada@example.com", "ada@example.com", "e-mail"},
	{"ADA@Example.com", "ada@example.com", "e-mail"},
	{"adalovelace", "adalovelace@example.com", "e-mail"},
	{"AdaLovelace", "adalovelace@example.com", "e-mail"},
	{"adalovelace1", "adalovelace@example.com", NULL},
	{"aaaaaaaaaa", "a@b", "repeated"},
	{"          ", "a@b", "repeated"},
	{OWL OWL OWL OWL OWL OWL OWL OWL OWL OWL, "a@b", "repeated"},
	{OWL OWL OWL OWL OWL OWL OWL OWL OWL "x", "a@b", NULL},
	{"aaaaaaaaab", "a@b", NULL},
	{"1234567890", "a@b", "everybody tries"},
	{"Password123", "a@b", "everybody tries"},
	{"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8\xf7\xf6\xf5", "a@b", "UTF-8"},
};

static void each_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
		const char *trouble = password_trouble(text_from(ROWS[i].password), text_from(ROWS[i].email));
		if (!trouble != !ROWS[i].part || (trouble && !strstr(trouble, ROWS[i].part)))
			fail_msg("row %zu: %s", i, trouble ? trouble : "fine");
	}
	assert_non_null(password_trouble(TEXT_ABSENT, TEXT("a@b")));
	assert_null(password_trouble(TEXT("correct\0horse"), TEXT_ABSENT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_row)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
