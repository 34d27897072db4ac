/* Randomness, hashes and comparisons that must not leak. The only user of libsodium in this room. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/text.h"

enum { DIGEST_BYTES = 32, DIGEST_HEX_SIZE = 65 };

enum rc secret_init(struct err *err) must_check; /* once, before anything else here */

void random_bytes(void *out, size_t n);
/* Overwrites what was secret; the compiler does not leave it out. */
void secret_wipe(void *p, size_t n);
/* n characters of [A-Za-z0-9], each drawn evenly, and a NUL: out has n + 1 bytes. */
void random_alnum(char *out, size_t n);

/* BLAKE2b-256. For secrets of at least 128 random bits and for content hashes; passwords use password_hash. */
void digest(struct text t, uint8_t out[static DIGEST_BYTES]);
void digest_hex(struct text t, char out[static DIGEST_HEX_SIZE]);
/* The same over bytes that come piece by piece. */
struct digest_run {
	unsigned char state[384];
};
void digest_start(struct digest_run *d);
void digest_more(struct digest_run *d, struct text t);
void digest_so_far(const struct digest_run *d, char out[static DIGEST_HEX_SIZE]); /* more may follow */
bool digest_equal(const uint8_t a[static DIGEST_BYTES], const uint8_t b[static DIGEST_BYTES]); /* constant-time */
bool digest_from_hex(struct text hex, uint8_t out[static DIGEST_BYTES]);

/* SHA-256 in lower-case hexadecimal, for what others compute again: the audit log's chain. */
void sha256_hex(struct text t, char out[static 65]);
/* HMAC-SHA256 (RFC 2104) over the parts one after the other; a key of any length. */
void hmac_sha256(struct text key, const struct text *parts, size_t count, uint8_t out[static 32]);
/* Lower-case hexadecimal, and a NUL: out has 2 n + 1 bytes. */
void hex_encode(const uint8_t *bytes, size_t n, char *out);
/* base64url without padding (RFC 4648 5), and a NUL: out has (4 n + 2) / 3 + 1 bytes. */
void base64url_encode(const uint8_t *bytes, size_t n, char *out);
/* Standard base64 with padding. Decoding is strict: false for anything else, with or without its padding. Into the arena. */
struct text base64_encode(struct arena *a, struct text bytes);
bool base64_decode(struct arena *a, struct text encoded, struct text *ret);

enum { PASSWORD_HASH_SIZE = 128 };
/* Argon2id as the self-describing text "$argon2id$…", with 19 MiB and 2 passes (OWASP's least). Takes tens of milliseconds. */
enum rc password_hash(struct text password, char out[static PASSWORD_HASH_SIZE], struct err *err) must_check;
bool password_verify(struct text password, const char *hash);
/* Made with other parameters than password_hash() has today, or no hash at all. */
bool password_outdated(const char *hash);
