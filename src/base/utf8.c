/* What base/text.h asks of UTF-8: whether it is valid, how long it is, where it may be cut, where control characters are. */
#include <string.h>

#include "base/text.h"

/* Well-formed sequences beyond ASCII (The Unicode Standard, table 3-7): the lead bytes, the range of the second byte, and
 * how many bytes follow; a third and fourth are always 80–BF. */
static const struct sequence {
	unsigned char lead_from, lead_to, second_from, second_to, following;
} sequences[] = {
	{0xC2, 0xDF, 0x80, 0xBF, 1}, {0xE0, 0xE0, 0xA0, 0xBF, 2}, /* from A0: below would be overlong */
	{0xE1, 0xEC, 0x80, 0xBF, 2}, {0xED, 0xED, 0x80, 0x9F, 2}, /* to 9F: above are the surrogates */
	{0xEE, 0xEF, 0x80, 0xBF, 2}, {0xF0, 0xF0, 0x90, 0xBF, 3}, {0xF1, 0xF3, 0x80, 0xBF, 3},
	{0xF4, 0xF4, 0x80, 0x8F, 3}, /* to 8F: above is beyond U+10FFFF */
};

static bool is_continuation(unsigned char c)
{
	return (c & 0xC0) == 0x80;
}

/* The length of the sequence at p, of which n bytes are there; 0 when it is malformed. */
static size_t sequence_length(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++) {
		const struct sequence *s = &sequences[i];
		if (p[0] > s->lead_to) continue;
		if (p[0] < s->lead_from || n <= s->following) return 0;
		if (p[1] < s->second_from || p[1] > s->second_to) return 0;
		for (size_t k = 2; k <= s->following; k++)
			if (!is_continuation(p[k])) return 0;
		return (size_t)s->following + 1;
	}
	return 0;
}

/* How many bytes from p on are ASCII for certain: a multiple of eight. */
static size_t ascii_run(const unsigned char *p, size_t n)
{
	size_t i = 0;
	for (uint64_t word; n - i >= sizeof word; i += sizeof word) {
		memcpy(&word, p + i, sizeof word);
		if (word & 0x8080808080808080u) break;
	}
	return i;
}

bool utf8_valid(struct text t)
{
	const unsigned char *p = (const unsigned char *)t.p;
	size_t i = 0;
	while (i < t.n) {
		i += ascii_run(p + i, t.n - i);
		for (; i < t.n && p[i] < 0x80; i++)
			;
		for (; i < t.n && p[i] >= 0x80;) {
			size_t n = sequence_length(p + i, t.n - i);
			if (n == 0) return false;
			i += n;
		}
	}
	return true;
}

size_t utf8_length(struct text t)
{
	size_t n = 0;
	for (size_t i = 0; i < t.n; i++) n += !is_continuation((unsigned char)t.p[i]);
	return n;
}

size_t utf8_cut(struct text t, size_t max_bytes)
{
	if (t.n <= max_bytes) return t.n;
	size_t n = max_bytes;
	while (n > 0 && is_continuation((unsigned char)t.p[n])) n--;
	return n;
}

bool text_has_control(struct text t, bool tab_and_newline)
{
	const unsigned char *p = (const unsigned char *)t.p;
	for (size_t i = 0; i < t.n; i++) {
		if (p[i] >= 0x20 && p[i] < 0x7F) continue;
		if (p[i] == 0xC2 && i + 1 < t.n && p[i + 1] <= 0x9F) return true; /* C1: U+0080–U+009F */
		if (p[i] >= 0x80) continue;
		bool newline = p[i] == '\n' || (p[i] == '\r' && i + 1 < t.n && p[i + 1] == '\n');
		if (tab_and_newline && (newline || p[i] == '\t')) continue;
		return true;
	}
	return false;
}
