/* The hub on a real store: a listener of each kind, read by the test as the HTTP room does. */
#include "../events_made.h"
#include "db/readers.h"
#include "stream/hub.h"
#include "stream/place.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

enum { MOST_EVENTS = 20000, CLIENT_ROOM = 1 << 16 };

/* ---- a client ---- */

struct client {
	struct listener *listener;
	sem_t woken;
	atomic_bool allowed;
	char text[CLIENT_ROOM + 1]; /* what has come and is not yet understood */
	size_t n;
	int count;
	int numbers[MOST_EVENTS]; /* of the events, as they came */
	char last_id[PLACE_SIZE];
	bool ended;
	int beats;
};

static struct world {
	struct fresh_store *store;
	struct reader_pool *readers;
	struct stream_hub *hub;
} w;

static void render(struct buf *out, const struct logged_event *e)
{
	buf_text(out, e->payload);
}

static void wake(void *context)
{
	sem_post(&((struct client *)context)->woken);
}

static bool allowed(void *context)
{
	return atomic_load(&((struct client *)context)->allowed);
}

/* Waits until what is stored would be shown: where others use the same cluster, their transactions may hold it up for a moment. */
static void settle(void)
{
	struct db *db = another_connection(w.store, DB_READ);
	int64_t end = clock_monotonic() + SECONDS_US(30);
	bool settled = false;
	while (!settled && clock_monotonic() < end) {
		struct event_horizon h;
		struct event_position newest;
		assert_ok(db_begin(db));
		assert_ok(event_locate(db, ACCOUNT, TEXT("ffffffff-ffff-ffff-ffff-ffffffffffff"), &newest));
		assert_ok(event_horizon(db, ACCOUNT, TEXT_ABSENT, &h));
		db_rollback(db);
		settled = event_position_compare(&h.now, &newest) >= 0;
	}
	assert_true(settled);
	db_close(db);
}

static enum rc open_at(struct client *c, const struct event_position *from, struct stream_filter filter)
{
	struct db *db = another_connection(w.store, DB_READ);
	struct event_horizon h;
	assert_ok(db_begin(db));
	assert_ok(event_horizon(db, ACCOUNT, TEXT_ABSENT, &h));
	db_close(db);
	struct listener_options o = {.account = ACCOUNT,
		.filter = filter,
		.from = from ? *from : h.now,
		.now = h.now,
		.context = c,
		.wake = wake,
		.allowed = allowed};
	sem_init(&c->woken, 0, 0);
	atomic_store(&c->allowed, true);
	return listener_open(w.hub, &o, &c->listener);
}

static struct client *client_at(const struct event_position *from, struct stream_filter filter)
{
	struct client *c = mem_zalloc(sizeof *c);
	assert_ok(open_at(c, from, filter));
	return c;
}

static struct client *client_now(void)
{
	return client_at(NULL, (struct stream_filter){0});
}

static void client_free(struct client *c)
{
	listener_close(c->listener, false);
	sem_destroy(&c->woken);
	free(c);
}

/* One block of the stream, up to its empty line. */
static void understand(struct client *c, const char *block)
{
	const char *id = strstr(block, "id: "), *data = strstr(block, "data: {\"n\":");
	if (id) snprintf(c->last_id, sizeof c->last_id, "%.*s", (int)strcspn(id + 4, "\n"), id + 4);
	c->beats += block[0] == ':';
	if (!data) return;
	assert_non_null(strstr(block, "event: deployment.completed\n"));
	assert_true(c->count < MOST_EVENTS);
	c->numbers[c->count++] = atoi(data + strlen("data: {\"n\":"));
}

static void take_blocks(struct client *c)
{
	char *end;
	c->text[c->n] = '\0';
	while ((end = strstr(c->text, "\n\n"))) {
		end[1] = '\0';
		understand(c, c->text);
		c->n -= (size_t)(end + 2 - c->text);
		memmove(c->text, end + 2, c->n + 1);
	}
}

/* Reads what there is, a piece of `piece` bytes at most at a time. */
static void read_all(struct client *c, size_t piece)
{
	ptrdiff_t n;
	while (!c->ended &&
		   (n = listener_read(c->listener, c->text + c->n, CLIENT_ROOM - c->n < piece ? CLIENT_ROOM - c->n : piece)) != 0) {
		if (n < 0) c->ended = true;
		c->n += n > 0 ? (size_t)n : 0;
		take_blocks(c);
	}
}

static bool wait_woken(struct client *c, int64_t micros)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += micros / 1000000 + 1;
	return sem_timedwait(&c->woken, &until) == 0;
}

/* So many at least. */
static void read_until(struct client *c, int count, size_t piece)
{
	int64_t end = clock_monotonic() + SECONDS_US(30);
	read_all(c, piece);
	while (c->count < count && !c->ended && clock_monotonic() < end) {
		(void)wait_woken(c, SECONDS_US(2));
		read_all(c, piece);
	}
	if (c->count < count) fail_msg("%d events instead of %d", c->count, count);
}

/* Each once, in order. */
static void assert_rising(const struct client *c, int first)
{
	for (int i = 0; i < c->count; i++) assert_int_equal(c->numbers[i], first + i);
}

static void add(int first, int count)
{
	append_numbers(w.store->db, first, count);
	stream_hub_note(w.hub, ACCOUNT);
}

static struct event_position position_of(const struct client *c)
{
	struct place_in_stream p;
	assert_true(place_parse(text_from(c->last_id), &p));
	assert_string_equal(p.epoch, stream_hub_epoch(w.hub));
	return p.position;
}

/* ---- the world ---- */

static int begin_with(void **state, size_t most)
{
	struct err err = {0};
	if (fresh_store_make(state) != 0) return -1;
	w.store = *state;
	const struct reader_options read = {.location = w.store->path, .threads = 2, .queue_jobs = 100};
	const struct stream_hub_options o = {.location = w.store->path, .most_listeners = most, .render = render};
	if (stream_hub_start(&o, &w.hub, &err) != RC_OK || readers_start(&read, &w.readers, &err) != RC_OK) return -1;
	stream_hub_use_readers(w.hub, w.readers);
	return 0;
}

static int begin(void **state)
{
	return begin_with(state, 100);
}

static int begin_small(void **state)
{
	return begin_with(state, 2);
}

static int end(void **state)
{
	stream_hub_quiesce(w.hub);
	readers_stop(w.readers);
	stream_hub_stop(w.hub);
	stream_hub_free(w.hub);
	return fresh_store_remove(state);
}

/* ---- tests ---- */

static void what_is_new_comes_in_order(void **state)
{
	(void)state;
	append_numbers(w.store->db, -5, 5);
	settle();
	struct client *a = client_now(), *b = client_now();
	for (int i = 0; i < 20; i++) add(i, 1);
	read_until(a, 20, 4096);
	read_until(b, 20, 7); /* in small pieces */
	assert_rising(a, 0);
	assert_rising(b, 0);
	assert_string_equal(a->last_id, b->last_id);
	client_free(a);
	client_free(b);
}

static void who_comes_back_misses_nothing(void **state)
{
	(void)state;
	struct client *a = client_now();
	read_all(a, 4096);
	struct event_position before_all = position_of(a); /* before the first event: an id was given all the same */
	add(0, 700);
	read_until(a, 700, 4096);
	struct event_position middle = position_of(a);
	client_free(a);
	add(700, 800); /* nobody listens */
	a = client_at(&middle, (struct stream_filter){0});
	read_until(a, 800, 4096);
	assert_rising(a, 700);
	struct client *b = client_at(&before_all, (struct stream_filter){0});
	read_until(b, 1500, 4096);
	assert_rising(b, 0);
	client_free(a);
	client_free(b);
}

/* Also while somebody else keeps a feed alive, and while events go on coming: the seam between store and ring. */
static void *append_all_the_time(void *stopped)
{
	struct db *db = another_connection(w.store, DB_WRITE);
	int i = 1000; /* up to what the ring holds: one of the listeners reads nothing meanwhile */
	for (; !atomic_load((atomic_bool *)stopped) && i < 4500; i += 20) {
		append_numbers(db, i, 20);
		stream_hub_note(w.hub, ACCOUNT);
	}
	db_close(db);
	return (void *)(intptr_t)i;
}

static void catching_up_meets_what_is_new(void **state)
{
	(void)state;
	struct event_position start = {0};
	atomic_bool stopped = false;
	pthread_t writer;
	void *written;
	append_numbers(w.store->db, 0, 1000);
	settle();
	struct client *live = client_now(), *late[8];
	assert_int_equal(pthread_create(&writer, NULL, append_all_the_time, &stopped), 0);
	for (int i = 0; i < 8; i++) {
		late[i] = client_at(&start, (struct stream_filter){0});
		read_until(late[i], 1, 100); /* begun, and left behind for a while */
	}
	for (int i = 0; i < 8; i++) read_until(late[i], 1500, 4096);
	atomic_store(&stopped, true);
	pthread_join(writer, &written);
	read_until(live, (int)(intptr_t)written - 1000, 4096);
	assert_int_equal(live->count, (intptr_t)written - 1000);
	assert_rising(live, 1000);
	for (int i = 0; i < 8; i++) {
		read_until(late[i], (int)(intptr_t)written, 4096);
		assert_int_equal(late[i]->count, (intptr_t)written);
		assert_rising(late[i], 0);
		client_free(late[i]);
	}
	client_free(live);
}

static void filters_pass_over(void **state)
{
	(void)state;
	struct event_position start = {0};
	append_numbers(w.store->db, 0, 300);
	settle();
	struct client *wants = client_at(
		&start, (struct stream_filter){.types = TEXT(",deployment.completed,"), .products = TEXT(",p,")});
	struct client *other = client_at(&start, (struct stream_filter){.products = TEXT(",q,")}), *quiet = client_now();
	add(300, 10);
	read_until(wants, 310, 4096);
	read_until(quiet, 10, 4096);
	read_until(other, 0, 4096);
	for (int i = 0; i < 200 && wait_woken(other, 1); i++) read_all(other, 4096);
	assert_int_equal(other->count, 0);
	client_free(wants);
	client_free(other);
	client_free(quiet);
}

static void append_large(int first, int count)
{
	static char payload[60000];
	char id[UUID_SIZE];
	assert_ok(db_begin(w.store->db));
	for (int i = first; i < first + count; i++) {
		snprintf(payload, sizeof payload, "{\"n\":%d,\"x\":\"%050000d\"}", i, 0);
		append_in(w.store->db, text_from(payload), id);
	}
	assert_ok(db_commit(w.store->db));
	stream_hub_note(w.hub, ACCOUNT);
}

static void who_is_too_slow_is_ended_alone(void **state)
{
	(void)state;
	struct client *slow = client_now(), *quick = client_now();
	for (int i = 0; i < 60; i++) {
		append_large(i, 1);
		read_until(quick, i + 1, 4096);
		if (i == 2) read_until(slow, 3, 4096);
	}
	assert_rising(quick, 0);
	read_all(slow, 4096);
	assert_true(slow->ended);
	assert_int_equal(slow->count, 3);
	assert_int_equal(stream_hub_stats(w.hub).behind, 1);
	struct event_position at = position_of(slow);
	client_free(slow);
	slow = client_at(&at, (struct stream_filter){0}); /* in chunks of few large ones */
	read_until(slow, 57, 4096);
	assert_rising(slow, 3);
	client_free(slow);
	client_free(quick);
}

static void who_may_not_any_more_is_ended(void **state)
{
	(void)state;
	struct client *a = client_now(), *b = client_now();
	read_all(a, 4096);
	read_all(b, 4096);
	atomic_store(&a->allowed, false);
	assert_true(wait_woken(a, SECONDS_US(10)));
	read_all(a, 4096);
	assert_true(a->ended);
	add(0, 1);
	read_until(b, 1, 4096);
	assert_int_equal(stream_hub_stats(w.hub).revoked, 1);
	client_free(a);
	client_free(b);
}

static void there_are_no_more_than_so_many(void **state)
{
	(void)state;
	struct client *a = client_now(), *b = client_now(), *c = mem_zalloc(sizeof *c);
	assert_int_equal(open_at(c, NULL, (struct stream_filter){0}), RC_FULL);
	client_free(a);
	assert_ok(open_at(c, NULL, (struct stream_filter){0}));
	assert_int_equal(stream_hub_stats(w.hub).listeners, 2);
	stream_hub_quiesce(w.hub);
	read_all(c, 4096);
	assert_true(c->ended);
	client_free(b);
	client_free(c);
}

/* A reader may hold its chunk when it goes. */
static void leaving_at_any_time(void **state)
{
	(void)state;
	struct event_position start = {0};
	append_numbers(w.store->db, 0, 500);
	for (int i = 0; i < 300; i++) {
		struct client *c = client_at(i % 2 ? &start : NULL, (struct stream_filter){0});
		if (i % 3) read_all(c, (size_t)i + 1);
		if (i % 7 == 0) add(500 + i, 1);
		client_free(c);
	}
	assert_int_equal(stream_hub_stats(w.hub).listeners, 0);
}

static void accounts_are_apart(void **state)
{
	(void)state;
	struct client *a = client_now();
	char id[UUID_SIZE];
	uuid_new(id);
	struct logged_event e = event_made(text_from(id), TEXT("{\"n\":99}"));
	assert_ok(db_begin(w.store->db));
	assert_ok(event_append(w.store->db, ACCOUNT + 1, &e));
	assert_ok(db_commit(w.store->db));
	stream_hub_note_all(w.hub);
	add(0, 1);
	read_until(a, 1, 4096);
	assert_rising(a, 0);
	client_free(a);
}

/* Nobody is told of them: by another process that could not call. */
static void what_nobody_noted_is_found(void **state)
{
	(void)state;
	struct client *a = client_now();
	read_all(a, 4096);
	append_numbers(w.store->db, 0, 3);
	read_until(a, 3, 4096);
	client_free(a);
}

#define TEST_OF_HUB(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_HUB(what_is_new_comes_in_order),
		TEST_OF_HUB(who_comes_back_misses_nothing),
		TEST_OF_HUB(catching_up_meets_what_is_new),
		TEST_OF_HUB(filters_pass_over),
		TEST_OF_HUB(who_is_too_slow_is_ended_alone),
		TEST_OF_HUB(who_may_not_any_more_is_ended),
		cmocka_unit_test_setup_teardown(there_are_no_more_than_so_many, begin_small, end),
		TEST_OF_HUB(leaving_at_any_time),
		TEST_OF_HUB(accounts_are_apart),
		TEST_OF_HUB(what_nobody_noted_is_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
