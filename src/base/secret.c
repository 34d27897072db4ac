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

void secret_wipe(void *p, size_t n)
{
	sodium_memzero(p, n);
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

_Static_assert(sizeof(crypto_generichash_state) <= sizeof(struct digest_run), "room for libsodium's state");

/* libsodium's state wants an alignment of 64, which memory of the heap does not have: it is worked on in a copy. */
void digest_start(struct digest_run *d)
{
	crypto_generichash_state state;
	crypto_generichash_init(&state, NULL, 0, DIGEST_BYTES);
	memcpy(d->state, &state, sizeof state);
}

void digest_more(struct digest_run *d, struct text t)
{
	crypto_generichash_state state;
	memcpy(&state, d->state, sizeof state);
	crypto_generichash_update(&state, (const unsigned char *)t.p, t.n);
	memcpy(d->state, &state, sizeof state);
}

void digest_so_far(const struct digest_run *d, char out[static DIGEST_HEX_SIZE])
{
	crypto_generichash_state state;
	uint8_t bytes[DIGEST_BYTES];
	memcpy(&state, d->state, sizeof state);
	crypto_generichash_final(&state, bytes, sizeof bytes);
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

void sha256_hex(struct text t, char out[static 65])
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256(hash, (const unsigned char *)(t.p ? t.p : ""), t.n);
	sodium_bin2hex(out, 2 * sizeof hash + 1, hash, sizeof hash);
}

void hmac_sha256(struct text key, const struct text *parts, size_t count, uint8_t out[static 32])
{
	crypto_auth_hmacsha256_state state;
	crypto_auth_hmacsha256_init(&state, (const unsigned char *)(key.p ? key.p : ""), key.n);
	for (size_t i = 0; i < count; i++)
		if (parts[i].n) crypto_auth_hmacsha256_update(&state, (const unsigned char *)parts[i].p, parts[i].n);
	crypto_auth_hmacsha256_final(&state, out);
	sodium_memzero(&state, sizeof state);
}

void hex_encode(const uint8_t *bytes, size_t n, char *out)
{
	sodium_bin2hex(out, 2 * n + 1, bytes, n);
}

void base64url_encode(const uint8_t *bytes, size_t n, char *out)
{
	int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
	sodium_bin2base64(out, sodium_base64_ENCODED_LEN(n, variant), bytes, n, variant);
}

struct text base64_encode(struct arena *a, struct text bytes)
{
	size_t size = sodium_base64_encoded_len(bytes.n, sodium_base64_VARIANT_ORIGINAL); /* with NUL */
	char *encoded = arena_alloc(a, size);
	sodium_bin2base64(encoded, size, (const unsigned char *)bytes.p, bytes.n, sodium_base64_VARIANT_ORIGINAL);
	return (struct text){encoded, size - 1};
}

bool base64_decode(struct arena *a, struct text encoded, struct text *ret)
{
	if (!encoded.p) return false;
	for (size_t i = 0; i < encoded.n; i++)
		if ((unsigned char)encoded.p[i] >= 0x80) return false; /* libsodium 1.0.18 takes some of these for digits */
	bool padded = encoded.n > 0 && encoded.p[encoded.n - 1] == '=';
	int variant = padded ? sodium_base64_VARIANT_ORIGINAL : sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
	size_t room = encoded.n / 4 * 3 + 3, n;
	unsigned char *bytes = arena_alloc(a, room);
	if (sodium_base642bin(bytes, room, encoded.p, encoded.n, NULL, &n, NULL, variant) != 0) return false;
	*ret = (struct text){(const char *)bytes, n};
	return true;
}

enum { PASSWORD_PASSES = 2, PASSWORD_MEMORY = 19 * 1024 * 1024 };

enum rc password_hash(struct text password, char out[static PASSWORD_HASH_SIZE], struct err *err)
{
	char hash[crypto_pwhash_STRBYTES];
	int failed = crypto_pwhash_str_alg(
		hash, password.p ? password.p : "", password.n, PASSWORD_PASSES, PASSWORD_MEMORY, crypto_pwhash_ALG_ARGON2ID13);
	if (failed) return err_set(err, RC_FAILED, "not enough memory to hash a password");
	memcpy(out, hash, sizeof hash);
	return RC_OK;
}

bool password_verify(struct text password, const char *hash)
{
	if (!hash) return false;
	return crypto_pwhash_str_verify(hash, password.p ? password.p : "", password.n) == 0;
}

bool password_outdated(const char *hash)
{
	return crypto_pwhash_str_needs_rehash(hash, PASSWORD_PASSES, PASSWORD_MEMORY) != 0;
}
