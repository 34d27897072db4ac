/* The outbox when much of it waits: the deliverer's questions cost what they give, not what there is. */
#include <sqlite3.h>

#include "outbox.h"

/* What the deliverer asks again and again, and how many steps of SQLite's machine it may take: so many rows, and no more. */
static const struct {
	const char *statement;
	int most_steps;
} CHEAP[] = {
	{"AND NOT EXISTS (SELECT 1 FROM notification o WHERE o.account_id = n.account_id AND o.channel_id = n.channel_id "
	 "AND o.subject_id = n.subject_id AND o.state = 'waiting' AND o.id < n.id)",
		4000},
	{"SELECT n.due_at FROM notification n WHERE", 100},
	{"AS due", 500},
	{"n.id IN (SELECT n.id FROM", 4000},
	{"UPDATE notification_lane SET owner = $3", 200},
	{"c.enabled = 1 AND c.deleted_at IS NULL", 200},
	{"SELECT MAX(o.due_at) FROM notification o WHERE o.account_id = $1 AND o.channel_id = $3", 300},
	{"UPDATE notification SET due_at = $3 WHERE", 600},
};

static void bind(sqlite3_stmt *stmt, const char *name, sqlite3_int64 number, const char *text)
{
	int at = sqlite3_bind_parameter_index(stmt, name);
	if (at && text) assert_int_equal(sqlite3_bind_text(stmt, at, text, -1, SQLITE_STATIC), SQLITE_OK);
	if (at && !text) assert_int_equal(sqlite3_bind_int64(stmt, at, number), SQLITE_OK);
}

static int steps_of(sqlite3 *h, const struct sql *statement, time_us now)
{
	sqlite3_stmt *stmt;
	bool writes_row = strncmp(statement->text, "INSERT", 6) == 0, by_id = strstr(statement->text, "h.id = $2") != NULL;
	assert_int_equal(sqlite3_prepare_v2(h, statement->text, -1, &stmt, NULL), SQLITE_OK);
	bind(stmt, "$1", ACCOUNT, NULL);
	bind(stmt, "$2", 0,
		writes_row ? "018bcfe5-6800-7000-8000-999999999999"
		: by_id    ? "018bcfe5-6800-7000-8000-000000000000"
				   : "c1");
	bind(stmt, "$3", by_id ? now + SECONDS_US(1) : now, writes_row ? "c1" : NULL);
	bind(stmt, "$4", 20, NULL);
	bind(stmt, "$5", 0, NULL);
	bind(stmt, "$6", 0, "s1");
	bind(stmt, "$7", now, NULL);
	while (sqlite3_step(stmt) == SQLITE_ROW) continue;
	int steps = sqlite3_stmt_status(stmt, SQLITE_STMTSTATUS_VM_STEP, 0);
	sqlite3_finalize(stmt);
	return steps;
}

static const struct sql *statement_with(const char *part)
{
	size_t count;
	const struct sql *statements = db_statements(&count), *found = NULL;
	for (size_t i = 0; i < count; i++)
		if (strstr(statements[i].text, part)) found = &statements[i];
	if (!found) fail_msg("no statement has: %s", part);
	return found;
}

static void assert_cheap(struct fresh_store *s, time_us now)
{
	sqlite3 *h = NULL;
	assert_int_equal(sqlite3_open_v2(s->path, &h, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(h, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
	for (size_t i = 0; i < COUNT_OF(CHEAP); i++) {
		int steps = steps_of(h, statement_with(CHEAP[i].statement), now);
		if (steps > CHEAP[i].most_steps) fail_msg("%d steps: %s", steps, CHEAP[i].statement);
	}
	assert_int_equal(sqlite3_exec(h, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(h);
}

static void the_deliverer_finds_its_way_among_ten_thousand(void **state)
{
	ONLY_ON_SQLITE("it counts the steps of its virtual machine");
	struct fresh_store *s = *state;
	char subject[16];
	put_channel(s, ACCOUNT, "c1");
	assert_ok(db_begin(s->db));
	for (int i = 0; i < 10000; i++) {
		snprintf(subject, sizeof subject, "s%d", i / 4);
		put(s, "c1", subject, i);
	}
	assert_ok(db_commit(s->db));
	assert_cheap(s, NOW);

	/* An outage: the first of each deployment was tried and put off, but for one. */
	assert_ok(db_begin(s->db));
	for (int i = 0; i < 9996; i += 4) put_off(s, i, NOW + 1000 + i);
	assert_ok(db_commit(s->db));
	assert_cheap(s, NOW);
	assert_due(s, NOW, 10, "9996");
	assert_due(s, NOW + 1004, 10, "9996 0 4");
	assert_int_equal(count_due(s, 100), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_STORE(the_deliverer_finds_its_way_among_ten_thousand),
	};
	return cmocka_run_group_tests_name("notification_many", tests, NULL, NULL);
}
