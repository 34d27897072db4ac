/* Calls between processes, which are two wakeups here: what one tells the other hears, and a lost connection loses nothing for good. */
#include <pthread.h>

#include "base/clock.h"
#include "cut.h"
#include "db/migrate.h"
#include "db/wakeup.h"
#include "place.h"

enum { PATIENCE_US = 20000000, MOST_HEARD = 4096 };

struct ear {
	pthread_mutex_t lock;
	size_t count, everything, hears, deaf;
	char heard[MOST_HEARD][96];
	struct wakeup *wakeup;
};

static void hear(void *context, struct text topic, struct text payload)
{
	struct ear *e = context;
	pthread_mutex_lock(&e->lock);
	if (e->count < MOST_HEARD)
		snprintf(e->heard[e->count++], sizeof e->heard[0], "%.*s:%.*s", TEXT_ARGS(topic), TEXT_ARGS(payload));
	pthread_mutex_unlock(&e->lock);
}

static void hear_everything(void *context)
{
	struct ear *e = context;
	pthread_mutex_lock(&e->lock);
	e->everything++;
	pthread_mutex_unlock(&e->lock);
}

static void note_hears(void *context, bool hears)
{
	struct ear *e = context;
	pthread_mutex_lock(&e->lock);
	(*(hears ? &e->hears : &e->deaf))++;
	pthread_mutex_unlock(&e->lock);
}

/* Under the lock, read once. */
static size_t now(struct ear *e, const size_t *count)
{
	pthread_mutex_lock(&e->lock);
	size_t n = *count;
	pthread_mutex_unlock(&e->lock);
	return n;
}

static void wait_for(struct ear *e, const size_t *count, size_t at_least)
{
	int64_t until = clock_monotonic() + PATIENCE_US;
	while (now(e, count) < at_least) {
		if (clock_monotonic() > until) fail_msg("only %zu of %zu", now(e, count), at_least);
		usleep(1000);
	}
}

static struct ear *ear_at(const char *location)
{
	struct ear *e = mem_zalloc(sizeof *e);
	struct err err = {0};
	const struct wakeup_options o = {
		.location = location, .heard = hear, .everything = hear_everything, .hears = note_hears, .context = e};

	pthread_mutex_init(&e->lock, NULL);
	if (wakeup_start(&o, &e->wakeup, &err) != RC_OK) fail_msg("%s", err.text);
	return e;
}

/* That hears. */
static struct ear *open_ear(const char *location)
{
	struct ear *e = ear_at(location);
	wait_for(e, &e->everything, 1);
	assert_true(wakeup_hears(e->wakeup));
	return e;
}

static void ear_close(struct ear *e)
{
	wakeup_stop(e->wakeup);
	pthread_mutex_destroy(&e->lock);
	free(e);
}

static bool has_heard(struct ear *e, const char *what)
{
	bool found = false;
	pthread_mutex_lock(&e->lock);
	for (size_t i = 0; i < e->count; i++) found |= strcmp(e->heard[i], what) == 0;
	pthread_mutex_unlock(&e->lock);
	return found;
}

static struct db *store_at(const struct place *place)
{
	struct db *db = place_open(place, DB_WRITE);
	struct err err = {0};
	int applied;
	if (migrate(db, 1, &applied, &err) != RC_OK) fail_msg("%s", err.text);
	return db;
}

static int make_store(void **state)
{
	if (place_make(state) != 0) return -1;
	db_close(store_at(*state));
	return 0;
}
#define TEST_AT_STORE(f) cmocka_unit_test_setup_teardown(f, make_store, place_remove)

/* ---- */

static void the_other_hears_and_the_teller_does_not(void **state)
{
	const struct place *place = *state;
	struct ear *a = open_ear(place->path), *b = open_ear(place->path);

	wakeup_tell(a->wakeup, TEXT("outbox"), TEXT("1 some-channel"));
	wait_for(b, &b->count, 1);
	assert_string_equal(b->heard[0], "outbox:1 some-channel");
	wakeup_tell(b->wakeup, TEXT("keys"), TEXT(""));
	wait_for(a, &a->count, 1); /* its own call came before this one */
	assert_string_equal(a->heard[0], "keys:");
	assert_int_equal(now(a, &a->count), 1);
	assert_int_equal(now(b, &b->count), 1);
	assert_int_equal(wakeup_stats(a->wakeup).called, 1);
	assert_int_equal(wakeup_stats(b->wakeup).heard, 1);
	ear_close(a);
	ear_close(b);
}

static void stores_in_one_database_do_not_hear_each_other(void **state)
{
	const struct place *place = *state;
	void *other_state = NULL;
	assert_int_equal(make_store(&other_state), 0);
	const struct place *other = other_state;
	struct ear *a = open_ear(place->path), *b = open_ear(place->path), *stranger = open_ear(other->path);

	wakeup_tell(a->wakeup, TEXT("outbox"), TEXT("1 a"));
	wakeup_tell_everything(a->wakeup);
	wait_for(b, &b->everything, 2);
	/* Its own channel works, and all before has not reached it. */
	struct ear *friend = open_ear(other->path);
	wakeup_tell(friend->wakeup, TEXT("outbox"), TEXT("2 b"));
	wait_for(stranger, &stranger->count, 1);
	assert_string_equal(stranger->heard[0], "outbox:2 b");
	assert_int_equal(now(stranger, &stranger->everything), 1);
	ear_close(a);
	ear_close(b);
	ear_close(stranger);
	ear_close(friend);
	assert_int_equal(place_remove(&other_state), 0);
}

static void what_is_told_quickly_is_called_together(void **state)
{
	enum { TIMES = 20000, CHANNELS = 50 };
	const struct place *place = *state;
	struct ear *a = open_ear(place->path), *b = open_ear(place->path);
	char payload[32];

	for (int i = 0; i < TIMES; i++) {
		int n = snprintf(payload, sizeof payload, "1 channel-%d", i % CHANNELS);
		wakeup_tell(a->wakeup, TEXT("outbox"), (struct text){payload, (size_t)n});
	}
	wakeup_tell(a->wakeup, TEXT("keys"), TEXT("last"));
	int64_t until = clock_monotonic() + PATIENCE_US;
	while (!has_heard(b, "keys:last") && clock_monotonic() < until) usleep(1000);
	for (int i = 0; i < CHANNELS; i++) {
		snprintf(payload, sizeof payload, "outbox:1 channel-%d", i);
		assert_true(has_heard(b, payload));
	}
	assert_true(wakeup_stats(a->wakeup).called < TIMES / 100);
	assert_int_equal(now(b, &b->everything), 1);
	ear_close(a);
	ear_close(b);
}

/* More than fits into one call of the engine, and more than is kept. */
static void too_much_becomes_everything(void **state)
{
	enum { FITS = 200, TOO_MANY = 20000 };
	const struct place *place = *state;
	struct ear *a = open_ear(place->path), *b = open_ear(place->path);
	char payload[80];

	for (int i = 0; i < FITS; i++) {
		int n = snprintf(payload, sizeof payload, "1 a-channel-with-a-long-name-that-fills-a-call-of-the-engine-%d", i);
		wakeup_tell(a->wakeup, TEXT("outbox"), (struct text){payload, (size_t)n});
	}
	wait_for(b, &b->count, FITS);
	assert_int_equal(now(b, &b->everything), 1);
	for (int i = 0; i < TOO_MANY; i++) {
		int n = snprintf(payload, sizeof payload, "2 %d", i);
		wakeup_tell(a->wakeup, TEXT("outbox"), (struct text){payload, (size_t)n});
	}
	wait_for(b, &b->everything, 2);
	/* So does what cannot be said. */
	size_t before = now(b, &b->everything);
	wakeup_tell(a->wakeup, TEXT("outbox"), TEXT("two\nlines"));
	wait_for(b, &b->everything, before + 1);
	ear_close(a);
	ear_close(b);
}

static void a_lost_connection_is_made_again_and_everything_looked_at(void **state)
{
	const struct place *place = *state;
	char location[ENGINE_LOCATION_SIZE + 40];
	snprintf(location, sizeof location, "%s&application_name=%s", place->path, strrchr(place->folder, '/') + 1);
	struct ear *a = open_ear(location), *b = open_ear(location);

	for (size_t round = 1; round <= 3; round++) {
		assert_int_equal(engine_script("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '%s'",
							 strrchr(place->folder, '/') + 1),
			0);
		wakeup_tell(a->wakeup, TEXT("outbox"), TEXT("1 a"));
		wait_for(a, &a->everything, 1 + round);
		wait_for(b, &b->everything, 1 + round);
		wait_for(a, &a->deaf, round);
		wait_for(b, &b->deaf, round);
	}
	/* The first may still be part of "everything", which stands for what was lost. */
	for (int64_t until = clock_monotonic() + PATIENCE_US; !has_heard(b, "outbox:9 after"); usleep(20000)) {
		assert_true(clock_monotonic() < until);
		wakeup_tell(a->wakeup, TEXT("outbox"), TEXT("9 after"));
	}
	assert_true(wakeup_stats(b->wakeup).connections >= 4);
	ear_close(a);
	ear_close(b);
}

static void a_command_calls_on_its_own_connection(void **state)
{
	struct place *place = *state;
	struct db *db = place_open(place, DB_WRITE);
	struct ear *b = open_ear(place->path);
	struct err err = {0};

	if (db_script(db, "CREATE TABLE item (id BIGINT NOT NULL PRIMARY KEY, note TEXT)", &err) != RC_OK) fail_msg("%s", err.text);
	for (size_t i = 1; i <= 3; i++) {
		assert_int_equal(wakeup_call(db, TEXT("keys"), TEXT("x")), RC_OK);
		wait_for(b, &b->count, i);
		assert_int_equal(db_begin(db), RC_OK); /* the connection is as it was */
		assert_int_equal(db_exec(db, &insert_item, P_INT((int64_t)i), P_NULL), RC_OK);
		assert_int_equal(db_commit(db), RC_OK);
	}
	assert_int_equal(items_in(db), 3);
	assert_string_equal(b->heard[0], "keys:x");
	ear_close(b);
	db_close(db);
}

static void nobody_hears_through_a_pooler(void **state)
{
	const struct place *place = *state;
	char location[ENGINE_LOCATION_SIZE + 40];
	snprintf(location, sizeof location, "%s&versioner_prepared=off", place->path);
	struct ear *deaf = ear_at(location), *b = open_ear(place->path);

	wakeup_tell(deaf->wakeup, TEXT("outbox"), TEXT("1 a"));
	wakeup_tell(b->wakeup, TEXT("outbox"), TEXT("1 b"));
	assert_false(wakeup_hears(deaf->wakeup));
	int64_t begun = clock_monotonic();
	ear_close(deaf);
	assert_true(clock_monotonic() - begun < SECONDS_US(2)); /* although it would look again only in ten seconds */
	ear_close(b);
}

static void it_stops_while_the_database_is_away(void **state)
{
	const struct place *place = *state;
	struct place behind = *place;
	struct wire *wire = wire_between(&behind);
	struct ear *e = open_ear(behind.path);

	atomic_store(&wire->cut, CUT_ALL);
	wait_for(e, &e->deaf, 1);
	assert_false(wakeup_hears(e->wakeup));
	wakeup_tell(e->wakeup, TEXT("outbox"), TEXT("1 a"));
	atomic_store(&wire->cut, CUT_NEVER);
	wait_for(e, &e->everything, 2);
	atomic_store(&wire->cut, CUT_ALL);
	wait_for(e, &e->deaf, 2);
	int64_t begun = clock_monotonic();
	ear_close(e);
	assert_true(clock_monotonic() - begun < SECONDS_US(5));
	wire_end(wire);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_AT_STORE(the_other_hears_and_the_teller_does_not),
		TEST_AT_STORE(stores_in_one_database_do_not_hear_each_other),
		TEST_AT_STORE(what_is_told_quickly_is_called_together),
		TEST_AT_STORE(too_much_becomes_everything),
		TEST_AT_STORE(a_lost_connection_is_made_again_and_everything_looked_at),
		TEST_AT_STORE(a_command_calls_on_its_own_connection),
		TEST_AT_STORE(nobody_hears_through_a_pooler),
		TEST_AT_STORE(it_stops_while_the_database_is_away),
	};
	return RUN_POSTGRESQL_TESTS(tests);
}
