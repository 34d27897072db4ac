/* A backup is a whole, consistent database, also when it is made while others write. */
#include "place.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>

SQL_STATEMENT(last_item, "SELECT coalesce(max(id), -1) AS last FROM item");

struct target {
	char path[128];
};

static struct target target_in(const struct place *place)
{
	struct target target;

	snprintf(target.path, sizeof target.path, "%s/copy.db", place->folder);
	return target;
}

static void write_pair(struct db *db, int64_t id)
{
	static const char note[3000] = "a note that fills most of a page";

	if (db_begin(db) != RC_OK) return;
	db_exec(db, &insert_item, P_INT(id), P_TEXT(((struct text){note, sizeof note})));
	db_exec(db, &insert_item, P_INT(id + 1), P_NULL);
	if (db_commit(db) != RC_OK) return;
}

static struct db *filled(const struct place *place, int64_t pairs)
{
	struct db *db = place_with_items(place);

	for (int64_t i = 0; i < pairs; i++) write_pair(db, 2 * i);
	return db;
}

/* Opens the copy as a store of its own. */
static void require_sound(const char *path, int64_t least_items)
{
	buf_auto problems = BUF_INIT(10000);
	struct db *db = NULL;
	struct err err = {0};
	struct rows r;

	if (db_open(path, DB_WRITE, &db, &err) != RC_OK) fail_msg("%s", err.text);
	assert_int_equal(db_integrity(db, &problems, NULL), RC_OK);
	assert_int_equal(problems.n, 0);
	int64_t items = items_in(db);
	assert_true(items >= least_items);
	assert_int_equal(items % 2, 0); /* each transaction wrote two */
	db_select(db, &r, &last_item);
	assert_true(rows_next(&r));
	assert_int_equal(row_int(&r, "last"), items - 1);
	assert_int_equal(rows_done(&r), RC_OK);
	db_close(db);
}

static int files_in(const char *folder)
{
	DIR *d = opendir(folder);
	int count = 0;

	assert_non_null(d);
	for (const struct dirent *entry; (entry = readdir(d));) count += entry->d_name[0] != '.';
	closedir(d);
	return count;
}

static void copies_everything(void **state)
{
	const struct place *place = *state;
	struct target target = target_in(place);
	struct db *writer = filled(place, 300);
	struct db *reader = place_open(place, DB_READ);
	struct err err = {0};
	struct stat s;
	int before = files_in(place->folder);

	if (db_backup(reader, target.path, &err) != RC_OK) fail_msg("%s", err.text);
	assert_int_equal(files_in(place->folder), before + 1);
	assert_int_equal(stat(target.path, &s), 0);
	assert_int_equal(s.st_mode & 0777, 0600);
	require_sound(target.path, 600);
	db_close(reader);
	db_close(writer);
}

struct writing {
	struct db *db;
	int64_t next;
	atomic_bool stop;
	atomic_int pairs;
};

static void *write_on(void *arg)
{
	struct writing *w = arg;

	for (; !atomic_load(&w->stop); w->next += 2) {
		write_pair(w->db, w->next);
		atomic_fetch_add(&w->pairs, 1);
	}
	return NULL;
}

static void copies_one_picture_while_others_write(void **state)
{
	const struct place *place = *state;
	struct target target = target_in(place);
	struct writing writing = {.db = filled(place, 1000), .next = 2000};
	struct db *reader = place_open(place, DB_READ);
	struct err err = {0};
	pthread_t thread;

	/* Commits come faster than steps of the copy: one that began anew at each would never end. */
	assert_int_equal(db_script(writing.db, "PRAGMA synchronous = OFF", NULL), RC_OK);
	assert_int_equal(pthread_create(&thread, NULL, write_on, &writing), 0);
	while (atomic_load(&writing.pairs) == 0) usleep(100);
	for (int i = 0; i < 3; i++) {
		if (db_backup(reader, target.path, &err) != RC_OK) fail_msg("%s", err.text);
		require_sound(target.path, 2002);
		unlink(target.path);
	}
	atomic_store(&writing.stop, true);
	pthread_join(thread, NULL);
	assert_true(items_in(reader) >= 2002);
	db_close(reader);
	db_close(writing.db);
}

static void never_replaces_a_file(void **state)
{
	const struct place *place = *state;
	struct target target = target_in(place);
	struct db *db = filled(place, 1);
	struct err err = {0};
	FILE *f = fopen(target.path, "w");

	assert_non_null(f);
	fputs("precious", f);
	fclose(f);
	assert_int_equal(db_backup(db, target.path, &err), RC_CONFLICT);
	assert_non_null(strstr(err.text, target.path));
	char content[16] = "";
	f = fopen(target.path, "r");
	assert_non_null(fgets(content, sizeof content, f));
	fclose(f);
	assert_string_equal(content, "precious");
	assert_int_equal(db_backup(db, "/nowhere/at/all.db", &err), RC_UNAVAILABLE);
	db_close(db);
}

static void leaves_nothing_when_the_disk_is_full(void **state)
{
	const struct rlimit small = {.rlim_cur = 300000, .rlim_max = RLIM_INFINITY};
	const struct rlimit none = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
	const struct place *place = *state;
	struct target target = target_in(place);
	struct db *db = filled(place, 300);
	struct err err = {0};
	int before = files_in(place->folder);

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	enum rc rc = db_backup(db, target.path, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_int_equal(rc, RC_FULL);
	assert_int_equal(files_in(place->folder), before);
	write_pair(db, 100000); /* the connection is as before */
	assert_int_equal(items_in(db), 602);
	db_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_AT_PLACE(copies_everything),
		TEST_AT_PLACE(copies_one_picture_while_others_write),
		TEST_AT_PLACE(never_replaces_a_file),
		TEST_AT_PLACE(leaves_nothing_when_the_disk_is_full),
	};
	return RUN_SQLITE_TESTS(tests);
}
