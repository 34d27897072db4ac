/* The table idempotency. */
#include "store/idempotency.h"

#include "db/db.h"

SQL_STATEMENT(find_answer, "SELECT request_digest, status, answer FROM idempotency "
						   "WHERE account_id = $1 AND principal = $2 AND idempotency_key = $3 AND created_at > $4");
/* Not ON CONFLICT: the answer that another process kept since we looked must make ours undone. */
SQL_STATEMENT(forget_old_answer,
	"DELETE FROM idempotency WHERE account_id = $1 AND principal = $2 AND idempotency_key = $3 AND created_at <= $4");
SQL_STATEMENT(keep_answer,
	"INSERT INTO idempotency (account_id, principal, idempotency_key, request_digest, status, answer, created_at) "
	"VALUES ($1, $2, $3, $4, $5, $6, $7)");
SQL_STATEMENT(cut_answers,
	"DELETE FROM idempotency WHERE account_id = $1 AND (principal, idempotency_key) IN "
	"(SELECT principal, idempotency_key FROM idempotency WHERE account_id = $1 AND created_at <= $2 LIMIT $3)");

enum rc idempotency_find(
	struct db *db, struct arena *a, int64_t account, struct text principal, struct text key, time_us now, struct kept_answer *ret)
{
	struct rows r;
	enum rc rc = db_select(
		db, &r, &find_answer, P_INT(account), P_TEXT(principal), P_TEXT(key), P_TIME(now - IDEMPOTENCY_KEPT_US));
	bool found = rc == RC_OK && rows_next(&r);
	struct kept_answer kept = {0};
	if (found) {
		kept.request_digest = text_copy(a, row_text(&r, "request_digest"));
		kept.status = row_int(&r, "status");
		kept.answer = text_copy(a, row_text(&r, "answer"));
	}
	rc = rows_done(&r);
	if (rc != RC_OK || !found) return rc != RC_OK ? rc : RC_NOT_FOUND;
	*ret = kept;
	return RC_OK;
}

enum rc idempotency_keep(
	struct db *db, int64_t account, struct text principal, struct text key, const struct kept_answer *k, time_us now)
{
	enum rc rc = db_exec(
		db, &forget_old_answer, P_INT(account), P_TEXT(principal), P_TEXT(key), P_TIME(now - IDEMPOTENCY_KEPT_US));
	if (rc != RC_OK) return rc;
	return db_exec(db, &keep_answer, P_INT(account), P_TEXT(principal), P_TEXT(key), P_TEXT(k->request_digest), P_INT(k->status),
		P_TEXT(k->answer), P_TIME(now));
}

enum rc idempotency_cut(struct db *db, int64_t account, time_us now, int64_t most, int64_t *ret_deleted)
{
	return db_exec_count(db, ret_deleted, &cut_answers, P_INT(account), P_TIME(now - IDEMPOTENCY_KEPT_US), P_INT(most));
}
