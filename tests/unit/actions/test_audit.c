/* The audit log: what is hashed, how entries follow on each other, what of a change they say, and who finds them. */
#include "../fresh_store.h"

#include <pthread.h>

#include "actions/audit.h"
#include "base/json.h"
#include "tester.h"

/* ---- the hash ---- */

/* Made with the Python of docs/design/audit.md. */
static void hashes_are_those_that_others_compute(void **state)
{
	static const struct {
		struct audit_entry entry;
		const char *hash;
	} VECTORS[] = {
		{{.previous_hash = {AUDIT_NO_HASH, 64},
			 .account = 1,
			 .number = 1,
			 .at = 1764000000123456,
			 .actor = {"user:ada@example.com", 20},
			 .credential = {"session:01a20af6-b96f-7000-ad3e-78ba0af2693a", 44},
			 .action = "product.created",
			 .subject_id = {"01a20af6-ba32-7000-bb96-bdbdbd5d753e", 36},
			 .subject_name = {"shop", 4},
			 .after = {"{\"name\":\"shop\"}", 15},
			 .request_id = {"r1", 2}},
			"3bf64ca07969593b0f4da288d80b3ba61fd4eb62d6dddf0ca970dcdaabb6091b"},
		{{.previous_hash = {"3bf64ca07969593b0f4da288d80b3ba61fd4eb62d6dddf0ca970dcdaabb6091b", 64},
			 .account = 1,
			 .number = 2,
			 .at = -5,
			 .actor = {"api_key:k1", 10},
			 .credential = {"api_key:k1", 10},
			 .action = "product.updated",
			 .subject_id = {"x", 1},
			 .subject_name = {"Bücher \u2028 \U0001F4E6 \"q\" \\", 22},
			 .before = {"{\"description\":null}", 20},
			 .after = {"{\"description\":\"a\\nb\"}", 22}},
			"d6ccdf94e9e348bdb8276035e95962217bd25a2e16ebb0db4092e508e244f7d1"},
		{{.previous_hash = {AUDIT_NO_HASH, 64},
			 .account = INT64_MAX,
			 .number = 1,
			 .actor = {"", 0},
			 .credential = {"", 0},
			 .action = "session.login",
			 .subject_id = {"", 0},
			 .request_id = {"", 0}},
			"b5d910a8bbe28dd32d7563b072a834e64f8c261495ec127118b5a095a23636ea"},
		/* The same characters in other fields are another entry. */
		{{.previous_hash = {AUDIT_NO_HASH, 64},
			 .account = 1,
			 .number = 1,
			 .actor = {"a", 1},
			 .credential = {"b", 1},
			 .action = "session.login",
			 .subject_id = {"c", 1},
			 .subject_name = {"d", 1}},
			"dc22c92181351cec9c759d48e38c49c3cc7bcab5026415c18f5b55ca9d177bbe"},
		{{.previous_hash = {AUDIT_NO_HASH, 64},
			 .account = 1,
			 .number = 1,
			 .actor = {"a", 1},
			 .credential = {"b", 1},
			 .action = "session.login",
			 .subject_id = {"cd", 2},
			 .subject_name = {"", 0}},
			"53162d0258fa839b476de94bfd849c5d3949e57dd6a065dfe9473500679b815e"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(VECTORS); i++) {
		char hash[AUDIT_HASH_SIZE];
		audit_hash(&VECTORS[i].entry, hash);
		assert_string_equal(hash, VECTORS[i].hash);
	}
}

static void what_is_larger_than_any_entry_has_no_hash(void **state)
{
	char *large = mem_alloc(LIMIT_AUDIT_ENTRY);
	char hash[AUDIT_HASH_SIZE] = "x";
	(void)state;
	memset(large, 'a', LIMIT_AUDIT_ENTRY);
	audit_hash(&(struct audit_entry){.action = "product.created", .after = {large, LIMIT_AUDIT_ENTRY}}, hash);
	assert_string_equal(hash, "");
	free(large);
}

/* ---- the chain ---- */

static void note(struct fresh_store *s, int64_t account, const char *action, const char *subject, time_us at)
{
	const struct audit_change c = {.action = action, .subject_id = text_from(subject), .subject_name = TEXT("n")};
	assert_ok(audit_note(s->db, s->arena, TESTER_IN(account), &c, at));
}

struct found {
	struct audit_entry at[300];
	size_t count;
};

static void find(void *context, const struct audit_entry *e)
{
	struct found *f = context;
	f->at[f->count++] = *e;
}

static struct found *all_of(struct fresh_store *s, int64_t account)
{
	struct found *f = arena_new_of(s->arena, struct found);
	assert_ok(audit_walk(s->db, s->arena, account, 0, COUNT_OF(f->at), find, f));
	return f;
}

static void each_account_has_a_chain_of_its_own(void **state)
{
	struct fresh_store *s = *state;
	struct audit_head head;
	assert_ok(account_insert(s->db, 2, TEXT("other"), TEXT("other"), 1));
	note(s, ACCOUNT, "product.created", "a", 100);
	note(s, 2, "product.created", "b", 101);
	note(s, ACCOUNT, "product.deleted", "a", 90); /* a clock that was put back */
	const struct found *f = all_of(s, ACCOUNT), *other = all_of(s, 2);
	assert_int_equal(f->count, 2);
	assert_int_equal(other->count, 1);
	assert_int_equal(f->at[0].number, 1);
	assert_int_equal(f->at[1].number, 2);
	assert_int_equal(other->at[0].number, 1);
	assert_text(f->at[0].previous_hash, AUDIT_NO_HASH);
	assert_text(other->at[0].previous_hash, AUDIT_NO_HASH);
	assert_true(text_equal(f->at[1].previous_hash, f->at[0].hash));
	for (size_t i = 0; i < f->count; i++) {
		char hash[AUDIT_HASH_SIZE];
		audit_hash(&f->at[i], hash);
		assert_text(f->at[i].hash, hash);
	}
	assert_text(f->at[1].actor, "api_key:k1");
	assert_text(f->at[1].request_id, "r1");
	assert_ok(audit_head_get(s->db, ACCOUNT, &head));
	assert_int_equal(head.number, 2);
	assert_text(f->at[1].hash, head.hash);
	assert_ok(audit_head_get(s->db, 3, &head));
	assert_int_equal(head.number, 0);
	assert_string_equal(head.hash, AUDIT_NO_HASH);
}

static void of_a_transaction_rolled_back_nothing_stays(void **state)
{
	struct fresh_store *s = *state;
	note(s, ACCOUNT, "product.created", "a", 1);
	assert_ok(db_begin(s->db));
	note(s, ACCOUNT, "product.deleted", "a", 2);
	db_rollback(s->db);
	assert_ok(db_begin(s->db));
	note(s, ACCOUNT, "product.updated", "a", 3);
	assert_ok(db_commit(s->db));
	const struct found *f = all_of(s, ACCOUNT);
	assert_int_equal(f->count, 2);
	assert_string_equal(f->at[1].action, "product.updated");
	assert_int_equal(f->at[1].number, 2);
	assert_true(text_equal(f->at[1].previous_hash, f->at[0].hash));
}

enum { WRITERS = 3, NOTES = 40 };

struct writing {
	struct fresh_store *s;
	pthread_t thread;
	int written;
};

static enum rc write_one(struct writing *w, struct db *db, struct arena *a)
{
	const struct audit_change c = {.action = "product.created", .subject_id = TEXT("x")};
	enum rc rc = db_begin(db);
	if (rc == RC_OK) rc = audit_lock(db, ACCOUNT);
	if (rc == RC_OK) rc = audit_note(db, a, TESTER, &c, w->written);
	if (rc == RC_OK) rc = db_commit(db);
	db_rollback(db);
	return rc;
}

static void *write_notes(void *context)
{
	struct writing *w = context;
	struct arena *a = arena_new(KIB(4), MIB(16));
	struct db *db;
	struct err err;
	if (db_open(w->s->path, DB_WRITE, &db, &err) != RC_OK) return NULL;
	for (int i = 0; i < NOTES; i++) w->written += write_one(w, db, a) == RC_OK;
	db_close(db);
	arena_free(a);
	return NULL;
}

static void several_writers_make_one_chain(void **state)
{
	struct fresh_store *s = *state;
	struct writing w[WRITERS];
	struct audit_check c = {0};
	for (int i = 0; i < WRITERS; i++) {
		w[i] = (struct writing){.s = s};
		assert_int_equal(pthread_create(&w[i].thread, NULL, write_notes, &w[i]), 0);
	}
	for (int i = 0; i < WRITERS; i++) {
		pthread_join(w[i].thread, NULL);
		assert_int_equal(w[i].written, NOTES);
	}
	assert_ok(audit_verify(s->db, &c));
	assert_int_equal(c.problems, 0);
	assert_int_equal(c.entries, WRITERS * NOTES);
}

/* ---- what an entry says ---- */

static void a_difference_is_what_differs(void **state)
{
	static const struct {
		struct audit_field fields[3];
		const char *before, *after;
	} CASES[] = {
		/* created: what is there */
		{{{"name", AUDIT_TEXT, {0}, {"a\"b", 3}}, {"d", AUDIT_TEXT, {0}, {0}}, {"m", AUDIT_JSON, {0}, {"{\"k\":1.10}", 10}}},
			NULL, "{\"name\":\"a\\\"b\",\"m\":{\"k\":1.10}}"},
		/* deleted: what was there */
		{{{"name", AUDIT_TEXT, {"a", 1}, {0}}, {"e", AUDIT_BOOL, {"true", 4}, {0}}, {"n", AUDIT_NUMBER, {"7", 1}, {0}}},
			"{\"name\":\"a\",\"e\":true,\"n\":7}", NULL},
		/* changed: both, where they differ; empty is not absent */
		{{{"name", AUDIT_TEXT, {"a", 1}, {"a", 1}}, {"d", AUDIT_TEXT, {0}, {"", 0}}, {"n", AUDIT_NUMBER, {"7", 1}, {0}}},
			"{\"d\":null,\"n\":7}", "{\"d\":\"\",\"n\":null}"},
		{{{"name", AUDIT_TEXT, {"a", 1}, {"a", 1}}, {"t", AUDIT_TIME, {"2026", 4}, {"2027", 4}}, {"x", AUDIT_TEXT, {0}, {0}}},
			"{\"t\":\"2026\"}", "{\"t\":\"2027\"}"},
		/* not changed */
		{{{"name", AUDIT_TEXT, {"a", 1}, {"a", 1}}, {"d", AUDIT_TEXT, {0}, {0}}, {"c", AUDIT_CHANGED, {0}, {0}}}, NULL, NULL},
		/* only names of what has changed */
		{{{"name", AUDIT_TEXT, {"a", 1}, {"a", 1}}, {"d", AUDIT_TEXT, {0}, {0}}, {"c", AUDIT_CHANGED, {0}, {"[\"url\"]", 7}}},
			"{}", "{\"c\":[\"url\"]}"},
	};
	struct fresh_store *s = *state;
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct text before, after;
		audit_difference(s->arena, CASES[i].fields, 3, &before, &after);
		assert_text(before, CASES[i].before);
		assert_text(after, CASES[i].after);
	}
}

static void long_values_are_cut_by_whole_characters(void **state)
{
	struct fresh_store *s = *state;
	const struct json *object;
	char *text = arena_alloc(s->arena, 9001);
	struct text before, after;
	memset(text, ' ', 9001);
	text[0] = '[';
	text[9000] = ']';
	for (size_t i = 1; i + 1 < 9000; i += 2) memcpy(text + i, "ü", 2);
	const struct audit_field fields[] = {{"t", AUDIT_TEXT, {0}, {text, 9001}}, {"j", AUDIT_JSON, {0}, {text, 9001}},
		{"s", AUDIT_TEXT, {0}, {text, LIMIT_AUDIT_VALUE - 1}}};
	audit_difference(s->arena, fields, 3, &before, &after);
	assert_ok(json_read(s->arena, after, &object, NULL));
	for (const char *const *name = (const char *const[]){"t", "j", NULL}; *name; name++) {
		struct text shown = json_text(json_member(object, *name)); /* also JSON, of which a part is none */
		assert_int_equal(shown.n, LIMIT_AUDIT_VALUE - 1 + strlen("…")); /* one byte and characters of two: an odd number fits */
		assert_memory_equal(shown.p, text, LIMIT_AUDIT_VALUE - 1);
		assert_memory_equal(shown.p + LIMIT_AUDIT_VALUE - 1, "…", strlen("…"));
	}
	assert_int_equal(json_text(json_member(object, "s")).n, LIMIT_AUDIT_VALUE - 1);
}

static void without_a_difference_there_is_no_entry(void **state)
{
	struct fresh_store *s = *state;
	const struct audit_field same[] = {{"name", AUDIT_TEXT, TEXT("a"), TEXT("a")}};
	const struct audit_field other[] = {{"name", AUDIT_TEXT, TEXT("a"), TEXT("b")}};
	assert_ok(audit_note_fields(s->db, s->arena, TESTER, "product.updated", TEXT("x"), TEXT("a"), same, 1, 1));
	assert_int_equal(all_of(s, ACCOUNT)->count, 0);
	assert_ok(audit_note_fields(s->db, s->arena, TESTER, "product.updated", TEXT("x"), TEXT("b"), other, 1, 1));
	const struct found *f = all_of(s, ACCOUNT);
	assert_int_equal(f->count, 1);
	assert_text(f->at[0].before, "{\"name\":\"a\"}");
	assert_text(f->at[0].after, "{\"name\":\"b\"}");
}

/* ---- reading ---- */

static void lists_are_newest_first_and_filtered(void **state)
{
	struct fresh_store *s = *state;
	for (int i = 1; i <= 6; i++) note(s, ACCOUNT, i % 2 ? "product.created" : "channel.created", i < 4 ? "a" : "b", i * 10);
	const struct audit_change c = {.action = "user.created", .subject_id = TEXT("c")};
	assert_ok(audit_note(s->db, s->arena, &(const struct actor){.account = ACCOUNT, .label = TEXT("user:ada@x")}, &c, 70));
	static const struct {
		struct audit_filter filter;
		int64_t before, limit;
		const char *numbers;
	} CASES[] = {
		{{.since = TIME_NONE, .until = TIME_NONE}, INT64_MAX, 10, "7654321"},
		{{.since = TIME_NONE, .until = TIME_NONE}, INT64_MAX, 2, "765"},
		{{.since = TIME_NONE, .until = TIME_NONE}, 5, 2, "432"},
		{{.since = TIME_NONE, .until = TIME_NONE, .subject_id = {"b", 1}}, INT64_MAX, 10, "654"},
		{{.since = TIME_NONE, .until = TIME_NONE, .actions = {",channel.created,", 17}}, INT64_MAX, 10, "642"},
		{{.since = TIME_NONE, .until = TIME_NONE, .actions = {",user.created,channel.created,", 30}}, INT64_MAX, 10, "7642"},
		{{.since = TIME_NONE, .until = TIME_NONE, .actors = {",user:ada@x,", 12}}, INT64_MAX, 10, "7"},
		{{.since = TIME_NONE, .until = TIME_NONE, .actors = {",user:ada@x,api_key:k1,", 23}, .subject_id = {"a", 1}}, INT64_MAX,
			10, "321"},
		{{.since = 30, .until = 50}, INT64_MAX, 10, "43"},
		{{.since = 30, .until = 50, .actions = {",channel.created,", 17}}, INT64_MAX, 10, "4"},
	};
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct found *f = arena_new_of(s->arena, struct found);
		char numbers[16] = "";
		assert_ok(audit_list(s->db, s->arena, ACCOUNT, &CASES[i].filter, CASES[i].before, CASES[i].limit, find, f));
		for (size_t k = 0; k < f->count; k++) numbers[k] = (char)('0' + f->at[k].number);
		assert_string_equal(numbers, CASES[i].numbers);
		f->count = 0;
		assert_ok(audit_list(s->db, s->arena, 2, &CASES[i].filter, CASES[i].before, CASES[i].limit, find, f));
		assert_int_equal(f->count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_STORE(hashes_are_those_that_others_compute),
		TEST_OF_STORE(what_is_larger_than_any_entry_has_no_hash),
		TEST_OF_STORE(each_account_has_a_chain_of_its_own),
		TEST_OF_STORE(of_a_transaction_rolled_back_nothing_stays),
		TEST_OF_STORE(several_writers_make_one_chain),
		TEST_OF_STORE(a_difference_is_what_differs),
		TEST_OF_STORE(long_values_are_cut_by_whole_characters),
		TEST_OF_STORE(without_a_difference_there_is_no_entry),
		TEST_OF_STORE(lists_are_newest_first_and_filtered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
