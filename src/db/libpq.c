/* Loads libpq. */
#include "db/libpq.h"

#include "base/library.h"

struct libpq libpq;

#define FUNCTION(name) {"PQ" #name, &libpq.name},
static const struct library_function FUNCTIONS[] = {LIBPQ_FUNCTIONS(FUNCTION)};

static struct library library = {
	.files = {"libpq.so.5"},
	.package = "libpq5",
	.functions = FUNCTIONS,
	.function_count = sizeof FUNCTIONS / sizeof *FUNCTIONS,
	.lock = PTHREAD_MUTEX_INITIALIZER,
};

enum rc libpq_load(struct err *err)
{
	return library_load(&library, err);
}
