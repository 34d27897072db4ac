/* Answers that come bit by bit: a real server, raw sockets, and a source that a test fills from its own thread. */
#include "http_fixture.h"

enum { SOURCE_ROOM = 1 << 22 };

/* What a stream has to say. `ended` is told by the HTTP thread. */
static struct source {
	pthread_mutex_t lock;
	char *bytes;
	size_t n, at;
	bool over, waits, begun;
	struct http_request *request; /* NULL once it has ended */
	int ends;
	_Atomic int cuts, reads;
} source = {.lock = PTHREAD_MUTEX_INITIALIZER};

static ptrdiff_t source_read(void *context, char *to, size_t size)
{
	struct source *s = context;
	pthread_mutex_lock(&s->lock);
	size_t n = s->n - s->at < size ? s->n - s->at : size;
	memcpy(to, s->bytes + s->at, n);
	s->at += n;
	s->reads++;
	ptrdiff_t given = n ? (ptrdiff_t)n : s->over ? HTTP_STREAM_END : HTTP_STREAM_LATER;
	s->waits = given == HTTP_STREAM_LATER;
	pthread_mutex_unlock(&s->lock);
	return given;
}

static void source_ended(void *context, bool cut)
{
	struct source *s = context;
	pthread_mutex_lock(&s->lock);
	s->request = NULL;
	s->ends++;
	s->cuts += cut;
	pthread_mutex_unlock(&s->lock);
}

/* As a hub does it: under the lock that `ended` takes. */
static void say(const char *text, size_t n, bool over)
{
	pthread_mutex_lock(&source.lock);
	assert_true(source.n + n <= SOURCE_ROOM);
	memcpy(source.bytes + source.n, text, n);
	source.n += n;
	source.waits = false;
	source.over |= over;
	if (source.request) http_stream_wake(source.request);
	pthread_mutex_unlock(&source.lock);
}

static int ends(void)
{
	pthread_mutex_lock(&source.lock);
	int n = source.ends;
	pthread_mutex_unlock(&source.lock);
	return n;
}

static bool waits(void)
{
	pthread_mutex_lock(&source.lock);
	bool now = source.waits;
	pthread_mutex_unlock(&source.lock);
	return now;
}

static void wait_ends(int n)
{
	for (int i = 0; i < 5000 && ends() < n; i++) pause_ms(1);
	assert_int_equal(ends(), n);
}

static void handle_stream(struct http_request *r, struct db *db)
{
	(void)db;
	r->response.status = 200;
	r->response.content_type = "text/event-stream";
	source.request = r;
	http_stream_begin(r, &(struct http_stream){.context = &source, .read = source_read, .ended = source_ended});
}

static const struct http_route stream_routes[] = {
	{.method = "GET", .path = "/stream", .handle = handle_stream},
	{.method = "POST", .path = "/stream", .body_limit = BODY_LIMIT, .access = ACCESS_WRITE, .handle = handle_stream}, /* parked */
	{.method = "GET", .path = "/show", .handle = handle_show},
	{0},
};

static int start_streams(void **state)
{
	struct err err;
	struct http_options o = standard;
	(void)state;
	o.body_timeout = o.header_timeout = o.idle_timeout = SECONDS_US(1) / 2;
	free(source.bytes);
	source.bytes = malloc(SOURCE_ROOM);
	source.n = source.at = 0;
	source.over = source.waits = false;
	source.ends = source.cuts = source.reads = 0;
	atomic_store(&completed, 0);
	atomic_store(&lost, 0);
	return http_start(&o, stream_routes, &hooks, &server, &err) == RC_OK ? 0 : -1;
}

/* Until the bytes received hold this. */
static void expect(struct client *c, const char *text)
{
	int64_t until = clock_monotonic() + SECONDS_US(5);
	while (!memmem(c->bytes, c->n, text, strlen(text)) && clock_monotonic() < until)
		if (client_fill(c, 100) == 0) break;
	if (!memmem(c->bytes, c->n, text, strlen(text))) fail_msg("\"%s\" did not come: %.*s", text, (int)c->n, c->bytes);
}

static struct client *streaming(const char *request)
{
	struct client *c = connected();
	client_say(c, request);
	expect(c, "\r\n\r\n");
	return c;
}
#define GET_STREAM "GET /stream HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n"

static void pieces_come_as_they_are_said(void **state)
{
	(void)state;
	struct client *c = streaming(GET_STREAM);
	for (int i = 0; i < 200; i++) {
		char piece[32];
		size_t n = (size_t)snprintf(piece, sizeof piece, "piece %d.\n", i);
		say(piece, n, false);
		expect(c, piece);
		if (i % 50 == 0) pause_ms(20); /* between two waits, and in them */
	}
	expect(c, "Transfer-Encoding: chunked");
	assert_null(memmem(c->bytes, c->n, "Content-Encoding", 16));
	say("", 0, true);
	expect(c, "\r\n0\r\n\r\n");
	wait_completed(1);
	assert_int_equal(ends(), 1);
	assert_int_equal(lost, 0);
	client_close(c);
}

static void a_stream_that_was_parked(void **state)
{
	(void)state;
	struct client *c = streaming("POST /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n30");
	say("later", 5, true);
	expect(c, "later\r\n0\r\n\r\n");
	wait_ends(1);
	client_close(c);
}

/* The deadlines of headers, body and idleness are half a second here. */
static void no_deadline_ends_it_and_it_costs_nothing(void **state)
{
	(void)state;
	struct client *c = streaming(GET_STREAM);
	for (int i = 0; i < 1000 && !waits(); i++) pause_ms(1);
	int reads = source.reads;
	pause_ms(1300);
	assert_int_equal(source.reads, reads);
	assert_int_equal(http_stats(server).in_flight, 0);
	assert_int_equal(http_stats(server).streams, 1);
	say("still here", 10, false);
	expect(c, "still here");
	client_close(c);
	wait_ends(1);
	wait_completed(1);
	assert_int_equal(lost, 1);
	for (int i = 0; i < 1000 && http_stats(server).streams; i++) pause_ms(1);
	assert_int_equal(http_stats(server).streams, 0);
}

static void head_and_the_older_protocol(void **state)
{
	(void)state;
	struct client *c = connected();
	client_say(c, "HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n");
	expect(c, "text/event-stream");
	expect(c, "\r\n\r\n");
	wait_ends(1);
	assert_int_equal(source.reads, 0);
	assert_int_equal(client_fill(c, 100), -1);
	assert_memory_equal(c->bytes + c->n - 4, "\r\n\r\n", 4);
	assert_null(memmem(c->bytes, c->n - 4, "\r\n\r\n", 4)); /* nothing behind the head */
	client_close(c);
	c = streaming("GET /stream HTTP/1.0\r\nHost: x\r\n\r\n");
	assert_null(memmem(c->bytes, c->n, "chunked", 7));
	say("plain", 5, true);
	expect(c, "\r\n\r\nplain");
	c->n = 0;
	assert_true(client_ended(c, 2000));
	client_close(c);
	wait_ends(2);
}

static void the_end_of_the_server_ends_it_at_once(void **state)
{
	(void)state;
	struct client *quiet = streaming(GET_STREAM);
	say("a", 1, false);
	expect(quiet, "a");
	for (int i = 0; i < 5000 && !waits(); i++) pause_ms(1);
	pause_ms(20); /* suspended */
	int64_t begin = clock_monotonic();
	assert_true(http_drain(server, SECONDS_US(5)));
	assert_true(clock_monotonic() - begin < SECONDS_US(1));
	expect(quiet, "\r\n0\r\n\r\n");
	wait_ends(1);
	client_close(quiet);
}

/* http_stop() alone, while one waits and is woken all the time. */
static void *wake_all_the_time(void *stopping)
{
	while (!atomic_load((atomic_bool *)stopping)) say("", 0, false);
	return NULL;
}

static void stopping_while_it_is_woken(void **state)
{
	(void)state;
	atomic_bool stopping = false;
	pthread_t waker;
	struct client *c = streaming(GET_STREAM);
	assert_int_equal(pthread_create(&waker, NULL, wake_all_the_time, &stopping), 0);
	pause_ms(50);
	http_stop(server);
	server = NULL;
	assert_int_equal(ends(), 1);
	atomic_store(&stopping, true);
	pthread_join(waker, NULL);
	client_close(c);
}

static void who_does_not_read_is_cut_off(void **state)
{
	(void)state;
	struct client *c = connected();
	static char much[MIB(3)];
	client_say(c, GET_STREAM);
	for (int i = 0; i < 5000 && !waits(); i++) pause_ms(1);
	memset(much, 'x', sizeof much);
	int64_t begin = clock_monotonic();
	setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &(int){4096}, sizeof(int));
	say(much, sizeof much, false);
	wait_ends(1);
	assert_in_range(clock_monotonic() - begin, SECONDS_US(1) / 2, SECONDS_US(3));
	assert_int_equal(source.cuts, 1);
	assert_int_equal(http_stats(server).timed_out_connections, 1);
	client_close(c);
}

/* A little at a time, each within the patience, for longer than the patience. */
static void who_reads_slowly_is_not(void **state)
{
	(void)state;
	struct client *c = connected();
	static char much[MIB(1)];
	size_t seen = 0;
	client_say(c, GET_STREAM);
	for (int i = 0; i < 5000 && !waits(); i++) pause_ms(1);
	say(much, sizeof much, true);
	for (ssize_t n = 1; seen < sizeof much && n > 0; seen += (size_t)n) {
		pause_ms(50);
		n = recv(c->fd, c->bytes, 40000, 0);
		assert_true(n > 0);
	}
	assert_true(seen >= sizeof much);
	assert_int_equal(source.cuts, 0);
	client_close(c);
}

/* Wakes and reads meet in every order: nothing is left lying. */
static void no_wake_is_lost(void **state)
{
	(void)state;
	struct client *c = streaming(GET_STREAM);
	size_t seen = 0;
	for (int i = 0; i < 20000; i++) {
		int64_t until = clock_monotonic() + SECONDS_US(5);
		while (!waits() && clock_monotonic() < until)
			if (i % 8 == 0 && client_fill(c, 0) > 0) seen += c->n, c->n = 0;
		assert_true(waits());
		say("x", 1, false); /* while it is about to be suspended */
	}
	assert_true(seen > 0);
	client_close(c);
	wait_ends(1);
}

static int stop_if_it_runs(void **state)
{
	return server ? stop(state) : 0;
}

#define STREAMS(f) cmocka_unit_test_setup_teardown(f, start_streams, stop_if_it_runs)

int main(void)
{
	struct err err;
	if (secret_init(&err) != RC_OK) return 1;
	const struct CMUnitTest tests[] = {
		STREAMS(pieces_come_as_they_are_said),
		STREAMS(a_stream_that_was_parked),
		STREAMS(no_deadline_ends_it_and_it_costs_nothing),
		STREAMS(head_and_the_older_protocol),
		STREAMS(the_end_of_the_server_ends_it_at_once),
		STREAMS(stopping_while_it_is_woken),
		STREAMS(who_does_not_read_is_cut_off),
		STREAMS(who_reads_slowly_is_not),
		STREAMS(no_wake_is_lost),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(source.bytes);
	return failed;
}
