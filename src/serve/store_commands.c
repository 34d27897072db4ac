/* Commands that open the store on the server's machine: migrate, backup. */
#include <stdio.h>

#include "db/db.h"
#include "db/migrate.h"
#include "serve/commands.h"
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
	char shown[512];
	db_location_shown(setting_text(s, "db"), shown, sizeof shown);
	if (store_open_migrated(setting_text(s, "db"), &db, &applied, &err) != RC_OK) return trouble("migrate", &err);
	printf("%s: schema %d, %d migrations applied\n", shown, migrate_newest(), applied);
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
