/* Loads libcurl, and starts it. */
#include "outgoing/libcurl.h"

#include "base/library.h"

struct libcurl libcurl;

#define FUNCTION(name) {"curl_" #name, &libcurl.name},
static const struct library_function FUNCTIONS[] = {LIBCURL_FUNCTIONS(FUNCTION)};

static struct library library = {
	.files = {"libcurl-gnutls.so.4", "libcurl.so.4"},
	.package = "libcurl3-gnutls",
	.functions = FUNCTIONS,
	.function_count = sizeof FUNCTIONS / sizeof *FUNCTIONS,
	.lock = PTHREAD_MUTEX_INITIALIZER,
};

static CURLcode started;

static void start(void)
{
	started = curl_global_init(CURL_GLOBAL_DEFAULT);
}

enum rc libcurl_load(struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	enum rc rc = library_load(&library, err);

	if (rc != RC_OK) return rc;
	pthread_once(&once, start);
	return started == CURLE_OK ? RC_OK : err_set(err, RC_FAILED, "the HTTP library does not start");
}
