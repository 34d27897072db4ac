/* Opening the store, with sentences for what can be wrong. */
#include "serve/store_open.h"

#include "base/clock.h"
#include "db/migrate.h"
#include "store/import_progress.h"

/* Half an import looks like a store from which something was lost. */
static enum rc require_whole(struct db *db, struct err *err)
{
	struct import_progress p;
	enum rc rc = import_progress_get(db, &p);
	if (rc == RC_NOT_FOUND) return RC_OK;
	if (rc != RC_OK) return err_set(err, rc, "%s", db_error(db)->text);
	return err_set(
		err, RC_INVALID, "an import into this store has not come to its end: run versioner import with the same file again");
}

static enum rc open_and_migrate(const char *location, struct db **ret, int *ret_applied, struct err *err)
{
	struct db *db;
	enum rc rc = db_open(location, DB_WRITE, &db, err);
	if (rc != RC_OK) return rc;
	rc = migrate(db, clock_now(), ret_applied, err);
	if (rc != RC_OK) return db_close(db), rc;
	*ret = db;
	return RC_OK;
}

enum rc store_open_migrated(const char *location, struct db **ret, int *ret_applied, struct err *err)
{
	struct db *db;
	enum rc rc = open_and_migrate(location, &db, ret_applied, err);
	if (rc != RC_OK) return rc;
	rc = require_whole(db, err);
	if (rc != RC_OK) return db_close(db), rc;
	*ret = db;
	return RC_OK;
}

enum rc store_open_for_import(const char *location, struct db **ret, struct err *err)
{
	int applied;
	return open_and_migrate(location, ret, &applied, err);
}

enum rc store_open_existing(const char *location, enum db_mode mode, struct db **ret, struct err *err)
{
	struct db *db;
	int number = 0;
	enum rc rc = db_open(location, mode, &db, err);
	if (rc != RC_OK) return rc;
	rc = migrate_current(db, &number, err);
	char shown[256];
	db_location_shown(location, shown, sizeof shown);
	if (rc == RC_OK && number != migrate_newest())
		rc = err_set(err, RC_INVALID, "%s has schema %d and this program knows schema %d: %s", shown, number, migrate_newest(),
			number < migrate_newest() ? "run versioner migrate" : "use the newer program");
	if (rc == RC_OK) rc = require_whole(db, err);
	if (rc != RC_OK) return db_close(db), rc;
	*ret = db;
	return RC_OK;
}
