/* The floor of the HTTP part: libmicrohttpd alone, reading small POSTs and answering them from a constant of the size of a
 * deployment's record. `http_floor THREADS` prints a line like the server's: msg="listening" address=127.0.0.1:PORT. */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ANSWER_SIZE = 900 };

static char answer[ANSWER_SIZE];

static enum MHD_Result handle(void *context, struct MHD_Connection *c, const char *url, const char *method, const char *version,
	const char *data, size_t *size, void **ret_state)
{
	static char seen;
	(void)context, (void)url, (void)method, (void)version, (void)data;
	if (!*ret_state) {
		*ret_state = &seen;
		return MHD_YES;
	}
	if (*size) {
		*size = 0;
		return MHD_YES;
	}
	struct MHD_Response *r = MHD_create_response_from_buffer(ANSWER_SIZE, answer, MHD_RESPMEM_PERSISTENT);
	MHD_add_response_header(r, "Content-Type", "application/json");
	enum MHD_Result queued = MHD_queue_response(c, MHD_HTTP_OK, r);
	MHD_destroy_response(r);
	return queued;
}

int main(int argc, char **argv)
{
	unsigned threads = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	sigset_t stop;
	int signal_number;
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	sigprocmask(SIG_BLOCK, &stop, NULL);

	memset(answer, ' ', sizeof answer);
	answer[0] = '{';
	answer[sizeof answer - 1] = '}';
	struct MHD_Daemon *d = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO, 0, NULL, NULL, handle, NULL,
		MHD_OPTION_SOCK_ADDR, &at, MHD_OPTION_CONNECTION_LIMIT, 6000u, threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END,
		threads, MHD_OPTION_END);
	if (!d) {
		perror("http_floor");
		return 1;
	}
	fprintf(
		stderr, "level=info msg=\"listening\" address=127.0.0.1:%u\n", MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port);
	sigwait(&stop, &signal_number);
	MHD_stop_daemon(d);
	return 0;
}
