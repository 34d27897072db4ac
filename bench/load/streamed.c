/* How soon a live stream tells what was acknowledged:
 *   streamed latency PORT STREAM_PORT RUN EVENTS LEAST_MS MOST_MS LISTENERS
 *       one event at a time to the server on PORT, each after a pause of that length: from its acknowledgement to its arrival at each listener
 *       of /events/stream of the server on STREAM_PORT; 0 where it arrived first
 *   streamed floor EVENTS LEAST_MS MOST_MS LISTENERS BYTES
 *       the same without a server: a thread writes so many bytes to each connection, one after the other; from the first write to each arrival
 * One thread receives for all listeners. The environment's BENCH_KEY is the API key. Prints one line: "figures", then name=value pairs. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load/event_stream.h"
#include "load/http_client.h"
#include "load/samples.h"

enum { PATIENCE_MS = 60000, READ_SIZE = 65536, MOST_READY = 256, MOST_BYTES = 65536 };
static const char MARK[] = "\ndata: "; /* once in each event */

struct listener {
	int fd;
	size_t matched; /* of the mark, at the end of what was read */
	size_t events;
	int64_t *arrived; /* of each event */
};

struct listeners {
	struct listener *all;
	size_t count, events;
	int poll;
	atomic_size_t arrivals;
	pthread_t thread;
};

static _Noreturn void give_up(const char *what)
{
	perror(what);
	exit(1);
}

/* ---- receiving ---- */

static void look_through(struct listeners *l, struct listener *one, const char *bytes, size_t n, int64_t now)
{
	for (size_t i = 0; i < n; i++) {
		one->matched = bytes[i] == MARK[one->matched] ? one->matched + 1 : bytes[i] == MARK[0];
		if (one->matched < sizeof MARK - 1) continue;
		one->matched = 0;
		if (one->events == l->events) give_up("more events than were sent");
		one->arrived[one->events++] = now;
		atomic_fetch_add(&l->arrivals, 1);
	}
}

static void *receive(void *arg)
{
	struct listeners *l = arg;
	struct epoll_event ready[MOST_READY];
	static char bytes[READ_SIZE];
	while (atomic_load(&l->arrivals) < l->count * l->events) {
		int n = epoll_wait(l->poll, ready, MOST_READY, PATIENCE_MS);
		if (n <= 0) give_up("nothing arrived");
		for (int i = 0; i < n; i++) {
			struct listener *one = ready[i].data.ptr;
			ssize_t got = read(one->fd, bytes, sizeof bytes);
			if (got <= 0) give_up("a stream ended");
			look_through(l, one, bytes, (size_t)got, nanos_now());
		}
	}
	return NULL;
}

static struct listeners *listeners_new(size_t count, size_t events)
{
	struct listeners *l = calloc(1, sizeof *l);
	if (!l || !(l->all = calloc(count, sizeof *l->all))) give_up("listeners");
	l->count = count;
	l->events = events;
	l->poll = epoll_create1(EPOLL_CLOEXEC);
	for (size_t i = 0; i < count; i++)
		if (!(l->all[i].arrived = calloc(events + 1, sizeof(int64_t)))) give_up("listeners");
	return l;
}

static void listeners_start(struct listeners *l)
{
	for (size_t i = 0; i < l->count; i++) {
		struct epoll_event e = {.events = EPOLLIN, .data.ptr = &l->all[i]};
		if (epoll_ctl(l->poll, EPOLL_CTL_ADD, l->all[i].fd, &e) != 0) give_up("epoll");
	}
	if (pthread_create(&l->thread, NULL, receive, l) != 0) give_up("thread");
}

static void print(struct listeners *l, const int64_t *begun, int64_t took)
{
	struct samples taken = {0};
	pthread_join(l->thread, NULL);
	for (size_t i = 0; i < l->count; i++)
		for (size_t e = 0; e < l->events; e++) {
			int64_t late = l->all[i].arrived[e] - begun[e];
			samples_add(&taken, late > 0 ? late : 0);
		}
	samples_print(&taken, took);
	samples_done(&taken);
}

static void rest(long least, long most)
{
	usleep((useconds_t)(least * 1000 + random() % ((most - least) * 1000 + 1)));
}

/* ---- from a server ---- */

static int stream_open(unsigned port)
{
	struct http_client c;
	char head[HTTP_HEAD_SIZE], answer[4096];
	size_t n = 0;
	http_connect(&c, port);
	http_send(&c, head, http_head(head, "GET", "/events/stream", "text/plain", 0), "", 0);
	while (n < sizeof answer - 1) { /* up to the place that it begins with */
		ssize_t got = read(c.fd, answer + n, sizeof answer - 1 - n);
		if (got <= 0) give_up("a stream");
		n += (size_t)got;
		answer[n] = '\0';
		const char *body = strstr(answer, "\r\n\r\n");
		if (body && strstr(body, "\nid: ") && strstr(strstr(body, "\nid: "), "\n\n")) break;
	}
	if (strncmp(answer, "HTTP/1.1 200", 12) != 0) give_up(answer);
	free(c.in);
	return c.fd;
}

static void send_event(struct http_client *c, struct event_stream *stream)
{
	char head[HTTP_HEAD_SIZE], body[STREAM_BODY_SIZE];
	struct stream_event e;
	stream_next(stream, &e);
	size_t size = stream_body(&e, false, body);
	http_send(c, head, http_head(head, "POST", "/deployment-events/", "application/json", size), body, size);
	http_expect_ok(http_receive(c), "an event");
}

static int run_latency(char **argv)
{
	unsigned port = (unsigned)atoi(argv[0]), stream_port = (unsigned)atoi(argv[1]);
	struct event_stream stream = {.run = argv[2]};
	size_t events = strtoul(argv[3], NULL, 10);
	long least = strtol(argv[4], NULL, 10), most = strtol(argv[5], NULL, 10);
	struct listeners *l = listeners_new(strtoul(argv[6], NULL, 10), events);
	int64_t *acknowledged = calloc(events + 1, sizeof *acknowledged);
	struct http_client c;
	if (!acknowledged || least < 0 || most < least) return 2;
	for (size_t i = 0; i < l->count; i++) l->all[i].fd = stream_open(stream_port);
	listeners_start(l);
	http_connect(&c, port);
	int64_t start = nanos_now();
	for (size_t i = 0; i < events; i++) {
		rest(least, most);
		send_event(&c, &stream);
		acknowledged[i] = nanos_now();
	}
	print(l, acknowledged, nanos_now() - start);
	return 0;
}

/* ---- without one ---- */

static void pair(int ret[static 2])
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof at;
	int door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ret[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(door, (struct sockaddr *)&at, size) != 0 || listen(door, 1) != 0) give_up("listen");
	getsockname(door, (struct sockaddr *)&at, &size);
	if (connect(ret[0], (struct sockaddr *)&at, size) != 0 || (ret[1] = accept(door, NULL, NULL)) < 0) give_up("connect");
	close(door);
}

static int run_floor(char **argv)
{
	size_t events = strtoul(argv[0], NULL, 10), bytes = strtoul(argv[4], NULL, 10);
	long least = strtol(argv[1], NULL, 10), most = strtol(argv[2], NULL, 10);
	struct listeners *l = listeners_new(strtoul(argv[3], NULL, 10), events);
	int64_t *begun = calloc(events + 1, sizeof *begun);
	int *writers = calloc(l->count + 1, sizeof *writers);
	static char event[MOST_BYTES];
	if (!begun || !writers || bytes < sizeof MARK || bytes > sizeof event || least < 0 || most < least) return 2;
	memset(event, 'x', sizeof event);
	memcpy(event, MARK, sizeof MARK - 1);
	for (size_t i = 0; i < l->count; i++) {
		int ends[2];
		pair(ends);
		l->all[i].fd = ends[0];
		writers[i] = ends[1];
	}
	listeners_start(l);
	int64_t start = nanos_now();
	for (size_t e = 0; e < events; e++) {
		rest(least, most);
		begun[e] = nanos_now();
		for (size_t i = 0; i < l->count; i++)
			if (write(writers[i], event, bytes) != (ssize_t)bytes) give_up("write");
	}
	print(l, begun, nanos_now() - start);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 9 && strcmp(argv[1], "latency") == 0) return run_latency(argv + 2);
	if (argc == 7 && strcmp(argv[1], "floor") == 0) return run_floor(argv + 2);
	fprintf(stderr,
		"usage: streamed latency PORT RUN EVENTS LEAST_MS MOST_MS LISTENERS | floor EVENTS LEAST_MS MOST_MS LISTENERS BYTES\n");
	return 2;
}
