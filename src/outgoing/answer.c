/* What became of a request, in our words: the library's own may hold names and URLs. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "outgoing/outgoing_private.h"

static const char *const SENTENCES[CURL_LAST] = {
	[CURLE_COULDNT_RESOLVE_HOST] = "could not resolve the host name",
	[CURLE_COULDNT_CONNECT] = "could not connect",
	[CURLE_OPERATION_TIMEDOUT] = "timed out",
	[CURLE_RECV_ERROR] = "connection reset",
	[CURLE_SEND_ERROR] = "connection reset",
	[CURLE_GOT_NOTHING] = "the connection was closed without an answer",
	[CURLE_PARTIAL_FILE] = "the connection was closed within the answer",
	[CURLE_PEER_FAILED_VERIFICATION] = "TLS: the certificate is not trusted, or not for this host",
	[CURLE_SSL_CACERT_BADFILE] = "TLS: the certificate authorities cannot be read",
	[CURLE_SSL_CONNECT_ERROR] = "TLS: the handshake failed",
	[CURLE_USE_SSL_FAILED] = "TLS: the mail server does not offer STARTTLS",
	[CURLE_LOGIN_DENIED] = "the mail server refused the user or the password",
	[CURLE_WEIRD_SERVER_REPLY] = "the answer is malformed",
	[CURLE_UNSUPPORTED_PROTOCOL] = "the answer is malformed",
	[CURLE_BAD_CONTENT_ENCODING] = "the answer is malformed",
	[CURLE_OUT_OF_MEMORY] = "the answer's headers are too large, or memory is short", /* 7.88 says so of one endless line */
};

/* Of a connection that was not made. */
static const struct {
	int number;
	const char *sentence;
} REASONS[] = {
	{ECONNREFUSED, "connection refused"},
	{ECONNRESET, "connection reset"},
	{ENETUNREACH, "no route to the host"},
	{EHOSTUNREACH, "no route to the host"},
};

static const char *sentence_of(const struct transfer *t, CURLcode code)
{
	long reason = 0;
	if (t->header_bytes > LIMIT_OUTGOING_HEADERS) return "the answer's headers are too large";
	if (code == CURLE_COULDNT_CONNECT) curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &reason);
	for (size_t i = 0; i < sizeof REASONS / sizeof *REASONS; i++)
		if (REASONS[i].number == reason) return REASONS[i].sentence;
	return code < CURL_LAST && SENTENCES[code] ? SENTENCES[code] : "the request failed";
}

/* Seconds, or a date (RFC 9110 10.2.3). */
int64_t answer_retry_after(CURL *easy)
{
	enum { LONGEST = 10 * 365 * 86400 };
	struct curl_header *h;
	uint64_t seconds;
	if (curl_easy_header(easy, "Retry-After", 0, CURLH_HEADER, -1, &h) != CURLHE_OK) return -1;
	struct text value = text_trim(text_from(h->value));
	if (value.n && strspn(value.p, "0123456789") >= value.n)
		return text_to_u64(value, &seconds) && seconds < LONGEST ? (int64_t)seconds : LONGEST;
	time_t date = curl_getdate(h->value, NULL);
	if (date == -1) return -1;
	int64_t wait = (int64_t)date - clock_now() / SECONDS_US(1);
	return wait < 0 ? 0 : wait < LONGEST ? wait : LONGEST;
}

/* A mail server has answered when all went well, or when it refused; a connection that ended after some good answer has none. */
static bool mail_answered(CURLcode code, long status)
{
	switch (code) {
	case CURLE_OK: return true;
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_USE_SSL_FAILED:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_RECV_ERROR: return false;
	default: return status >= 400;
	}
}

static enum outgoing_end end_of(const struct transfer *t, CURLcode code, long status)
{
	if (t->mail ? mail_answered(code, status) : t->headers_whole) return OUTGOING_ANSWERED;
	bool refused = t->refused && !t->opened;
	return refused || (t->not_web && code == CURLE_UNSUPPORTED_PROTOCOL) ? OUTGOING_FORBIDDEN : OUTGOING_NO_ANSWER;
}

struct outgoing_answer transfer_answer(const struct transfer *t, CURLcode code)
{
	long status = 0;
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	struct outgoing_answer answer = {
		.end = end_of(t, code, status),
		.retry_after = -1,
		.body = TEXT(""),
		.micros = clock_monotonic() - t->started,
	};
	switch (answer.end) {
	case OUTGOING_ANSWERED:
		answer.status = (int)status;
		answer.body = buf_view(&t->body);
		if (!t->mail) answer.retry_after = answer_retry_after(t->easy);
		break;
	case OUTGOING_FORBIDDEN:
		answer.error = t->not_web ? "the destination is neither http nor https"
								  : "the destination's address is not allowed (loopback, private or reserved)";
		break;
	default: answer.error = sentence_of(t, code);
	}
	return answer;
}
