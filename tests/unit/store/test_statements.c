/* Every statement of the program on a store as the migrations make it: each can be prepared, and none of them walks through a large
 * table. SQLite plans by the fixed figures that the migrations write, so a plan here is the plan on a large store. */
#include <sqlite3.h>

#include "../fresh_store.h"

enum { PLAN_LINES = 32, PLAN_LINE_SIZE = 200 };

struct plan {
	size_t count;
	char lines[PLAN_LINES][PLAN_LINE_SIZE];
};

static void every_statement_can_be_prepared(void **state)
{
	struct fresh_store *s = *state;
	struct err err = {0};
	size_t count;
	struct sql *statements = db_statements(&count);
	assert_true(count > 60);
	for (size_t i = 0; i < count; i++) {
		if (db_prepare_check(s->db, &statements[i], &err) == RC_OK) continue;
		fail_msg("%s:%d: %s\n%s", statements[i].file, statements[i].line, err.text, statements[i].text);
	}
}

/* PostgreSQL would compare names as a dictionary does. */
static void every_text_is_compared_byte_for_byte(void **state)
{
	if (!engine_url()) skip();
	store_script(*state,
		"DO $$ DECLARE found TEXT; BEGIN SELECT string_agg(table_name || '.' || column_name, ', ') INTO found "
		"FROM information_schema.columns WHERE table_schema = current_schema() AND data_type = 'text' "
		"AND collation_name IS DISTINCT FROM 'C'; IF found IS NOT NULL THEN RAISE EXCEPTION '%', found; END IF; END $$");
}

/* ---- plans ---- */

static sqlite3 *open_raw(struct fresh_store *s)
{
	sqlite3 *h = NULL;
	assert_int_equal(sqlite3_open_v2(s->path, &h, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	return h;
}

static void plan_of(sqlite3 *h, const char *statement, struct plan *ret)
{
	sqlite3_stmt *stmt;
	char text[8192];
	ret->count = 0;
	assert_in_range(snprintf(text, sizeof text, "EXPLAIN QUERY PLAN %s", statement), 1, sizeof text - 1);
	if (sqlite3_prepare_v2(h, text, -1, &stmt, NULL) != SQLITE_OK) fail_msg("%s: %s", statement, sqlite3_errmsg(h));
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		assert_true(ret->count < PLAN_LINES);
		snprintf(ret->lines[ret->count++], PLAN_LINE_SIZE, "%s", (const char *)sqlite3_column_text(stmt, 3));
	}
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
}

/* What may walk: small tables, what is read whole because that is what is asked for, and lists of a whole account in the order of
 * their key. A row is a part of the statement's text and the line of its plan. */
static const struct {
	const char *statement, *line;
} ALLOWED[] = {
	/* A handful of rows. */
	{"FROM account", "SCAN account USING COVERING INDEX sqlite_autoindex_account_1"},
	{"FROM api_key k", "SCAN k USING INDEX sqlite_autoindex_api_key_1"},
	{"MAX(key_number)", "SEARCH api_key USING COVERING INDEX sqlite_autoindex_api_key_1 (account_id=?)"},
	{"FROM app_user WHERE account_id = $1 AND role = $2", "SEARCH app_user USING INDEX app_user_email (account_id=?)"},
	{"FROM schema_migration", "SCAN schema_migration USING INDEX sqlite_autoindex_schema_migration_1"},
	{"FROM retention_mark", "SEARCH retention_mark USING INDEX sqlite_autoindex_retention_mark_1 (account_id=?)"},
	{"FROM audit_head", "SEARCH audit_head USING INDEX sqlite_autoindex_audit_head_1 (account_id=?)"},
	{"UPDATE audit_head", "SEARCH audit_head USING INDEX sqlite_autoindex_audit_head_1 (account_id=?)"},
	/* From the oldest on to the first that is kept, once a day; and the newest, which is one step. */
	{"FROM audit_entry WHERE account_id = $1 AND at >= $2", "SEARCH audit_entry USING PRIMARY KEY (account_id=?)"},
	{"MAX(number)", "SEARCH audit_entry USING PRIMARY KEY (account_id=?)"},
	/* Channels and preferences: both have a limit for an account. Of what waits for a channel, its beginning is looked at. */
	{"FROM notification_channel c LEFT JOIN notification_lane", "SCAN c"},
	{"OR c.deleted_at IS NOT NULL)", "SEARCH c USING PRIMARY KEY (account_id=?)"},
	{"COUNT(*) AS n FROM notification_channel",
		"SEARCH notification_channel USING INDEX notification_channel_name (account_id=?)"},
	{"FROM notification_channel WHERE account_id = $1 AND id < $2",
		"SEARCH notification_channel USING PRIMARY KEY (account_id=? AND id<?)"},
	{"COUNT(*) AS n FROM notification_preference",
		"SEARCH notification_preference USING COVERING INDEX notification_preference_channel (account_id=?)"},
	/* The newest event, or the newest up to an id. */
	{"ORDER BY ev.id DESC LIMIT 1", "SEARCH ev USING PRIMARY KEY (account_id=?)"},
	{"ORDER BY ev.id DESC LIMIT 1", "SEARCH ev USING PRIMARY KEY (account_id=? AND id<?)"},
	/* What only an engine with several writers has to say. */
	{"SELECT /*one*/", "SCAN CONSTANT ROW"},
	{"ORDER BY p.channel_id, p.id", "SEARCH p USING INDEX notification_preference_channel (account_id=?)"},
	{"WHERE p.account_id = $1 AND p.id < $2", "SEARCH p USING PRIMARY KEY (account_id=? AND id<?)"},
	/* So many as were asked for, of an index. */
	{"AS due", "SCAN due"},
	{"LIMIT 100) recent", "SCAN recent"},
	{"LIMIT 100) recent", "USE TEMP B-TREE FOR ORDER BY"},
	/* All that wait, counted in an index, then one row a channel. */
	{"COUNT(*) AS waiting", "SCAN n USING COVERING INDEX notification_order"},
	{"COUNT(*) AS waiting", "SCAN q"},
	{"COUNT(*) AS waiting", "USE TEMP B-TREE FOR GROUP BY"},
	/* At a start: one row a channel. */
	{"SELECT DISTINCT owner FROM notification_lane", "SCAN notification_lane"},
	{"SELECT DISTINCT owner FROM notification_lane", "USE TEMP B-TREE FOR DISTINCT"},
	{"WHERE owner = $1", "SCAN notification_lane"},
	/* The matrix of an account; forgetting an environment is rare. */
	{"FROM product p JOIN environment_state", "SEARCH p USING INDEX product_name (account_id=?)"},
	{"FROM product p CROSS JOIN environment_state", "SEARCH p USING PRIMARY KEY (account_id=?)"},
	{"FROM environment_state s WHERE s.account_id = $1", "SEARCH s USING PRIMARY KEY (account_id=?)"},
	{"AS latest_id FROM product p", "SCAN s"},
	{"SELECT id, name FROM product", "SEARCH product USING INDEX product_name (account_id=?)"},
	{"DELETE FROM environment_state", "SEARCH environment_state USING PRIMARY KEY (account_id=?)"},
	/* Open ones are few, and so are the deployments of one version. */
	{"FROM build o", "SEARCH o USING INDEX build_open (account_id=?)"},
	{"FROM deployment o", "SEARCH o USING INDEX deployment_open (account_id=?)"},
	{"AND d.version_id = $12", "USE TEMP B-TREE FOR ORDER BY"},
	/* Those of one product, narrowed to a page of ids before rows are read. */
	{"AND d.product_id = $12", "USE TEMP B-TREE FOR ORDER BY"},
	{"SELECT ev.id FROM event ev WHERE", "USE TEMP B-TREE FOR ORDER BY"},
	/* `versioner check` looks at everything. */
	{"FROM event ev WHERE ev.account_id = $1 AND NOT EXISTS", "SEARCH ev USING COVERING INDEX event_subject (account_id=?)"},
	/* Lists of a whole account, its oldest events, and its oldest notifications. */
	{"WHERE d.account_id = $1 AND d.id < $2", "SEARCH d USING PRIMARY KEY (account_id=? AND id<?)"},
	{"WHERE b.account_id = $1 AND b.id < $2", "SEARCH b USING PRIMARY KEY (account_id=? AND id<?)"},
	{"WHERE ev.account_id = $1 AND ev.id < $2", "SEARCH ev USING PRIMARY KEY (account_id=? AND id<?)"},
	{"WHERE v.account_id = $1 AND v.id < $2", "SEARCH v USING PRIMARY KEY (account_id=? AND id<?)"},
	{"FROM product WHERE account_id = $1 AND id < $2", "SEARCH product USING PRIMARY KEY (account_id=? AND id<?)"},
	{"FROM environment WHERE account_id = $1 AND id < $2", "SEARCH environment USING PRIMARY KEY (account_id=? AND id<?)"},
	{"DELETE FROM event", "SEARCH event USING PRIMARY KEY (account_id=? AND id<?)"},
	{"WHERE n.account_id = $1 AND n.id < $2", "SEARCH n USING PRIMARY KEY (account_id=? AND id<?)"},
	{"state <> 'waiting'", "SEARCH notification USING PRIMARY KEY (account_id=? AND id<?)"},
	{"c.state <> 'waiting'", "SEARCH c USING PRIMARY KEY (account_id=? AND id<?)"},
};

#define COUNT_ALL "SELECT COUNT(*) AS all_rows FROM "

static bool ends_with(const char *line, const char *end)
{
	size_t n = strlen(line), m = strlen(end);
	return n >= m && strcmp(line + n - m, end) == 0;
}

static bool walks(const char *line)
{
	return strncmp(line, "SCAN ", 5) == 0 || strstr(line, "TEMP B-TREE") || strstr(line, "AUTOMATIC") ||
		   ends_with(line, "(account_id=?)") || ends_with(line, "USING PRIMARY KEY (account_id=? AND id<?)");
}

/* Counts in `used` which rows were needed, so that the list does not outlive its reasons. */
static bool is_allowed(const char *statement, const char *line, int used[static COUNT_OF(ALLOWED)])
{
	/* `versioner export` counts everything once, for the bar on a terminal. */
	if (strncmp(statement, COUNT_ALL, strlen(COUNT_ALL)) == 0 && strncmp(line, "SCAN ", 5) == 0) return true;
	for (size_t i = 0; i < COUNT_OF(ALLOWED); i++)
		if (strstr(statement, ALLOWED[i].statement) && strcmp(line, ALLOWED[i].line) == 0) return used[i]++, true;
	return false;
}

static void no_statement_walks_through_a_large_table(void **state)
{
	ONLY_ON_SQLITE("its plans are fixed");
	sqlite3 *h = open_raw(*state);
	int used[COUNT_OF(ALLOWED)] = {0}, walking = 0;
	size_t count;
	const struct sql *statements = db_statements(&count);
	for (size_t i = 0; i < count; i++) {
		struct plan p;
		plan_of(h, statements[i].text, &p);
		for (size_t k = 0; k < p.count; k++) {
			if (!walks(p.lines[k]) || is_allowed(statements[i].text, p.lines[k], used)) continue;
			print_error("%s:%d: %s\n    %s\n", statements[i].file, statements[i].line, p.lines[k], statements[i].text);
			walking++;
		}
	}
	assert_int_equal(walking, 0);
	for (size_t i = 0; i < COUNT_OF(ALLOWED); i++)
		if (!used[i]) fail_msg("no statement needs to be allowed \"%s\" any more", ALLOWED[i].line);
	sqlite3_close(h);
}

/* ---- indexes ---- */

/* Each is there for at least one statement. */
static const char *const INDEXES[] = {
	"audit_entry_action",
	"audit_entry_actor",
	"audit_entry_subject",
	"build_open",
	"build_place",
	"build_product",
	"build_run",
	"build_unsuccessful",
	"deployment_attempted",
	"deployment_completed",
	"deployment_environment",
	"deployment_open",
	"deployment_place",
	"deployment_run",
	"deployment_unsuccessful",
	"environment_name",
	"event_environment",
	"event_subject",
	"event_type",
	"idempotency_age",
	"notification_channel_id",
	"notification_channel_name",
	"notification_dead",
	"notification_due",
	"notification_order",
	"notification_preference_channel",
	"notification_subject",
	"password_link_digest",
	"personal_token_revision",
	"personal_token_user",
	"product_name",
	"session_expiry",
	"session_of_user",
	"session_revision",
	"version_name",
	"version_product",
};

static bool line_uses(const char *line, const char *index)
{
	char by[80];
	snprintf(by, sizeof by, " INDEX %s (", index);
	return strstr(line, by) != NULL;
}

static bool is_used(sqlite3 *h, const char *index)
{
	size_t count;
	const struct sql *statements = db_statements(&count);
	for (size_t i = 0; i < count; i++) {
		struct plan p;
		plan_of(h, statements[i].text, &p);
		for (size_t k = 0; k < p.count; k++)
			if (line_uses(p.lines[k], index)) return true;
	}
	return false;
}

static void every_index_serves_a_statement(void **state)
{
	ONLY_ON_SQLITE("its plans are fixed");
	sqlite3 *h = open_raw(*state);
	for (size_t i = 0; i < COUNT_OF(INDEXES); i++)
		if (!is_used(h, INDEXES[i])) fail_msg("no statement uses the index %s", INDEXES[i]);
	sqlite3_close(h);
}

/* The indexes of the schema that `condition` chooses, one a line. */
static void index_names(sqlite3 *h, const char *condition, struct buf *out)
{
	sqlite3_stmt *stmt;
	char text[512];
	snprintf(text, sizeof text,
		"SELECT name FROM sqlite_schema WHERE type = 'index' AND name NOT LIKE 'sqlite_%%' AND tbl_name NOT IN ('api_key', "
		"'app_user') "
		"AND %s ORDER BY name",
		condition);
	assert_int_equal(sqlite3_prepare_v2(h, text, -1, &stmt, NULL), SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) buf_printf(out, "%s\n", (const char *)sqlite3_column_text(stmt, 0));
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
}

static void every_index_of_the_schema_is_known_and_has_figures(void **state)
{
	ONLY_ON_SQLITE("its plans are fixed");
	sqlite3 *h = open_raw(*state);
	buf_auto found = BUF_INIT(KIB(4)), known = BUF_INIT(KIB(4)), bare = BUF_INIT(KIB(4));
	index_names(h, "1", &found);
	for (size_t i = 0; i < COUNT_OF(INDEXES); i++) buf_printf(&known, "%s\n", INDEXES[i]);
	buf_char(&found, '\0');
	buf_char(&known, '\0');
	assert_string_equal(found.p, known.p);
	index_names(h, "name NOT IN (SELECT idx FROM sqlite_stat1)", &bare);
	assert_int_equal(bare.n, 0);
	sqlite3_close(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_STORE(every_statement_can_be_prepared),
		TEST_OF_STORE(every_text_is_compared_byte_for_byte),
		TEST_OF_STORE(no_statement_walks_through_a_large_table),
		TEST_OF_STORE(every_index_serves_a_statement),
		TEST_OF_STORE(every_index_of_the_schema_is_known_and_has_figures),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
