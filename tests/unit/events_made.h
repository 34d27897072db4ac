/* Events put into a store for a test, and one for each position. */
#pragma once

#include <stdlib.h>

#include "base/uuid.h"
#include "fresh_store.h"
#include "store/event_log.h"

static inline struct logged_event event_made(struct text id, struct text payload)
{
	return (struct logged_event){.id = id,
		.kind = KIND_DEPLOYMENT,
		.state = STATE_COMPLETED,
		.effect = VERDICT_NEW,
		.subject_id = TEXT("d"),
		.product_id = TEXT("p"),
		.environment_id = TEXT("e"),
		.version_id = TEXT("v"),
		.actor = TEXT("api_key:k1"),
		.occurred_at = 1,
		.received_at = 1,
		.payload = payload};
}

/* In the transaction that is open on db. */
static inline void append_in(struct db *db, struct text payload, char ret_id[static UUID_SIZE])
{
	uuid_new(ret_id);
	struct logged_event e = event_made(text_from(ret_id), payload);
	assert_ok(event_append(db, ACCOUNT, &e));
}

/* `count` events in a transaction, each with its number as payload, from `first` on. */
static inline void append_numbers(struct db *db, int first, int count)
{
	char id[UUID_SIZE], payload[32];
	assert_ok(db_begin(db));
	for (int i = first; i < first + count; i++) {
		snprintf(payload, sizeof payload, "{\"n\":%d}", i);
		append_in(db, text_from(payload), id);
	}
	assert_ok(db_commit(db));
}

static inline struct db *another_connection(struct fresh_store *s, enum db_mode mode)
{
	struct db *db;
	struct err err = {0};
	if (db_open(s->path, mode, &db, &err) != RC_OK) fail_msg("%s", err.text);
	return db;
}
