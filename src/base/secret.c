/* Randomness, hashes and comparisons; see the header. Includes sodium.h so that no other file of the room need. */
#include "base/secret.h"

#include <sodium.h>
#include <string.h>

_Static_assert(crypto_generichash_BYTES == DIGEST_BYTES, "BLAKE2b-256");
_Static_assert(crypto_pwhash_STRBYTES <= PASSWORD_HASH_SIZE, "room for Argon2id's text");

enum rc secret_init(struct err *err)
{
	if (sodium_init() < 0) return err_set(err, RC_FAILED, "libsodium could not be initialised");
	return RC_OK;
}

void random_bytes(void *out, size_t n)
{
	randombytes_buf(out, n);
}

void random_alnum(char *out, size_t n)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	enum { COUNT = sizeof letters - 1, EVEN = 256 / COUNT * COUNT }; /* bytes from EVEN on would favour the first letters */
	unsigned char drawn[64];
	for (size_t done = 0; done < n;) {
		random_bytes(drawn, sizeof drawn);
		for (size_t i = 0; i < sizeof drawn && done < n; i++)
			if (drawn[i] < EVEN) out[done++] = letters[drawn[i] % COUNT];
	}
	sodium_memzero(drawn, sizeof drawn);
	out[n] = '\0';
}

void digest(struct text t, uint8_t out[static DIGEST_BYTES])
{
	crypto_generichash(out, DIGEST_BYTES, (const unsigned char *)t.p, t.n, NULL, 0);
}

void digest_hex(struct text t, char out[static DIGEST_HEX_SIZE])
{
	uint8_t bytes[DIGEST_BYTES];
	digest(t, bytes);
	sodium_bin2hex(out, DIGEST_HEX_SIZE, bytes, sizeof bytes);
}

bool digest_equal(const uint8_t a[static DIGEST_BYTES], const uint8_t b[static DIGEST_BYTES])
{
	return sodium_memcmp(a, b, DIGEST_BYTES) == 0;
}

bool digest_from_hex(struct text hex, uint8_t out[static DIGEST_BYTES])
{
	uint8_t bytes[DIGEST_BYTES];
	if (hex.n != DIGEST_HEX_SIZE - 1) return false;
	if (sodium_hex2bin(bytes, sizeof bytes, hex.p, hex.n, NULL, NULL, NULL) != 0) return false;
	memcpy(out, bytes, sizeof bytes);
	return true;
}

enum rc password_hash(struct text password, char out[static PASSWORD_HASH_SIZE], struct err *err)
{
	char hash[crypto_pwhash_STRBYTES];
	int failed = crypto_pwhash_str_alg(hash, password.p ? password.p : "", password.n, crypto_pwhash_OPSLIMIT_INTERACTIVE,
		crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13);
	if (failed) return err_set(err, RC_FAILED, "not enough memory to hash a password");
	memcpy(out, hash, sizeof hash);
	return RC_OK;
}

bool password_verify(struct text password, const char *hash)
{
	if (!hash) return false;
	return crypto_pwhash_str_verify(hash, password.p ? password.p : "", password.n) == 0;
}
