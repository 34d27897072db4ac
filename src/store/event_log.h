/* The event log: appended to, read, and cut at its old end by retention; never rewritten. */
#pragma once

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/text.h"
#include "base/uuid.h"
#include "domain/lifecycle.h"
#include "domain/status.h"
#include "store/page.h"

struct db;

struct logged_event {
	struct text id;
	enum kind kind;
	enum state state;
	enum verdict effect;
	struct text subject_id; /* the deployment or build */
	struct text product_id, environment_id, version_id;
	struct text actor;
	time_us occurred_at, received_at;
	struct text payload; /* compact JSON: the fields as accepted */
	struct text product_name, environment_name, version; /* joined for showing */
	int64_t order; /* of its position; read by event_after() only */
};

/* A place in the order in which events are committed: between the event that it names and the next one. docs/design/stream.md */
struct event_position {
	int64_t order; /* the number of the event's transaction; 0 with one writer, whose ids are in that order */
	char id[UUID_SIZE]; /* the event's; empty: before all of that order */
};
static inline int event_position_compare(const struct event_position *a, const struct event_position *b)
{
	return a->order != b->order ? (a->order < b->order ? -1 : 1) : strcmp(a->id, b->id);
}

enum rc event_append(struct db *db, int64_t account, const struct logged_event *e) must_check;
enum rc event_get(struct db *db, struct arena *a, int64_t account, struct text id, struct logged_event *ret) must_check;

struct event_filter {
	struct text subject_id;
	struct text product_id, environment_id, type; /* exactly one value: these have indexes */
	struct text product_ids, environment_ids, types; /* sets ",a,b,"; absent: all */
	time_us since, until; /* of received_at; TIME_NONE: open */
};
typedef void event_each(void *context, const struct logged_event *e);
enum rc event_list(struct db *db, struct arena *a, int64_t account, const struct event_filter *f, const struct page *page,
	event_each *each, void *context) must_check;

/* The events of a deployment or build, oldest first, at most so many. An event's texts live until each() returns: there may be very many. */
enum rc event_timeline(
	struct db *db, int64_t account, struct text subject_id, int64_t most, event_each *each, void *context) must_check;

/* ---- in the order of their commits ---- */

/* What can be said of the order in this transaction's picture of the store. */
struct event_horizon {
	struct event_position now; /* all before it are settled: they are visible, and no further one will ever stand there */
	bool unsettled; /* somebody is writing, and may have committed something that is not settled yet */
};
/* bystanders: numbers of transactions that will write no event, as event_bystanders() gave them; absent: none are known. */
enum rc event_horizon(struct db *db, int64_t account, struct text bystanders, struct event_horizon *ret) must_check;
/* The transactions under way that are not ours, as ",n,n,"; or nothing. They are looked for where locks are kept: not for each read. */
enum rc event_bystanders(struct db *db, struct buf *ret) must_check;
/* Settled events behind a position, in order, at most so many. each() gets their `order`; their texts live until it returns. */
enum rc event_after(struct db *db, int64_t account, const struct event_position *after, const struct event_horizon *horizon,
	int64_t most, event_each *each, void *context) must_check;
/* The position of the event with the greatest id up to this one; before all when there is none. */
enum rc event_locate(struct db *db, int64_t account, struct text id, struct event_position *ret) must_check;
enum { EPOCH_SIZE = 16 };
/* Where positions mean the same: this store, and what the engine itself copies from it. */
enum rc event_epoch(struct db *db, char ret[static EPOCH_SIZE]) must_check;
/* Once at a server's start, in a transaction that writes: what is appended from now on comes behind all that is stored, also when the clock has
 * been set back or the store comes from elsewhere. */
enum rc event_order_resume(struct db *db) must_check;

/* Deletes at most `most` events received before; ret_deleted: how many. */
enum rc event_cut(struct db *db, int64_t account, time_us before, int64_t most, int64_t *ret_deleted) must_check;
/* Since when the log is whole; TIME_NONE: ever. */
enum rc event_kept_since(struct db *db, int64_t account, time_us *ret) must_check;
/* Events whose deployment or build is not there: for the check. */
enum rc event_orphans(struct db *db, int64_t account, int64_t *ret) must_check;
