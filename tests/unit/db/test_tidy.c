/* The tidier: it moves the log's pages by itself, and asks the writer for the rest when the log has grown long. */
#include "place.h"

#include <sys/stat.h>

#include "db/tidy.h"

static struct tidier *tidier(const struct place *place)
{
	struct tidier *t = NULL;
	struct err err = {0};

	if (tidier_start(place->path, &t, &err) != RC_OK) fail_msg("%s", err.text);
	return t;
}

/* Adds about that many pages to the log, in one transaction. */
static void write_pages(struct db *db, int64_t first_id, int64_t pages)
{
	static const char note[4000] = "a note that fills a page";

	assert_int_equal(db_begin(db), RC_OK);
	for (int64_t i = 0; i < pages; i++)
		assert_int_equal(db_exec(db, &insert_item, P_INT(first_id + i), P_TEXT(((struct text){note, sizeof note}))), RC_OK);
	assert_int_equal(db_commit(db), RC_OK);
}

static off_t size_of(const char *path)
{
	struct stat s;

	assert_int_equal(stat(path, &s), 0);
	return s.st_size;
}

static void moves_pages_in_the_background(void **state)
{
	const struct place *place = *state;
	struct db *db = place_with_items(place);
	struct tidier *t = tidier(place);

	assert_false(tidier_note(t, db_log_pages(db)));
	write_pages(db, 0, 17000);
	off_t before = size_of(place->path);
	assert_false(tidier_note(t, db_log_pages(db)));
	for (int i = 0; size_of(place->path) < before + 16000 * 4096; i++) {
		if (i > 10000) fail_msg("nothing was moved");
		usleep(1000);
	}
	tidier_stop(t);
	db_close(db);
}

/* Waits to be asked, as the writer is after each commit, and moves the rest. */
static void do_as_asked(struct tidier *t, struct db *db, bool asked)
{
	int64_t waiting = -1;

	for (int i = 0; !asked; i++) {
		if (i > 10000) fail_msg("the writer was not asked");
		usleep(1000);
		asked = tidier_note(t, db_log_pages(db));
	}
	assert_int_equal(db_tidy(db, &waiting), RC_OK);
	assert_int_equal(waiting, 0);
}

static void asks_the_writer_when_the_log_is_long(void **state)
{
	const struct place *place = *state;
	struct db *db = place_with_items(place);
	struct tidier *t = tidier(place);

	write_pages(db, 0, 33000);
	assert_true(db_log_pages(db) > 32768);
	bool asked = tidier_note(t, db_log_pages(db));
	write_pages(db, 50000, 1);
	do_as_asked(t, db, asked);
	write_pages(db, 60000, 1);
	assert_true(db_log_pages(db) < 100);
	assert_false(tidier_note(t, db_log_pages(db)));
	tidier_stop(t);
	db_close(db);
}

static void a_short_log_is_left_alone(void **state)
{
	const struct place *place = *state;
	struct db *db = place_with_items(place);
	struct tidier *t = tidier(place);

	write_pages(db, 0, 15000);
	off_t before = size_of(place->path);
	assert_false(tidier_note(t, db_log_pages(db)));
	usleep(1200000); /* longer than its pause */
	assert_int_equal(size_of(place->path), before);
	tidier_stop(t);
	tidier_stop(NULL);
	db_close(db);
}

static void moves_the_rest_when_it_is_quiet(void **state)
{
	const struct place *place = *state;
	struct db *db = place_with_items(place);
	struct tidier *t = tidier(place);

	assert_false(tidier_note(t, db_log_pages(db)));
	write_pages(db, 0, 300);
	off_t before = size_of(place->path);
	assert_false(tidier_note(t, db_log_pages(db)));
	for (int i = 0; size_of(place->path) < before + 300 * 4096; i++) {
		if (i > 20000) fail_msg("nothing was moved");
		usleep(1000);
	}
	tidier_stop(t);
	db_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_AT_PLACE(moves_pages_in_the_background),
		TEST_AT_PLACE(asks_the_writer_when_the_log_is_long),
		TEST_AT_PLACE(a_short_log_is_left_alone),
		TEST_AT_PLACE(moves_the_rest_when_it_is_quiet),
	};
	return RUN_SQLITE_TESTS(tests);
}
