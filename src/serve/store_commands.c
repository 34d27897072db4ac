/* Commands that open the store on the server's machine: migrate, backup, check. */
#include <inttypes.h>
#include <stdio.h>

#include "actions/check.h"
#include "base/limits.h"
#include "db/db.h"
#include "db/migrate.h"
#include "serve/command.h"
#include "serve/store_open.h"

static int trouble(const char *command, const struct err *err)
{
	fprintf(stderr, "versioner %s: %s\n", command, err->text);
	return EXIT_TROUBLE;
}

int migrate_run(const struct settings *s, char **words)
{
	(void)words;
	struct db *db;
	struct err err;
	int applied;
	if (store_open_migrated(setting_text(s, "db"), &db, &applied, &err) != RC_OK) return trouble("migrate", &err);
	printf("%s: schema %d, %d migrations applied\n", setting_text(s, "db"), migrate_newest(), applied);
	db_close(db);
	return EXIT_FINE;
}

int backup_run(const struct settings *s, char **words)
{
	if (!words[0] || words[1]) return fprintf(stderr, "versioner backup: name one file to write\n"), EXIT_USAGE;
	struct db *db;
	struct err err;
	enum rc rc = store_open_existing(setting_text(s, "db"), DB_READ, &db, &err);
	if (rc != RC_OK) return trouble("backup", &err);
	rc = db_backup(db, words[0], &err);
	db_close(db);
	if (rc != RC_OK) return trouble("backup", &err);
	printf("%s: copied to %s\n", setting_text(s, "db"), words[0]);
	return EXIT_FINE;
}

/* ---- check ---- */

static void show_problem(void *context, const char *sentence)
{
	(void)context;
	printf("problem: %s\n", sentence);
}

static enum rc check_engine(struct db *db, uint64_t *problems, struct err *err)
{
	buf_auto lines = BUF_INIT(KIB(256));
	enum rc rc = db_integrity(db, &lines, err);
	struct text rest = buf_view(&lines), line;
	while (rc == RC_OK && rest.p && text_split(&rest, '\n', &line)) {
		if (!line.n) continue;
		printf("problem: the database file: %.*s\n", TEXT_ARGS(line));
		(*problems)++;
	}
	return rc;
}

static enum rc check_tables(struct db *db, struct check *c, struct err *err)
{
	enum rc rc = db_begin(db);
	if (rc == RC_OK) rc = check_derived(db, c);
	if (rc != RC_OK) err_set(err, rc, "cannot read the tables: %s", db_error(db)->text);
	db_rollback(db);
	return rc;
}

int check_run(const struct settings *s, char **words)
{
	(void)words;
	struct db *db;
	struct err err;
	struct check c = {.problem = show_problem};
	uint64_t damaged = 0;
	enum rc rc = store_open_existing(setting_text(s, "db"), DB_READ, &db, &err);
	if (rc != RC_OK) return trouble("check", &err);
	rc = check_engine(db, &damaged, &err);
	if (rc == RC_OK) rc = check_tables(db, &c, &err);
	db_close(db);
	if (rc != RC_OK) return trouble("check", &err);
	printf("%" PRIu64 " deployments, %" PRIu64 " builds, %" PRIu64 " events, %" PRIu64 " cells compared", c.deployments, c.builds,
		c.events, c.cells);
	if (c.without_log) printf("; %" PRIu64 " are older than the event log", c.without_log);
	printf(": %s\n", c.problems + damaged ? "problems found" : "no problems");
	return c.problems + damaged ? EXIT_TROUBLE : EXIT_FINE;
}
