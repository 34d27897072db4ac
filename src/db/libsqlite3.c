/* Loads SQLite, and configures it. */
#include "db/libsqlite3.h"

#include "base/library.h"

struct libsqlite3 libsqlite3;

#define FUNCTION(name) {"sqlite3_" #name, &libsqlite3.name},
static const struct library_function FUNCTIONS[] = {LIBSQLITE3_FUNCTIONS(FUNCTION)};

static struct library library = {
	.files = {"libsqlite3.so.0"},
	.package = "libsqlite3-0",
	.functions = FUNCTIONS,
	.function_count = sizeof FUNCTIONS / sizeof *FUNCTIONS,
	.lock = PTHREAD_MUTEX_INITIALIZER,
};

/* Without the counting of its memory, for which each allocation takes a lock that all threads share. */
static void configure(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

enum rc libsqlite3_load(struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	enum rc rc = library_load(&library, err);

	if (rc == RC_OK) pthread_once(&once, configure);
	return rc;
}
