/* The views for people with psql, sqlite3 or a dashboard: the same columns in the same order on each engine, times that can be
 * read, and lines for each engine that differ in nothing but the form of a time. */
#include "place.h"

#include "base/secret.h"
#include "db/db_driver.h"
#include "db/migrate.h"

SQL_STATEMENT(deployments, "SELECT * FROM versioner_deployments");
SQL_STATEMENT(builds, "SELECT * FROM versioner_builds");
SQL_STATEMENT(cells, "SELECT * FROM versioner_environment_state");
SQL_STATEMENT(events, "SELECT * FROM versioner_events");
SQL_STATEMENT(versions, "SELECT * FROM versioner_versions");
SQL_STATEMENT(notifications, "SELECT * FROM versioner_notifications");
SQL_STATEMENT(
	times, "SELECT CAST(started_at AS TEXT) AS started_at, CAST(pending_at AS TEXT) AS pending_at FROM versioner_deployments");

#define ATTEMPT_TIMES \
	"pending_at started_at ended_at attempted_at received_at updated_at duration_seconds build_number build_url "
#define ATTEMPT_FIELDS \
	"invoke_id source_system scm_repository scm_sha scm_branch actor actor_email actor_name error_message error_code " \
	"extra_metadata "

static const struct {
	struct sql *statement;
	const char *columns;
} VIEWS[] = {
	{&deployments, "account id product environment environment_type version state rollout " ATTEMPT_TIMES
				   "deploy_url " ATTEMPT_FIELDS "product_id environment_id version_id "},
	{&builds, "account id product version state " ATTEMPT_TIMES ATTEMPT_FIELDS "product_id version_id "},
	{&cells,
		"account product environment environment_type current_version current_rollout current_since latest_version latest_state "
		"latest_attempted_at latest_deployed_at product_id environment_id current_deployment_id current_version_id "
		"latest_deployment_id latest_version_id "},
	{&events, "account id type effect product environment version actor occurred_at received_at subject_id payload product_id "
			  "environment_id version_id "},
	{&versions, "account id product version scm_sha scm_repository created_at product_id "},
	{&notifications,
		"account id channel channel_type event_type product environment version state attempts created_at due_at "
		"attempted_at finished_at duration_seconds answer_status answer channel_id event_id subject_id folded_into "},
};

static struct db *open_store(struct place *p)
{
	struct db *db = NULL;
	struct err err = {0};
	int applied;
	assert_int_equal(secret_init(&err), RC_OK);
	if (db_open(p->path, DB_WRITE, &db, &err) != RC_OK || migrate(db, clock_now(), &applied, &err) != RC_OK)
		fail_msg("%s", err.text);
	return db;
}

static void each_view_has_its_columns(void **state)
{
	struct db *db = open_store(*state);
	for (size_t i = 0; i < sizeof VIEWS / sizeof *VIEWS; i++) {
		struct rows r;
		char got[1024] = "";
		assert_int_equal(db_select(db, &r, VIEWS[i].statement), RC_OK);
		assert_false(rows_next(&r));
		assert_int_equal(rows_done(&r), RC_OK);
		const struct db_statement *s = db->statements[VIEWS[i].statement->index];
		for (int k = 0; k < s->columns; k++) snprintf(got + strlen(got), sizeof got - strlen(got), "%s ", s->names[k]);
		assert_string_equal(got, VIEWS[i].columns);
	}
	db_close(db);
}

static void a_time_is_shown_as_a_time(void **state)
{
	struct db *db = open_store(*state);
	struct err err = {0};
	struct rows r;
	if (db_script(db,
			"INSERT INTO account (id, slug, name, created_at) VALUES (1, 'team', 'team', 1);"
			"INSERT INTO deployment (account_id, id, product_id, environment_id, version_id, state, started_at, attempted_at, "
			"received_at, updated_at, state_event_id) VALUES (1, 'd', 'p', 'e', 'v', 'started', 1779631565890103, 1, 1, 1, 'x')",
			&err) != RC_OK)
		fail_msg("%s", err.text);
	assert_int_equal(db_select(db, &r, &times), RC_OK);
	assert_true(rows_next(&r)); /* also without its product: joins do not hide a row */
	struct text shown = row_text(&r, "started_at");
	assert_true(text_starts(shown, engine_url() ? TEXT("2026-05-24 ") : TEXT("2026-05-24T14:06:05.890Z")));
	assert_true(row_null(&r, "pending_at"));
	assert_int_equal(rows_done(&r), RC_OK);
	db_close(db);
}

/* ---- the text ---- */

static const char *text_of_migration(int number)
{
	for (const struct migration *m = MIGRATIONS; m->number; m++)
		if (m->number == number) return m->text;
	return NULL;
}

/* "ended_at" of "--sqlite <tab>strftime(…) AS ended_at,": the last word of a line for an engine; absent when it is none. */
static struct text name_of_line(struct text line, struct text engine)
{
	if (!text_starts(line, engine)) return TEXT_ABSENT;
	size_t at = line.n;
	while (at && line.p[at - 1] != ' ') at--;
	return (struct text){line.p + at, line.n - at};
}

static void each_line_of_an_engine_has_one_of_the_other(void **state)
{
	(void)state;
	struct text rest = text_from(text_of_migration(4)), line, name;
	int pairs = 0;
	assert_non_null(rest.p);
	while (text_split(&rest, '\n', &line)) {
		name = name_of_line(line, TEXT("--sqlite "));
		if (!name.p) continue;
		assert_true(text_split(&rest, '\n', &line));
		assert_true(text_equal(name, name_of_line(line, TEXT("--postgresql "))));
		pairs++;
	}
	assert_int_equal(pairs, 22);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_AT_PLACE(each_view_has_its_columns),
		TEST_AT_PLACE(a_time_is_shown_as_a_time),
		cmocka_unit_test(each_line_of_an_engine_has_one_of_the_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
