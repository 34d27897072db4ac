/* See store.h. */
#include "bare/store.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SETTINGS \
	"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = " \
	"268435456;" \
	"PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -64000"

#define ACCOUNT "INSERT INTO account (id, slug, name, created_at) VALUES (1, 'default', 'default', 0)"

/* As the server does it (src/db/tidy.c): a thread moves the log's pages, and when the log is long the writer moves the rest. */
enum { WORTH_MOVING = 16384, LONG_LOG = 32768, PAUSE_MICROS = 1000000 };

struct store {
	sqlite3 *db, *tidy_db;
	pthread_t tidy_thread;
	atomic_int log_pages;
	atomic_bool ask_writer, stopping;
	sqlite3_stmt *statements[STATEMENT_COUNT];
	int params[STATEMENT_COUNT][MOST_PARAMS + 1]; /* SQLite numbers "$2" by its first appearance */
};

static _Noreturn void give_up(struct store *s, const char *what)
{
	fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(s->db));
	exit(1);
}

static int after_commit(void *of, sqlite3 *db, const char *name, int pages)
{
	(void)db, (void)name;
	((struct store *)of)->log_pages = pages;
	return SQLITE_OK;
}

static void *tidy(void *of)
{
	struct store *s = of;
	for (; !s->stopping; usleep(PAUSE_MICROS)) {
		int pages = 0, moved = 0;
		if (s->log_pages <= WORTH_MOVING) continue;
		sqlite3_wal_checkpoint_v2(s->tidy_db, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &moved);
		s->ask_writer = s->log_pages > LONG_LOG && pages - moved <= WORTH_MOVING;
	}
	return NULL;
}

static void open_file(struct store *s, const char *path, sqlite3 **ret)
{
	if (sqlite3_open_v2(path, ret, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
		sqlite3_exec(*ret, SETTINGS, NULL, NULL, NULL) != SQLITE_OK)
		give_up(s, path);
}

/* Lines for this engine lose their mark, lines for another one are SQL comments. */
static void run_migration(struct store *s, const char *path)
{
	static const char mark[] = "--sqlite ";
	char *line = NULL, *text = NULL;
	size_t room = 0, size = 0;
	ssize_t n;
	FILE *in = fopen(path, "r"), *out = open_memstream(&text, &size);
	if (!in || !out) {
		perror(path);
		exit(1);
	}
	while ((n = getline(&line, &room, in)) >= 0)
		fputs(strncmp(line, mark, sizeof mark - 1) == 0 ? line + sizeof mark - 1 : line, out);
	fclose(in);
	fclose(out);
	if (sqlite3_exec(s->db, text, NULL, NULL, NULL) != SQLITE_OK) give_up(s, path);
	free(line);
	free(text);
}

static void prepare_all(struct store *s)
{
	for (int n = 0; n < STATEMENT_COUNT; n++) {
		if (sqlite3_prepare_v3(s->db, STATEMENTS[n], -1, SQLITE_PREPARE_PERSISTENT, &s->statements[n], NULL) != SQLITE_OK)
			give_up(s, STATEMENTS[n]);
		for (int p = 1; p <= MOST_PARAMS; p++) {
			char name[8];
			snprintf(name, sizeof name, "$%d", p);
			s->params[n][p] = sqlite3_bind_parameter_index(s->statements[n], name);
		}
	}
}

struct store *store_open(const char *path, char **migrations, int count)
{
	struct store *s = calloc(1, sizeof *s);
	if (!s) exit(1);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	open_file(s, path, &s->db);
	for (int i = 0; i < count; i++) run_migration(s, migrations[i]);
	if (count && sqlite3_exec(s->db, ACCOUNT, NULL, NULL, NULL) != SQLITE_OK) give_up(s, "account");
	prepare_all(s);
	sqlite3_wal_hook(s->db, after_commit, s);
	open_file(s, path, &s->tidy_db);
	if (pthread_create(&s->tidy_thread, NULL, tidy, s) != 0) exit(1);
	return s;
}

void store_close(struct store *s)
{
	s->stopping = true;
	pthread_join(s->tidy_thread, NULL);
	sqlite3_close(s->tidy_db);
	for (int n = 0; n < STATEMENT_COUNT; n++) sqlite3_finalize(s->statements[n]);
	sqlite3_close(s->db);
	free(s);
}

void bind_int(struct store *s, enum statement_name n, int param, int64_t value)
{
	sqlite3_bind_int64(s->statements[n], s->params[n][param], value);
}

void bind_text(struct store *s, enum statement_name n, int param, const char *value)
{
	sqlite3_bind_text(s->statements[n], s->params[n][param], value, -1, SQLITE_STATIC);
}

bool step(struct store *s, enum statement_name n)
{
	int code = sqlite3_step(s->statements[n]);
	if (code != SQLITE_ROW && code != SQLITE_DONE) give_up(s, STATEMENTS[n]);
	return code == SQLITE_ROW;
}

const char *column_text(struct store *s, enum statement_name n, int column)
{
	return (const char *)sqlite3_column_text(s->statements[n], column);
}

int64_t column_int(struct store *s, enum statement_name n, int column)
{
	return sqlite3_column_int64(s->statements[n], column);
}

void read_row(struct store *s, enum statement_name n)
{
	for (int i = 0, columns = sqlite3_column_count(s->statements[n]); i < columns; i++)
		if (sqlite3_column_type(s->statements[n], i) == SQLITE_TEXT) (void)sqlite3_column_text(s->statements[n], i);
}

void finish(struct store *s, enum statement_name n)
{
	sqlite3_reset(s->statements[n]);
	sqlite3_clear_bindings(s->statements[n]);
}

void run(struct store *s, enum statement_name n)
{
	(void)step(s, n);
	finish(s, n);
}

void store_tidy(struct store *s)
{
	if (atomic_exchange(&s->ask_writer, false)) sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}
