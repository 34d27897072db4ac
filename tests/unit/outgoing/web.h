/* What the test's web server answers, by path. It keeps the last request as it came. */
#pragma once

#include <time.h>

#include "peer.h"

enum { REQUEST_MOST = 1 << 21 };

struct web {
	pthread_mutex_t lock;
	char last[REQUEST_MOST]; /* head and body */
	size_t last_n;
	_Atomic int requests;
	unsigned other_port; /* where /redirect leads */
};

struct web_request {
	char bytes[REQUEST_MOST];
	size_t n;
	char path[256];
};

/* Reads head and body; false at the end of the connection. */
static inline bool web_hear(int fd, struct web_request *r)
{
	size_t body = 0;
	char *head_end = NULL;
	r->n = 0;
	while (!head_end || r->n < (size_t)(head_end - r->bytes) + body) {
		ssize_t n = recv(fd, r->bytes + r->n, sizeof r->bytes - 1 - r->n, 0);
		if (n <= 0) return false;
		r->n += (size_t)n;
		r->bytes[r->n] = '\0';
		if (head_end) continue;
		char *end = strstr(r->bytes, "\r\n\r\n"), *length = strstr(r->bytes, "Content-Length: ");
		if (end) head_end = end + 4;
		if (length) body = strtoul(length + 16, NULL, 10);
	}
	return sscanf(r->bytes, "POST %255s ", r->path) == 1;
}

static inline void say_text(int fd, const char *status, const char *headers, const char *body)
{
	char answer[4096];
	snprintf(answer, sizeof answer, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n%s", status, headers, strlen(body), body);
	peer_say(fd, answer, strlen(answer));
}

static inline void say_ok(int fd, struct web *w)
{
	(void)w;
	say_text(fd, "200 OK", "", "fine");
}

static inline void say_nothing(int fd, struct web *w)
{
	(void)w;
	peer_wait_gone(fd);
}

static inline void say_500(int fd, struct web *w)
{
	(void)w;
	say_text(fd, "500 Internal Server Error", "", "broken");
}

static inline void say_redirect(int fd, struct web *w)
{
	char header[100];
	snprintf(header, sizeof header, "Location: http://127.0.0.1:%u/ok\r\n", w->other_port);
	say_text(fd, "302 Found", header, "");
}

static inline void say_wait_seconds(int fd, struct web *w)
{
	(void)w;
	say_text(fd, "429 Too Many Requests", "retry-after:  17 \r\n", "");
}

static inline void say_wait_zero(int fd, struct web *w)
{
	(void)w;
	say_text(fd, "429 Too Many Requests", "Retry-After: 0\r\n", "");
}

static inline void say_wait_ages(int fd, struct web *w)
{
	(void)w;
	say_text(fd, "503 Service Unavailable", "Retry-After: 99999999999999999999999999\r\n", "");
}

static inline void say_wait_rubbish(int fd, struct web *w)
{
	(void)w;
	say_text(fd, "503 Service Unavailable", "Retry-After: soon\r\n", "");
}

static inline void say_wait_date(int fd, struct web *w)
{
	(void)w;
	char header[100];
	time_t then = time(NULL) + 600;
	struct tm t;
	strftime(header, sizeof header, "Retry-After: %a, %d %b %Y %H:%M:%S GMT\r\n", gmtime_r(&then, &t));
	say_text(fd, "429 Too Many Requests", header, "");
}

static inline void say_wait_past(int fd, struct web *w)
{
	(void)w;
	say_text(fd, "429 Too Many Requests", "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n", "");
}

static inline void say_exactly_limit(int fd, struct web *w)
{
	(void)w;
	char *body = malloc(65536);
	memset(body, 'x', 65536);
	peer_say_line(fd, "HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n");
	peer_say(fd, body, 65536);
	free(body);
}

static inline void say_endlessly(int fd, const char *start, const char *again)
{
	if (!peer_say(fd, start, strlen(start))) return;
	while (peer_say(fd, again, strlen(again))) continue;
}

static inline void say_endless_body(int fd, struct web *w)
{
	(void)w;
	say_endlessly(
		fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n", "0123456789abcdef0123456789abcdef0123456789abcdef");
}

static inline void say_endless_chunks(int fd, struct web *w)
{
	(void)w;
	say_endlessly(fd, "HTTP/1.1 410 Gone\r\nTransfer-Encoding: chunked\r\n\r\n", "10\r\n0123456789abcdef\r\n");
}

static inline void say_endless_headers(int fd, struct web *w)
{
	(void)w;
	say_endlessly(fd, "HTTP/1.1 200 OK\r\n", "X-More: 0123456789abcdef0123456789abcdef0123456789\r\n");
}

static inline void say_endless_header(int fd, struct web *w)
{
	(void)w;
	say_endlessly(fd, "HTTP/1.1 200 OK\r\nX-More: ", "0123456789abcdef0123456789abcdef0123456789");
}

static inline void say_endless_trailers(int fd, struct web *w)
{
	(void)w;
	say_endlessly(
		fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n", "X-More: 0123456789abcdef0123456789\r\n");
}

static inline void say_endless_100(int fd, struct web *w)
{
	(void)w;
	say_endlessly(fd, "", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
}

static inline void say_100_once(int fd, struct web *w)
{
	(void)w;
	peer_say_line(fd, "HTTP/1.1 103 Early Hints\r\nRetry-After: 5\r\n");
	say_text(fd, "204 No Content", "", "");
}

static inline void say_100_and_hang(int fd, struct web *w)
{
	(void)w;
	peer_say_line(fd, "HTTP/1.1 103 Early Hints\r\n");
	peer_wait_gone(fd);
}

/* Until the other side leaves: each byte comes long before a timeout for silence would strike. */
static inline void say_slowly(int fd, const char *start, char again)
{
	struct timespec pause = {.tv_nsec = 10000000};
	peer_say(fd, start, strlen(start));
	while (peer_say(fd, &again, 1)) nanosleep(&pause, NULL);
}

static inline void say_slow_head(int fd, struct web *w)
{
	(void)w;
	say_slowly(fd, "HTTP/1.1 200 OK\r\nX-More: ", 'a');
}

static inline void say_slow_body(int fd, struct web *w)
{
	(void)w;
	say_slowly(fd, "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 3\r\nContent-Length: 1000000\r\n\r\n", 'a');
}

static inline void say_half(int fd, struct web *w)
{
	(void)w;
	peer_say_line(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
	shutdown(fd, SHUT_RDWR);
}

static inline void say_reset(int fd, struct web *w)
{
	(void)w;
	struct linger now = {.l_onoff = 1};
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	struct sockaddr none = {.sa_family = AF_UNSPEC};
	connect(fd, &none, sizeof none); /* on Linux: aborts the connection and keeps the descriptor */
}

static inline void say_goodbye(int fd, struct web *w)
{
	(void)w;
	shutdown(fd, SHUT_RDWR);
}

static inline void say_mail(int fd, struct web *w)
{
	(void)w;
	peer_say_line(fd, "220 mail.example.com ESMTP");
	shutdown(fd, SHUT_RDWR);
}

static inline void say_gzip(int fd, struct web *w)
{
	(void)w;
	say_text(fd, "200 OK", "Content-Encoding: gzip\r\n", "not really gzip");
}

static const struct web_row {
	const char *path;
	void (*say)(int fd, struct web *w);
} web_rows[] = {
	{"/ok", say_ok},
	{"/500", say_500},
	{"/redirect", say_redirect},
	{"/wait-seconds", say_wait_seconds},
	{"/wait-zero", say_wait_zero},
	{"/wait-ages", say_wait_ages},
	{"/wait-rubbish", say_wait_rubbish},
	{"/wait-date", say_wait_date},
	{"/wait-past", say_wait_past},
	{"/exactly-limit", say_exactly_limit},
	{"/endless-body", say_endless_body},
	{"/endless-chunks", say_endless_chunks},
	{"/endless-headers", say_endless_headers},
	{"/endless-header", say_endless_header},
	{"/endless-trailers", say_endless_trailers},
	{"/endless-100", say_endless_100},
	{"/100-once", say_100_once},
	{"/100-and-hang", say_100_and_hang},
	{"/slow-head", say_slow_head},
	{"/slow-body", say_slow_body},
	{"/half", say_half},
	{"/reset", say_reset},
	{"/goodbye", say_goodbye},
	{"/mail", say_mail},
	{"/gzip", say_gzip},
	{"/hang", say_nothing},
};

static inline void web_serve(struct peer *p, int fd)
{
	struct web *w = p->context;
	struct web_request *r = malloc(sizeof *r);
	while (web_hear(fd, r)) {
		pthread_mutex_lock(&w->lock);
		memcpy(w->last, r->bytes, r->n + 1);
		w->last_n = r->n;
		pthread_mutex_unlock(&w->lock);
		atomic_fetch_add(&w->requests, 1);
		const struct web_row *row = web_rows;
		while (row->say != say_nothing && strcmp(row->path, r->path) != 0) row++;
		row->say(fd, w);
	}
	free(r);
}

static inline struct peer *web_start(void)
{
	struct web *w = calloc(1, sizeof *w);
	pthread_mutex_init(&w->lock, NULL);
	return peer_start(web_serve, w);
}

static inline void web_stop(struct peer *p)
{
	struct web *w = p->context;
	peer_stop(p);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
