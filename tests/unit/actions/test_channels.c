/* Channels, preferences and retries by hand: what is refused and spoils nothing, what each change raises and signals. */
#include "channels_made.h"
#include "tester.h"

#include "base/uuid.h"
#include "store/lane.h"
#include "store/notification.h"
#include "store/signal.h"

/* ---- what a commit told ---- */

struct heard {
	int count;
	char last[128];
};

static void hear(void *context, const char *topic, struct text payload)
{
	struct heard *h = context;
	h->count++;
	snprintf(h->last, sizeof h->last, "%s %.*s", topic, TEXT_ARGS(payload));
}

static void assert_signal_of(const struct heard *h, struct text channel_id)
{
	char expected[128];
	snprintf(expected, sizeof expected, "outbox 1 %.*s", TEXT_ARGS(channel_id));
	assert_int_equal(h->count, 1);
	assert_string_equal(h->last, expected);
}

static enum rc changed(struct fresh_store *s, struct channel *c, struct heard *h, struct err *err)
{
	*h = (struct heard){0};
	db_listen(s->db, hear, h);
	assert_ok(db_begin(s->db));
	enum rc rc = channel_change(s->db, s->arena, TESTER, c, 200, err);
	assert_ok(db_commit(s->db));
	db_listen(s->db, NULL, NULL);
	return rc;
}

static int64_t revision(struct fresh_store *s)
{
	return revision_of(s->db, s->arena, ACCOUNT);
}

/* ---- channels ---- */

static void what_was_made_is_there_with_its_lane(void **state)
{
	struct fresh_store *s = *state;
	int64_t before = revision(s);
	struct channel c = channel_made(s, "alerts"), found = {0};
	struct lane lane;
	assert_true(uuid_valid(c.id));
	assert_true(revision(s) > before);
	assert_ok(channel_get(s->db, s->arena, ACCOUNT, c.id, &found));
	assert_text(found.name, "alerts");
	assert_text(found.type, "webhook");
	assert_text(found.config, "{\"url\":\"https://example.com/\"}");
	assert_true(found.enabled);
	assert_null(found.disabled_reason.p);
	assert_int_equal(found.created_at, 100);
	assert_int_equal(found.updated_at, 100);
	assert_int_equal(channel_get(s->db, s->arena, 2, c.id, &found), RC_NOT_FOUND);
	assert_ok(lane_claim(s->db, s->arena, ACCOUNT, c.id, TEXT("me"), 10, 20, &lane));
}

static void a_new_channel_was_not_switched_off(void **state)
{
	struct fresh_store *s = *state;
	struct channel c = {
		.name = TEXT("c"), .type = TEXT("webhook"), .config = TEXT("{}"), .disabled_reason = TEXT("left from elsewhere")};
	struct err err;
	assert_ok(channel_create(s->db, s->arena, TESTER, &c, 100, &err));
	assert_ok(channel_get(s->db, s->arena, ACCOUNT, c.id, &c));
	assert_false(c.enabled);
	assert_null(c.disabled_reason.p);
}

static void a_taken_name_is_a_conflict_and_spoils_nothing(void **state)
{
	struct fresh_store *s = *state;
	struct err err = {0};
	struct channel c = channel_made(s, "alerts"), other = channel_made(s, "Alerts");
	struct channel same = {.name = TEXT("alerts"), .type = TEXT("webhook"), .config = TEXT("{}"), .enabled = true};
	uint64_t before = db_changed(s->db);
	assert_ok(db_begin(s->db));
	assert_int_equal(channel_create(s->db, s->arena, TESTER, &same, 200, &err), RC_CONFLICT);
	assert_string_equal(err.text, "Notification channel alerts already exists");
	other.name = c.name;
	err = (struct err){0};
	assert_int_equal(channel_change(s->db, s->arena, TESTER, &other, 200, &err), RC_CONFLICT);
	assert_string_equal(err.text, "Notification channel alerts already exists");
	assert_ok(db_commit(s->db));
	assert_int_equal(db_changed(s->db), before);
}

static void a_change_keeps_its_own_name(void **state)
{
	struct fresh_store *s = *state;
	struct err err = {0};
	struct channel c = channel_made(s, "alerts"), found = {0};
	int64_t before = revision(s);
	c.config = TEXT("{\"url\":\"https://example.org/\"}");
	assert_ok(channel_changed(s, ACCOUNT, &c, 200, &err));
	assert_true(revision(s) > before);
	c.name = TEXT("alarms");
	assert_ok(channel_changed(s, ACCOUNT, &c, 300, &err));
	assert_ok(channel_find(s->db, s->arena, ACCOUNT, TEXT("alarms"), &found));
	assert_text(found.config, "{\"url\":\"https://example.org/\"}");
	assert_int_equal(found.created_at, 100);
	assert_int_equal(found.updated_at, 300);
	assert_int_equal(channel_find(s->db, s->arena, ACCOUNT, TEXT("alerts"), &found), RC_NOT_FOUND);
}

static void enabling_forgets_the_reason_and_sends_what_waits(void **state)
{
	struct fresh_store *s = *state;
	struct err err = {0};
	struct heard h;
	struct channel c = channel_made(s, "alerts"), found = {0};
	c.enabled = false;
	c.disabled_reason = TEXT("the destination answered 410");
	assert_ok(channel_update(s->db, ACCOUNT, &c)); /* as the product switches it off */

	c.name = TEXT("alarms");
	assert_ok(changed(s, &c, &h, &err));
	assert_int_equal(h.count, 0);
	assert_ok(channel_get(s->db, s->arena, ACCOUNT, c.id, &found));
	assert_text(found.disabled_reason, "the destination answered 410");

	c.enabled = true;
	assert_ok(changed(s, &c, &h, &err));
	assert_signal_of(&h, c.id);
	assert_null(c.disabled_reason.p);
	assert_ok(channel_get(s->db, s->arena, ACCOUNT, c.id, &found));
	assert_true(found.enabled);
	assert_null(found.disabled_reason.p);

	c.enabled = false; /* by a person: no reason, no signal */
	assert_ok(changed(s, &c, &h, &err));
	assert_int_equal(h.count, 0);
	assert_ok(channel_get(s->db, s->arena, ACCOUNT, c.id, &found));
	assert_false(found.enabled);
	assert_null(found.disabled_reason.p);
}

static void a_refused_change_signals_nothing(void **state)
{
	struct fresh_store *s = *state;
	struct err err = {0};
	struct heard h;
	struct channel c = channel_made(s, "alerts");
	channel_made(s, "alarms");
	int64_t before = revision(s);
	c.name = TEXT("alarms");
	assert_int_equal(changed(s, &c, &h, &err), RC_CONFLICT);
	assert_int_equal(h.count, 0);
	assert_int_equal(revision(s), before);
}

static int64_t preferences_left(struct fresh_store *s)
{
	int64_t n = -1;
	assert_ok(preference_count(s->db, ACCOUNT, &n));
	return n;
}

static void a_deleted_channel_takes_its_preferences_and_leaves_its_name(void **state)
{
	struct fresh_store *s = *state;
	struct channel c = channel_made(s, "alerts"), other = channel_made(s, "other"), gone;
	preference_made(s, &c, "*", "{}");
	preference_made(s, &c, "build.*", "{}");
	preference_made(s, &other, "*", "{}");
	int64_t before = revision(s);
	assert_int_equal(channel_delete(s->db, s->arena, TESTER_IN(2), c.id, 200), RC_NOT_FOUND);
	assert_int_equal(preferences_left(s), 3);
	assert_ok(channel_delete(s->db, s->arena, TESTER, c.id, 200));
	assert_true(revision(s) > before);
	before = revision(s);
	assert_int_equal(channel_delete(s->db, s->arena, TESTER, c.id, 200), RC_NOT_FOUND);
	assert_int_equal(channel_delete(s->db, s->arena, TESTER, TEXT("x"), 200), RC_NOT_FOUND);
	assert_int_equal(revision(s), before);
	assert_int_equal(channel_get(s->db, s->arena, ACCOUNT, c.id, &gone), RC_NOT_FOUND);
	assert_int_equal(preferences_left(s), 1);
	struct channel again = channel_made(s, "alerts");
	assert_false(text_equal(again.id, c.id));
}

static struct text numbered_id(struct fresh_store *s, const char *prefix, int number)
{
	return text_from(arena_printf(s->arena, "%s%d", prefix, number));
}

static void an_account_has_so_many_channels_at_most(void **state)
{
	struct fresh_store *s = *state;
	struct err err = {0};
	struct channel last = {0}, more = {.name = TEXT("more"), .type = TEXT("webhook"), .config = TEXT("{}"), .enabled = true};
	assert_ok(db_begin(s->db));
	for (int i = 0; i < LIMIT_CHANNELS - 1; i++) {
		last = (struct channel){.id = numbered_id(s, "c", i),
			.name = numbered_id(s, "n", i),
			.type = TEXT("webhook"),
			.config = TEXT("{}"),
			.disabled_reason = TEXT_ABSENT};
		assert_ok(channel_insert(s->db, ACCOUNT, &last));
	}
	assert_ok(db_commit(s->db));
	channel_made(s, "the last");
	int64_t before = revision(s), count = 0;
	assert_int_equal(channel_create(s->db, s->arena, TESTER, &more, 200, &err), RC_FULL);
	assert_string_equal(err.text, "An account has at most 1000 notification channels");
	assert_int_equal(db_failure(s->db), RC_OK);
	assert_int_equal(revision(s), before);
	assert_ok(account_insert(s->db, 2, TEXT("other"), TEXT("other"), 1));
	assert_ok(channel_create(s->db, s->arena, TESTER_IN(2), &more, 200, &err));
	assert_ok(channel_changed(s, ACCOUNT, &last, 200, &err));
	assert_ok(channel_delete(s->db, s->arena, TESTER, last.id, 200));
	assert_ok(channel_create(s->db, s->arena, TESTER, &more, 200, &err));
	assert_ok(channel_count(s->db, ACCOUNT, &count));
	assert_int_equal(count, LIMIT_CHANNELS);
}

/* ---- preferences ---- */

static void a_preference_is_stored_with_its_new_name(void **state)
{
	struct fresh_store *s = *state;
	struct channel c = channel_made(s, "alerts");
	int64_t before = revision(s);
	struct preference p = preference_made(s, &c, "version.failed", "{\"products\":[\"shop\"]}"), found = {0};
	assert_true(revision(s) > before);
	assert_text(p.event_type, "build.failed");
	assert_text(p.channel_name, "alerts");
	assert_ok(preference_get(s->db, s->arena, ACCOUNT, p.id, &found));
	assert_true(text_equal(found.channel_id, c.id));
	assert_text(found.event_type, "build.failed");
	assert_text(found.filters, "{\"products\":[\"shop\"]}");
	assert_true(found.enabled);
	assert_int_equal(found.created_at, 100);
	assert_int_equal(found.updated_at, 100);
}

static void a_preference_needs_its_channel(void **state)
{
	struct fresh_store *s = *state;
	struct channel gone = channel_made(s, "gone"), c = channel_made(s, "alerts");
	struct channel theirs = {.name = TEXT("theirs"), .type = TEXT("webhook"), .config = TEXT("{}"), .enabled = true};
	struct err err = {0};
	assert_ok(account_insert(s->db, 2, TEXT("other"), TEXT("other"), 1));
	assert_ok(channel_create(s->db, s->arena, TESTER_IN(2), &theirs, 100, &err));
	assert_ok(channel_delete(s->db, s->arena, TESTER, gone.id, 200));
	struct preference own = preference_made(s, &c, "*", "{}");
	const struct text missing[] = {gone.id, theirs.id, TEXT("x"), TEXT("")};
	uint64_t before = db_changed(s->db);
	for (size_t i = 0; i < COUNT_OF(missing); i++) {
		struct preference p = {.channel_id = missing[i], .event_type = TEXT("*"), .filters = TEXT("{}"), .enabled = true};
		char expected[128];
		snprintf(expected, sizeof expected, "There is no notification channel %.*s", TEXT_ARGS(missing[i]));
		err = (struct err){0};
		assert_int_equal(preference_create(s->db, s->arena, TESTER, &p, 200, &err), RC_NOT_FOUND);
		assert_string_equal(err.text, expected);
		p = own;
		p.channel_id = missing[i];
		err = (struct err){0};
		assert_int_equal(preference_change(s->db, s->arena, TESTER, &p, 200, &err), RC_NOT_FOUND);
		assert_string_equal(err.text, expected);
	}
	assert_int_equal(db_changed(s->db), before);
}

static void what_could_not_be_read_later_is_refused(void **state)
{
	struct fresh_store *s = *state;
	struct channel c = channel_made(s, "alerts");
	struct preference own = preference_made(s, &c, "*", "{}");
	static const struct {
		const char *event_type, *filters;
	} rows[] = {{"deployment.exploded", "{}"}, {"*", "{\"colours\":[]}"}, {"*", "{\"statuses\":[\"exploded\"]}"}, {"*", "[]"},
		{"*", "{"}};
	uint64_t before = db_changed(s->db);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct preference p = {.channel_id = c.id,
			.event_type = text_from(rows[i].event_type),
			.filters = text_from(rows[i].filters),
			.enabled = true};
		struct err err = {0};
		assert_int_equal(preference_create(s->db, s->arena, TESTER, &p, 200, &err), RC_INVALID);
		assert_true(*err.text != '\0');
		p.id = own.id;
		assert_int_equal(preference_change(s->db, s->arena, TESTER, &p, 200, &err), RC_INVALID);
	}
	assert_int_equal(db_changed(s->db), before);
}

static void a_preference_can_be_changed_and_removed(void **state)
{
	struct fresh_store *s = *state;
	struct err err = {0};
	struct channel c = channel_made(s, "alerts"), other = channel_made(s, "other");
	struct preference p = preference_made(s, &c, "*", "{}"), found = {0};
	int64_t before = revision(s);
	p.channel_id = other.id;
	p.event_type = TEXT("version.started");
	p.filters = TEXT("{\"statuses\":[\"started\"]}");
	p.enabled = false;
	assert_ok(preference_change(s->db, s->arena, TESTER, &p, 300, &err));
	assert_true(revision(s) > before);
	assert_ok(preference_get(s->db, s->arena, ACCOUNT, p.id, &found));
	assert_text(found.channel_name, "other");
	assert_text(found.event_type, "build.started");
	assert_text(found.filters, "{\"statuses\":[\"started\"]}");
	assert_false(found.enabled);
	assert_int_equal(found.created_at, 100);
	assert_int_equal(found.updated_at, 300);

	before = revision(s);
	assert_int_equal(preference_remove(s->db, s->arena, TESTER_IN(2), p.id, 300), RC_NOT_FOUND);
	assert_int_equal(revision(s), before);
	assert_ok(preference_remove(s->db, s->arena, TESTER, p.id, 300));
	assert_true(revision(s) > before);
	before = revision(s);
	assert_int_equal(preference_remove(s->db, s->arena, TESTER, p.id, 300), RC_NOT_FOUND);
	assert_int_equal(revision(s), before);
}

static void an_account_has_so_many_preferences_at_most(void **state)
{
	struct fresh_store *s = *state;
	struct err err = {0};
	struct channel c = channel_made(s, "alerts");
	struct preference p = {.channel_id = c.id, .event_type = TEXT("*"), .filters = TEXT("{}"), .enabled = true};
	assert_ok(db_begin(s->db));
	for (int i = 0; i < LIMIT_PREFERENCES - 1; i++) {
		p.id = numbered_id(s, "p", i);
		assert_ok(preference_insert(s->db, ACCOUNT, &p));
	}
	assert_ok(db_commit(s->db));
	struct preference last = preference_made(s, &c, "*", "{}");
	int64_t before = revision(s);
	assert_int_equal(preference_create(s->db, s->arena, TESTER, &p, 200, &err), RC_FULL);
	assert_string_equal(err.text, "An account has at most 10000 notification preferences");
	assert_int_equal(db_failure(s->db), RC_OK);
	assert_int_equal(revision(s), before);
	assert_ok(preference_change(s->db, s->arena, TESTER, &last, 200, &err));
	assert_ok(preference_remove(s->db, s->arena, TESTER, last.id, 300));
	assert_ok(preference_create(s->db, s->arena, TESTER, &p, 200, &err));
	assert_int_equal(preferences_left(s), LIMIT_PREFERENCES);
}

/* ---- sending again ---- */

static struct text notification_sent(struct fresh_store *s, const struct channel *c, enum notification_state state)
{
	struct text event_id = uuid_text(s->arena);
	struct notification n = {.id = uuid_text(s->arena),
		.channel_id = c->id,
		.event_id = event_id,
		.event_type = TEXT("deployment.failed"),
		.subject_id = uuid_text(s->arena),
		.state = NOTIFICATION_WAITING,
		.created_at = 100,
		.waiting_since = 100,
		.due_at = 100};
	const struct attempt_outcome o = {.at = 150, .duration = 5, .status = 404, .answer = TEXT("not here")};
	assert_ok(notification_insert(s->db, ACCOUNT, &n));
	if (state != NOTIFICATION_WAITING) assert_ok(notification_finish(s->db, ACCOUNT, n.id, state, &o));
	return n.id;
}

static enum rc retried(struct fresh_store *s, struct text id, struct heard *h, struct err *err)
{
	*h = (struct heard){0};
	*err = (struct err){0};
	db_listen(s->db, hear, h);
	assert_ok(db_begin(s->db));
	enum rc rc = notification_retry(s->db, s->arena, TESTER, id, 1000, err);
	assert_ok(db_commit(s->db));
	db_listen(s->db, NULL, NULL);
	return rc;
}

static void a_dead_one_waits_again_and_is_signalled(void **state)
{
	struct fresh_store *s = *state;
	struct channel c = channel_made(s, "alerts");
	struct text id = notification_sent(s, &c, NOTIFICATION_DEAD);
	struct notification n;
	struct heard h;
	struct err err;
	assert_ok(retried(s, id, &h, &err));
	assert_signal_of(&h, c.id);
	assert_ok(notification_get(s->db, s->arena, ACCOUNT, id, &n));
	assert_int_equal(n.state, NOTIFICATION_WAITING);
	assert_int_equal(n.due_at, 1000);
	assert_int_equal(n.waiting_since, 1000);
	assert_int_equal(n.created_at, 100);
	assert_int_equal(retried(s, id, &h, &err), RC_CONFLICT); /* not twice */
	assert_int_equal(h.count, 0);
}

static void only_a_dead_one_is_sent_again(void **state)
{
	struct fresh_store *s = *state;
	struct channel c = channel_made(s, "alerts");
	static const enum notification_state others[] = {NOTIFICATION_WAITING, NOTIFICATION_DELIVERED};
	struct heard h;
	struct err err;
	for (size_t i = 0; i < COUNT_OF(others); i++) {
		struct text id = notification_sent(s, &c, others[i]);
		struct notification n;
		assert_int_equal(retried(s, id, &h, &err), RC_CONFLICT);
		assert_string_equal(err.text, "Only a dead notification can be sent again");
		assert_int_equal(h.count, 0);
		assert_ok(notification_get(s->db, s->arena, ACCOUNT, id, &n));
		assert_int_equal(n.state, others[i]);
	}
	assert_int_equal(retried(s, TEXT("x"), &h, &err), RC_NOT_FOUND);
	struct text dead = notification_sent(s, &c, NOTIFICATION_DEAD);
	assert_int_equal(notification_retry(s->db, s->arena, TESTER_IN(2), dead, 1000, &err), RC_NOT_FOUND);
}

static void nothing_is_sent_again_to_a_channel_that_is_gone(void **state)
{
	struct fresh_store *s = *state;
	struct channel c = channel_made(s, "alerts");
	struct text id = notification_sent(s, &c, NOTIFICATION_DEAD);
	struct heard h;
	struct err err;
	assert_ok(channel_delete(s->db, s->arena, TESTER, c.id, 500));
	assert_int_equal(retried(s, id, &h, &err), RC_CONFLICT);
	assert_string_equal(err.text, "The notification's channel has been deleted");
	assert_int_equal(h.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_STORE(what_was_made_is_there_with_its_lane),
		TEST_OF_STORE(a_new_channel_was_not_switched_off),
		TEST_OF_STORE(a_taken_name_is_a_conflict_and_spoils_nothing),
		TEST_OF_STORE(a_change_keeps_its_own_name),
		TEST_OF_STORE(enabling_forgets_the_reason_and_sends_what_waits),
		TEST_OF_STORE(a_refused_change_signals_nothing),
		TEST_OF_STORE(a_deleted_channel_takes_its_preferences_and_leaves_its_name),
		TEST_OF_STORE(an_account_has_so_many_channels_at_most),
		TEST_OF_STORE(a_preference_is_stored_with_its_new_name),
		TEST_OF_STORE(a_preference_needs_its_channel),
		TEST_OF_STORE(what_could_not_be_read_later_is_refused),
		TEST_OF_STORE(a_preference_can_be_changed_and_removed),
		TEST_OF_STORE(an_account_has_so_many_preferences_at_most),
		TEST_OF_STORE(a_dead_one_waits_again_and_is_signalled),
		TEST_OF_STORE(only_a_dead_one_is_sent_again),
		TEST_OF_STORE(nothing_is_sent_again_to_a_channel_that_is_gone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
