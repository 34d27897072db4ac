/* One request on its way: what the library is told of it, and how much of the answer is taken. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "outgoing/outgoing_private.h"

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Taking less than was given ends the transfer and its connection. */
static size_t take_body(char *bytes, size_t size, size_t n, void *transfer)
{
	struct transfer *t = transfer;
	n *= size;
	size_t fits = min_size(n, LIMIT_OUTGOING_ANSWER - t->body.n);
	buf_add(&t->body, bytes, fits);
	return fits;
}

/* One line at a time, with those of 1xx answers and trailers. */
static size_t take_header(char *bytes, size_t size, size_t n, void *transfer)
{
	struct transfer *t = transfer;
	long status = 0;
	n *= size;
	t->header_bytes += n;
	if (t->header_bytes > LIMIT_OUTGOING_HEADERS) return 0;
	bool last = (n == 2 && bytes[0] == '\r') || (n == 1 && bytes[0] == '\n');
	if (last && curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK && status >= 200) t->headers_whole = true;
	return n;
}

struct transfer *transfer_new(struct outgoing *o)
{
	CURL *easy = curl_easy_init();
	if (!easy) return NULL;
	struct transfer *t = mem_zalloc(sizeof *t);
	t->o = o;
	t->easy = easy;
	t->body = BUF_INIT(LIMIT_OUTGOING_ANSWER);
	return t;
}

void transfer_clear(struct transfer *t)
{
	mail_sockets_forget(t);
	curl_easy_reset(t->easy); /* first: it points to what is freed below */
	curl_slist_free_all(t->headers);
	curl_slist_free_all(t->recipients);
	curl_mime_free(t->mime);
	buf_done(&t->body);
	*t = (struct transfer){.o = t->o, .easy = t->easy, .body = t->body};
}

void transfer_free(struct transfer *t)
{
	transfer_clear(t);
	curl_easy_cleanup(t->easy);
	free(t);
}

void transfer_add_line(struct transfer *t, struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);
	if (longer)
		*list = longer;
	else
		t->option_failed = true;
}

static void set_common(struct transfer *t)
{
	enum { CONNECT_MS = 10000 };
	long timeout = t->o->timeout_ms;
	transfer_set(t, CURLOPT_PRIVATE, t);
	transfer_set(t, CURLOPT_NOSIGNAL, 1L);
	transfer_set(t, CURLOPT_TIMEOUT_MS, timeout);
	transfer_set(t, CURLOPT_CONNECTTIMEOUT_MS, timeout < CONNECT_MS ? timeout : (long)CONNECT_MS);
	transfer_set(t, CURLOPT_PROXY, ""); /* nor that of the environment */
	transfer_set(t, CURLOPT_NOPROXY, "*");
	transfer_set(t, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	transfer_set(t, CURLOPT_FOLLOWLOCATION, 0L);
	transfer_set(t, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	transfer_set(t, CURLOPT_WRITEDATA, t);
	transfer_set(t, CURLOPT_HEADERDATA, t);
#if LIBCURL_VERSION_NUM >= 0x075700
	/* Without this, a request whose time is up waits, and the loop with it, for a look-up of its host's name that hangs. The look-up's
	 * thread then ends by itself. */
	transfer_set(t, CURLOPT_QUICK_EXIT, 1L);
#endif
	if (authorities_apply(&t->o->authorities, t->easy) != CURLE_OK) t->option_failed = true;
	transfer_guard(t);
}

/* The library drops a header without a value unless it is written with a semicolon. */
static void add_header(struct transfer *t, const struct outgoing_header *h)
{
	struct text value = text_trim(h->value);
	buf_auto line = BUF_INIT(h->name.n + value.n + sizeof ": ");
	buf_text(&line, h->name);
	buf_cstr(&line, value.n ? ": " : ";");
	buf_text(&line, value);
	buf_char(&line, '\0');
	transfer_add_line(t, &t->headers, line.p);
}

static enum rc set_headers(struct transfer *t, const struct outgoing_request *request, struct err *err)
{
	bool typed = false;
	for (size_t i = 0; i < request->header_count; i++) {
		const struct outgoing_header *h = &request->headers[i];
		enum rc rc = header_check(h, false, err);
		if (rc != RC_OK) return rc;
		typed |= text_equal_nocase(h->name, TEXT("Content-Type"));
		add_header(t, h);
	}
	if (!typed) transfer_add_line(t, &t->headers, "Content-Type:"); /* not application/x-www-form-urlencoded */
	transfer_add_line(t, &t->headers, "Expect:"); /* no round trip for a 100 Continue */
	transfer_set(t, CURLOPT_HTTPHEADER, t->headers);
	return RC_OK;
}

static enum rc http_prepare(struct transfer *t, const struct outgoing_request *request, struct err *err)
{
	char *url = NULL;
	bool web;
	enum rc rc = url_normalise(request->url, &url, &web, err);
	if (rc != RC_OK) return rc;
	t->not_web = !web;
	transfer_set(t, CURLOPT_URL, url);
	curl_free(url);
	transfer_set(t, CURLOPT_PROTOCOLS_STR, "http,https");
	transfer_set(t, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	transfer_set(t, CURLOPT_HTTP_CONTENT_DECODING, 0L);
	transfer_set(t, CURLOPT_USERAGENT, t->o->user_agent);
	transfer_set(t, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.n);
	transfer_set(t, CURLOPT_POSTFIELDS, request->body.p ? request->body.p : "");
	transfer_set(t, CURLOPT_WRITEFUNCTION, take_body);
	transfer_set(t, CURLOPT_HEADERFUNCTION, take_header);
	return set_headers(t, request, err);
}

enum rc transfer_prepare(struct transfer *t, const struct outgoing_request *request, struct err *err)
{
	t->mail = request->mail != NULL;
	set_common(t);
	enum rc rc = t->mail ? mail_prepare(t, request->mail, err) : http_prepare(t, request, err);
	if (rc == RC_OK && t->option_failed) return err_set(err, RC_FAILED, "the HTTP library has no memory or lacks an option");
	return rc;
}
