/* The order in which events are committed, as readers see it: nothing that has been shown moves, and nothing comes before it, whatever
 * transactions do meanwhile. */
#include "../events_made.h"

enum { MOST = 1000 };

#define ONLY_WITH_SEVERAL_WRITERS() \
	do { \
		if (engine_url()) break; \
		print_message("# only on PostgreSQL: SQLite has one writer\n"); \
		skip(); \
	} while (0)

struct seen {
	int count;
	char ids[MOST][UUID_SIZE];
	int64_t orders[MOST];
};

static void see(void *context, const struct logged_event *e)
{
	struct seen *s = context;
	assert_true(s->count < MOST);
	snprintf(s->ids[s->count], UUID_SIZE, "%.*s", TEXT_ARGS(e->id));
	s->orders[s->count++] = e->order;
}

/* What can be seen behind the position now; moves it behind the last. */
static struct seen look(struct db *reader, struct text bystanders, struct event_position *at, bool *ret_unsettled)
{
	struct seen s = {0};
	struct event_horizon h;
	assert_ok(db_begin(reader));
	assert_ok(event_horizon(reader, ACCOUNT, bystanders, &h));
	assert_ok(event_after(reader, ACCOUNT, at, &h, MOST, see, &s));
	db_rollback(reader);
	if (event_position_compare(&h.now, at) > 0) *at = h.now;
	if (ret_unsettled) *ret_unsettled = h.unsettled;
	return s;
}

static void later_events_follow_the_position(void **state)
{
	struct fresh_store *s = *state;
	struct db *reader = another_connection(s, DB_READ);
	struct event_position at = {0}, before;
	append_numbers(s->db, 0, 30);
	struct seen first = look(reader, TEXT_ABSENT, &at, NULL);
	assert_int_equal(first.count, 30);
	for (int i = 1; i < 30; i++) assert_true(strcmp(first.ids[i - 1], first.ids[i]) < 0);
	assert_int_equal(look(reader, TEXT_ABSENT, &at, NULL).count, 0);
	before = at;
	append_numbers(s->db, 30, 5);
	assert_int_equal(look(reader, TEXT_ABSENT, &at, NULL).count, 5);
	assert_int_equal(look(reader, TEXT_ABSENT, &before, NULL).count, 5);
	struct event_position in_the_middle = {first.orders[9], ""};
	memcpy(in_the_middle.id, first.ids[9], UUID_SIZE);
	assert_int_equal(look(reader, TEXT_ABSENT, &in_the_middle, NULL).count, 25);
	db_close(reader);
}

static void an_id_alone_tells_the_place(void **state)
{
	struct fresh_store *s = *state;
	struct event_position at = {0}, found;
	append_numbers(s->db, 0, 10);
	struct seen all = look(s->db, TEXT_ABSENT, &at, NULL);
	assert_ok(event_locate(s->db, ACCOUNT, text_from(all.ids[4]), &found));
	assert_string_equal(found.id, all.ids[4]);
	assert_int_equal(found.order, all.orders[4]);
	assert_ok(event_locate(s->db, ACCOUNT, TEXT("ffffffff-0000-7000-8000-000000000000"), &found));
	assert_string_equal(found.id, all.ids[9]);
	assert_ok(event_locate(s->db, ACCOUNT, TEXT("00000000-0000-7000-8000-000000000000"), &found));
	assert_int_equal(found.order, 0);
	assert_string_equal(found.id, "");
	assert_ok(event_locate(s->db, ACCOUNT + 1, text_from(all.ids[4]), &found));
	assert_string_equal(found.id, "");
}

/* The clock has been set back, or events come from a store whose clock was ahead. */
static void ids_go_on_behind_what_is_stored(void **state)
{
	struct fresh_store *s = *state;
	char ahead[UUID_SIZE], made[UUID_SIZE];
	uuid_floor(clock_now() + DAYS_US(400), ahead);
	struct logged_event e = event_made(text_from(ahead), TEXT("{}"));
	assert_ok(db_begin(s->db));
	assert_ok(event_append(s->db, ACCOUNT, &e));
	assert_ok(event_order_resume(s->db));
	assert_ok(db_commit(s->db));
	for (int i = 0; i < 5000; i++) {
		uuid_new(made);
		assert_true(strcmp(made, ahead) > 0);
		memcpy(ahead, made, UUID_SIZE);
	}
}

/* ---- several writers ---- */

static void a_late_commit_with_a_smaller_number_is_not_missed(void **state)
{
	ONLY_WITH_SEVERAL_WRITERS();
	struct fresh_store *s = *state;
	struct db *other = another_connection(s, DB_WRITE), *reader = another_connection(s, DB_READ);
	struct event_position at = {0};
	char early[UUID_SIZE], late[UUID_SIZE];
	bool unsettled;
	assert_ok(db_begin(other));
	append_in(other, TEXT("{}"), early);
	assert_ok(event_orphans(other, ACCOUNT, &(int64_t){0})); /* so that it has been sent */
	assert_ok(db_begin(s->db));
	append_in(s->db, TEXT("{}"), late);
	assert_ok(db_commit(s->db));
	struct seen seen = look(reader, TEXT_ABSENT, &at, &unsettled);
	assert_int_equal(seen.count, 0);
	assert_true(unsettled);
	assert_ok(db_commit(other));
	seen = look(reader, TEXT_ABSENT, &at, &unsettled);
	assert_int_equal(seen.count, 2);
	assert_string_equal(seen.ids[0], early);
	assert_string_equal(seen.ids[1], late);
	assert_false(unsettled);
	db_close(reader);
	db_close(other);
}

/* The other way round: the id was made first, the number came later. */
static void ids_need_not_be_in_order(void **state)
{
	ONLY_WITH_SEVERAL_WRITERS();
	struct fresh_store *s = *state;
	struct db *other = another_connection(s, DB_WRITE), *reader = another_connection(s, DB_READ);
	struct event_position at = {0};
	char old[UUID_SIZE], later[UUID_SIZE];
	uuid_new(old);
	append_numbers(s->db, 0, 1);
	assert_int_equal(look(reader, TEXT_ABSENT, &at, NULL).count, 1);
	struct logged_event e = event_made(text_from(old), TEXT("{}"));
	assert_ok(db_begin(other));
	assert_ok(event_append(other, ACCOUNT, &e));
	assert_ok(db_commit(other));
	struct seen seen = look(reader, TEXT_ABSENT, &at, NULL);
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.ids[0], old);
	append_numbers(s->db, 1, 1);
	uuid_new(later);
	assert_int_equal(look(reader, TEXT_ABSENT, &at, NULL).count, 1);
	db_close(reader);
	db_close(other);
}

/* One with a number that has written elsewhere; and one that has written to a table of ours, though not to that of the events. */
static void only_bystanders_are_passed_over(void **state)
{
	ONLY_WITH_SEVERAL_WRITERS();
	struct fresh_store *s = *state;
	struct db *bystander = another_connection(s, DB_WRITE), *ours = another_connection(s, DB_WRITE);
	struct db *reader = another_connection(s, DB_READ);
	struct event_position at = {0};
	struct err err;
	buf_auto numbers = BUF_INIT(4096);
	bool unsettled;
	assert_ok(db_begin(bystander));
	assert_ok(db_script(bystander, "CREATE TEMPORARY TABLE night_report (n BIGINT)", &err));
	append_numbers(s->db, 0, 1);
	assert_int_equal(look(reader, TEXT_ABSENT, &at, &unsettled).count, 0);
	assert_true(unsettled);
	assert_ok(db_begin(reader));
	assert_ok(event_bystanders(reader, &numbers));
	db_rollback(reader);
	assert_true(numbers.n > 2);
	assert_int_equal(look(reader, buf_view(&numbers), &at, &unsettled).count, 1);
	assert_false(unsettled);

	assert_ok(db_begin(ours));
	assert_ok(db_script(ours, "UPDATE account SET name = 'busy'", &err));
	append_numbers(s->db, 1, 1);
	assert_ok(db_begin(reader));
	assert_ok(event_bystanders(reader, &numbers));
	db_rollback(reader);
	assert_int_equal(look(reader, buf_view(&numbers), &at, &unsettled).count, 0);
	assert_true(unsettled);
	char id[UUID_SIZE];
	append_in(ours, TEXT("{}"), id);
	assert_ok(db_commit(ours));
	struct seen seen = look(reader, buf_view(&numbers), &at, &unsettled);
	assert_int_equal(seen.count, 2);
	assert_string_equal(seen.ids[0], id);
	db_close(reader);
	db_close(ours);
	db_close(bystander);
}

/* As after the restoration of a dump into a cluster that has given fewer numbers. */
static void numbers_go_on_behind_those_that_are_stored(void **state)
{
	ONLY_WITH_SEVERAL_WRITERS();
	struct fresh_store *s = *state;
	struct event_position at = {0};
	append_numbers(s->db, 0, 3);
	store_script(s, "UPDATE event SET commit_order = commit_order + 5000000");
	struct seen before = look(s->db, TEXT_ABSENT, &at, NULL);
	assert_int_equal(before.count, 0); /* they are beyond what is settled */
	assert_ok(db_begin(s->db));
	assert_ok(event_order_resume(s->db));
	assert_ok(db_commit(s->db));
	at = (struct event_position){0};
	before = look(s->db, TEXT_ABSENT, &at, NULL);
	assert_int_equal(before.count, 3);
	append_numbers(s->db, 3, 2);
	struct seen after = look(s->db, TEXT_ABSENT, &at, NULL);
	assert_int_equal(after.count, 2);
	assert_true(after.orders[0] > before.orders[2]);
	assert_ok(db_begin(s->db));
	assert_ok(event_order_resume(s->db));
	assert_ok(db_commit(s->db));
	append_numbers(s->db, 5, 1);
	struct seen last = look(s->db, TEXT_ABSENT, &at, NULL);
	assert_int_equal(last.count, 1);
	assert_true(last.orders[0] - after.orders[0] < 1000);
}

static void the_epoch_is_the_table(void **state)
{
	struct fresh_store *s = *state;
	char first[EPOCH_SIZE] = "", again[EPOCH_SIZE] = "";
	assert_ok(event_epoch(s->db, first));
	assert_ok(event_epoch(s->db, again));
	assert_true(strlen(first) > 2);
	assert_string_equal(first, again);
}

static void each_schema_has_its_epoch(void **state)
{
	ONLY_WITH_SEVERAL_WRITERS();
	void *other = NULL;
	char a[EPOCH_SIZE], b[EPOCH_SIZE];
	assert_int_equal(fresh_store_make(&other), 0);
	assert_ok(event_epoch(((struct fresh_store *)*state)->db, a));
	assert_ok(event_epoch(((struct fresh_store *)other)->db, b));
	assert_string_not_equal(a, b);
	assert_int_equal(fresh_store_remove(&other), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_STORE(later_events_follow_the_position),
		TEST_OF_STORE(an_id_alone_tells_the_place),
		TEST_OF_STORE(the_epoch_is_the_table),
		TEST_OF_STORE(ids_go_on_behind_what_is_stored),
		TEST_OF_STORE(a_late_commit_with_a_smaller_number_is_not_missed),
		TEST_OF_STORE(ids_need_not_be_in_order),
		TEST_OF_STORE(only_bystanders_are_passed_over),
		TEST_OF_STORE(numbers_go_on_behind_those_that_are_stored),
		TEST_OF_STORE(each_schema_has_its_epoch),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
