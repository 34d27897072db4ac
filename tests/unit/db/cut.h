/* A wire that can be cut: a proxy between a connection and its server that ends connections at a chosen moment, or lets them hang. */
#pragma once

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "place.h"

enum cut {
	CUT_NEVER,
	CUT_BEFORE_COMMIT, /* the server never sees it */
	CUT_AFTER_COMMIT, /* the server has answered it, and the answer is lost */
	CUT_ALL, /* what is open now, and whoever comes */
	HANG_AFTER_COMMIT, /* the server has answered it; the answer does not come through, and nothing else on that connection */
	HANG_ALL, /* no byte goes through, and no connection ends */
};

enum { WIRES = 32 };

struct wire {
	int listener, port, quit[2];
	struct addrinfo *server;
	pthread_t thread;
	atomic_int cut; /* back to CUT_NEVER when it has cut once, except for those of all */
	struct {
		int client, server; /* -1: free */
		bool silent; /* what the server says is swallowed; then it is cut, */
		bool hangs; /* or not */
	} pairs[WIRES];
};

static inline void wire_close(struct wire *w, int i)
{
	close(w->pairs[i].client);
	close(w->pairs[i].server);
	w->pairs[i].client = w->pairs[i].server = -1;
}

static inline void wire_accept(struct wire *w)
{
	int client = accept(w->listener, NULL, NULL), i = 0;

	while (i < WIRES && w->pairs[i].client >= 0) i++;
	if (client < 0 || i == WIRES || atomic_load(&w->cut) == CUT_ALL) {
		close(client);
		return;
	}
	w->pairs[i].client = client;
	w->pairs[i].silent = w->pairs[i].hangs = false;
	w->pairs[i].server = socket(w->server->ai_family, SOCK_STREAM, 0);
	if (connect(w->pairs[i].server, w->server->ai_addr, w->server->ai_addrlen) != 0) wire_close(w, i);
}

static inline bool write_all(int fd, const char *p, ssize_t n)
{
	while (n > 0) {
		ssize_t written = send(fd, p, (size_t)n, MSG_NOSIGNAL);
		if (written <= 0) return false;
		p += written;
		n -= written;
	}
	return true;
}

/* False: the pair is to be closed. */
static inline bool wire_move(struct wire *w, int i, bool from_client)
{
	static char bytes[65536];
	ssize_t n = recv(from_client ? w->pairs[i].client : w->pairs[i].server, bytes, sizeof bytes, 0);

	if (n <= 0) return false;
	if (!from_client && w->pairs[i].hangs) return true;
	if (!from_client) return !w->pairs[i].silent && write_all(w->pairs[i].client, bytes, n);
	int cut = atomic_load(&w->cut);
	if ((cut == CUT_BEFORE_COMMIT || cut == CUT_AFTER_COMMIT || cut == HANG_AFTER_COMMIT) &&
		memmem(bytes, (size_t)n, "COMMIT", sizeof "COMMIT")) {
		atomic_store(&w->cut, CUT_NEVER);
		if (cut == CUT_BEFORE_COMMIT) return false;
		w->pairs[i].hangs = cut == HANG_AFTER_COMMIT;
		w->pairs[i].silent = !w->pairs[i].hangs;
	}
	return write_all(w->pairs[i].server, bytes, n);
}

static inline void *wire_run(void *arg)
{
	struct wire *w = arg;

	for (;;) {
		struct pollfd fds[2 + 2 * WIRES] = {{.fd = w->quit[0], .events = POLLIN}, {.fd = w->listener, .events = POLLIN}};
		for (int i = 0; i < WIRES; i++) {
			if (atomic_load(&w->cut) == CUT_ALL && w->pairs[i].client >= 0) wire_close(w, i);
			bool hangs = atomic_load(&w->cut) == HANG_ALL;
			fds[2 + 2 * i] = (struct pollfd){.fd = hangs ? -1 : w->pairs[i].client, .events = POLLIN};
			fds[3 + 2 * i] = (struct pollfd){.fd = hangs ? -1 : w->pairs[i].server, .events = POLLIN};
		}
		poll(fds, 2 + 2 * WIRES, 10);
		if (fds[0].revents) return NULL;
		for (int i = 0; i < WIRES; i++) {
			bool alive = true;
			if (w->pairs[i].client >= 0 && fds[2 + 2 * i].revents) alive = wire_move(w, i, true);
			if (alive && w->pairs[i].client >= 0 && fds[3 + 2 * i].revents) alive = wire_move(w, i, false);
			if (!alive) wire_close(w, i);
		}
		if (fds[1].revents && atomic_load(&w->cut) != HANG_ALL) wire_accept(w);
	}
}

/* What the place's URI says, without our own parameters, which libpq does not know. */
static inline PQconninfoOption *options_of(const struct place *place)
{
	char uri[ENGINE_LOCATION_SIZE], *own;

	snprintf(uri, sizeof uri, "%s", place->path);
	while ((own = strstr(uri, "versioner_"))) {
		size_t length = strcspn(own, "&");
		length += own[length] == '&';
		memmove(own, own + length, strlen(own + length) + 1);
	}
	return PQconninfoParse(uri, NULL);
}

static inline const char *option(const PQconninfoOption *o, const char *keyword, const char *otherwise)
{
	for (; o->keyword; o++)
		if (strcmp(o->keyword, keyword) == 0 && o->val) return o->val;
	return otherwise;
}

/* Between the place's URI, which is changed, and its server. */
static inline struct wire *wire_between(struct place *place)
{
	struct wire *w = mem_zalloc(sizeof *w);
	struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof here;
	PQconninfoOption *options = options_of(place);
	size_t n = strlen(place->path);

	for (int i = 0; i < WIRES; i++) w->pairs[i].client = w->pairs[i].server = -1;
	assert_int_equal(getaddrinfo(option(options, "host", "127.0.0.1"), option(options, "port", "5432"), NULL, &w->server), 0);
	PQconninfoFree(options);
	w->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(w->listener, (struct sockaddr *)&here, sizeof here), 0);
	assert_int_equal(listen(w->listener, 16), 0);
	assert_int_equal(getsockname(w->listener, (struct sockaddr *)&here, &size), 0);
	w->port = ntohs(here.sin_port);
	snprintf(place->path + n, sizeof place->path - n, "&host=127.0.0.1&port=%d", w->port);
	assert_int_equal(pipe(w->quit), 0);
	assert_int_equal(pthread_create(&w->thread, NULL, wire_run, w), 0);
	return w;
}

static inline void wire_end(struct wire *w)
{
	assert_int_equal(write(w->quit[1], "q", 1), 1);
	pthread_join(w->thread, NULL);
	for (int i = 0; i < WIRES; i++)
		if (w->pairs[i].client >= 0) wire_close(w, i);
	close(w->quit[0]);
	close(w->quit[1]);
	close(w->listener);
	freeaddrinfo(w->server);
	free(w);
}
