/* The floor of the matrix: the rows that GET /environment-state/ reads, read by the server's own statement and decoded, with nothing
 * around them.
 *   bare_matrix DATABASE COUNT     a file of SQLite, or a postgresql:// URL
 *   bare_matrix --statements
 * Prints "figures name=value …" of the single readings. */
#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load/samples.h"

/* As src/store/matrix.c has it; bench/run says when it does not. */
static const char STATEMENT[] =
	"SELECT s.product_id, s.environment_id, s.current_deployment_id, s.current_version_id, s.current_version, s.current_rollout, "
	"s.current_since, s.latest_deployment_id, s.latest_version_id, s.latest_version, s.latest_state, s.latest_attempted_at, "
	"s.latest_deployed_at FROM environment_state s WHERE s.account_id = $1 AND (CAST($2 AS TEXT) IS NULL OR "
	"replace($2, ',' || s.environment_id || ',', '') <> $2)";

enum { WARM = 3 };

static uint64_t bytes; /* read, so that reading them is not left out */

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "bare_matrix: %s\n", what);
	exit(1);
}

static void sqlite_read(void *of)
{
	sqlite3_stmt *s = of;
	int code, columns = sqlite3_column_count(s);
	while ((code = sqlite3_step(s)) == SQLITE_ROW)
		for (int i = 0; i < columns; i++)
			if (sqlite3_column_type(s, i) == SQLITE_TEXT)
				bytes += sqlite3_column_blob(s, i) ? (uint64_t)sqlite3_column_bytes(s, i) : 0;
			else
				bytes += (uint64_t)sqlite3_column_int64(s, i) & 1;
	if (code != SQLITE_DONE) give_up(sqlite3_errmsg(sqlite3_db_handle(s)));
	sqlite3_reset(s);
}

static void *sqlite_ready(const char *path)
{
	sqlite3 *db;
	sqlite3_stmt *s;
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) give_up(path);
	sqlite3_exec(db, "PRAGMA cache_size = -12000", NULL, NULL, NULL);
	if (sqlite3_prepare_v2(db, STATEMENT, -1, &s, NULL) != SQLITE_OK) give_up(sqlite3_errmsg(db));
	sqlite3_bind_int64(s, sqlite3_bind_parameter_index(s, "$1"), 1);
	return s;
}

static void postgresql_read(void *of)
{
	const char *values[] = {"1", NULL};
	PGresult *r = PQexecPrepared(of, "cells", 2, values, NULL, NULL, 0);
	if (PQresultStatus(r) != PGRES_TUPLES_OK) give_up(PQerrorMessage(of));
	for (int row = 0; row < PQntuples(r); row++)
		for (int i = 0; i < PQnfields(r); i++) bytes += (uint64_t)PQgetlength(r, row, i);
	PQclear(r);
}

static void *postgresql_ready(const char *url)
{
	PGconn *c = PQconnectdb(url);
	PGresult *r = PQprepare(c, "cells", STATEMENT, 0, NULL);
	if (PQresultStatus(r) != PGRES_COMMAND_OK) give_up(PQerrorMessage(c));
	PQclear(r);
	return c;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--statements") == 0) return puts(STATEMENT) < 0;
	if (argc != 3) give_up("DATABASE COUNT expected");
	bool url = strncmp(argv[1], "postgres", 8) == 0;
	void *of = url ? postgresql_ready(argv[1]) : sqlite_ready(argv[1]);
	struct samples taken = {0};
	int64_t begun = nanos_now();
	for (int i = -WARM, count = atoi(argv[2]); i < count; i++) {
		int64_t start = nanos_now();
		(url ? postgresql_read : sqlite_read)(of);
		if (i >= 0) samples_add(&taken, nanos_now() - start);
	}
	if (!bytes) give_up("there are no rows");
	samples_print(&taken, nanos_now() - begun);
	samples_done(&taken);
	return 0;
}
