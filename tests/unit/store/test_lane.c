/* The table notification_lane: who works on a channel. */
#include "store/lane.h"

#include "outbox.h"

#define ME TEXT("me")
#define YOU TEXT("you")
#define LANE TEXT("c1")

static enum rc claim(struct fresh_store *s, int64_t account, struct text owner, time_us now, time_us until, struct lane *ret)
{
	return lane_claim(s->db, s->arena, account, LANE, owner, now, until, ret);
}

static void one_owner_at_a_time(void **state)
{
	struct fresh_store *s = *state;
	struct lane lane = {.failures = 99};
	put_channel(s, ACCOUNT, "c1");
	put_channel(s, ACCOUNT, "c2");
	assert_ok(claim(s, ACCOUNT, ME, 100, 200, &lane));
	assert_int_equal(lane.account, ACCOUNT);
	assert_text(lane.channel_id, "c1");
	assert_int_equal(lane.not_before, TIME_NONE);
	assert_int_equal(lane.failures, 0);

	lane.failures = 99;
	assert_int_equal(claim(s, ACCOUNT, YOU, 150, 250, &lane), RC_NOT_FOUND);
	assert_int_equal(claim(s, ACCOUNT, YOU, 200, 250, &lane), RC_NOT_FOUND);
	assert_int_equal(lane.failures, 99); /* untouched */
	assert_ok(lane_claim(s->db, s->arena, ACCOUNT, TEXT("c2"), YOU, 150, 250, &lane));
	assert_ok(claim(s, ACCOUNT, ME, 150, 300, &lane)); /* one's own, again */
	assert_int_equal(claim(s, ACCOUNT, YOU, 299, 400, &lane), RC_NOT_FOUND);
	assert_ok(claim(s, ACCOUNT, YOU, 301, 400, &lane)); /* run out */
	assert_int_equal(claim(s, ACCOUNT, ME, 301, 400, &lane), RC_NOT_FOUND);
}

static void what_a_lane_knows_goes_to_the_next_owner(void **state)
{
	struct fresh_store *s = *state;
	struct lane lane;
	put_channel(s, ACCOUNT, "c1");
	assert_ok(claim(s, ACCOUNT, ME, 100, 200, &lane));
	assert_ok(lane_pause(s->db, ACCOUNT, LANE, ME, 5000, 3));
	assert_int_equal(lane_pause(s->db, ACCOUNT, LANE, YOU, 1, 0), RC_NOT_FOUND);
	assert_ok(lane_release(s->db, ACCOUNT, LANE, YOU)); /* not theirs: nothing */
	assert_int_equal(claim(s, ACCOUNT, YOU, 150, 250, &lane), RC_NOT_FOUND);
	assert_ok(lane_release(s->db, ACCOUNT, LANE, ME));
	assert_ok(claim(s, ACCOUNT, YOU, 150, 250, &lane));
	assert_int_equal(lane.not_before, 5000);
	assert_int_equal(lane.failures, 3);
	assert_ok(lane_pause(s->db, ACCOUNT, LANE, YOU, TIME_NONE, 0));
	assert_ok(claim(s, ACCOUNT, YOU, 160, 250, &lane));
	assert_int_equal(lane.not_before, TIME_NONE);
	assert_int_equal(lane.failures, 0);
}

static void only_the_owner_renews(void **state)
{
	struct fresh_store *s = *state;
	struct lane lane;
	put_channel(s, ACCOUNT, "c1");
	assert_int_equal(lane_renew(s->db, ACCOUNT, LANE, ME, 500), RC_NOT_FOUND);
	assert_ok(claim(s, ACCOUNT, ME, 100, 200, &lane));
	assert_ok(lane_renew(s->db, ACCOUNT, LANE, ME, 500));
	assert_int_equal(claim(s, ACCOUNT, YOU, 400, 600, &lane), RC_NOT_FOUND);
	assert_ok(claim(s, ACCOUNT, YOU, 501, 600, &lane));
	assert_int_equal(lane_renew(s->db, ACCOUNT, LANE, ME, 900), RC_NOT_FOUND);
	assert_ok(claim(s, ACCOUNT, ME, 601, 700, &lane));
}

static void an_owner_has_several_lanes(void **state)
{
	struct fresh_store *s = *state;
	struct lane lane;
	put_channel(s, ACCOUNT, "c1");
	put_channel(s, ACCOUNT, "c2");
	assert_ok(claim(s, ACCOUNT, ME, 100, 200, &lane));
	assert_ok(lane_claim(s->db, s->arena, ACCOUNT, TEXT("c2"), ME, 100, 200, &lane));
	assert_ok(lane_renew(s->db, ACCOUNT, TEXT("c2"), ME, 500));
	assert_ok(lane_pause(s->db, ACCOUNT, TEXT("c2"), ME, 5000, 3));
	assert_ok(claim(s, ACCOUNT, YOU, 201, 300, &lane)); /* this one was not renewed */
	assert_int_equal(lane.failures, 0); /* … nor paused */
	assert_ok(claim(s, ACCOUNT, ME, 301, 400, &lane));
	assert_ok(lane_release(s->db, ACCOUNT, LANE, ME));
	assert_int_equal(lane_claim(s->db, s->arena, ACCOUNT, TEXT("c2"), YOU, 301, 400, &lane), RC_NOT_FOUND); /* … nor released */
}

static void a_lane_is_made_once(void **state)
{
	struct fresh_store *s = *state;
	struct lane lane;
	assert_int_equal(claim(s, ACCOUNT, ME, 100, 200, &lane), RC_NOT_FOUND);
	assert_ok(lane_insert(s->db, ACCOUNT, LANE));
	assert_ok(claim(s, ACCOUNT, ME, 100, 200, &lane));
	assert_ok(lane_insert(s->db, ACCOUNT, LANE));
	assert_int_equal(claim(s, ACCOUNT, YOU, 150, 200, &lane), RC_NOT_FOUND); /* it was left as it is */
}

static void accounts_have_their_own(void **state)
{
	struct fresh_store *s = *state;
	struct lane lane;
	put_channel(s, ACCOUNT, "c1");
	put_channel(s, OTHER_ACCOUNT, "c1");
	assert_ok(claim(s, ACCOUNT, ME, 100, 200, &lane));
	assert_ok(lane_pause(s->db, ACCOUNT, LANE, ME, 5000, 3));
	assert_ok(claim(s, OTHER_ACCOUNT, YOU, 100, 200, &lane));
	assert_int_equal(lane.account, OTHER_ACCOUNT);
	assert_int_equal(lane.failures, 0);
	assert_int_equal(lane_renew(s->db, OTHER_ACCOUNT, LANE, ME, 500), RC_NOT_FOUND);
	assert_int_equal(lane_pause(s->db, OTHER_ACCOUNT, LANE, ME, 1, 1), RC_NOT_FOUND);
	assert_ok(lane_release(s->db, OTHER_ACCOUNT, LANE, ME));
	assert_ok(lane_release(s->db, OTHER_ACCOUNT, LANE, YOU));
	assert_ok(claim(s, OTHER_ACCOUNT, YOU, 100, 200, &lane));
	assert_ok(lane_release(s->db, ACCOUNT, LANE, YOU));
	assert_int_equal(claim(s, OTHER_ACCOUNT, ME, 150, 200, &lane), RC_NOT_FOUND);
}

/* ---- what waits ---- */

struct waiting {
	char text[400];
};

static void note_waiting(void *context, int64_t account, struct text channel_id, time_us due_at)
{
	struct waiting *w = context;
	size_t n = strlen(w->text);
	snprintf(
		w->text + n, sizeof w->text - n, "%s%d:%.*s+%d", n ? " " : "", (int)account, TEXT_ARGS(channel_id), (int)(due_at - NOW));
}

static void assert_waiting(struct fresh_store *s, const char *expected)
{
	struct waiting w = {""};
	assert_ok(lane_each_waiting(s->db, note_waiting, &w));
	assert_string_equal(w.text, expected);
}

static void the_sweep_finds_when_a_channel_is_due(void **state)
{
	struct fresh_store *s = *state;
	struct lane lane;
	put_channel(s, ACCOUNT, "c1");
	put_channel(s, ACCOUNT, "c2");
	put_channel(s, OTHER_ACCOUNT, "c1");
	assert_waiting(s, "");
	put(s, "c1", "s1", 1);
	put(s, "c1", "s2", 2);
	put(s, "c2", "s1", 3);
	put_of_event(s, OTHER_ACCOUNT, "c1", "s1", "e", 4, NOW + 7);
	assert_waiting(s, "1:c1+0 1:c2+0 2:c1+7");
	put_off(s, 1, NOW + 50);
	put_off(s, 2, NOW + 40);
	finish(s, 3, NOTIFICATION_DELIVERED);
	assert_waiting(s, "1:c1+40 2:c1+7");
	assert_ok(claim(s, ACCOUNT, ME, 1, 2, &lane));
	assert_ok(lane_pause(s->db, ACCOUNT, LANE, ME, NOW + 30, 1)); /* over before */
	assert_waiting(s, "1:c1+40 2:c1+7");
	assert_ok(lane_pause(s->db, ACCOUNT, LANE, ME, NOW + 60, 1));
	assert_waiting(s, "1:c1+60 2:c1+7");
}

/* Who is put off holds up those behind it, and the sweep must not find these due. */
static void the_sweep_finds_no_time_at_which_nothing_can_be_sent(void **state)
{
	struct fresh_store *s = *state;
	put_channel(s, ACCOUNT, "c1");
	put(s, "c1", "s1", 1);
	put(s, "c1", "s1", 2);
	put_off(s, 1, NOW + 50);
	put(s, "c1", "s1", 3);
	assert_waiting(s, "1:c1+50");
}

static void note_stopped(void *context, struct text channel_id, bool is_deleted)
{
	struct waiting *w = context;
	size_t n = strlen(w->text);
	snprintf(w->text + n, sizeof w->text - n, "%s%.*s%s", n ? " " : "", TEXT_ARGS(channel_id), is_deleted ? " deleted" : "");
}

static void assert_stopped(struct fresh_store *s, int64_t account, const char *expected)
{
	struct waiting w = {""};
	assert_ok(lane_each_stopped(s->db, s->arena, account, note_stopped, &w));
	assert_string_equal(w.text, expected);
}

static void channels_that_are_off_or_deleted_are_told_apart(void **state)
{
	struct fresh_store *s = *state;
	for (int i = 1; i <= 4; i++) {
		char id[] = {'c', (char)('0' + i), '\0'};
		put_channel(s, ACCOUNT, id);
		if (i < 4) put(s, id, "s1", i);
	}
	put_channel(s, OTHER_ACCOUNT, "c5");
	assert_stopped(s, ACCOUNT, "");
	store_script(s, "UPDATE notification_channel SET enabled = 0 WHERE id IN ('c2', 'c4', 'c5')");
	assert_ok(channel_hide(s->db, ACCOUNT, TEXT("c3"), 1));
	assert_waiting(s, "1:c1+0");
	assert_stopped(s, ACCOUNT, "c2 c3 deleted");
	assert_stopped(s, OTHER_ACCOUNT, "");
	finish(s, 3, NOTIFICATION_DEAD);
	assert_stopped(s, ACCOUNT, "c2");
}

static void note_owner(void *context, struct text owner)
{
	char *list = context;
	size_t n = strlen(list);
	snprintf(list + n, 128 - n, "%.*s ", TEXT_ARGS(owner));
}

/* What a dead process held is free at once, in every account, and nobody else's is. */
static void the_lanes_of_one_owner_are_released_together(void **state)
{
	struct fresh_store *s = *state;
	struct lane lane;
	char owners[128] = "";
	put_channel(s, ACCOUNT, "c1");
	put_channel(s, ACCOUNT, "c2");
	put_channel(s, OTHER_ACCOUNT, "c1");
	assert_ok(claim(s, ACCOUNT, ME, 100, 900, &lane));
	assert_ok(claim(s, OTHER_ACCOUNT, ME, 100, 900, &lane));
	assert_ok(lane_claim(s->db, s->arena, ACCOUNT, TEXT("c2"), YOU, 100, 900, &lane));
	assert_ok(lane_each_owner(s->db, s->arena, note_owner, owners));
	assert_true(strcmp(owners, "me you ") == 0 || strcmp(owners, "you me ") == 0);
	assert_ok(lane_release_all(s->db, ME));
	assert_ok(claim(s, ACCOUNT, TEXT("heir"), 101, 900, &lane));
	assert_ok(claim(s, OTHER_ACCOUNT, TEXT("heir"), 101, 900, &lane));
	assert_int_equal(lane_claim(s->db, s->arena, ACCOUNT, TEXT("c2"), TEXT("heir"), 101, 900, &lane), RC_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_STORE(one_owner_at_a_time),
		TEST_OF_STORE(what_a_lane_knows_goes_to_the_next_owner),
		TEST_OF_STORE(only_the_owner_renews),
		TEST_OF_STORE(an_owner_has_several_lanes),
		TEST_OF_STORE(the_lanes_of_one_owner_are_released_together),
		TEST_OF_STORE(a_lane_is_made_once),
		TEST_OF_STORE(accounts_have_their_own),
		TEST_OF_STORE(the_sweep_finds_when_a_channel_is_due),
		TEST_OF_STORE(the_sweep_finds_no_time_at_which_nothing_can_be_sent),
		TEST_OF_STORE(channels_that_are_off_or_deleted_are_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
