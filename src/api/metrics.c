/* Counters are plain atomics, added to without a lock; the text is made when it is asked for. */
#include "api/metrics.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/app.h"
#include "api/dispatch.h"
#include "base/arena.h"
#include "notify/deliverer.h"
#include "stream/hub.h"

static const int64_t BUCKETS_US[] = {500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 5000000};
enum { BUCKETS = sizeof BUCKETS_US / sizeof *BUCKETS_US, STATUS_CLASSES = 6 };

struct route_counters {
	_Atomic uint64_t by_class[STATUS_CLASSES]; /* 2 is 2xx; 0 without an answer */
	_Atomic uint64_t buckets[BUCKETS + 1]; /* the last: slower than all */
	_Atomic uint64_t micros;
};

struct metrics {
	size_t routes;
	int64_t started;
	_Atomic uint64_t events[KIND_COUNT][STATE_COUNT];
	_Atomic uint64_t logins[LOGIN_RESULTS];
	struct route_counters by_route[];
};

struct metrics *metrics_new(size_t routes)
{
	struct metrics *m = mem_zalloc(sizeof *m + (routes + 1) * sizeof *m->by_route);
	m->routes = routes;
	m->started = clock_now();
	return m;
}

void metrics_free(struct metrics *m)
{
	free(m);
}

static void add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static uint64_t get(_Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

void metrics_count_request(struct metrics *m, size_t route, int status, int64_t micros)
{
	struct route_counters *c = &m->by_route[route <= m->routes ? route : m->routes];
	int bucket = 0;
	while (bucket < BUCKETS && micros > BUCKETS_US[bucket]) bucket++;
	add(&c->by_class[status >= 100 && status < 600 ? status / 100 : 0], 1);
	add(&c->buckets[bucket], 1);
	add(&c->micros, micros > 0 ? (uint64_t)micros : 0);
}

void metrics_count_login(struct metrics *m, enum login_result result)
{
	add(&m->logins[result], 1);
}

void metrics_count_event(struct metrics *m, enum kind kind, enum state state)
{
	add(&m->events[kind][state], 1);
}

static void head(struct buf *b, const char *name, const char *type, const char *help)
{
	buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void one(struct buf *b, const char *name, const char *type, const char *help, double value)
{
	head(b, name, type, help);
	buf_printf(b, "%s %.15g\n", name, value);
}

static void write_requests(struct buf *b, struct metrics *m)
{
	head(b, "versioner_http_requests_total", "counter", "Requests by route and class of status.");
	for (size_t i = 0; i <= m->routes; i++)
		for (int c = 0; c < STATUS_CLASSES; c++) {
			uint64_t n = get(&m->by_route[i].by_class[c]);
			const struct http_route *route = i < m->routes ? &API_ROUTES[i] : NULL;
			if (n)
				buf_printf(b, "versioner_http_requests_total{method=\"%s\",route=\"%s\",status=\"%dxx\"} %llu\n",
					route ? route->method : "", route ? route->path : "", c, (unsigned long long)n);
		}
}

static void write_durations(struct buf *b, struct metrics *m)
{
	static const char *const name = "versioner_http_request_duration_seconds";
	head(b, name, "histogram", "From the request line to the end of the answer.");
	for (size_t i = 0; i < m->routes; i++) {
		struct route_counters *c = &m->by_route[i];
		const struct http_route *route = &API_ROUTES[i];
		uint64_t sum = 0;
		for (int k = 0; k <= BUCKETS; k++) sum += get(&c->buckets[k]);
		if (!sum) continue;
		sum = 0;
		for (int k = 0; k <= BUCKETS; k++) {
			char bound[32] = "+Inf";
			if (k < BUCKETS) snprintf(bound, sizeof bound, "%g", (double)BUCKETS_US[k] / 1e6);
			sum += get(&c->buckets[k]);
			buf_printf(b, "%s_bucket{method=\"%s\",route=\"%s\",le=\"%s\"} %llu\n", name, route->method, route->path, bound,
				(unsigned long long)sum);
		}
		buf_printf(
			b, "%s_sum{method=\"%s\",route=\"%s\"} %.6f\n", name, route->method, route->path, (double)get(&c->micros) / 1e6);
		buf_printf(b, "%s_count{method=\"%s\",route=\"%s\"} %llu\n", name, route->method, route->path, (unsigned long long)sum);
	}
}

static void write_events(struct buf *b, struct metrics *m)
{
	head(b, "versioner_events_total", "counter", "Events committed since the start, by type.");
	for (int k = 0; k < KIND_COUNT; k++)
		for (int s = 0; s < STATE_COUNT; s++)
			if (event_type_name(k, s))
				buf_printf(b, "versioner_events_total{type=\"%s\"} %llu\n", event_type_name(k, s),
					(unsigned long long)get(&m->events[k][s]));
}

static void write_logins(struct buf *b, struct metrics *m)
{
	static const char *const RESULTS[LOGIN_RESULTS] = {"ok", "failed", "throttled"};
	head(b, "versioner_logins_total", "counter", "Logins with a password or a one-time link, by what became of them.");
	for (int i = 0; i < LOGIN_RESULTS; i++)
		buf_printf(b, "versioner_logins_total{result=\"%s\"} %llu\n", RESULTS[i], (unsigned long long)get(&m->logins[i]));
}

static void write_pipeline(struct buf *b, const struct app *app)
{
	struct commit_stats s = commit_stats(app->writer);
	one(b, "versioner_commit_batches_total", "counter", "Transactions of the commit pipeline.", (double)s.batches);
	one(b, "versioner_commit_jobs_total", "counter", "Writes that shared them.", (double)s.jobs);
	one(b, "versioner_commit_undone_total", "counter", "Writes that were undone alone.", (double)s.undone);
	one(b, "versioner_commit_reruns_total", "counter", "Batches run again in isolation.", (double)s.reruns);
	one(b, "versioner_commit_failures_total", "counter", "Batches of which nothing could be stored.", (double)s.failures);
	one(b, "versioner_commit_refused_total", "counter", "Writes refused because the queue was full.", (double)s.refused);
	one(b, "versioner_commit_waiting", "gauge", "Writes in the queue now.", (double)s.waiting);
	one(b, "versioner_commit_seconds_total", "counter", "Time spent in COMMIT.", (double)s.commit_micros / 1e6);
	one(b, "versioner_readers_waiting", "gauge", "Reads in the queue now.", (double)readers_waiting(app->readers));
}

static void write_reads(struct buf *b, const struct app *app)
{
	struct reader_stats s = readers_stats(app->readers);
	head(b, "versioner_reads_total", "counter", "Reads by the server of the database that answered.");
	buf_printf(b, "versioner_reads_total{from=\"primary\"} %llu\n", (unsigned long long)s.from_primary);
	if (!s.has_replica) return;
	buf_printf(b, "versioner_reads_total{from=\"replica\"} %llu\n", (unsigned long long)s.from_replica);
	one(b, "versioner_reads_repeated_total", "counter", "Reads that a replica failed and the primary answered.",
		(double)s.repeated);
	one(b, "versioner_replica_up", "gauge", "Whether the last look found the replica good for reading.", s.replica_here);
}

static void write_calls(struct buf *b, const struct app *app)
{
	struct wakeup_stats s = wakeup_stats(app->wakeup);
	if (!app->wakeup) return;
	one(b, "versioner_calls_heard", "gauge", "Whether calls of other servers are heard.", s.hears);
	one(b, "versioner_calls_sent_total", "counter", "Calls to other servers, each about several changes.", (double)s.called);
	one(b, "versioner_calls_received_total", "counter", "Changes that other servers have called.", (double)s.heard);
}

static void write_stream(struct buf *b, const struct app *app)
{
	struct stream_stats s = stream_hub_stats(app->stream);
	one(b, "versioner_stream_listeners", "gauge", "Listeners of the live stream now.", (double)s.listeners);
	one(b, "versioner_stream_opened_total", "counter", "Listeners since the start.", (double)s.opened);
	one(b, "versioner_stream_events_total", "counter", "Events given to listeners, each counted for each.", (double)s.told);
	head(b, "versioner_stream_dropped_total", "counter", "Listeners that were ended by the server, by reason.");
	buf_printf(b, "versioner_stream_dropped_total{reason=\"behind\"} %llu\n", (unsigned long long)s.behind);
	buf_printf(b, "versioner_stream_dropped_total{reason=\"blocked\"} %llu\n", (unsigned long long)s.lost);
	buf_printf(b, "versioner_stream_dropped_total{reason=\"revoked\"} %llu\n", (unsigned long long)s.revoked);
}

enum { MOST_CHANNEL_TYPES = 16 };

static void write_told(struct buf *b, const struct deliverer_figures *f, const char *outcome, uint64_t n)
{
	buf_printf(b, "versioner_notifications_total{channel_type=\"%s\",outcome=\"%s\"} %llu\n", f->channel_type, outcome,
		(unsigned long long)n);
}

static void write_notifications(struct buf *b, struct deliverer *deliverer)
{
	struct deliverer_figures figures[MOST_CHANNEL_TYPES];
	size_t n = deliverer_figures(deliverer, figures, MOST_CHANNEL_TYPES);
	head(b, "versioner_notifications_total", "counter", "What became of notifications since the start.");
	for (const struct deliverer_figures *f = figures; f < figures + n; f++) {
		write_told(b, f, "delivered", f->delivered);
		write_told(b, f, "folded", f->folded);
		write_told(b, f, "retried", f->retried);
		write_told(b, f, "dead", f->dead);
	}
	head(b, "versioner_notifications_waiting", "gauge", "Notifications that wait, as of a few seconds ago.");
	for (const struct deliverer_figures *f = figures; f < figures + n; f++)
		buf_printf(b, "versioner_notifications_waiting{channel_type=\"%s\"} %lld\n", f->channel_type, (long long)f->waiting);
	head(b, "versioner_notifications_oldest_seconds", "gauge", "Age of the oldest that waits; 0 without one.");
	for (const struct deliverer_figures *f = figures; f < figures + n; f++)
		buf_printf(b, "versioner_notifications_oldest_seconds{channel_type=\"%s\"} %.3f\n", f->channel_type, f->oldest_seconds);
}

static double resident_bytes(void)
{
	char line[128] = "";
	FILE *f = fopen("/proc/self/statm", "re");
	if (!f) return 0;
	bool read = fgets(line, sizeof line, f) != NULL;
	fclose(f);
	char *second = read ? strchr(line, ' ') : NULL; /* "size resident …", in pages */
	return second ? (double)strtoul(second, NULL, 10) * (double)sysconf(_SC_PAGESIZE) : 0;
}

void metrics_handle(struct http_request *r, struct db *db)
{
	(void)db;
	const struct app *app = call_of(r)->app;
	struct buf *b = &r->response.body;
	struct http_stats h = http_stats(http_server_of(r));
	head(b, "versioner_build_info", "gauge", "The running program.");
	buf_printf(b, "versioner_build_info{version=\"%s\",engine=\"%s\"} 1\n", VERSIONER_VERSION, app->engine);
	one(b, "process_start_time_seconds", "gauge", "When the process started, since 1970.", (double)app->metrics->started / 1e6);
	one(b, "process_resident_memory_bytes", "gauge", "Memory in use.", resident_bytes());
	one(b, "versioner_http_open_connections", "gauge", "Connections now.", (double)h.open_connections);
	one(b, "versioner_http_in_flight", "gauge", "Requests now.", (double)h.in_flight);
	one(b, "versioner_http_connections_total", "counter", "Connections accepted.", (double)h.connections);
	one(b, "versioner_http_connections_refused_total", "counter", "Connections refused at the limit.",
		(double)h.refused_connections);
	one(b, "versioner_http_connections_timed_out_total", "counter", "Connections closed at a deadline.",
		(double)h.timed_out_connections);
	write_requests(b, app->metrics);
	write_durations(b, app->metrics);
	write_events(b, app->metrics);
	write_logins(b, app->metrics);
	write_pipeline(b, app);
	write_reads(b, app);
	write_calls(b, app);
	write_stream(b, app);
	if (app->deliverer) write_notifications(b, app->deliverer);
	r->response.content_type = "text/plain; version=0.0.4; charset=utf-8";
	r->response.status = 200;
}
