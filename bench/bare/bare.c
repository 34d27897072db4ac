/* The floor of the write path: the rows of the same events by the same statements in transactions of the same size, and nothing
 * around them: no HTTP, no JSON, no queue, no savepoints; a thread only for the checkpoints.
 *
 *   bare DATABASE RUN BATCH SECONDS WARM_EVENTS [MIGRATION.sql…]
 *   bare --statements           prints those that src/store/ must have too, one a line
 * Prints "figures requests=… micros=… p50_micros=… p99_micros=…": events, and the latency of one transaction. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bare/store.h"
#include "load/event_stream.h"
#include "load/samples.h"

enum { ID_SIZE = 37 };

struct writer {
	struct store *store;
	struct event_stream stream;
	int64_t account;
	uint64_t ids;
	/* Of the event at hand; an empty string: not known, not given. */
	int64_t now, pending_at, started_at, attempted_at, since;
	char product[ID_SIZE], version[ID_SIZE], environment[ID_SIZE], deployment[ID_SIZE], event[ID_SIZE];
	char current[ID_SIZE], current_version[ID_SIZE], current_name[64], current_rollout[16], rollout[16], run_key[80];
};

static const char *const STATES[STREAM_PHASES] = {"pending", "started", "completed"};
static const char *const TYPES[STREAM_PHASES] = {"deployment.pending", "deployment.started", "deployment.completed"};
static const char *const ENVIRONMENT_TYPES[STREAM_ENVIRONMENTS] = {"dev", "test", "staging", "production", "production"};

static int64_t micros_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* In the form and order of a UUIDv7: milliseconds, a counter, noise. */
static void new_id(struct writer *w, char out[static ID_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	uint64_t n = ++w->ids, noise = n * 0x9e3779b97f4a7c15u;
	uint64_t high = (uint64_t)(w->now / 1000) << 16 | 0x7000 | (n & 0xfff), low = noise >> 2 | 1ull << 63;
	for (int i = 0, at = 0; i < 32; i++) {
		if (i == 8 || i == 12 || i == 16 || i == 20) out[at++] = '-';
		uint64_t half = i < 16 ? high : low;
		out[at++] = digits[half >> (60 - i % 16 * 4) & 15];
	}
	out[ID_SIZE - 1] = 0;
}

static void keep(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text ? text : "");
}

static const char *given(const char *text)
{
	return *text ? text : NULL;
}

static void bind_time(struct store *s, enum statement_name n, int param, int64_t time)
{
	if (time) bind_int(s, n, param, time);
}

static void find_place(struct writer *w, const struct stream_event *e)
{
	struct store *s = w->store;
	bind_int(s, FIND_PLACE, 1, w->account);
	bind_text(s, FIND_PLACE, 2, e->product_name);
	bind_text(s, FIND_PLACE, 3, e->version);
	bind_text(s, FIND_PLACE, 4, STREAM_ENVIRONMENT[e->environment]);
	(void)step(s, FIND_PLACE);
	read_row(s, FIND_PLACE);
	keep(w->product, ID_SIZE, column_text(s, FIND_PLACE, 0));
	keep(w->version, ID_SIZE, column_text(s, FIND_PLACE, 1));
	keep(w->environment, ID_SIZE, column_text(s, FIND_PLACE, 4));
	finish(s, FIND_PLACE);
}

/* What is named for the first time. */
static void create_place(struct writer *w, const struct stream_event *e)
{
	struct store *s = w->store;
	if (!*w->product) {
		new_id(w, w->product);
		bind_int(s, INSERT_PRODUCT, 1, w->account);
		bind_text(s, INSERT_PRODUCT, 2, w->product);
		bind_text(s, INSERT_PRODUCT, 3, e->product_name);
		bind_int(s, INSERT_PRODUCT, 6, w->now);
		bind_int(s, INSERT_PRODUCT, 7, w->now);
		run(s, INSERT_PRODUCT);
	}
	if (!*w->version) {
		new_id(w, w->version);
		bind_int(s, INSERT_VERSION, 1, w->account);
		bind_text(s, INSERT_VERSION, 2, w->version);
		bind_text(s, INSERT_VERSION, 3, w->product);
		bind_text(s, INSERT_VERSION, 4, e->version);
		bind_text(s, INSERT_VERSION, 5, e->scm_sha);
		bind_text(s, INSERT_VERSION, 6, e->scm_repository);
		bind_int(s, INSERT_VERSION, 7, w->now);
		run(s, INSERT_VERSION);
	}
	if (!*w->environment) {
		new_id(w, w->environment);
		bind_int(s, INSERT_ENVIRONMENT, 1, w->account);
		bind_text(s, INSERT_ENVIRONMENT, 2, w->environment);
		bind_text(s, INSERT_ENVIRONMENT, 3, STREAM_ENVIRONMENT[e->environment]);
		bind_text(s, INSERT_ENVIRONMENT, 4, ENVIRONMENT_TYPES[e->environment]);
		bind_int(s, INSERT_ENVIRONMENT, 8, w->now);
		bind_int(s, INSERT_ENVIRONMENT, 9, w->now);
		run(s, INSERT_ENVIRONMENT);
	}
}

static bool find_attempt(struct writer *w)
{
	struct store *s = w->store;
	enum statement_name n = FIND_ATTEMPT;
	bind_int(s, n, 1, w->account);
	bind_text(s, n, 2, w->version);
	bind_text(s, n, 3, w->environment);
	bind_text(s, n, 4, w->run_key);
	bool found = step(s, n);
	if (found) {
		read_row(s, n);
		keep(w->deployment, ID_SIZE, column_text(s, n, 0));
		w->pending_at = column_int(s, n, 5);
		w->started_at = column_int(s, n, 6);
		w->attempted_at = column_int(s, n, 8);
	}
	finish(s, n);
	return found;
}

static void load_cell(struct writer *w)
{
	struct store *s = w->store;
	bind_int(s, GET_CELL, 1, w->account);
	bind_text(s, GET_CELL, 2, w->product);
	bind_text(s, GET_CELL, 3, w->environment);
	bool found = step(s, GET_CELL);
	if (found) read_row(s, GET_CELL);
	keep(w->current, sizeof w->current, found ? column_text(s, GET_CELL, 2) : NULL);
	keep(w->current_version, sizeof w->current_version, found ? column_text(s, GET_CELL, 3) : NULL);
	keep(w->current_name, sizeof w->current_name, found ? column_text(s, GET_CELL, 4) : NULL);
	keep(w->current_rollout, sizeof w->current_rollout, found ? column_text(s, GET_CELL, 5) : NULL);
	w->since = found ? column_int(s, GET_CELL, 6) : 0;
	finish(s, GET_CELL);
}

static const char *decide_rollout(struct writer *w)
{
	struct store *s = w->store;
	if (!*w->current) return "initial";
	if (strcmp(w->current_version, w->version) == 0) return "redeploy";
	bind_int(s, WAS_CURRENT, 1, w->account);
	bind_text(s, WAS_CURRENT, 2, w->version);
	bind_text(s, WAS_CURRENT, 3, w->environment);
	bind_int(s, WAS_CURRENT, 4, w->now);
	bind_text(s, WAS_CURRENT, 5, w->deployment);
	bool found = step(s, WAS_CURRENT);
	finish(s, WAS_CURRENT);
	return found ? "rollback" : "upgrade";
}

static void bind_details(struct writer *w, const struct stream_event *e, enum statement_name n)
{
	struct store *s = w->store;
	const char *values[] = {w->event, e->build_number, e->build_url, e->invoke_id, "github", e->scm_repository, e->scm_sha,
		"main", "octocat", "octocat@example.com"};
	for (int i = 0; i < (int)(sizeof values / sizeof *values); i++) bind_text(s, n, 8 + i, values[i]);
	bind_int(s, n, 1, w->account);
	bind_text(s, n, 2, w->deployment);
	bind_text(s, n, 3, STATES[e->phase]);
	bind_time(s, n, 4, w->pending_at);
	bind_time(s, n, 5, w->started_at);
	bind_time(s, n, 6, e->phase == 2 ? w->now : 0);
	bind_int(s, n, 7, w->now);
	bind_text(s, n, 21, e->extra_metadata);
}

static void write_attempt(struct writer *w, const struct stream_event *e, bool is_new)
{
	struct store *s = w->store;
	enum statement_name n = is_new ? INSERT_DEPLOYMENT : UPDATE_DEPLOYMENT;
	if (e->phase == 0) w->pending_at = w->now;
	if (e->phase == 1 && !w->started_at) w->started_at = w->now;
	bind_details(w, e, n);
	if (is_new) {
		bind_text(s, n, 22, w->product);
		bind_text(s, n, 23, w->version);
		bind_text(s, n, 24, w->run_key);
		bind_int(s, n, 25, w->attempted_at = w->now);
		bind_int(s, n, 26, w->now);
		bind_text(s, n, 27, w->environment);
	}
	bind_text(s, n, is_new ? 28 : 22, given(w->rollout));
	run(s, n);
}

static void append_event(struct writer *w, const struct stream_event *e, bool is_new)
{
	char payload[STREAM_BODY_SIZE];
	struct store *s = w->store;
	const char *values[] = {w->event, TYPES[e->phase], is_new ? "new" : "advance", w->deployment, w->product, w->environment,
		w->version, "api_key:k1"};
	payload[stream_body(e, false, payload)] = 0;
	for (int i = 0; i < (int)(sizeof values / sizeof *values); i++) bind_text(s, APPEND_EVENT, 2 + i, values[i]);
	bind_int(s, APPEND_EVENT, 1, w->account);
	bind_int(s, APPEND_EVENT, 10, w->now);
	bind_int(s, APPEND_EVENT, 11, w->now);
	bind_text(s, APPEND_EVENT, 12, payload);
	run(s, APPEND_EVENT);
}

static void put_cell(struct writer *w, const struct stream_event *e)
{
	struct store *s = w->store;
	bool done = e->phase == 2;
	const char *current[] = {done ? w->deployment : w->current, done ? w->version : w->current_version,
		done ? e->version : w->current_name, done ? w->rollout : w->current_rollout};
	const char *latest[] = {w->deployment, w->version, e->version, STATES[e->phase]};
	bind_int(s, PUT_CELL, 1, w->account);
	bind_text(s, PUT_CELL, 2, w->product);
	bind_text(s, PUT_CELL, 3, w->environment);
	for (int i = 0; i < 4; i++) {
		bind_text(s, PUT_CELL, 4 + i, given(current[i]));
		bind_text(s, PUT_CELL, 9 + i, latest[i]);
	}
	bind_time(s, PUT_CELL, 8, done ? w->now : w->since);
	bind_int(s, PUT_CELL, 13, w->attempted_at);
	bind_int(s, PUT_CELL, 14, done ? w->now : w->started_at ? w->started_at : w->attempted_at);
	run(s, PUT_CELL);
}

static void record_event(struct writer *w)
{
	struct stream_event e;
	stream_next(&w->stream, &e);
	w->now = micros_now();
	w->pending_at = w->started_at = 0;
	snprintf(w->run_key, sizeof w->run_key, "%s/1", e.invoke_id);
	find_place(w, &e);
	bool place_is_new = !*w->version || !*w->environment;
	bool is_new = place_is_new || !find_attempt(w);
	new_id(w, w->event);
	create_place(w, &e);
	if (is_new) new_id(w, w->deployment);
	load_cell(w);
	keep(w->rollout, sizeof w->rollout, e.phase == 2 ? decide_rollout(w) : NULL);
	write_attempt(w, &e, is_new);
	append_event(w, &e, is_new);
	put_cell(w, &e);
}

static void write_batch(struct writer *w, uint64_t events)
{
	run(w->store, BEGIN_BATCH);
	for (uint64_t i = 0; i < events; i++) record_event(w);
	run(w->store, COMMIT_BATCH);
	store_tidy(w->store);
}

static int print_statements(void)
{
	for (int n = FIND_PLACE; n < STATEMENT_COUNT; n++) puts(STATEMENTS[n]);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--statements") == 0) return print_statements();
	if (argc < 6) {
		fprintf(stderr, "usage: bare DATABASE RUN BATCH SECONDS WARM_EVENTS [MIGRATION.sql…]\n");
		return 2;
	}
	struct writer w = {.store = store_open(argv[1], argv + 6, argc - 6), .stream = {.run = argv[2]}};
	uint64_t batch = strtoull(argv[3], NULL, 10), warm = strtoull(argv[5], NULL, 10), done = 0;
	struct samples taken = {0};
	if (batch == 0 || !step(w.store, FIND_ACCOUNT)) return 2;
	w.account = column_int(w.store, FIND_ACCOUNT, 0);
	finish(w.store, FIND_ACCOUNT);

	if (warm) write_batch(&w, warm);
	int64_t start = nanos_now(), end = start + (int64_t)(atof(argv[4]) * 1e9), now = start;
	while (now < end) {
		int64_t begun = now;
		write_batch(&w, batch);
		now = nanos_now();
		samples_add(&taken, now - begun);
		done += batch;
	}
	printf("figures requests=%llu micros=%lld p50_micros=%.1f p99_micros=%.1f\n", (unsigned long long)done,
		(long long)((now - start) / 1000), samples_percentile(&taken, 50), samples_percentile(&taken, 99));
	samples_done(&taken);
	store_close(w.store);
	return 0;
}
