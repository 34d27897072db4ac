/* A store of a test's own: a database in a folder that goes away again (or a schema: engine.h), migrated, with one account. */
#pragma once

#include <dirent.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/secret.h"
#include "db/migrate.h"
#include "engine.h"
#include "store/account.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define TEST_OF_STORE(f) cmocka_unit_test_setup_teardown(f, fresh_store_make, fresh_store_remove)
/* cmocka takes fail_msg for a function that may return. */
#define assert_ok(rc) assert_int_equal((rc), RC_OK)

enum { ACCOUNT = 1 };

struct fresh_store {
	const void *given; /* what *state was before the setup: the row of a table */
	char folder[64];
	char path[ENGINE_LOCATION_SIZE]; /* of the database: a file, or a URI */
	struct db *db; /* the writer */
	struct arena *arena; /* until the end of the test */
};

/* A cmocka setup: *state becomes a struct fresh_store with an empty store, without an account. */
static inline int empty_store_make(void **state)
{
	struct fresh_store *s = mem_zalloc(sizeof *s);
	const char *base = getenv("TMPDIR");
	struct err err = {0};
	int applied = 0;

	s->given = *state;
	s->arena = arena_new(KIB(64), MIB(1024));
	*state = s;
	snprintf(s->folder, sizeof s->folder, "%s/versioner-store-XXXXXX", base && strlen(base) < 32 ? base : "/tmp");
	if (secret_init(&err) != RC_OK || !mkdtemp(s->folder)) return -1;
	if (engine_make(s->folder, s->path) != 0) return -1;
	if (db_open(s->path, DB_WRITE, &s->db, &err) == RC_OK && migrate(s->db, clock_now(), &applied, &err) == RC_OK) return 0;
	print_error("%s\n", err.text);
	return -1;
}

/* The same with the account ACCOUNT. */
static inline int fresh_store_make(void **state)
{
	if (empty_store_make(state) != 0) return -1;
	struct fresh_store *s = *state;
	return account_insert(s->db, ACCOUNT, TEXT("default"), TEXT("default"), 1) == RC_OK ? 0 : -1;
}

static inline int fresh_store_remove(void **state)
{
	struct fresh_store *s = *state;
	db_close(s->db);
	DIR *folder = opendir(s->folder);
	const struct dirent *entry;
	while (folder && (entry = readdir(folder)))
		if (entry->d_name[0] != '.') unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder) closedir(folder);
	int result = rmdir(s->folder) | engine_remove(s->folder);
	arena_free(s->arena);
	free(s);
	return result;
}

/* Statements without a result, as somebody with a shell on the file would run them. */
static inline void store_script(struct fresh_store *s, const char *text)
{
	struct err err = {0};
	if (db_script(s->db, text, &err) != RC_OK) fail_msg("%s: %s", text, err.text);
}

static inline void assert_text(struct text t, const char *expected)
{
	char got[4096];
	if (!expected) {
		assert_null(t.p);
		return;
	}
	assert_non_null(t.p);
	snprintf(got, sizeof got, "%.*s", TEXT_ARGS(t));
	assert_string_equal(got, expected);
}
