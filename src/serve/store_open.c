/* Opening the store, with sentences for what can be wrong. */
#include "serve/store_open.h"

#include "base/clock.h"
#include "db/migrate.h"

enum rc store_open_migrated(const char *location, struct db **ret, int *ret_applied, struct err *err)
{
	struct db *db;
	enum rc rc = db_open(location, DB_WRITE, &db, err);
	if (rc != RC_OK) return rc;
	rc = migrate(db, clock_now(), ret_applied, err);
	if (rc != RC_OK) return db_close(db), rc;
	*ret = db;
	return RC_OK;
}

enum rc store_open_existing(const char *location, enum db_mode mode, struct db **ret, struct err *err)
{
	struct db *db;
	int number = 0;
	enum rc rc = db_open(location, mode, &db, err);
	if (rc != RC_OK) return rc;
	rc = migrate_current(db, &number, err);
	if (rc == RC_OK && number != migrate_newest())
		rc = err_set(err, RC_INVALID, "%s has schema %d and this program knows schema %d: %s", location, number, migrate_newest(),
			number < migrate_newest() ? "run versioner migrate" : "use the newer program");
	if (rc != RC_OK) return db_close(db), rc;
	*ret = db;
	return RC_OK;
}
