/* The history of notifications on a real store: lists, attempts, sending again, what waits in all, and retention. */
#include "outbox.h"

static void name_listed(void *context, const struct notification *n, struct text notice, struct text extra_metadata)
{
	(void)notice, (void)extra_metadata;
	name_id(context, n->id);
}

static const struct notification_filter EVERYTHING = {.since = TIME_NONE, .until = TIME_NONE};

static void assert_list(
	struct fresh_store *s, int64_t account, const struct notification_filter *f, int64_t limit, const char *expected)
{
	struct names names = {""};
	struct page page = {TEXT_ABSENT, limit};
	assert_ok(notification_list(s->db, account, f, &page, name_listed, &names));
	assert_string_equal(names.text, expected);
}

#define LATER (NOW + SECONDS_US(1))

static int64_t cut(struct fresh_store *s, int64_t account, time_us before, int64_t most)
{
	int64_t deleted = -1;
	assert_ok(notification_cut(s->db, account, before, most, &deleted));
	return deleted;
}

/* Those that have a message in place. */
static void name_message(void *context, const struct due_notification *d)
{
	if (d->remote_id.p) name_id(context, d->n.id);
}

/* ---- lists ---- */

/* 1 to 4 on c1, 5 to 7 on c2, the 4th dead, the 5th delivered, the 6th folded, the 7th dead. */
static void some_notifications(struct fresh_store *s)
{
	static const char *const SUBJECTS[] = {"", "s1", "s1", "s2", "s3", "s1", "s2", "s3"};
	put_channel(s, ACCOUNT, "c1");
	put_channel(s, ACCOUNT, "c2");
	for (int i = 1; i <= 7; i++) put(s, i <= 4 ? "c1" : "c2", SUBJECTS[i], i);
	finish(s, 4, NOTIFICATION_DEAD);
	finish(s, 5, NOTIFICATION_DELIVERED);
	assert_ok(notification_fold(s->db, ACCOUNT, id_of(s, 6), id_of(s, 5), NOW));
	finish(s, 7, NOTIFICATION_DEAD);
	store_script(s, "UPDATE notification SET event_type = 'build.failed' WHERE id LIKE '%3'");
	store_script(s, "UPDATE notification SET created_at = created_at + 10 WHERE id LIKE '%6' OR id LIKE '%7'");
	put_of_event(s, OTHER_ACCOUNT, "c1", "s1", "event-1", 8, NOW);
}

static void lists_are_chosen(void **state)
{
	struct fresh_store *s = *state;
	static const struct {
		struct notification_filter f;
		const char *expected;
	} CASES[] = {
		{{.since = TIME_NONE, .until = TIME_NONE}, "7 6 5 4 3 2 1"},
		{{.channel_id = {"c1", 2}, .since = TIME_NONE, .until = TIME_NONE}, "4 3 2 1"},
		{{.subject_id = {"s1", 2}, .since = TIME_NONE, .until = TIME_NONE}, "5 2 1"},
		{{.only_dead = true, .since = TIME_NONE, .until = TIME_NONE}, "7 4"},
		{{.channel_id = {"c1", 2}, .subject_id = {"s1", 2}, .since = TIME_NONE, .until = TIME_NONE}, "2 1"},
		{{.channel_id = {"c2", 2}, .only_dead = true, .since = TIME_NONE, .until = TIME_NONE}, "7"},
		{{.subject_id = {"s3", 2}, .only_dead = true, .since = TIME_NONE, .until = TIME_NONE}, "7 4"},
		{{.channel_id = {"c1", 2}, .subject_id = {"s3", 2}, .only_dead = true, .since = TIME_NONE, .until = TIME_NONE}, "4"},
		{{.channel_ids = {",c2,", 4}, .since = TIME_NONE, .until = TIME_NONE}, "7 6 5"},
		{{.channel_ids = {",c1,c2,", 7}, .since = TIME_NONE, .until = TIME_NONE}, "7 6 5 4 3 2 1"},
		{{.channel_ids = {",,", 2}, .since = TIME_NONE, .until = TIME_NONE}, ""},
		{{.states = {",dead,folded,", 13}, .since = TIME_NONE, .until = TIME_NONE}, "7 6 4"},
		{{.states = {",waiting,", 9}, .channel_id = {"c1", 2}, .since = TIME_NONE, .until = TIME_NONE}, "3 2 1"},
		{{.states = {",delivered,", 11}, .subject_id = {"s1", 2}, .since = TIME_NONE, .until = TIME_NONE}, "5"},
		{{.types = {",build.failed,", 14}, .since = TIME_NONE, .until = TIME_NONE}, "3"},
		{{.types = {",build.%,", 9}, .since = TIME_NONE, .until = TIME_NONE}, ""},
		{{.since = NOW + 10, .until = TIME_NONE}, "7 6"},
		{{.since = NOW + 11, .until = TIME_NONE}, ""},
		{{.since = TIME_NONE, .until = NOW + 10}, "5 4 3 2 1"},
		{{.since = NOW, .until = NOW + 1, .channel_id = {"c2", 2}}, "5"},
		{{.only_dead = true, .since = NOW, .until = NOW + 1}, "4"},
	};
	some_notifications(s);
	for (size_t i = 0; i < COUNT_OF(CASES); i++) assert_list(s, ACCOUNT, &CASES[i].f, 10, CASES[i].expected);
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct names names = {""};
		struct page page = {TEXT_ABSENT, 10};
		assert_ok(notification_list(s->db, 3, &CASES[i].f, &page, name_listed, &names));
		assert_string_equal(names.text, "");
	}
	assert_list(s, OTHER_ACCOUNT, &EVERYTHING, 10, "8");
}

static void lists_are_paged(void **state)
{
	struct fresh_store *s = *state;
	static const struct {
		struct notification_filter f;
		int after;
		int64_t limit;
		const char *expected;
	} CASES[] = {
		{{.since = TIME_NONE, .until = TIME_NONE}, 0, 3, "7 6 5 4"}, /* one more, to know that there is more */
		{{.since = TIME_NONE, .until = TIME_NONE}, 5, 3, "4 3 2 1"},
		{{.since = TIME_NONE, .until = TIME_NONE}, 1, 3, ""},
		{{.channel_id = {"c1", 2}, .since = TIME_NONE, .until = TIME_NONE}, 4, 1, "3 2"},
		{{.subject_id = {"s1", 2}, .since = TIME_NONE, .until = TIME_NONE}, 5, 10, "2 1"},
		{{.only_dead = true, .since = TIME_NONE, .until = TIME_NONE}, 7, 10, "4"},
	};
	some_notifications(s);
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct names names = {""};
		struct page page = {CASES[i].after ? id_of(s, CASES[i].after) : TEXT_ABSENT, CASES[i].limit};
		assert_ok(notification_list(s->db, ACCOUNT, &CASES[i].f, &page, name_listed, &names));
		assert_string_equal(names.text, CASES[i].expected);
	}
}

static void assert_first_row(void *context, const struct notification *n, struct text notice, struct text extra_metadata)
{
	struct fresh_store *s = context;
	assert_true(text_equal(n->id, id_of(s, 1)));
	assert_text(n->channel_id, "c1");
	assert_text(n->event_id, "event-1");
	assert_text(n->event_type, "deployment.failed");
	assert_text(n->subject_id, "s1");
	assert_int_equal(n->state, NOTIFICATION_DELIVERED);
	assert_int_equal(n->attempts, 1);
	assert_int_equal(n->created_at, NOW);
	assert_int_equal(n->attempted_at, NOW + 1);
	assert_int_equal(n->duration, 250);
	assert_int_equal(n->finished_at, NOW + 251);
	assert_int_equal(n->answer_status, 200);
	assert_text(n->answer, "ok");
	assert_null(n->folded_into.p);
	assert_text(n->channel_name, "c1");
	assert_text(n->channel_type, "webhook");
	assert_text(notice, "{\"n\":1}");
	assert_text(extra_metadata, "{\"extra\":1}");
}

static void a_row_comes_with_notice_and_channel(void **state)
{
	struct fresh_store *s = *state;
	struct page page = {TEXT_ABSENT, 10};
	put_channel(s, ACCOUNT, "c1");
	put(s, "c1", "s1", 1);
	finish(s, 1, NOTIFICATION_DELIVERED);
	assert_ok(channel_hide(s->db, ACCOUNT, TEXT("c1"), 1)); /* history outlives its channel */
	assert_ok(notification_list(s->db, ACCOUNT, &EVERYTHING, &page, assert_first_row, s));
	struct notification n = get(s, 1);
	assert_first_row(s, &n, TEXT("{\"n\":1}"), TEXT("{\"extra\":1}"));
}

static void assert_bare_row(void *context, const struct notification *n, struct text notice, struct text extra_metadata)
{
	(void)context;
	assert_null(n->channel_name.p);
	assert_null(n->channel_type.p);
	assert_null(notice.p);
	assert_null(extra_metadata.p);
}

static void a_row_stands_alone_too(void **state)
{
	struct fresh_store *s = *state;
	struct page page = {TEXT_ABSENT, 10};
	put_of_event(s, ACCOUNT, "nowhere", "s1", "no notice", 1, NOW);
	assert_ok(notification_list(s->db, ACCOUNT, &EVERYTHING, &page, assert_bare_row, NULL));
	struct notification n = get(s, 1);
	assert_bare_row(NULL, &n, TEXT_ABSENT, TEXT_ABSENT);
	assert_int_equal(notification_get(s->db, s->arena, ACCOUNT, id_of(s, 2), &n), RC_NOT_FOUND);
}

/* ---- attempts ---- */

struct told {
	char text[300];
};

static void note_attempt(void *context, int64_t number, const struct attempt_outcome *o)
{
	struct told *t = context;
	size_t n = strlen(t->text);
	snprintf(t->text + n, sizeof t->text - n, "%s%d: +%d %d %d %.*s", n ? ", " : "", (int)number, (int)(o->at - NOW),
		(int)o->duration, (int)o->status, o->answer.p ? (int)o->answer.n : 4, o->answer.p ? o->answer.p : "none");
}

static void assert_attempts(struct fresh_store *s, int64_t account, int n, const char *expected)
{
	struct told told = {""};
	assert_ok(notification_attempts(s->db, s->arena, account, id_of(s, n), note_attempt, &told));
	assert_string_equal(told.text, expected);
}

static void failed_attempts_are_kept(void **state)
{
	struct fresh_store *s = *state;
	struct attempt_outcome silent = {.at = NOW + 3, .duration = 15};
	put(s, "c1", "s1", 1);
	put(s, "c1", "s1", 2);
	assert_attempts(s, ACCOUNT, 1, "");
	put_off(s, 1, NOW + 50);
	assert_ok(notification_put_off(s->db, ACCOUNT, id_of(s, 1), NOW + 60, &silent));
	put_off(s, 2, NOW + 90);
	assert_attempts(s, ACCOUNT, 1, "1: +0 250 503 busy, 2: +3 15 0 none");
	finish(s, 1, NOTIFICATION_DELIVERED);
	assert_attempts(s, ACCOUNT, 1, "1: +0 250 503 busy, 2: +3 15 0 none"); /* the one that succeeded stands in the row */
	assert_attempts(s, OTHER_ACCOUNT, 1, "");
	assert_attempts(s, ACCOUNT, 2, "1: +0 250 503 busy");
}

/* ---- sending again ---- */

static void a_dead_one_waits_again_with_a_fresh_day(void **state)
{
	struct fresh_store *s = *state;
	put(s, "c1", "s1", 1);
	put_off(s, 1, NOW + 50);
	finish(s, 1, NOTIFICATION_DEAD);
	assert_ok(notification_revive(s->db, ACCOUNT, id_of(s, 1), NOW + 1000));
	struct notification n = get(s, 1);
	assert_int_equal(n.state, NOTIFICATION_WAITING);
	assert_int_equal(n.created_at, NOW);
	assert_int_equal(n.waiting_since, NOW + 1000);
	assert_int_equal(n.due_at, NOW + 1000);
	assert_int_equal(n.finished_at, TIME_NONE);
	assert_int_equal(n.attempts, 2);
	assert_attempts(s, ACCOUNT, 1, "1: +0 250 503 busy, 2: +1 250 400 no");

	put_off(s, 1, NOW + 2000);
	finish(s, 1, NOTIFICATION_DELIVERED);
	assert_int_equal(get(s, 1).attempts, 4);
	assert_attempts(s, ACCOUNT, 1, "1: +0 250 503 busy, 2: +1 250 400 no, 3: +0 250 503 busy");
}

static void what_was_given_up_has_no_attempt_more(void **state)
{
	struct fresh_store *s = *state;
	int64_t count = 0;
	put(s, "c1", "s1", 1);
	put(s, "c1", "s2", 2);
	put_off(s, 2, NOW + 50);
	assert_ok(notification_kill_waiting(s->db, ACCOUNT, TEXT("c1"), TIME_NONE, TEXT("deleted"), NOW, 10, &count));
	for (int i = 1; i <= 2; i++) assert_ok(notification_revive(s->db, ACCOUNT, id_of(s, i), NOW + 10));
	assert_attempts(s, ACCOUNT, 1, "");
	assert_attempts(s, ACCOUNT, 2, "1: +0 250 503 busy");
	put_off(s, 1, NOW + 50);
	put_off(s, 2, NOW + 50);
	assert_attempts(s, ACCOUNT, 1, "1: +0 250 503 busy");
	assert_attempts(s, ACCOUNT, 2, "1: +0 250 503 busy, 2: +0 250 503 busy");
}

static void only_a_dead_one_is_sent_again(void **state)
{
	struct fresh_store *s = *state;
	put(s, "c1", "s1", 1);
	assert_int_equal(notification_revive(s->db, ACCOUNT, id_of(s, 1), NOW + 10), RC_CONFLICT);
	finish(s, 1, NOTIFICATION_DELIVERED);
	assert_int_equal(notification_revive(s->db, ACCOUNT, id_of(s, 1), NOW + 10), RC_CONFLICT);
	assert_int_equal(notification_revive(s->db, ACCOUNT, id_of(s, 2), NOW + 10), RC_NOT_FOUND);
	assert_int_equal(get(s, 1).state, NOTIFICATION_DELIVERED);
}

/* It comes between those of its deployment that wait, and is not due before the older one. */
static void one_sent_again_takes_its_place_in_the_order(void **state)
{
	struct fresh_store *s = *state;
	struct names names = {""};
	time_us next = TIME_NONE;
	for (int i = 1; i <= 3; i++) put(s, "c1", "s1", i);
	finish(s, 2, NOTIFICATION_DEAD);
	put_off(s, 1, NOW + 50);
	assert_ok(notification_revive(s->db, ACCOUNT, id_of(s, 2), NOW + 10));
	assert_int_equal(get(s, 2).due_at, NOW + 50);
	assert_int_equal(get(s, 2).waiting_since, NOW + 10);
	assert_ok(notification_next_due(s->db, ACCOUNT, TEXT("c1"), &next));
	assert_int_equal(next, NOW + 50);
	finish(s, 1, NOTIFICATION_DELIVERED);
	assert_ok(notification_each_due(s->db, s->arena, ACCOUNT, TEXT("c1"), NOW + 50, 10, name_due, &names));
	assert_string_equal(names.text, "2");
}

/* ---- the same ids in two accounts ---- */

/* All of the other account's rows, as one line: states, attempts and what belongs to them. */
static void assert_other(struct fresh_store *s, const char *expected)
{
	struct told told = {""};
	struct notification n;
	struct notice notice;
	for (int i = 1; i <= 2; i++) {
		assert_ok(notification_get(s->db, s->arena, OTHER_ACCOUNT, id_of(s, i), &n));
		size_t at = strlen(told.text);
		snprintf(
			told.text + at, sizeof told.text - at, "%s%s %d", at ? "; " : "", notification_state_name(n.state), (int)n.attempts);
		assert_ok(notification_attempts(s->db, s->arena, OTHER_ACCOUNT, id_of(s, i), note_attempt, &told));
	}
	assert_string_equal(told.text, expected);
	assert_int_equal(
		notice_get(s->db, s->arena, OTHER_ACCOUNT, TEXT("event-1"), &notice), RC_CORRUPT); /* there, in the test's own form */
}

static void what_is_done_in_one_account_is_done_there_alone(void **state)
{
	struct fresh_store *s = *state;
	struct names messages = {""};
	struct attempt_outcome o = outcome(NOW, 400, "bad");
	int64_t count = 0;
	assert_ok(notice_insert(s->db, OTHER_ACCOUNT, TEXT("event-1"), TEXT("{}"), TEXT_ABSENT, NOW));
	assert_ok(remote_message_put(s->db, OTHER_ACCOUNT, TEXT("c1"), TEXT("s1"), TEXT("C"), TEXT("1"), NOW));
	for (int i = 1; i <= 2; i++) {
		put(s, "c1", "s1", i);
		put_of_event(s, OTHER_ACCOUNT, "c1", "s1", "event-1", i, NOW);
		assert_ok(notification_put_off(s->db, OTHER_ACCOUNT, id_of(s, i), NOW, &o));
	}
	assert_ok(notification_finish(s->db, OTHER_ACCOUNT, id_of(s, 1), NOTIFICATION_DEAD, &o));
	static const char THEIRS[] = "dead 2, 1: +0 250 400 bad; waiting 1, 1: +0 250 400 bad";
	assert_other(s, THEIRS);

	finish(s, 1, NOTIFICATION_DEAD);
	assert_ok(notification_revive(s->db, ACCOUNT, id_of(s, 1), NOW));
	assert_other(s, THEIRS);
	assert_ok(notification_kill_waiting(s->db, ACCOUNT, TEXT("c1"), TIME_NONE, TEXT("gone"), NOW, 10, &count));
	assert_int_equal(count, 2);
	assert_other(s, THEIRS);
	assert_int_equal(cut(s, ACCOUNT, LATER, 10), 2);
	assert_other(s, THEIRS);
	assert_ok(notification_each_due(s->db, s->arena, OTHER_ACCOUNT, TEXT("c1"), NOW, 10, name_message, &messages));
	assert_string_equal(messages.text, "2");
}

/* ---- queues ---- */

static void note_queue(void *context, const struct queue_figures *q)
{
	struct told *t = context;
	size_t n = strlen(t->text);
	snprintf(t->text + n, sizeof t->text - n, "%s%.*s %d %d +%d", n ? ", " : "", TEXT_ARGS(q->channel_type), (int)q->waiting,
		(int)q->dead, (int)(q->oldest - NOW));
}

static void queues_are_counted_by_type_over_all_accounts(void **state)
{
	struct fresh_store *s = *state;
	struct told none = {""}, told = {""};
	put_channel(s, ACCOUNT, "c1");
	put_channel(s, ACCOUNT, "c2");
	put_channel(s, ACCOUNT, "c3");
	put_channel(s, OTHER_ACCOUNT, "c1");
	store_script(s, "UPDATE notification_channel SET type = 'email' WHERE id = 'c2'");
	assert_ok(notification_queues(s->db, s->arena, note_queue, &none));
	assert_string_equal(none.text, "");
	put_of_event(s, ACCOUNT, "c1", "s1", "e", 1, NOW + 20);
	put_of_event(s, ACCOUNT, "c1", "s1", "e", 2, NOW + 30);
	put_of_event(s, OTHER_ACCOUNT, "c1", "s1", "e", 3, NOW + 10);
	put_of_event(s, ACCOUNT, "c2", "s1", "e", 4, NOW + 40);
	put(s, "c2", "s1", 5);
	put(s, "c3", "s1", 6);
	finish(s, 5, NOTIFICATION_DEAD);
	finish(s, 6, NOTIFICATION_DELIVERED);
	assert_ok(notification_queues(s->db, s->arena, note_queue, &told));
	assert_string_equal(told.text, "email 1 0 +40, webhook 3 0 +10");
}

/* ---- retention ---- */

static bool has_notice(struct fresh_store *s, const char *event)
{
	struct notice n;
	return notice_get(s->db, s->arena, ACCOUNT, text_from(event), &n) != RC_NOT_FOUND;
}

static void what_is_finished_goes_from_its_old_end_in_steps(void **state)
{
	struct fresh_store *s = *state;
	for (int i = 1; i <= 6; i++) put(s, "c1", i == 3 ? "s2" : "s1", i);
	put_off(s, 1, NOW + 50);
	put_off(s, 3, NOW + 50);
	finish(s, 1, NOTIFICATION_DELIVERED);
	finish(s, 2, NOTIFICATION_DEAD);
	assert_ok(notification_fold(s->db, ACCOUNT, id_of(s, 4), id_of(s, 1), NOW));
	finish(s, 5, NOTIFICATION_DELIVERED);
	assert_int_equal(cut(s, OTHER_ACCOUNT, LATER, 10), 0);
	assert_int_equal(cut(s, ACCOUNT, NOW - SECONDS_US(1), 10), 0);
	assert_int_equal(cut(s, ACCOUNT, LATER, 0), 0);
	assert_int_equal(cut(s, ACCOUNT, LATER, 2), 2);
	assert_list(s, ACCOUNT, &EVERYTHING, 10, "6 5 4 3");
	assert_attempts(s, ACCOUNT, 1, "");
	assert_false(has_notice(s, "event-1"));
	assert_false(has_notice(s, "event-2"));
	assert_true(has_notice(s, "event-4"));
	assert_int_equal(cut(s, ACCOUNT, LATER, 10), 2);
	assert_int_equal(cut(s, ACCOUNT, LATER, 10), 0);
	assert_list(s, ACCOUNT, &EVERYTHING, 10, "6 3"); /* what waits stays, with all that belongs to it */
	assert_attempts(s, ACCOUNT, 3, "1: +0 250 503 busy");
	assert_true(has_notice(s, "event-3"));
	assert_true(has_notice(s, "event-6"));
	assert_false(has_notice(s, "event-4"));
	assert_false(has_notice(s, "event-5"));
}

static void what_came_later_stays(void **state)
{
	struct fresh_store *s = *state;
	struct attempt_outcome o = outcome(NOW, 200, "ok");
	put(s, "c1", "s1", 1);
	finish(s, 1, NOTIFICATION_DELIVERED);
	put_of_event(s, ACCOUNT, "c1", "s1", "e", 2, LATER);
	assert_ok(notification_finish(s->db, ACCOUNT, id_at(s, LATER, 2), NOTIFICATION_DELIVERED, &o));
	assert_int_equal(cut(s, ACCOUNT, LATER, 10), 1);
	assert_list(s, ACCOUNT, &EVERYTHING, 10, "2");
}

/* One event told to three channels has one notice. */
static void a_shared_notice_goes_with_the_last(void **state)
{
	struct fresh_store *s = *state;
	put(s, "c1", "s1", 1);
	put_of_event(s, ACCOUNT, "c2", "s1", "event-1", 2, NOW);
	put_of_event(s, ACCOUNT, "c3", "s1", "event-1", 3, NOW);
	put_of_event(s, OTHER_ACCOUNT, "c3", "s1", "event-1", 4, NOW);
	finish(s, 1, NOTIFICATION_DELIVERED);
	finish(s, 3, NOTIFICATION_DELIVERED);
	assert_int_equal(cut(s, ACCOUNT, LATER, 1), 1);
	assert_true(has_notice(s, "event-1"));
	assert_int_equal(cut(s, ACCOUNT, LATER, 10), 1);
	assert_true(has_notice(s, "event-1")); /* 2 waits */
	finish(s, 2, NOTIFICATION_DEAD);
	assert_int_equal(cut(s, ACCOUNT, LATER, 10), 1);
	assert_false(has_notice(s, "event-1"));
	assert_list(s, OTHER_ACCOUNT, &EVERYTHING, 10, "4");
}

static void a_remote_message_goes_with_the_last_of_its_deployment(void **state)
{
	struct fresh_store *s = *state;
	struct names messages = {""};
	put(s, "c1", "s1", 1);
	put(s, "c1", "s2", 2);
	put(s, "c2", "s1", 3);
	for (int i = 1; i <= 3; i++)
		assert_ok(remote_message_put(
			s->db, ACCOUNT, text_from(i == 3 ? "c2" : "c1"), text_from(i == 2 ? "s2" : "s1"), TEXT("C"), TEXT("1"), NOW));
	finish(s, 1, NOTIFICATION_DELIVERED);
	put(s, "c1", "s2", 4);
	finish(s, 2, NOTIFICATION_DELIVERED);
	assert_int_equal(cut(s, ACCOUNT, LATER, 10), 2);
	put(s, "c1", "s1", 5); /* a message of s1 on c1 would be found by it */
	assert_ok(notification_each_due(s->db, s->arena, ACCOUNT, TEXT("c1"), NOW, 10, name_message, &messages));
	assert_ok(notification_each_due(s->db, s->arena, ACCOUNT, TEXT("c2"), NOW, 10, name_message, &messages));
	assert_string_equal(messages.text, "4 3"); /* s2 on c1, and s1 on c2 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_STORE(lists_are_chosen),
		TEST_OF_STORE(lists_are_paged),
		TEST_OF_STORE(a_row_comes_with_notice_and_channel),
		TEST_OF_STORE(a_row_stands_alone_too),
		TEST_OF_STORE(failed_attempts_are_kept),
		TEST_OF_STORE(a_dead_one_waits_again_with_a_fresh_day),
		TEST_OF_STORE(what_was_given_up_has_no_attempt_more),
		TEST_OF_STORE(only_a_dead_one_is_sent_again),
		TEST_OF_STORE(one_sent_again_takes_its_place_in_the_order),
		TEST_OF_STORE(what_is_done_in_one_account_is_done_there_alone),
		TEST_OF_STORE(queues_are_counted_by_type_over_all_accounts),
		TEST_OF_STORE(what_is_finished_goes_from_its_old_end_in_steps),
		TEST_OF_STORE(what_came_later_stays),
		TEST_OF_STORE(a_shared_notice_goes_with_the_last),
		TEST_OF_STORE(a_remote_message_goes_with_the_last_of_its_deployment),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
