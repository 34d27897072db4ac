/* The table notification_preference on a real store, and the revision that tells of its changes. */
#include "store/preference.h"

#include "../fresh_store.h"
#include "store/channel.h"
#include "store/environment.h"
#include "store/place.h"

enum { OTHER_ACCOUNT = 2 };

static void channel(struct fresh_store *s, int64_t account, const char *id, const char *name, bool enabled)
{
	struct channel c = {
		.id = text_from(id), .name = text_from(name), .type = TEXT("webhook"), .config = TEXT("{}"), .enabled = enabled};
	assert_ok(channel_insert(s->db, account, &c));
}

static struct preference preference(const char *id, const char *channel_id, const char *event_type)
{
	return (struct preference){.id = text_from(id),
		.channel_id = text_from(channel_id),
		.event_type = text_from(event_type),
		.filters = TEXT("{\"environments\":[\"prod*\"]}"),
		.enabled = true,
		.created_at = 1000,
		.updated_at = 2000};
}

static void insert(struct fresh_store *s, int64_t account, const char *id, const char *channel_id, const char *event_type)
{
	struct preference p = preference(id, channel_id, event_type);
	assert_ok(preference_insert(s->db, account, &p));
}

static void assert_same(const struct preference *a, const struct preference *b)
{
	assert_true(text_equal(a->id, b->id));
	assert_true(text_equal(a->channel_id, b->channel_id));
	assert_true(text_equal(a->event_type, b->event_type));
	assert_true(text_equal(a->filters, b->filters));
	assert_int_equal(a->enabled, b->enabled);
	assert_int_equal(a->created_at, b->created_at);
	assert_int_equal(a->updated_at, b->updated_at);
	assert_true(text_equal(a->channel_name, b->channel_name));
}

static void what_is_written_is_read(void **state)
{
	struct fresh_store *s = *state;
	struct preference p = preference("a1", "c1", "deployment.failed"), got;
	struct preference strange = {.id = TEXT("a2"),
		.channel_id = TEXT("nowhere"),
		.event_type = TEXT("*"),
		.filters = TEXT("{\"products\":[\"'; \xe2\x82\xac \\u0000%\"]}"),
		.created_at = -5,
		.updated_at = INT64_MAX};
	channel(s, ACCOUNT, "c1", "ops", true);
	assert_ok(preference_insert(s->db, ACCOUNT, &p));
	assert_ok(preference_insert(s->db, ACCOUNT, &strange));
	assert_ok(preference_get(s->db, s->arena, ACCOUNT, p.id, &got));
	p.channel_name = TEXT("ops");
	assert_same(&got, &p);
	assert_ok(preference_get(s->db, s->arena, ACCOUNT, strange.id, &got));
	assert_same(&got, &strange); /* without a channel's name */
	assert_int_equal(preference_get(s->db, s->arena, ACCOUNT, TEXT("a3"), &got), RC_NOT_FOUND);
}

static void an_update_changes_all_but_id_and_beginning(void **state)
{
	struct fresh_store *s = *state;
	struct preference changed = {.id = TEXT("a1"),
						  .channel_id = TEXT("c2"),
						  .event_type = TEXT("build.*"),
						  .filters = TEXT("{}"),
						  .created_at = 7,
						  .updated_at = 8},
					  got;
	channel(s, ACCOUNT, "c1", "ops", true);
	channel(s, ACCOUNT, "c2", "dev", true);
	insert(s, ACCOUNT, "a1", "c1", "*");
	insert(s, ACCOUNT, "a2", "c1", "*");
	assert_ok(preference_update(s->db, ACCOUNT, &changed));
	assert_ok(preference_get(s->db, s->arena, ACCOUNT, TEXT("a1"), &got));
	changed.created_at = 1000;
	changed.channel_name = TEXT("dev");
	assert_same(&got, &changed);
	assert_ok(preference_get(s->db, s->arena, ACCOUNT, TEXT("a2"), &got));
	assert_text(got.channel_id, "c1");
}

/* ---- lists ---- */

struct ids {
	char text[200];
};

static void note(void *context, const struct preference *p)
{
	struct ids *ids = context;
	size_t n = strlen(ids->text);
	snprintf(ids->text + n, sizeof ids->text - n, "%s%.*s", n ? " " : "", TEXT_ARGS(p->id));
}

static void assert_list(struct fresh_store *s, int64_t account, const char *channel_id, const char *event_type, const char *after,
	int64_t limit, const char *expected)
{
	struct ids ids = {""};
	struct page page = {text_from(after), limit};
	assert_ok(preference_list(s->db, s->arena, account, text_from(channel_id), text_from(event_type), &page, note, &ids));
	assert_string_equal(ids.text, expected);
}

static void some_preferences(struct fresh_store *s)
{
	channel(s, ACCOUNT, "c1", "ops", true);
	channel(s, ACCOUNT, "c2", "dev", true);
	channel(s, OTHER_ACCOUNT, "c1", "theirs", true);
	insert(s, ACCOUNT, "a1", "c2", "*");
	insert(s, ACCOUNT, "a2", "c1", "deployment.failed");
	insert(s, ACCOUNT, "a3", "c2", "deployment.failed");
	insert(s, ACCOUNT, "a4", "c1", "*");
	insert(s, OTHER_ACCOUNT, "a5", "c1", "*");
}

static void lists_are_chosen_and_paged(void **state)
{
	struct fresh_store *s = *state;
	static const struct {
		const char *channel_id, *event_type, *after;
		int64_t limit;
		const char *expected;
	} CASES[] = {
		{NULL, NULL, NULL, 10, "a4 a3 a2 a1"},
		{NULL, NULL, NULL, 2, "a4 a3 a2"},
		{NULL, NULL, "a3", 10, "a2 a1"},
		{"c1", NULL, NULL, 10, "a4 a2"},
		{"c1", NULL, "a4", 10, "a2"},
		{"c1", "*", NULL, 10, "a4"},
		{NULL, "deployment.failed", NULL, 10, "a3 a2"},
		{NULL, "deployment.failed", "a3", 10, "a2"},
		{NULL, "deployment.%", NULL, 10, ""},
		{"c3", NULL, NULL, 10, ""},
	};
	some_preferences(s);
	for (size_t i = 0; i < COUNT_OF(CASES); i++)
		assert_list(s, ACCOUNT, CASES[i].channel_id, CASES[i].event_type, CASES[i].after, CASES[i].limit, CASES[i].expected);
	assert_list(s, OTHER_ACCOUNT, NULL, NULL, NULL, 10, "a5");
	assert_list(s, OTHER_ACCOUNT, "c1", NULL, NULL, 10, "a5");
}

static void assert_active(struct fresh_store *s, int64_t account, const char *expected)
{
	struct ids ids = {""};
	assert_ok(preference_each_active(s->db, s->arena, account, note, &ids));
	assert_string_equal(ids.text, expected);
}

static void active_ones_are_on_and_so_is_their_channel(void **state)
{
	struct fresh_store *s = *state;
	some_preferences(s);
	insert(s, ACCOUNT, "a6", "nowhere", "*");
	assert_active(s, ACCOUNT, "a2 a4 a1 a3"); /* channel by channel */
	struct preference off = preference("a4", "c1", "*");
	off.enabled = false;
	assert_ok(preference_update(s->db, ACCOUNT, &off));
	assert_active(s, ACCOUNT, "a2 a1 a3");
	store_script(s, "UPDATE notification_channel SET enabled = 0 WHERE account_id = 1 AND id = 'c1'");
	assert_active(s, ACCOUNT, "a1 a3");
	assert_ok(channel_hide(s->db, ACCOUNT, TEXT("c2"), 1));
	assert_active(s, ACCOUNT, "");
	assert_active(s, OTHER_ACCOUNT, "a5");
}

static void deleting_takes_one_or_those_of_a_channel(void **state)
{
	struct fresh_store *s = *state;
	int64_t count = -1;
	some_preferences(s);
	assert_ok(preference_delete(s->db, ACCOUNT, TEXT("a2")));
	assert_int_equal(preference_delete(s->db, ACCOUNT, TEXT("a2")), RC_NOT_FOUND);
	assert_list(s, ACCOUNT, NULL, NULL, NULL, 10, "a4 a3 a1");
	assert_ok(preference_delete_of_channel(s->db, ACCOUNT, TEXT("c2")));
	assert_list(s, ACCOUNT, NULL, NULL, NULL, 10, "a4");
	assert_ok(preference_count(s->db, ACCOUNT, &count));
	assert_int_equal(count, 1);
}

static void another_account_neither_sees_nor_changes_it(void **state)
{
	struct fresh_store *s = *state;
	struct preference p = preference("a1", "c1", "build.*"), got;
	some_preferences(s);
	assert_int_equal(preference_get(s->db, s->arena, OTHER_ACCOUNT, TEXT("a1"), &got), RC_NOT_FOUND);
	assert_int_equal(preference_delete(s->db, OTHER_ACCOUNT, TEXT("a1")), RC_NOT_FOUND);
	assert_ok(preference_delete_of_channel(s->db, OTHER_ACCOUNT, TEXT("c2")));
	assert_ok(preference_update(s->db, OTHER_ACCOUNT, &p));
	assert_list(s, ACCOUNT, NULL, NULL, NULL, 10, "a4 a3 a2 a1");
	assert_ok(preference_get(s->db, s->arena, ACCOUNT, TEXT("a1"), &got));
	assert_text(got.event_type, "*");
}

/* ---- the place of an event ---- */

static struct place place_of(struct fresh_store *s, int64_t account, const char *environment)
{
	struct place p = {0};
	assert_ok(place_find(s->db, s->arena, account, TEXT("shop"), TEXT("1"), text_from(environment), &p));
	return p;
}

static void a_place_gives_the_revision_of_its_account(void **state)
{
	struct fresh_store *s = *state;
	assert_ok(account_insert(s->db, OTHER_ACCOUNT, TEXT("other"), TEXT("other"), 1));
	int64_t before = place_of(s, ACCOUNT, NULL).notification_revision;
	assert_ok(notification_revision_raise(s->db, ACCOUNT));
	int64_t once = place_of(s, ACCOUNT, NULL).notification_revision;
	assert_ok(notification_revision_raise(s->db, ACCOUNT));
	assert_true(before < once);
	assert_true(once < place_of(s, ACCOUNT, "prod").notification_revision);
	assert_int_equal(place_of(s, OTHER_ACCOUNT, NULL).notification_revision, before);
}

static void a_place_gives_the_type_of_its_environment(void **state)
{
	struct fresh_store *s = *state;
	struct environment e = {.id = TEXT("e1"), .name = TEXT("prod"), .type = ENV_PRODUCTION, .position = 0};
	assert_ok(environment_insert(s->db, ACCOUNT, &e));
	assert_int_equal(place_of(s, ACCOUNT, "prod").environment_type, ENV_PRODUCTION);
	assert_int_equal(place_of(s, ACCOUNT, "dev").environment_type, ENV_OTHER);
	assert_int_equal(place_of(s, ACCOUNT, NULL).environment_type, ENV_OTHER);
	store_script(s, "UPDATE environment SET type = 'garbage'");
	assert_int_equal(place_of(s, ACCOUNT, "prod").environment_type, ENV_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_STORE(what_is_written_is_read),
		TEST_OF_STORE(an_update_changes_all_but_id_and_beginning),
		TEST_OF_STORE(lists_are_chosen_and_paged),
		TEST_OF_STORE(active_ones_are_on_and_so_is_their_channel),
		TEST_OF_STORE(deleting_takes_one_or_those_of_a_channel),
		TEST_OF_STORE(another_account_neither_sees_nor_changes_it),
		TEST_OF_STORE(a_place_gives_the_revision_of_its_account),
		TEST_OF_STORE(a_place_gives_the_type_of_its_environment),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
