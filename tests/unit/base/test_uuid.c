/* base/uuid: form, order also between threads, and the bound of a millisecond. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/uuid.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void has_the_form_of_version_7(void **state)
{
	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		char id[UUID_SIZE];
		uuid_new(id);
		assert_int_equal(strlen(id), UUID_SIZE - 1);
		assert_true(uuid_valid(text_from(id)));
		assert_int_equal(id[14], '7');
		assert_non_null(strchr("89ab", id[19]));
		for (size_t k = 0; k < UUID_SIZE - 1; k++) assert_false(id[k] >= 'A' && id[k] <= 'F');
	}
}

static void holds_the_time(void **state)
{
	(void)state;
	time_us before = clock_now();
	char id[UUID_SIZE], digits[13] = "";
	uuid_new(id);
	memcpy(digits, id, 8);
	memcpy(digits + 8, id + 9, 4);
	time_us told = (time_us)strtoull(digits, NULL, 16) * 1000;
	assert_true(told >= before - 1000);
	assert_true(told <= clock_now() + SECONDS_US(1));
}

static void each_is_greater_than_the_last(void **state)
{
	(void)state;
	char last[UUID_SIZE], id[UUID_SIZE];
	uuid_new(last);
	for (size_t i = 0; i < 100000; i++) { /* more than 4096 a millisecond: the counter overflows */
		uuid_new(id);
		assert_true(strcmp(id, last) > 0);
		memcpy(last, id, sizeof id);
	}
}

static void random_bits_vary(void **state)
{
	(void)state;
	unsigned char seen[32][16] = {{0}}; /* position and digit */
	unsigned char variants[5] = {0};
	for (size_t i = 0; i < 2000; i++) {
		char id[UUID_SIZE];
		uuid_new(id);
		variants[strcspn("89ab", (char[]){id[19], '\0'})] = 1;
		for (size_t k = 20; k < UUID_SIZE - 1; k++)
			if (k != 23) seen[k - 20][strtoul((char[]){id[k], '\0'}, NULL, 16)] = 1;
	}
	assert_memory_equal(variants, "\1\1\1\1\0", 5);
	for (size_t k = 20; k < UUID_SIZE - 1; k++)
		for (size_t digit = 0; k != 23 && digit < 16; digit++) assert_true(seen[k - 20][digit]);
}

enum { THREADS = 4, EACH = 5000 };

static void *make_many(void *ids)
{
	for (size_t i = 0; i < EACH; i++) uuid_new(((char(*)[UUID_SIZE])ids)[i]);
	return NULL;
}

static int order(const void *a, const void *b)
{
	return memcmp(a, b, UUID_SIZE);
}

static void threads_share_one_order(void **state)
{
	(void)state;
	static char ids[THREADS][EACH][UUID_SIZE];
	pthread_t threads[THREADS];
	for (size_t i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&threads[i], NULL, make_many, ids[i]), 0);
	for (size_t i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
	for (size_t i = 0; i < THREADS; i++)
		for (size_t k = 1; k < EACH; k++) assert_true(strcmp(ids[i][k - 1], ids[i][k]) < 0);
	qsort(ids, (size_t)THREADS * EACH, UUID_SIZE, order);
	const char(*all)[UUID_SIZE] = (const char(*)[UUID_SIZE])ids;
	for (size_t i = 1; i < (size_t)THREADS * EACH; i++) /* time and counter, without the random bits, differ already */
		assert_int_not_equal(memcmp(all[i - 1], all[i], 18), 0);
	char after[UUID_SIZE];
	uuid_new(after);
	assert_true(strcmp(after, all[THREADS * EACH - 1]) > 0);
}

static void floor_bounds_the_millisecond(void **state)
{
	(void)state;
	char id[UUID_SIZE];
	uuid_floor(1779631565890103, id);
	assert_string_equal(id, "019e5a4e-ac42-7000-8000-000000000000");
	uuid_floor(1779631565890999, id);
	assert_string_equal(id, "019e5a4e-ac42-7000-8000-000000000000");
	uuid_floor(1779631565891000, id);
	assert_string_equal(id, "019e5a4e-ac43-7000-8000-000000000000");
	uuid_floor(0, id);
	assert_string_equal(id, "00000000-0000-7000-8000-000000000000");
	uuid_floor(TIME_NONE, id);
	assert_string_equal(id, "00000000-0000-7000-8000-000000000000");
	uuid_floor(INT64_MAX, id);
	assert_true(uuid_valid(text_from(id)));
	char made[UUID_SIZE];
	uuid_floor(clock_now(), id);
	uuid_new(made);
	assert_true(strcmp(id, made) <= 0);
}

static void tells_uuids_from_others(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool valid;
	} rows[] = {
		{"019e5b12-7a02-7000-8000-000000000000", true},
		{"C56A4180-65AA-42EC-A945-5FD21DEC0538", true},
		{"00000000-0000-0000-0000-000000000000", true},
		{"", false},
		{"019e5b127a0270008000000000000000", false},
		{"019e5b12-7a02-7000-8000-00000000000", false},
		{"019e5b12-7a02-7000-8000-0000000000000", false},
		{"{19e5b12-7a02-7000-8000-00000000000}", false},
		{"019e5b12-7a02-7000-8000-00000000000g", false},
		{"019e5b12-7a02-7000-8000-00000000000@", false},
		{"019e5b12-7a02-7000-8000-00000000000`", false},
		{"019e5b12-7a02-7000-8000000-000000000", false},
		{"019e5b12_7a02-7000-8000-000000000000", false},
		{"------------------------------------", false},
		{"019e5b12-7a02-7000-8000-0000000000\xC3\xA9", false},
	};
	for (size_t i = 0; i < COUNT(rows); i++) assert_int_equal(uuid_valid(text_from(rows[i].text)), rows[i].valid);
	assert_false(uuid_valid(TEXT_ABSENT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_the_form_of_version_7),
		cmocka_unit_test(holds_the_time),
		cmocka_unit_test(each_is_greater_than_the_last),
		cmocka_unit_test(random_bits_vary),
		cmocka_unit_test(threads_share_one_order),
		cmocka_unit_test(floor_bounds_the_millisecond),
		cmocka_unit_test(tells_uuids_from_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
