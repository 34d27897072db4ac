/* Recording events into a real store: each row of the lifecycle's table and each sentence about it, by what is stored afterwards in the
 * tables of deployments, events and the matrix; what an event creates; commit hashes. What is current: test_current_version.c. */
#include "sender.h"

#define NO TIME_NONE
#define PENDING .state = STATE_PENDING
#define STARTED .state = STATE_STARTED
#define COMPLETED .state = STATE_COMPLETED
#define FAILED .state = STATE_FAILED
#define ABORTED .state = STATE_ABORTED

/* ---- how an event finds its deployment ---- */

enum { STEPS = 5 };

/* Events one after the other (each received a second after the one before), what each of them did and to which attempt, numbered in
 * the order of their making; then the state and times of the last event's attempt. */
struct story {
	const char *name;
	struct {
		struct sent event;
		enum verdict verdict;
		int attempt;
	} steps[STEPS];
	struct attempt end; /* attempted_at and received_at are looked at where they are not 0 */
};

#define RECEIVED_AT(step) (RECEIVED + (step)*1000000)

static const struct story STORIES[] = {
	{"any state, none: pending", {{{PENDING, .run = "r"}, VERDICT_NEW, 0}},
		{STATE_PENDING, RECEIVED, NO, NO, RECEIVED, RECEIVED}},
	{"any state, none: started", {{{STARTED, .run = "r"}, VERDICT_NEW, 0}},
		{STATE_STARTED, NO, RECEIVED, NO, RECEIVED, RECEIVED}},
	{"any state, none: completed", {{{COMPLETED, .run = "r"}, VERDICT_NEW, 0}},
		{STATE_COMPLETED, NO, NO, RECEIVED, RECEIVED, RECEIVED}},
	{"any state, none: failed", {{{FAILED}, VERDICT_NEW, 0}}, {STATE_FAILED, NO, NO, RECEIVED, RECEIVED, RECEIVED}},
	{"any state, none: aborted", {{{ABORTED}, VERDICT_NEW, 0}}, {STATE_ABORTED, NO, NO, RECEIVED, RECEIVED, RECEIVED}},
	{"any state, none: another run key is another deployment",
		{{{COMPLETED, .run = "r"}, VERDICT_NEW, 0}, {{COMPLETED, .run = "q"}, VERDICT_NEW, 1}},
		{STATE_COMPLETED, NO, NO, RECEIVED_AT(1), RECEIVED_AT(1), RECEIVED_AT(1)}},
	{"any state, none: another environment",
		{{{STARTED, .run = "r"}, VERDICT_NEW, 0}, {{STARTED, .run = "r", .environment = "qa"}, VERDICT_NEW, 1}},
		{STATE_STARTED, NO, RECEIVED_AT(1), NO, 0, 0}},
	{"any state, none: another version",
		{{{STARTED, .run = "r"}, VERDICT_NEW, 0}, {{COMPLETED, .run = "r", .version = "2"}, VERDICT_NEW, 1}},
		{STATE_COMPLETED, NO, NO, RECEIVED_AT(1), 0, 0}},
	{"any state, none: another product",
		{{{STARTED, .run = "r"}, VERDICT_NEW, 0}, {{STARTED, .run = "r", .product = "other"}, VERDICT_NEW, 1}},
		{STATE_STARTED, NO, RECEIVED_AT(1), NO, 0, 0}},
	{"any state, none: names are compared byte for byte",
		{{{STARTED, .run = "r"}, VERDICT_NEW, 0}, {{STARTED, .run = "r", .environment = "Prod"}, VERDICT_NEW, 1}},
		{STATE_STARTED, NO, RECEIVED_AT(1), NO, 0, 0}},

	{"open, final, occurred_at not later than its end: recorded, fills the start",
		{{{COMPLETED, .run = "r", .completed = 500}, VERDICT_NEW, 0}, {{STARTED, .run = "r", .occurred = 500}, VERDICT_LATE, 0}},
		{STATE_COMPLETED, NO, 500, 500, 500, RECEIVED}},
	{"open, final, started_at not later than its end: recorded, fills pending_at",
		{{{FAILED, .run = "r", .completed = 500}, VERDICT_NEW, 0}, {{PENDING, .run = "r", .started = 400}, VERDICT_LATE, 0}},
		{STATE_FAILED, 400, NO, 500, 500, RECEIVED}},
	{"open, final, late: a start that is there stays",
		{{{ABORTED, .run = "r", .started = 300, .completed = 500}, VERDICT_NEW, 0},
			{{STARTED, .run = "r", .occurred = 200}, VERDICT_LATE, 0}},
		{STATE_ABORTED, NO, 300, 500, 500, RECEIVED}},
	{"open, final, late: without a run key too",
		{{{COMPLETED, .completed = 500}, VERDICT_NEW, 0}, {{STARTED, .started = 100}, VERDICT_LATE, 0}},
		{STATE_COMPLETED, NO, 100, 500, 500, RECEIVED}},

	{"open, final: a new attempt",
		{{{COMPLETED, .run = "r", .completed = 500}, VERDICT_NEW, 0}, {{STARTED, .run = "r"}, VERDICT_NEW, 1}},
		{STATE_STARTED, NO, RECEIVED_AT(1), NO, RECEIVED_AT(1), RECEIVED_AT(1)}},
	{"open, final: a microsecond after the end is a new attempt",
		{{{COMPLETED, .run = "r", .completed = 500}, VERDICT_NEW, 0}, {{STARTED, .run = "r", .occurred = 501}, VERDICT_NEW, 1}},
		{STATE_STARTED, NO, 501, NO, 501, RECEIVED_AT(1)}},
	{"open, final: the new attempt is the newest from then on",
		{{{FAILED, .run = "r"}, VERDICT_NEW, 0}, {{STARTED, .run = "r"}, VERDICT_NEW, 1},
			{{COMPLETED, .run = "r"}, VERDICT_ADVANCE, 1}, {{COMPLETED, .run = "r"}, VERDICT_DUPLICATE, 1}},
		{STATE_COMPLETED, NO, RECEIVED_AT(1), RECEIVED_AT(2), RECEIVED_AT(1), RECEIVED_AT(1)}},

	{"final, final, same state: a duplicate",
		{{{COMPLETED, .run = "r", .completed = 500}, VERDICT_NEW, 0},
			{{COMPLETED, .run = "r", .completed = 900}, VERDICT_DUPLICATE, 0}},
		{STATE_COMPLETED, NO, NO, 500, 500, RECEIVED}},
	{"final, final, other state: a correction",
		{{{COMPLETED, .run = "r", .completed = 500}, VERDICT_NEW, 0},
			{{FAILED, .run = "r", .completed = 600}, VERDICT_CORRECTION, 0}, {{ABORTED, .run = "r"}, VERDICT_CORRECTION, 0}},
		{STATE_ABORTED, NO, NO, RECEIVED_AT(2), 500, RECEIVED}},

	{"without a run key a final event that finds nothing open is a new deployment",
		{{{COMPLETED}, VERDICT_NEW, 0}, {{COMPLETED}, VERDICT_NEW, 1}, {{FAILED}, VERDICT_NEW, 2}},
		{STATE_FAILED, NO, NO, RECEIVED_AT(2), RECEIVED_AT(2), RECEIVED_AT(2)}},
	{"a run key absent from the event belongs to what is open",
		{{{STARTED, .run = "r"}, VERDICT_NEW, 0}, {{COMPLETED}, VERDICT_ADVANCE, 0}},
		{STATE_COMPLETED, NO, RECEIVED, RECEIVED_AT(1), RECEIVED, RECEIVED}},
	{"a run key absent from the deployment belongs to it",
		{{{STARTED}, VERDICT_NEW, 0}, {{COMPLETED, .run = "r"}, VERDICT_ADVANCE, 0}},
		{STATE_COMPLETED, NO, RECEIVED, RECEIVED_AT(1), RECEIVED, RECEIVED}},
	{"the deployment takes the run key that comes later",
		{{{STARTED}, VERDICT_NEW, 0}, {{COMPLETED, .run = "r"}, VERDICT_ADVANCE, 0},
			{{COMPLETED, .run = "r"}, VERDICT_DUPLICATE, 0}, {{COMPLETED, .run = "q"}, VERDICT_NEW, 1}},
		{STATE_COMPLETED, NO, NO, RECEIVED_AT(3), RECEIVED_AT(3), RECEIVED_AT(3)}},
	{"another run key does not end what is open",
		{{{STARTED, .run = "r"}, VERDICT_NEW, 0}, {{COMPLETED, .run = "q"}, VERDICT_NEW, 1}},
		{STATE_COMPLETED, NO, NO, RECEIVED_AT(1), RECEIVED_AT(1), RECEIVED_AT(1)}},
	{"the newest open one of several",
		{{{STARTED, .run = "r"}, VERDICT_NEW, 0}, {{STARTED, .run = "q"}, VERDICT_NEW, 1}, {{FAILED}, VERDICT_ADVANCE, 1},
			{{ABORTED}, VERDICT_ADVANCE, 0}},
		{STATE_ABORTED, NO, RECEIVED, RECEIVED_AT(3), RECEIVED, RECEIVED}},
	{"an open one is older than a final one with the same key",
		{{{STARTED}, VERDICT_NEW, 0}, {{COMPLETED, .run = "r", .environment = "qa"}, VERDICT_NEW, 1},
			{{COMPLETED, .run = "r"}, VERDICT_ADVANCE, 0}},
		{STATE_COMPLETED, NO, RECEIVED, RECEIVED_AT(2), RECEIVED, RECEIVED}},
	{"the run attempt is part of the run key",
		{{{COMPLETED, .run = "r", .attempt = "1"}, VERDICT_NEW, 0}, {{COMPLETED, .run = "r", .attempt = "2"}, VERDICT_NEW, 1},
			{{COMPLETED, .run = "r", .attempt = "1"}, VERDICT_DUPLICATE, 0},
			{{FAILED, .run = "r", .attempt = "2"}, VERDICT_CORRECTION, 1}, {{COMPLETED, .run = "r"}, VERDICT_NEW, 2}},
		{STATE_COMPLETED, NO, NO, RECEIVED_AT(4), RECEIVED_AT(4), RECEIVED_AT(4)}},
	{"started after pending moves it forward",
		{{{PENDING, .run = "r"}, VERDICT_NEW, 0}, {{STARTED, .run = "r"}, VERDICT_ADVANCE, 0}},
		{STATE_STARTED, RECEIVED, RECEIVED_AT(1), NO, RECEIVED, RECEIVED}},
	{"pending after started is recorded and changes nothing",
		{{{STARTED, .run = "r"}, VERDICT_NEW, 0}, {{PENDING, .run = "r", .occurred = 100}, VERDICT_IGNORED, 0}},
		{STATE_STARTED, NO, RECEIVED, NO, RECEIVED, RECEIVED}},
	{"the same open state again is a duplicate",
		{{{PENDING, .run = "r"}, VERDICT_NEW, 0}, {{PENDING, .run = "r"}, VERDICT_DUPLICATE, 0},
			{{STARTED, .run = "r"}, VERDICT_ADVANCE, 0}, {{STARTED, .run = "r", .started = 5}, VERDICT_DUPLICATE, 0}},
		{STATE_STARTED, RECEIVED, RECEIVED_AT(2), NO, RECEIVED, RECEIVED}},
	{"the whole way",
		{{{PENDING, .run = "r"}, VERDICT_NEW, 0}, {{STARTED, .run = "r"}, VERDICT_ADVANCE, 0},
			{{COMPLETED, .run = "r", .started = 7, .completed = 1900000}, VERDICT_ADVANCE, 0}},
		{STATE_COMPLETED, RECEIVED, RECEIVED_AT(1), 1900000, RECEIVED, RECEIVED}},
	{"completed_at with an open status and started_at with a final one change no state",
		{{{STARTED, .run = "r", .completed = 300}, VERDICT_NEW, 0},
			{{COMPLETED, .run = "r", .started = 100, .completed = 300}, VERDICT_ADVANCE, 0}},
		{STATE_COMPLETED, NO, RECEIVED, 300, RECEIVED, RECEIVED}},
};

static void assert_times(const struct attempt *got, const struct attempt *expected)
{
	assert_string_equal(state_name(got->state), state_name(expected->state));
	assert_int_equal(got->pending_at, expected->pending_at);
	assert_int_equal(got->started_at, expected->started_at);
	assert_int_equal(got->ended_at, expected->ended_at);
	if (expected->attempted_at) assert_int_equal(got->attempted_at, expected->attempted_at);
	if (expected->received_at) assert_int_equal(got->received_at, expected->received_at);
}

/* The row of the table is what the answer says, and the event stands in the log. */
static void assert_stored(struct fresh_store *s, const struct recorded *r, const struct sent *e, time_us received)
{
	struct record row = stored(s, &r->record);
	assert_times(&row.attempt, &r->record.attempt);
	assert_true(text_equal(row.state_event_id, r->record.state_event_id));
	assert_true(text_equal(row.product_name, r->record.product_name) && text_equal(row.version, r->record.version));
	assert_int_equal(row.rollout, r->record.rollout);

	struct logged_event logged = {0};
	assert_ok(event_get(s->db, s->arena, ACCOUNT, r->event_id, &logged));
	assert_true(text_equal(logged.subject_id, r->record.id));
	assert_text(logged.actor, "api_key:k1");
	if (r->verdict == VERDICT_DUPLICATE) {
		assert_int_equal(logged.state, r->record.attempt.state); /* the event that it repeats */
		assert_true(text_equal(r->event_id, r->record.state_event_id));
		return;
	}
	assert_string_equal(verdict_name(logged.effect), verdict_name(r->verdict));
	assert_int_equal(logged.kind, e->kind);
	assert_int_equal(logged.state, e->state);
	assert_int_equal(logged.received_at, received);
	if (verdict_notifies(r->verdict)) assert_true(text_equal(r->event_id, row.state_event_id));
}

static void count_event(void *context, const struct logged_event *e)
{
	(void)e;
	++*(int *)context;
}

static void tell(struct fresh_store *s, const struct story *story, enum kind kind)
{
	struct text ids[STEPS] = {TEXT_ABSENT};
	int events[STEPS] = {0}, attempts = 0;
	struct recorded r = {0};
	for (int i = 0; i < STEPS && (i == 0 || story->steps[i].event.state || story->steps[i].event.run); i++) {
		struct sent e = story->steps[i].event;
		e.received = RECEIVED_AT(i);
		e.kind = kind;
		r = send_event(s, e);
		assert_string_equal(verdict_name(r.verdict), verdict_name(story->steps[i].verdict));
		int at = story->steps[i].attempt;
		if (at == attempts) ids[attempts++] = r.record.id;
		assert_true(text_equal(r.record.id, ids[at]));
		events[at]++;
		assert_stored(s, &r, &e, e.received);
	}
	assert_times(&r.record.attempt, &story->end);
	for (int i = 0; i < attempts; i++) {
		int logged = 0;
		assert_ok(event_timeline(s->db, ACCOUNT, ids[i], INT64_MAX, count_event, &logged));
		assert_int_equal(logged, events[i]);
	}
	assert_sound(s);
}

static void deployments_follow_the_table(void **state)
{
	struct fresh_store *s = *state;
	tell(s, s->given, KIND_DEPLOYMENT);
}

/* The same for builds, but for the stories in which the environment matters. */
static void builds_follow_the_table(void **state)
{
	struct fresh_store *s = *state;
	tell(s, s->given, KIND_BUILD);
}

static bool is_of_builds_too(const struct story *story)
{
	for (int i = 0; i < STEPS; i++)
		if (story->steps[i].event.environment) return false;
	return true;
}

/* ---- what an event creates ---- */

static void what_is_named_first_is_created_once(void **state)
{
	struct fresh_store *s = *state;
	struct recorded a = SEND(s, STARTED, .run = "r", .environment = "production-eu"),
					b = SEND(s, STARTED, .run = "q", .environment = "production-eu");
	assert_true(text_equal(a.record.product_id, b.record.product_id));
	assert_true(text_equal(a.record.version_id, b.record.version_id));
	assert_true(text_equal(a.record.environment_id, b.record.environment_id));
	assert_false(text_equal(a.record.id, b.record.id));
	struct environment e = {0};
	struct product p = {0};
	struct version v = {0};
	assert_ok(environment_get(s->db, s->arena, ACCOUNT, a.record.environment_id, &e));
	assert_ok(product_get(s->db, s->arena, ACCOUNT, a.record.product_id, &p));
	assert_ok(version_get(s->db, s->arena, ACCOUNT, a.record.version_id, &v));
	assert_text(e.name, "production-eu");
	assert_int_equal(e.type, ENV_PRODUCTION);
	assert_int_equal(e.position, POSITION_UNSET);
	assert_text(p.name, "shop");
	assert_int_equal(p.created_at, RECEIVED);
	assert_text(v.name, "1");
	struct recorded build = SEND(s, .kind = KIND_BUILD, COMPLETED);
	assert_null(build.record.environment_id.p);
	assert_true(text_equal(build.record.version_id, a.record.version_id));
}

/* The latest value that was given wins; metadata is merged; an event that changes nothing changes no detail. */
static void details_are_merged(void **state)
{
	struct fresh_store *s = *state;
	SEND(s, STARTED, .run = "r", .by = "ann", .url = "https://ci/1", .metadata = "{\"a\":1,\"b\":1}");
	struct recorded r = SEND(s, COMPLETED, .run = "r", .by = "bob", .metadata = "{\"b\":2,\"c\":3}");
	struct record row = stored(s, &r.record);
	assert_text(row.details.actor, "bob");
	assert_text(row.details.build_url, "https://ci/1");
	assert_text(row.details.extra_metadata, "{\"a\":1,\"b\":2,\"c\":3}");
	assert_text(r.record.details.extra_metadata, "{\"a\":1,\"b\":2,\"c\":3}");
	SEND(s, COMPLETED, .run = "r", .by = "eve", .metadata = "{\"b\":9}");
	row = stored(s, &r.record);
	assert_text(row.details.actor, "bob");
	assert_text(row.details.extra_metadata, "{\"a\":1,\"b\":2,\"c\":3}");
}

/* ---- a version is immutable ---- */

static const char SHA[] = "0123456789abcdef0123456789abcdef01234567";

static struct version version_named(struct fresh_store *s, const char *name)
{
	struct product p = {0};
	struct version v = {0};
	assert_ok(product_find(s->db, s->arena, ACCOUNT, TEXT("shop"), &p));
	assert_ok(version_find(s->db, s->arena, ACCOUNT, p.id, text_from(name), &v));
	return v;
}

static void a_build_with_another_sha_is_refused_and_writes_nothing(void **state)
{
	struct fresh_store *s = *state;
	SEND(s, .kind = KIND_BUILD, COMPLETED, .sha = SHA, .run = "1");
	struct recorded r = {.warning_count = 77};
	struct err err = {0};
	uint64_t before = db_changed(s->db);
	assert_int_equal(
		try_send(s, (struct sent){.kind = KIND_BUILD, FAILED, .sha = "fedcba9876543210", .run = "2"}, &r, &err), RC_CONFLICT);
	assert_string_equal(err.text, "Version 1 already exists with different SHA");
	assert_int_equal(db_changed(s->db), before);
	assert_int_equal(r.warning_count, 77);
	assert_text(version_named(s, "1").scm_sha, SHA);
	assert_sound(s);
}

static void a_deployment_with_another_sha_is_taken_with_a_warning(void **state)
{
	struct fresh_store *s = *state;
	SEND(s, .kind = KIND_BUILD, COMPLETED, .sha = SHA);
	struct recorded r = SEND(s, COMPLETED, .sha = "fedcba9876543210");
	assert_int_equal(r.warning_count, 1);
	assert_non_null(strstr(r.warnings[0], SHA));
	assert_non_null(strstr(r.warnings[0], "fedcba9876543210"));
	assert_text(stored(s, &r.record).details.scm_sha, "fedcba9876543210");
	assert_text(version_named(s, "1").scm_sha, SHA);
	assert_int_equal(SEND(s, COMPLETED, .sha = SHA).warning_count, 0);
}

static void the_longer_of_two_equal_shas_is_kept(void **state)
{
	struct fresh_store *s = *state;
	SEND(s, .kind = KIND_BUILD, STARTED, .run = "1");
	assert_null(version_named(s, "1").scm_sha.p);
	SEND(s, STARTED, .sha = "0123456", .repository = "git@a"); /* a deployment may bring the first one */
	assert_text(version_named(s, "1").scm_sha, "0123456");
	assert_text(version_named(s, "1").scm_repository, "git@a");
	SEND(s, .kind = KIND_BUILD, COMPLETED, .run = "1", .sha = SHA, .repository = "git@b");
	assert_text(version_named(s, "1").scm_sha, SHA);
	assert_text(version_named(s, "1").scm_repository, "git@a");
	SEND(s, .kind = KIND_BUILD, COMPLETED, .run = "1", .sha = "01234567");
	assert_text(version_named(s, "1").scm_sha, SHA);
	struct recorded r = {0};
	struct err err = {0};
	assert_int_equal(
		try_send(s, (struct sent){.kind = KIND_BUILD, COMPLETED, .sha = "012345"}, &r, &err), RC_CONFLICT); /* six are too few */
}

static void another_account_has_its_own(void **state)
{
	struct fresh_store *s = *state;
	struct recorded ours = SEND(s, COMPLETED);
	assert_ok(account_insert(s->db, 2, TEXT("second"), TEXT("second"), 1));
	struct actor who = {.account = 2, .label = TEXT("api_key:k1")};
	struct sent e = {COMPLETED};
	struct submission in = {.fields = fields_of(&e), .received = RECEIVED};
	in.payload = payload_of(s->arena, &in.fields);
	struct recorded theirs = {0};
	struct err err = {0};
	assert_ok(db_begin(s->db));
	assert_ok(record_event(s->db, s->arena, &who, &in, &theirs, &err));
	assert_ok(db_commit(s->db));
	assert_false(text_equal(ours.record.product_id, theirs.record.product_id));
	assert_int_equal(theirs.record.rollout, ROLLOUT_INITIAL);
	struct record r;
	assert_int_equal(attempt_get(s->db, s->arena, ACCOUNT, KIND_DEPLOYMENT, theirs.record.id, &r), RC_NOT_FOUND);
	assert_sound(s);
}

static void an_account_that_is_not_there_is_a_damaged_store(void **state)
{
	struct fresh_store *s = *state;
	store_script(s, "DELETE FROM account");
	struct recorded r = {0};
	struct err err = {0};
	assert_int_equal(try_send(s, (struct sent){COMPLETED}, &r, &err), RC_CORRUPT);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		TEST_OF_STORE(what_is_named_first_is_created_once),
		TEST_OF_STORE(details_are_merged),
		TEST_OF_STORE(a_build_with_another_sha_is_refused_and_writes_nothing),
		TEST_OF_STORE(a_deployment_with_another_sha_is_taken_with_a_warning),
		TEST_OF_STORE(the_longer_of_two_equal_shas_is_kept),
		TEST_OF_STORE(another_account_has_its_own),
		TEST_OF_STORE(an_account_that_is_not_there_is_a_damaged_store),
	};
	static char names[COUNT_OF(STORIES)][200];
	struct CMUnitTest tests[2 * COUNT_OF(STORIES) + COUNT_OF(others)], *next = tests;
	for (size_t i = 0; i < COUNT_OF(STORIES); i++) {
		void *story = (void *)(uintptr_t)&STORIES[i];
		*next++ = (struct CMUnitTest){STORIES[i].name, deployments_follow_the_table, fresh_store_make, fresh_store_remove, story};
		if (!is_of_builds_too(&STORIES[i])) continue;
		snprintf(names[i], sizeof names[i], "builds: %s", STORIES[i].name);
		*next++ = (struct CMUnitTest){names[i], builds_follow_the_table, fresh_store_make, fresh_store_remove, story};
	}
	memcpy(next, others, sizeof others);
	next += COUNT_OF(others);
	return _cmocka_run_group_tests("record_event", tests, (size_t)(next - tests), NULL, NULL);
}
