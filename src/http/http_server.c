/* Starting, draining and stopping the server: the library's daemon and its options. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "http/http_private.h"

/* The library counts for each of its threads, and rounds down; the exact limit is connection_admit's. */
enum { SPARE_CONNECTIONS = 256, PEM_MAX = 1 << 20, DRAIN_POLL_US = 5000, POOL_STEP = 2048 };

static char tls_versions[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

struct pem {
	char *text;
	size_t size;
};

static void pem_done(struct pem *p)
{
	if (p->text) explicit_bzero(p->text, p->size);
	free(p->text);
	*p = (struct pem){0};
}

static enum rc pem_read(const char *path, struct pem *ret, struct err *err)
{
	FILE *f = fopen(path, "re");
	if (!f) return err_set(err, RC_INVALID, "cannot read %s: %s", path, strerror(errno));
	struct pem p = {.text = mem_zalloc(PEM_MAX), .size = PEM_MAX};
	size_t n = fread(p.text, 1, PEM_MAX, f);
	bool bad = ferror(f) || n == PEM_MAX || n == 0;
	fclose(f);
	if (bad) {
		pem_done(&p);
		return err_set(err, RC_INVALID, "%s is no PEM file", path);
	}
	*ret = p;
	return RC_OK;
}

static printf_like(2, 0) void library_says(void *cls, const char *format, va_list args)
{
	struct http_server *s = cls;
	bool first = !atomic_load_explicit(&s->started, memory_order_relaxed) && !s->start_problem[0];
	if (!first && !log_wanted(LOG_DEBUG)) return;
	char line[sizeof s->start_problem];
	vsnprintf(line, sizeof line, format, args);
	line[strcspn(line, "\n")] = '\0';
	if (first) memcpy(s->start_problem, line, sizeof line);
	log_debug("http library", LOG_STR("text", line));
}

/* The room decodes on its own, once; what the library would decode is not looked at. */
static size_t unescape_nothing(void *cls, struct MHD_Connection *mhd, char *s)
{
	(void)cls;
	(void)mhd;
	return strlen(s);
}

static enum rc daemon_start(struct http_server *s, struct pem *cert, struct pem *key, struct err *err)
{
	const struct http_options *o = &s->options;
	unsigned flags = MHD_USE_EPOLL_INTERNALLY | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG | (s->tls ? MHD_USE_TLS : 0);
	struct MHD_OptionItem items[8] = {{MHD_OPTION_END, 0, NULL}};
	size_t n = 0;
	if (o->threads > 1) items[n++] = (struct MHD_OptionItem){MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)o->threads, NULL};
	if (s->tls) {
		items[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, cert->text};
		items[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, key->text};
		items[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0, tls_versions};
	}
	items[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
	s->daemon = MHD_start_daemon(flags, 0, connection_admit, s, request_continue, s, MHD_OPTION_EXTERNAL_LOGGER, library_says, s,
		MHD_OPTION_LISTEN_SOCKET, s->listen_fd, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_UNESCAPE_CALLBACK, unescape_nothing,
		NULL, MHD_OPTION_URI_LOG_CALLBACK, request_begin, s, MHD_OPTION_NOTIFY_COMPLETED, request_completed, s,
		MHD_OPTION_NOTIFY_CONNECTION, connection_notify, s, MHD_OPTION_CONNECTION_LIMIT,
		o->max_connections + SPARE_CONNECTIONS + 2 * o->threads, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)LIMIT_HEADERS,
		MHD_OPTION_CONNECTION_MEMORY_INCREMENT, (size_t)POOL_STEP, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_ARRAY, items,
		MHD_OPTION_END);
	if (s->daemon) return RC_OK;
	return err_set(err, RC_FAILED, "the HTTP library did not start%s%s", s->start_problem[0] ? ": " : "", s->start_problem);
}

static enum rc daemon_start_with_files(struct http_server *s, struct err *err)
{
	struct pem cert = {0}, key = {0};
	enum rc rc = RC_OK;
	if (s->tls && MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES)
		rc = err_set(err, RC_FAILED, "the HTTP library was built without TLS");
	if (rc == RC_OK && s->tls) rc = pem_read(s->options.tls_cert_file, &cert, err);
	if (rc == RC_OK && s->tls) rc = pem_read(s->options.tls_key_file, &key, err);
	if (rc == RC_OK) rc = daemon_start(s, &cert, &key, err);
	pem_done(&cert);
	pem_done(&key);
	return rc;
}

static char **words_copy(const char *const *words)
{
	size_t n = 0;
	while (words && words[n]) n++;
	char **copy = mem_zalloc((n + 1) * sizeof *copy);
	for (size_t i = 0; i < n; i++) copy[i] = mem_strdup(words[i]);
	return copy;
}

static enum rc listen_take(struct http_server *s, struct err *err)
{
	s->listen_is_own = s->options.listen != NULL;
	if (s->listen_is_own) return listen_open(s->options.listen, &s->listen_fd, err);
	int flags = fcntl(s->options.listen_fd, F_GETFL);
	if (flags < 0 || fcntl(s->options.listen_fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return err_set(err, RC_INVALID, "descriptor %d is no socket to listen on", s->options.listen_fd);
	s->listen_fd = s->options.listen_fd;
	return RC_OK;
}

static struct http_server *server_new(const struct http_options *options, const struct http_hooks *hooks)
{
	struct http_server *s = mem_zalloc(sizeof *s);
	pthread_condattr_t clock;
	s->listen_fd = -1;
	s->options = *options;
	if (s->options.threads == 0) s->options.threads = 1;
	s->hooks = *hooks;
	s->tls = options->tls_cert_file != NULL;
	s->cors_origins = words_copy(options->cors_origins);
	pthread_mutex_init(&s->connections_lock, NULL);
	pthread_mutex_init(&s->free_lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&s->reaper_wake, &clock);
	pthread_condattr_destroy(&clock);
	return s;
}

static enum rc server_start(struct http_server *s, const struct http_route *routes, struct err *err)
{
	const struct http_options *o = &s->options;
	if (!o->tls_cert_file != !o->tls_key_file) return err_set(err, RC_INVALID, "TLS needs both a certificate and a key");
	enum rc rc = libmicrohttpd_load(err);
	if (rc == RC_OK) rc = router_new(routes, &s->router, err);
	if (rc == RC_OK) rc = proxies_read(o->trusted_proxies, &s->proxies, err);
	if (rc == RC_OK) rc = listen_take(s, err);
	if (rc != RC_OK) return rc;
	s->port = listen_port(s->listen_fd);
	listen_raise_limits(o->max_connections);
	rc = reaper_start(s, err);
	if (rc == RC_OK) rc = daemon_start_with_files(s, err);
	if (rc == RC_OK) s->listen_fd = -1;
	return rc;
}

enum rc http_start(const struct http_options *options, const struct http_route *routes, const struct http_hooks *hooks,
	struct http_server **ret, struct err *err)
{
	struct http_server *s = server_new(options, hooks);
	enum rc rc = server_start(s, routes, err);
	if (rc != RC_OK) {
		http_stop(s);
		return rc;
	}
	atomic_store_explicit(&s->started, true, memory_order_relaxed);
	*ret = s;
	return RC_OK;
}

unsigned http_port(const struct http_server *s)
{
	return s->port;
}

/* The descriptor must stay open until the daemon's threads have ended. A socket from outside goes on collecting connections, for
 * the process that comes next; one of our own refuses them from now on. */
static void stop_listening(struct http_server *s)
{
	if (atomic_exchange(&s->draining, true)) return;
	s->listen_fd = MHD_quiesce_daemon(s->daemon);
	if (s->listen_fd >= 0 && s->listen_is_own) shutdown(s->listen_fd, SHUT_RDWR);
}

bool http_drain(struct http_server *s, int64_t deadline)
{
	int64_t end = clock_monotonic() + deadline;
	stop_listening(s);
	streams_wake(s);
	while (atomic_load_explicit(&s->in_flight, memory_order_acquire) > 0) {
		if (clock_monotonic() >= end) return false;
		nanosleep(&(struct timespec){.tv_nsec = DRAIN_POLL_US * 1000L}, NULL);
	}
	return true;
}

void http_stop(struct http_server *s)
{
	if (!s) return;
	reaper_stop(s);
	atomic_store(&s->draining, true);
	streams_wake(s); /* the library stops only when nothing is suspended */
	if (s->daemon) MHD_stop_daemon(s->daemon);
	if (s->listen_fd >= 0) close(s->listen_fd);
	exchanges_free(s);
	router_free(s->router);
	proxies_done(&s->proxies);
	for (char **o = s->cors_origins; *o; o++) free(*o);
	free(s->cors_origins);
	pthread_mutex_destroy(&s->connections_lock);
	pthread_mutex_destroy(&s->free_lock);
	pthread_cond_destroy(&s->reaper_wake);
	free(s);
}

struct http_stats http_stats(const struct http_server *s)
{
	return (struct http_stats){
		.requests = atomic_load_explicit(&s->requests, memory_order_relaxed),
		.connections = atomic_load_explicit(&s->accepted, memory_order_relaxed),
		.open_connections = atomic_load_explicit(&s->open, memory_order_relaxed),
		.in_flight = atomic_load_explicit(&s->in_flight, memory_order_relaxed),
		.streams = atomic_load_explicit(&s->streams, memory_order_relaxed),
		.refused_connections = atomic_load_explicit(&s->refused, memory_order_relaxed),
		.timed_out_connections = atomic_load_explicit(&s->timed_out, memory_order_relaxed),
	};
}

const struct http_server *http_server_of(const struct http_request *r)
{
	return exchange_of(r)->server;
}
