/* A destination for notifications on loopback: answers every POST at once, and notes when each event's first one came.
 *
 *   receiver           takes a free port of 127.0.0.1, says which on stderr, ends on SIGTERM
 *
 *   POST /…            "ok"
 *   GET /report        requests=N events=N first_nanos=N last_nanos=N
 *   GET /arrivals      a line for each event: its id, a space, when it came
 *   GET /last          the last POST as it came, head and body, for load/notified.c to send again
 *
 * Times are nanos_now(), which is the same clock for all processes of a machine. One thread. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load/samples.h"

enum { REQUEST_MOST = 65536, ID_SIZE = 36, READY_MOST = 64, BACKLOG = 1024 };

struct arrival {
	char id[ID_SIZE];
	int64_t at;
};

struct connection {
	int fd;
	size_t held;
	char in[REQUEST_MOST + 1];
};

struct receiver {
	int listener, epoll;
	struct arrival *arrivals;
	size_t count, room; /* arrivals */
	size_t *slots; /* of a hash over them, twice as many as there is room: place + 1, or 0 */
	uint64_t requests;
	int64_t first, last;
	char last_request[REQUEST_MOST];
	size_t last_size;
};

/* One request within a connection's bytes. */
struct request {
	const char *start, *body;
	size_t size, body_size; /* size: head and body */
};

static _Noreturn void give_up(const char *what)
{
	perror(what);
	exit(1);
}

static void *must(void *memory)
{
	if (!memory) give_up("memory");
	return memory;
}

/* ---- arrivals ---- */

/* Where the id stands or belongs. FNV-1a. */
static size_t *slot_of(const struct receiver *r, const char *id)
{
	uint64_t h = UINT64_C(14695981039346656037);
	for (size_t i = 0; i < ID_SIZE; i++) h = (h ^ (unsigned char)id[i]) * UINT64_C(1099511628211);
	size_t mask = r->room * 2 - 1, at = (size_t)h & mask;
	while (r->slots[at] && memcmp(r->arrivals[r->slots[at] - 1].id, id, ID_SIZE) != 0) at = (at + 1) & mask;
	return &r->slots[at];
}

static void widen(struct receiver *r)
{
	r->room = r->room ? r->room * 2 : 65536;
	r->arrivals = must(realloc(r->arrivals, r->room * sizeof *r->arrivals));
	free(r->slots);
	r->slots = must(calloc(r->room * 2, sizeof *r->slots));
	for (size_t i = 0; i < r->count; i++) *slot_of(r, r->arrivals[i].id) = i + 1;
}

static void note_event(struct receiver *r, const char *id, int64_t now)
{
	if (r->count == r->room) widen(r);
	size_t *slot = slot_of(r, id);
	if (*slot) return;
	struct arrival *a = &r->arrivals[r->count++];
	memcpy(a->id, id, ID_SIZE);
	a->at = now;
	*slot = r->count;
}

static void note_request(struct receiver *r, const struct request *q, int64_t now)
{
	static const char mark[] = "\"event_id\":\"";
	const char *end = q->body + q->body_size, *id = memmem(q->body, q->body_size, mark, sizeof mark - 1);
	if (id && end - id > (ptrdiff_t)(sizeof mark - 1 + ID_SIZE)) note_event(r, id + sizeof mark - 1, now);
	if (r->requests++ == 0) r->first = now;
	r->last = now;
	memcpy(r->last_request, q->start, q->size);
	r->last_size = q->size;
}

/* ---- answers ---- */

static void write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n = send(fd, data, size, MSG_NOSIGNAL);
		if (n <= 0) return; /* gone: the next read says so */
		data += n;
		size -= (size_t)n;
	}
}

static void answer_text(int fd, const char *text, size_t size)
{
	char head[128];
	int n = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n\r\n", size);
	write_all(fd, head, (size_t)n);
	write_all(fd, text, size);
}

static void answer_report(const struct receiver *r, int fd)
{
	char text[160];
	int n = snprintf(text, sizeof text, "requests=%llu events=%zu first_nanos=%lld last_nanos=%lld\n",
		(unsigned long long)r->requests, r->count, (long long)r->first, (long long)r->last);
	answer_text(fd, text, (size_t)n);
}

static void answer_arrivals(const struct receiver *r, int fd)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = must(open_memstream(&text, &size));
	for (size_t i = 0; i < r->count; i++) fprintf(out, "%.*s %lld\n", ID_SIZE, r->arrivals[i].id, (long long)r->arrivals[i].at);
	fclose(out);
	answer_text(fd, text, size);
	free(text);
}

static void answer(struct receiver *r, int fd, const struct request *q, int64_t now)
{
	static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";
	if (strncmp(q->start, "POST ", 5) == 0) {
		note_request(r, q, now);
		write_all(fd, ok, sizeof ok - 1);
	} else if (strncmp(q->start, "GET /arrivals ", 14) == 0) {
		answer_arrivals(r, fd);
	} else if (strncmp(q->start, "GET /last ", 10) == 0) {
		answer_text(fd, r->last_request, r->last_size);
	} else {
		answer_report(r, fd);
	}
}

/* ---- connections ---- */

static size_t content_length(const char *head, const char *end)
{
	static const char name[] = "\r\nContent-Length:";
	for (const char *p = head; p + sizeof name < end; p++)
		if (*p == '\r' && strncasecmp(p, name, sizeof name - 1) == 0) return strtoul(p + sizeof name - 1, NULL, 10);
	return 0;
}

/* The first request of these bytes, which end with a NUL; false: it is not whole yet. */
static bool find_request(const char *in, size_t held, struct request *ret)
{
	const char *blank = memmem(in, held, "\r\n\r\n", 4);
	if (!blank) return false;
	const char *body = blank + 4;
	size_t body_size = content_length(in, body), size = (size_t)(body - in) + body_size;
	if (body_size > REQUEST_MOST || size > held) return false;
	*ret = (struct request){.start = in, .body = body, .size = size, .body_size = body_size};
	return true;
}

/* What has come by now; a request's time is that of its last byte. */
static void serve(struct receiver *r, struct connection *c)
{
	ssize_t n = read(c->fd, c->in + c->held, REQUEST_MOST - c->held);
	if (n <= 0) {
		close(c->fd);
		free(c);
		return;
	}
	int64_t now = nanos_now();
	size_t used = 0;
	struct request q;
	c->held += (size_t)n;
	c->in[c->held] = 0;
	for (; find_request(c->in + used, c->held - used, &q); used += q.size) answer(r, c->fd, &q, now);
	c->held -= used;
	if (used && c->held) memmove(c->in, c->in + used, c->held);
	if (c->held < REQUEST_MOST) return;
	fprintf(stderr, "a request is larger than %d bytes\n", REQUEST_MOST);
	exit(1);
}

static void take_connection(struct receiver *r)
{
	int yes = 1, fd = accept4(r->listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0) return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	struct connection *c = must(malloc(sizeof *c));
	c->fd = fd;
	c->held = 0;
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
	if (epoll_ctl(r->epoll, EPOLL_CTL_ADD, fd, &e) != 0) give_up("epoll_ctl");
}

static void begin_listening(struct receiver *r)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof at;
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
	r->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (r->listener < 0 || r->epoll < 0 || bind(r->listener, (struct sockaddr *)&at, sizeof at) != 0 ||
		listen(r->listener, BACKLOG) != 0 || getsockname(r->listener, (struct sockaddr *)&at, &size) != 0 ||
		epoll_ctl(r->epoll, EPOLL_CTL_ADD, r->listener, &e) != 0)
		give_up("receiver");
	fprintf(stderr, "level=info msg=\"listening\" address=127.0.0.1:%u\n", ntohs(at.sin_port));
}

static void end(int number)
{
	(void)number;
	_exit(0);
}

int main(void)
{
	struct receiver *r = must(calloc(1, sizeof *r));
	struct epoll_event ready[READY_MOST];
	signal(SIGTERM, end);
	signal(SIGINT, end);
	widen(r);
	begin_listening(r);
	for (;;) {
		int n = epoll_wait(r->epoll, ready, READY_MOST, -1);
		for (int i = 0; i < n; i++) {
			if (ready[i].data.ptr)
				serve(r, ready[i].data.ptr);
			else
				take_connection(r);
		}
	}
}
