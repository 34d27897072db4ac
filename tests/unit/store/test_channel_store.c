/* The table notification_channel on a real store. */
#include "store/channel.h"

#include "../fresh_store.h"
#include "store/lane.h"

enum { OTHER_ACCOUNT = 2 };

static struct channel channel(const char *id, const char *name, const char *type)
{
	return (struct channel){.id = text_from(id),
		.name = text_from(name),
		.type = text_from(type),
		.config = TEXT("{\"url\":\"https://example.com/hook\"}"),
		.enabled = true,
		.created_at = 1000,
		.updated_at = 2000};
}

static void insert(struct fresh_store *s, int64_t account, const char *id, const char *name, const char *type)
{
	struct channel c = channel(id, name, type);
	assert_ok(channel_insert(s->db, account, &c));
}

static void assert_same(const struct channel *a, const struct channel *b)
{
	assert_true(text_equal(a->id, b->id));
	assert_true(text_equal(a->name, b->name));
	assert_true(text_equal(a->type, b->type));
	assert_true(text_equal(a->config, b->config));
	assert_int_equal(a->enabled, b->enabled);
	assert_true(text_equal(a->disabled_reason, b->disabled_reason));
	assert_int_equal(a->created_at, b->created_at);
	assert_int_equal(a->updated_at, b->updated_at);
}

static void what_is_written_is_read(void **state)
{
	struct fresh_store *s = *state;
	const struct channel CASES[] = {
		channel("c1", "ops", "slack_webhook"),
		{.id = TEXT("c2"),
			.name = TEXT("'; DROP TABLE x; -- \xf0\x9f\x94\xa5 %_,"),
			.type = TEXT("email"),
			.config = TEXT("{}"),
			.disabled_reason = TEXT("the destination said 410 \"gone\""),
			.created_at = -1,
			.updated_at = INT64_MAX},
		{.id = TEXT("c3"), .name = TEXT(""), .type = TEXT(""), .config = TEXT(""), .enabled = true, .disabled_reason = TEXT("")},
	};
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct channel got, found;
		assert_ok(channel_insert(s->db, ACCOUNT, &CASES[i]));
		assert_ok(channel_get(s->db, s->arena, ACCOUNT, CASES[i].id, &got));
		assert_ok(channel_find(s->db, s->arena, ACCOUNT, CASES[i].name, &found));
		assert_same(&got, &CASES[i]);
		assert_same(&found, &CASES[i]);
	}
}

static void an_update_changes_all_but_id_type_and_beginning(void **state)
{
	struct fresh_store *s = *state;
	insert(s, ACCOUNT, "c1", "ops", "webhook");
	insert(s, ACCOUNT, "c2", "people", "email");
	struct channel changed = {.id = TEXT("c1"),
					   .name = TEXT("dev"),
					   .type = TEXT("email"),
					   .config = TEXT("{\"a\":1}"),
					   .disabled_reason = TEXT("410"),
					   .created_at = 7,
					   .updated_at = 8},
				   got;
	assert_ok(channel_update(s->db, ACCOUNT, &changed));
	assert_ok(channel_get(s->db, s->arena, ACCOUNT, TEXT("c1"), &got));
	changed.type = TEXT("webhook");
	changed.created_at = 1000;
	assert_same(&got, &changed);
	assert_ok(channel_get(s->db, s->arena, ACCOUNT, TEXT("c2"), &got));
	assert_text(got.name, "people");
}

static void a_name_is_taken_until_its_channel_is_hidden(void **state)
{
	struct fresh_store *s = *state;
	struct channel second = channel("c2", "ops", "webhook"), got;
	insert(s, ACCOUNT, "c1", "ops", "webhook");
	insert(s, ACCOUNT, "c3", "dev", "webhook");
	assert_int_equal(channel_insert(s->db, ACCOUNT, &second), RC_CONFLICT);
	second.id = TEXT("c3");
	assert_int_equal(channel_update(s->db, ACCOUNT, &second), RC_CONFLICT);

	assert_ok(channel_hide(s->db, ACCOUNT, TEXT("c1"), 5));
	assert_int_equal(channel_hide(s->db, ACCOUNT, TEXT("c1"), 5), RC_NOT_FOUND);
	assert_int_equal(channel_get(s->db, s->arena, ACCOUNT, TEXT("c1"), &got), RC_NOT_FOUND);
	assert_int_equal(channel_find(s->db, s->arena, ACCOUNT, TEXT("ops"), &got), RC_NOT_FOUND);
	second.id = TEXT("c2");
	assert_ok(channel_insert(s->db, ACCOUNT, &second));
	assert_ok(channel_find(s->db, s->arena, ACCOUNT, TEXT("ops"), &got));
	assert_text(got.id, "c2");
}

static void a_hidden_channel_is_not_updated(void **state)
{
	struct fresh_store *s = *state;
	struct channel c = channel("c1", "new name", "webhook"), got;
	insert(s, ACCOUNT, "c1", "ops", "webhook");
	assert_ok(channel_hide(s->db, ACCOUNT, TEXT("c1"), 5));
	assert_ok(channel_update(s->db, ACCOUNT, &c));
	store_script(s, "UPDATE notification_channel SET deleted_at = NULL");
	assert_ok(channel_get(s->db, s->arena, ACCOUNT, TEXT("c1"), &got));
	assert_text(got.name, "ops");
}

static void a_channel_has_a_lane(void **state)
{
	struct fresh_store *s = *state;
	struct lane lane;
	insert(s, ACCOUNT, "c1", "ops", "webhook");
	assert_ok(lane_claim(s->db, s->arena, ACCOUNT, TEXT("c1"), TEXT("me"), 1, 2, &lane));
}

/* ---- lists ---- */

struct ids {
	char text[200];
};

static void note(void *context, const struct channel *c)
{
	struct ids *ids = context;
	size_t n = strlen(ids->text);
	snprintf(ids->text + n, sizeof ids->text - n, "%s%.*s", n ? " " : "", TEXT_ARGS(c->id));
}

static void lists_are_chosen_and_paged(void **state)
{
	struct fresh_store *s = *state;
	static const struct {
		const char *names, *types, *after;
		int64_t limit;
		const char *expected;
	} CASES[] = {
		{NULL, NULL, NULL, 10, "c5 c4 c2 c1"},
		{NULL, NULL, NULL, 1, "c5 c4"}, /* one more, to know that there is more */
		{NULL, NULL, "c4", 10, "c2 c1"},
		{NULL, NULL, "c1", 10, ""},
		{",ops,", NULL, NULL, 10, "c1"},
		{",OPS,", NULL, NULL, 10, ""},
		{",o%,", NULL, NULL, 10, ""},
		{",ops,c4,nothing,", NULL, NULL, 10, "c4 c1"},
		{",old,", NULL, NULL, 10, ""},
		{NULL, ",email,", NULL, 10, "c4 c2"},
		{NULL, ",email,webhook,", "c4", 10, "c2 c1"},
		{",ops,", ",email,", NULL, 10, ""},
		{",other,", NULL, NULL, 10, ""},
	};
	insert(s, ACCOUNT, "c1", "ops", "webhook");
	insert(s, ACCOUNT, "c2", "dev", "email");
	insert(s, ACCOUNT, "c3", "old", "email");
	insert(s, ACCOUNT, "c4", "people", "email");
	insert(s, ACCOUNT, "c5", "odd", "slack_bot");
	insert(s, OTHER_ACCOUNT, "c6", "other", "email");
	assert_ok(channel_hide(s->db, ACCOUNT, TEXT("c3"), 5));
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct ids ids = {""};
		struct page page = {text_from(CASES[i].after), CASES[i].limit};
		assert_ok(
			channel_list(s->db, s->arena, ACCOUNT, text_from(CASES[i].names), text_from(CASES[i].types), &page, note, &ids));
		assert_string_equal(ids.text, CASES[i].expected);
	}
}

static void another_account_neither_sees_nor_changes_it(void **state)
{
	struct fresh_store *s = *state;
	struct channel c = channel("c1", "theirs", "webhook"), got;
	struct ids ids = {""};
	struct page page = {TEXT_ABSENT, 10};
	int64_t count = -1;
	insert(s, ACCOUNT, "c1", "ops", "webhook");
	assert_int_equal(channel_get(s->db, s->arena, OTHER_ACCOUNT, TEXT("c1"), &got), RC_NOT_FOUND);
	assert_int_equal(channel_find(s->db, s->arena, OTHER_ACCOUNT, TEXT("ops"), &got), RC_NOT_FOUND);
	assert_int_equal(channel_hide(s->db, OTHER_ACCOUNT, TEXT("c1"), 5), RC_NOT_FOUND);
	assert_ok(channel_update(s->db, OTHER_ACCOUNT, &c));
	assert_ok(channel_list(s->db, s->arena, OTHER_ACCOUNT, TEXT_ABSENT, TEXT_ABSENT, &page, note, &ids));
	assert_string_equal(ids.text, "");
	assert_ok(channel_count(s->db, OTHER_ACCOUNT, &count));
	assert_int_equal(count, 0);
	assert_ok(channel_get(s->db, s->arena, ACCOUNT, TEXT("c1"), &got));
	assert_text(got.name, "ops");
	insert(s, OTHER_ACCOUNT, "c1", "ops", "webhook"); /* the same id and name in both */
}

static void hidden_ones_are_not_counted(void **state)
{
	struct fresh_store *s = *state;
	int64_t count = -1;
	insert(s, ACCOUNT, "c1", "ops", "webhook");
	insert(s, ACCOUNT, "c2", "dev", "webhook");
	assert_ok(channel_hide(s->db, ACCOUNT, TEXT("c1"), 5));
	assert_ok(channel_count(s->db, ACCOUNT, &count));
	assert_int_equal(count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_STORE(what_is_written_is_read),
		TEST_OF_STORE(an_update_changes_all_but_id_type_and_beginning),
		TEST_OF_STORE(a_name_is_taken_until_its_channel_is_hidden),
		TEST_OF_STORE(a_hidden_channel_is_not_updated),
		TEST_OF_STORE(a_channel_has_a_lane),
		TEST_OF_STORE(lists_are_chosen_and_paged),
		TEST_OF_STORE(another_account_neither_sees_nor_changes_it),
		TEST_OF_STORE(hidden_ones_are_not_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
