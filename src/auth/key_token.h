/* The form of an API key: sk_{account slug}_k{number}_{secret of at least 32 characters}. The form is the
 * contract's. Keys that we make have letters and digits only; given ones may also have "_" and "-" in the secret. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/secret.h"
#include "base/text.h"

enum { KEY_SECRET_LENGTH = 40, KEY_SECRET_LEAST = 32, KEY_TOKEN_MAX = 255 };

struct key_token {
	struct text slug; /* letters, digits and "-"; account_slug_valid says what a new account may be called */
	int64_t number;
	struct text secret;
};

/* False for anything that is not of the form; the text is not copied. */
bool key_token_parse(struct text token, struct key_token *ret);
/* A new random key for an account and number, NUL-terminated. */
void key_token_new(struct text slug, int64_t number, char out[static KEY_TOKEN_MAX + 1]);
/* What is stored and compared: the digest of the whole key. */
void key_token_digest(struct text token, uint8_t out[static DIGEST_BYTES]);
