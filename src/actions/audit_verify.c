/* Verifying the chain of each account's audit log (declared in audit.h). */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "actions/audit.h"
#include "base/json.h"
#include "base/limits.h"
#include "db/db.h"
#include "store/account.h"

enum { PAGE_ENTRIES = 200 };

struct chain {
	struct audit_check *check;
	int64_t account;
	char slug[64];
	struct arena *arena;
	struct audit_head head;
	uint64_t entries;
	int64_t at; /* number of the entry at hand */
	int64_t last; /* of the one before it */
	char last_hash[AUDIT_HASH_SIZE]; /* empty: unknown, because entries are missing */
	int64_t explained; /* as far as entries "audit.cut" say that the log was cut */
	bool expected_seen;
};

static void problem(struct chain *w, const char *format, ...) printf_like(2, 3);
static void problem(struct chain *w, const char *format, ...)
{
	char sentence[512];
	va_list args;
	int n = snprintf(sentence, sizeof sentence, "audit log of %s: ", w->slug);
	va_start(args, format);
	vsnprintf(sentence + n, sizeof sentence - (size_t)n, format, args);
	va_end(args);
	w->check->problems++;
	if (w->check->problem) w->check->problem(w->check->context, sentence);
}

static bool is_expected_account(const struct chain *w)
{
	return w->check->expected_hash.p && text_is(w->check->expected_account, w->slug);
}

/* ---- one entry ---- */

static void check_number(struct chain *w, const struct audit_entry *e)
{
	int64_t first = w->last + 1, missing = e->number - first;
	if (missing <= 0) return;
	if (missing == 1)
		problem(w, "entry %" PRId64 " is missing", first);
	else
		problem(w, "entries %" PRId64 " to %" PRId64 " are missing", first, e->number - 1);
	w->last_hash[0] = '\0';
}

static void note_cut(struct chain *w, const struct audit_entry *e)
{
	const struct json *object;
	if (strcmp(e->action, "audit.cut") != 0 || json_read(w->arena, e->after, &object, NULL) != RC_OK) return;
	int64_t through = json_int(json_member(object, "through"));
	if (through > w->explained) w->explained = through;
}

static void check_entry(void *context, const struct audit_entry *e)
{
	struct chain *w = context;
	char hash[AUDIT_HASH_SIZE];
	w->entries++;
	w->at = e->number;
	if (e->number <= w->head.cut_number)
		return problem(w, "entry %" PRId64 " is there, before the place where the log was cut", e->number);
	check_number(w, e);
	audit_hash(e, hash);
	if (!text_is(e->hash, hash))
		problem(w, "entry %" PRId64 " is not as it was written: its hash is not that of what it says", e->number);
	if (w->last_hash[0] && !text_is(e->previous_hash, w->last_hash))
		problem(w, "entry %" PRId64 " does not follow on the one before it: its previous hash is another's", e->number);
	if (is_expected_account(w) && e->number == w->check->expected_number) {
		w->expected_seen = true;
		if (!text_equal(e->hash, w->check->expected_hash))
			problem(
				w, "entry %" PRId64 " has another hash than the one that was kept: what is there was written anew", e->number);
	}
	note_cut(w, e);
	w->last = e->number;
	snprintf(w->last_hash, sizeof w->last_hash, "%.*s", TEXT_ARGS(e->hash));
}

/* ---- the chain's ends ---- */

static void check_beginning(struct chain *w)
{
	if (w->head.cut_number > w->explained)
		problem(w, "it begins after entry %" PRId64 ", and no entry says that it was cut there", w->head.cut_number);
	if (!w->head.cut_number && strcmp(w->head.cut_hash, AUDIT_NO_HASH) != 0)
		problem(w, "it was never cut, and yet does not begin at the hash before the first entry");
}

static void check_end(struct chain *w)
{
	if (w->last < w->head.number && w->last + 1 == w->head.number)
		problem(w, "entry %" PRId64 ", the newest, is missing", w->head.number);
	else if (w->last < w->head.number)
		problem(w, "the newest entries, %" PRId64 " to %" PRId64 ", are missing", w->last + 1, w->head.number);
	else if (w->last > w->head.number)
		problem(w, "entries after %" PRId64 " were not written by this program: the newest was %" PRId64, w->head.number,
			w->head.number);
	else if (w->last_hash[0] && strcmp(w->last_hash, w->head.hash) != 0)
		problem(w, "entry %" PRId64 ", the newest, has another hash than the one that was written last", w->last);
}

static void check_expected(struct chain *w)
{
	int64_t number = w->check->expected_number;
	if (!is_expected_account(w) || w->expected_seen) return;
	if (number > 0 && number <= w->head.cut_number)
		problem(w, "entry %" PRId64 " was cut by retention and cannot be compared any more", number);
	else
		problem(w, "entry %" PRId64 ", whose hash was kept, is not there", number);
}

static enum rc check_chain(struct chain *w, struct db *db)
{
	enum rc rc = audit_head_get(db, w->account, &w->head);
	if (rc != RC_OK) return rc;
	w->last = w->head.cut_number;
	memcpy(w->last_hash, w->head.cut_hash, sizeof w->last_hash);
	uint64_t before;
	do {
		before = w->entries;
		arena_reset(w->arena);
		/* Numbers from the very first on: what lies before the cut should be gone. */
		rc = audit_walk(db, w->arena, w->account, before ? w->at : INT64_MIN, PAGE_ENTRIES, check_entry, w);
	} while (rc == RC_OK && w->entries == before + PAGE_ENTRIES);
	if (rc != RC_OK) return rc;
	check_beginning(w);
	check_end(w);
	check_expected(w);
	w->check->entries += w->entries;
	if (w->check->head) w->check->head(w->check->context, text_from(w->slug), w->entries, &w->head);
	return RC_OK;
}

enum rc audit_verify(struct db *db, struct audit_check *c)
{
	struct arena *a = arena_new(KIB(64), LIMIT_DUMP_ARENA);
	int64_t account = INT64_MIN;
	bool found = !c->expected_hash.p;
	enum rc rc;
	while ((rc = account_next(db, account, &account)) == RC_OK) {
		struct chain w = {.check = c, .account = account, .arena = a};
		struct account named;
		rc = account_get(db, a, account, &named);
		if (rc != RC_OK) break;
		snprintf(w.slug, sizeof w.slug, "%.*s", TEXT_ARGS(named.slug));
		rc = check_chain(&w, db);
		if (rc != RC_OK) break;
		found |= is_expected_account(&w);
	}
	arena_free(a);
	if (rc != RC_OK && rc != RC_NOT_FOUND) return rc;
	if (!found) {
		c->problems++;
		if (c->problem) c->problem(c->context, "audit log: the account whose head was kept is not there");
	}
	return RC_OK;
}
