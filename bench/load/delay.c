/* A longer way to another port of 127.0.0.1: what comes is passed on when it is MICROS old, in each direction.
 *
 *   delay PORT MICROS   takes a free port, says which on stderr, ends on SIGTERM
 *
 * Each piece that is read keeps its own time, so bytes that follow each other arrive as close together as they were sent: a long
 * way, not a narrow one. With 0 it costs what it costs to be in between, which is what a longer way is to be compared with.
 * One thread. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "load/samples.h"

enum { PIECE_MOST = 65536, HELD_MOST = 16 << 20, READY_MOST = 64, BACKLOG = 64 };

struct piece {
	struct piece *next;
	int64_t due;
	size_t size, sent;
	char data[];
};

/* One direction. */
struct way {
	int from, to;
	struct piece *first, **end;
	size_t held; /* bytes on the way */
	bool ended, told; /* nothing more comes; and the other side knows */
	bool blocked; /* the other side does not take more at the moment */
	uint32_t watched; /* of `from` */
};

struct connection {
	struct connection *next;
	struct way ways[2];
	bool broken;
};

struct delay {
	int listener, epoll;
	unsigned target;
	int64_t nanos;
	struct connection *connections;
	char buffer[PIECE_MOST];
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

static struct sockaddr_in loopback(unsigned port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return a;
}

/* ---- one direction ---- */

static void keep_piece(struct way *w, const char *data, size_t size, int64_t due)
{
	struct piece *p = must(malloc(sizeof *p + size));
	*p = (struct piece){.due = due, .size = size};
	memcpy(p->data, data, size);
	*w->end = p;
	w->end = &p->next;
	w->held += size;
}

static void drop_first(struct way *w)
{
	struct piece *p = w->first;
	w->first = p->next;
	if (!w->first) w->end = &w->first;
	free(p);
}

/* False: the connection is broken. */
static bool take(struct delay *d, struct way *w)
{
	while (w->held < HELD_MOST && !w->ended) {
		ssize_t n = recv(w->from, d->buffer, sizeof d->buffer, MSG_DONTWAIT);
		if (n < 0) return errno == EAGAIN || errno == EINTR;
		if (n == 0) w->ended = true;
		if (n > 0) keep_piece(w, d->buffer, (size_t)n, nanos_now() + d->nanos);
		if (n > 0 && (size_t)n < sizeof d->buffer) break;
	}
	return true;
}

/* What is old enough. */
static bool pass_on(struct way *w, int64_t now)
{
	w->blocked = false;
	while (w->first && w->first->due <= now) {
		struct piece *p = w->first;
		ssize_t n = send(w->to, p->data + p->sent, p->size - p->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0) return w->blocked = errno == EAGAIN, w->blocked || errno == EINTR;
		p->sent += (size_t)n;
		w->held -= (size_t)n;
		if (p->sent == p->size) drop_first(w);
	}
	if (w->ended && !w->first && !w->told) w->told = shutdown(w->to, SHUT_WR) == 0;
	return true;
}

/* ---- connections ---- */

/* Each socket is read for one way and written for the other. */
static void watch(struct delay *d, struct connection *c)
{
	for (int i = 0; i < 2; i++) {
		struct way *in = &c->ways[i];
		struct epoll_event e = {.data.ptr = c};
		if (!in->ended && in->held < HELD_MOST) e.events |= EPOLLIN;
		if (c->ways[!i].blocked) e.events |= EPOLLOUT;
		if (e.events == in->watched) continue;
		in->watched = e.events;
		if (epoll_ctl(d->epoll, EPOLL_CTL_MOD, in->from, &e) != 0) give_up("epoll_ctl");
	}
}

static void begin_watching(struct delay *d, struct connection *c)
{
	for (int i = 0; i < 2; i++) {
		struct epoll_event e = {.data.ptr = c};
		if (epoll_ctl(d->epoll, EPOLL_CTL_ADD, c->ways[i].from, &e) != 0) give_up("epoll_ctl");
	}
	watch(d, c);
}

static void add_connection(struct delay *d)
{
	const struct sockaddr_in target = loopback(d->target);
	int one = 1, near = accept4(d->listener, NULL, NULL, SOCK_CLOEXEC), far = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (near < 0 || far < 0) give_up("accept");
	setsockopt(near, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	setsockopt(far, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (connect(far, (const struct sockaddr *)&target, sizeof target) != 0) { /* refused there is closed here */
		close(near);
		close(far);
		return;
	}
	struct connection *c = must(calloc(1, sizeof *c));
	c->ways[0] = (struct way){.from = near, .to = far, .end = &c->ways[0].first};
	c->ways[1] = (struct way){.from = far, .to = near, .end = &c->ways[1].first};
	c->next = d->connections;
	d->connections = c;
	begin_watching(d, c);
}

static void free_connection(struct connection *c)
{
	for (int i = 0; i < 2; i++) {
		while (c->ways[i].first) drop_first(&c->ways[i]);
		close(c->ways[i].from);
	}
	free(c);
}

static bool is_over(const struct connection *c)
{
	return c->broken || (c->ways[0].ended && !c->ways[0].first && c->ways[1].ended && !c->ways[1].first);
}

static void remove_finished(struct delay *d)
{
	struct connection **at = &d->connections;
	while (*at) {
		struct connection *c = *at;
		if (!is_over(c)) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		free_connection(c);
	}
}

/* Passes on what is due everywhere; the time of what is due next, or 0. */
static int64_t pass_all(struct delay *d)
{
	int64_t now = nanos_now(), next = 0;
	for (struct connection *c = d->connections; c; c = c->next) {
		for (int i = 0; i < 2 && !c->broken; i++) {
			struct way *w = &c->ways[i];
			if (!pass_on(w, now)) c->broken = true;
			if (w->first && !w->blocked && (!next || w->first->due < next)) next = w->first->due;
		}
		if (!c->broken) watch(d, c);
	}
	return next;
}

static void read_connection(struct delay *d, struct connection *c)
{
	for (int i = 0; i < 2 && !c->broken; i++) c->broken = !take(d, &c->ways[i]);
}

static _Noreturn void run(struct delay *d)
{
	struct epoll_event ready[READY_MOST];
	for (;;) {
		int64_t next = pass_all(d), wait = next - nanos_now();
		remove_finished(d);
		if (wait < 0) wait = 0;
		const struct timespec timeout = {.tv_sec = wait / 1000000000, .tv_nsec = wait % 1000000000};
		int n = epoll_pwait2(d->epoll, ready, READY_MOST, next ? &timeout : NULL, NULL);
		if (n < 0 && errno != EINTR) give_up("epoll_wait");
		for (int i = 0; i < n; i++) {
			if (ready[i].data.ptr)
				read_connection(d, ready[i].data.ptr);
			else
				add_connection(d);
		}
	}
}

static void end(int signal_number)
{
	(void)signal_number;
	_exit(0);
}

int main(int argc, char **argv)
{
	static struct delay d;
	struct sockaddr_in address = loopback(0);
	socklen_t size = sizeof address;
	struct epoll_event e = {.events = EPOLLIN};

	if (argc != 3) return fprintf(stderr, "usage: delay PORT MICROS\n"), 2;
	d.target = (unsigned)strtoul(argv[1], NULL, 10);
	d.nanos = strtoll(argv[2], NULL, 10) * 1000;
	signal(SIGTERM, end);
	prctl(PR_SET_TIMERSLACK, 1); /* else the kernel wakes us up to 50 microseconds late */
	d.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	d.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (d.listener < 0 || d.epoll < 0) give_up("socket");
	if (bind(d.listener, (struct sockaddr *)&address, size) != 0 || listen(d.listener, BACKLOG) != 0) give_up("listen");
	getsockname(d.listener, (struct sockaddr *)&address, &size);
	if (epoll_ctl(d.epoll, EPOLL_CTL_ADD, d.listener, &e) != 0) give_up("epoll_ctl");
	fprintf(stderr, "msg=listening address=127.0.0.1:%u\n", ntohs(address.sin_port));
	run(&d);
}
