/* Answers that come bit by bit, for as long as the connection lives.
 *
 * The library asks for the next bytes when it could send some. When there are none its connection is suspended, and costs nothing until
 * http_stream_wake(). Who asks and who wakes meet in `stream_state`:
 *
 *   READING ── nothing to send: suspended, then ──> SUSPENDED ── wake ──> WOKEN, and it resumes
 *   READING ── wake came first ───────────────────> WOKEN: the HTTP thread, about to say SUSPENDED, resumes it itself
 *
 * READING is said before anything is looked at, so that what came before a wake is seen, and what comes after it wakes again.
 *
 * A stream has no deadline while there is nothing to send. With bytes under way it has one, renewed each time that all of them have left: who
 * does not read is cut off by the reaper, and its peer's silence is noticed by the kernel (TCP_USER_TIMEOUT). The library does not look at a
 * connection that is suspended, so the reaper also asks each second whether the client has gone. One that has only closed its own direction
 * counts as gone. The end of the server ends all streams at once, and nobody waits for them: they are not in flight. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/log.h"
#include "http/http_private.h"

enum {
	BLOCK_SIZE = 4096, /* of what is not chunked: HTTP/1.0 */
	SEND_BUFFER = 128 * 1024, /* of the kernel, for one that reads slowly: not megabytes for each of thousands */
};

enum stream_state { STREAM_READING, STREAM_SUSPENDED, STREAM_WOKEN };

void http_stream_begin(struct http_request *r, const struct http_stream *stream)
{
	struct exchange *x = exchange_checked(r);
	x->stream = *stream;
	x->streams = true;
	atomic_store(&x->stream_state, STREAM_READING);
}

void http_stream_wake(struct http_request *r)
{
	struct exchange *x = exchange_checked(r);
	if (atomic_exchange(&x->stream_state, STREAM_WOKEN) == STREAM_SUSPENDED) MHD_resume_connection(x->mhd);
}

static ssize_t stream_suspend(struct exchange *x)
{
	int reading = STREAM_READING;
	connection_until(x->connection, DEADLINE_NEVER);
	MHD_suspend_connection(x->mhd);
	if (!atomic_compare_exchange_strong(&x->stream_state, &reading, STREAM_SUSPENDED)) MHD_resume_connection(x->mhd);
	return 0;
}

/* The library's callback: it wants bytes. */
static ssize_t stream_read(void *cls, uint64_t position, char *to, size_t size)
{
	struct exchange *x = exchange_checked(cls);
	(void)position;
	atomic_store(&x->stream_state, STREAM_READING);
	if (atomic_load(&x->stream_gone)) return MHD_CONTENT_READER_END_WITH_ERROR;
	if (atomic_load(&x->server->draining)) return MHD_CONTENT_READER_END_OF_STREAM;
	ptrdiff_t n = x->stream.read(x->stream.context, to, size);
	if (n == HTTP_STREAM_LATER) return stream_suspend(x);
	connection_until(x->connection, clock_monotonic() + x->server->options.stream_patience);
	return n < 0 ? MHD_CONTENT_READER_END_OF_STREAM : n;
}

static void set_option(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof value) != 0) log_debug("a socket option was refused", LOG_INT("option", name));
}

static void connection_enter(struct exchange *x)
{
	struct connection *c = x->connection;
	pthread_mutex_lock(&x->server->connections_lock);
	c->stream = x;
	pthread_mutex_unlock(&x->server->connections_lock);
	set_option(c->fd, SOL_SOCKET, SO_SNDBUF, SEND_BUFFER);
	set_option(c->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, (int)(x->server->options.stream_patience / 1000));
}

struct MHD_Response *stream_response(struct exchange *x)
{
	struct MHD_Response *response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_SIZE, stream_read, x, NULL);
	if (!response) return NULL;
	x->stream_began = clock_monotonic();
	connection_enter(x);
	atomic_fetch_sub_explicit(&x->server->in_flight, 1, memory_order_release);
	atomic_fetch_add_explicit(&x->server->streams, 1, memory_order_relaxed);
	return response;
}

void stream_end(struct exchange *x)
{
	struct http_server *s = x->server;
	pthread_mutex_lock(&s->connections_lock);
	bool cut = x->connection->cut;
	x->connection->stream = NULL;
	pthread_mutex_unlock(&s->connections_lock);
	x->stream.ended(x->stream.context, cut);
	if (x->stream_began) atomic_fetch_sub_explicit(&s->streams, 1, memory_order_relaxed);
}

void stream_look(struct exchange *x)
{
	struct pollfd fd = {.fd = x->connection->fd, .events = POLLRDHUP};
	if (poll(&fd, 1, 0) <= 0) return;
	atomic_store(&x->stream_gone, true);
	http_stream_wake(&x->r);
}

void streams_wake(struct http_server *s)
{
	pthread_mutex_lock(&s->connections_lock);
	for (struct connection *c = s->connections; c; c = c->next)
		if (c->stream) http_stream_wake(&c->stream->r);
	pthread_mutex_unlock(&s->connections_lock);
}
