/* What the API's handlers share: the store's two ways in, the keys, the settings that answers depend on, the counters. */
#pragma once

#include <stdbool.h>

#include "actions/actor.h"
#include "base/secret.h"
#include "db/commit.h"
#include "db/readers.h"
#include "db/wakeup.h"
#include "domain/status.h"
#include "http/http.h"

struct audience;
struct deliverer;
struct keyring;
struct metrics;
struct notify_site;

struct app {
	struct commit_pipeline *writer;
	struct reader_pool *readers;
	struct wakeup *wakeup; /* NULL: no other process can be called */
	struct keyring *keyring;
	struct metrics *metrics;
	struct audience *audience; /* who is told of events; NULL: nobody */
	struct deliverer *deliverer; /* NULL: nothing is delivered */
	const struct notify_site *site;
	bool metrics_public;
	bool log_requests;
	int schema; /* newest migration's number, for /health */
	const char *engine;
};

/* One request on its way through the API: r->work. */
struct call {
	struct commit_job write;
	struct reader_job read;
	struct http_request *request;
	struct app *app;
	struct actor actor;
	void *prepared; /* what the route's prepare() read from the body */
	/* Set by a handler of ACCESS_READ whose answer comes from elsewhere: called when its transaction has ended. True: it will lead to
	 * http_finish(), or has already, and the request is not to be touched. False: the response is complete. */
	bool (*afterwards)(struct http_request *r);
	/* Idempotency-Key, absent without one, and the digest of method, path and body. */
	struct text idempotency_key;
	char request_digest[DIGEST_HEX_SIZE];
	const char *trouble; /* of the store, for the log; NULL without any */
	bool recorded_event; /* for the counters, once committed */
	enum kind event_kind;
	enum state event_state;
};

static inline struct call *call_of(const struct http_request *r)
{
	return r->work;
}
static inline int64_t account_of(const struct http_request *r)
{
	return call_of(r)->actor.account;
}
