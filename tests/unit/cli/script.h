/* A server that answers the n-th request with the n-th line of a script, and keeps what it was asked. */
#pragma once

#include "../outgoing/peer.h"

enum { SCRIPT_REQUESTS = 64, SCRIPT_REQUEST_MOST = 1 << 18 };

/* What stands in a script in place of an answer. */
static const char CUT[] = "(cut)"; /* the request is read, then the connection is closed */
static const char HANG[] = "(hang)"; /* … and nothing comes */

struct script {
	struct peer *peer;
	const char *const *answers; /* whole, from "HTTP/1.1 …" on; the last one again and again; NULL-terminated */
	pthread_mutex_t lock;
	int count;
	char *requests[SCRIPT_REQUESTS]; /* head and body */
	char url[64];
};

/* The next request of the connection; NULL at its end. */
static inline char *script_hear(int fd)
{
	char *bytes = calloc(1, SCRIPT_REQUEST_MOST), *body = NULL;
	size_t n = 0, length = 0;
	while (!body || n < (size_t)(body - bytes) + length) {
		ssize_t more = recv(fd, bytes + n, SCRIPT_REQUEST_MOST - 1 - n, 0);
		if (more <= 0) {
			free(bytes);
			return NULL;
		}
		n += (size_t)more;
		char *end = body ? NULL : strstr(bytes, "\r\n\r\n");
		if (!end) continue;
		body = end + 4;
		const char *header = strstr(bytes, "Content-Length: ");
		length = header ? strtoul(header + 16, NULL, 10) : 0;
	}
	return bytes;
}

static inline const char *script_take(struct script *s, char *request)
{
	pthread_mutex_lock(&s->lock);
	int n = s->count++, at = 0;
	if (n >= SCRIPT_REQUESTS) abort();
	s->requests[n] = request;
	while (at < n && s->answers[at + 1]) at++;
	pthread_mutex_unlock(&s->lock);
	return s->answers[at];
}

static inline void script_serve(struct peer *p, int fd)
{
	struct script *s = p->context;
	char *request;
	while ((request = script_hear(fd))) {
		const char *answer = script_take(s, request);
		if (answer == CUT) return;
		if (answer == HANG) return peer_wait_gone(fd);
		bool last = strstr(answer, "Connection: close") != NULL;
		peer_say(fd, answer, strlen(answer));
		if (last) return;
	}
}

static inline struct script *script_start(const char *const *answers)
{
	struct script *s = calloc(1, sizeof *s);
	s->answers = answers;
	pthread_mutex_init(&s->lock, NULL);
	s->peer = peer_start(script_serve, s);
	snprintf(s->url, sizeof s->url, "http://127.0.0.1:%u", s->peer->port);
	return s;
}

static inline void script_stop(struct script *s)
{
	peer_stop(s->peer);
	for (int i = 0; i < s->count; i++) free(s->requests[i]);
	free(s);
}

static inline const char *script_body(const struct script *s, int n)
{
	const char *end = n < s->count ? strstr(s->requests[n], "\r\n\r\n") : NULL;
	return end ? end + 4 : "";
}

/* The value of a header of the n-th request; "" when there is none. */
static inline void script_header(const struct script *s, int n, const char *name, char ret[static 256])
{
	const char *at = n < s->count ? strcasestr(s->requests[n], name) : NULL;
	ret[0] = '\0';
	if (at) snprintf(ret, 256, "%.*s", (int)strcspn(at + strlen(name) + 2, "\r\n"), at + strlen(name) + 2);
}
