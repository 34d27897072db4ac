/* base/secret: known digests, even letters, passwords. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static int set_up(void **state)
{
	(void)state;
	struct err err;
	return secret_init(&err) == RC_OK && secret_init(&err) == RC_OK ? 0 : -1;
}

static void digests_are_blake2b_256(void **state)
{
	(void)state;
	static const struct {
		struct text in;
		const char *hex;
	} rows[] = {
		{{"", 0}, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"},
		{{"abc", 3}, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"},
		{{NULL, 0}, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		char hex[DIGEST_HEX_SIZE];
		digest_hex(rows[i].in, hex);
		assert_string_equal(hex, rows[i].hex);
		uint8_t bytes[DIGEST_BYTES], read[DIGEST_BYTES];
		digest(rows[i].in, bytes);
		assert_true(digest_from_hex(text_from(hex), read));
		assert_true(digest_equal(bytes, read));
		read[DIGEST_BYTES - 1] ^= 1;
		assert_false(digest_equal(bytes, read));
	}
}

static void hexadecimal_must_be_whole(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"00",
		"0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a",
		"0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a80",
		"0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3ag",
		" e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8",
		NULL,
	};
	for (size_t i = 0; i < COUNT(bad); i++) {
		uint8_t out[DIGEST_BYTES] = {42};
		assert_false(digest_from_hex(text_from(bad[i]), out));
		assert_int_equal(out[0], 42);
	}
	uint8_t upper[DIGEST_BYTES];
	assert_true(digest_from_hex(TEXT("BDDD813C634239723171EF3FEE98579B94964E3BB1CB3E427262C8C068D52319"), upper));
	assert_int_equal(upper[0], 0xBD);
}

static void letters_are_drawn_evenly(void **state)
{
	(void)state;
	enum { DRAWN = 62 * 1000 };
	static char out[DRAWN + 2];
	out[DRAWN + 1] = '!';
	random_alnum(out, DRAWN);
	assert_int_equal(strlen(out), DRAWN);
	assert_int_equal(out[DRAWN + 1], '!');
	size_t counts[256] = {0}, kinds = 0;
	for (size_t i = 0; i < DRAWN; i++) counts[(unsigned char)out[i]]++;
	for (size_t c = 0; c < 256; c++) {
		bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		kinds += counts[c] > 0;
		if (alnum) assert_in_range(counts[c], 780, 1220); /* 7 standard deviations */
		if (!alnum) assert_int_equal(counts[c], 0);
	}
	assert_int_equal(kinds, 62);
	char none[1] = {'x'};
	random_alnum(none, 0);
	assert_int_equal(none[0], '\0');
}

/* The first eight letters would come a quarter more often than the others if bytes were taken modulo 62. */
static void first_letters_are_not_favoured(void **state)
{
	(void)state;
	static char out[62 * 1000 + 1];
	random_alnum(out, sizeof out - 1);
	size_t first = 0;
	for (size_t i = 0; i < sizeof out - 1; i++) first += out[i] >= 'A' && out[i] <= 'H';
	assert_in_range(first, 7400, 8600); /* 8000 expected, 84 the standard deviation; 9700 when favoured */
}

static void random_bytes_fill_all(void **state)
{
	(void)state;
	unsigned char seen[34] = {0}, bytes[34];
	for (size_t i = 0; i < 64; i++) {
		memset(bytes, 0, sizeof bytes);
		random_bytes(bytes + 1, 32);
		assert_int_equal(bytes[0] | bytes[33], 0);
		for (size_t k = 0; k < sizeof bytes; k++) seen[k] |= bytes[k];
	}
	for (size_t k = 1; k <= 32; k++) assert_int_equal(seen[k], 0xFF);
}

static void passwords(void **state)
{
	(void)state;
	char hash[PASSWORD_HASH_SIZE], other[PASSWORD_HASH_SIZE];
	struct err err;
	assert_int_equal(password_hash(TEXT("correct horse"), hash, &err), RC_OK);
	assert_int_equal(password_hash(TEXT("correct horse"), other, &err), RC_OK);
	assert_memory_equal(hash, "$argon2id$", 10);
	assert_string_not_equal(hash, other); /* salted */
	assert_true(password_verify(TEXT("correct horse"), hash));
	assert_false(password_verify(TEXT("correct horsf"), hash));
	assert_false(password_verify(TEXT("correct horse\0"), hash));
	assert_false(password_verify(TEXT_ABSENT, hash));
	assert_false(password_verify(TEXT("correct horse"), NULL));
	assert_false(password_verify(TEXT("correct horse"), ""));
	assert_false(password_verify(TEXT("correct horse"), "correct horse"));
	assert_false(password_verify(TEXT("correct horse"), "$argon2id$v=19$m=65536,t=2,p=1$"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_are_blake2b_256),
		cmocka_unit_test(hexadecimal_must_be_whole),
		cmocka_unit_test(letters_are_drawn_evenly),
		cmocka_unit_test(first_letters_are_not_favoured),
		cmocka_unit_test(random_bytes_fill_all),
		cmocka_unit_test(passwords),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
