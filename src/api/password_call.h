/* A request that needs the hasher: a password is checked, another one is hashed, the outcome is stored.
 *
 *   HTTP thread   prepare(): the body
 *   reader        handle(): who it is about; call->afterwards = password_call_begin, or a function that ends in it
 *   hasher        `check`, then checked(), which may refuse
 *   hasher        `make`
 *   writer        store(), as any handler in a write transaction; the answer leaves after the commit
 *
 * Nobody waits meanwhile. Whatever fails on the way is answered there, once: 503 when a queue is full or the server stops. */
#pragma once

#include "auth/hasher.h"
#include "http/http.h"

/* The first member of what the route's prepare() leaves in call->prepared. */
struct password_call {
	struct http_request *request;
	struct text check; /* absent: nothing is checked */
	struct text stored; /* against this hash; absent: nobody's, it takes as long and is wrong */
	/* On the hasher's thread. True: go on; false: the response has been set. */
	bool (*checked)(struct password_call *p, bool matches);
	struct text make; /* absent: no other one is hashed */
	void (*store)(struct http_request *r, struct db *db);
	struct text fresh; /* for store(): the hash of `make`, or of a checked one that is outdated; absent: none */
	struct hash_job job;
	bool check_done, make_done;
};

/* For call->afterwards. */
bool password_call_begin(struct http_request *r);
