/* The tables audit_entry and audit_head. */
#include "store/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "db/db.h"
#include "store/set.h"

#define COLUMNS \
	"number, at, actor, credential, action, subject_id, subject_name, value_before, value_after, request_id, previous_hash, " \
	"hash"
#define SELECT "SELECT " COLUMNS " FROM audit_entry WHERE account_id = $1 "
#define PAGE \
	"AND number < $2 AND " IN_SET("$3", "actor") " AND " IN_SET("$4", "action") " " \
																				"AND (CAST($5 AS BIGINT) IS NULL OR at >= $5) " \
																				"AND (CAST($6 AS BIGINT) IS NULL OR at < $6) " \
																				"ORDER BY number DESC LIMIT $7"

SQL_STATEMENT(get_head, "SELECT number, hash, cut_number, cut_hash, cut_goal, cut_at FROM audit_head WHERE account_id = $1");
SQL_STATEMENT(put_head, "INSERT INTO audit_head (account_id, number, hash, cut_number, cut_hash, cut_goal) "
						"VALUES ($1, $2, $3, 0, '" AUDIT_NO_HASH "', 0) "
						"ON CONFLICT (account_id) DO UPDATE SET number = excluded.number, hash = excluded.hash");
SQL_STATEMENT(insert_entry, "INSERT INTO audit_entry (account_id, " COLUMNS ") "
							"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)");
SQL_STATEMENT(list_all, SELECT PAGE);
SQL_STATEMENT(list_of_subject, SELECT "AND subject_id = $8 " PAGE);
SQL_STATEMENT(list_of_actor, SELECT "AND actor = $8 " PAGE);
SQL_STATEMENT(list_of_action, SELECT "AND action = $8 " PAGE);
SQL_STATEMENT(walk, SELECT "AND number > $2 ORDER BY number LIMIT $3");
SQL_STATEMENT(first_young, "SELECT number FROM audit_entry WHERE account_id = $1 AND at >= $2 ORDER BY number LIMIT 1");
SQL_STATEMENT(last_number, "SELECT MAX(number) AS last FROM audit_entry WHERE account_id = $1");
SQL_STATEMENT(hash_of, "SELECT hash FROM audit_entry WHERE account_id = $1 AND number = $2");
SQL_STATEMENT(cut_entries, "DELETE FROM audit_entry WHERE account_id = $1 AND number <= $2");
SQL_STATEMENT(move_cut, "UPDATE audit_head SET cut_number = $2, cut_hash = $3 WHERE account_id = $1");
SQL_STATEMENT(decide_cut, "UPDATE audit_head SET cut_goal = $2, cut_at = $3 WHERE account_id = $1");

/* ---- the chain's ends ---- */

static void copy_hash(char out[static AUDIT_HASH_SIZE], struct text t)
{
	snprintf(out, AUDIT_HASH_SIZE, "%.*s", TEXT_ARGS(t));
}

enum rc audit_head_get(struct db *db, int64_t account, struct audit_head *ret)
{
	struct audit_head h = {.hash = AUDIT_NO_HASH, .cut_hash = AUDIT_NO_HASH, .cut_at = TIME_NONE};
	struct rows r;
	enum rc rc = db_select(db, &r, &get_head, P_INT(account));
	if (rc == RC_OK && rows_next(&r)) {
		h.number = row_int(&r, "number");
		copy_hash(h.hash, row_text(&r, "hash"));
		h.cut_number = row_int(&r, "cut_number");
		copy_hash(h.cut_hash, row_text(&r, "cut_hash"));
		h.cut_goal = row_int(&r, "cut_goal");
		h.cut_at = row_time(&r, "cut_at");
	}
	rc = rows_done(&r);
	if (rc == RC_OK) *ret = h;
	return rc;
}

/* Anything that is asked behind the lock will do: the answer to it says that the lock is there. */
enum rc audit_lock(struct db *db, int64_t account)
{
	char name[AUDIT_LOCK_SIZE];
	struct audit_head h;
	snprintf(name, sizeof name, "audit %" PRId64, account);
	enum rc rc = db_lock(db, text_from(name));
	return rc == RC_OK ? audit_head_get(db, account, &h) : rc;
}

enum rc audit_append(struct db *db, const struct audit_entry *given)
{
	struct audit_entry e = *given;
	struct audit_head h;
	char hash[AUDIT_HASH_SIZE];
	enum rc rc = audit_lock(db, e.account);
	if (rc == RC_OK) rc = audit_head_get(db, e.account, &h);
	if (rc != RC_OK) return rc;
	e.number = h.number + 1;
	e.previous_hash = text_from(h.hash);
	audit_hash(&e, hash);
	if (!hash[0]) return RC_FAILED;
	rc = db_exec(db, &insert_entry, P_INT(e.account), P_INT(e.number), P_TIME(e.at), P_TEXT(e.actor), P_TEXT(e.credential),
		P_CSTR(e.action), P_TEXT(e.subject_id), P_TEXT(e.subject_name), P_TEXT(e.before), P_TEXT(e.after), P_TEXT(e.request_id),
		P_TEXT(e.previous_hash), P_CSTR(hash));
	return rc == RC_OK ? db_exec(db, &put_head, P_INT(e.account), P_INT(e.number), P_CSTR(hash)) : rc;
}

/* ---- reading ---- */

static enum rc read_all(struct rows *r, enum rc rc, struct arena *a, int64_t account, audit_each *each, void *context)
{
	while (rc == RC_OK && rows_next(r)) {
		struct audit_entry e = {.account = account};
		e.number = row_int(r, "number");
		e.at = row_time(r, "at");
		e.actor = text_copy(a, row_text(r, "actor"));
		e.credential = text_copy(a, row_text(r, "credential"));
		e.action = text_cstr(a, row_text(r, "action"));
		e.subject_id = text_copy(a, row_text(r, "subject_id"));
		e.subject_name = text_copy(a, row_text(r, "subject_name"));
		e.before = text_copy(a, row_text(r, "value_before"));
		e.after = text_copy(a, row_text(r, "value_after"));
		e.request_id = text_copy(a, row_text(r, "request_id"));
		e.previous_hash = text_copy(a, row_text(r, "previous_hash"));
		e.hash = text_copy(a, row_text(r, "hash"));
		each(context, &e);
	}
	return rows_done(r);
}

/* Of a set with one member, that one. */
static struct text only_one(struct text set)
{
	if (set.n < 3) return TEXT_ABSENT;
	struct text one = {set.p + 1, set.n - 2};
	return memchr(one.p, ',', one.n) ? TEXT_ABSENT : one;
}

static struct sql *list_statement(const struct audit_filter *f, struct text *ret_key)
{
	if (f->subject_id.p) return *ret_key = f->subject_id, &list_of_subject;
	if ((*ret_key = only_one(f->actors)).p) return &list_of_actor;
	if ((*ret_key = only_one(f->actions)).p) return &list_of_action;
	return &list_all;
}

enum rc audit_list(struct db *db, struct arena *a, int64_t account, const struct audit_filter *f, int64_t before, int64_t limit,
	audit_each *each, void *context)
{
	struct text key;
	struct sql *statement = list_statement(f, &key);
	struct param p[] = {P_INT(account), P_INT(before), P_TEXT(f->actors), P_TEXT(f->actions), P_TIME(f->since), P_TIME(f->until),
		P_INT(limit + 1), P_TEXT(key)};
	struct rows r;
	return read_all(&r, db_select_params(db, &r, statement, p, key.p ? 8 : 7), a, account, each, context);
}

enum rc audit_walk(struct db *db, struct arena *a, int64_t account, int64_t after, int64_t limit, audit_each *each, void *context)
{
	struct rows r;
	return read_all(&r, db_select(db, &r, &walk, P_INT(account), P_INT(after), P_INT(limit)), a, account, each, context);
}

/* ---- retention ---- */

enum rc audit_old_until(struct db *db, int64_t account, time_us before, int64_t *ret)
{
	struct rows r;
	int64_t until = 0;
	enum rc rc = db_select(db, &r, &first_young, P_INT(account), P_TIME(before));
	bool found = rc == RC_OK && rows_next(&r);
	if (found) until = row_int(&r, "number") - 1;
	rc = rows_done(&r);
	if (rc == RC_OK && !found) {
		rc = db_select(db, &r, &last_number, P_INT(account));
		if (rc == RC_OK && rows_next(&r)) until = row_int(&r, "last");
		rc = rows_done(&r);
	}
	if (rc == RC_OK) *ret = until;
	return rc;
}

enum rc audit_cut_decide(struct db *db, int64_t account, int64_t goal, time_us now)
{
	return db_exec(db, &decide_cut, P_INT(account), P_INT(goal), P_TIME(now));
}

enum rc audit_cut(struct db *db, int64_t account, int64_t until)
{
	char hash[AUDIT_HASH_SIZE];
	struct rows r;
	enum rc rc = db_select(db, &r, &hash_of, P_INT(account), P_INT(until));
	bool found = rc == RC_OK && rows_next(&r);
	if (found) copy_hash(hash, row_text(&r, "hash"));
	rc = rows_done(&r);
	if (rc != RC_OK) return rc;
	if (!found) return RC_NOT_FOUND;
	rc = db_exec(db, &cut_entries, P_INT(account), P_INT(until));
	return rc == RC_OK ? db_exec(db, &move_cut, P_INT(account), P_INT(until), P_CSTR(hash)) : rc;
}
