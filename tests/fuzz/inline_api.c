/* The API in one thread; see the header. */
#include "inline_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actions/audience.h"
#include "actions/check.h"
#include "actions/keys.h"
#include "api/app.h"
#include "api/dispatch.h"
#include "api/metrics.h"
#include "auth/hasher.h"
#include "auth/keyring.h"
#include "auth/people.h"
#include "auth/throttle.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/secret.h"
#include "db/db.h"
#include "db/migrate.h"
#include "http/http_route.h"
#include "http/http_target.h"
#include "notify/deliverer.h"

#define TOKEN "sk_fuzz_k1_0123456789abcdefghijklmnopqrstuvwxyzABCD"

/* What the linker puts in the place of the threads and of the HTTP library. */
struct text __wrap_http_header(const struct http_request *r, const char *name);
void __wrap_http_finish(struct http_request *r);
enum rc __wrap_commit_submit(struct commit_pipeline *p, struct commit_job *job);
enum rc __wrap_readers_submit(struct reader_pool *p, struct reader_job *job);
struct commit_stats __wrap_commit_stats(struct commit_pipeline *p);
uint64_t __wrap_readers_waiting(struct reader_pool *p);
struct reader_stats __wrap_readers_stats(struct reader_pool *p);
const struct http_server *__wrap_http_server_of(const struct http_request *r);
struct http_stats __wrap_http_stats(const struct http_server *s);
enum rc __wrap_deliverer_test(struct deliverer *d, struct deliverer_test *t);
size_t __wrap_deliverer_figures(struct deliverer *d, struct deliverer_figures *out, size_t room);
enum rc __wrap_hasher_submit(struct hasher *h, struct hash_job *job);
bool __wrap_deliverer_moves(struct deliverer *d);

static struct {
	struct db *db;
	struct arena *arena;
	struct router *router;
	struct app app;
	struct notify_site site;
	struct guard *guard;
	struct http_hooks hooks;
	struct http_request request;
	struct text idempotency_key;
	unsigned asked, finished;
} api;

static void must(bool holds, const char *what)
{
	if (holds) return;
	fprintf(stderr, "the API breaks a promise: %s\n", what);
	abort();
}

/* ---- in the place of threads ---- */

struct text __wrap_http_header(const struct http_request *r, const char *name)
{
	(void)r;
	if (strcmp(name, "Authorization") == 0) return TEXT("Bearer " TOKEN);
	return strcmp(name, "Idempotency-Key") == 0 ? api.idempotency_key : TEXT_ABSENT;
}

void __wrap_http_finish(struct http_request *r)
{
	must(r == &api.request, "the request that is finished is the one that was asked");
	api.finished++;
}

static enum commit_vote applied(struct commit_job *job)
{
	must(db_savepoint(api.db) == RC_OK, "a part of the transaction begins");
	enum commit_vote vote = job->apply(job, api.db);
	must(db_failure(api.db) == RC_OK || vote == COMMIT_UNDO, "nobody votes to keep a failed statement");
	return vote;
}

/* Every second write is applied, rolled back and applied again, as when a neighbour in its batch fails. */
enum rc __wrap_commit_submit(struct commit_pipeline *p, struct commit_job *job)
{
	(void)p;
	enum commit_vote vote = applied(job);
	if (api.asked % 2) {
		int status = api.request.response.status;
		must(db_rollback_to(api.db) == RC_OK, "a part of the transaction can be undone");
		enum commit_vote again = applied(job);
		must(again == vote && api.request.response.status == status, "a write that is applied again has the same outcome");
	}
	enum rc rc = vote == COMMIT_KEEP ? db_release(api.db) : db_rollback_to(api.db);
	must(rc == RC_OK, "a part of the transaction ends");
	job->done(job, RC_OK);
	return RC_OK;
}

static void read_twice(struct reader_job *job)
{
	struct http_request *r = &api.request;
	int status = r->response.status;
	struct text first = text_copy(r->arena, buf_view(&r->response.body));
	http_response_reset(r);
	job->run(job, api.db);
	must(r->response.status == status && text_equal(buf_view(&r->response.body), first),
		"a state that did not change is told the same");
}

enum rc __wrap_readers_submit(struct reader_pool *p, struct reader_job *job)
{
	(void)p;
	uint64_t before = db_changed(api.db);
	job->run(job, job->bare ? NULL : api.db);
	if (api.request.route->flags & ROUTE_ETAG) read_twice(job);
	must(job->bare || (db_changed(api.db) == before && db_failure(api.db) == RC_OK), "a read neither writes nor fails");
	job->done(job, RC_OK);
	return RC_OK;
}

/* Every password is right, and its hash is made at once. */
enum rc __wrap_hasher_submit(struct hasher *h, struct hash_job *job)
{
	(void)h;
	must(job->make_only || job->password.p, "there is a password to be verified");
	job->matches = !job->make_only && job->stored;
	job->made = job->make_only || (job->matches && job->want_fresh);
	snprintf(job->fresh, sizeof job->fresh, "$argon2id$made-by-the-fuzzer");
	job->done(job);
	return RC_OK;
}

struct commit_stats __wrap_commit_stats(struct commit_pipeline *p)
{
	(void)p;
	return (struct commit_stats){0};
}

uint64_t __wrap_readers_waiting(struct reader_pool *p)
{
	(void)p;
	return 0;
}

struct reader_stats __wrap_readers_stats(struct reader_pool *p)
{
	(void)p;
	return (struct reader_stats){0};
}

const struct http_server *__wrap_http_server_of(const struct http_request *r)
{
	(void)r;
	return NULL;
}

struct http_stats __wrap_http_stats(const struct http_server *s)
{
	(void)s;
	return (struct http_stats){0};
}

/* The destination of every sample is there and fine; it has nothing to do with what the channel says. */
enum rc __wrap_deliverer_test(struct deliverer *d, struct deliverer_test *t)
{
	must(d == api.app.deliverer && t->type && t->config.n, "a sample has all that it is made of");
	t->verdict = DELIVERY_DONE;
	t->status = 200;
	t->answer = TEXT("ok");
	t->micros = 1500;
	t->done(t);
	return RC_OK;
}

size_t __wrap_deliverer_figures(struct deliverer *d, struct deliverer_figures *out, size_t room)
{
	(void)d;
	must(room > 0, "there is room for figures");
	out[0] = (struct deliverer_figures){.channel_type = "webhook", .waiting = 1, .oldest_seconds = 0.5};
	return 1;
}

bool __wrap_deliverer_moves(struct deliverer *d)
{
	(void)d;
	return true;
}

/* ---- the store ---- */

/* A store in a folder of its own that has lost its name before anything is asked: nothing stays behind, however the process ends. */
static void open_store(void)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	char folder[] = "/dev/shm/fuzz-XXXXXX", path[64];
	struct err err = {0};
	struct first_start first;
	int applied_migrations;
	int64_t revision = -1;
	must(secret_init(&err) == RC_OK, err.text);
	must(mkdtemp(folder) != NULL, "a folder for the store can be made");
	snprintf(path, sizeof path, "%s/store", folder);
	enum rc rc = db_open(path, DB_WRITE, &api.db, &err);
	if (rc == RC_OK) rc = migrate(api.db, clock_now(), &applied_migrations, &err);
	if (rc == RC_OK) rc = db_begin(api.db);
	if (rc == RC_OK) rc = first_start(api.db, api.arena, TEXT("admin@example.com"), TEXT(TOKEN), clock_now(), &first, &err);
	if (rc == RC_OK) rc = keys_refresh(api.db, api.app.keyring, &revision);
	if (rc == RC_OK) rc = db_commit(api.db);
	must(rc == RC_OK, err.text);
	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
		snprintf(path, sizeof path, "%s/store%s", folder, suffixes[i]);
		unlink(path);
	}
	rmdir(folder);
}

static void open_once(void)
{
	if (api.db) return;
	log_setup(LOG_ERROR, LOG_LOGFMT);
	api.arena = arena_new(KIB(64), LIMIT_REQUEST_ARENA);
	must(guard_new((const char *const[]){NULL}, &api.guard, NULL) == RC_OK, "there is a guard");
	api.site.guard = api.guard;
	api.site.public_url = "https://versioner.example.com";
	api.app = (struct app){.keyring = keyring_new(),
		.people = people_new(DAYS_US(7)),
		.throttle = throttle_new(),
		.metrics = metrics_new(api_route_count()),
		.audience = audience_new(),
		.deliverer = (struct deliverer *)&api, /* never looked into: its functions are wrapped */
		.site = &api.site,
		.engine = "sqlite"};
	api.hooks = api_hooks(&api.app);
	api.request.response.body = BUF_INIT(LIMIT_RESPONSE);
	must(router_new(API_ROUTES, &api.router, NULL) == RC_OK, "the route table can be read");
	open_store();
}

void api_begin(void)
{
	open_once();
	must(db_begin(api.db) == RC_OK, "a transaction begins");
	api.asked = 0;
}

static void show_problem(void *context, const char *sentence)
{
	(void)context;
	fprintf(stderr, "%s\n", sentence);
}

void api_check(void)
{
	struct check c = {.problem = show_problem};
	must(check_derived(api.db, &c) == RC_OK && c.problems == 0, "the tables are what the event log says");
}

void api_forget(void)
{
	db_rollback(api.db);
}

/* ---- asking ---- */

static const struct http_route *route_of(struct http_request *r)
{
	struct target t;
	if (target_parse(r->arena, r->target, &t) != TARGET_OK) return NULL;
	r->path = t.path;
	r->query = t.query;
	r->query_count = t.query_count;
	return router_find(api.router, r->method, &t, r->path_params, &r->path_param_count);
}

struct answer api_ask(const struct asked *asked)
{
	struct http_request *r = &api.request;
	struct buf body = r->response.body;
	buf_clear(&body);
	arena_reset(api.arena);
	*r = (struct http_request){.arena = api.arena, .method = asked->method, .target = asked->target, .response.body = body};
	r->id = TEXT("fuzz");
	r->peer = TEXT("127.0.0.1");
	r->received = SECONDS_US(INT64_C(1779631565) + api.asked++);
	api.idempotency_key = asked->idempotency_key;
	api.finished = 0;
	r->route = route_of(r);
	if (!r->route || !api.hooks.admit(api.hooks.context, r)) return (struct answer){r, true};
	r->body = r->route->body_limit ? asked->body : TEXT("");
	r->response.kept_headers = r->response.header_count;
	enum http_outcome outcome = api.hooks.dispatch(api.hooks.context, r);
	must(api.finished == (outcome == HTTP_PARKED), "an answer comes exactly once");
	api.hooks.completed(api.hooks.context, r, 1000, false);
	return (struct answer){r, false};
}
