/* Any bytes on a connection of the real HTTP server: whatever comes back is a whole number of answers, none with 500, each with the
 * headers that every answer carries, and the server goes on. Hooks answer with what arrived, some of them through http_finish(). */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/dispatch.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/secret.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void must(bool holds, const char *what)
{
	if (holds) return;
	fprintf(stderr, "the server breaks a promise: %s\n", what);
	abort();
}

static bool admit(void *context, struct http_request *r)
{
	(void)context;
	(void)http_header(r, "Authorization");
	return true;
}

static enum http_outcome dispatch(void *context, struct http_request *r)
{
	(void)context;
	must(utf8_valid(r->path) && !text_has_control(r->path, false), "paths are clean");
	must(r->body.n <= r->route->body_limit, "a body is within its limit");
	r->response.status = 200;
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	json_put_text(&j, "path", r->path);
	json_put_int(&j, "body", (int64_t)r->body.n);
	json_end(&j);
	http_response_header(r, "Link", r->target);
	if (r->query_count % 2) return HTTP_ANSWERED;
	http_finish(r);
	return HTTP_PARKED;
}

static unsigned start_once(void)
{
	static struct http_server *server;
	static const char *const origins[] = {"https://a.example", NULL}, *const proxies[] = {"127.0.0.0/8", NULL};
	static const struct http_hooks hooks = {.admit = admit, .dispatch = dispatch};
	struct err err = {0};
	if (server) return http_port(server);
	log_setup(LOG_ERROR, LOG_LOGFMT);
	struct http_options o = {.listen = "127.0.0.1:0", .listen_fd = -1, .threads = 1, .max_connections = 100};
	o.idle_timeout = o.header_timeout = o.body_timeout = SECONDS_US(1) / 50; /* what never comes is not waited for */
	o.cors_origins = origins;
	o.trusted_proxies = proxies;
	must(secret_init(&err) == RC_OK && http_start(&o, API_ROUTES, &hooks, &server, &err) == RC_OK, err.text);
	return http_port(server);
}

/* What the server says until it closes. The end of what is sent is announced, so that it waits for nothing more. */
static void talk(unsigned port, struct text bytes, struct buf *answer)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct linger at_once = {.l_onoff = 1};
	char piece[4096];
	ssize_t n;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0, "it takes connections");
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	while (bytes.n && (n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL)) > 0) bytes.p += n, bytes.n -= (size_t)n;
	shutdown(fd, SHUT_WR);
	while ((n = recv(fd, piece, sizeof piece, 0)) > 0) buf_add(answer, piece, (size_t)n);
	close(fd);
}

static bool head_has(struct text head, const char *words)
{
	return memmem(head.p, head.n, words, strlen(words)) != NULL;
}

/* Takes one answer off the front. A HEAD or 204 has no body although it may say a length: then the next one begins at once. */
static void check_one(struct text *rest)
{
	const char *end = memmem(rest->p, rest->n, "\r\n\r\n", 4);
	must(end && text_starts(*rest, TEXT("HTTP/1.")), "an answer begins with a status line and has an end of its headers");
	struct text head = {rest->p, (size_t)(end - rest->p) + 4};
	must(head.n > strlen("HTTP/1.1 200"), "a status line has a status");
	char digits[4] = "";
	memcpy(digits, rest->p + strlen("HTTP/1.1 "), 3);
	int status = atoi(digits);
	must(status >= 100 && status < 600 && status != 500, "no answer is 500");
	bool ends = status >= 400 && head_has(head, "\r\nConnection: close\r\n"); /* the library's own refusals have no id */
	must(status == 100 || ends || head_has(head, "\r\nX-Request-Id: "), "an answer has an id");
	*rest = (struct text){end + 4, rest->n - head.n};
	const char *next = rest->n ? memmem(rest->p, rest->n, "HTTP/1.", 7) : NULL;
	size_t body = next ? (size_t)(next - rest->p) : rest->n;
	*rest = (struct text){rest->p + body, rest->n - body};
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	buf_auto answer = BUF_INIT(MIB(16));
	talk(start_once(), (struct text){(const char *)bytes, size}, &answer);
	for (struct text rest = buf_view(&answer); rest.n;) check_one(&rest);
	return 0;
}
