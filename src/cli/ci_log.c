/* Takes the commands of CI systems out of words that are shown. */
#include "cli/ci_log.h"

#include "base/rc.h"

/* Bytes of the control character at t.p[i]; 0: it is another one. U+0080 to U+009F are two bytes. */
static size_t control_at(struct text t, size_t i)
{
	unsigned char c = (unsigned char)t.p[i];
	if (c == 0xc2 && i + 1 < t.n && (unsigned char)t.p[i + 1] >= 0x80 && (unsigned char)t.p[i + 1] < 0xa0) return 2;
	return (c < 0x20 && c != '\n') || c == 0x7f;
}

void ci_log_text(struct buf *out, struct text t, bool line_begins)
{
	char last = '\0';
	for (size_t i = 0; i < t.n;) {
		size_t control = control_at(t, i);
		char c = control ? ' ' : t.p[i];
		if (c == '#' && last == '#') buf_char(out, ' ');
		if (c == ':' && last == ':' && line_begins) buf_char(out, ' ');
		buf_char(out, c);
		/* Blanks before a command do not hide it; neither do other scripts' blanks, whose first bytes are above ASCII. */
		bool blank = c == ' ' || (unsigned char)c >= 0x80;
		line_begins = c == '\n' || (line_begins && (blank || c == ':'));
		last = c;
		i += control ? control : 1;
	}
}

void ci_log_json(struct buf *out, struct text json)
{
	for (size_t i = 0; i < json.n; i++) {
		if (i > 0 && json.p[i] == '#' && json.p[i - 1] == '#')
			buf_cstr(out, "\\u0023");
		else
			buf_char(out, json.p[i]);
	}
}

void ci_log_say(FILE *to, const char *label, const char *sentence)
{
	buf_auto line = BUF_INIT(4 * ERR_TEXT_MAX);
	buf_printf(&line, "%s: ", label);
	ci_log_text(&line, text_from(sentence), false);
	buf_char(&line, '\n');
	fwrite(line.p, 1, line.n, to);
}
