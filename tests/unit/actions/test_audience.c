/* The audience: who is told what, that every change counts from its commit, and that threads do not disturb each other. */
#include "channels_made.h"
#include "tester.h"

#include <pthread.h>
#include <stdatomic.h>

#include "actions/audience.h"
#include "base/log.h"
#include "base/uuid.h"

/* What was told, in one line: "name:3 name:1 " in the order of the channels' making. */
struct told {
	const struct channel *channels; /* … whose names stand for their ids */
	size_t count;
	char line[256];
	enum rc answer; /* of each() */
};

static enum rc note(void *context, struct text channel_id, enum interest interest)
{
	struct told *t = context;
	const char *name = "?";
	for (size_t i = 0; i < t->count; i++)
		if (text_equal(t->channels[i].id, channel_id)) name = t->channels[i].name.p;
	size_t n = strlen(t->line);
	snprintf(t->line + n, sizeof t->line - n, "%s:%d ", name, (int)interest);
	return t->answer;
}

static struct occasion happened(enum kind kind, enum state state)
{
	return (struct occasion){.kind = kind,
		.state = state,
		.product = TEXT("shop"),
		.environment = kind == KIND_DEPLOYMENT ? TEXT("prod-eu") : TEXT_ABSENT,
		.environment_type = kind == KIND_DEPLOYMENT ? ENV_PRODUCTION : ENV_TYPE_COUNT};
}

static void assert_told(struct fresh_store *s, struct audience *a, const struct channel *channels, size_t count,
	const struct occasion *o, const char *expected)
{
	struct told t = {.channels = channels, .count = count};
	int64_t revision = revision_of(s->db, s->arena, ACCOUNT);
	assert_ok(audience_of(a, s->db, ACCOUNT, revision, o, note, &t));
	assert_string_equal(t.line, expected);
}

/* … of a failed deployment, to one channel. */
static void assert_failure_told(struct fresh_store *s, struct audience *a, const struct channel *c, const char *expected)
{
	struct occasion o = happened(KIND_DEPLOYMENT, STATE_FAILED);
	assert_told(s, a, c, 1, &o, expected);
}

static bool any_wanted(struct fresh_store *s, struct audience *a)
{
	bool any = false;
	struct occasion o = happened(KIND_DEPLOYMENT, STATE_FAILED);
	assert_ok(audience_any(a, s->db, ACCOUNT, revision_of(s->db, s->arena, ACCOUNT), &o, &any));
	return any;
}

static void nobody_asked(void **state)
{
	struct fresh_store *s = *state;
	struct audience *a = audience_new();
	struct channel c = channel_made(s, "c");
	assert_false(any_wanted(s, a));
	assert_failure_told(s, a, &c, "");
	audience_free(a);
	audience_free(NULL);
}

static void each_change_counts_at_once(void **state)
{
	struct fresh_store *s = *state;
	struct audience *a = audience_new();
	struct err err;
	struct channel c = channel_made(s, "c");
	struct preference p = preference_made(s, &c, "deployment.failed", "{}");
	assert_true(any_wanted(s, a));
	assert_failure_told(s, a, &c, "c:3 ");

	p.enabled = false;
	assert_ok(preference_change(s->db, s->arena, TESTER, &p, 200, &err));
	assert_false(any_wanted(s, a));
	assert_failure_told(s, a, &c, "");
	p.enabled = true;
	p.event_type = TEXT("build.*");
	assert_ok(preference_change(s->db, s->arena, TESTER, &p, 200, &err));
	assert_false(any_wanted(s, a));
	assert_failure_told(s, a, &c, "");
	p.event_type = TEXT("*");
	assert_ok(preference_change(s->db, s->arena, TESTER, &p, 200, &err));
	assert_failure_told(s, a, &c, "c:3 ");

	c.enabled = false;
	assert_ok(channel_changed(s, ACCOUNT, &c, 200, &err));
	assert_false(any_wanted(s, a));
	c.enabled = true;
	assert_ok(channel_changed(s, ACCOUNT, &c, 200, &err));
	assert_failure_told(s, a, &c, "c:3 ");

	assert_ok(preference_remove(s->db, s->arena, TESTER, p.id, 300));
	assert_failure_told(s, a, &c, "");
	preference_made(s, &c, "*", "{}");
	assert_failure_told(s, a, &c, "c:3 ");
	assert_ok(channel_delete(s->db, s->arena, TESTER, c.id, 300));
	assert_false(any_wanted(s, a));
	assert_failure_told(s, a, &c, "");
	audience_free(a);
}

static void a_channel_is_told_once_with_its_greatest_interest(void **state)
{
	struct fresh_store *s = *state;
	struct audience *a = audience_new();
	struct channel c[] = {channel_made(s, "all"), channel_made(s, "both"), channel_made(s, "back"), channel_made(s, "none")};
	/* Not channel by channel */
	preference_made(s, &c[1], "deployment.recovered", "{}");
	preference_made(s, &c[0], "deployment.recovered", "{}");
	preference_made(s, &c[2], "deployment.rolled_back", "{}");
	preference_made(s, &c[0], "*", "{}");
	preference_made(s, &c[1], "deployment.rolled_back", "{}");
	preference_made(s, &c[3], "deployment.failed", "{}");
	preference_made(s, &c[0], "deployment.completed", "{}");
	preference_made(s, &c[2], "deployment.completed", "{\"environments\":[\"stage\"]}");

	struct occasion o = happened(KIND_DEPLOYMENT, STATE_COMPLETED);
	assert_told(s, a, c, COUNT_OF(c), &o, "all:3 ");
	o.transitions = TRANSITION_ROLLED_BACK;
	assert_told(s, a, c, COUNT_OF(c), &o, "all:3 both:1 back:1 ");
	o.transitions = TRANSITION_ROLLED_BACK | TRANSITION_RECOVERED;
	assert_told(s, a, c, COUNT_OF(c), &o, "all:3 both:2 back:1 ");
	o.environment = TEXT("stage");
	assert_told(s, a, c, COUNT_OF(c), &o, "all:3 both:2 back:3 ");
	o = happened(KIND_BUILD, STATE_FAILED);
	assert_told(s, a, c, COUNT_OF(c), &o, "all:3 ");
	audience_free(a);
}

static void filters_are_kept(void **state)
{
	struct fresh_store *s = *state;
	static const struct {
		const char *filters;
		bool deployment, build; /* that failed: told? */
	} rows[] = {
		{"{}", true, true},
		{"{\"environments\":[\"prod-eu\"]}", true, false},
		{"{\"environments\":[\"stage\",\"prod-*\"]}", true, false},
		{"{\"environments\":[\"stage\",\"prod\"]}", false, false},
		{"{\"products\":[\"shop\"]}", true, true},
		{"{\"products\":[\"Shop\",\"sho\"]}", false, false},
		{"{\"statuses\":[\"completed\"]}", false, false},
		{"{\"statuses\":[\"completed\",\"failed\"]}", true, true},
		{"{\"environment_types\":[\"production\"]}", true, false},
		{"{\"environment_types\":[\"dev\"]}", false, false},
		{"{\"environments\":[\"*\"],\"products\":[\"*\"],\"statuses\":[\"failed\"],\"environment_types\":[\"production\"]}", true,
			false},
		{"{\"environments\":[\"*\"],\"products\":[\"*\"],\"statuses\":[\"failed\"],\"environment_types\":[\"staging\"]}", false,
			false},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct audience *a = audience_new();
		struct channel c = channel_made(s, "c");
		struct occasion deployment = happened(KIND_DEPLOYMENT, STATE_FAILED), build = happened(KIND_BUILD, STATE_FAILED);
		preference_made(s, &c, "*", rows[i].filters);
		assert_told(s, a, &c, 1, &deployment, rows[i].deployment ? "c:3 " : "");
		assert_told(s, a, &c, 1, &build, rows[i].build ? "c:3 " : "");
		assert_ok(channel_delete(s->db, s->arena, TESTER, c.id, 200));
		audience_free(a);
	}
}

/* As no front door would store it. */
static void stored_badly(struct fresh_store *s, const struct channel *c, const char *event_type, const char *filters)
{
	struct preference p = {.id = uuid_text(s->arena),
		.channel_id = c->id,
		.event_type = text_from(event_type),
		.filters = text_from(filters),
		.enabled = true};
	assert_ok(preference_insert(s->db, ACCOUNT, &p));
	assert_ok(notification_revision_raise(s->db, ACCOUNT));
}

static void one_that_cannot_be_read_asks_for_nothing(void **state)
{
	struct fresh_store *s = *state;
	struct audience *a = audience_new();
	struct channel c[] = {channel_made(s, "bad"), channel_made(s, "good")};
	struct occasion o = happened(KIND_DEPLOYMENT, STATE_FAILED);
	log_setup(LOG_ERROR, LOG_LOGFMT);
	stored_badly(s, &c[0], "*", "{\"statuses\":[\"exploded\"]}");
	stored_badly(s, &c[0], "*", "{\"colours\":[\"red\"]}");
	stored_badly(s, &c[0], "*", "no JSON");
	stored_badly(s, &c[0], "deployment.exploded", "{}");
	assert_false(any_wanted(s, a));
	preference_made(s, &c[1], "*", "{}");
	assert_told(s, a, c, 2, &o, "good:3 ");
	audience_free(a);
}

static void the_same_revision_is_not_read_again(void **state)
{
	struct fresh_store *s = *state;
	struct audience *a = audience_new();
	struct channel c = channel_made(s, "c");
	preference_made(s, &c, "*", "{}");
	assert_failure_told(s, a, &c, "c:3 ");
	store_script(s, "DELETE FROM notification_preference");
	assert_failure_told(s, a, &c, "c:3 ");
	assert_true(any_wanted(s, a));
	assert_ok(notification_revision_raise(s->db, ACCOUNT));
	assert_failure_told(s, a, &c, "");
	store_script(s, "DROP TABLE notification_preference"); /* nothing is kept too */
	assert_failure_told(s, a, &c, "");
	assert_false(any_wanted(s, a));
	audience_free(a);
}

/* What was asked in a transaction that was rolled back is forgotten, and its number never stands for anything else. */
static void a_rollback_is_noticed(void **state)
{
	struct fresh_store *s = *state;
	struct audience *a = audience_new();
	struct channel c = channel_made(s, "c");
	for (int i = 0; i < 20; i++) {
		assert_failure_told(s, a, &c, "");
		assert_ok(db_begin(s->db));
		struct preference p = preference_made(s, &c, "*", "{}");
		int64_t seen = revision_of(s->db, s->arena, ACCOUNT);
		assert_failure_told(s, a, &c, "c:3 ");
		db_rollback(s->db);
		if (i % 2) assert_failure_told(s, a, &c, "");
		p = preference_made(s, &c, "build.*", "{}");
		assert_true(revision_of(s->db, s->arena, ACCOUNT) != seen);
		assert_failure_told(s, a, &c, "");
		assert_ok(preference_remove(s->db, s->arena, TESTER, p.id, 300));
	}
	audience_free(a);
}

static void a_part_that_is_undone_is_noticed(void **state)
{
	struct fresh_store *s = *state;
	struct audience *a = audience_new();
	struct channel c = channel_made(s, "c");
	assert_ok(db_begin(s->db));
	assert_ok(db_savepoint(s->db));
	preference_made(s, &c, "*", "{}");
	assert_failure_told(s, a, &c, "c:3 ");
	assert_ok(db_rollback_to(s->db));
	assert_failure_told(s, a, &c, "");
	assert_ok(db_commit(s->db));
	assert_failure_told(s, a, &c, "");
	audience_free(a);
}

static void accounts_are_apart(void **state)
{
	enum { FIRST = 2, LAST = 40 };
	struct fresh_store *s = *state;
	struct audience *a = audience_new();
	struct occasion o = happened(KIND_DEPLOYMENT, STATE_FAILED);
	struct err err;
	char slug[16];
	struct channel mine = channel_made(s, "mine");
	preference_made(s, &mine, "*", "{}");
	for (int64_t i = FIRST; i <= LAST; i++) { /* in no order: 2, 39, 4, 37 … */
		int64_t account = i % 2 ? LAST + FIRST - i : i;
		snprintf(slug, sizeof slug, "a%lld", (long long)account);
		assert_ok(account_insert(s->db, account, text_from(slug), text_from(slug), 1));
		struct channel c = {.name = TEXT("theirs"), .type = TEXT("webhook"), .config = TEXT("{}"), .enabled = true};
		assert_ok(channel_create(s->db, s->arena, TESTER_IN(account), &c, 1, &err));
		struct preference p = {.channel_id = c.id, .event_type = TEXT("*"), .filters = TEXT("{}"), .enabled = true};
		if (account % 3) assert_ok(preference_create(s->db, s->arena, TESTER_IN(account), &p, 1, &err));
		for (int again = 0; again < 2; again++) {
			struct told t = {.channels = &c, .count = 1};
			assert_ok(audience_of(a, s->db, account, revision_of(s->db, s->arena, account), &o, note, &t));
			assert_string_equal(t.line, account % 3 ? "theirs:3 " : "");
		}
		assert_told(s, a, &mine, 1, &o, "mine:3 ");
	}
	audience_free(a);
}

static void who_is_told_may_end_it(void **state)
{
	struct fresh_store *s = *state;
	struct audience *a = audience_new();
	struct channel c[] = {channel_made(s, "first"), channel_made(s, "second")};
	struct occasion o = happened(KIND_BUILD, STATE_FAILED);
	preference_made(s, &c[0], "*", "{}");
	preference_made(s, &c[1], "*", "{}");
	int64_t revision = revision_of(s->db, s->arena, ACCOUNT);
	struct told t = {.channels = c, .count = 2, .answer = RC_UNAVAILABLE};
	assert_int_equal(audience_of(a, s->db, ACCOUNT, revision, &o, note, &t), RC_UNAVAILABLE);
	assert_string_equal(t.line, "first:3 ");
	assert_told(s, a, c, 2, &o, "first:3 second:3 ");
	audience_free(a);
}

static void a_store_that_cannot_be_read_is_a_failure(void **state)
{
	struct fresh_store *s = *state;
	struct audience *a = audience_new();
	struct told t = {0};
	struct occasion o = happened(KIND_BUILD, STATE_FAILED);
	bool any = true;
	store_script(s, "DROP TABLE notification_preference");
	assert_int_not_equal(audience_any(a, s->db, ACCOUNT, 5, &o, &any), RC_OK);
	assert_true(any);
	assert_int_not_equal(audience_of(a, s->db, ACCOUNT, 5, &o, note, &t), RC_OK);
	assert_string_equal(t.line, "");
	audience_free(a);
}

/* A change in the midst of telling does not move what is told. */
struct changing {
	struct fresh_store *s;
	struct audience *audience;
	struct preference *preference;
	int calls;
};

static enum rc change_meanwhile(void *context, struct text channel_id, enum interest interest)
{
	struct changing *c = context;
	struct err err;
	(void)interest;
	if (c->calls++ == 0) {
		c->preference->enabled = false;
		assert_ok(preference_change(c->s->db, c->s->arena, TESTER, c->preference, 200, &err));
		assert_false(any_wanted(c->s, c->audience)); /* the new state has taken the old one's place */
	}
	assert_int_equal(channel_id.n, UUID_SIZE - 1);
	assert_true(uuid_valid(channel_id));
	return RC_OK;
}

static void what_is_told_stays_while_it_is_told(void **state)
{
	struct fresh_store *s = *state;
	struct audience *a = audience_new();
	struct channel c = channel_made(s, "c");
	struct preference p = preference_made(s, &c, "*", "{}");
	struct changing changing = {.s = s, .audience = a, .preference = &p};
	struct occasion o = happened(KIND_BUILD, STATE_FAILED);
	assert_ok(audience_of(a, s->db, ACCOUNT, revision_of(s->db, s->arena, ACCOUNT), &o, change_meanwhile, &changing));
	assert_int_equal(changing.calls, 1);
	assert_failure_told(s, a, &c, "");
	audience_free(a);
}

/* ---- threads ---- */

/* In every committed state exactly one of two channels is asked for, and it alone. */
struct asking {
	const char *path;
	struct audience *audience;
	_Atomic bool stop;
	_Atomic int asked, wrong;
};

static enum rc count_calls(void *context, struct text channel_id, enum interest interest)
{
	(void)channel_id;
	*(int *)context += interest == INTEREST_OWN_TYPE ? 1 : 100;
	return RC_OK;
}

static bool ask_once(struct asking *q, struct db *db, struct arena *arena)
{
	struct occasion o = happened(KIND_DEPLOYMENT, STATE_FAILED);
	struct place place = {0};
	int calls = 0;
	bool any = false;
	enum rc rc = db_begin(db);
	if (rc == RC_OK) rc = place_find(db, arena, ACCOUNT, TEXT("shop"), TEXT("1"), TEXT("prod"), &place);
	if (rc == RC_OK) rc = audience_any(q->audience, db, ACCOUNT, place.notification_revision, &o, &any);
	if (rc == RC_OK) rc = audience_of(q->audience, db, ACCOUNT, place.notification_revision, &o, count_calls, &calls);
	db_rollback(db);
	arena_reset(arena);
	return rc == RC_OK && any && calls == 1;
}

static void *ask(void *context)
{
	struct asking *q = context;
	struct db *db = NULL;
	struct err err;
	struct arena *arena = arena_new(KIB(16), MIB(16));
	if (db_open(q->path, DB_READ, &db, &err) != RC_OK) {
		q->wrong++;
		q->asked += 1000;
	}
	while (db && !q->stop) {
		if (!ask_once(q, db, arena)) q->wrong++;
		q->asked++;
	}
	db_close(db);
	arena_free(arena);
	return NULL;
}

static void threads_see_one_state_each(void **state)
{
	enum { THREADS = 4, ROUNDS = 60, LEAST_ASKED = 200 };
	struct fresh_store *s = *state;
	struct asking q = {.path = s->path, .audience = audience_new()};
	struct channel c[] = {channel_made(s, "a"), channel_made(s, "b")};
	struct err err;
	assert_ok(db_begin(s->db));
	struct preference p[] = {preference_made(s, &c[0], "*", "{}"), preference_made(s, &c[1], "*", "{\"products\":[\"other\"]}")};
	assert_ok(db_commit(s->db));
	pthread_t threads[THREADS];
	for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&threads[i], NULL, ask, &q), 0);
	for (int round = 0; round < ROUNDS || q.asked < LEAST_ASKED; round++) {
		struct text filters = p[0].filters;
		p[0].filters = p[1].filters;
		p[1].filters = filters;
		assert_ok(db_begin(s->db));
		assert_ok(preference_change(s->db, s->arena, TESTER, &p[0], 200, &err));
		assert_ok(preference_change(s->db, s->arena, TESTER, &p[1], 200, &err));
		assert_ok(db_commit(s->db));
	}
	q.stop = true;
	for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
	assert_int_equal(q.wrong, 0);
	audience_free(q.audience);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_STORE(nobody_asked),
		TEST_OF_STORE(each_change_counts_at_once),
		TEST_OF_STORE(a_channel_is_told_once_with_its_greatest_interest),
		TEST_OF_STORE(filters_are_kept),
		TEST_OF_STORE(one_that_cannot_be_read_asks_for_nothing),
		TEST_OF_STORE(the_same_revision_is_not_read_again),
		TEST_OF_STORE(a_rollback_is_noticed),
		TEST_OF_STORE(a_part_that_is_undone_is_noticed),
		TEST_OF_STORE(accounts_are_apart),
		TEST_OF_STORE(who_is_told_may_end_it),
		TEST_OF_STORE(a_store_that_cannot_be_read_is_a_failure),
		TEST_OF_STORE(what_is_told_stays_while_it_is_told),
		TEST_OF_STORE(threads_see_one_state_each),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
