/* base/secret: known digests, even letters, passwords. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
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

static void a_digest_of_pieces_is_that_of_the_whole(void **state)
{
	(void)state;
	char bytes[1000], whole[DIGEST_HEX_SIZE], pieces[DIGEST_HEX_SIZE];
	struct digest_run run;
	memset(bytes, 'x', sizeof bytes);
	digest_start(&run);
	for (size_t at = 0, n = 0; at + n <= sizeof bytes; at += n, n = n * 2 + 1) {
		digest_more(&run, (struct text){bytes + at, n});
		digest_so_far(&run, pieces);
		digest_hex((struct text){bytes, at + n}, whole);
		assert_string_equal(pieces, whole);
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

static void assert_hmac(struct text key, struct text data, const char *expected)
{
	uint8_t mac[32];
	char hex[65];
	for (size_t cut = 0; cut <= data.n; cut++) { /* in two parts, an absent one between them */
		struct text parts[] = {{data.p, cut}, TEXT_ABSENT, {data.p + cut, data.n - cut}};
		hmac_sha256(key, parts, COUNT(parts), mac);
		hex_encode(mac, sizeof mac, hex);
		assert_string_equal(hex, expected);
	}
}

/* RFC 4231: test cases 1 to 4, 6 and 7; GitHub's example; and the empty ones. */
static void known_hmacs(void **state)
{
	(void)state;
	char x0b[20], xaa[131], xdd[50], xcd[50], counted[25];
	memset(x0b, 0x0b, sizeof x0b);
	memset(xaa, 0xaa, sizeof xaa);
	memset(xdd, 0xdd, sizeof xdd);
	memset(xcd, 0xcd, sizeof xcd);
	for (size_t i = 0; i < sizeof counted; i++) counted[i] = (char)(i + 1);
	const struct {
		struct text key, data;
		const char *hex;
	} rows[] = {
		{{x0b, 20}, TEXT("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
		{TEXT("Jefe"), TEXT("what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
		{{xaa, 20}, {xdd, 50}, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
		{{counted, 25}, {xcd, 50}, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
		{{xaa, 131}, TEXT("Test Using Larger Than Block-Size Key - Hash Key First"),
			"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
		{{xaa, 131},
			TEXT(
				"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed "
				"before being used by the HMAC algorithm."),
			"9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
		{TEXT("It's a Secret to Everybody"), TEXT("Hello, World!"),
			"757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"},
		{TEXT_ABSENT, TEXT(""), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) assert_hmac(rows[i].key, rows[i].data, rows[i].hex);
}

static void hexadecimal_of_bytes(void **state)
{
	(void)state;
	char out[8];
	memset(out, '!', sizeof out);
	hex_encode((const uint8_t[]){0x00, 0xAF, 0x7}, 3, out);
	assert_string_equal(out, "00af07");
	assert_int_equal(out[7], '!');
	hex_encode(NULL, 0, out);
	assert_string_equal(out, "");
}

/* RFC 4648, section 10, and what the two further characters are. */
static void base64_both_ways(void **state)
{
	(void)state;
	static const struct {
		struct text bytes;
		const char *padded, *bare;
	} rows[] = {
		{{"", 0}, "", ""},
		{{"f", 1}, "Zg==", "Zg"},
		{{"fo", 2}, "Zm8=", "Zm8"},
		{{"foo", 3}, "Zm9v", "Zm9v"},
		{{"foob", 4}, "Zm9vYg==", "Zm9vYg"},
		{{"fooba", 5}, "Zm9vYmE=", "Zm9vYmE"},
		{{"foobar", 6}, "Zm9vYmFy", "Zm9vYmFy"},
		{{"\xfb\xff\xbe\0", 4}, "+/++AA==", "+/++AA"},
	};
	struct arena *a = arena_new(KIB(1), KIB(64));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text encoded = base64_encode(a, rows[i].bytes), decoded;
		assert_true(text_is(encoded, rows[i].padded));
		assert_int_equal(encoded.p[encoded.n], '\0');
		assert_true(base64_decode(a, text_from(rows[i].padded), &decoded));
		assert_true(text_equal(decoded, rows[i].bytes));
		assert_true(base64_decode(a, text_from(rows[i].bare), &decoded));
		assert_true(text_equal(decoded, rows[i].bytes));
	}
	assert_true(text_is(base64_encode(a, TEXT_ABSENT), ""));
	arena_free(a);
}

static void base64_must_be_whole(void **state)
{
	(void)state;
	static const struct text bad[] = {
		{NULL, 0},
		{"=", 1},
		{"==", 2},
		{"Z", 1},
		{"Zg=", 3}, /* half its padding */
		{"Zg===", 5},
		{"Zm9v=", 5}, /* padding where none belongs */
		{"Zm9v====", 8},
		{"Zh==", 4}, /* bits that stand for nothing */
		{"Zm9", 3},
		{"Zg==Zg==", 8},
		{" Zg==", 5},
		{"Zm9v\n", 5},
		{"Zm 9v", 5},
		{"-_--", 4}, /* the alphabet of URLs */
		{"Zg\0=", 4},
	};
	struct arena *a = arena_new(KIB(1), KIB(64));
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct text untouched = TEXT("untouched");
		if (base64_decode(a, bad[i], &untouched)) fail_msg("row %zu is accepted", i);
		assert_true(text_is(untouched, "untouched"));
	}
	for (int c = 0x80; c <= 0xFF; c++) {
		struct text untouched = TEXT("untouched");
		if (base64_decode(a, (struct text){(char[]){'Z', 'm', '9', (char)c}, 4}, &untouched)) fail_msg("%02x is accepted", c);
	}
	arena_free(a);
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
	assert_non_null(strstr(hash, "$m=19456,t=2,p=1$")); /* 19 MiB, 2 passes */
	assert_false(password_outdated(hash));
	assert_true(
		password_outdated("$argon2id$v=19$m=8192,t=1,p=1$Qc0odIekUEpVYjLeWFRpMQ$ms/+LS2sugyAPqEdjgR81j2TAeNlWLeQ0hXhHjh8zew"));
	assert_true(password_outdated("plain"));
}

/* RFC 4648 section 10 and FIPS 180-2, appendix B. */
static void known_texts(void **state)
{
	(void)state;
	char hex[65], encoded[8];
	static const char *const words[] = {"", "Zg", "Zm8", "Zm9v", "Zm9vYg"};
	for (size_t i = 0; i < COUNT(words); i++) {
		base64url_encode((const uint8_t *)"foob", i, encoded);
		assert_string_equal(encoded, words[i]);
	}
	base64url_encode((const uint8_t *)"\xfb\xff\xbf", 3, encoded);
	assert_string_equal(encoded, "-_-_");
	sha256_hex(TEXT("abc"), hex);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sha256_hex(TEXT_ABSENT, hex);
	assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	secret_wipe(hex, sizeof hex);
	for (size_t i = 0; i < sizeof hex; i++) assert_int_equal(hex[i], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_are_blake2b_256),
		cmocka_unit_test(a_digest_of_pieces_is_that_of_the_whole),
		cmocka_unit_test(hexadecimal_must_be_whole),
		cmocka_unit_test(letters_are_drawn_evenly),
		cmocka_unit_test(first_letters_are_not_favoured),
		cmocka_unit_test(random_bytes_fill_all),
		cmocka_unit_test(known_hmacs),
		cmocka_unit_test(hexadecimal_of_bytes),
		cmocka_unit_test(base64_both_ways),
		cmocka_unit_test(base64_must_be_whole),
		cmocka_unit_test(passwords),
		cmocka_unit_test(known_texts),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
