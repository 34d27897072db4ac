/* A server on a free port of 127.0.0.1, a thread for each connection; what it says is the test's. */
#pragma once

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PEER_CONNECTIONS_MOST = 512 };

struct peer {
	unsigned port;
	_Atomic int connections; /* so far */
	void (*serve)(struct peer *p, int fd); /* until the connection ends */
	void *context;
	int listening;
	pthread_t acceptor;
	pthread_mutex_t lock;
	bool stopping;
	struct peer_connection {
		struct peer *peer;
		pthread_t thread;
		int fd;
	} list[PEER_CONNECTIONS_MOST];
};

static inline void *peer_connection_run(void *connection)
{
	struct peer_connection *c = connection;
	c->peer->serve(c->peer, c->fd);
	shutdown(c->fd, SHUT_RDWR);
	return NULL;
}

static inline void *peer_accept(void *peer)
{
	struct peer *p = peer;
	for (;;) {
		int fd = accept4(p->listening, NULL, NULL, SOCK_CLOEXEC);
		pthread_mutex_lock(&p->lock);
		int n = atomic_load(&p->connections);
		if (fd < 0 || p->stopping || n == PEER_CONNECTIONS_MOST) {
			pthread_mutex_unlock(&p->lock);
			if (fd >= 0) close(fd);
			return NULL;
		}
		int at_once = 1; /* or each second write would wait for the other side */
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
		p->list[n].peer = p;
		p->list[n].fd = fd;
		if (pthread_create(&p->list[n].thread, NULL, peer_connection_run, &p->list[n]) != 0) abort();
		atomic_fetch_add(&p->connections, 1);
		pthread_mutex_unlock(&p->lock);
	}
}

static inline struct peer *peer_start(void (*serve)(struct peer *p, int fd), void *context)
{
	struct peer *p = calloc(1, sizeof *p);
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof at;
	p->serve = serve;
	p->context = context;
	p->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pthread_mutex_init(&p->lock, NULL);
	if (bind(p->listening, (struct sockaddr *)&at, size) != 0 || listen(p->listening, 256) != 0) abort();
	if (getsockname(p->listening, (struct sockaddr *)&at, &size) != 0) abort();
	p->port = ntohs(at.sin_port);
	if (pthread_create(&p->acceptor, NULL, peer_accept, p) != 0) abort();
	return p;
}

/* Cuts what is still connected. */
static inline void peer_stop(struct peer *p)
{
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	int n = atomic_load(&p->connections);
	for (int i = 0; i < n; i++) shutdown(p->list[i].fd, SHUT_RDWR);
	pthread_mutex_unlock(&p->lock);
	shutdown(p->listening, SHUT_RDWR);
	pthread_join(p->acceptor, NULL);
	for (int i = 0; i < n; i++) {
		pthread_join(p->list[i].thread, NULL);
		close(p->list[i].fd);
	}
	close(p->listening);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* False: the other side has gone. */
static inline bool peer_say(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);
		if (sent <= 0) return false;
		bytes += sent;
		n -= (size_t)sent;
	}
	return true;
}

static inline bool peer_say_line(int fd, const char *line)
{
	return peer_say(fd, line, strlen(line)) && peer_say(fd, "\r\n", 2);
}

/* A line without its end; false at the end of the connection. */
static inline bool peer_hear_line(int fd, char *line, size_t room)
{
	size_t n = 0;
	char c;
	while (recv(fd, &c, 1, 0) == 1) {
		if (c == '\n') {
			if (n && line[n - 1] == '\r') n--;
			line[n] = '\0';
			return true;
		}
		if (n + 1 < room) line[n++] = c;
	}
	return false;
}

static inline void peer_wait_gone(int fd)
{
	char bytes[4096];
	while (recv(fd, bytes, sizeof bytes, 0) > 0) continue;
}
