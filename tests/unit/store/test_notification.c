/* The outbox on a real store: what is due, what may be told in a digest, and what becomes of it. */
#include "outbox.h"
#include "store/lane.h"
#include "store/signal.h"

static void assert_foldable(struct fresh_store *s, bool without_message, int64_t most, const char *expected)
{
	struct names names = {""};
	assert_ok(notification_each_foldable(s->db, s->arena, ACCOUNT, C1, NOW, without_message, most, name_due, &names));
	assert_string_equal(names.text, expected);
}

/* TIME_NONE: nothing waits. */
static time_us next_due(struct fresh_store *s)
{
	time_us next = TIME_NONE;
	enum rc rc = notification_next_due(s->db, ACCOUNT, C1, &next);
	assert_int_equal(rc, next == TIME_NONE ? RC_NOT_FOUND : RC_OK);
	return next;
}

/* ---- rows ---- */

static void a_new_one_waits_and_is_due(void **state)
{
	struct fresh_store *s = *state;
	put(s, "c1", "s1", 7);
	struct notification n = get(s, 7);
	assert_true(text_equal(n.id, id_of(s, 7)));
	assert_text(n.channel_id, "c1");
	assert_text(n.event_id, "event-7");
	assert_text(n.event_type, "deployment.failed");
	assert_text(n.subject_id, "s1");
	assert_int_equal(n.state, NOTIFICATION_WAITING);
	assert_int_equal(n.attempts, 0);
	assert_int_equal(n.created_at, NOW);
	assert_int_equal(n.waiting_since, NOW);
	assert_int_equal(n.due_at, NOW);
	assert_int_equal(n.attempted_at, TIME_NONE);
	assert_int_equal(n.duration, 0);
	assert_int_equal(n.finished_at, TIME_NONE);
	assert_int_equal(n.answer_status, 0);
	assert_null(n.answer.p);
	assert_null(n.folded_into.p);
}

struct one_due {
	struct due_notification d;
	int count;
};

static void keep_due(void *context, const struct due_notification *d)
{
	struct one_due *one = context;
	one->d = *d;
	one->count++;
}

static void what_is_due_comes_with_notice_and_message(void **state)
{
	struct fresh_store *s = *state;
	struct one_due one = {.count = 0}, folded = {.count = 0};
	put(s, "c1", "s1", 1);
	assert_ok(remote_message_put(s->db, ACCOUNT, C1, TEXT("s1"), TEXT("C042"), TEXT("1.1"), NOW));
	assert_ok(remote_message_put(s->db, ACCOUNT, C1, TEXT("s1"), TEXT("C043"), TEXT("17.25'\xe2\x82\xac"), NOW + 1));
	assert_ok(notification_each_due(s->db, s->arena, ACCOUNT, C1, NOW, 10, keep_due, &one));
	assert_int_equal(one.count, 1);
	assert_true(text_equal(one.d.n.id, id_of(s, 1)));
	assert_text(one.d.n.subject_id, "s1");
	assert_text(one.d.notice, "{\"n\":1}");
	assert_text(one.d.extra_metadata, "{\"extra\":1}");
	assert_text(one.d.remote_channel, "C043");
	assert_text(one.d.remote_id, "17.25'\xe2\x82\xac");
	assert_ok(notification_each_foldable(s->db, s->arena, ACCOUNT, C1, NOW, false, 10, keep_due, &folded));
	assert_text(folded.d.notice, "{\"n\":1}");
	assert_null(folded.d.extra_metadata.p);
	assert_text(folded.d.remote_id, "17.25'\xe2\x82\xac");
}

/* Neither a notice that is gone nor a message that never was keeps it from being sent. */
static void what_is_joined_may_be_absent(void **state)
{
	struct fresh_store *s = *state;
	struct one_due one = {.count = 0};
	put_of_event(s, ACCOUNT, "c1", "s1", "no notice", 1, NOW);
	assert_ok(remote_message_put(s->db, ACCOUNT, TEXT("c2"), TEXT("s1"), TEXT("C"), TEXT("1"), NOW));
	assert_ok(remote_message_put(s->db, ACCOUNT, C1, TEXT("s2"), TEXT("C"), TEXT("1"), NOW));
	assert_ok(remote_message_put(s->db, OTHER_ACCOUNT, C1, TEXT("s1"), TEXT("C"), TEXT("1"), NOW));
	assert_ok(notification_each_due(s->db, s->arena, ACCOUNT, C1, NOW, 10, keep_due, &one));
	assert_int_equal(one.count, 1);
	assert_null(one.d.notice.p);
	assert_null(one.d.extra_metadata.p);
	assert_null(one.d.remote_channel.p);
	assert_null(one.d.remote_id.p);
}

static void an_unknown_state_is_shown_as_dead_and_never_sent(void **state)
{
	struct fresh_store *s = *state;
	put(s, "c1", "s1", 1);
	store_script(s, "UPDATE notification SET state = 'teleported'");
	assert_int_equal(get(s, 1).state, NOTIFICATION_DEAD);
	assert_due(s, NOW, 10, "");
}

static void state_words(void **state)
{
	(void)state;
	enum notification_state got;
	for (enum notification_state i = 0; i < NOTIFICATION_STATE_COUNT; i++) {
		assert_true(notification_state_from_name(text_from(notification_state_name(i)), &got));
		assert_int_equal(got, i);
	}
	assert_false(notification_state_from_name(TEXT("Dead"), &got));
	assert_false(notification_state_from_name(TEXT(""), &got));
	assert_false(notification_state_from_name(TEXT_ABSENT, &got));
}

/* ---- order ---- */

static void only_the_oldest_of_a_deployment_is_due(void **state)
{
	struct fresh_store *s = *state;
	put(s, "c1", "s1", 1);
	put(s, "c1", "s1", 2);
	put(s, "c1", "s2", 3);
	put(s, "c2", "s3", 4);
	put(s, "c1", "s3", 5); /* one on another channel does not hold it up */
	assert_due(s, NOW, 10, "1 3 5");
	assert_due(s, NOW, 2, "1 3");
	assert_due(s, NOW - 1, 10, "");
	finish(s, 1, NOTIFICATION_DELIVERED);
	assert_due(s, NOW, 10, "2 3 5");
	finish(s, 2, NOTIFICATION_DEAD);
	assert_due(s, NOW, 10, "3 5");
	assert_ok(notification_fold(s->db, ACCOUNT, id_of(s, 3), id_of(s, 5), NOW));
	assert_due(s, NOW, 10, "5");
}

static void what_was_put_off_holds_up_its_deployment_alone(void **state)
{
	struct fresh_store *s = *state;
	put(s, "c1", "s1", 1);
	put(s, "c1", "s1", 2);
	put(s, "c1", "s2", 3);
	put_off(s, 1, NOW + 50);
	put(s, "c1", "s1", 4); /* comes while it waits */
	assert_due(s, NOW, 10, "3");
	assert_due(s, NOW + 49, 10, "3");
	assert_due(s, NOW + 50, 10, "3 1"); /* by the time at which they are due */
	finish(s, 1, NOTIFICATION_DELIVERED);
	assert_due(s, NOW + 50, 10, "3 2");
	finish(s, 2, NOTIFICATION_DELIVERED);
	assert_due(s, NOW + 50, 10, "3 4");
}

static void putting_off_never_makes_one_behind_due_earlier(void **state)
{
	struct fresh_store *s = *state;
	put(s, "c1", "s1", 1);
	put(s, "c1", "s1", 2);
	put_off(s, 2, NOW + 90);
	assert_int_equal(get(s, 1).due_at, NOW);
	put_off(s, 1, NOW + 50);
	assert_int_equal(get(s, 1).due_at, NOW + 50);
	assert_int_equal(get(s, 2).due_at, NOW + 90);
	assert_int_equal(get(s, 2).attempts, 1);
}

static void what_is_finished_holds_up_nothing(void **state)
{
	struct fresh_store *s = *state;
	put(s, "c1", "s1", 1);
	put_off(s, 1, NOW + 50);
	finish(s, 1, NOTIFICATION_DELIVERED);
	put(s, "c1", "s1", 2);
	assert_due(s, NOW, 10, "2");
}

static void the_next_due_time_is_one_at_which_something_can_be_sent(void **state)
{
	struct fresh_store *s = *state;
	assert_int_equal(next_due(s), TIME_NONE);
	put(s, "c1", "s1", 1);
	put(s, "c1", "s1", 2);
	put(s, "c2", "s1", 3);
	assert_int_equal(next_due(s), NOW);
	put_off(s, 1, NOW + 50);
	put(s, "c1", "s1", 4);
	assert_int_equal(next_due(s), NOW + 50);
	assert_due(s, NOW + 50, 10, "1");
	put_of_event(s, ACCOUNT, "c1", "s2", "e", 5, NOW + 20);
	assert_int_equal(next_due(s), NOW + 20);
	finish(s, 1, NOTIFICATION_DEAD);
	finish(s, 2, NOTIFICATION_DELIVERED);
	finish(s, 4, NOTIFICATION_DELIVERED);
	assert_int_equal(next_due(s), NOW + 20);
	struct attempt_outcome o = outcome(NOW, 200, "ok");
	assert_ok(notification_finish(s->db, ACCOUNT, id_at(s, NOW + 20, 5), NOTIFICATION_DELIVERED, &o));
	assert_int_equal(next_due(s), TIME_NONE);
}

static void due_ones_are_counted_up_to_a_limit(void **state)
{
	struct fresh_store *s = *state;
	assert_int_equal(count_due(s, 10), 0);
	for (int i = 1; i <= 5; i++) put(s, "c1", i < 4 ? "s1" : "s2", i);
	put(s, "c2", "s1", 6);
	assert_int_equal(count_due(s, 10), 5);
	assert_int_equal(count_due(s, 5), 5);
	assert_int_equal(count_due(s, 3), 3);
	put_off(s, 1, NOW + 1); /* with the two behind it */
	assert_int_equal(count_due(s, 10), 2);
	finish(s, 4, NOTIFICATION_DEAD);
	assert_int_equal(count_due(s, 10), 1);
}

static void a_digest_tells_whole_deployments(void **state)
{
	struct fresh_store *s = *state;
	put(s, "c1", "s1", 1);
	put(s, "c1", "s2", 2);
	put(s, "c1", "s1", 3);
	put(s, "c1", "s3", 4);
	put(s, "c1", "s3", 5);
	put(s, "c2", "s4", 6);
	put(s, "c1", "s5", 7);
	put_off(s, 5, NOW + 50); /* of s3, one is later: none of it is told */
	finish(s, 7, NOTIFICATION_DELIVERED);
	assert_foldable(s, false, 10, "1 2 3");
	assert_foldable(s, false, 2, "1 2");
	assert_ok(remote_message_put(s->db, ACCOUNT, C1, TEXT("s1"), TEXT("C"), TEXT("1"), NOW));
	assert_ok(remote_message_put(s->db, ACCOUNT, TEXT("c2"), TEXT("s2"), TEXT("C"), TEXT("1"), NOW));
	assert_foldable(s, false, 10, "1 2 3");
	assert_foldable(s, true, 10, "2");
	put_off(s, 1, NOW + 50);
	assert_foldable(s, false, 10, "2");
}

/* ---- what becomes of one ---- */

static void the_last_attempt_stands_in_the_row(void **state)
{
	struct fresh_store *s = *state;
	struct attempt_outcome o = {.at = NOW + 9, .duration = 300, .status = 0, .answer = TEXT("no route \xe2\x82\xac '")};
	put(s, "c1", "s1", 1);
	assert_ok(notification_put_off(s->db, ACCOUNT, id_of(s, 1), NOW + 50, &o));
	struct notification n = get(s, 1);
	assert_int_equal(n.state, NOTIFICATION_WAITING);
	assert_int_equal(n.attempts, 1);
	assert_int_equal(n.due_at, NOW + 50);
	assert_int_equal(n.waiting_since, NOW);
	assert_int_equal(n.attempted_at, NOW + 9);
	assert_int_equal(n.duration, 300);
	assert_int_equal(n.answer_status, 0);
	assert_text(n.answer, "no route \xe2\x82\xac '");
	assert_int_equal(n.finished_at, TIME_NONE);

	o = (struct attempt_outcome){.at = NOW + 60, .duration = 40, .status = 204};
	assert_ok(notification_finish(s->db, ACCOUNT, id_of(s, 1), NOTIFICATION_DELIVERED, &o));
	n = get(s, 1);
	assert_int_equal(n.state, NOTIFICATION_DELIVERED);
	assert_int_equal(n.attempts, 2);
	assert_int_equal(n.attempted_at, NOW + 60);
	assert_int_equal(n.duration, 40);
	assert_int_equal(n.answer_status, 204);
	assert_null(n.answer.p);
	assert_int_equal(n.finished_at, NOW + 100);
}

static void a_folded_one_says_what_carried_it(void **state)
{
	struct fresh_store *s = *state;
	put(s, "c1", "s1", 1);
	put(s, "c1", "s2", 2);
	assert_ok(notification_fold(s->db, ACCOUNT, id_of(s, 2), id_of(s, 1), NOW + 5));
	struct notification n = get(s, 2);
	assert_int_equal(n.state, NOTIFICATION_FOLDED);
	assert_true(text_equal(n.folded_into, id_of(s, 1)));
	assert_int_equal(n.finished_at, NOW + 5);
	assert_int_equal(n.attempts, 0);
	assert_int_equal(get(s, 1).state, NOTIFICATION_WAITING);
}

static void what_does_not_wait_stays_as_it_is(void **state)
{
	struct fresh_store *s = *state;
	struct attempt_outcome o = outcome(NOW + 100, 500, "late");
	put(s, "c1", "s1", 1);
	put(s, "c1", "s1", 2);
	finish(s, 1, NOTIFICATION_DELIVERED);
	assert_ok(notification_finish(s->db, ACCOUNT, id_of(s, 1), NOTIFICATION_DEAD, &o));
	assert_ok(notification_put_off(s->db, ACCOUNT, id_of(s, 1), NOW + 50, &o));
	assert_ok(notification_fold(s->db, ACCOUNT, id_of(s, 1), id_of(s, 2), NOW));
	struct notification n = get(s, 1);
	assert_int_equal(n.state, NOTIFICATION_DELIVERED);
	assert_int_equal(n.attempts, 1);
	assert_text(n.answer, "ok");
	assert_null(n.folded_into.p);
	assert_int_equal(get(s, 2).due_at, NOW); /* and holds up nobody */
}

static int64_t give_up(struct fresh_store *s, int64_t account, time_us due_before, int64_t most)
{
	int64_t count = -1;
	assert_ok(notification_kill_waiting(s->db, account, C1, due_before, TEXT("gone"), NOW + 5, most, &count));
	return count;
}

static void what_waits_is_given_up_in_steps(void **state)
{
	struct fresh_store *s = *state;
	for (int i = 1; i <= 5; i++) put(s, "c1", "s1", i);
	put(s, "c2", "s1", 6);
	finish(s, 1, NOTIFICATION_DELIVERED);
	put_off(s, 2, NOW + 50);
	assert_int_equal(give_up(s, ACCOUNT, TIME_NONE, 3), 3);
	assert_int_equal(give_up(s, ACCOUNT, TIME_NONE, 3), 1);
	assert_int_equal(give_up(s, ACCOUNT, TIME_NONE, 3), 0);
	struct notification n = get(s, 2);
	assert_int_equal(n.state, NOTIFICATION_DEAD);
	assert_text(n.answer, "gone");
	assert_int_equal(n.answer_status, 0);
	assert_int_equal(n.finished_at, NOW + 5);
	assert_int_equal(n.attempts, 1); /* it was no attempt */
	assert_int_equal(get(s, 1).state, NOTIFICATION_DELIVERED);
	assert_int_equal(get(s, 6).state, NOTIFICATION_WAITING);
}

static void those_due_later_are_not_given_up(void **state)
{
	struct fresh_store *s = *state;
	put(s, "c1", "s1", 1);
	put(s, "c1", "s2", 2);
	put_off(s, 2, NOW + 50);
	assert_int_equal(give_up(s, ACCOUNT, NOW, 10), 0);
	assert_int_equal(give_up(s, ACCOUNT, NOW + 50, 10), 1);
	assert_int_equal(get(s, 2).state, NOTIFICATION_WAITING);
}

static void another_account_neither_sees_nor_changes_it(void **state)
{
	struct fresh_store *s = *state;
	struct names names = {""};
	struct attempt_outcome o = outcome(NOW, 200, "theirs");
	struct notification n;
	int64_t count = -1;
	time_us next = 0;
	put(s, "c1", "s1", 1);
	assert_ok(notification_each_due(s->db, s->arena, OTHER_ACCOUNT, C1, NOW, 10, name_due, &names));
	assert_ok(notification_each_foldable(s->db, s->arena, OTHER_ACCOUNT, C1, NOW, false, 10, name_due, &names));
	assert_string_equal(names.text, "");
	assert_int_equal(notification_next_due(s->db, OTHER_ACCOUNT, C1, &next), RC_NOT_FOUND);
	assert_ok(notification_count_due(s->db, OTHER_ACCOUNT, C1, NOW, 10, &count));
	assert_int_equal(count, 0);
	assert_int_equal(notification_get(s->db, s->arena, OTHER_ACCOUNT, id_of(s, 1), &n), RC_NOT_FOUND);
	assert_ok(notification_put_off(s->db, OTHER_ACCOUNT, id_of(s, 1), NOW + 50, &o));
	assert_ok(notification_fold(s->db, OTHER_ACCOUNT, id_of(s, 1), id_of(s, 1), NOW));
	assert_ok(notification_finish(s->db, OTHER_ACCOUNT, id_of(s, 1), NOTIFICATION_DEAD, &o));
	assert_int_equal(give_up(s, OTHER_ACCOUNT, TIME_NONE, 10), 0);
	assert_int_equal(notification_revive(s->db, OTHER_ACCOUNT, id_of(s, 1), NOW), RC_NOT_FOUND);
	n = get(s, 1);
	assert_int_equal(n.state, NOTIFICATION_WAITING);
	assert_int_equal(n.attempts, 0);
	assert_int_equal(n.due_at, NOW);

	/* The same ids in both, and what one has waiting holds up nothing of the other's. */
	put_of_event(s, OTHER_ACCOUNT, "c1", "s1", "event-1", 0, NOW);
	put_of_event(s, OTHER_ACCOUNT, "c1", "s1", "event-1", 1, NOW);
	put_off(s, 1, NOW + 50);
	assert_ok(notification_next_due(s->db, OTHER_ACCOUNT, C1, &next));
	assert_int_equal(next, NOW);
	assert_due(s, NOW + 50, 10, "1");
}

/* ---- signals ---- */

static void note_signal(void *context, const char *topic, struct text payload)
{
	char *out = context;
	snprintf(out, 100, "%s: %.*s", topic, TEXT_ARGS(payload));
}

static void a_signal_names_account_and_channel(void **state)
{
	struct fresh_store *s = *state;
	char told[100] = "";
	db_listen(s->db, note_signal, told);
	assert_ok(db_begin(s->db));
	outbox_signal(s->db, INT64_MIN, id_of(s, 7));
	assert_ok(db_commit(s->db));
	assert_string_equal(told, "outbox: -9223372036854775808 018bcfe5-6800-7000-8000-000000000007");
	db_listen(s->db, NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_STORE(a_new_one_waits_and_is_due),
		TEST_OF_STORE(what_is_due_comes_with_notice_and_message),
		TEST_OF_STORE(what_is_joined_may_be_absent),
		TEST_OF_STORE(an_unknown_state_is_shown_as_dead_and_never_sent),
		cmocka_unit_test(state_words),
		TEST_OF_STORE(only_the_oldest_of_a_deployment_is_due),
		TEST_OF_STORE(what_was_put_off_holds_up_its_deployment_alone),
		TEST_OF_STORE(putting_off_never_makes_one_behind_due_earlier),
		TEST_OF_STORE(what_is_finished_holds_up_nothing),
		TEST_OF_STORE(the_next_due_time_is_one_at_which_something_can_be_sent),
		TEST_OF_STORE(due_ones_are_counted_up_to_a_limit),
		TEST_OF_STORE(a_digest_tells_whole_deployments),
		TEST_OF_STORE(the_last_attempt_stands_in_the_row),
		TEST_OF_STORE(a_folded_one_says_what_carried_it),
		TEST_OF_STORE(what_does_not_wait_stays_as_it_is),
		TEST_OF_STORE(what_waits_is_given_up_in_steps),
		TEST_OF_STORE(those_due_later_are_not_given_up),
		TEST_OF_STORE(another_account_neither_sees_nor_changes_it),
		TEST_OF_STORE(a_signal_names_account_and_channel),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
