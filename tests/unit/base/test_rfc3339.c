/* Times as text: the same as the C library's calendar for every day, nothing that does not exist is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const time_us year_1 = -SECONDS_US(62135596800), year_10000 = SECONDS_US(253402300800);

static void assert_formats(time_us t, const char *expected)
{
	char out[RFC3339_SIZE];
	assert_int_equal(rfc3339_format(t, out), RFC3339_SIZE - 1);
	assert_string_equal(out, expected);
}

static void formats(void **state)
{
	(void)state;
	assert_formats(0, "1970-01-01T00:00:00.000000Z");
	assert_formats(-1, "1969-12-31T23:59:59.999999Z");
	assert_formats(1779631565890103, "2026-05-24T14:06:05.890103Z");
	assert_formats(SECONDS_US(951782399), "2000-02-28T23:59:59.000000Z");
	assert_formats(SECONDS_US(951782400), "2000-02-29T00:00:00.000000Z");
	assert_formats(year_1, "0001-01-01T00:00:00.000000Z");
	assert_formats(year_10000 - 1, "9999-12-31T23:59:59.999999Z");
}

static void clamps(void **state)
{
	(void)state;
	assert_formats(year_1 - 1, "0001-01-01T00:00:00.000000Z");
	assert_formats(TIME_NONE, "0001-01-01T00:00:00.000000Z");
	assert_formats(year_10000, "9999-12-31T23:59:59.999999Z");
	assert_formats(INT64_MAX, "9999-12-31T23:59:59.999999Z");
}

/* Each of the 3652059 days, against gmtime_r, there and back. */
static void agrees_with_the_c_library_on_every_day(void **state)
{
	(void)state;
	for (time_us t = year_1 + DAYS_US(1) - 1; t < year_10000; t += DAYS_US(1)) {
		time_t seconds = (t - 999999) / 1000000;
		struct tm tm;
		gmtime_r(&seconds, &tm);
		char out[RFC3339_SIZE], digits[9];
		rfc3339_format(t, out);
		int date = (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday;
		memcpy(digits, out, 4);
		memcpy(digits + 4, out + 5, 2);
		memcpy(digits + 6, out + 8, 2);
		int ours = 0;
		for (size_t i = 0; i < 8; i++) ours = ours * 10 + digits[i] - '0';
		time_us back;
		if (ours != date || strcmp(out + 10, "T23:59:59.999999Z") != 0) fail_msg("%s is not %d", out, date);
		if (!rfc3339_parse((struct text){out, RFC3339_SIZE - 1}, &back) || back != t) fail_msg("%s does not read back", out);
	}
}

static const struct {
	const char *text, *same;
} good[] = {
	{"2026-05-24T14:06:05Z", "2026-05-24T14:06:05.000000Z"},
	{"2026-05-24t14:06:05z", "2026-05-24T14:06:05.000000Z"},
	{"2026-05-24 14:06:05Z", "2026-05-24T14:06:05.000000Z"},
	{"2026-05-24T14:06:05.1Z", "2026-05-24T14:06:05.100000Z"},
	{"2026-05-24T14:06:05.000001Z", "2026-05-24T14:06:05.000001Z"},
	{"2026-05-24T14:06:05.9999999Z", "2026-05-24T14:06:05.999999Z"},
	{"2026-05-24T14:06:05.12345678901234567890123456789012345678901234567890Z", "2026-05-24T14:06:05.123456Z"},
	{"2026-05-24T14:06:05+02:00", "2026-05-24T12:06:05.000000Z"},
	{"2026-05-24T14:06:05-00:00", "2026-05-24T14:06:05.000000Z"},
	{"2026-05-24T14:06:05.5-23:59", "2026-05-25T14:05:05.500000Z"},
	{"2026-05-24T14:06:05+23:59", "2026-05-23T14:07:05.000000Z"},
	{"2026-01-01T00:30:00+05:45", "2025-12-31T18:45:00.000000Z"},
	{"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z"},
	{"2016-12-31T23:59:60.999Z", "2017-01-01T00:00:00.000000Z"},
	{"2017-01-01T08:59:60+09:00", "2017-01-01T00:00:00.000000Z"},
	{"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z"},
	{"2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000000Z"},
	{"0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"},
	{"0001-01-01T00:00:00-23:59", "0001-01-01T23:59:00.000000Z"},
	{"9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"},
	{"9999-12-31T23:59:59+00:01", "9999-12-31T23:58:59.000000Z"},
};

static const char *const bad[] = {
	"",
	"2",
	"2026-05-24",
	"2026-05-24T14:06:05",
	"2026-05-24T14:06Z",
	"2026-05-24T14:06:05.Z",
	"2026-05-24T14:06:05,5Z",
	"2026-05-24T14:06:05ZZ",
	"2026-05-24T14:06:05Z ",
	" 2026-05-24T14:06:05Z",
	"2026-05-24  14:06:05Z",
	"2026-05-24_14:06:05Z",
	"2026-13-24T14:06:05Z",
	"2026-00-24T14:06:05Z",
	"2026-05-00T14:06:05Z",
	"2026-05-32T14:06:05Z",
	"2026-04-31T14:06:05Z",
	"2026-02-29T14:06:05Z",
	"1900-02-29T14:06:05Z",
	"2100-02-29T14:06:05Z",
	"2024-02-30T14:06:05Z",
	"2026-05-24T24:00:00Z",
	"2026-05-24T14:60:05Z",
	"2026-05-24T14:06:61Z",
	"2026-05-24T14:06:05+24:00",
	"2026-05-24T14:06:05+02:60",
	"2026-05-24T14:06:05+2:00",
	"2026-05-24T14:06:05+0200",
	"2026-05-24T14:06:05+02",
	"2026-05-24T14:06:05+02:0",
	"2026-05-24T14:06:05+",
	"2026-05-24T14:06:05.5",
	"2026-5-24T14:06:05Z",
	"26-05-24T14:06:05Z",
	"+2026-05-24T14:06:05Z",
	"-026-05-24T14:06:05Z",
	"12026-05-24T14:06:05Z",
	"0000-12-31T23:59:59Z",
	"0001-01-01T00:00:00+00:01",
	"9999-12-31T23:59:59-00:01",
	"9999-12-31T23:59:60Z",
	"2026-05-24T14:-6:05Z",
	"2026-05-24T14:06:05\xE2\x88\x92\x30\x32:00",
	"20260524T140605Z",
	"1779631565",
	"now",
	"null",
};

static void reads_what_is_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		time_us t;
		if (!rfc3339_parse(text_from(good[i].text), &t)) fail_msg("refused: %s", good[i].text);
		assert_formats(t, good[i].same);
	}
}

static void refuses_what_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		time_us t = 42;
		if (rfc3339_parse(text_from(bad[i]), &t) || t != 42) fail_msg("taken: %s", bad[i]);
	}
	time_us t = 42;
	assert_false(rfc3339_parse(TEXT_ABSENT, &t));
	assert_false(rfc3339_parse(TEXT("2026-05-24T14:06:05\0"), &t));
	assert_false(rfc3339_parse(TEXT("2026-05-24\0"
									"14:06:05Z"),
		&t));
	struct text whole = TEXT("2026-05-24T14:06:05.890103+02:00");
	for (size_t n = 0; n < whole.n; n++) assert_false(rfc3339_parse((struct text){whole.p, n}, &t));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats),
		cmocka_unit_test(clamps),
		cmocka_unit_test(agrees_with_the_c_library_on_every_day),
		cmocka_unit_test(reads_what_is_right),
		cmocka_unit_test(refuses_what_is_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
