/* Loads libmicrohttpd. */
#include "http/libmicrohttpd.h"

#include "base/library.h"

struct libmicrohttpd libmicrohttpd;

#define FUNCTION(name) {"MHD_" #name, &libmicrohttpd.name},
static const struct library_function FUNCTIONS[] = {LIBMICROHTTPD_FUNCTIONS(FUNCTION)};

static struct library library = {
	.files = {"libmicrohttpd.so.12"},
	.package = "libmicrohttpd12",
	.functions = FUNCTIONS,
	.function_count = sizeof FUNCTIONS / sizeof *FUNCTIONS,
	.lock = PTHREAD_MUTEX_INITIALIZER,
};

enum rc libmicrohttpd_load(struct err *err)
{
	return library_load(&library, err);
}
