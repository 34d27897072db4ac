/* The signals of the store, as text. */
#include "store/signal.h"

#include <inttypes.h>
#include <stdio.h>

#include "db/db.h"

void events_signal(struct db *db, int64_t account)
{
	char payload[24];
	int n = snprintf(payload, sizeof payload, "%" PRId64, account);
	if (n > 0 && (size_t)n < sizeof payload) db_signal(db, EVENTS_SIGNAL, (struct text){payload, (size_t)n});
}

void outbox_signal(struct db *db, int64_t account, struct text channel_id)
{
	char payload[64]; /* a number of 20 characters and a UUID of 36 */
	int n = snprintf(payload, sizeof payload, "%" PRId64 " %.*s", account, TEXT_ARGS(channel_id));
	if (n > 0 && (size_t)n < sizeof payload) db_signal(db, OUTBOX_SIGNAL, (struct text){payload, (size_t)n});
}

void keys_signal(struct db *db)
{
	db_signal(db, KEYS_SIGNAL, TEXT(""));
}
