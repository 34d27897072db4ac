/* Socket activation and notifications. */
#include "serve/systemd.h"

#ifdef HAVE_SYSTEMD

#include <stdlib.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include "base/library.h"

/* Loaded only where there is a manager, so that a machine without systemd needs no library of it. */
#define LIBSYSTEMD_FUNCTIONS(X) \
	X(is_socket) \
	X(listen_fds) \
	X(notify) \
	X(notifyf)

static struct {
#define POINTER(name) __typeof__ (&sd_##name)(name);
	LIBSYSTEMD_FUNCTIONS(POINTER)
} libsystemd;

static enum rc libsystemd_load(struct err *err)
{
#define FUNCTION(name) {"sd_" #name, &libsystemd.name},
	static const struct library_function functions[] = {LIBSYSTEMD_FUNCTIONS(FUNCTION)};
	static struct library library = {
		.files = {"libsystemd.so.0"},
		.package = "libsystemd0",
		.functions = functions,
		.function_count = sizeof functions / sizeof *functions,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	return library_load(&library, err);
}

enum rc systemd_socket(int *ret_fd, struct err *err)
{
	if (!getenv("LISTEN_FDS") && !getenv("NOTIFY_SOCKET")) return *ret_fd = -1, RC_OK;
	enum rc rc = libsystemd_load(err);
	if (rc != RC_OK) return rc;
	int n = libsystemd.listen_fds(1);
	if (n <= 0) return *ret_fd = -1, RC_OK;
	if (n > 1) return err_set(err, RC_INVALID, "%d sockets were passed, one is expected", n);
	if (libsystemd.is_socket(SD_LISTEN_FDS_START, AF_UNSPEC, SOCK_STREAM, 1) <= 0)
		return err_set(err, RC_INVALID, "the socket that was passed is not a listening stream socket");
	*ret_fd = SD_LISTEN_FDS_START;
	return RC_OK;
}

/* A library that is missing was said by systemd_socket(). */
static bool is_told(void)
{
	return getenv("NOTIFY_SOCKET") && libsystemd_load(NULL) == RC_OK;
}

void systemd_ready(const char *address)
{
	if (is_told()) libsystemd.notifyf(0, "READY=1\nSTATUS=Listening on %s", address);
}

void systemd_stopping(void)
{
	if (is_told()) libsystemd.notify(0, "STOPPING=1");
}

void systemd_alive(void)
{
	if (is_told()) libsystemd.notify(0, "WATCHDOG=1");
}

#else

enum rc systemd_socket(int *ret_fd, struct err *err)
{
	(void)err;
	*ret_fd = -1;
	return RC_OK;
}

void systemd_ready(const char *address)
{
	(void)address;
}

void systemd_stopping(void)
{
}

void systemd_alive(void)
{
}

#endif
