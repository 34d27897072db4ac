/* What may be asked of the name of a destination before anything is sent: URL, mail address, mail server. */
#include <arpa/inet.h>
#include <locale.h>
#include <netinet/in.h>
#include <string.h>

#include "base/limits.h"
#include "outgoing/outgoing.h"
#include "outgoing/outgoing_private.h"

enum { MAIL_ADDRESS_MAX = 254, MAIL_LOCAL_MAX = 64, LABEL_MAX = 63 }; /* RFC 5321 4.5.3.1, RFC 1035 2.3.4 */

/* What a URL came apart into; the strings are the library's. */
struct parts {
	CURLU *url;
	char *scheme, *host, *port, *path;
};

static void parts_done(struct parts *p)
{
	if (!p->url) return;
	curl_free(p->scheme);
	curl_free(p->host);
	curl_free(p->port);
	curl_free(p->path);
	curl_url_cleanup(p->url);
}
#define parts_auto __attribute__((cleanup(parts_done))) struct parts

static CURLUcode parts_read(const char *url, unsigned flags, struct parts *p)
{
	p->url = curl_url();
	if (!p->url) return CURLUE_OUT_OF_MEMORY;
	CURLUcode code = curl_url_set(p->url, CURLUPART_URL, url, flags | CURLU_NON_SUPPORT_SCHEME);
	if (code == CURLUE_OK) code = curl_url_get(p->url, CURLUPART_SCHEME, &p->scheme, 0);
	if (code == CURLUE_OK) code = curl_url_get(p->url, CURLUPART_HOST, &p->host, 0);
	if (code == CURLUE_OK) code = curl_url_get(p->url, CURLUPART_PATH, &p->path, 0);
	if (code == CURLUE_OK && curl_url_get(p->url, CURLUPART_PORT, &p->port, 0) == CURLUE_OUT_OF_MEMORY)
		return CURLUE_OUT_OF_MEMORY;
	return code;
}

/* Names of other scripts become those that DNS knows. The library asks the locale for their encoding, and the process has none. */
static CURLUcode host_to_ascii(struct parts *p)
{
#ifdef CURLU_PUNYCODE
	const char *c = p->host;
	char *ascii = NULL;
	while (*c && (unsigned char)*c < 0x80) c++;
	if (!*c) return CURLUE_OK;
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0), before = uselocale(utf8);
	CURLUcode code = curl_url_get(p->url, CURLUPART_HOST, &ascii, CURLU_PUNYCODE);
	uselocale(before);
	if (utf8) freelocale(utf8);
	if (code == CURLUE_OK) code = curl_url_set(p->url, CURLUPART_HOST, ascii, 0);
	if (code != CURLUE_OK) {
		curl_free(ascii);
		return CURLUE_BAD_HOSTNAME;
	}
	curl_free(p->host);
	p->host = ascii;
#endif
	return CURLUE_OK;
}

static enum rc refuse(CURLUcode code, struct err *err)
{
	static const struct {
		CURLUcode code;
		const char *sentence;
	} SENTENCES[] = {
		{CURLUE_USER_NOT_ALLOWED, "the URL must have no user and no password"},
		{CURLUE_BAD_PORT_NUMBER, "the URL's port must be a number from 1 to 65535"},
		{CURLUE_NO_HOST, "the URL has no host"},
		{CURLUE_BAD_SCHEME, "the URL must begin with http:// or https://"},
		{CURLUE_UNSUPPORTED_SCHEME, "the URL must begin with http:// or https://"},
	};
	for (size_t i = 0; i < sizeof SENTENCES / sizeof *SENTENCES; i++)
		if (SENTENCES[i].code == code) return err_set(err, RC_INVALID, "%s", SENTENCES[i].sentence);
	return err_set(err, RC_INVALID, "the URL is malformed");
}

/* The address that the host is, if it is one. The library has brought other spellings of IPv4 to the dotted one already, except before
 * a last dot; inet_aton reads them all. */
static bool host_address(const char *host, struct sockaddr_storage *ret)
{
	char copy[INET6_ADDRSTRLEN + 2];
	size_t n = strlen(host);
	bool bracketed = n > 2 && host[0] == '[' && host[n - 1] == ']';
	if (bracketed) {
		host++;
		n -= 2;
	} else if (n && host[n - 1] == '.') {
		n--;
	}
	if (n == 0 || n >= sizeof copy) return false;
	memcpy(copy, host, n);
	copy[n] = '\0';
	struct sockaddr_storage out = {.ss_family = bracketed ? AF_INET6 : AF_INET};
	bool read = bracketed ? inet_pton(AF_INET6, copy, &((struct sockaddr_in6 *)&out)->sin6_addr) == 1
						  : inet_aton(copy, &((struct sockaddr_in *)&out)->sin_addr) != 0;
	if (read) *ret = out;
	return read;
}

static bool starts_nocase(struct text t, struct text prefix)
{
	return t.n >= prefix.n && text_equal_nocase((struct text){t.p, prefix.n}, prefix);
}

enum rc outgoing_url_check(struct text url, const struct guard *guard, struct err *err)
{
	char copy[LIMIT_URL + 1];
	parts_auto p = {0};
	struct sockaddr_storage address;
	if (url.n > LIMIT_URL) return err_set(err, RC_INVALID, "the URL is longer than %d bytes", LIMIT_URL);
	/* "http:/host" and "http:///host" are read as "http://host" by some */
	if (!starts_nocase(url, TEXT("http://")) && !starts_nocase(url, TEXT("https://"))) return refuse(CURLUE_BAD_SCHEME, err);
	if (memchr(url.p, '\0', url.n) || !utf8_valid(url)) return refuse(CURLUE_MALFORMED_INPUT, err);
	memcpy(copy, url.p, url.n);
	copy[url.n] = '\0';
	if (strncmp(strchr(copy, ':'), ":///", 4) == 0) return refuse(CURLUE_NO_HOST, err);
	enum rc rc = libcurl_load(err);
	if (rc != RC_OK) return rc;
	CURLUcode code = parts_read(copy, CURLU_DISALLOW_USER, &p);
	if (code == CURLUE_OK) code = host_to_ascii(&p);
	if (code != CURLUE_OK) return refuse(code, err);
	if (p.host[strspn(p.host, ".")] == '\0') return refuse(CURLUE_NO_HOST, err);
	if (p.port && strcmp(p.port, "0") == 0) return refuse(CURLUE_BAD_PORT_NUMBER, err);
	if (host_address(p.host, &address) && !guard_allows(guard, (struct sockaddr *)&address))
		return err_set(err, RC_INVALID, "the URL's address is not allowed (loopback, private or reserved)");
	return RC_OK;
}

static bool may_be_shown(struct text t)
{
	return utf8_valid(t) && !text_has_control(t, false);
}

/* The last four characters of a path that is long enough not to be told by them. */
static struct text path_end(const char *path)
{
	enum { SHOWN = 4, LEAST = 16 };
	struct text t = text_from(path);
	if (!may_be_shown(t) || utf8_length(t) < LEAST) return TEXT("");
	size_t at = t.n;
	for (int i = 0; i < SHOWN; i++) do
			at--;
		while ((t.p[at] & 0xc0) == 0x80);
	return (struct text){t.p + at, t.n - at};
}

struct text outgoing_url_masked(struct arena *a, struct text url)
{
	parts_auto p = {0};
	const char *copy = text_cstr(a, url);
	if (!copy || strlen(copy) != url.n || libcurl_load(NULL) != RC_OK || parts_read(copy, 0, &p) != CURLUE_OK) return TEXT("…");
	if (!may_be_shown(text_from(p.host))) return TEXT("…"); /* its percent-encoding is gone */
	struct text end = path_end(p.path);
	return text_from(
		arena_printf(a, "%s://%s%s%s/…%.*s", p.scheme, p.host, p.port ? ":" : "", p.port ? p.port : "", TEXT_ARGS(end)));
}

/* Dot-atom of RFC 5322, without quoted strings. */
static bool local_valid(struct text t)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~";
	struct text part;
	if (t.n == 0 || t.n > MAIL_LOCAL_MAX) return false;
	while (text_split(&t, '.', &part)) {
		if (part.n == 0) return false;
		for (size_t i = 0; i < part.n; i++)
			if (!part.p[i] || !strchr(allowed, part.p[i])) return false;
	}
	return true;
}

static bool domain_valid(struct text t)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
	struct text label;
	if (t.n == 0) return false;
	while (text_split(&t, '.', &label)) {
		if (label.n == 0 || label.n > LABEL_MAX || label.p[0] == '-' || label.p[label.n - 1] == '-') return false;
		for (size_t i = 0; i < label.n; i++)
			if (!label.p[i] || !strchr(allowed, label.p[i])) return false;
	}
	return true;
}

bool outgoing_mail_address_valid(struct text address)
{
	const char *at = address.n ? memchr(address.p, '@', address.n) : NULL;
	if (!at || address.n > MAIL_ADDRESS_MAX) return false;
	size_t local = (size_t)(at - address.p);
	return local_valid((struct text){address.p, local}) && domain_valid((struct text){at + 1, address.n - local - 1});
}

enum rc mail_server_read(const char *url, struct mail_server *ret, struct err *err)
{
	static const char wrong[] = "the mail server must be smtp://[user:password@]host[:port] or smtps://…";
	parts_auto p = {0};
	char *user = NULL;
	if (strlen(url) > LIMIT_URL || !strstr(url, "://") || strstr(url, ":///")) return err_set(err, RC_INVALID, wrong);
	enum rc rc = libcurl_load(err);
	if (rc != RC_OK) return rc;
	if (parts_read(url, 0, &p) != CURLUE_OK || p.host[0] == '\0') return err_set(err, RC_INVALID, wrong);
	bool encrypted = strcmp(p.scheme, "smtps") == 0;
	if ((!encrypted && strcmp(p.scheme, "smtp") != 0) || (p.port && strcmp(p.port, "0") == 0))
		return err_set(err, RC_INVALID, wrong);
	bool with_user = curl_url_get(p.url, CURLUPART_USER, &user, 0) == CURLUE_OK && user[0];
	curl_free(user);
	*ret = (struct mail_server){.encrypted = encrypted, .with_user = with_user};
	return RC_OK;
}

enum rc outgoing_mail_server_check(const char *url, struct err *err)
{
	struct mail_server server;
	return mail_server_read(url, &server, err);
}

enum rc url_normalise(const char *url, char **ret, bool *ret_web, struct err *err)
{
	parts_auto p = {0};
	char *whole = NULL;
	if (strlen(url) > LIMIT_URL) return err_set(err, RC_INVALID, "the URL is longer than %d bytes", LIMIT_URL);
	enum rc rc = libcurl_load(err);
	if (rc != RC_OK) return rc;
	CURLUcode code = parts_read(url, CURLU_DISALLOW_USER | CURLU_URLENCODE, &p);
	if (code == CURLUE_OK) code = host_to_ascii(&p);
	if (code == CURLUE_OK) code = curl_url_get(p.url, CURLUPART_URL, &whole, 0);
	if (code != CURLUE_OK) return refuse(code, err);
	*ret = whole;
	*ret_web = strcmp(p.scheme, "http") == 0 || strcmp(p.scheme, "https") == 0;
	return RC_OK;
}
