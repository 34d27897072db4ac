/* What a commit tells the rest of the program (db_signal): topics and their payloads. */
#pragma once

#include <stdint.h>

#include "base/text.h"

struct db;

#define OUTBOX_SIGNAL "outbox" /* something is due in a channel: "account channel-id" */
#define KEYS_SIGNAL "keys" /* API keys, users, sessions or tokens were made, changed or ended; no payload */
#define EVENTS_SIGNAL "events" /* an event was recorded: "account" */
#define LISTENS_SIGNAL "listens" /* between processes: events are to be told of for a while; no payload */
#define JOINS_SIGNAL "joins" /* between processes: one does not know who listens; no payload */
void events_signal(struct db *db, int64_t account);
void outbox_signal(struct db *db, int64_t account, struct text channel_id);
void keys_signal(struct db *db);
