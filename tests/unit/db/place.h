/* A folder of a test's own with a database in it (or a schema: engine.h), and the few statements that the tests of this room share. */
#pragma once

#include <dirent.h>
#include <unistd.h>

#include "../engine.h"
#include "base/arena.h"

#define TEST_AT_PLACE(f) cmocka_unit_test_setup_teardown(f, place_make, place_remove)

struct place {
	char folder[64];
	char path[ENGINE_LOCATION_SIZE]; /* of the database: a file, or a URI */
};

/* A cmocka setup: *state is a struct place. */
static inline int place_make(void **state)
{
	struct place *place = mem_zalloc(sizeof *place);
	const char *base = getenv("TMPDIR");

	snprintf(place->folder, sizeof place->folder, "%s/versioner-db-XXXXXX", base && strlen(base) < 32 ? base : "/tmp");
	if (!mkdtemp(place->folder)) return -1;
	*state = place;
	return engine_make(place->folder, place->path);
}

static inline int place_remove(void **state)
{
	struct place *place = *state;
	DIR *folder = opendir(place->folder);
	const struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		if (entry->d_name[0] != '.') unlinkat(dirfd(folder), entry->d_name, 0);
	}
	if (folder) closedir(folder);
	int result = rmdir(place->folder) | engine_remove(place->folder);
	free(place);
	return result;
}

static inline struct db *place_open(const struct place *place, enum db_mode mode)
{
	struct err err = {0};
	struct db *db = NULL;

	if (db_open(place->path, mode, &db, &err) != RC_OK) fail_msg("%s: %s", place->path, err.text);
	return db;
}

/* A writer with the table item (id, note), id unique. */
static inline struct db *place_with_items(const struct place *place)
{
	struct db *db = place_open(place, DB_WRITE);
	struct err err = {0};

	if (db_script(db, "CREATE TABLE item (id BIGINT NOT NULL PRIMARY KEY, note TEXT)", &err) != RC_OK) fail_msg("%s", err.text);
	return db;
}

SQL_STATEMENT(insert_item, "INSERT INTO item (id, note) VALUES ($1, $2)");
SQL_STATEMENT(count_items, "SELECT count(*) AS items FROM item");

static inline int64_t items_in(struct db *db)
{
	struct rows r;
	int64_t items = -1;

	db_select(db, &r, &count_items);
	if (rows_next(&r)) items = row_int(&r, "items");
	assert_int_equal(rows_done(&r), RC_OK);
	return items;
}
