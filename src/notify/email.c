/* The channel type email: a message as plain text and as HTML, through the operator's mail server. */
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "notify/channel_type.h"
#include "notify/message.h"

enum { RECIPIENTS_MOST = 20, SUBJECT_MOST = 200, LINE_MOST = 1000, ERROR_MOST = 10000, HEADERS_MOST = 6 };

#define SUBJECT_PREFIX "[Versioner] "
#define TEST_SENTENCE "This is a test: nothing was deployed."

/* ---- plain text ---- */

static struct text plain_of(struct arena *a, const struct message *m, bool is_test)
{
	buf_auto b = BUF_INIT(LIMIT_NOTIFICATION_BODY);
	if (is_test) buf_cstr(&b, TEST_SENTENCE "\n\n");
	buf_printf(&b, "%.*s\n\n", TEXT_ARGS(m->headline));
	for (size_t i = 0; i < m->field_count; i++) buf_printf(&b, "%s: %.*s\n", m->fields[i].label, TEXT_ARGS(m->fields[i].value));
	if (m->error.n) buf_printf(&b, "\nError:\n%.*s\n", TEXT_ARGS(m->error));
	if (m->context.n) buf_printf(&b, "\n%.*s\n", TEXT_ARGS(m->context));
	if (m->link_count) buf_char(&b, '\n');
	for (size_t i = 0; i < m->link_count; i++) buf_printf(&b, "%s: %.*s\n", m->links[i].label, TEXT_ARGS(m->links[i].url));
	return text_copy(a, buf_view(&b));
}

/* ---- HTML: tables and inline styles, which is what mail readers agree on; nothing is loaded from elsewhere ---- */

#define FONT "font-family:Arial,Helvetica,sans-serif;font-size:14px;color:#1f2328"
#define MONOSPACE "font-family:Consolas,Menlo,monospace;font-size:13px;color:#1f2328"

static void put_escaped(struct buf *b, struct text t)
{
	static const char *const entities[128] = {
		['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;"};
	for (size_t i = 0; i < t.n; i++) {
		unsigned char c = (unsigned char)t.p[i];
		if (c < 128 && entities[c])
			buf_cstr(b, entities[c]);
		else
			buf_char(b, (char)c);
	}
}

static const char *colour_of(enum event_success success)
{
	static const char *const colours[] = {[SUCCESS_NOT_SAID] = "#57606a", [SUCCESS_YES] = "#1a7f37", [SUCCESS_NO] = "#cf222e"};
	return colours[success];
}

static void put_row(struct buf *b, const char *style, struct text t)
{
	buf_printf(b, "<tr><td style=\"padding:8px 16px;%s\">", style);
	put_escaped(b, t);
	buf_cstr(b, "</td></tr>\n");
}

static void put_fields(struct buf *b, const struct message *m)
{
	buf_cstr(b, "<tr><td style=\"padding:8px 16px\"><table cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n");
	for (size_t i = 0; i < m->field_count; i++) {
		buf_printf(
			b, "<tr><td style=\"padding:2px 16px 2px 0;vertical-align:top;" FONT ";color:#57606a\">%s</td>", m->fields[i].label);
		buf_cstr(b, "<td style=\"padding:2px 0;" FONT "\">");
		put_escaped(b, m->fields[i].value);
		buf_cstr(b, "</td></tr>\n");
	}
	buf_cstr(b, "</table></td></tr>\n");
}

static void put_links(struct buf *b, const struct message *m)
{
	buf_cstr(b, "<tr><td style=\"padding:8px 16px 16px;" FONT "\">");
	for (size_t i = 0; i < m->link_count; i++) {
		buf_cstr(b, i ? " &nbsp; <a href=\"" : "<a href=\"");
		put_escaped(b, m->links[i].url);
		buf_printf(b, "\" style=\"color:#0969da\">%s</a>", m->links[i].label);
	}
	buf_cstr(b, "</td></tr>\n");
}

static struct text html_of(struct arena *a, const struct message *m, bool is_test)
{
	buf_auto b = BUF_INIT(LIMIT_NOTIFICATION_BODY);
	buf_cstr(&b, "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head><body style=\"margin:0;padding:16px\">\n");
	buf_printf(&b,
		"<table cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"width:100%%;max-width:640px;border-left:4px solid "
		"%s\">\n",
		colour_of(m->success));
	if (is_test) put_row(&b, FONT ";font-style:italic", TEXT(TEST_SENTENCE));
	put_row(&b, FONT ";font-size:18px;font-weight:bold", m->headline);
	if (m->field_count) put_fields(&b, m);
	if (m->error.n) put_row(&b, MONOSPACE ";white-space:pre-wrap;word-break:break-word;background:#f6f8fa", m->error);
	if (m->context.n) put_row(&b, FONT ";color:#57606a", m->context);
	if (m->link_count) put_links(&b, m);
	buf_cstr(&b, "</table>\n</body></html>\n");
	return text_copy(a, buf_view(&b));
}

/* ---- headers ---- */

/* The domain of "Versioner <versioner@example.com>". */
static struct text domain_of(struct text from)
{
	size_t at = from.n;
	while (at > 0 && from.p[at - 1] != '@') at--;
	size_t end = at;
	while (end < from.n && !strchr("> \t", from.p[end])) end++;
	return at && end > at ? (struct text){from.p + at, end - at} : TEXT("localhost");
}

static struct text message_id(struct arena *a, struct text id, struct text domain)
{
	return text_from(arena_printf(a, "<%.*s@%.*s>", TEXT_ARGS(id), TEXT_ARGS(domain)));
}

/* All mails of one deployment refer to one that never was: so readers show them as one thread, whichever came first. Message-ID is the
 * same over retries, for servers that drop a second copy. */
static void add_headers(const struct delivery *d, struct outgoing_mail *m)
{
	struct outgoing_header *list = arena_array_of(d->arena, struct outgoing_header, HEADERS_MOST);
	struct text domain = domain_of(m->from);
	size_t n = 0;
	if (d->id.n) list[n++] = (struct outgoing_header){TEXT("Message-ID"), message_id(d->arena, d->id, domain)};
	if (d->notice.subject_id.n) {
		struct text thread = message_id(d->arena, d->notice.subject_id, domain);
		list[n++] = (struct outgoing_header){TEXT("In-Reply-To"), thread};
		list[n++] = (struct outgoing_header){TEXT("References"), thread};
	}
	list[n++] = (struct outgoing_header){TEXT("Auto-Submitted"), TEXT("auto-generated")}; /* RFC 3834: nobody's absence answers */
	list[n++] = (struct outgoing_header){TEXT("X-Versioner-Event"), text_from(d->type->name)};
	if (d->is_test) list[n++] = (struct outgoing_header){TEXT("X-Versioner-Test"), TEXT("true")};
	m->headers = list;
	m->header_count = n;
}

/* ---- the type ---- */

static size_t recipients_of(const struct delivery *d, const struct text **ret)
{
	const struct json *to = json_member(d->config, "to");
	size_t n = json_size(to);
	struct text *list = arena_array_of(d->arena, struct text, n + 1);
	for (size_t i = 0; i < n; i++) list[i] = json_text(json_element(to, i));
	*ret = list;
	return n;
}

/* The parts of a message that may be long, and the line that becomes a header. */
static struct message mailable(const struct delivery *d)
{
	struct message m = message_of(d->arena, &d->notice, d->type, d->site);
	m.summary = message_clean(d->arena, m.summary, SUBJECT_MOST, false);
	m.context = message_clean(d->arena, m.context, LINE_MOST, false);
	m.error = message_clean(d->arena, m.error, ERROR_MOST, true);
	return m;
}

static enum rc compose(struct delivery *d, struct outgoing_request *ret, struct err *err)
{
	if (!d->site->mail_server) return err_set(err, RC_UNAVAILABLE, "no mail server is set up (--smtp-url)");
	if (!d->site->mail_from) return err_set(err, RC_UNAVAILABLE, "no sender of mail is set up");
	struct message m = mailable(d);
	struct outgoing_mail *mail = arena_new_of(d->arena, struct outgoing_mail);
	mail->server = d->site->mail_server;
	mail->tls = d->site->mail_tls;
	mail->from = text_from(d->site->mail_from);
	mail->to_count = recipients_of(d, &mail->to);
	if (!mail->to_count) return err_set(err, RC_INVALID, "the channel has no addresses");
	mail->subject = text_from(arena_printf(d->arena, SUBJECT_PREFIX "%s%.*s", d->is_test ? "Test: " : "", TEXT_ARGS(m.summary)));
	mail->plain = plain_of(d->arena, &m, d->is_test);
	mail->html = html_of(d->arena, &m, d->is_test);
	add_headers(d, mail);
	*ret = (struct outgoing_request){.mail = mail};
	return RC_OK;
}

/* The server refuses us, not the mailbox (RFC 4954): the operator mends that, and nobody's mail shall be lost meanwhile. */
static bool refuses_login(int status)
{
	return status == 530 || status == 534 || status == 535 || status == 538;
}

static enum delivery_verdict judge(struct delivery *d, const struct outgoing_answer *answer)
{
	(void)d;
	int class = answer->status / 100;
	if (class == 2) return DELIVERY_DONE;
	if (class == 5 && !refuses_login(answer->status)) return DELIVERY_DEAD;
	return DELIVERY_AGAIN;
}

static const struct config_field CONFIG[] = {
	{.name = "to", .kind = CONFIG_ADDRESSES, .required = true, .limit = RECIPIENTS_MOST},
	{.name = NULL},
};

const struct channel_type CHANNEL_EMAIL = {
	.name = "email",
	.config = CONFIG,
	.compose = compose,
	.judge = judge,
};
