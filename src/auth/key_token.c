/* Taking API keys apart and making them. */
#include "auth/key_token.h"

#include <stdio.h>

static bool alphanumeric(struct text t, const char *also)
{
	for (size_t i = 0; i < t.n; i++) {
		char c = t.p[i];
		bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		for (const char *s = also; !fine && *s; s++) fine = c == *s;
		if (!fine) return false;
	}
	return true;
}

bool key_token_parse(struct text token, struct key_token *ret)
{
	if (!token.p || token.n > KEY_TOKEN_MAX || !text_starts(token, TEXT("sk_"))) return false;
	struct text rest = {token.p + 3, token.n - 3}, slug, number_word, secret;
	if (!text_split(&rest, '_', &slug) || !text_split(&rest, '_', &number_word)) return false;
	secret = rest;
	uint64_t number;
	if (number_word.n < 2 || number_word.n > 10 || number_word.p[0] != 'k' || number_word.p[1] == '0') return false;
	if (!text_to_u64((struct text){number_word.p + 1, number_word.n - 1}, &number)) return false;
	if (!slug.n || !alphanumeric(slug, "-") || !secret.p || secret.n < KEY_SECRET_LEAST || !alphanumeric(secret, "_-"))
		return false;
	*ret = (struct key_token){slug, (int64_t)number, secret};
	return true;
}

void key_token_new(struct text slug, int64_t number, char out[static KEY_TOKEN_MAX + 1])
{
	char secret[KEY_SECRET_LENGTH + 1];
	random_alnum(secret, KEY_SECRET_LENGTH);
	snprintf(out, KEY_TOKEN_MAX + 1, "sk_%.*s_k%lld_%s", TEXT_ARGS(slug), (long long)number, secret);
}

void key_token_digest(struct text token, uint8_t out[static DIGEST_BYTES])
{
	digest(token, out);
}
