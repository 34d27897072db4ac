/* Headers of a mail: encoded so that they are ASCII, and folded so that no line is too long. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/secret.h"
#include "outgoing/outgoing_private.h"

/* A line should have at most 78 characters, must have at most 998 (RFC 5322 2.1.1), and 76 where it has an encoded word, which itself
 * has at most 75 (RFC 2047 2). */
enum { LINE = 76, WORD_MOST = 900, WORD = 75, WORD_FRAME = 12 };

static bool is_printable(struct text t)
{
	for (size_t i = 0; i < t.n; i++)
		if (t.p[i] < 0x20 || t.p[i] > 0x7e) return false;
	return true;
}

static size_t longest_word(struct text t)
{
	size_t longest = 0;
	struct text word;
	while (text_split(&t, ' ', &word))
		if (word.n > longest) longest = word.n;
	return longest;
}

/* Whether a reader gets the same back from the bare characters. */
static bool may_be_bare(struct text t)
{
	bool spaced = t.n && (t.p[0] == ' ' || t.p[t.n - 1] == ' ');
	return is_printable(t) && !spaced && longest_word(t) <= WORD_MOST && !memmem(t.p, t.n, "=?", 2);
}

/* A line is broken before a space that has a word behind it, so that no line is white space alone. */
static void add_words(struct buf *b, size_t column, struct text value)
{
	size_t start = 0;
	for (size_t i = 0; i <= value.n; i++) {
		if (i < value.n && (value.p[i] != ' ' || i == start || i + 1 == value.n || value.p[i + 1] == ' ')) continue;
		struct text piece = {value.p + start, i - start};
		bool can_break = piece.n > 1 && piece.p[0] == ' ' && piece.p[1] != ' ';
		if (can_break && column + piece.n > LINE) {
			buf_cstr(b, "\r\n");
			column = 0;
		}
		buf_text(b, piece);
		column += piece.n;
		start = i;
	}
}

/* "=?UTF-8?B?…?=" as often as needed, each with whole characters. */
static void add_encoded(struct buf *b, size_t column, struct text value)
{
	struct arena *a = arena_new(512, 4096);
	while (value.n) {
		size_t room = (LINE - column < WORD ? LINE - column : WORD) - WORD_FRAME;
		size_t n = utf8_cut(value, room / 4 * 3);
		buf_cstr(b, "=?UTF-8?B?");
		buf_text(b, base64_encode(a, (struct text){value.p, n}));
		buf_cstr(b, "?=");
		arena_reset(a);
		value.p += n;
		value.n -= n;
		if (value.n) buf_cstr(b, "\r\n ");
		column = 1;
	}
	arena_free(a);
}

void mail_header_words(struct buf *b, struct text name, struct text value)
{
	buf_text(b, name);
	buf_cstr(b, ": ");
	add_words(b, name.n + 2, value);
}

void mail_header_text(struct buf *b, const char *name, struct text value)
{
	if (may_be_bare(value)) {
		mail_header_words(b, text_from(name), value);
		return;
	}
	buf_printf(b, "%s: ", name);
	add_encoded(b, strlen(name) + 2, value);
}

bool mailbox_read(struct text t, struct mailbox *ret)
{
	struct mailbox m = {.name = TEXT("")};
	t = text_trim(t);
	if (t.n && t.p[t.n - 1] == '>') {
		const char *open = memrchr(t.p, '<', t.n);
		if (!open) return false;
		m.name = text_trim((struct text){t.p, (size_t)(open - t.p)});
		m.address = (struct text){open + 1, t.n - (size_t)(open - t.p) - 2};
		bool quoted = m.name.n >= 2 && m.name.p[0] == '"' && m.name.p[m.name.n - 1] == '"';
		if (quoted) m.name = (struct text){m.name.p + 1, m.name.n - 2};
	} else {
		m.address = t;
	}
	if (!outgoing_mail_address_valid(m.address) || !utf8_valid(m.name)) return false;
	*ret = m;
	return true;
}

static void add_quoted(struct buf *b, struct text name)
{
	buf_char(b, '"');
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == '"' || name.p[i] == '\\') buf_char(b, '\\');
		buf_char(b, name.p[i]);
	}
	buf_char(b, '"');
}

void mail_header_mailbox(struct buf *b, const char *name, const struct mailbox *mailbox)
{
	enum { QUOTED_MOST = 60 };
	buf_printf(b, "%s: ", name);
	if (mailbox->name.n == 0) {
		buf_text(b, mailbox->address);
		return;
	}
	if (mailbox->name.n <= QUOTED_MOST && may_be_bare(mailbox->name))
		add_quoted(b, mailbox->name);
	else
		add_encoded(b, strlen(name) + 2, mailbox->name);
	buf_printf(b, "\r\n <%.*s>", TEXT_ARGS(mailbox->address));
}

void mail_header_addresses(struct buf *b, const char *name, const struct text *addresses, size_t count)
{
	buf_printf(b, "%s: ", name);
	for (size_t i = 0; i < count; i++) {
		if (i) buf_cstr(b, ",\r\n ");
		buf_text(b, addresses[i]);
	}
}

/* RFC 5322 3.3, in English whatever the locale. */
void mail_header_date(struct buf *b, int64_t now)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t seconds = (time_t)(now / 1000000);
	struct tm t;
	gmtime_r(&seconds, &t);
	buf_printf(b, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000", days[t.tm_wday], t.tm_mday, months[t.tm_mon], t.tm_year + 1900,
		t.tm_hour, t.tm_min, t.tm_sec);
}
