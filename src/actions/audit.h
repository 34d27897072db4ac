/* The audit log: written inside the transaction of the change that it tells of, so that neither is there without the other. Each account's entries are
 * numbered without a gap, and each carries the hash of the one before: docs/design/audit.md.
 *
 * A job of the pipeline that will note something calls audit_lock() (store/audit.h) before anything that it writes and before any other lock. For
 * requests with credentials api/dispatch.c does; what was read under the lock is what the entry says it was before. */
#pragma once

#include <stdint.h>

#include "actions/actor.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/text.h"
#include "store/audit.h"

struct db;

struct audit_change {
	const char *action; /* "product.updated": a row of the table of actions (audit.c) */
	struct text subject_id, subject_name;
	struct text before,
		after; /* compact JSON objects without any secret, or absent. For an update: what differs, see audit_difference() */
};

/* The transaction fails with it, so that a change is never kept without its entry. */
enum rc audit_note(
	struct db *db, struct arena *a, const struct actor *actor, const struct audit_change *c, time_us now) must_check;

/* One field of a subject, before and after; absent text is null. kind tells how its value is written. */
struct audit_field {
	const char *name;
	enum {
		AUDIT_TEXT,
		AUDIT_JSON, /* compact JSON */
		AUDIT_BOOL, /* "true" or "false": audit_bool() */
		AUDIT_TIME, /* RFC 3339: audit_time() */
		AUDIT_NUMBER, /* digits: audit_number() */
		AUDIT_CHANGED /* compact JSON; stands in `after` only, and makes no difference when it is absent there */
	} kind;
	struct text before, after;
};
struct text audit_bool(bool v);
struct text audit_time(struct arena *a, time_us t); /* TIME_NONE: absent */
struct text audit_number(struct arena *a, int64_t n);

/* The JSON objects of the fields that differ, into the arena; both absent when none does. For something new every `before` is absent and `ret_before`
 * too; for something deleted the other way round. Long texts are cut (LIMIT_AUDIT_VALUE, by whole characters, with "…"). */
void audit_difference(
	struct arena *a, const struct audit_field *fields, size_t count, struct text *ret_before, struct text *ret_after);

/* audit_note() of the difference; nothing when there is none. */
enum rc audit_note_fields(struct db *db, struct arena *a, const struct actor *actor, const char *action, struct text subject_id,
	struct text subject_name, const struct audit_field *fields, size_t count, time_us now) must_check;

/* Whether entries of this action can be there. */
bool audit_action_known(struct text action);

struct audit_check {
	uint64_t entries, problems; /* counted */
	void (*problem)(void *context, const char *sentence);
	/* Each account's chain as it is: what to keep elsewhere, and to compare later. May be NULL. */
	void (*head)(void *context, struct text account_slug, uint64_t entries, const struct audit_head *head);
	void *context;
	/* A head that was kept: that entry is still there with that hash. expected_hash absent: nothing to compare. */
	struct text expected_account, expected_hash;
	int64_t expected_number;
};
/* Walks each account's chain: every hash right, no number missing, it begins where retention has cut it, and the newest is as audit_head says. In
 * one read transaction. RC_OK also when problems were found. */
enum rc audit_verify(struct db *db, struct audit_check *c) must_check;

/* Retention: cuts entries older than `days` at the old end, 200 at once. Decides that once a day at most, with an entry "audit.cut". ret_more: it has
 * written something, and there may be more; it writes for one account only, and locks it, so it comes first in its transaction. */
enum rc audit_retention_step(struct db *db, int64_t days, time_us now, bool *ret_more) must_check;
