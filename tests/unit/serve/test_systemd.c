/* The service manager: the socket that it passes, and what it is told, through a socket of our own in its place. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "serve/systemd.h"

enum { FIRST_PASSED = 3 }; /* SD_LISTEN_FDS_START */

/* A socket in the place of the first that a manager passes; gives back what was there. */
static int pass_socket(int type, bool listening)
{
	int kept = dup(FIRST_PASSED), fd = socket(AF_INET, type, 0);
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	char pid[32];

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof any), 0);
	if (listening) assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(dup2(fd, FIRST_PASSED), FIRST_PASSED);
	if (fd != FIRST_PASSED) close(fd);
	snprintf(pid, sizeof pid, "%d", getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	return kept;
}

static void unpass(int kept)
{
	if (kept >= 0) {
		dup2(kept, FIRST_PASSED);
		close(kept);
	} else {
		close(FIRST_PASSED);
	}
}

static void takes_the_socket_that_was_passed(void **state)
{
	(void)state;
	int fd = -2, kept = pass_socket(SOCK_STREAM, true);
	struct err err = {0};

	assert_int_equal(systemd_socket(&fd, &err), RC_OK);
	assert_int_equal(fd, FIRST_PASSED);
	assert_null(getenv("LISTEN_FDS")); /* not for our own children */
	unpass(kept);
}

static void without_a_socket_there_is_none(void **state)
{
	(void)state;
	int fd = -2;
	struct err err = {0};

	unsetenv("LISTEN_FDS");
	assert_int_equal(systemd_socket(&fd, &err), RC_OK);
	assert_int_equal(fd, -1);
}

static void refuses_what_does_not_listen(void **state)
{
	(void)state;
	int fd = -2, kept = pass_socket(SOCK_STREAM, false);
	struct err err = {0};

	assert_int_equal(systemd_socket(&fd, &err), RC_INVALID);
	assert_int_equal(fd, -2);
	assert_non_null(strstr(err.text, "listening"));
	unpass(kept);
}

static void tells_how_it_is(void **state)
{
	(void)state;
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	char told[256];

	int n = snprintf(name.sun_path, sizeof name.sun_path, "@versioner-notify-%d", getpid());
	setenv("NOTIFY_SOCKET", name.sun_path, 1);
	name.sun_path[0] = '\0'; /* the abstract name that "@" stands for */
	assert_int_equal(bind(fd, (struct sockaddr *)&name, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)n)), 0);
	systemd_ready("127.0.0.1:8080");
	told[recv(fd, told, sizeof told - 1, 0)] = '\0';
	assert_string_equal(told, "READY=1\nSTATUS=Listening on 127.0.0.1:8080");
	systemd_alive();
	told[recv(fd, told, sizeof told - 1, 0)] = '\0';
	assert_string_equal(told, "WATCHDOG=1");
	systemd_stopping();
	told[recv(fd, told, sizeof told - 1, 0)] = '\0';
	assert_string_equal(told, "STOPPING=1");
	unsetenv("NOTIFY_SOCKET");
	close(fd);
}

int main(void)
{
#ifdef HAVE_SYSTEMD
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_the_socket_that_was_passed),
		cmocka_unit_test(without_a_socket_there_is_none),
		cmocka_unit_test(refuses_what_does_not_listen),
		cmocka_unit_test(tells_how_it_is),
	};
#else
	const struct CMUnitTest tests[] = {cmocka_unit_test(without_a_socket_there_is_none)};
#endif
	return cmocka_run_group_tests(tests, NULL, NULL);
}
