/* One blocking keep-alive HTTP connection to 127.0.0.1: what a measurement needs and no more. Ends the process when the server
 * goes away or answers something that is no HTTP: a benchmark has no use for half a result. */
#pragma once

#include <stddef.h>

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

void http_connect(struct http_client *c, unsigned port);
void http_send(struct http_client *c, const char *head, size_t head_size, const char *body, size_t body_size);
struct http_answer http_receive(struct http_client *c);
void http_disconnect(struct http_client *c);
