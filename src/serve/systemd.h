/* The service manager: a listening socket that it opened for us, and telling it how we are. Without it all of this does nothing. */
#pragma once

#include "base/rc.h"

/* The one stream socket that was passed, or -1 when none was. RC_INVALID when there are several or it is no listening socket. */
enum rc systemd_socket(int *ret_fd, struct err *err) must_check;
void systemd_ready(const char *address);
void systemd_stopping(void);
void systemd_alive(void);
