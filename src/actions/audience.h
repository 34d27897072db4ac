/* Who asked to be told of an event: the active preferences of each account, kept in memory. Whether they are still true is known from the
 * account's notification revision, which comes with each event's place, in the event's own transaction: so a preference counts from the
 * commit that made it, on every server process, and a rollback is noticed too: no number comes twice. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/text.h"
#include "domain/subscription.h"

struct db;
struct audience;

struct audience *audience_new(void);
void audience_free(struct audience *a);

/* Calls each() once for every channel of the account that wants the occasion, until it returns something else than RC_OK. Reads the account's
 * preferences through db when the revision is another than the one in memory. Any thread; each() may do as it likes, its channel_id stays
 * until it returns. */
typedef enum rc audience_each(void *context, struct text channel_id, enum interest interest);
enum rc audience_of(struct audience *a, struct db *db, int64_t account, int64_t revision, const struct occasion *o,
	audience_each *each, void *context) must_check;
/* Whether audience_of() would call each() at all. */
enum rc audience_any(
	struct audience *a, struct db *db, int64_t account, int64_t revision, const struct occasion *o, bool *ret) must_check;
