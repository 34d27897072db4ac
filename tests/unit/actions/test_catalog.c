/* Products and environments by hand: names are taken once, what is hidden gives its name free and keeps its history. */
#include "sender.h"
#include "tester.h"

#include "actions/catalog.h"

static struct product product_made(struct fresh_store *s, const char *name)
{
	struct product p = {.name = text_from(name), .description = TEXT("d"), .extra_metadata = TEXT("{\"a\":1}")};
	struct err err = {0};
	if (product_create(s->db, s->arena, TESTER, &p, 100, &err) != RC_OK) fail_msg("%s", err.text);
	return p;
}

static struct environment environment_made(struct fresh_store *s, const char *name)
{
	struct environment e = {.name = text_from(name), .type = ENV_STAGING, .position = 5};
	struct err err = {0};
	if (environment_create(s->db, s->arena, TESTER, &e, 100, &err) != RC_OK) fail_msg("%s", err.text);
	return e;
}

static void what_was_made_is_there(void **state)
{
	struct fresh_store *s = *state;
	struct product p = product_made(s, "shop"), found = {0};
	assert_ok(product_get(s->db, s->arena, ACCOUNT, p.id, &found));
	assert_text(found.name, "shop");
	assert_text(found.description, "d");
	assert_text(found.extra_metadata, "{\"a\":1}");
	assert_int_equal(found.created_at, 100);
	assert_int_equal(found.updated_at, 100);
	assert_int_equal(product_get(s->db, s->arena, 2, p.id, &found), RC_NOT_FOUND);

	struct environment e = environment_made(s, "stage"), got = {0};
	assert_ok(environment_get(s->db, s->arena, ACCOUNT, e.id, &got));
	assert_int_equal(got.type, ENV_STAGING);
	assert_int_equal(got.position, 5);
	assert_null(got.description.p);
	assert_int_equal(environment_get(s->db, s->arena, 2, e.id, &got), RC_NOT_FOUND);
}

static void a_taken_name_is_a_conflict_and_spoils_nothing(void **state)
{
	struct fresh_store *s = *state;
	struct err err = {0};
	struct product p = product_made(s, "shop"), same = {.name = TEXT("shop")}, other = product_made(s, "Shop");
	struct environment e = environment_made(s, "stage"), same_e = {.name = TEXT("stage")},
					   other_e = environment_made(s, "stage2");
	uint64_t before = db_changed(s->db);
	assert_ok(db_begin(s->db));
	assert_int_equal(product_create(s->db, s->arena, TESTER, &same, 200, &err), RC_CONFLICT);
	assert_string_equal(err.text, "Product shop already exists");
	other.name = p.name;
	assert_int_equal(product_change(s->db, s->arena, TESTER, &other, 200, &err), RC_CONFLICT);
	assert_int_equal(environment_create(s->db, s->arena, TESTER, &same_e, 200, &err), RC_CONFLICT);
	assert_string_equal(err.text, "Environment stage already exists");
	other_e.name = e.name;
	assert_int_equal(environment_change(s->db, s->arena, TESTER, &other_e, 200, &err), RC_CONFLICT);
	assert_ok(db_commit(s->db));
	assert_int_equal(db_changed(s->db), before);
}

static void a_change_keeps_its_own_name(void **state)
{
	struct fresh_store *s = *state;
	struct err err = {0};
	struct product p = product_made(s, "shop"), found = {0};
	p.description = TEXT("new");
	assert_ok(product_change(s->db, s->arena, TESTER, &p, 200, &err));
	p.name = TEXT("store");
	assert_ok(product_change(s->db, s->arena, TESTER, &p, 300, &err));
	assert_ok(product_find(s->db, s->arena, ACCOUNT, TEXT("store"), &found));
	assert_text(found.description, "new");
	assert_int_equal(found.created_at, 100);
	assert_int_equal(found.updated_at, 300);
	assert_int_equal(product_find(s->db, s->arena, ACCOUNT, TEXT("shop"), &found), RC_NOT_FOUND);

	struct environment e = environment_made(s, "stage"), got = {0};
	e.type = ENV_PRODUCTION;
	e.position = POSITION_UNSET;
	assert_ok(environment_change(s->db, s->arena, TESTER, &e, 200, &err));
	assert_ok(environment_find(s->db, s->arena, ACCOUNT, TEXT("stage"), &got));
	assert_int_equal(got.type, ENV_PRODUCTION);
	assert_int_equal(got.position, POSITION_UNSET);
	assert_int_equal(got.updated_at, 200);
}

static void a_change_of_nothing_writes_nothing(void **state)
{
	struct fresh_store *s = *state;
	struct err err = {0};
	struct product p = product_made(s, "shop");
	struct environment e = environment_made(s, "stage");
	uint64_t nothing_changed = db_changed(s->db);
	assert_ok(product_change(s->db, s->arena, TESTER, &p, 200, &err));
	assert_ok(environment_change(s->db, s->arena, TESTER, &e, 200, &err));
	assert_int_equal(db_changed(s->db), nothing_changed);
	assert_int_equal(p.updated_at, 100);
	assert_int_equal(e.updated_at, 100);
	p.extra_metadata = TEXT_ABSENT;
	e.position = POSITION_UNSET;
	assert_ok(product_change(s->db, s->arena, TESTER, &p, 200, &err));
	assert_ok(environment_change(s->db, s->arena, TESTER, &e, 200, &err));
	assert_int_equal(p.updated_at, 200);
	assert_int_equal(e.updated_at, 200);
}

static void what_is_hidden_gives_its_name_free_and_keeps_its_history(void **state)
{
	struct fresh_store *s = *state;
	struct recorded r = SEND(s, .state = STATE_COMPLETED);
	struct matrix_cell cell;
	struct product gone;
	assert_ok(product_delete(s->db, s->arena, TESTER, r.record.product_id, 500));
	assert_int_equal(product_delete(s->db, s->arena, TESTER, r.record.product_id, 500), RC_NOT_FOUND);
	assert_int_equal(product_get(s->db, s->arena, ACCOUNT, r.record.product_id, &gone), RC_NOT_FOUND);
	assert_int_equal(matrix_get(s->db, s->arena, ACCOUNT, r.record.product_id, r.record.environment_id, &cell), RC_NOT_FOUND);
	assert_text(stored(s, &r.record).product_name, "shop");
	struct product again = product_made(s, "shop");
	assert_false(text_equal(again.id, r.record.product_id));
	struct recorded next = SEND(s, .state = STATE_COMPLETED);
	assert_true(text_equal(next.record.product_id, again.id));
	assert_int_equal(next.record.rollout, ROLLOUT_INITIAL);
	assert_sound(s);
}

static void a_hidden_environment_comes_back_as_another(void **state)
{
	struct fresh_store *s = *state;
	struct recorded r = SEND(s, .state = STATE_COMPLETED);
	SEND(s, .state = STATE_COMPLETED, .environment = "qa");
	assert_ok(environment_delete(s->db, s->arena, TESTER, r.record.environment_id, 500));
	assert_int_equal(environment_delete(s->db, s->arena, TESTER, r.record.environment_id, 500), RC_NOT_FOUND);
	assert_int_equal(environment_delete(s->db, s->arena, TESTER_IN(2), r.record.environment_id, 500), RC_NOT_FOUND);
	struct recorded again = SEND(s, .state = STATE_COMPLETED);
	assert_false(text_equal(again.record.environment_id, r.record.environment_id));
	assert_true(text_equal(again.record.version_id, r.record.version_id));
	assert_int_equal(again.record.rollout, ROLLOUT_INITIAL);
	assert_ok(environment_delete(s->db, s->arena, TESTER, again.record.environment_id, 600)); /* two hidden ones of one name */
	assert_sound(s);
}

static void what_is_not_there_cannot_be_deleted(void **state)
{
	struct fresh_store *s = *state;
	assert_int_equal(product_delete(s->db, s->arena, TESTER, TEXT("x"), 1), RC_NOT_FOUND);
	assert_int_equal(environment_delete(s->db, s->arena, TESTER, TEXT("x"), 1), RC_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_STORE(what_was_made_is_there),
		TEST_OF_STORE(a_taken_name_is_a_conflict_and_spoils_nothing),
		TEST_OF_STORE(a_change_keeps_its_own_name),
		TEST_OF_STORE(a_change_of_nothing_writes_nothing),
		TEST_OF_STORE(what_is_hidden_gives_its_name_free_and_keeps_its_history),
		TEST_OF_STORE(a_hidden_environment_comes_back_as_another),
		TEST_OF_STORE(what_is_not_there_cannot_be_deleted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
