/* What a commit tells: everything that was kept in it, after it, and nothing that was rolled back. */
#include "place.h"

struct heard {
	size_t count;
	char last[128];
	const struct db *db;
	bool while_open;
};

static void hear(void *context, const char *topic, struct text payload)
{
	struct heard *h = context;
	h->count++;
	h->while_open |= db_in_transaction(h->db);
	snprintf(h->last, sizeof h->last, "%s:%.*s", topic, TEXT_ARGS(payload));
}

static struct db *listening(struct place *p, struct heard *h)
{
	struct db *db = place_with_items(p);
	*h = (struct heard){.db = db};
	db_listen(db, hear, h);
	assert_int_equal(db_begin(db), RC_OK);
	return db;
}

static void a_commit_tells_and_a_rollback_forgets(void **state)
{
	struct heard h;
	struct db *db = listening(*state, &h);
	db_signal(db, "outbox", TEXT("1 a"));
	assert_int_equal(h.count, 0);
	assert_int_equal(db_commit(db), RC_OK);
	assert_int_equal(h.count, 1);
	assert_string_equal(h.last, "outbox:1 a");
	assert_false(h.while_open);

	assert_int_equal(db_begin(db), RC_OK);
	db_signal(db, "outbox", TEXT("1 b"));
	db_rollback(db);
	assert_int_equal(db_begin(db), RC_OK);
	assert_int_equal(db_commit(db), RC_OK);
	assert_int_equal(h.count, 1);
	db_close(db);
}

static void the_same_is_told_once(void **state)
{
	struct heard h;
	struct db *db = listening(*state, &h);
	for (int i = 0; i < 100; i++) db_signal(db, "outbox", TEXT("1 a"));
	db_signal(db, "other", TEXT("1 a"));
	db_signal(db, "outbox", TEXT("1 aa"));
	assert_int_equal(db_commit(db), RC_OK);
	assert_int_equal(h.count, 3);
	db_close(db);
}

static void a_part_that_is_undone_tells_nothing(void **state)
{
	struct heard h;
	struct db *db = listening(*state, &h);
	db_signal(db, "outbox", TEXT("before"));
	assert_int_equal(db_savepoint(db), RC_OK);
	db_signal(db, "outbox", TEXT("undone"));
	assert_int_equal(db_rollback_to(db), RC_OK);
	assert_int_equal(db_savepoint(db), RC_OK);
	db_signal(db, "outbox", TEXT("kept"));
	assert_int_equal(db_release(db), RC_OK);
	assert_int_equal(db_commit(db), RC_OK);
	assert_int_equal(h.count, 2);
	assert_string_equal(h.last, "outbox:kept");
	db_close(db);
}

static void very_many_are_told_as_far_as_there_is_room(void **state)
{
	struct heard h;
	struct db *db = listening(*state, &h);
	for (int i = 0; i < 100000; i++) {
		char payload[32];
		snprintf(payload, sizeof payload, "1 channel-%d", i);
		db_signal(db, "outbox", text_from(payload));
	}
	assert_int_equal(db_commit(db), RC_OK);
	assert_in_range(h.count, 10000, 100000);
	db_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_AT_PLACE(a_commit_tells_and_a_rollback_forgets),
		TEST_AT_PLACE(the_same_is_told_once),
		TEST_AT_PLACE(a_part_that_is_undone_tells_nothing),
		TEST_AT_PLACE(very_many_are_told_as_far_as_there_is_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
