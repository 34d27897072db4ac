/* The replay of the event log: it finds nothing after any stream of events, and it finds each change that was made behind its back. */
#include "sender.h"
#include "tester.h"

#include "actions/catalog.h"

/* ---- random streams ---- */

enum { SEEDS = 4, EVENTS = 1500, PRODUCTS = 10, ENVIRONMENTS = 3, VERSIONS = 3, BATCH = 100, REPEATED = 16 };

/* Deterministic: a seed that fails, fails again. */
static uint64_t chance_state;

static unsigned chance(unsigned below)
{
	chance_state = chance_state * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
	return (unsigned)(chance_state >> 33) % below;
}

static const char *pick(const char *const *words, unsigned count)
{
	return words[chance(count)];
}

/* Mostly within a narrow span, so that late, equal and shuffled times are common; often none at all. */
static time_us some_time(void)
{
	return chance(3) ? 1 + chance(60) : 0;
}

static struct sent some_event(void)
{
	static const char *const products[PRODUCTS] = {"p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9"};
	static const char *const versions[VERSIONS] = {"1", "2", "3"}, *const environments[ENVIRONMENTS] = {"dev", "qa", "prod"};
	static const char *const runs[] = {NULL, NULL, "r1", "r2", "r3"}, *const attempts[] = {NULL, NULL, "2"};
	static const enum state states[] = {
		STATE_PENDING, STATE_STARTED, STATE_STARTED, STATE_COMPLETED, STATE_COMPLETED, STATE_FAILED, STATE_ABORTED};
	return (struct sent){
		.kind = chance(5) ? KIND_DEPLOYMENT : KIND_BUILD,
		.state = states[chance(COUNT_OF(states))],
		.product = pick(products, PRODUCTS),
		.version = pick(versions, VERSIONS),
		.environment = pick(environments, ENVIRONMENTS),
		.run = pick(runs, COUNT_OF(runs)),
		.attempt = pick(attempts, COUNT_OF(attempts)),
		.started = some_time(),
		.completed = some_time(),
		.occurred = some_time(),
	};
}

/* What the answers said of each deployment, to say independently of any statement what is current. */
struct seen {
	struct record records[EVENTS];
	size_t count;
};

static void see(struct seen *seen, const struct record *r)
{
	if (r->kind != KIND_DEPLOYMENT) return;
	for (size_t i = 0; i < seen->count; i++)
		if (text_equal(seen->records[i].id, r->id)) {
			seen->records[i] = *r;
			return;
		}
	seen->records[seen->count++] = *r;
}

static bool is_later(time_us a, struct text a_id, time_us b, struct text b_id)
{
	return a != b ? a > b : text_compare(a_id, b_id) > 0;
}

static void assert_cell_by_hand(struct fresh_store *s, const struct seen *seen, const struct record *of)
{
	const struct record *current = NULL, *latest = NULL;
	for (size_t i = 0; i < seen->count; i++) {
		const struct record *r = &seen->records[i];
		if (!text_equal(r->product_id, of->product_id) || !text_equal(r->environment_id, of->environment_id)) continue;
		if (!latest || is_later(r->attempt.attempted_at, r->id, latest->attempt.attempted_at, latest->id)) latest = r;
		if (r->attempt.state != STATE_COMPLETED) continue;
		if (!current || is_later(r->attempt.ended_at, r->id, current->attempt.ended_at, current->id)) current = r;
	}
	struct matrix_cell cell = cell_of(s, of);
	assert_true(text_equal(cell.current_deployment_id, current ? current->id : TEXT_ABSENT));
	assert_int_equal(cell.current_since, current ? current->attempt.ended_at : TIME_NONE);
	assert_true(text_equal(cell.latest_deployment_id, latest->id));
	assert_int_equal(cell.latest_state, latest->attempt.state);
	assert_int_equal(cell.latest_deployed_at, attempt_deployed_at(&latest->attempt));
}

/* A tenth are events of before again, as a retrying client sends them; a few are undone, as the commit pipeline does. */
static void send_some(struct fresh_store *s, struct seen *seen, int verdicts[static VERDICT_COUNT])
{
	static struct sent before[REPEATED];
	for (int i = 0; i < EVENTS; i++) {
		if (i % BATCH == 0) assert_ok(db_begin(s->db));
		struct sent e = i >= REPEATED && chance(10) == 0 ? before[chance(REPEATED)] : some_event();
		before[i % REPEATED] = e;
		e.received = RECEIVED + i * 7 / 2;
		bool undo = chance(25) == 0;
		if (undo) assert_ok(db_savepoint(s->db));
		struct recorded r = send_event(s, e);
		if (undo)
			assert_ok(db_rollback_to(s->db));
		else
			see(seen, &r.record);
		verdicts[r.verdict]++;
		if (i % BATCH == BATCH - 1) assert_ok(db_commit(s->db));
	}
}

static void after_any_stream_of_events_the_tables_are_what_the_log_says(void **state)
{
	struct fresh_store *s = *state;
	struct seen *seen = mem_zalloc(sizeof *seen);
	int verdicts[VERDICT_COUNT] = {0};
	chance_state = *(const uint64_t *)s->given;
	send_some(s, seen, verdicts);
	struct check c = check_of(s, true);
	assert_int_equal(c.problems, 0);
	assert_int_equal(c.deployments, seen->count);
	assert_int_equal(c.without_log, 0);
	assert_in_range(c.events, EVENTS * 9 / 10, EVENTS);
	assert_in_range(c.cells, PRODUCTS * ENVIRONMENTS * 9 / 10, PRODUCTS * ENVIRONMENTS);
	for (size_t i = 0; i < seen->count; i++) assert_cell_by_hand(s, seen, &seen->records[i]);
	for (int v = 0; v < VERDICT_COUNT; v++) assert_true(verdicts[v] > 5); /* the stream meets every row of the table */
	free(seen);
}

/* ---- planted changes ---- */

/* What somebody could do to the file. Each alone must be found. */
static const char *const PLANTED[] = {
	"UPDATE deployment SET state = 'completed' WHERE state = 'failed'",
	"UPDATE deployment SET state = 'nonsense' WHERE state = 'failed'",
	"UPDATE deployment SET started_at = started_at + 1 WHERE started_at IS NOT NULL",
	"UPDATE deployment SET started_at = 1 WHERE started_at IS NULL",
	"UPDATE deployment SET pending_at = 5 WHERE pending_at IS NULL",
	"UPDATE deployment SET ended_at = ended_at + 1 WHERE state = 'failed'",
	"UPDATE deployment SET ended_at = NULL WHERE state = 'failed'",
	"UPDATE deployment SET attempted_at = attempted_at + 1",
	"UPDATE deployment SET received_at = received_at + 1",
	"UPDATE deployment SET state_event_id = 'x' WHERE state = 'failed'",
	"UPDATE deployment SET state_event_id = (SELECT id FROM event WHERE type = 'deployment.started' LIMIT 1) WHERE state = "
	"'failed'",
	"UPDATE deployment SET id = '1' || substr(id, 2) WHERE state = 'failed'",
	"UPDATE deployment SET environment_id = (SELECT id FROM environment WHERE name = 'qa') WHERE state = 'started'",
	"UPDATE deployment SET product_id = (SELECT id FROM product WHERE name = 'other') WHERE state = 'started'",
	"UPDATE deployment SET version_id = (SELECT id FROM version WHERE name = '9') WHERE state = 'started'",
	"UPDATE deployment SET rollout = 'redeploy' WHERE rollout = 'initial'",
	"DELETE FROM deployment WHERE state = 'failed'",
	"DELETE FROM deployment WHERE state = 'completed'",
	"DELETE FROM deployment",
	"UPDATE build SET state = 'failed' WHERE state = 'completed'",
	"UPDATE build SET ended_at = 3 WHERE state = 'completed'",
	"DELETE FROM build",
	"DELETE FROM event WHERE type = 'deployment.failed'",
	"DELETE FROM event WHERE effect = 'new' AND type = 'deployment.started'",
	"DELETE FROM event WHERE effect = 'advance'",
	"DELETE FROM event WHERE effect = 'late'",
	"DELETE FROM event WHERE type LIKE 'build.%'",
	"DELETE FROM event",
	"UPDATE event SET type = 'deployment.aborted' WHERE type = 'deployment.failed'",
	"UPDATE event SET type = 'nonsense' WHERE type = 'deployment.failed'",
	"UPDATE event SET effect = 'duplicate' WHERE effect = 'advance'",
	"UPDATE event SET effect = 'new' WHERE effect = 'duplicate'",
	"UPDATE event SET effect = 'nonsense' WHERE effect = 'advance'",
	"UPDATE event SET subject_id = 'x' WHERE effect = 'duplicate'",
	"UPDATE event SET received_at = received_at + 1 WHERE type = 'deployment.failed'",
	"UPDATE event SET payload = '{}' WHERE effect = 'late'",
	"UPDATE event SET payload = '{' WHERE effect = 'duplicate'",
	"UPDATE event SET payload = replace(payload, '.000300', '.000301') WHERE type = 'deployment.completed'",
	"UPDATE environment_state SET current_deployment_id = latest_deployment_id",
	"UPDATE environment_state SET current_deployment_id = NULL",
	"UPDATE environment_state SET current_deployment_id = 'x' WHERE current_deployment_id IS NULL",
	"UPDATE environment_state SET current_version_id = latest_version_id",
	"UPDATE environment_state SET current_version = 'x'",
	"UPDATE environment_state SET current_rollout = 'rollback'",
	"UPDATE environment_state SET current_since = current_since + 1",
	"UPDATE environment_state SET latest_deployment_id = 'x'",
	"UPDATE environment_state SET latest_deployment_id = current_deployment_id WHERE current_deployment_id IS NOT NULL",
	"UPDATE environment_state SET latest_deployment_id = 'x', latest_attempted_at = 999999999",
	"UPDATE environment_state SET latest_version_id = 'x'",
	"UPDATE environment_state SET latest_version = 'x'",
	"UPDATE environment_state SET latest_state = 'completed' WHERE latest_state = 'started'",
	"UPDATE environment_state SET latest_attempted_at = latest_attempted_at - 1",
	"UPDATE environment_state SET latest_deployed_at = latest_deployed_at + 1",
	"UPDATE environment_state SET environment_id = 'x' WHERE latest_state = 'started'",
	"DELETE FROM environment_state WHERE latest_state = 'started'",
	"DELETE FROM environment_state",
	"INSERT INTO environment_state SELECT account_id, product_id, 'x', current_deployment_id, current_version_id, "
	"current_version, "
	"current_rollout, current_since, latest_deployment_id, latest_version_id, latest_version, latest_state, latest_attempted_at, "
	"latest_deployed_at FROM environment_state WHERE latest_state = 'started'",
};

/* A small history that has all of it: three places, an open and a failed attempt over a completed one, a late event, a duplicate. */
static void send_history(struct fresh_store *s)
{
	SEND(s, .kind = KIND_BUILD, .state = STATE_STARTED, .run = "b");
	SEND(s, .kind = KIND_BUILD, .state = STATE_COMPLETED, .run = "b", .completed = 200);
	SEND(s, .state = STATE_COMPLETED, .run = "1", .completed = 300);
	SEND(s, .state = STATE_STARTED, .run = "1", .occurred = 250);
	SEND(s, .state = STATE_COMPLETED, .run = "1");
	SEND(s, .state = STATE_STARTED, .version = "2", .run = "2", .started = 400);
	SEND(s, .state = STATE_COMPLETED, .environment = "qa", .completed = 300);
	SEND(s, .state = STATE_STARTED, .environment = "qa", .version = "9", .run = "3", .started = 310);
	SEND(s, .state = STATE_FAILED, .environment = "qa", .version = "9", .run = "3");
	SEND(s, .state = STATE_FAILED, .product = "other");
}

static void a_planted_change_is_found(void **state)
{
	struct fresh_store *s = *state;
	send_history(s);
	assert_sound(s);
	uint64_t before = db_changed(s->db);
	store_script(s, s->given);
	assert_true(db_changed(s->db) > before);
	assert_true(check_of(s, false).problems > 0);
}

/* ---- what is no problem ---- */

static void counts_what_it_looked_at(void **state)
{
	struct fresh_store *s = *state;
	send_history(s);
	struct check c = check_of(s, true);
	assert_int_equal(c.deployments, 5);
	assert_int_equal(c.builds, 1);
	assert_int_equal(c.events, 10);
	assert_int_equal(c.cells, 3);
	assert_int_equal(c.without_log, 0);
	assert_int_equal(c.problems, 0);
}

static void an_empty_store_is_sound(void **state)
{
	struct check c = check_of(*state, true);
	assert_int_equal(c.problems + c.deployments + c.cells + c.events, 0);
}

static void what_was_deleted_by_hand_is_no_problem(void **state)
{
	struct fresh_store *s = *state;
	send_history(s);
	struct record r = SEND(s, .state = STATE_STARTED, .run = "9").record;
	assert_ok(environment_delete(s->db, s->arena, TESTER, r.environment_id, RECEIVED));
	assert_sound(s);
	SEND(s, .state = STATE_COMPLETED, .run = "9"); /* the name makes a new environment */
	assert_sound(s);
	assert_ok(product_delete(s->db, s->arena, TESTER, r.product_id, RECEIVED));
	assert_sound(s);
	SEND(s, .state = STATE_COMPLETED, .run = "9");
	assert_sound(s);
}

static void shows_only_so_many_problems_and_counts_all(void **state)
{
	struct fresh_store *s = *state;
	assert_ok(db_begin(s->db));
	for (int i = 0; i < CHECK_PROBLEMS_SHOWN + 150; i++) SEND(s, .state = STATE_COMPLETED);
	assert_ok(db_commit(s->db));
	assert_sound(s);
	store_script(s, "UPDATE deployment SET attempted_at = attempted_at + 1");
	assert_true(check_of(s, false).problems >= CHECK_PROBLEMS_SHOWN + 150);
}

int main(void)
{
	static const uint64_t seeds[SEEDS] = {1, 2, 3, 20261};
	const struct CMUnitTest others[] = {
		TEST_OF_STORE(counts_what_it_looked_at),
		TEST_OF_STORE(an_empty_store_is_sound),
		TEST_OF_STORE(what_was_deleted_by_hand_is_no_problem),
		TEST_OF_STORE(shows_only_so_many_problems_and_counts_all),
	};
	struct CMUnitTest tests[SEEDS + COUNT_OF(PLANTED) + COUNT_OF(others)];
	struct CMUnitTest *next = tests;
	for (size_t i = 0; i < SEEDS; i++)
		*next++ = (struct CMUnitTest){"after any stream of events the tables are what the log says",
			after_any_stream_of_events_the_tables_are_what_the_log_says, fresh_store_make, fresh_store_remove,
			(void *)(uintptr_t)&seeds[i]};
	for (size_t i = 0; i < COUNT_OF(PLANTED); i++)
		*next++ = (struct CMUnitTest){
			PLANTED[i], a_planted_change_is_found, fresh_store_make, fresh_store_remove, (void *)(uintptr_t)PLANTED[i]};
	memcpy(next, others, sizeof others);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
