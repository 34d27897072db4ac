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
struct hasher;
struct keyring;
struct metrics;
struct notify_site;
struct people;
struct principal;
struct stream_hub;
struct throttle;

struct app {
	struct commit_pipeline *writer;
	struct reader_pool *readers;
	struct wakeup *wakeup; /* NULL: no other process can be called */
	struct keyring *keyring;
	struct people *people;
	struct hasher *hasher;
	struct throttle *throttle; /* of logins */
	struct metrics *metrics;
	struct audience *audience; /* who is told of events; NULL: nobody */
	struct deliverer *deliverer; /* NULL: nothing is delivered */
	struct stream_hub *stream; /* NULL: nobody can listen */
	const struct notify_site *site;
	unsigned rate_limit; /* requests a minute for one key, session or token; 0: no limit */
	int64_t session_lifetime; /* microseconds */
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
	struct principal *principal; /* who asks; NULL on an open route */
	void *prepared; /* what the route's prepare() read from the body */
	/* Set by a handler of ACCESS_READ whose answer comes from elsewhere: called when its transaction has ended. True: it will lead to
	 * http_finish(), or has already, and the request is not to be touched. False: the response is complete. */
	bool (*afterwards)(struct http_request *r);
	/* What runs in the write transaction: the route's handler, unless another one goes on there (call_write). */
	void (*write_handle)(struct http_request *r, struct db *db);
	/* Set by it: called once what it wrote is on the disk, before the answer leaves. So that memory knows by then (a key that was made works at
	 * the next request, a session that was ended does not). On the writer's thread; must not wait. */
	void (*committed)(struct http_request *r);
	void *lesson; /* what committed() needs */
	/* Idempotency-Key, absent without one, and the digest of method, path and body. */
	struct text idempotency_key;
	char request_digest[DIGEST_HEX_SIZE];
	const char *trouble; /* of the store, for the log; NULL without any */
	bool recorded_event; /* for the counters, once committed */
	enum kind event_kind;
	enum state event_state;
};

/* Takes a request that is parked (afterwards) into a write transaction: handle runs there, and the answer leaves after the commit. Any thread.
 * False: it has been answered, and is to be finished by the caller. dispatch.c */
bool call_write(struct call *call, void (*handle)(struct http_request *r, struct db *db));

static inline struct call *call_of(const struct http_request *r)
{
	return r->work;
}
/* Writes about people are few: they go one after the other, and past those about products. */
static inline uint64_t people_key(int64_t account)
{
	return commit_key(account, TEXT("people"));
}
static inline int64_t account_of(const struct http_request *r)
{
	return call_of(r)->actor.account;
}
