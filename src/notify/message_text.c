/* Text of users made harmless for people's eyes, and durations in words (declared in message.h). */
#include <string.h>

#include "notify/message.h"

#define ELLIPSIS "\xE2\x80\xA6"
#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD, for a byte that is no UTF-8 */

enum { LONGEST_CHARACTER = 4 };

/* Characters that reverse the text around them, or that nobody sees. */
static const struct {
	uint32_t from, to;
} HIDDEN[] = {
	{0x061C, 0x061C}, /* Arabic letter mark */
	{0x200B, 0x200F}, /* zero-width ones, direction marks */
	{0x202A, 0x202E}, /* embeddings and overrides */
	{0x2060, 0x206F}, /* word joiner, isolates, deprecated format characters */
	{0xFEFF, 0xFEFF}, /* byte-order mark */
};

/* The character at p, of which n bytes are there, and how many bytes it has; 0 bytes when it is no UTF-8. */
static size_t character_at(const char *p, size_t n, uint32_t *ret)
{
	unsigned char lead = (unsigned char)*p;
	size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
	if (length > n || !utf8_valid((struct text){p, length})) return 0;
	uint32_t c = length == 1 ? lead : lead & (0x7Fu >> length);
	for (size_t i = 1; i < length; i++) c = c << 6 | ((unsigned char)p[i] & 0x3F);
	*ret = c;
	return length;
}

static bool is_hidden(uint32_t c)
{
	for (size_t i = 0; i < sizeof HIDDEN / sizeof *HIDDEN; i++)
		if (c >= HIDDEN[i].from && c <= HIDDEN[i].to) return true;
	return false;
}

/* U+2028 and U+2029 end a line as control characters do. */
static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

/* Takes a character off *rest and gives what is shown of it, which may be nothing. */
static struct text take_shown(struct text *rest, bool keep_lines)
{
	uint32_t c = 0;
	struct text shown = {rest->p, character_at(rest->p, rest->n, &c)};
	size_t taken = shown.n ? shown.n : 1;
	bool ends_with_newline = c == '\r' && rest->n > 1 && rest->p[1] == '\n';
	rest->p += taken;
	rest->n -= taken;
	if (!shown.n) return TEXT(REPLACEMENT);
	if (is_hidden(c) || ends_with_newline) return TEXT("");
	if (is_control(c) && !(keep_lines && (c == '\n' || c == '\t'))) return TEXT(" ");
	return shown;
}

struct text message_clean(struct arena *a, struct text t, size_t most_characters, bool keep_lines)
{
	if (!t.p || !most_characters) return t.p ? TEXT("") : t;
	size_t characters = t.n < most_characters ? t.n : most_characters; /* none has less than a byte */
	char *p = arena_alloc(a, (characters + 1) * LONGEST_CHARACTER);
	size_t n = 0, before_last = 0, count = 0;
	while (t.n) {
		struct text shown = take_shown(&t, keep_lines);
		if (!shown.n) continue;
		if (count++ == most_characters) {
			memcpy(p + before_last, ELLIPSIS, sizeof ELLIPSIS - 1);
			return (struct text){p, before_last + sizeof ELLIPSIS - 1};
		}
		before_last = n;
		memcpy(p + n, shown.p, shown.n);
		n += shown.n;
	}
	return (struct text){p, n};
}

/* The two largest units that it has, the second one only when there is some of it. */
struct text message_duration(struct arena *a, int64_t micros)
{
	static const struct {
		int64_t seconds;
		const char *word;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	enum { LAST = sizeof units / sizeof *units - 1 };
	int64_t seconds = micros > 0 ? micros / SECONDS_US(1) : 0;
	size_t i = 0;
	while (i < LAST && seconds < units[i].seconds) i++;
	long long first = seconds / units[i].seconds, second = i < LAST ? seconds % units[i].seconds / units[i + 1].seconds : 0;
	if (!second) return text_from(arena_printf(a, "%lld %s", first, units[i].word));
	return text_from(arena_printf(a, "%lld %s %lld %s", first, units[i].word, second, units[i + 1].word));
}
