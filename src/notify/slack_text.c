/* Texts of users in Slack's mrkdwn (declared in slack_blocks.h). */
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "notify/slack_blocks.h"

#define ELLIPSIS "\xE2\x80\xA6"

enum { LONGEST_LINK = 600, ELLIPSIS_SIZE = 1 };

static const char *entity(char c)
{
	return c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : NULL;
}

static size_t character_length(struct text t, size_t i)
{
	unsigned char lead = (unsigned char)t.p[i];
	size_t n = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
	return n < t.n - i ? n : t.n - i;
}

size_t slack_size(struct text t)
{
	size_t size = 0;
	for (size_t i = 0; i < t.n; i++) {
		unsigned char c = (unsigned char)t.p[i];
		bool is_continuation = c >= 0x80 && c < 0xC0, is_double = c >= 0xF0 || c == '"' || c == '\\' || c < 0x20;
		size += is_continuation ? 0 : is_double ? 2 : 1;
	}
	return size;
}

/* ---- what could format ---- */

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Inside of a word these format nothing: 1.0~rc1, my_branch. */
static bool stands_outside_words(struct text t, size_t i)
{
	return i == 0 || i + 1 == t.n || !is_word(t.p[i - 1]) || !is_word(t.p[i + 1]);
}

static bool stands_anywhere(struct text t, size_t i)
{
	return i < t.n;
}

/* ":tada:" */
static bool begins_emoji(struct text t, size_t i)
{
	size_t end = i + 1;
	while (end < t.n && (is_word(t.p[end]) || strchr("_+-'", t.p[end]))) end++;
	return end > i + 1 && end < t.n && t.p[end] == ':';
}

static bool begins_line(struct text t, size_t i)
{
	return i == 0 || t.p[i - 1] == '\n';
}

static const struct {
	char sign;
	bool (*formats)(struct text t, size_t i);
	const char *instead;
} SIGNS[] = {
	{'*', stands_outside_words, "\xE2\x88\x97"}, /* U+2217 */
	{'_', stands_outside_words, "\xCB\x8D"}, /* U+02CD */
	{'~', stands_outside_words, "\xE2\x88\xBC"}, /* U+223C */
	{'`', stands_anywhere, "\xCB\x8B"}, /* U+02CB */
	{':', begins_emoji, "\xE2\x88\xB6"}, /* U+2236 */
	{'>', begins_line, "\xE2\x80\xBA"}, /* U+203A; a quotation */
};

static const char *look_alike(struct text t, size_t i)
{
	for (size_t k = 0; k < sizeof SIGNS / sizeof *SIGNS; k++)
		if (SIGNS[k].sign == t.p[i] && SIGNS[k].formats(t, i)) return SIGNS[k].instead;
	return NULL;
}

/* ---- escaping ---- */

/* A fence inside of a code block would close it: no backtick stands directly behind another. */
static const char *broken_fence(struct text t, size_t i)
{
	return t.p[i] == '`' && i > 0 && t.p[i - 1] == '`' ? "\xE2\x80\x8B`" : NULL; /* U+200B */
}

static const char *nothing(struct text t, size_t i)
{
	(void)t, (void)i;
	return NULL;
}

/* replace() says what stands for the character at i; NULL: itself, or its entity. */
static struct text escape(struct arena *a, struct text t, size_t most, const char *(*replace)(struct text t, size_t i))
{
	buf_auto b = BUF_INIT(LIMIT_NOTIFICATION_BODY);
	size_t size = 0, with_ellipsis = 0;
	for (size_t i = 0, length; i < t.n; i += length) {
		length = character_length(t, i);
		const char *other = replace(t, i);
		if (!other) other = entity(t.p[i]);
		struct text piece = other ? text_from(other) : (struct text){t.p + i, length};
		size += slack_size(piece);
		if (size > most) {
			b.n = with_ellipsis;
			buf_cstr(&b, ELLIPSIS);
			break;
		}
		buf_text(&b, piece);
		if (size + ELLIPSIS_SIZE <= most) with_ellipsis = b.n;
	}
	return text_copy(a, buf_view(&b));
}

struct text slack_escape(struct arena *a, struct text t, size_t most)
{
	return escape(a, t, most, nothing);
}

struct text slack_inert(struct arena *a, struct text t, size_t most)
{
	return escape(a, t, most, look_alike);
}

struct text slack_code(struct arena *a, struct text t, size_t most)
{
	struct text code = escape(a, t, most - 2 * slack_size(TEXT("```\n")), broken_fence);
	return text_from(arena_printf(a, "```\n%s\n```", code.p));
}

struct text slack_link(struct arena *a, struct text url, const char *label)
{
	if (!url.n || slack_size(url) > LONGEST_LINK) return TEXT_ABSENT;
	struct text escaped = slack_escape(a, url, LONGEST_LINK * 2);
	if (slack_size(escaped) > LONGEST_LINK) return TEXT_ABSENT;
	return text_from(arena_printf(a, "<%s|%s>", escaped.p, label));
}
