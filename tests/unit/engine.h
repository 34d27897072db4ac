/* Which engine the tests of the store run on: SQLite, or PostgreSQL when VERSIONER_TEST_DB is the URI of a server on which the tests may
 * make schemas (tools/postgresql-cluster starts one). Each test then has a schema of its own instead of a file. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "db/db.h"

enum { ENGINE_LOCATION_SIZE = 512 };

/* NULL: SQLite. */
static inline const char *engine_url(void)
{
	const char *url = getenv("VERSIONER_TEST_DB");
	return url && *url ? url : NULL;
}

/* At the beginning of a test of something that only SQLite has. */
#define ONLY_ON_SQLITE(reason) \
	do { \
		if (!engine_url()) break; \
		print_message("# only on SQLite: %s\n", reason); \
		skip(); \
	} while (0)

static inline void skip_all(void **state)
{
	(void)state;
	skip();
}

/* Runs a group of tests of what only one engine has: on the other one each is skipped. */
static inline int run_tests_if(bool here, const struct CMUnitTest *tests, size_t count)
{
	struct CMUnitTest kept[64];

	if (count > sizeof kept / sizeof *kept) return -1;
	if (!here) print_message("# of the other engine: VERSIONER_TEST_DB chooses\n");
	for (size_t i = 0; i < count; i++) kept[i] = here ? tests[i] : (struct CMUnitTest){tests[i].name, skip_all, NULL, NULL, NULL};
	return _cmocka_run_group_tests("tests", kept, count, NULL, NULL);
}
#define RUN_SQLITE_TESTS(tests) run_tests_if(!engine_url(), (tests), sizeof(tests) / sizeof *(tests))
#define RUN_POSTGRESQL_TESTS(tests) run_tests_if(engine_url(), (tests), sizeof(tests) / sizeof *(tests))

/* As somebody beside the store. */
static inline int engine_script(const char *format, const char *name)
{
	char script[ENGINE_LOCATION_SIZE];
	struct db *db;
	struct err err = {0};

	snprintf(script, sizeof script, format, name);
	enum rc rc = db_open(engine_url(), DB_WRITE, &db, &err);
	if (rc == RC_OK) {
		rc = db_script(db, script, &err);
		db_close(db);
	}
	if (rc != RC_OK) print_error("%s: %s\n", script, err.text);
	return rc == RC_OK ? 0 : -1;
}

/* A new location for a store: a file in the folder, or a schema that is called like the folder. */
static inline int engine_make(const char *folder, char location[static ENGINE_LOCATION_SIZE])
{
	const char *url = engine_url();

	if (!url) return snprintf(location, ENGINE_LOCATION_SIZE, "%s/test.db", folder) > 0 ? 0 : -1;
	const char *name = strrchr(folder, '/') + 1;
	snprintf(location, ENGINE_LOCATION_SIZE, "%s%coptions=-csearch_path%%3D%%22%s%%22", url, strchr(url, '?') ? '&' : '?', name);
	return engine_script("CREATE SCHEMA \"%s\"", name);
}

static inline int engine_remove(const char *folder)
{
	return engine_url() ? engine_script("DROP SCHEMA \"%s\" CASCADE", strrchr(folder, '/') + 1) : 0;
}
