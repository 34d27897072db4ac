/* One blocking keep-alive HTTP connection to 127.0.0.1: what a measurement needs and no more. Ends the process when the server
 * goes away or answers something that is no HTTP: a benchmark has no use for half a result. */
#pragma once

#include <stddef.h>

enum { HTTP_HEAD_SIZE = 1024 };

struct http_client {
	int fd;
	char *in; /* what has been read */
	size_t held, room;
	size_t used; /* of `in`: the last answer, dropped by the next http_receive() */
};

struct http_answer {
	int status;
	const char *body; /* valid until the next call */
	size_t size;
};

/* A request's head, with the environment's BENCH_KEY as the API key. Returns its length. */
size_t http_head(char out[static HTTP_HEAD_SIZE], const char *method, const char *path, const char *type, size_t body_size);

void http_connect(struct http_client *c, unsigned port);
void http_send(struct http_client *c, const char *head, size_t head_size, const char *body, size_t body_size);
struct http_answer http_receive(struct http_client *c);
void http_expect_ok(struct http_answer a, const char *what); /* ends the process when it is no 200 */
void http_disconnect(struct http_client *c);
