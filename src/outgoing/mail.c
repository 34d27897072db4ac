/* One mail: its envelope, its headers and its two forms of text. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "outgoing/outgoing_private.h"

/* The server's answers come line by line, as headers do; the last one stays. */
static size_t take_line(char *bytes, size_t size, size_t n, void *transfer)
{
	struct transfer *t = transfer;
	n *= size;
	struct text line = {bytes, n};
	if (t->quitting) return n;
	while (line.n && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r')) line.n--;
	if (line.n > LIMIT_MAIL_LINE) line.n = utf8_cut(line, LIMIT_MAIL_LINE);
	buf_clear(&t->body);
	buf_text(&t->body, line);
	return n;
}

static size_t take_nothing(char *bytes, size_t size, size_t n, void *transfer)
{
	(void)bytes;
	(void)transfer;
	return size * n;
}

static enum rc set_server(struct transfer *t, const struct outgoing_mail *m, struct err *err)
{
	static const long LEVELS[] = {
		[MAIL_TLS_AUTO] = CURLUSESSL_TRY,
		[MAIL_TLS_ALWAYS] = CURLUSESSL_ALL,
		[MAIL_TLS_NEVER] = CURLUSESSL_NONE,
	};
	struct mail_server server;
	enum rc rc = mail_server_read(m->server, &server, err);
	if (rc != RC_OK) return rc;
	/* A password goes over an open line only where the operator says so. */
	bool strict = server.encrypted || (server.with_user && m->tls == MAIL_TLS_AUTO);
	transfer_set(t, CURLOPT_URL, m->server);
	transfer_set(t, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	transfer_set(t, CURLOPT_USE_SSL, strict ? (long)CURLUSESSL_ALL : LEVELS[m->tls]);
	/* A connection for each mail: an idle one is cut off by most servers, and closing it would not be under our eyes. */
	transfer_set(t, CURLOPT_FRESH_CONNECT, 1L);
	transfer_set(t, CURLOPT_FORBID_REUSE, 1L);
	transfer_set(t, CURLOPT_HEADERFUNCTION, take_line);
	transfer_set(t, CURLOPT_WRITEFUNCTION, take_nothing);
	return RC_OK;
}

static void add_recipient(struct transfer *t, struct text address)
{
	char line[256];
	memcpy(line, address.p, address.n); /* at most 254, checked */
	line[address.n] = '\0';
	transfer_add_line(t, &t->recipients, line);
}

static enum rc set_envelope(struct transfer *t, const struct outgoing_mail *m, struct mailbox *ret_from, struct err *err)
{
	char from[256];
	if (!mailbox_read(m->from, ret_from))
		return err_set(err, RC_INVALID, "the mail's sender is no address and no Name <address>");
	if (m->to_count == 0) return err_set(err, RC_INVALID, "the mail has no recipient");
	for (size_t i = 0; i < m->to_count; i++) {
		if (!outgoing_mail_address_valid(m->to[i]))
			return err_set(err, RC_INVALID, "recipient %zu of the mail is no address", i + 1);
		add_recipient(t, m->to[i]);
	}
	memcpy(from, ret_from->address.p, ret_from->address.n);
	from[ret_from->address.n] = '\0';
	transfer_set(t, CURLOPT_MAIL_FROM, from);
	transfer_set(t, CURLOPT_MAIL_RCPT, t->recipients);
	transfer_set(t, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
	return RC_OK;
}

/* Takes the header that is in b, and empties b. */
static void flush_header(struct transfer *t, struct buf *b, bool *too_long)
{
	buf_char(b, '\0');
	if (buf_failed(b))
		*too_long = true;
	else
		transfer_add_line(t, &t->headers, b->p);
	buf_clear(b);
}

static enum rc check_texts(const struct outgoing_mail *m, const struct mailbox *from, struct err *err)
{
	if (!utf8_valid(m->subject) || text_has_control(m->subject, true) ||
		(m->subject.n && memchr(m->subject.p, '\n', m->subject.n)))
		return err_set(err, RC_INVALID, "the mail's subject has a line break or another character that is not allowed");
	if (text_has_control(from->name, false))
		return err_set(
			err, RC_INVALID, "the name of the mail's sender has a line break or another character that is not allowed");
	for (size_t i = 0; i < m->header_count; i++) {
		enum rc rc = header_check(&m->headers[i], true, err);
		if (rc != RC_OK) return rc;
	}
	return RC_OK;
}

static enum rc set_headers(struct transfer *t, const struct outgoing_mail *m, const struct mailbox *from, struct err *err)
{
	buf_auto b = BUF_INIT(LIMIT_MAIL_HEADERS);
	bool too_long = false;
	enum rc rc = check_texts(m, from, err);
	if (rc != RC_OK) return rc;
	mail_header_date(&b, clock_now());
	flush_header(t, &b, &too_long);
	mail_header_mailbox(&b, "From", from);
	flush_header(t, &b, &too_long);
	mail_header_addresses(&b, "To", m->to, m->to_count);
	flush_header(t, &b, &too_long);
	mail_header_text(&b, "Subject", m->subject);
	flush_header(t, &b, &too_long);
	for (size_t i = 0; i < m->header_count; i++) {
		mail_header_words(&b, m->headers[i].name, text_trim(m->headers[i].value));
		flush_header(t, &b, &too_long);
	}
	transfer_add_line(t, &t->headers, "Content-Type: multipart/alternative");
	if (too_long) return err_set(err, RC_INVALID, "a header of the mail takes more than %zu bytes", LIMIT_MAIL_HEADERS);
	transfer_set(t, CURLOPT_HTTPHEADER, t->headers);
	return RC_OK;
}

/* Lines of a mail end with CR and LF. */
static void add_lines(struct buf *b, struct text t)
{
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] == '\n' && (i == 0 || t.p[i - 1] != '\r')) buf_char(b, '\r');
		buf_char(b, t.p[i]);
	}
}

static enum rc add_part(struct transfer *t, const char *type, struct text content, struct err *err)
{
	buf_auto lines = BUF_INIT(2 * LIMIT_NOTIFICATION_BODY);
	if (content.n == 0) return RC_OK;
	add_lines(&lines, content);
	if (buf_failed(&lines)) return err_set(err, RC_INVALID, "the mail's text takes more than %zu bytes", LIMIT_NOTIFICATION_BODY);
	curl_mimepart *part = curl_mime_addpart(t->mime);
	t->option_failed |= !part || curl_mime_type(part, type) != CURLE_OK ||
						curl_mime_encoder(part, "quoted-printable") != CURLE_OK ||
						curl_mime_data(part, lines.p, lines.n) != CURLE_OK;
	return RC_OK;
}

enum rc mail_prepare(struct transfer *t, const struct outgoing_mail *m, struct err *err)
{
	struct mailbox from;
	enum rc rc = set_server(t, m, err);
	if (rc == RC_OK) rc = set_envelope(t, m, &from, err);
	if (rc == RC_OK) rc = set_headers(t, m, &from, err);
	if (rc != RC_OK) return rc;
	t->mime = curl_mime_init(t->easy);
	if (!t->mime) return err_set(err, RC_FAILED, "the HTTP library has no memory");
	rc = add_part(t, "text/plain; charset=utf-8", m->plain, err); /* the plainest first, RFC 2046 5.1.4 */
	if (rc == RC_OK) rc = add_part(t, "text/html; charset=utf-8", m->html, err);
	transfer_set(t, CURLOPT_MIMEPOST, t->mime);
	return rc;
}
