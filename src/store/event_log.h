/* The event log: appended to, read, and cut at its old end by retention; never rewritten. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/text.h"
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
};

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

/* Deletes at most `most` events received before; ret_deleted: how many. */
enum rc event_cut(struct db *db, int64_t account, time_us before, int64_t most, int64_t *ret_deleted) must_check;
/* Since when the log is whole; TIME_NONE: ever. */
enum rc event_kept_since(struct db *db, int64_t account, time_us *ret) must_check;
/* Events whose deployment or build is not there: for the check. */
enum rc event_orphans(struct db *db, int64_t account, int64_t *ret) must_check;
