/* Connections: a record for each, and a thread that cuts off those beyond their deadline.
 *
 * The library's own timeout is renewed by every byte, so a client that sends one byte a second would stay for ever. The deadlines
 * here are absolute: headers, body, answer and idleness each get one when they begin. A parked request has none. */
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/log.h"
#include "http/http_private.h"

enum { REAP_EVERY_MS = 250, LOOK_AT_STREAMS_EVERY = 4 };

enum MHD_Result connection_admit(void *cls, const struct sockaddr *address, socklen_t size)
{
	struct http_server *s = cls;
	(void)address;
	(void)size;
	if (atomic_load_explicit(&s->open, memory_order_relaxed) < s->options.max_connections) return MHD_YES;
	atomic_fetch_add_explicit(&s->refused, 1, memory_order_relaxed);
	return MHD_NO;
}

void connection_until(struct connection *c, int64_t deadline)
{
	atomic_store_explicit(&c->deadline, deadline, memory_order_relaxed);
}

static struct connection *connection_open(struct http_server *s, struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *address = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const union MHD_ConnectionInfo *fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct connection *c = mem_zalloc(sizeof *c);
	c->server = s;
	c->fd = fd ? fd->connect_fd : -1;
	c->peer_length = (uint8_t)peer_format(address ? address->client_addr : NULL, c->peer);
	c->trusted = proxies_trust(&s->proxies, (struct text){c->peer, c->peer_length});
	connection_until(c, clock_monotonic() + s->options.header_timeout);
	return c;
}

static void connection_enlist(struct http_server *s, struct connection *c)
{
	pthread_mutex_lock(&s->connections_lock);
	c->next = s->connections;
	if (c->next) c->next->previous = c;
	s->connections = c;
	pthread_mutex_unlock(&s->connections_lock);
}

/* Before the library closes the descriptor: after this the reaper can no longer reach it, and its number may be used again. */
static void connection_forget(struct http_server *s, struct connection *c)
{
	pthread_mutex_lock(&s->connections_lock);
	if (c->previous)
		c->previous->next = c->next;
	else
		s->connections = c->next;
	if (c->next) c->next->previous = c->previous;
	pthread_mutex_unlock(&s->connections_lock);
	free(c);
}

void connection_notify(void *cls, struct MHD_Connection *mhd, void **record, enum MHD_ConnectionNotificationCode code)
{
	struct http_server *s = cls;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		struct connection *c = connection_open(s, mhd);
		connection_enlist(s, c);
		*record = c;
		atomic_fetch_add_explicit(&s->accepted, 1, memory_order_relaxed);
		atomic_fetch_add_explicit(&s->open, 1, memory_order_relaxed);
	} else if (*record) {
		connection_forget(s, *record);
		*record = NULL;
		atomic_fetch_sub_explicit(&s->open, 1, memory_order_relaxed);
	}
}

/* Under connections_lock. */
static void look_at_streams(struct http_server *s)
{
	for (struct connection *c = s->connections; c; c = c->next)
		if (c->stream) stream_look(c->stream);
}

/* Under connections_lock. The shutdown wakes the HTTP thread, which then closes the connection in its own way. */
static void reap(struct http_server *s, int64_t now)
{
	for (struct connection *c = s->connections; c; c = c->next) {
		if (c->cut || atomic_load_explicit(&c->deadline, memory_order_relaxed) > now) continue;
		c->cut = true;
		atomic_fetch_add_explicit(&s->timed_out, 1, memory_order_relaxed);
		shutdown(c->fd, SHUT_RDWR);
	}
}

static void *reaper_run(void *cls)
{
	struct http_server *s = cls;
	unsigned rounds = 0;
	pthread_mutex_lock(&s->connections_lock);
	while (!s->reaper_stop) {
		struct timespec until;
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += REAP_EVERY_MS * 1000000L;
		if (until.tv_nsec >= 1000000000L) {
			until.tv_nsec -= 1000000000L;
			until.tv_sec++;
		}
		pthread_cond_timedwait(&s->reaper_wake, &s->connections_lock, &until);
		reap(s, clock_monotonic());
		if (++rounds % LOOK_AT_STREAMS_EVERY == 0) look_at_streams(s);
	}
	pthread_mutex_unlock(&s->connections_lock);
	return NULL;
}

enum rc reaper_start(struct http_server *s, struct err *err)
{
	if (pthread_create(&s->reaper, NULL, reaper_run, s) != 0)
		return err_set(err, RC_FAILED, "the system gives no thread for the connections' deadlines");
	s->reaper_runs = true;
	return RC_OK;
}

void reaper_stop(struct http_server *s)
{
	if (!s->reaper_runs) return;
	pthread_mutex_lock(&s->connections_lock);
	s->reaper_stop = true;
	pthread_cond_signal(&s->reaper_wake);
	pthread_mutex_unlock(&s->connections_lock);
	pthread_join(s->reaper, NULL);
	s->reaper_runs = false;
}
