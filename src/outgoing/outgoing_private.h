/* What the files of the room share. A transfer is one request on its way: a handle of the library and what it collects. */
#pragma once

#include "base/buf.h"
#include "outgoing/authorities.h"
#include "outgoing/libcurl.h"
#include "outgoing/outgoing.h"

struct outgoing {
	CURLM *multi;
	const struct guard *guard;
	struct authorities authorities;
	char *user_agent;
	long timeout_ms;
	struct transfer *under_way; /* doubly linked */
	size_t count;
	struct transfer *idle; /* singly linked; used again with their handles */
	size_t idle_count;
	bool stopping;
	struct mail_socket {
		int fd;
		const struct transfer *owner;
	} * mail_sockets; /* open ones */
	size_t mail_socket_count, mail_socket_room;
};

struct transfer {
	struct outgoing *o;
	struct transfer *next, *before;
	CURL *easy;
	outgoing_done *done;
	void *context;
	bool mail; /* else HTTP */
	bool not_web; /* the URL is neither http nor https */
	bool option_failed; /* the library did not take an option: the request must not begin */
	int64_t started;
	/* Owned until the end */
	struct curl_slist *headers, *recipients;
	curl_mime *mime;
	/* What came */
	struct buf body; /* mail: the server's last line */
	size_t header_bytes;
	bool headers_whole; /* of a final answer: its status counts, whatever becomes of the body */
	bool quitting; /* a mail's QUIT is out: what comes now says nothing of the mail */
	bool refused, opened; /* the guard refused an address; let one through */
};

/* An option that is not taken may be the one that guards: it is remembered. */
#define transfer_set(t, option, value) ((t)->option_failed |= curl_easy_setopt((t)->easy, option, value) != CURLE_OK)

/* ---- transfer.c ---- */
struct transfer *transfer_new(struct outgoing *o); /* NULL: the library has no memory */
void transfer_free(struct transfer *t);
/* Sets the handle up for a request. */
enum rc transfer_prepare(struct transfer *t, const struct outgoing_request *request, struct err *err) must_check;
void transfer_add_line(struct transfer *t, struct curl_slist **list, const char *line);
void transfer_clear(struct transfer *t); /* ready for the next request */

/* ---- answer.c ---- */
struct outgoing_answer transfer_answer(const struct transfer *t, CURLcode code); /* points into the transfer */

int64_t answer_retry_after(CURL *easy); /* seconds, from either form of the header; -1: none */

/* ---- socket.c ---- */
void transfer_guard(struct transfer *t);
void mail_sockets_forget(struct transfer *t); /* it is no longer theirs */

/* ---- mail.c ---- */
enum rc mail_prepare(struct transfer *t, const struct outgoing_mail *mail, struct err *err) must_check;

/* ---- mail_header.c: one header, encoded (RFC 2047) and folded (RFC 5322 2.2.3), without the last line break ---- */
struct mailbox {
	struct text name; /* may be empty */
	struct text address;
};
bool mailbox_read(struct text t, struct mailbox *ret); /* an address, or Name <address> */
void mail_header_text(struct buf *b, const char *name, struct text value); /* valid UTF-8 */
void mail_header_words(struct buf *b, struct text name, struct text value); /* printable ASCII: folded at its spaces */
void mail_header_mailbox(struct buf *b, const char *name, const struct mailbox *mailbox);
void mail_header_addresses(struct buf *b, const char *name, const struct text *addresses, size_t count);
void mail_header_date(struct buf *b, int64_t now); /* microseconds since 1970 */

/* ---- header.c ---- */
/* RC_INVALID when it could become two headers, or is one that the room writes itself. */
enum rc header_check(const struct outgoing_header *header, bool mail, struct err *err) must_check;

/* ---- url.c ---- */
struct mail_server {
	bool encrypted; /* smtps */
	bool with_user;
};
enum rc mail_server_read(const char *url, struct mail_server *ret, struct err *err) must_check;
/* The URL as it is sent: percent-encoded. *ret is freed with curl_free(); *ret_web: http or https. */
enum rc url_normalise(const char *url, char **ret, bool *ret_web, struct err *err) must_check;
