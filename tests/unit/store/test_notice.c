/* Snapshots of events: written as JSON, read back, and refused when they are anything else. */
#include "store/notice.h"

#include "../fresh_store.h"
#include "domain/event_type.h"

#define HOSTILE TEXT("\"},{\\ \x01\x1f\x7f \xe2\x80\xa8 \xf0\x9f\x92\xa9 </script> '; --\n\t")

static const struct notice FULL = {
	.kind = KIND_DEPLOYMENT,
	.state = STATE_COMPLETED,
	.rollout = ROLLOUT_ROLLBACK,
	.transitions = TRANSITION_RECOVERED | TRANSITION_ROLLED_BACK,
	.event_id = {"event", 5},
	.subject_id = {"subject", 7},
	.product_id = {"product", 7},
	.environment_id = {"environment", 11},
	.version_id = {"version", 7},
	.product_name = {"shop", 4},
	.version = {"1.10", 4},
	.environment_name = {"prod", 4},
	.environment_type = ENV_PRODUCTION,
	.previous_version = {"1.9", 3},
	.actor = {"login", 5},
	.actor_email = {"a@example.com", 13},
	.actor_name = {"Ann", 3},
	.scm_repository = {"org/shop", 8},
	.scm_sha = {"abc", 3},
	.scm_branch = {"main", 4},
	.build_number = {"1e3", 3},
	.build_url = {"https://ci/1", 12},
	.deploy_url = {"https://ci/2", 12},
	.source_system = {"github", 6},
	.error_message = {"boom", 4},
	.error_code = {"E1", 2},
	.preflight_status = {"passed", 6},
	.occurred_at = 1,
	.deployed_at = -2,
	.started_at = INT64_MAX,
	.ended_at = 1779631565890103,
	.extra_metadata = {"{\"a\":[1]}", 9},
};

static struct notice least(void)
{
	return (struct notice){.kind = KIND_BUILD,
		.state = STATE_PENDING,
		.environment_type = ENV_TYPE_COUNT,
		.occurred_at = TIME_NONE,
		.deployed_at = 0,
		.started_at = TIME_NONE,
		.ended_at = TIME_NONE};
}

static struct notice hostile(void)
{
	struct notice n = FULL;
	n.product_name = n.version = n.environment_name = n.actor = n.error_message = HOSTILE;
	n.error_code = (struct text){"a\0b", 3};
	n.scm_branch = TEXT(""); /* not absent */
	return n;
}

static void assert_same(const struct notice *a, const struct notice *b)
{
	const struct text *const texts[][2] = {
		{&a->event_id, &b->event_id},
		{&a->subject_id, &b->subject_id},
		{&a->product_id, &b->product_id},
		{&a->environment_id, &b->environment_id},
		{&a->version_id, &b->version_id},
		{&a->product_name, &b->product_name},
		{&a->version, &b->version},
		{&a->environment_name, &b->environment_name},
		{&a->previous_version, &b->previous_version},
		{&a->actor, &b->actor},
		{&a->actor_email, &b->actor_email},
		{&a->actor_name, &b->actor_name},
		{&a->scm_repository, &b->scm_repository},
		{&a->scm_sha, &b->scm_sha},
		{&a->scm_branch, &b->scm_branch},
		{&a->build_number, &b->build_number},
		{&a->build_url, &b->build_url},
		{&a->deploy_url, &b->deploy_url},
		{&a->source_system, &b->source_system},
		{&a->error_message, &b->error_message},
		{&a->error_code, &b->error_code},
		{&a->preflight_status, &b->preflight_status},
		{&a->extra_metadata, &b->extra_metadata},
	};
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		if (!text_equal(*texts[i][0], *texts[i][1])) fail_msg("text %zu differs", i);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->state, b->state);
	assert_int_equal(a->rollout, b->rollout);
	assert_int_equal(a->transitions, b->transitions);
	assert_int_equal(a->environment_type, b->environment_type);
	assert_int_equal(a->occurred_at, b->occurred_at);
	assert_int_equal(a->deployed_at, b->deployed_at);
	assert_int_equal(a->started_at, b->started_at);
	assert_int_equal(a->ended_at, b->ended_at);
}

static void insert(struct fresh_store *s, int64_t account, const char *event_id, const struct notice *n)
{
	buf_auto b = BUF_INIT(MIB(1));
	notice_write(&b, n);
	assert_false(buf_failed(&b));
	assert_ok(notice_insert(s->db, account, text_from(event_id), buf_view(&b), n->extra_metadata, 77));
}

static void what_is_written_is_read(void **state)
{
	struct fresh_store *s = *state;
	const struct notice cases[] = {FULL, least(), hostile()};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char id[] = "event 0";
		id[6] = (char)('0' + i);
		struct notice got;
		insert(s, ACCOUNT, id, &cases[i]);
		assert_ok(notice_get(s->db, s->arena, ACCOUNT, text_from(id), &got));
		assert_same(&got, &cases[i]);
	}
}

static void every_kind_state_and_type_comes_back(void **state)
{
	struct fresh_store *s = *state;
	for (int i = 0; i < KIND_COUNT * STATE_COUNT * ENV_TYPE_COUNT * ROLLOUT_COUNT; i++) {
		struct notice n = least(), got;
		buf_auto b = BUF_INIT(MIB(1));
		n.kind = (enum kind)(i % KIND_COUNT);
		n.state = (enum state)(i / KIND_COUNT % STATE_COUNT);
		n.environment_type = (enum environment_type)(i / KIND_COUNT / STATE_COUNT % ENV_TYPE_COUNT);
		n.rollout = (enum rollout)(i / KIND_COUNT / STATE_COUNT / ENV_TYPE_COUNT);
		notice_write(&b, &n);
		enum rc rc = notice_read(s->arena, buf_view(&b), TEXT_ABSENT, &got);
		if (n.kind == KIND_BUILD && n.state == STATE_PREFLIGHT_FAILED) {
			assert_int_equal(rc, RC_CORRUPT); /* there is no such event */
			continue;
		}
		assert_ok(rc);
		assert_same(&got, &n);
	}
}

/* What lies in the arena must not depend on the bytes it was read from. */
static void nothing_refers_to_the_text_that_was_read(void **state)
{
	struct fresh_store *s = *state;
	char content[] = "{\"kind\":\"build\",\"state\":\"failed\",\"deployed_at\":5,\"version\":\"1.0\"}", metadata[] = "{\"a\":1}";
	struct notice n;
	assert_ok(notice_read(s->arena, text_from(content), text_from(metadata), &n));
	memset(content, 'x', sizeof content - 1);
	memset(metadata, 'x', sizeof metadata - 1);
	assert_text(n.version, "1.0");
	assert_text(n.extra_metadata, "{\"a\":1}");
	assert_int_equal(n.environment_type, ENV_TYPE_COUNT);
	assert_int_equal(n.ended_at, TIME_NONE);
}

#define START "{\"kind\":\"deployment\",\"state\":\"failed\""

static void garbage_is_corrupt(void **state)
{
	struct fresh_store *s = *state;
	static const char *const CASES[] = {
		"",
		"x",
		"null",
		"[]",
		"{}",
		"{\"kind\":\"deployment\"}",
		START "}",
		START ",\"deployed_at\":5",
		START ",\"deployed_at\":null}",
		START ",\"deployed_at\":\"5\"}",
		START ",\"deployed_at\":5.0}",
		START ",\"deployed_at\":-9223372036854775808}",
		START ",\"deployed_at\":9223372036854775808}",
		START ",\"deployed_at\":5,\"version\":1.10}",
		START ",\"deployed_at\":5,\"version\":null}",
		START ",\"deployed_at\":5,\"ended_at\":true}",
		START ",\"deployed_at\":5,\"transitions\":4}",
		START ",\"deployed_at\":5,\"transitions\":-1}",
		START ",\"deployed_at\":5,\"transitions\":4294967297}",
		START ",\"deployed_at\":5,\"transitions\":\"1\"}",
		START ",\"deployed_at\":5,\"rollout\":\"sideways\"}",
		START ",\"deployed_at\":5,\"rollout\":1}",
		START ",\"deployed_at\":5,\"environment_type\":\"moon\"}",
		START ",\"deployed_at\":5,\"deployed_at\":6}",
		START ",\"deployed_at\":5,\"version\":\"\xff\"}",
		"{\"kind\":\"Deployment\",\"state\":\"failed\",\"deployed_at\":5}",
		"{\"kind\":\"deployment\",\"state\":\"success\",\"deployed_at\":5}",
		"{\"kind\":1,\"state\":\"failed\",\"deployed_at\":5}",
		"{\"kind\":\"build\",\"state\":\"preflight_failed\",\"deployed_at\":5}",
	};
	struct notice n = {.version = TEXT("untouched")};
	assert_int_equal(notice_read(s->arena, TEXT_ABSENT, TEXT_ABSENT, &n), RC_CORRUPT);
	for (size_t i = 0; i < COUNT_OF(CASES); i++)
		if (notice_read(s->arena, text_from(CASES[i]), TEXT_ABSENT, &n) != RC_CORRUPT) fail_msg("read: %s", CASES[i]);
	assert_text(n.version, "untouched");
	assert_ok(notice_read(s->arena, TEXT(START ",\"deployed_at\":5,\"of a later release\":[]}"), TEXT_ABSENT, &n));
}

static void a_damaged_row_is_corrupt(void **state)
{
	struct fresh_store *s = *state;
	struct notice got;
	insert(s, ACCOUNT, "e", &FULL);
	store_script(s, "UPDATE notice SET content = substr(content, 1, 40)");
	assert_int_equal(notice_get(s->db, s->arena, ACCOUNT, TEXT("e"), &got), RC_CORRUPT);
}

static void an_account_has_its_own(void **state)
{
	struct fresh_store *s = *state;
	struct notice got, other = least();
	insert(s, ACCOUNT, "e", &FULL);
	assert_int_equal(notice_get(s->db, s->arena, 2, TEXT("e"), &got), RC_NOT_FOUND);
	insert(s, 2, "e", &other);
	assert_ok(notice_get(s->db, s->arena, 2, TEXT("e"), &got));
	assert_same(&got, &other);
	assert_ok(notice_get(s->db, s->arena, ACCOUNT, TEXT("e"), &got));
	assert_same(&got, &FULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_STORE(what_is_written_is_read),
		TEST_OF_STORE(every_kind_state_and_type_comes_back),
		TEST_OF_STORE(nothing_refers_to_the_text_that_was_read),
		TEST_OF_STORE(garbage_is_corrupt),
		TEST_OF_STORE(a_damaged_row_is_corrupt),
		TEST_OF_STORE(an_account_has_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
