/* Times as RFC 3339 text, by the arithmetic of the proleptic Gregorian calendar: the C library's calendar functions are
 * several times slower, depend on time zones, and accept dates that do not exist. */
#include <string.h>

#include "base/clock.h"

/* 0001-01-01T00:00:00Z and the last microsecond of 9999-12-31 */
static const time_us earliest = SECONDS_US(-62135596800);
static const time_us latest = SECONDS_US(253402300800) - 1;

struct date {
	int64_t year;
	unsigned month, day;
};

/* The calendar is counted in eras of 400 years (146097 days) that begin on 1 March, which puts the leap day at the end of
 * a year. 719468 is the number of days from 0000-03-01 to 1970-01-01. Both functions hold for years 1 to 9999. */
enum { ERA_DAYS = 146097, EPOCH_DAYS = 719468 };

static int64_t days_from_date(struct date d)
{
	int64_t year = d.month <= 2 ? d.year - 1 : d.year;
	int64_t era = year / 400;
	int64_t year_of_era = year % 400;
	int64_t day_of_year = (153 * (int64_t)(d.month > 2 ? d.month - 3 : d.month + 9) + 2) / 5 + d.day - 1;
	return era * ERA_DAYS + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - EPOCH_DAYS;
}

static struct date date_from_days(int64_t days)
{
	days += EPOCH_DAYS;
	int64_t era = days / ERA_DAYS;
	int64_t day = days % ERA_DAYS;
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t day_of_year = day - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * day_of_year + 2) / 153; /* 0 is March */
	return (struct date){
		.year = era * 400 + year + (month >= 10),
		.month = (unsigned)(month < 10 ? month + 3 : month - 9),
		.day = (unsigned)(day_of_year - (153 * month + 2) / 5 + 1),
	};
}

static unsigned days_in_month(int64_t year, unsigned month)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return month == 2 && leap ? 29 : days[month - 1];
}

static void put_digits(char *at, size_t count, uint64_t value)
{
	while (count-- > 0) {
		at[count] = (char)('0' + value % 10);
		value /= 10;
	}
}

size_t rfc3339_format(time_us t, char out[static RFC3339_SIZE])
{
	if (t < earliest) t = earliest;
	if (t > latest) t = latest;
	int64_t days = t / DAYS_US(1);
	int64_t rest = t % DAYS_US(1);
	if (rest < 0) {
		rest += DAYS_US(1);
		days--;
	}
	struct date date = date_from_days(days);
	uint64_t second = (uint64_t)(rest / SECONDS_US(1));
	memcpy(out, "0000-00-00T00:00:00.000000Z", RFC3339_SIZE);
	put_digits(out, 4, (uint64_t)date.year);
	put_digits(out + 5, 2, date.month);
	put_digits(out + 8, 2, date.day);
	put_digits(out + 11, 2, second / 3600);
	put_digits(out + 14, 2, second / 60 % 60);
	put_digits(out + 17, 2, second % 60);
	put_digits(out + 20, 6, (uint64_t)(rest % SECONDS_US(1)));
	return RFC3339_SIZE - 1;
}

static bool take_char(struct text *t, const char *allowed)
{
	if (t->n == 0 || t->p[0] == '\0' || !strchr(allowed, t->p[0])) return false;
	t->p++;
	t->n--;
	return true;
}

static bool take_digits(struct text *t, size_t count, unsigned least, unsigned most, unsigned *ret)
{
	if (t->n < count) return false;
	unsigned value = 0;
	for (size_t i = 0; i < count; i++) {
		if (t->p[i] < '0' || t->p[i] > '9') return false;
		value = value * 10 + (unsigned)(t->p[i] - '0');
	}
	if (value < least || value > most) return false;
	t->p += count;
	t->n -= count;
	*ret = value;
	return true;
}

static bool take_date(struct text *t, struct date *ret)
{
	unsigned year, month, day;
	if (!take_digits(t, 4, 1, 9999, &year) || !take_char(t, "-")) return false;
	if (!take_digits(t, 2, 1, 12, &month) || !take_char(t, "-")) return false;
	if (!take_digits(t, 2, 1, days_in_month(year, month), &day)) return false;
	*ret = (struct date){.year = year, .month = month, .day = day};
	return true;
}

/* "" or "." and digits */
static bool take_fraction(struct text *t, int64_t *ret_us)
{
	*ret_us = 0;
	if (!take_char(t, ".")) return true;
	int64_t unit = SECONDS_US(1) / 10;
	size_t n = 0;
	for (; n < t->n && t->p[n] >= '0' && t->p[n] <= '9'; n++) {
		*ret_us += (t->p[n] - '0') * unit;
		unit /= 10;
	}
	t->p += n;
	t->n -= n;
	return n > 0;
}

static bool take_offset(struct text *t, int64_t *ret_us)
{
	*ret_us = 0;
	if (take_char(t, "Zz")) return true;
	bool west = t->n > 0 && t->p[0] == '-';
	unsigned hours, minutes;
	if (!take_char(t, "+-") || !take_digits(t, 2, 0, 23, &hours)) return false;
	if (!take_char(t, ":") || !take_digits(t, 2, 0, 59, &minutes)) return false;
	*ret_us = SECONDS_US((int64_t)hours * 3600 + minutes * 60) * (west ? -1 : 1);
	return true;
}

bool rfc3339_parse(struct text t, time_us *ret)
{
	struct date date;
	unsigned hour, minute, second;
	int64_t fraction, offset;
	if (!take_date(&t, &date) || !take_char(&t, "Tt ")) return false;
	if (!take_digits(&t, 2, 0, 23, &hour) || !take_char(&t, ":")) return false;
	if (!take_digits(&t, 2, 0, 59, &minute) || !take_char(&t, ":")) return false;
	if (!take_digits(&t, 2, 0, 60, &second)) return false;
	if (!take_fraction(&t, &fraction) || !take_offset(&t, &offset) || t.n > 0) return false;
	if (second == 60) fraction = 0;
	time_us time = DAYS_US(days_from_date(date)) + SECONDS_US((int64_t)hour * 3600 + minute * 60 + second) + fraction - offset;
	if (time < earliest || time > latest) return false;
	*ret = time;
	return true;
}
