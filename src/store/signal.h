/* What a commit tells the rest of the program (db_signal): topics and their payloads. */
#pragma once

#include <stdint.h>

#include "base/text.h"

struct db;

#define OUTBOX_SIGNAL "outbox" /* something is due in a channel: "account channel-id" */
#define KEYS_SIGNAL "keys" /* API keys were made or revoked; no payload */
void outbox_signal(struct db *db, int64_t account, struct text channel_id);
void keys_signal(struct db *db);
