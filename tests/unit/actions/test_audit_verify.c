/* Verifying the audit log: whatever is done to its rows beside the program is found and named; and cutting it, which is not such a thing. */
#include "../fresh_store.h"

#include "actions/audit.h"
#include "actions/retention.h"
#include "tester.h"

enum { ENTRIES = 5 };
#define DAY DAYS_US(1)

static void note(struct fresh_store *s, time_us at)
{
	const struct audit_change c = {
		.action = "product.updated", .subject_id = TEXT("p"), .subject_name = TEXT("shop"), .after = TEXT("{\"name\":\"x\"}")};
	assert_ok(audit_note(s->db, s->arena, TESTER, &c, at));
}

static void notes(struct fresh_store *s, int count)
{
	for (int i = 0; i < count; i++) note(s, DAY * (i + 1));
}

struct told {
	char text[2048];
};

static void tell(void *context, const char *sentence)
{
	struct told *t = context;
	size_t n = strlen(t->text);
	snprintf(t->text + n, sizeof t->text - n, "%s\n", sentence);
}

/* The problems, a line each, without "audit log of default: ". */
static void assert_told(struct fresh_store *s, struct text kept, int64_t number, const char *expected)
{
	struct told told = {""};
	struct audit_check c = {
		.problem = tell, .context = &told, .expected_account = TEXT("default"), .expected_hash = kept, .expected_number = number};
	char got[2048] = "";
	assert_ok(audit_verify(s->db, &c));
	static const char PREFIX[] = "audit log of default: ";
	struct text rest = text_from(told.text), line;
	uint64_t lines = 0;
	while (text_split(&rest, '\n', &line)) {
		if (!line.n) continue;
		assert_true(text_starts(line, text_from(PREFIX)));
		size_t n = strlen(got);
		snprintf(got + n, sizeof got - n, "%.*s\n", (int)(line.n - strlen(PREFIX)), line.p + strlen(PREFIX));
		lines++;
	}
	assert_string_equal(got, expected);
	assert_int_equal(c.problems, lines);
}

#define assert_problems(s, expected) assert_told(s, TEXT_ABSENT, 0, expected)
#define CHANGED(n) "entry " n " is not as it was written: its hash is not that of what it says\n"
#define STRANGE(n) "entry " n " does not follow on the one before it: its previous hash is another's\n"
#define COLUMNS "actor, credential, action, subject_id, subject_name, value_before, value_after, request_id, previous_hash, hash"

static void whatever_is_done_to_the_rows_is_named(void **state)
{
	static const struct {
		const char *script, *problems;
	} CASES[] = {
		{"UPDATE audit_entry SET actor = 'api_key:k2' WHERE number = 3", CHANGED("3")},
		{"UPDATE audit_entry SET credential = 'x' WHERE number = 3", CHANGED("3")},
		{"UPDATE audit_entry SET at = at + 1 WHERE number = 3", CHANGED("3")},
		{"UPDATE audit_entry SET action = 'product.deleted' WHERE number = 1", CHANGED("1")},
		{"UPDATE audit_entry SET subject_id = 'q' WHERE number = 5", CHANGED("5")},
		{"UPDATE audit_entry SET subject_name = NULL WHERE number = 2", CHANGED("2")},
		{"UPDATE audit_entry SET value_before = '' WHERE number = 2", CHANGED("2")},
		{"UPDATE audit_entry SET value_after = '{}' WHERE number = 2", CHANGED("2")},
		{"UPDATE audit_entry SET request_id = 'r2' WHERE number = 2", CHANGED("2")},
		{"UPDATE audit_entry SET hash = previous_hash WHERE number = 2", CHANGED("2") STRANGE("3")},
		{"UPDATE audit_entry SET previous_hash = hash WHERE number = 2", CHANGED("2") STRANGE("2")},
		{"UPDATE audit_entry SET account_id = 2 WHERE number = 2", "entry 2 is missing\n"},
		{"DELETE FROM audit_entry WHERE number = 3", "entry 3 is missing\n"},
		{"DELETE FROM audit_entry WHERE number IN (2, 3)", "entries 2 to 3 are missing\n"},
		{"DELETE FROM audit_entry WHERE number = 1", "entry 1 is missing\n"},
		{"DELETE FROM audit_entry WHERE number = 5", "entry 5, the newest, is missing\n"},
		{"DELETE FROM audit_entry WHERE number > 3", "the newest entries, 4 to 5, are missing\n"},
		{"DELETE FROM audit_entry", "the newest entries, 1 to 5, are missing\n"},
		/* moved up to close a gap */
		{"DELETE FROM audit_entry WHERE number = 4; UPDATE audit_entry SET number = 4 WHERE number = 5",
			CHANGED("4") STRANGE("4") "entry 5, the newest, is missing\n"},
		/* two have changed places */
		{"UPDATE audit_entry SET number = 9 WHERE number = 3; UPDATE audit_entry SET number = 3 WHERE number = 4; "
		 "UPDATE audit_entry SET number = 4 WHERE number = 9",
			CHANGED("3") STRANGE("3") CHANGED("4") STRANGE("4") STRANGE("5")},
		/* one more, at the end or in between */
		{"INSERT INTO audit_entry (account_id, number, at, " COLUMNS ") SELECT account_id, 6, at, " COLUMNS
		 " FROM audit_entry WHERE number = 5",
			CHANGED("6") STRANGE("6") "entries after 5 were not written by this program: the newest was 5\n"},
		{"UPDATE audit_entry SET number = number + 10 WHERE number > 2; "
		 "INSERT INTO audit_entry (account_id, number, at, " COLUMNS ") SELECT account_id, 3, at, " COLUMNS
		 " FROM audit_entry WHERE number = 2; "
		 "UPDATE audit_entry SET number = number - 9 WHERE number > 10",
			CHANGED("3") STRANGE("3") CHANGED("4") CHANGED("5")
				CHANGED("6") "entries after 5 were not written by this program: the newest was 5\n"},
		/* the tail cut, and the head with it, but not its hash */
		{"DELETE FROM audit_entry WHERE number = 5; UPDATE audit_head SET number = 4",
			"entry 4, the newest, has another hash than the one that was written last\n"},
		{"DELETE FROM audit_head", "entries after 0 were not written by this program: the newest was 0\n"},
		/* the beginning cut as retention does it */
		{"UPDATE audit_head SET cut_number = 2, cut_goal = 2, cut_hash = (SELECT hash FROM audit_entry WHERE number = 2); "
		 "DELETE FROM audit_entry WHERE number <= 2",
			"it begins after entry 2, and no entry says that it was cut there\n"},
		{"UPDATE audit_head SET cut_hash = hash",
			STRANGE("1") "it was never cut, and yet does not begin at the hash before the first entry\n"},
		{"UPDATE audit_head SET cut_number = 1", "entry 1 is there, before the place where the log was cut\n" STRANGE(
													 "2") "it begins after entry 1, and no entry says that it was cut there\n"},
	};
	struct fresh_store *s = *state;
	notes(s, ENTRIES);
	assert_problems(s, "");
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		assert_ok(db_begin(s->db));
		store_script(s, CASES[i].script);
		assert_problems(s, CASES[i].problems);
		db_rollback(s->db);
	}
	assert_problems(s, "");
}

static void keep_head(void *context, struct text account, uint64_t entries, const struct audit_head *head)
{
	(void)account, (void)entries;
	*(struct audit_head *)context = *head;
}

static struct audit_head head_of(struct fresh_store *s)
{
	struct audit_head head = {0};
	struct audit_check c = {.head = keep_head, .context = &head};
	assert_ok(audit_verify(s->db, &c));
	return head;
}

/* Who can write to the database can compute every hash anew; but not those that somebody has kept elsewhere. */
static void a_chain_written_anew_is_found_by_a_head_that_was_kept(void **state)
{
	struct fresh_store *s = *state;
	notes(s, ENTRIES);
	const struct audit_head kept = head_of(s);
	struct text hash = text_from(kept.hash);
	assert_int_equal(kept.number, ENTRIES);
	note(s, 99 * DAY);
	assert_told(s, hash, kept.number, "");
	assert_told(
		s, hash, kept.number + 1, "entry 6 has another hash than the one that was kept: what is there was written anew\n");
	assert_told(s, hash, kept.number + 2, "entry 7, whose hash was kept, is not there\n");
	store_script(s, "DELETE FROM audit_entry; DELETE FROM audit_head");
	for (int i = 0; i < ENTRIES + 1; i++) note(s, i == 2 ? 0 : DAY * (i + 1));
	assert_problems(s, "");
	assert_told(s, hash, kept.number, "entry 5 has another hash than the one that was kept: what is there was written anew\n");
	struct audit_check c = {.expected_account = TEXT("nobody"), .expected_hash = hash, .expected_number = 1};
	assert_ok(audit_verify(s->db, &c));
	assert_int_equal(c.problems, 1);
}

/* ---- retention ---- */

static void steps(struct fresh_store *s, int64_t days, time_us now, int most)
{
	const struct retention r = {.audit_days = days};
	bool more = true;
	for (int i = 0; more && i < most; i++) {
		assert_ok(db_begin(s->db));
		assert_ok(retention_step(s->db, &r, now, &more));
		assert_ok(db_commit(s->db));
		assert_problems(s, "");
	}
	if (most > 1) assert_false(more);
}

struct row {
	int64_t number;
	char action[32], after[128];
};

static void last_row(void *context, const struct audit_entry *e)
{
	struct row *r = context;
	r->number = e->number;
	snprintf(r->action, sizeof r->action, "%s", e->action);
	snprintf(r->after, sizeof r->after, "%.*s", TEXT_ARGS(e->after));
}

static struct row last_of(struct fresh_store *s)
{
	struct row r = {0};
	assert_ok(audit_walk(s->db, s->arena, ACCOUNT, 0, 10000, last_row, &r));
	return r;
}

static void retention_cuts_the_old_end_and_says_so(void **state)
{
	struct fresh_store *s = *state;
	notes(s, ENTRIES); /* of days 1 to 5 */
	const struct audit_head first = head_of(s);
	steps(s, 0, 100 * DAY, 5);
	assert_int_equal(last_of(s).number, ENTRIES);
	steps(s, 3, 6 * DAY, 5); /* those before day 3 */
	struct audit_head head = head_of(s);
	assert_int_equal(head.cut_number, 2);
	assert_int_equal(head.number, ENTRIES + 1);
	assert_string_equal(last_of(s).action, "audit.cut");
	assert_string_equal(last_of(s).after, "{\"entries\":2,\"through\":2,\"older_than\":\"1970-01-04T00:00:00.000000Z\"}");
	assert_told(s, text_from(first.hash), first.number, "");
	assert_told(s, text_from(head.cut_hash), 2, "entry 2 was cut by retention and cannot be compared any more\n");
	/* once a day at most */
	steps(s, 2, 6 * DAY + DAY / 2, 5);
	assert_int_equal(head_of(s).cut_number, 2);
	steps(s, 2, 7 * DAY, 5);
	assert_int_equal(head_of(s).cut_number, 4);
	assert_int_equal(head_of(s).number, ENTRIES + 2);
	/* everything is old, the entries about cutting too; the last of them stays */
	steps(s, 1, 100 * DAY, 5);
	assert_int_equal(head_of(s).cut_number, ENTRIES + 2);
	assert_int_equal(head_of(s).number, ENTRIES + 3);
	note(s, 101 * DAY);
	assert_problems(s, "");
}

static void a_long_log_is_cut_in_steps_with_one_entry(void **state)
{
	struct fresh_store *s = *state;
	assert_ok(db_begin(s->db));
	notes(s, 500);
	assert_ok(db_commit(s->db));
	steps(s, 1, 502 * DAY, 1);
	assert_int_equal(head_of(s).cut_number, 0); /* decided */
	assert_int_equal(head_of(s).cut_goal, 500);
	steps(s, 1, 502 * DAY, 1);
	assert_int_equal(head_of(s).cut_number, 200);
	note(s, 503 * DAY);
	steps(s, 1, 503 * DAY, 10);
	assert_int_equal(head_of(s).cut_number, 500);
	assert_int_equal(head_of(s).number, 502);
}

/* Also when another process has done it between the look and the lock. */
static void what_an_entry_explains_is_all_that_may_be_gone(void **state)
{
	struct fresh_store *s = *state;
	notes(s, ENTRIES);
	steps(s, 3, 6 * DAY, 5);
	store_script(s, "UPDATE audit_head SET cut_number = 3, cut_hash = (SELECT hash FROM audit_entry WHERE number = 3); "
					"DELETE FROM audit_entry WHERE number = 3");
	assert_problems(s, "it begins after entry 3, and no entry says that it was cut there\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_STORE(whatever_is_done_to_the_rows_is_named),
		TEST_OF_STORE(a_chain_written_anew_is_found_by_a_head_that_was_kept),
		TEST_OF_STORE(retention_cuts_the_old_end_and_says_so),
		TEST_OF_STORE(a_long_log_is_cut_in_steps_with_one_entry),
		TEST_OF_STORE(what_an_entry_explains_is_all_that_may_be_gone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
