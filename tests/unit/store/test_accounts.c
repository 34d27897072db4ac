/* No row of one account is found by way of another: the keys of every table begin with the account, and every statement of the program keeps to
 * one. What need not is listed here with its reason; docs/design/accounts.md shows the lists. */
#include "../fresh_store.h"
#include "account_rule.h"

enum { TABLES_MOST = 64 };

/* ---- what need not ---- */

/* Tables without an account. */
static const struct {
	const char *name, *reason;
	bool only_postgresql;
} TABLES[] = {
	{"account", "is the list of accounts; its key is the account", false},
	{"revision", "one number for all server processes: the keys in memory are of all accounts", false},
	{"schema_migration", "which migrations this store has", false},
	{"import_progress", "how far an import of the whole store has come", false},
	{"commit_mark", "a commit holds writes of many accounts", true},
};

/* Indexes that do not begin with the account. */
static const struct {
	const char *name, *reason;
} KEYS[] = {
	{"account.slug", "keys of the API name the account by it"},
	{"app_user.revision", "people are kept in memory for all accounts: what has changed since a number"},
	{"session.revision", "the same"},
	{"personal_token.revision", "the same"},
};

/* Statements that keep to no account, by a part of their text. */
static const struct {
	const char *part, *reason;
} STATEMENTS[] = {
	{"COUNT(*) AS n FROM account", "the first start: is there an account?"},
	{"FROM account WHERE slug = $1", "the account of a name"},
	{"FROM account WHERE id > $1", "checks and retention go through the accounts, one after the other"},
	{"FROM api_key k JOIN account a", "keys are kept in memory for all accounts"},
	{"revision SET value", "a key of any account has changed"},
	{"value FROM revision", "has a key of any account changed?"},
	{"WHERE revision > $1", "people are kept in memory for all accounts: what has changed since a number"},
	{"FROM schema_migration", "of the store"},
	{"INTO schema_migration", "of the store"},
	{"FROM import_progress", "of the store"},
	{"INTO import_progress", "of the store"},
	{"UPDATE import_progress", "of the store"},
	{"FROM notification_channel c LEFT JOIN notification_lane l", "the deliverer looks for work of all accounts"},
	{"DISTINCT owner FROM notification_lane", "which server processes hold lanes"},
	{"lease_until = NULL WHERE owner = $1", "a process that has ended holds lanes of all accounts"},
	{"COUNT(*) AS waiting", "gauges of the process, by channel type"},
	{"COUNT(*) AS all_rows FROM", "an export is of all accounts"},
	{"WHERE (account_id", "an export is of all accounts"},
	{"FROM account WHERE (id) > ($1)", "an export is of all accounts"},
};

/* ---- the schema ---- */

SQL_STATEMENT(sqlite_tables,
	"SELECT m.name, (SELECT c.name FROM pragma_table_info(m.name) c WHERE c.cid = 0) AS first, "
	"(SELECT COUNT(*) FROM pragma_table_info(m.name) c WHERE c.name = 'account_id' AND c.\"notnull\" = 1) AS kept "
	"FROM sqlite_schema m WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY m.name");
SQL_STATEMENT(postgresql_tables,
	"SELECT c.relname AS name, (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = 1) AS first, "
	"(SELECT COUNT(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'account_id' AND a.attnotnull) AS kept "
	"FROM pg_class c WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND c.relkind IN "
	"('r', 'p') ORDER BY c.relname");
SQL_STATEMENT(sqlite_indexes,
	"SELECT m.name AS table_name, l.name, l.\"unique\" AS is_unique, "
	"(SELECT i.name FROM pragma_index_info(l.name) i WHERE i.seqno = 0) AS first "
	"FROM sqlite_schema m, pragma_index_list(m.name) l WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' "
	"ORDER BY m.name, l.name");
SQL_STATEMENT(postgresql_indexes,
	"SELECT t.relname AS table_name, x.relname AS name, i.indisunique AS is_unique, a.attname AS first FROM pg_index i "
	"JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid "
	"LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] "
	"WHERE t.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND t.relkind IN ('r', 'p') ORDER BY "
	"t.relname, x.relname");
/* Foreign keys, and whether the account is one of their columns on both sides. */
SQL_STATEMENT(sqlite_references,
	"SELECT m.name AS table_name, f.\"table\" AS name, "
	"MAX(f.\"from\" = 'account_id' AND COALESCE(f.\"to\", 'account_id') IN ('account_id', 'id')) AS kept "
	"FROM sqlite_schema m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' GROUP BY m.name, f.id");
SQL_STATEMENT(postgresql_references,
	"SELECT t.relname AS table_name, k.conname AS name, EXISTS (SELECT 1 FROM unnest(k.conkey, k.confkey) AS c (mine, theirs) "
	"JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = c.mine JOIN pg_attribute b ON b.attrelid = k.confrelid AND "
	"b.attnum = "
	"c.theirs WHERE a.attname = 'account_id' AND b.attname IN ('account_id', 'id')) AS kept FROM pg_constraint k "
	"JOIN pg_class t ON t.oid = k.conrelid WHERE k.contype = 'f' AND t.relnamespace = (SELECT oid FROM pg_namespace WHERE "
	"nspname = current_schema())");
SQL_STATEMENT(sqlite_views, "SELECT name, sql AS text FROM sqlite_schema WHERE type = 'view' ORDER BY name");

static struct sql *of_engine(struct sql *sqlite, struct sql *postgresql)
{
	return engine_url() ? postgresql : sqlite;
}

static bool is_without_account(struct text table)
{
	for (size_t i = 0; i < COUNT_OF(TABLES); i++)
		if (text_is(table, TABLES[i].name)) return true;
	return false;
}

/* Each kind of violation, counted and shown. */
static int wrong_tables(struct fresh_store *s, int *ret_seen)
{
	struct rows r;
	int wrong = 0;
	enum rc rc = db_select(s->db, &r, of_engine(&sqlite_tables, &postgresql_tables));
	while (rc == RC_OK && rows_next(&r)) {
		struct text name = text_copy(s->arena, row_text(&r, "name"));
		bool first = text_is(row_text(&r, "first"), "account_id"), kept = row_int(&r, "kept") == 1;
		++*ret_seen;
		if ((first && kept) || is_without_account(name)) continue;
		print_error("the table %.*s does not begin with account_id BIGINT NOT NULL\n", TEXT_ARGS(name));
		wrong++;
	}
	assert_ok(rows_done(&r));
	return wrong;
}

static bool is_allowed_key(struct text table, struct text first)
{
	char key[128];
	snprintf(key, sizeof key, "%.*s.%.*s", TEXT_ARGS(table), TEXT_ARGS(first));
	for (size_t i = 0; i < COUNT_OF(KEYS); i++)
		if (strcmp(key, KEYS[i].name) == 0) return true;
	return text_is(table, "account") ? strcmp(key, "account.id") == 0 : is_without_account(table);
}

/* Every index, not only unique ones: a search without the account is not meant. */
static int wrong_indexes(struct fresh_store *s, int *ret_seen)
{
	struct rows r;
	int wrong = 0;
	enum rc rc = db_select(s->db, &r, of_engine(&sqlite_indexes, &postgresql_indexes));
	while (rc == RC_OK && rows_next(&r)) {
		struct text table = text_copy(s->arena, row_text(&r, "table_name")), name = text_copy(s->arena, row_text(&r, "name"));
		bool is_unique = row_int(&r, "is_unique");
		struct text first = text_copy(s->arena, row_text(&r, "first"));
		++*ret_seen;
		if (text_is(first, "account_id") || is_allowed_key(table, first)) continue;
		print_error("the %sindex %.*s of %.*s does not begin with account_id\n", is_unique ? "unique " : "", TEXT_ARGS(name),
			TEXT_ARGS(table));
		wrong++;
	}
	assert_ok(rows_done(&r));
	return wrong;
}

static int wrong_references(struct fresh_store *s)
{
	struct rows r;
	int wrong = 0;
	enum rc rc = db_select(s->db, &r, of_engine(&sqlite_references, &postgresql_references));
	while (rc == RC_OK && rows_next(&r)) {
		struct text table = text_copy(s->arena, row_text(&r, "table_name"));
		if (row_int(&r, "kept")) continue;
		print_error("a foreign key of %.*s leaves the account out\n", TEXT_ARGS(table));
		wrong++;
	}
	assert_ok(rows_done(&r));
	return wrong;
}

static void every_key_begins_with_the_account(void **state)
{
	int tables = 0, indexes = 0;
	assert_int_equal(wrong_tables(*state, &tables), 0);
	assert_int_equal(wrong_indexes(*state, &indexes), 0);
	assert_int_equal(wrong_references(*state), 0);
	assert_true(tables >= 20);
	assert_true(indexes >= 45);
	for (size_t i = 0; i < COUNT_OF(TABLES); i++) {
		bool there = false;
		struct fresh_store *s = *state;
		struct err err;
		assert_ok(db_has_table(s->db, TABLES[i].name, &there, &err));
		if (there != (engine_url() || !TABLES[i].only_postgresql)) fail_msg("the table %s need not be excepted", TABLES[i].name);
	}
}

static void what_breaks_the_rule_is_found(void **state)
{
	struct fresh_store *s = *state;
	int ignored;
	print_message("# the violations that follow are meant\n");
	store_script(s, "CREATE TABLE stray (id TEXT NOT NULL PRIMARY KEY)");
	assert_int_equal(wrong_tables(s, &ignored), 1);
	assert_int_equal(wrong_indexes(s, &ignored), 1);
	store_script(s, "CREATE TABLE late (id TEXT NOT NULL, account_id BIGINT NOT NULL, PRIMARY KEY (account_id, id))");
	store_script(s, "CREATE TABLE loose (account_id BIGINT, id TEXT NOT NULL, UNIQUE (account_id, id))");
	assert_int_equal(wrong_tables(s, &ignored), 3);
	store_script(s, "CREATE UNIQUE INDEX product_everywhere ON product (name)");
	store_script(s, "CREATE INDEX product_created ON product (created_at, account_id)");
	assert_int_equal(wrong_indexes(s, &ignored), 3);
	store_script(s,
		"CREATE TABLE child (account_id BIGINT NOT NULL, id TEXT NOT NULL, parent TEXT, PRIMARY KEY (account_id, id), "
		"FOREIGN KEY (account_id, parent) REFERENCES product (account_id, id))");
	assert_int_equal(wrong_references(s), 0);
	store_script(s,
		"CREATE TABLE orphan (account_id BIGINT NOT NULL, id TEXT NOT NULL REFERENCES stray (id), PRIMARY KEY (account_id, id))");
	assert_int_equal(wrong_references(s), 1);
}

/* ---- the statements ---- */

struct names {
	int count;
	char name[TABLES_MOST][RULE_NAME];
};

static struct names tables_of(struct fresh_store *s)
{
	struct rows r;
	struct names t = {0};
	enum rc rc = db_select(s->db, &r, of_engine(&sqlite_tables, &postgresql_tables));
	while (rc == RC_OK && rows_next(&r) && t.count < TABLES_MOST)
		snprintf(t.name[t.count++], RULE_NAME, "%.*s", TEXT_ARGS(row_text(&r, "name")));
	assert_ok(rows_done(&r));
	return t;
}

static bool is_table(void *context, const char *name)
{
	const struct names *t = context;
	for (int i = 0; i < t->count; i++)
		if (strcmp(t->name[i], name) == 0) return true;
	return false;
}

static bool is_excepted(const char *text, int used[static COUNT_OF(STATEMENTS)])
{
	bool found = false;
	for (size_t i = 0; i < COUNT_OF(STATEMENTS); i++)
		if (strstr(text, STATEMENTS[i].part)) found = true, used[i]++;
	return found;
}

/* As a driver with several writers makes it of SQL_BY_WRITERS. */
static void for_several_writers(const char *text, struct buf *out)
{
	for (const char *at; (at = strstr(text, SQL_ONE_WRITER));) {
		const char *several = strstr(at, SQL_SEVERAL_WRITERS) + sizeof SQL_SEVERAL_WRITERS - 1;
		const char *end = strstr(several, SQL_WRITERS_END);
		buf_add(out, text, (size_t)(at - text));
		buf_add(out, several, (size_t)(end - several));
		text = end + sizeof SQL_WRITERS_END - 1;
	}
	buf_cstr(out, text);
	buf_char(out, '\0');
}

/* What one engine says of itself has no table of ours. */
static bool is_fine(const struct sql *sql, const char *text, struct names *tables, int used[static COUNT_OF(STATEMENTS)])
{
	struct rule_verdict v = rule_judge(text, is_table, tables);
	bool of_itself = (strstr(v.problem, "no table: ") || strstr(v.problem, ": pg_")) && strstr(sql->text, SQL_SEVERAL_WRITERS);
	if (of_itself || (!v.problem[0] && v.joined && (v.bound || is_excepted(text, used)))) return true;
	print_error("%s:%d: %s\n    %s\n", sql->file, sql->line,
		v.problem[0] ? v.problem
		: v.joined   ? "keeps to no account"
					 : "joins without the account",
		text);
	return false;
}

static void every_statement_keeps_to_one_account(void **state)
{
	struct names tables = tables_of(*state);
	int used[COUNT_OF(STATEMENTS)] = {0}, wrong = 0;
	size_t count, seen = 0;
	const struct sql *statements = db_statements(&count);
	for (size_t i = 0; i < count; i++) {
		const struct sql *sql = &statements[i];
		if (strcmp(sql->file, __FILE__) == 0) continue;
		buf_auto several = BUF_INIT(KIB(64));
		for_several_writers(sql->text, &several);
		wrong += !is_fine(sql, sql->text, &tables, used) + !is_fine(sql, several.p, &tables, used);
		seen++;
	}
	assert_int_equal(wrong, 0);
	assert_true(seen > 150);
	for (size_t i = 0; i < COUNT_OF(STATEMENTS); i++)
		if (!used[i]) fail_msg("no statement needs to be excepted for \"%s\" any more", STATEMENTS[i].part);
}

static void every_view_joins_by_the_account(void **state)
{
	ONLY_ON_SQLITE("the views are the same, and it keeps their text");
	struct fresh_store *s = *state;
	struct names tables = tables_of(s);
	struct rows r;
	int seen = 0;
	enum rc rc = db_select(s->db, &r, &sqlite_views);
	while (rc == RC_OK && rows_next(&r)) {
		const char *text = arena_printf(s->arena, "%.*s", TEXT_ARGS(row_text(&r, "text")));
		struct rule_verdict v = rule_judge(strstr(text, "SELECT"), is_table, &tables);
		if (v.problem[0] || !v.joined) fail_msg("%s: %s", v.problem, text);
		seen++;
	}
	assert_ok(rows_done(&r));
	assert_true(seen >= 6);
}

/* ---- the judge ---- */

static const struct {
	const char *text;
	bool bound, joined, problem;
} JUDGED[] = {
	{"SELECT id FROM product WHERE account_id = $1 AND id = $2", true, true, false},
	{"SELECT id FROM product WHERE id = $2", false, true, false},
	{"SELECT p.id FROM product p WHERE p.account_id = $1", true, true, false},
	{"SELECT p.id FROM product p WHERE p.id = $1 AND (p.account_id = $2)", false, true, false},
	{"SELECT p.id FROM product p WHERE p.id = $1 OR p.account_id = $2", false, true, true},
	{"SELECT p.id FROM product p JOIN version v ON v.account_id = p.account_id AND v.product_id = p.id WHERE p.account_id = $1",
		true, true, false},
	{"SELECT p.id FROM product p JOIN version v ON v.product_id = p.id WHERE p.account_id = $1", false, false, false},
	{"SELECT p.id FROM product p LEFT JOIN version v ON v.product_id = p.id AND p.account_id = $1", false, false, false},
	{"SELECT p.id FROM product p, version v WHERE p.account_id = $1 AND v.account_id = $1", false, false, true},
	{"SELECT p.id FROM product p JOIN version v ON v.account_id = p.account_id", false, true, false},
	{"SELECT p.id FROM product p WHERE p.account_id = $1 AND EXISTS (SELECT 1 FROM version v WHERE v.product_id = p.id)", false,
		false, false},
	{"SELECT p.id FROM product p WHERE p.account_id = $1 AND EXISTS (SELECT 1 FROM version v WHERE v.account_id = p.account_id)",
		true, true, false},
	{"SELECT p.id, (SELECT v.id FROM version v WHERE v.account_id = p.account_id) FROM product p WHERE p.account_id = $1", true,
		true, false},
	{"SELECT d.id FROM deployment d WHERE d.account_id = $1 AND d.id IN (SELECT d.id FROM deployment d WHERE d.state = 'x')",
		false, false, false},
	{"SELECT id FROM build WHERE account_id = $1 AND id IN (SELECT d.id FROM deployment d WHERE d.account_id = $1 UNION ALL "
	 "SELECT b.id FROM build b)",
		false, false, false},
	{"SELECT x.id FROM (SELECT p.id FROM product p WHERE p.account_id = $1) x", true, true, false},
	{"SELECT x.id FROM (SELECT p.id FROM product p WHERE p.account_id = $1) x WHERE x.id = 1 OR x.id = 2", true, true, false},
	{"SELECT x.id FROM (SELECT p.id FROM product p) AS x JOIN build b ON b.account_id = x.account_id", false, true, false},
	{"SELECT a.id FROM account a LEFT JOIN product p ON p.account_id = a.id WHERE a.id = $1", true, true, false},
	{"UPDATE product SET name = $3 WHERE account_id = $1 AND id = $2", true, true, false},
	{"UPDATE product SET name = $3 WHERE id = $2", false, true, false},
	{"UPDATE product SET account_id = $3 WHERE account_id = $1", true, true, true},
	{"DELETE FROM product WHERE account_id = $1 AND id IN (SELECT id FROM build WHERE id < $2)", false, false, false},
	{"DELETE FROM product WHERE account_id = $1 AND id = $2", true, true, false},
	{"SELECT p.id FROM product p JOIN build b ON b.id = p.id WHERE p.account_id = $1 AND b.account_id = $2", true, true, true},
	{"INSERT INTO product (account_id, id) VALUES ($1, $2)", true, true, false},
	{"INSERT INTO product (id, account_id) VALUES ($1, $2)", false, true, false},
	{"INSERT INTO product (account_id, id) VALUES (1, $2)", false, true, false},
	{"INSERT INTO product (account_id, id) SELECT account_id, id FROM build WHERE account_id = $1", true, true, false},
	{"INSERT INTO product (account_id, id) SELECT account_id, id FROM build WHERE id = $1", false, true, false},
	{"INSERT INTO product (account_id, id) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING", true, true, true},
	{"WITH gone AS (DELETE FROM product WHERE account_id = $1) SELECT 1", false, false, true},
	{"SELECT id FROM unheard_of WHERE account_id = $1", true, true, true},
};

static void the_judge_knows_right_from_wrong(void **state)
{
	struct names tables = tables_of(*state);
	for (size_t i = 0; i < COUNT_OF(JUDGED); i++) {
		struct rule_verdict v = rule_judge(JUDGED[i].text, is_table, &tables);
		if ((v.problem[0] != '\0') != JUDGED[i].problem) fail_msg("problem \"%s\": %s", v.problem, JUDGED[i].text);
		if (JUDGED[i].problem) continue;
		if (v.bound != JUDGED[i].bound || v.joined != JUDGED[i].joined) fail_msg("%d %d: %s", v.bound, v.joined, JUDGED[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_STORE(every_key_begins_with_the_account),
		TEST_OF_STORE(what_breaks_the_rule_is_found),
		TEST_OF_STORE(every_statement_keeps_to_one_account),
		TEST_OF_STORE(every_view_joins_by_the_account),
		TEST_OF_STORE(the_judge_knows_right_from_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
