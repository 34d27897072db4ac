/* Statements of PostgreSQL: run, counted, and their columns. A result is in memory as a whole before its first row is given, so that other
 * statements can run while it is read. Values come as text, which is what most of them are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "db/libpq.h"
#include "db/postgresql.h"

static struct postgresql_statement *of(struct db_statement *st)
{
	return (struct postgresql_statement *)st;
}

static struct postgresql_cursor *read_by(struct db_cursor *c)
{
	return (struct postgresql_cursor *)c;
}

/* ---- preparing ---- */

/* The highest n of the statement's $n, outside of strings and quoted names. */
static size_t count_parameters(const char *text)
{
	size_t most = 0;
	char quote = '\0';

	for (const char *p = text; *p; p++) {
		if (quote) {
			if (*p == quote) quote = '\0';
		} else if (*p == '\'' || *p == '"') {
			quote = *p;
		} else if (*p == '$' && p[1] >= '1' && p[1] <= '9') {
			size_t n = strtoul(p + 1, NULL, 10);
			if (n > most) most = n;
		}
	}
	return most;
}

/* SQL_BY_WRITERS: what is for several, which SQLite reads as a comment. */
static const char *in_our_words(const char *text)
{
	buf_auto out = BUF_INIT(65536);
	const char *at, *rest = text;

	while ((at = strstr(rest, SQL_ONE_WRITER))) {
		const char *several = strstr(at, SQL_SEVERAL_WRITERS) + sizeof SQL_SEVERAL_WRITERS - 1;
		const char *end = strstr(several, SQL_WRITERS_END);
		buf_add(&out, rest, (size_t)(at - rest));
		buf_add(&out, several, (size_t)(end - several));
		rest = end + sizeof SQL_WRITERS_END - 1;
	}
	if (rest == text) return text;
	buf_cstr(&out, rest);
	buf_char(&out, '\0');
	return mem_strdup(out.p);
}

static struct postgresql_statement *statement_new(const struct sql *s, const char *name)
{
	struct postgresql_statement *st = mem_zalloc(sizeof *st);

	st->head.sql = s;
	st->text = in_our_words(s->text);
	st->head.params = count_parameters(st->text);
	st->writes = strncmp(st->text, "SELECT", 6) != 0;
	snprintf(st->name, sizeof st->name, "%s", name);
	return st;
}

/* The server is asked when the statement is first used, together with that: asking it costs a round trip. */
enum rc postgresql_prepare(struct db *db, const struct sql *s, struct db_statement **ret)
{
	char name[24];

	snprintf(name, sizeof name, "s%d", s->index);
	struct postgresql_statement *st = statement_new(s, name);
	if (st->head.params <= MOST_PARAMETERS) return *ret = &st->head, RC_OK;
	postgresql_discard(&st->head);
	return db_fail(db, RC_FAILED, "%s:%d: more than %d parameters", s->file, s->line, MOST_PARAMETERS);
}

void postgresql_discard(struct db_statement *head)
{
	struct postgresql_statement *st = of(head);

	for (int i = 0; i < head->columns; i++) free(head->names[i]);
	free(head->names);
	free(head->asked);
	if (st->text != head->sql->text) free((char *)(uintptr_t)st->text);
	free(st);
}

enum rc postgresql_check(struct db *db, const struct sql *s)
{
	struct postgresql_db *own = postgresql_of(db);
	struct postgresql_statement *st = statement_new(s, "");
	enum rc rc = db->in_transaction ? postgresql_ensure_begun(own) : postgresql_ready(own);

	if (rc == RC_OK) rc = postgresql_send_parse(own, st);
	if (rc == RC_OK) rc = postgresql_wait(own);
	postgresql_discard(&st->head);
	return rc;
}

/* The driver's own. They stand here and not in the program's list of statements, because they are no other engine's. */
static const struct {
	const char *name;
	struct sql sql;
} OWN[OWN_COUNT] = {
#define OWN_STATEMENT(name, text) \
	{ \
		name, \
		{ \
			text, __FILE__, __LINE__, -1 \
		} \
	}
	[OWN_LOCK] = OWN_STATEMENT("lock", "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"),
	[OWN_TRY_LOCK] = OWN_STATEMENT("try_lock", "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))"),
	[OWN_MARK] = OWN_STATEMENT(
		"mark", "WITH gone AS (DELETE FROM commit_mark WHERE id = $2) INSERT INTO commit_mark (id, made_at) VALUES ($1, $3)"),
	[OWN_FENCE] = OWN_STATEMENT("fence", "WITH gone AS (DELETE FROM commit_mark WHERE id = $2) "
										 "INSERT INTO commit_mark (id, made_at) VALUES ($1, $3) ON CONFLICT (id) DO NOTHING"),
	[OWN_TABLE] = OWN_STATEMENT(
		"has_table", "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = ANY (current_schemas(false)) AND tablename = $1"),
};

struct postgresql_statement *postgresql_statement(struct postgresql_db *own, enum own_statement which)
{
	struct postgresql_statement **st = &own->statements[which];

	if (!*st) *st = statement_new(&OWN[which].sql, OWN[which].name);
	return *st;
}

/* ---- running ---- */

static enum rc begin_statement(struct postgresql_db *own)
{
	return own->head.in_transaction ? postgresql_ensure_begun(own) : postgresql_ready(own);
}

/* Runs it and waits. *ret_result is the caller's. */
static enum rc run(struct postgresql_db *own, struct postgresql_statement *st, const struct param *params, PGresult **ret_result)
{
	PGresult *result = NULL;
	enum rc rc = begin_statement(own);

	if (rc == RC_OK) rc = postgresql_send(own, SENT_STATEMENT, st, params, &result);
	if (rc == RC_OK) rc = postgresql_wait(own);
	if (rc != RC_OK) return PQclear(result), rc;
	if (st->writes) own->wrote = true;
	*ret_result = result;
	return RC_OK;
}

/* What is not waited for counts as one row, now and for ever: who asks whether a part has written something must not be told of what an
 * earlier part wrote. */
enum rc postgresql_exec(struct db *db, struct db_statement *head, const struct param *params, int64_t *ret_changed)
{
	struct postgresql_db *own = postgresql_of(db);
	struct postgresql_statement *st = of(head);
	PGresult *result = NULL;

	if (db->in_transaction && !ret_changed) {
		enum rc rc = begin_statement(own);
		if (rc == RC_OK) rc = postgresql_send(own, SENT_STATEMENT, st, params, NULL);
		if (rc == RC_OK && st->writes) own->wrote = true;
		if (rc == RC_OK && st->writes) db->changed++;
		return rc;
	}
	enum rc rc = run(own, st, params, &result);
	if (rc != RC_OK) return rc;
	int64_t changed = st->writes ? strtoll(PQcmdTuples(result), NULL, 10) : 0;
	PQclear(result);
	db->changed += (uint64_t)changed;
	if (ret_changed) *ret_changed = changed;
	return RC_OK;
}

static void keep_names(struct postgresql_statement *st, const PGresult *result)
{
	int columns = PQnfields(result);

	if (st->head.names || columns == 0) return;
	st->head.names = mem_zalloc((size_t)columns * sizeof(char *));
	for (int i = 0; i < columns; i++) st->head.names[i] = mem_strdup(PQfname(result, i));
	st->head.columns = columns;
}

static struct postgresql_cursor *take_cursor(struct postgresql_db *own)
{
	struct postgresql_cursor *c = own->idle_cursors;

	if (!c) return mem_zalloc(sizeof *c);
	own->idle_cursors = c->next;
	return c;
}

void postgresql_free_cursors(struct postgresql_db *own)
{
	struct postgresql_cursor *c;

	while ((c = own->idle_cursors)) {
		own->idle_cursors = c->next;
		free(c);
	}
}

static void put_back(struct postgresql_db *own, struct postgresql_cursor *c)
{
	c->next = own->idle_cursors;
	own->idle_cursors = c;
}

static void begin_rows(struct postgresql_cursor *c)
{
	c->begun = true;
	c->row = -1;
	c->rows = PQntuples(c->result);
	keep_names((struct postgresql_statement *)c->head.st, c->result);
}

/* In a transaction a question is only sent, and its answer is waited for when the first row is wanted: so what is asked before that travels with
 * it. What writes is waited for at once, because its caller may never read a row. */
static enum rc begin_select(struct postgresql_db *own, struct postgresql_cursor *c, const struct param *params)
{
	struct postgresql_statement *st = of(c->head.st);
	bool later = own->head.in_transaction && !st->writes;

	if (!later) return run(own, st, params, &c->result);
	enum rc rc = begin_statement(own);
	return rc == RC_OK ? postgresql_send(own, SENT_STATEMENT, st, params, &c->result) : rc;
}

enum rc postgresql_select(struct db *db, struct db_statement *head, const struct param *params, struct db_cursor **ret)
{
	struct postgresql_db *own = postgresql_of(db);
	struct postgresql_cursor *c = take_cursor(own);

	*c = (struct postgresql_cursor){.head = {.st = head}};
	enum rc rc = begin_select(own, c, params);
	if (rc != RC_OK) return put_back(own, c), rc;
	if (of(head)->writes) db->changed += strtoull(PQcmdTuples(c->result), NULL, 10);
	*ret = &c->head;
	return RC_OK;
}

enum rc postgresql_next(struct db *db, struct db_cursor *head, bool *ret_row)
{
	struct postgresql_cursor *c = read_by(head);

	if (!c->result) {
		enum rc rc = postgresql_wait(postgresql_of(db));
		if (rc != RC_OK) return rc;
	}
	if (!c->begun) begin_rows(c);
	*ret_row = ++c->row < c->rows;
	return RC_OK;
}

void postgresql_reset(struct db *db, struct db_cursor *head)
{
	struct postgresql_db *own = postgresql_of(db);
	struct postgresql_cursor *c = read_by(head);

	if (!c->result) postgresql_give_up(own, &c->result);
	PQclear(c->result);
	put_back(own, c);
}

/* ---- columns ---- */

bool postgresql_is_null(struct db_cursor *c, int column)
{
	return PQgetisnull(read_by(c)->result, read_by(c)->row, column);
}

/* A boolean is a number, as it is in SQLite. */
int64_t postgresql_integer(struct db_cursor *c, int column)
{
	const char *value = PQgetvalue(read_by(c)->result, read_by(c)->row, column);
	return value[0] == 't' ? 1 : strtoll(value, NULL, 10);
}

struct text postgresql_text(struct db_cursor *c, int column)
{
	const PGresult *result = read_by(c)->result;
	int row = read_by(c)->row;
	return (struct text){PQgetvalue(result, row, column), (size_t)PQgetlength(result, row, column)};
}
