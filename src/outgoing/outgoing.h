/* Requests to other servers: HTTP(S) and mail, many at once on one thread. The only room that includes curl.h; knows no noun of the
 * product.
 *
 * Destinations are named by people who hold a key, so each is hostile until its address is known: every address is checked when the
 * connection is made (what DNS said a moment before does not count), no redirect is followed, no proxy of the environment is used, an
 * answer is read to LIMIT_OUTGOING_ANSWER, and all of it has a deadline. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/text.h"
#include "outgoing/guard.h"

struct outgoing;

struct outgoing_options {
	const struct guard *guard; /* which addresses; outlives the loop */
	const char *ca_file; /* PEM of further certificate authorities; NULL: the system's alone */
	const char *user_agent; /* "versioner/0.1.0" */
	int64_t timeout; /* microseconds for a whole request */
};

struct outgoing_header {
	/* RC_INVALID: a value with control characters (CR, LF, NUL …; in a mail also what is not ASCII), a name that is no token, and names
	 * that are this room's own: Host, Content-Length, Transfer-Encoding, Connection …; of a mail To, From, Subject, Content-Type … */
	struct text name, value;
};

struct outgoing_mail {
	const char *server; /* smtp://[user:password@]host[:port], smtps://…; the operator's: not guarded */
	/* STARTTLS of smtp://. AUTO: when offered; with a user: always */
	enum mail_tls { MAIL_TLS_AUTO, MAIL_TLS_ALWAYS, MAIL_TLS_NEVER } tls;
	struct text from; /* an address, or Name <address> */
	const struct text *to; /* addresses */
	size_t to_count;
	struct text subject; /* UTF-8 of any length: encoded and folded here */
	const struct outgoing_header *headers; /* further ones: Message-ID, References … */
	size_t header_count;
	struct text plain, html; /* UTF-8 of any line length: multipart/alternative */
};

enum outgoing_end {
	/* There is a status: the headers came whole. The body may have been cut off, by the limit, the deadline or the server. */
	OUTGOING_ANSWERED,
	OUTGOING_NO_ANSWER, /* connection refused, reset, DNS, TLS, timeout: error says which */
	OUTGOING_FORBIDDEN, /* the guard refused every address of the host, or the scheme */
	OUTGOING_STOPPED, /* outgoing_free() came first */
};

struct outgoing_answer {
	enum outgoing_end end;
	int status; /* HTTP; mail: the server's code (250, 450, 550 …), 0 without an answer */
	/* At most LIMIT_OUTGOING_ANSWER bytes, as sent; mail: the server's last line. Empty without an answer. A mail that the server took
	 * for one of its recipients is a 250, whatever it said of the others. */
	struct text body;
	int64_t retry_after; /* seconds, from either form of the header; -1: none */
	const char *error; /* a sentence without secrets: no URL, no credentials; NULL when answered */
	int64_t micros;
};

typedef void outgoing_done(void *context, const struct outgoing_answer *answer);

/* All that it points to stays until done(). Either `url` (HTTP POST of body) or `mail`. */
struct outgoing_request {
	const char *url;
	const struct outgoing_header *headers;
	size_t header_count;
	struct text body;
	const struct outgoing_mail *mail;
};

enum rc outgoing_new(const struct outgoing_options *options, struct outgoing **ret, struct err *err) must_check;
/* Ends what is under way with OUTGOING_STOPPED. NULL is fine. */
void outgoing_free(struct outgoing *o);
/* Begins a request; done() is called once, from outgoing_run() or outgoing_free(), never from here. RC_INVALID (err names what) when it
 * cannot be sent at all, RC_UNAVAILABLE within outgoing_free(), RC_FAILED without memory: then done() is not called. On the loop's thread,
 * also from within done(). */
enum rc outgoing_send(
	struct outgoing *o, const struct outgoing_request *request, outgoing_done *done, void *context, struct err *err) must_check;
/* One turn: waits for sockets, a wake-up, or `timeout` microseconds, then moves what can be moved. */
void outgoing_run(struct outgoing *o, int64_t timeout);
void outgoing_wake(struct outgoing *o); /* from any thread: ends the wait of outgoing_run() */
size_t outgoing_under_way(const struct outgoing *o);

/* Whether the URL may be a destination: http or https, a host, no user or password, at most LIMIT_URL bytes, and where the host is an
 * address (in any spelling) one that the guard lets through. The sentence says what is wrong, and never quotes the URL. */
enum rc outgoing_url_check(struct text url, const struct guard *guard, struct err *err) must_check;
/* The same URL for showing: scheme and host, then "/…" and the last four characters of a path that has at least 16; never a query, user or
 * password. What is no URL is "…". Into the arena. */
struct text outgoing_url_masked(struct arena *a, struct text url);
/* local@domain: one address, no display name, no quoted or non-ASCII part (an international domain as xn--…), at most 254 bytes. */
bool outgoing_mail_address_valid(struct text address);
/* smtp:// or smtps:// with a host: checked once at start. */
enum rc outgoing_mail_server_check(const char *url, struct err *err) must_check;
