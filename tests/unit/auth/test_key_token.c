/* The form of API keys: what is taken apart and what is none, and new ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/key_token.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define SECRET "abcdefghijklmnopqrstuvwxyzABC012" /* 32 characters, the least */
#define TEN "aaaaaaaaaa"
#define FIFTY TEN TEN TEN TEN TEN

static const struct {
	const char *token, *slug;
	int64_t number;
	const char *secret;
} GOOD[] = {
	{"sk_default_k1_" SECRET, "default", 1, SECRET}, {"sk_default_k42_" SECRET, "default", 42, SECRET},
	{"sk_default_k999999999_" SECRET, "default", 999999999, SECRET}, {"sk_a_k1_" SECRET, "a", 1, SECRET},
	{"sk_my-team-2_k10_" SECRET, "my-team-2", 10, SECRET},
	{"sk_Default_k1_" SECRET, "Default", 1, SECRET}, /* of the form; there is no such account */
	{"sk_default_k1_" SECRET SECRET, "default", 1, SECRET SECRET},
	{"sk_default_k1_with_under-score_" SECRET, "default", 1, "with_under-score_" SECRET},
	{"sk_d_k1_" FIFTY FIFTY FIFTY FIFTY TEN TEN TEN TEN "1234567", "d", 1,
		FIFTY FIFTY FIFTY FIFTY TEN TEN TEN TEN "1234567"}, /* 255 */
};

static const char *const BAD[] = {
	"", "sk", "sk_", "sk__", "sk___", "sk_default", "sk_default_", "sk_default_k1", "sk_default_k1_", SECRET,
	"sk_default_k1_abcdefghijklmnopqrstuvwxyzABC01", /* 31 characters */
	"SK_default_k1_" SECRET, "pk_default_k1_" SECRET, "sk-default-k1-" SECRET, " sk_default_k1_" SECRET,
	"sk_default_k1_" SECRET " ", "sk__k1_" SECRET, "sk_default_1_" SECRET, "sk_default_k_" SECRET, "sk_default_K1_" SECRET,
	"sk_default_kk1_" SECRET, "sk_default_k0_" SECRET, "sk_default_k01_" SECRET, "sk_default_k-1_" SECRET,
	"sk_default_k+1_" SECRET, "sk_default_k1a_" SECRET, "sk_default_k 1_" SECRET, "sk_default_k1000000000_" SECRET,
	"sk_default_k18446744073709551617_" SECRET, "sk_default__" SECRET, "sk_def ault_k1_" SECRET, "sk_def.ault_k1_" SECRET,
	"sk_d\xc3\xa9_k1_" SECRET, "sk_two_words_k1_" SECRET, "sk_default_k1_" SECRET "!", "sk_default_k1_" SECRET "\n",
	"sk_default_k1_" SECRET "\xc3\xa9", "sk_default_k1_" SECRET "=", "sk_default_k1_ " SECRET,
	"sk_d_k1_" FIFTY FIFTY FIFTY FIFTY TEN TEN TEN TEN "12345678", /* 256 characters in all */
};

static void takes_keys_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(GOOD); i++) {
		struct key_token t = {.number = -1};
		if (!key_token_parse(text_from(GOOD[i].token), &t)) fail_msg("%s", GOOD[i].token);
		assert_true(text_is(t.slug, GOOD[i].slug));
		assert_int_equal(t.number, GOOD[i].number);
		assert_true(text_is(t.secret, GOOD[i].secret));
	}
}

/* In exactly as much memory as it has, so that reading over the end is found. */
static bool parses_exactly(struct text token, struct key_token *ret)
{
	char *bytes = malloc(token.n + 1);
	assert_non_null(bytes);
	memcpy(bytes + 1, token.p, token.n);
	bool fine = key_token_parse((struct text){bytes + 1, token.n}, ret);
	free(bytes);
	return fine;
}

static void refuses_what_is_no_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(BAD); i++) {
		struct key_token t = {.number = 77};
		if (parses_exactly(text_from(BAD[i]), &t)) fail_msg("\"%s\" was taken", BAD[i]);
		assert_int_equal(t.number, 77);
	}
	struct key_token t;
	assert_false(key_token_parse(TEXT_ABSENT, &t));
	assert_false(parses_exactly(TEXT("sk_default_k1_abcdefghijklmnop\0rstuvwxyzABC012"), &t));
	assert_false(parses_exactly(TEXT("sk_def\0ult_k1_" SECRET), &t));
}

/* Every key cut short anywhere before its secret is long enough is none. */
static void refuses_keys_cut_short(void **state)
{
	(void)state;
	struct text whole = TEXT("sk_default_k1_" SECRET);
	struct key_token t;
	for (size_t n = 0; n < whole.n; n++) assert_false(parses_exactly((struct text){whole.p, n}, &t));
	assert_true(parses_exactly(whole, &t));
}

static void new_keys_are_of_the_form_and_differ(void **state)
{
	(void)state;
	static const struct {
		const char *slug;
		int64_t number;
	} rows[] = {{"default", 1}, {"a", 999999999}, {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 12}};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char one[KEY_TOKEN_MAX + 1], two[KEY_TOKEN_MAX + 1];
		struct key_token t;
		key_token_new(text_from(rows[i].slug), rows[i].number, one);
		key_token_new(text_from(rows[i].slug), rows[i].number, two);
		assert_string_not_equal(one, two);
		assert_true(key_token_parse(text_from(one), &t));
		assert_true(text_is(t.slug, rows[i].slug));
		assert_int_equal(t.number, rows[i].number);
		assert_int_equal(t.secret.n, KEY_SECRET_LENGTH);
	}
}

static void the_digest_is_of_the_whole_key(void **state)
{
	(void)state;
	uint8_t a[DIGEST_BYTES], b[DIGEST_BYTES], c[DIGEST_BYTES];
	key_token_digest(TEXT("sk_default_k1_" SECRET), a);
	key_token_digest(TEXT("sk_default_k2_" SECRET), b);
	digest(TEXT("sk_default_k1_" SECRET), c);
	assert_false(digest_equal(a, b));
	assert_true(digest_equal(a, c));
}

static int ready(void **state)
{
	(void)state;
	struct err err;
	return secret_init(&err) == RC_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_keys_apart),
		cmocka_unit_test(refuses_what_is_no_key),
		cmocka_unit_test(refuses_keys_cut_short),
		cmocka_unit_test(new_keys_are_of_the_form_and_differ),
		cmocka_unit_test(the_digest_is_of_the_whole_key),
	};
	return cmocka_run_group_tests(tests, ready, NULL);
}
