/* Strings with a length, and what may be asked of them. A struct text never owns its bytes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* n bytes at p, not terminated. Absent is p == NULL; empty is p != NULL and n == 0. */
struct text {
	const char *p;
	size_t n;
};

#define TEXT(literal) ((struct text){("" literal), sizeof(literal) - 1})
#define TEXT_ABSENT ((struct text){0})
/* For printf: printf("%.*s", TEXT_ARGS(t)) */
#define TEXT_ARGS(t) (int)(t).n, (t).p ? (t).p : ""

struct text text_from(const char *c_string); /* NULL gives TEXT_ABSENT */
bool text_equal(struct text a, struct text b); /* byte for byte; absent equals absent only */
/* For tables in memory: every bit depends on every byte, but who chooses the texts can make many fall together. seed: a number that belongs to
 * the name, or 0. */
uint64_t text_hash(struct text t, uint64_t seed);
bool text_is(struct text a, const char *c_string);
bool text_equal_nocase(struct text a, struct text b); /* ASCII case only */
bool text_starts(struct text a, struct text prefix);
int text_compare(struct text a, struct text b); /* memcmp order, shorter first on a tie */

/* Without outer white space: ASCII's and Unicode's (U+0085, U+00A0, U+2000–U+200A, U+2028/9, U+3000 …). */
struct text text_trim(struct text t);
/* Without outer spaces and tabs: the optional white space of HTTP (RFC 9110, 5.6.3). Any other belongs to the text. */
struct text text_trim_blanks(struct text t);
struct text text_copy(struct arena *a, struct text t); /* copied into the arena and NUL-terminated behind n */
const char *text_cstr(struct arena *a, struct text t); /* NUL-terminated copy; absent gives NULL */
struct text text_lower(struct arena *a, struct text t); /* ASCII only */

/* Cuts the part before the first `separator` off *rest and gives it; the whole of *rest when there is none (*rest is
 * absent then). False at the end, that is when *rest is absent: "a," gives "a" and "". */
bool text_split(struct text *rest, char separator, struct text *ret_part);

bool utf8_valid(struct text t); /* strict: no overlong forms, no surrogates, nothing above U+10FFFF */
size_t utf8_length(struct text t); /* characters (code points) of valid UTF-8 */
size_t utf8_cut(struct text t, size_t max_bytes); /* longest whole-character prefix of at most max_bytes, in bytes */

/* Whether valid UTF-8 holds a control character (C0, DEL, C1). With tab_and_newline, \t, \n and \r\n are not counted. */
bool text_has_control(struct text t, bool tab_and_newline);

bool text_to_u64(struct text t, uint64_t *ret); /* all of t decimal digits, no sign, in range */
