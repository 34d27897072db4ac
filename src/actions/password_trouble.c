/* What may not be a password (declared in people.h). */
#include <stdio.h>
#include <string.h>

#include "actions/people.h"

/* Of those that are long enough, what everybody tries first. In lower case. */
static const char *const COMMON[] = {
	"0123456789",
	"0987654321",
	"1122334455",
	"1212121212",
	"1234512345",
	"1234554321",
	"123456789a",
	"12345678910",
	"1234567890",
	"12345678901",
	"123456789012",
	"1q2w3e4r5t",
	"1q2w3e4r5t6y",
	"1qaz2wsx3edc",
	"987654321a",
	"9876543210",
	"a123456789",
	"abc1234567",
	"abcd123456",
	"abcdefghij",
	"admin12345",
	"administrator",
	"adminadmin",
	"asdfghjkl1",
	"asdfghjkl;",
	"baseball123",
	"changeme123",
	"changemenow",
	"correcthorsebatterystaple",
	"football123",
	"helloworld",
	"iloveyou12",
	"iloveyou123",
	"letmein123",
	"liverpool1",
	"manchester",
	"master1234",
	"monkey1234",
	"p@ssw0rd123",
	"passw0rd123",
	"password01",
	"password1!",
	"password11",
	"password12",
	"password123",
	"password1234",
	"password12345",
	"password!!",
	"passwordpassword",
	"princess123",
	"q1w2e3r4t5",
	"q1w2e3r4t5y6",
	"qazwsxedcrfv",
	"qwerty1234",
	"qwerty12345",
	"qwerty123456",
	"qwertyuiop",
	"qwertyuiop123",
	"samsung123",
	"secret1234",
	"starwars123",
	"sunshine123",
	"superman123",
	"test123456",
	"testtest123",
	"versioner1",
	"versioner123",
	"welcome123",
	"welcome1234",
	"zaq12wsxcde3",
	"zaq1xsw2cde3",
};

static bool same_nocase(struct text a, struct text b)
{
	return b.n > 0 && text_equal_nocase(a, b);
}

static bool one_character(struct text t)
{
	size_t first = 1;
	while (first < t.n && ((unsigned char)t.p[first] & 0xc0) == 0x80) first++;
	for (size_t i = first; i < t.n; i += first)
		if (t.n - i < first || memcmp(t.p, t.p + i, first) != 0) return false;
	return true;
}

static bool is_common(struct text t)
{
	for (size_t i = 0; i < sizeof COMMON / sizeof *COMMON; i++)
		if (text_equal_nocase(t, text_from(COMMON[i]))) return true;
	return false;
}

const char *password_trouble(struct text password, struct text email)
{
	_Static_assert(PASSWORD_LEAST == 10 && PASSWORD_MOST == 256, "as the sentences say");
	struct text rest = email, local;
	if (!password.p || !utf8_valid(password)) return "A password is text in UTF-8";
	size_t length = utf8_length(password);
	if (length < PASSWORD_LEAST) return "A password has at least 10 characters";
	if (length > PASSWORD_MOST) return "A password has at most 256 characters";
	if (!text_split(&rest, '@', &local)) local = TEXT_ABSENT;
	if (same_nocase(password, email) || same_nocase(password, local)) return "A password must not be the e-mail address";
	if (one_character(password)) return "A password must not be one character repeated";
	if (is_common(password)) return "This password is one of the first that everybody tries";
	return NULL;
}
