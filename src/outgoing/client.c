/* Asks one server one thing at a time, and says what may have become of a request that got no answer. */
#include "outgoing/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "outgoing/authorities.h"
#include "outgoing/outgoing_private.h"

struct client {
	CURL *easy;
	struct authorities authorities;
	char *user_agent, *certificate_file, *key_file;
	struct buf body;
	size_t header_bytes;
	bool option_failed;
	char *location, *request_id; /* of the last answer */
};

#define set(c, option, value) ((c)->option_failed |= curl_easy_setopt((c)->easy, option, value) != CURLE_OK)

static size_t take_body(char *bytes, size_t size, size_t n, void *client)
{
	struct client *c = client;
	buf_add(&c->body, bytes, size * n);
	return buf_failed(&c->body) ? 0 : size * n;
}

static size_t take_header(char *bytes, size_t size, size_t n, void *client)
{
	struct client *c = client;
	(void)bytes;
	c->header_bytes += size * n;
	return c->header_bytes > LIMIT_OUTGOING_HEADERS ? 0 : size * n;
}

static enum rc check_file(const char *path, const char *what, struct err *err)
{
	if (!path || access(path, R_OK) == 0) return RC_OK;
	return err_set(err, RC_INVALID, "%s %s cannot be read: %s", what, path, strerror(errno));
}

static enum rc check_files(const struct client_options *o, struct err *err)
{
	if (o->key_file && !o->certificate_file) return err_set(err, RC_INVALID, "a client key needs its certificate");
	enum rc rc = check_file(o->certificate_file, "the client certificate", err);
	return rc == RC_OK ? check_file(o->key_file, "the client key", err) : rc;
}

enum rc client_new(const struct client_options *options, struct client **ret, struct err *err)
{
	struct authorities authorities;
	enum rc rc = check_files(options, err);
	if (rc == RC_OK) rc = libcurl_load(err);
	if (rc == RC_OK) rc = authorities_read(options->ca_file, &authorities, err);
	if (rc != RC_OK) return rc;
	const char *key = options->key_file ? options->key_file : options->certificate_file; /* one file may hold both */
	struct client *c = mem_zalloc(sizeof *c);
	*c = (struct client){
		.easy = curl_easy_init(),
		.authorities = authorities,
		.user_agent = mem_strdup(options->user_agent),
		.certificate_file = options->certificate_file ? mem_strdup(options->certificate_file) : NULL,
		.key_file = key ? mem_strdup(key) : NULL,
		.body = BUF_INIT(options->answer_most),
	};
	if (!c->easy) {
		client_free(c);
		return err_set(err, RC_FAILED, "the HTTP library has no memory");
	}
	*ret = c;
	return RC_OK;
}

static void forget_answer(struct client *c)
{
	buf_clear(&c->body);
	c->header_bytes = 0;
	free(c->location);
	free(c->request_id);
	c->location = c->request_id = NULL;
}

void client_free(struct client *c)
{
	if (!c) return;
	if (c->easy) curl_easy_cleanup(c->easy);
	authorities_done(&c->authorities);
	forget_answer(c);
	buf_done(&c->body);
	free(c->user_agent);
	free(c->certificate_file);
	free(c->key_file);
	free(c);
}

/* ---- the request ---- */

static void add_line(struct client *c, struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);
	if (longer) *list = longer;
	c->option_failed |= !longer;
}

static enum rc add_headers(struct client *c, const struct client_request *r, struct curl_slist **list, struct err *err)
{
	for (size_t i = 0; i < r->header_count; i++) {
		const struct outgoing_header *h = &r->headers[i];
		enum rc rc = header_check(h, false, err);
		if (rc != RC_OK) return rc;
		buf_auto line = BUF_INIT(h->name.n + h->value.n + sizeof ": ");
		buf_text(&line, h->name);
		buf_cstr(&line, h->value.n ? ": " : ";");
		buf_text(&line, h->value);
		buf_char(&line, '\0');
		add_line(c, list, line.p);
	}
	add_line(c, list, "Expect:"); /* no round trip for a 100 Continue */
	set(c, CURLOPT_HTTPHEADER, *list);
	return RC_OK;
}

static long milliseconds(int64_t micros)
{
	enum { LONGEST = 86400000 };
	int64_t ms = (micros + 999) / 1000;
	return ms < 1 ? 1 : ms > LONGEST ? LONGEST : (long)ms;
}

/* This very machine is asked directly, whatever the proxies of the environment say. */
static bool is_loopback(const char *url)
{
	static const char *const NAMES[] = {"localhost", "127.", "[::1]"};
	const char *host = strstr(url, "://");
	if (!host) return false;
	host += 3;
	for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
		size_t n = strlen(NAMES[i]);
		if (strncasecmp(host, NAMES[i], n) == 0 && (NAMES[i][n - 1] == '.' || strchr(":/?#", host[n]))) return true;
	}
	return false;
}

static void set_options(struct client *c, const struct client_request *r, const char *url)
{
	enum { CONNECT_MS = 10000 };
	long timeout = milliseconds(r->timeout);
	set(c, CURLOPT_URL, url);
	set(c, CURLOPT_PROTOCOLS_STR, "http,https");
	set(c, CURLOPT_TIMEOUT_MS, timeout);
	set(c, CURLOPT_CONNECTTIMEOUT_MS, timeout < CONNECT_MS ? timeout : (long)CONNECT_MS);
	set(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	set(c, CURLOPT_FOLLOWLOCATION, 0L);
	set(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	set(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	set(c, CURLOPT_USERAGENT, c->user_agent);
	set(c, CURLOPT_WRITEFUNCTION, take_body);
	set(c, CURLOPT_WRITEDATA, c);
	set(c, CURLOPT_HEADERFUNCTION, take_header);
	set(c, CURLOPT_HEADERDATA, c);
	if (is_loopback(url)) set(c, CURLOPT_NOPROXY, "*");
	if (c->certificate_file) set(c, CURLOPT_SSLCERT, c->certificate_file);
	if (c->key_file) set(c, CURLOPT_SSLKEY, c->key_file);
	if (authorities_apply(&c->authorities, c->easy) != CURLE_OK) c->option_failed = true;
#if LIBCURL_VERSION_NUM >= 0x075700
	set(c, CURLOPT_QUICK_EXIT, 1L); /* a look-up of a name that hangs does not keep the program from ending */
#endif
}

static void set_method(struct client *c, const struct client_request *r)
{
	if (r->body.p) {
		set(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.n);
		set(c, CURLOPT_POSTFIELDS, r->body.p);
	}
	set(c, CURLOPT_CUSTOMREQUEST, r->method);
}

/* ---- the answer ---- */

/* "https://host:port" of a URL that has no user. */
static struct text origin_of(const char *url)
{
	const char *host = strstr(url, "://");
	size_t n = host ? (size_t)(host - url) + 3 : 0;
	return (struct text){url, n + strcspn(url + n, "/?#")};
}

/* %.*s is the origin. A code without a row is "the request to … failed". */
static const char *const SENTENCES[CURL_LAST] = {
	[CURLE_COULDNT_RESOLVE_HOST] = "the host of %.*s cannot be found (DNS): check the address and the network",
	[CURLE_COULDNT_RESOLVE_PROXY] =
		"the proxy for %.*s cannot be found (DNS): check HTTPS_PROXY, http_proxy and ALL_PROXY in the environment",
	[CURLE_COULDNT_CONNECT] = "could not connect to %.*s: check the address, and whether the server runs",
	[CURLE_OPERATION_TIMEDOUT] = "no answer from %.*s in time: check the network, or raise the time limit",
	[CURLE_RECV_ERROR] = "the connection to %.*s was cut before the answer had come",
	[CURLE_SEND_ERROR] = "the connection to %.*s was cut while the request was sent",
	[CURLE_GOT_NOTHING] = "%.*s closed the connection without an answer",
	[CURLE_PARTIAL_FILE] = "%.*s closed the connection within the answer",
	[CURLE_PEER_FAILED_VERIFICATION] =
		"the certificate of %.*s is not trusted, or not for this host: --ca-cert names further authorities",
	[CURLE_SSL_CACERT_BADFILE] = "the certificate authorities for %.*s cannot be read",
	[CURLE_SSL_CONNECT_ERROR] = "the TLS handshake with %.*s failed: does it speak TLS there, or ask for --client-cert?",
	[CURLE_SSL_CERTPROBLEM] = "the client certificate or its key cannot be used for %.*s: both must be PEM, and belong together",
	[CURLE_WEIRD_SERVER_REPLY] = "what answers at %.*s does not speak HTTP",
	[CURLE_UNSUPPORTED_PROTOCOL] = "what answers at %.*s does not speak HTTP",
	[CURLE_PROXY] = "the proxy for %.*s failed: check HTTPS_PROXY, http_proxy and ALL_PROXY in the environment",
	[CURLE_WRITE_ERROR] = "the answer of %.*s is too large",
};

static const char *sentence_of(const struct client *c, CURLcode code, long through_proxy)
{
	long reason = 0;
	if (code == CURLE_COULDNT_CONNECT) curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &reason);
	if (reason == ECONNREFUSED) return "%.*s refused the connection: check the address, and whether the server runs";
	if (reason == ENETUNREACH || reason == EHOSTUNREACH) return "there is no route to %.*s: check the network";
	if (through_proxy >= 300)
		return "the proxy refused the connection to %.*s: check NO_PROXY, HTTPS_PROXY and the proxy's rules";
	return code < CURL_LAST && SENTENCES[code] ? SENTENCES[code] : "the request to %.*s failed";
}

/* Nothing was sent before the transfer itself had begun. */
static enum client_end end_of(struct client *c, CURLcode code)
{
	curl_off_t begun = 0;
	if (code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CACERT_BADFILE || code == CURLE_PEER_FAILED_VERIFICATION)
		return CLIENT_IMPOSSIBLE;
	curl_easy_getinfo(c->easy, CURLINFO_PRETRANSFER_TIME_T, &begun);
	return begun > 0 ? CLIENT_BROKEN : CLIENT_UNSENT;
}

static void say_failure(struct client *c, CURLcode code, const char *url, struct client_answer *ret)
{
	long through_proxy = 0;
	struct err err;
	ret->end = end_of(c, code);
	curl_easy_getinfo(c->easy, CURLINFO_HTTP_CONNECTCODE, &through_proxy);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	err_set(&err, RC_UNAVAILABLE, sentence_of(c, code, through_proxy), TEXT_ARGS(origin_of(url)));
#pragma GCC diagnostic pop
	memcpy(ret->error, err.text, sizeof ret->error);
}

static char *copy_header(CURL *easy, const char *name)
{
	struct curl_header *h;
	return curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK ? mem_strdup(h->value) : NULL;
}

static void take_answer(struct client *c, struct client_answer *ret)
{
	long status = 0;
	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	c->location = copy_header(c->easy, "Location");
	c->request_id = copy_header(c->easy, "X-Request-Id");
	ret->end = CLIENT_ANSWERED;
	ret->status = (int)status;
	ret->body = c->body.n ? buf_view(&c->body) : TEXT("");
	ret->location = text_from(c->location);
	ret->request_id = text_from(c->request_id);
	ret->retry_after = answer_retry_after(c->easy);
}

static void perform(struct client *c, const struct client_request *r, const char *url, struct client_answer *ret)
{
	struct curl_slist *headers = NULL;
	struct err err;
	curl_easy_reset(c->easy);
	c->option_failed = false;
	set_options(c, r, url);
	set_method(c, r);
	enum rc rc = add_headers(c, r, &headers, &err);
	if (rc == RC_OK && c->option_failed) err_set(&err, RC_FAILED, "the HTTP library has no memory or lacks an option");
	if (rc != RC_OK || c->option_failed) {
		memcpy(ret->error, err.text, sizeof ret->error);
	} else {
		CURLcode code = curl_easy_perform(c->easy);
		if (code == CURLE_OK)
			take_answer(c, ret);
		else
			say_failure(c, code, url, ret);
	}
	curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, NULL); /* it points to what is freed */
	curl_slist_free_all(headers);
}

void client_ask(struct client *c, const struct client_request *request, struct client_answer *ret)
{
	char *url = NULL;
	bool web = false;
	struct err err;
	int64_t started = clock_monotonic();
	*ret = (struct client_answer){.end = CLIENT_IMPOSSIBLE, .retry_after = -1};
	forget_answer(c);
	enum rc rc = url_normalise(request->url, &url, &web, &err);
	if (rc == RC_OK && !web) rc = err_set(&err, RC_INVALID, "the URL must begin with http:// or https://");
	if (rc == RC_OK)
		perform(c, request, url, ret);
	else
		memcpy(ret->error, err.text, sizeof ret->error);
	curl_free(url);
	ret->micros = clock_monotonic() - started;
}

void client_escape(struct text t, struct buf *out)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	for (size_t i = 0; i < t.n; i++) {
		unsigned char c = (unsigned char)t.p[i];
		if (c && strchr(unreserved, c))
			buf_char(out, (char)c);
		else
			buf_printf(out, "%%%02X", c);
	}
}
