/* Opening the store for the server and for the commands. */
#pragma once

#include "base/rc.h"
#include "db/db.h"

/* Opens (and makes) the store for writing and brings it to the newest schema. ret_applied: migrations applied. A store whose
 * import has not come to its end is refused. */
enum rc store_open_migrated(const char *location, struct db **ret, int *ret_applied, struct err *err) must_check;
/* The same, for the import. */
enum rc store_open_for_import(const char *location, struct db **ret, struct err *err) must_check;
/* Opens a store that exists, has this program's schema and is whole. */
enum rc store_open_existing(const char *location, enum db_mode mode, struct db **ret, struct err *err) must_check;
