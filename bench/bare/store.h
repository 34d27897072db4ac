/* The database of the bare loop: the server's SQLite settings and statements, opened once. Any failure ends the process. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bare/statements.h"

struct store;

enum { MOST_PARAMS = 29 };

/* A database that the server made, or an empty one that the migration files (count may be 0) are run on. */
struct store *store_open(const char *path, char **migrations, int count);
void store_close(struct store *s);

/* Statements: bind by the number after the "$", step, read the current row, finish. */
void bind_int(struct store *s, enum statement_name n, int param, int64_t value);
void bind_text(struct store *s, enum statement_name n, int param, const char *value); /* NULL is NULL; must live until finish() */
bool step(struct store *s, enum statement_name n); /* true: there is a row */
const char *column_text(struct store *s, enum statement_name n, int column);
int64_t column_int(struct store *s, enum statement_name n, int column);
void read_row(struct store *s, enum statement_name n); /* decodes all columns, as a program that shows them would */
void finish(struct store *s, enum statement_name n);
void run(struct store *s, enum statement_name n); /* step and finish, no row */

void store_tidy(struct store *s); /* after each commit: keeps the log short */
