/* The forms of the secrets that people come with (declared in people.h). */
#include <stdio.h>

#include "auth/people.h"
#include "base/secret.h"

enum { RANDOM_BYTES = 32, TOKEN_CHARACTERS = 43 };

void session_token_new(char out[static SESSION_TOKEN_SIZE])
{
	uint8_t bytes[RANDOM_BYTES];
	random_bytes(bytes, sizeof bytes);
	base64url_encode(bytes, sizeof bytes, out);
	secret_wipe(bytes, sizeof bytes);
}

void personal_token_new(char out[static PERSONAL_TOKEN_SIZE])
{
	char letters[TOKEN_CHARACTERS + 1];
	random_alnum(letters, TOKEN_CHARACTERS);
	snprintf(out, PERSONAL_TOKEN_SIZE, "%s%s", PERSONAL_TOKEN_PREFIX, letters);
	secret_wipe(letters, sizeof letters);
}

void csrf_token(struct text session_token, char out[static CSRF_TOKEN_SIZE])
{
	uint8_t mac[32];
	const struct text word = TEXT("csrf");
	hmac_sha256(session_token, &word, 1, mac);
	base64url_encode(mac, sizeof mac, out);
}

bool csrf_token_right(struct text session_token, struct text given)
{
	char right[CSRF_TOKEN_SIZE];
	uint8_t a[DIGEST_BYTES], b[DIGEST_BYTES];
	if (!session_token.n || !given.p) return false;
	csrf_token(session_token, right);
	digest(text_from(right), a);
	digest(given, b);
	return digest_equal(a, b);
}
