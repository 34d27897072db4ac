/* Makes channels and preferences in a store as a front door does, each in a transaction of its own unless one is open. */
#pragma once

#include "../fresh_store.h"
#include "tester.h"

#include "actions/channels.h"
#include "store/place.h"

static inline enum rc finished(struct db *db, bool own, enum rc rc)
{
	if (!own) return rc;
	if (rc == RC_OK) return db_commit(db);
	db_rollback(db);
	return rc;
}

static inline bool begun(struct db *db)
{
	if (db_in_transaction(db)) return false;
	assert_ok(db_begin(db));
	return true;
}

static inline struct channel channel_made(struct fresh_store *s, const char *name)
{
	struct channel c = {.name = text_from(name),
		.type = TEXT("webhook"),
		.config = TEXT("{\"url\":\"https://example.com/\"}"),
		.enabled = true,
		.disabled_reason = TEXT_ABSENT};
	struct err err = {0};
	bool own = begun(s->db);
	if (finished(s->db, own, channel_create(s->db, s->arena, TESTER, &c, 100, &err)) != RC_OK) fail_msg("%s", err.text);
	return c;
}

static inline enum rc channel_changed(struct fresh_store *s, int64_t account, struct channel *c, time_us now, struct err *err)
{
	bool own = begun(s->db);
	return finished(s->db, own, channel_change(s->db, s->arena, TESTER_IN(account), c, now, err));
}

static inline struct preference preference_made(
	struct fresh_store *s, const struct channel *c, const char *event_type, const char *filters)
{
	struct preference p = {
		.channel_id = c->id, .event_type = text_from(event_type), .filters = text_from(filters), .enabled = true};
	struct err err = {0};
	bool own = begun(s->db);
	if (finished(s->db, own, preference_create(s->db, s->arena, TESTER, &p, 100, &err)) != RC_OK) fail_msg("%s", err.text);
	return p;
}

/* As an event's place tells it. */
static inline int64_t revision_of(struct db *db, struct arena *a, int64_t account)
{
	struct place place = {0};
	assert_ok(place_find(db, a, account, TEXT("shop"), TEXT("1"), TEXT("prod"), &place));
	return place.notification_revision;
}
