/* The server's API, as the command line calls it: address, key, retries, deadline, --debug. The only way from this room to a server.
 *
 * Tried again: the network, 429 and 5xx, up to 4 attempts, after 1, 2 and 4 seconds with a jitter of ±20 %, or after what Retry-After
 * says; never past the deadline. All attempts of a request carry the same Idempotency-Key. */
#pragma once

#include "base/arena.h"
#include "base/json.h"
#include "base/rc.h"
#include "base/settings.h"
#include "base/text.h"

struct api_client;

/* How the client waits and knows the time: tests give their own. */
struct api_clock {
	int64_t (*now)(void); /* microseconds, monotonic */
	void (*wait)(int64_t micros);
};

/* From the rows that every command has (cli_settings.h). Nothing is sent. Fails with RC_INVALID and a sentence for the user: no key, an
 * address that is no URL, a file of certificates that cannot be read. */
enum rc api_client_new(const struct settings *s, struct api_client **ret, struct err *err) must_check;
void api_client_free(struct api_client *c); /* NULL is fine */
void api_client_use_clock(struct api_client *c, const struct api_clock *clock); /* for tests */
const char *api_client_url(const struct api_client *c); /* the base, without its last slash */

enum api_end {
	API_OK, /* 2xx */
	API_BLOCKED, /* 409, 423, 428 */
	API_REFUSED, /* any other answer */
	API_UNREACHED, /* no answer, and the request cannot have been acted upon */
	API_UNKNOWN, /* no answer, but an attempt was sent: it may have been stored */
};

struct api_request {
	const char *method;
	const char
		*path; /* "/deployment-events/", with its query when it has one; a text of the caller's is escaped by client_escape() */
	struct text body; /* JSON; absent: none */
	const char *idempotency_key; /* NULL: none */
	bool once; /* no second attempt: for what is asked again soon anyway */
};

/* In the arena that was given. */
struct api_answer {
	enum api_end end;
	int status; /* 0 without an answer */
	struct text body; /* as sent; absent without an answer */
	const struct json *json; /* the body; NULL when it is no JSON */
	/* One or more sentences for the user: of the server (detail, message, every field of a 422), or of the network. Present unless
	 * API_OK. Holds line breaks between the fields of a 422; no other control characters. */
	struct text message;
	/* Of a blocked request; each may be absent */
	struct text code; /* "NO_DEPLOY_WINDOW" */
	struct text rule_name;
	struct text retry_after; /* as the server wrote it, else the seconds of Retry-After */
	const struct json *details; /* an object */
	int attempts;
};

/* Always fills *ret. Where it says API_OK the JSON is an object or array, whatever the server sent: anything else is API_REFUSED with a
 * sentence that the address is not Versioner's API. */
void api_call(struct api_client *c, struct arena *a, const struct api_request *request, struct api_answer *ret);

/* The exit code for an answer (cli/commands.h): 0, 5, 4, or 1 without an answer. */
int api_exit_code(enum api_end end);
