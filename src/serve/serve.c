/* `versioner serve`: settings → store → migrations → first start → threads → listen; and all of it back again on SIGTERM.
 *
 * The order of stopping keeps the promise to those who wait: no new request, then every one under way is answered (its writes
 * committed), then the threads end and the store is closed. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "actions/audience.h"
#include "actions/keys.h"
#include "actions/people.h"
#include "api/app.h"
#include "api/dispatch.h"
#include "api/metrics.h"
#include "api/render.h"
#include "auth/hasher.h"
#include "auth/keyring.h"
#include "auth/people.h"
#include "auth/throttle.h"
#include "base/limits.h"
#include "base/log.h"
#include "db/migrate.h"
#include "serve/announce.h"
#include "serve/commands.h"
#include "serve/key_watch.h"
#include "serve/news.h"
#include "serve/notify_setup.h"
#include "serve/store_open.h"
#include "serve/systemd.h"
#include "serve/upkeep.h"
#include "store/event_log.h"
#include "stream/hub.h"

/* Of the time that requests are given: then whoever still waits for the store is told so, while there is somebody to tell it. */
#define STORE_PATIENCE(shutdown_timeout) ((shutdown_timeout) / 4 * 3)
enum { PASSWORDS_WAITING = 64 }; /* a second's or two of hashing: beyond them the answer is 503 */
#define STREAM_PATIENCE_US SECONDS_US(30) /* a listener that takes nothing for so long is cut off */
#define DELIVERER_PATIENCE_US INT64_C(1500000) /* beyond what requests were given: notifications under way may end */

struct server {
	const struct settings *settings;
	struct app app;
	struct first_start first;
	struct arena *arena;
	struct http_hooks hooks;
	struct http_server *http;
	struct deliverer_options notify;
	struct news news;
	struct upkeep *upkeep;
	char address[128]; /* where it really listens */
};

/* "…://user:password@…" */
static bool has_password(const char *location)
{
	const char *place = strstr(location, "://"), *at = place ? strchr(place, '@') : NULL;
	return at && memchr(place + 3, ':', (size_t)(at - place - 3));
}

static void warn_of_password(const struct settings *s, const char *name, const char *sentence)
{
	const char *location = setting_text(s, name);
	if (location && setting_source(s, name) == FROM_FLAG && has_password(location)) log_warn(sentence);
}

static enum rc check_locations(const struct settings *s, struct err *err)
{
	const char *replica = setting_text(s, "db-read");
	warn_of_password(s, "db", "--db with a password can be seen by other users of this machine: set VERSIONER_DB");
	warn_of_password(s, "db-read", "--db-read with a password can be seen by other users of this machine: set VERSIONER_DB_READ");
	if (!replica) return RC_OK;
	if (!db_location_has_replicas(setting_text(s, "db")))
		return err_set(err, RC_INVALID, "--db-read is for PostgreSQL: the store of --db has no replicas");
	if (!db_location_has_replicas(replica))
		return err_set(err, RC_INVALID, "--db-read takes postgresql://…, the address of replicas");
	return RC_OK;
}

static enum rc open_store(struct server *w, struct db **ret, struct err *err)
{
	struct db *db;
	int applied;
	int64_t revision = -1, people_known = -1;
	enum rc rc = store_open_migrated(setting_text(w->settings, "db"), &db, &applied, err);
	if (rc != RC_OK) return rc;
	if (applied) log_info("schema brought up to date", LOG_INT("migrations", applied), LOG_INT("schema", migrate_newest()));
	struct text given = text_from(setting_text(w->settings, "bootstrap-api-key"));
	rc = db_begin(db);
	if (rc == RC_OK)
		rc = first_start(db, w->arena, text_from(setting_text(w->settings, "admin-email")), given, clock_now(), &w->first, err);
	if (rc == RC_OK) rc = keys_refresh(db, w->app.keyring, &revision);
	if (rc == RC_OK) rc = people_refresh(db, w->app.people, &people_known);
	if (rc == RC_OK) rc = deliverer_inherit(db);
	if (rc == RC_OK) rc = event_order_resume(db);
	if (rc == RC_OK) rc = db_commit(db);
	if (rc != RC_OK) {
		db_rollback(db);
		if (rc != RC_INVALID) err_set(err, rc, "the store cannot be used: %s", db_error(db)->text);
		return db_close(db), rc;
	}
	*ret = db;
	return RC_OK;
}

static enum rc start_threads(struct server *w, struct db *db, struct err *err)
{
	const struct settings *s = w->settings;
	const char *location = setting_text(s, "db");
	struct commit_options commit = {.writers = (size_t)setting_int(s, "writers"),
		.queue_jobs = (size_t)setting_int(s, "queue-size"),
		.batch_jobs = (size_t)setting_int(s, "batch-size"),
		.batch_time = setting_int(s, "batch-time")};
	w->app.engine = db_engine_name(db);
	w->news.deliverer = w->app.deliverer;
	db_listen(db, news_committed, &w->news);
	const struct key_watch_options watch = {
		.location = location, .keyring = w->app.keyring, .people = w->app.people, .session_idle = setting_int(s, "session-idle")};
	enum rc rc = key_watch_start(&watch, &w->news.keys, err);
	const struct stream_hub_options stream = {.location = location,
		.most_listeners = (size_t)setting_int(s, "max-streams"),
		.render = render_whole_event,
		.ask_others = news_ask_for_events,
		.context = &w->news};
	if (rc == RC_OK) rc = stream_hub_start(&stream, &w->app.stream, err);
	w->news.stream = w->app.stream;
	if (rc == RC_OK) rc = news_start(&w->news, location, err);
	if (rc == RC_OK) rc = commit_start(db, &commit, &w->app.writer, err);
	if (rc != RC_OK) return db_close(db), rc;
	w->app.wakeup = w->news.wakeup;
	rc = deliverer_start(w->app.deliverer, w->app.writer, err);
	const struct reader_options read = {.location = location,
		.replica = setting_text(s, "db-read"),
		.threads = (size_t)setting_int(s, "readers"),
		.queue_jobs = (size_t)setting_int(s, "queue-size")};
	if (rc == RC_OK) rc = readers_start(&read, &w->app.readers, err);
	struct upkeep_options upkeep = {.keyring = w->app.keyring,
		.people = w->app.people,
		.writer = w->app.writer,
		.retention = {.events_days = setting_int(s, "retain-events"),
			.notifications_days = setting_int(s, "retain-notifications"),
			.audit_days = setting_int(s, "retain-audit")}};
	if (rc == RC_OK) stream_hub_use_readers(w->app.stream, w->app.readers);
	if (rc == RC_OK) rc = hasher_start(PASSWORDS_WAITING, &w->app.hasher, err);
	if (rc == RC_OK) rc = upkeep_start(&upkeep, &w->upkeep, err);
	return rc;
}

static const char *const *list_of(struct server *w, const char *name)
{
	size_t n = setting_count(w->settings, name);
	const char **list = arena_array_of(w->arena, const char *, n + 1);
	for (size_t i = 0; i < n; i++) list[i] = setting_item(w->settings, name, i);
	return list;
}

static unsigned http_threads(const struct settings *s)
{
	int64_t wanted = setting_int(s, "http-threads");
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	if (wanted) return (unsigned)wanted;
	return processors > 3 ? (unsigned)processors / 2 : 1;
}

static enum rc listen_now(struct server *w, struct err *err)
{
	const struct settings *s = w->settings;
	struct http_options o = {.listen = setting_text(s, "listen"),
		.tls_cert_file = setting_text(s, "tls-cert"),
		.tls_key_file = setting_text(s, "tls-key"),
		.threads = http_threads(s),
		.max_connections = (unsigned)setting_int(s, "max-connections"),
		.idle_timeout = setting_int(s, "idle-timeout"),
		.header_timeout = setting_int(s, "header-timeout"),
		.body_timeout = setting_int(s, "body-timeout"),
		.stream_patience = STREAM_PATIENCE_US,
		.cors_origins = list_of(w, "cors-origin"),
		.trusted_proxies = list_of(w, "trusted-proxy")};
	if (!o.tls_cert_file != !o.tls_key_file) return err_set(err, RC_INVALID, "--tls-cert and --tls-key belong together");
	enum rc rc = systemd_socket(&o.listen_fd, err);
	if (rc != RC_OK) return rc;
	if (o.listen_fd >= 0) o.listen = NULL;
	w->hooks = api_hooks(&w->app);
	rc = http_start(&o, API_ROUTES, &w->hooks, &w->http, err);
	if (rc != RC_OK) return rc;
	announce_address(setting_text(s, "listen"), http_port(w->http), w->address, sizeof w->address);
	return RC_OK;
}

/* In the order of what depends on what. The deliverer begins nothing more at once, so that what it has under way can end meanwhile. */
static void stop(struct server *w)
{
	int64_t given = setting_int(w->settings, "shutdown-timeout");
	systemd_stopping();
	db_hurry(clock_monotonic() + STORE_PATIENCE(given));
	deliverer_quiesce(w->app.deliverer);
	if (w->http && !http_drain(w->http, given))
		log_warn("stopping with requests under way", LOG_INT("in_flight", (int64_t)http_stats(w->http).in_flight));
	stream_hub_quiesce(w->app.stream);
	upkeep_stop(w->upkeep);
	deliverer_stop(w->app.deliverer, DELIVERER_PATIENCE_US);
	if (w->app.readers) readers_stop(w->app.readers);
	hasher_stop(w->app.hasher);
	if (w->app.writer) commit_stop(w->app.writer);
	stream_hub_stop(w->app.stream);
	news_stop(&w->news);
	key_watch_stop(w->news.keys);
	deliverer_free(w->app.deliverer);
	if (w->http) http_stop(w->http);
	stream_hub_free(w->app.stream); /* the last listeners end with their connections */
}

static void ignore_and_block(sigset_t *set)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file size limit is an error of a write, like a full disk */
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	pthread_sigmask(SIG_BLOCK, set, NULL); /* before any thread starts: all of them inherit it */
}

static int wait_for_signal(const sigset_t *set)
{
	int number = 0;
	while (sigwait(set, &number) != 0) continue;
	return number;
}

static enum rc start(struct server *w, struct err *err)
{
	struct db *db;
	struct text given = text_from(setting_text(w->settings, "bootstrap-api-key"));
	if (given.p && key_check_given(given, err) != RC_OK)
		return err_prefix(err, "VERSIONER_BOOTSTRAP_API_KEY"); /* before a store is made */
	enum rc rc = check_locations(w->settings, err);
	if (rc == RC_OK) rc = notify_options(w->settings, w->arena, &w->notify, err);
	w->notify.tell = news_tell_outbox;
	w->notify.tell_context = &w->news;
	if (rc == RC_OK) rc = deliverer_new(&w->notify, &w->app.deliverer, err);
	if (rc == RC_OK) rc = open_store(w, &db, err);
	if (rc == RC_OK) rc = start_threads(w, db, err);
	if (rc == RC_OK) rc = listen_now(w, err);
	return rc;
}

int serve_run(const struct settings *s, char **words)
{
	if (words[0]) return fprintf(stderr, "versioner serve: \"%s\" is not understood\n", words[0]), EXIT_USAGE;
	struct server w = {.settings = s, .arena = arena_new(KIB(16), MIB(16))};
	struct err err = {0};
	sigset_t signals;
	ignore_and_block(&signals);
	w.app = (struct app){.keyring = keyring_new(),
		.people = people_new(setting_int(s, "session-idle")),
		.throttle = throttle_new(),
		.rate_limit = (unsigned)setting_int(s, "rate-limit"),
		.session_lifetime = setting_int(s, "session-lifetime"),
		.metrics = metrics_new(api_route_count()),
		.audience = audience_new(),
		.site = &w.notify.site,
		.metrics_public = setting_bool(s, "metrics-public"),
		.log_requests = setting_bool(s, "log-requests"),
		.schema = migrate_newest()};
	enum rc rc = start(&w, &err);
	if (rc == RC_OK) {
		announce_start(s, &w.first, w.address);
		systemd_ready(w.address);
		int number = wait_for_signal(&signals);
		log_info("stopping", LOG_STR("signal", number == SIGTERM ? "SIGTERM" : "SIGINT"));
	} else {
		fprintf(stderr, "versioner serve: %s\n", err.text);
	}
	stop(&w);
	if (rc == RC_OK) log_info("stopped");
	keyring_free(w.app.keyring);
	people_free(w.app.people);
	throttle_free(w.app.throttle);
	metrics_free(w.app.metrics);
	audience_free(w.app.audience);
	guard_free((struct guard *)w.notify.site.guard);
	arena_free(w.arena);
	return rc == RC_OK ? EXIT_FINE : EXIT_TROUBLE;
}
