/* Idempotency-Key: the first answer is given again, to the same principal, for 24 hours. What stands around a handler, not in it.
 *
 * An answer is kept when the handler was reached and the store took what it wrote: acknowledged events, and refusals that the
 * store decided (409). A request that was refused for its fields is not kept, so that the mended one may use the same key. */
#pragma once

#include <stdbool.h>

struct call;
struct db;

/* Reads and checks the header, and digests the request. False: it has been answered (422). HTTP thread. */
bool idempotency_prepare(struct call *call);
/* True: an earlier answer (or the refusal of another body under the same key) has been set. In the transaction. */
bool idempotency_replay(struct call *call, struct db *db);
/* Keeps the answer that has just been made. False: the store failed. */
bool idempotency_keep_answer(struct call *call, struct db *db);
