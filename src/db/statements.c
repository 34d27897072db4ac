/* The registry of statements: everything that SQL_STATEMENT() put into the linker section, numbered once. */
#include "db/db.h"

#include <pthread.h>

/* Made by the linker around the section; weak, so that a program without a statement links too. */
extern struct sql __start_sql_statements[] __attribute__((weak, visibility("hidden")));
extern struct sql __stop_sql_statements[] __attribute__((weak, visibility("hidden")));

static pthread_once_t numbered = PTHREAD_ONCE_INIT;

static size_t statement_count(void)
{
	return ((uintptr_t)__stop_sql_statements - (uintptr_t)__start_sql_statements) / sizeof(struct sql);
}

static void number_all(void)
{
	for (size_t i = 0; i < statement_count(); i++) __start_sql_statements[i].index = (int)i;
}

struct sql *db_statements(size_t *ret_count)
{
	pthread_once(&numbered, number_all);
	*ret_count = statement_count();
	return __start_sql_statements;
}
