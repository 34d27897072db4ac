/* See http_client.h. */
#include "load/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { SHOWN = 300 };

static _Noreturn void give_up(const char *what)
{
	perror(what);
	exit(1);
}

size_t http_head(char out[static HTTP_HEAD_SIZE], const char *method, const char *path, const char *type, size_t body_size)
{
	const char *key = getenv("BENCH_KEY");
	int n = snprintf(out, HTTP_HEAD_SIZE,
		"%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
		"Content-Type: %s\r\nContent-Length: %zu\r\n\r\n",
		method, path, key ? key : "", type, body_size);
	return (size_t)n;
}

void http_expect_ok(struct http_answer a, const char *what)
{
	if (a.status == 200) return;
	fprintf(stderr, "%s was answered with %d: %.*s\n", what, a.status, a.size > SHOWN ? SHOWN : (int)a.size, a.body);
	exit(1);
}

void http_connect(struct http_client *c, unsigned port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int yes = 1;
	*c = (struct http_client){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&at, sizeof at) != 0) give_up("connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

void http_disconnect(struct http_client *c)
{
	close(c->fd);
	free(c->in);
}

void http_send(struct http_client *c, const char *head, size_t head_size, const char *body, size_t body_size)
{
	struct iovec parts[2] = {{(void *)(uintptr_t)head, head_size}, {(void *)(uintptr_t)body, body_size}};
	size_t left = head_size + body_size;
	while (left) {
		ssize_t n = writev(c->fd, parts, 2);
		if (n <= 0) give_up("send");
		left -= (size_t)n;
		for (size_t i = 0, gone = (size_t)n; i < 2; i++) {
			size_t take = gone < parts[i].iov_len ? gone : parts[i].iov_len;
			parts[i].iov_base = (char *)parts[i].iov_base + take;
			parts[i].iov_len -= take;
			gone -= take;
		}
	}
}

static void read_more(struct http_client *c)
{
	if (c->room - c->held < 65536 + 1) {
		c->room = c->room ? c->room * 2 : 262144;
		c->in = realloc(c->in, c->room);
		if (!c->in) give_up("answer");
	}
	ssize_t n = read(c->fd, c->in + c->held, c->room - c->held - 1);
	if (n <= 0) give_up("the server closed the connection");
	c->held += (size_t)n;
	c->in[c->held] = 0;
}

/* The end of the first `mark` in the answer at or after `from`, reading on as needed. */
static size_t find_after(struct http_client *c, size_t from, const char *mark)
{
	for (;;) {
		char *at = c->held > from ? memmem(c->in + from, c->held - from, mark, strlen(mark)) : NULL;
		if (at) return (size_t)(at - c->in) + strlen(mark);
		read_more(c);
	}
}

static const char *header_value(const char *head, const char *name)
{
	size_t size = strlen(name);
	for (const char *line = strstr(head, "\r\n"); line && line[2] != '\r'; line = strstr(line + 2, "\r\n"))
		if (strncasecmp(line + 2, name, size) == 0 && line[2 + size] == ':') return line + 3 + size;
	return NULL;
}

/* Chunks are joined in place behind `body`; returns the joined size, and in c->used the end of the answer. */
static size_t read_chunks(struct http_client *c, size_t body)
{
	size_t joined = 0, at = body;
	for (;;) {
		size_t data = find_after(c, at, "\r\n"), size = strtoul(c->in + at, NULL, 16);
		while (c->held < data + size + 2) read_more(c);
		memmove(c->in + body + joined, c->in + data, size);
		joined += size;
		at = data + size + 2;
		if (size == 0) break;
	}
	c->used = at;
	return joined;
}

struct http_answer http_receive(struct http_client *c)
{
	if (c->used) memmove(c->in, c->in + c->used, c->held - c->used);
	c->held -= c->used;
	c->used = 0;
	if (c->in) c->in[c->held] = 0;

	size_t body = find_after(c, 0, "\r\n\r\n"), size = 0;
	int status = atoi(c->in + sizeof "HTTP/1.1");
	const char *length = header_value(c->in, "Content-Length"), *coding = header_value(c->in, "Transfer-Encoding");
	if (status == 304) {
		c->used = body; /* its length is that of the 200 that it stands for */
	} else if (length) {
		size = strtoul(length, NULL, 10);
		while (c->held < body + size) read_more(c);
		c->used = body + size;
	} else if (coding) {
		size = read_chunks(c, body);
	} else {
		c->used = body;
	}
	return (struct http_answer){.status = status, .body = c->in + body, .size = size};
}
