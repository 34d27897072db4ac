/* The first answer under a key: found for a day, never replaced before, and by one of several who keep theirs at once. */
#include "../fresh_store.h"

#include "store/idempotency.h"

#define NOW (DAYS_US(100))

static const struct kept_answer FIRST = {TEXT("d1"), 200, TEXT("one")}, SECOND = {TEXT("d2"), 201, TEXT("two")};

static enum rc keep(struct db *db, const struct kept_answer *k, time_us now)
{
	return idempotency_keep(db, ACCOUNT, TEXT("key k1"), TEXT("abc"), k, now);
}

static void assert_kept(struct fresh_store *s, time_us now, const char *expected)
{
	struct kept_answer kept = {0};
	enum rc rc = idempotency_find(s->db, s->arena, ACCOUNT, TEXT("key k1"), TEXT("abc"), now, &kept);
	assert_int_equal(rc, expected ? RC_OK : RC_NOT_FOUND);
	assert_text(kept.answer, expected);
}

static void an_answer_is_kept_for_a_day_and_then_replaced(void **state)
{
	struct fresh_store *s = *state;
	assert_kept(s, NOW, NULL);
	assert_ok(keep(s->db, &FIRST, NOW));
	assert_kept(s, NOW + 1, "one");
	assert_int_equal(keep(s->db, &SECOND, NOW + 1), RC_CONFLICT);
	assert_kept(s, NOW + IDEMPOTENCY_KEPT_US - 1, "one");
	assert_int_equal(keep(s->db, &SECOND, NOW + IDEMPOTENCY_KEPT_US - 1), RC_CONFLICT);
	assert_kept(s, NOW + IDEMPOTENCY_KEPT_US, NULL);
	assert_ok(keep(s->db, &SECOND, NOW + IDEMPOTENCY_KEPT_US));
	assert_kept(s, NOW + IDEMPOTENCY_KEPT_US + 1, "two");
}

/* Two processes looked and found nothing; one is first. */
static void the_second_of_two_is_undone(void **state)
{
	struct fresh_store *s = *state;
	struct db *other;
	struct err err;
	if (!engine_url()) skip(); /* one writer: nobody comes between the look and the write */
	assert_ok(db_open(s->path, DB_WRITE, &other, &err));
	assert_ok(db_begin(other));
	assert_kept(s, NOW, NULL);
	assert_ok(keep(s->db, &FIRST, NOW));
	(void)keep(other, &SECOND, NOW);
	assert_int_equal(db_commit(other), RC_CONFLICT);
	assert_kept(s, NOW + 1, "one");
	db_close(other);
}

static void what_is_old_is_cut(void **state)
{
	struct fresh_store *s = *state;
	int64_t deleted = -1;
	assert_ok(keep(s->db, &FIRST, NOW));
	assert_ok(idempotency_cut(s->db, ACCOUNT, NOW + IDEMPOTENCY_KEPT_US - 1, 10, &deleted));
	assert_int_equal(deleted, 0);
	assert_ok(idempotency_cut(s->db, ACCOUNT, NOW + IDEMPOTENCY_KEPT_US, 10, &deleted));
	assert_int_equal(deleted, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_STORE(an_answer_is_kept_for_a_day_and_then_replaced),
		TEST_OF_STORE(the_second_of_two_is_undone),
		TEST_OF_STORE(what_is_old_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
