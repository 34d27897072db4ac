/* The row 'people' of the table revision. */
#include "store/people_revision.h"

#include "db/db.h"
#include "store/signal.h"

SQL_STATEMENT(raise_people, "UPDATE revision SET value = value + 1 WHERE name = 'people' RETURNING value");
SQL_STATEMENT(read_people, "SELECT value FROM revision WHERE name = 'people'");

static enum rc one_value(struct rows *r, enum rc rc, int64_t *ret)
{
	bool found = rc == RC_OK && rows_next(r);
	int64_t value = found ? row_int(r, "value") : 0;
	rc = rows_done(r);
	if (rc == RC_OK && !found) return RC_CORRUPT;
	if (rc == RC_OK) *ret = value;
	return rc;
}

enum rc people_revision_raise(struct db *db, int64_t *ret)
{
	struct rows r;
	enum rc rc = one_value(&r, db_select(db, &r, &raise_people), ret);
	if (rc == RC_OK && db_in_transaction(db)) keys_signal(db);
	return rc;
}

enum rc people_revision(struct db *db, int64_t *ret)
{
	struct rows r;
	return one_value(&r, db_select(db, &r, &read_people), ret);
}
