/* A client of raw bytes: what a test writes is what is sent, and an answer is shown as it came. */
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct client {
	int fd;
	char bytes[1 << 17]; /* received and not yet taken */
	size_t n;
};

struct answer {
	int status; /* 0: the connection ended first; -1: nothing came in time */
	char head[8192];
	char body[1 << 17];
	size_t body_n;
};

static inline struct client *client_open(unsigned port)
{
	struct client *c = calloc(1, sizeof *c);
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) != 0) abort();
	return c;
}

/* Whether anyone listens. */
static inline bool client_possible(unsigned port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool connected = connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
	close(fd);
	return connected;
}

static inline void client_close(struct client *c)
{
	close(c->fd);
	free(c);
}

/* False when the server has closed. */
static inline bool client_send(struct client *c, const void *bytes, size_t n)
{
	const char *p = bytes;
	while (n) {
		ssize_t sent = send(c->fd, p, n, MSG_NOSIGNAL);
		if (sent <= 0) return false;
		p += sent;
		n -= (size_t)sent;
	}
	return true;
}

static inline bool client_say(struct client *c, const char *text)
{
	return client_send(c, text, strlen(text));
}

/* 1: more came, 0: the end, -1: nothing within the time. */
static inline int client_fill(struct client *c, int timeout_ms)
{
	struct pollfd p = {.fd = c->fd, .events = POLLIN};
	if (c->n == sizeof c->bytes) abort();
	if (poll(&p, 1, timeout_ms) <= 0) return -1;
	ssize_t n = recv(c->fd, c->bytes + c->n, sizeof c->bytes - c->n, 0);
	if (n <= 0) return 0;
	c->n += (size_t)n;
	return 1;
}

static inline void client_drop(struct client *c, size_t n)
{
	memmove(c->bytes, c->bytes + n, c->n - n);
	c->n -= n;
}

static inline const char *answer_header(const struct answer *a, const char *name)
{
	static char value[1024];
	size_t n = strlen(name);
	for (const char *line = strstr(a->head, "\r\n"); line && line[2]; line = strstr(line + 2, "\r\n")) {
		const char *start = line + 2;
		if (strncasecmp(start, name, n) != 0 || start[n] != ':') continue;
		snprintf(value, sizeof value, "%.*s", (int)strcspn(start + n + 2, "\r"), start + n + 2);
		return value;
	}
	return NULL;
}

/* The next answer. no_body: it is for HEAD. 100 Continue is given like any other. */
static inline struct answer client_answer(struct client *c, bool no_body)
{
	static struct answer a;
	memset(&a, 0, sizeof a);
	const char *end;
	while (!(end = memmem(c->bytes, c->n, "\r\n\r\n", 4))) {
		int more = client_fill(c, 5000);
		if (more <= 0) {
			a.status = more;
			return a;
		}
	}
	size_t head = (size_t)(end - c->bytes) + 4;
	memcpy(a.head, c->bytes, head < sizeof a.head ? head : sizeof a.head - 1);
	client_drop(c, head);
	a.status = atoi(a.head + strlen("HTTP/1.1 "));
	const char *length = answer_header(&a, "Content-Length");
	if (no_body || !length || a.status == 304 || a.status == 204 || a.status == 100) return a;
	a.body_n = (size_t)atol(length);
	while (c->n < a.body_n)
		if (client_fill(c, 5000) <= 0) abort();
	memcpy(a.body, c->bytes, a.body_n);
	client_drop(c, a.body_n);
	return a;
}

/* Whether the server ends the connection within the time, having sent nothing more. */
static inline bool client_ended(struct client *c, int timeout_ms)
{
	return c->n == 0 && client_fill(c, timeout_ms) == 0;
}

static inline void pause_ms(long ms)
{
	nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}, NULL);
}
