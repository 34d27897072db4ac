/* Socket activation and notifications. */
#include "serve/systemd.h"

#ifdef HAVE_SYSTEMD

#include <sys/socket.h>
#include <systemd/sd-daemon.h>

enum rc systemd_socket(int *ret_fd, struct err *err)
{
	int n = sd_listen_fds(1);
	if (n <= 0) return *ret_fd = -1, RC_OK;
	if (n > 1) return err_set(err, RC_INVALID, "%d sockets were passed, one is expected", n);
	if (sd_is_socket(SD_LISTEN_FDS_START, AF_UNSPEC, SOCK_STREAM, 1) <= 0)
		return err_set(err, RC_INVALID, "the socket that was passed is not a listening stream socket");
	*ret_fd = SD_LISTEN_FDS_START;
	return RC_OK;
}

void systemd_ready(const char *address)
{
	sd_notifyf(0, "READY=1\nSTATUS=Listening on %s", address);
}

void systemd_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

void systemd_alive(void)
{
	sd_notify(0, "WATCHDOG=1");
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
