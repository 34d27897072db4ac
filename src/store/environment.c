/* The table environment. */
#include "store/environment.h"

#include "db/db.h"
#include "store/search.h"
#include "store/set.h"

#define COLUMNS "id, name, type, position, description, extra_metadata, created_at, updated_at"

SQL_STATEMENT(get_environment, "SELECT " COLUMNS " FROM environment WHERE account_id = $1 AND id = $2 AND deleted_at IS NULL");
SQL_STATEMENT(find_environment, "SELECT " COLUMNS " FROM environment WHERE account_id = $1 AND name = $2 AND deleted_at IS NULL");
SQL_STATEMENT(insert_environment, "INSERT INTO environment (account_id, id, name, type, position, description, extra_metadata, "
								  "created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
SQL_STATEMENT(ensure_environment,
	"INSERT INTO environment (account_id, id, name, type, position, description, extra_metadata, created_at, updated_at) "
	"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (account_id, name) WHERE deleted_at IS NULL "
	"DO UPDATE SET name = excluded.name RETURNING id, type");
SQL_STATEMENT(update_environment,
	"UPDATE environment SET name = $3, type = $4, position = $5, description = $6, extra_metadata = $7, "
	"updated_at = $8 WHERE account_id = $1 AND id = $2 AND deleted_at IS NULL");
SQL_STATEMENT(
	hide_environment, "UPDATE environment SET deleted_at = $3 WHERE account_id = $1 AND id = $2 AND deleted_at IS NULL");
SQL_STATEMENT(list_environments, "SELECT " COLUMNS " FROM environment WHERE account_id = $1 AND id < $2 AND deleted_at IS NULL "
								 "AND " IN_SET("$3", "name") " AND (CAST($4 AS TEXT) IS NULL OR type = $4) AND " SEARCHED(
									 "$6", "name") " ORDER BY id DESC LIMIT $5");

int64_t environment_rank(const struct environment *e)
{
	return e->position != POSITION_UNSET ? e->position : ((int64_t)e->type + 1) * 1000;
}

int environment_compare(const struct environment *a, const struct environment *b)
{
	int64_t ra = environment_rank(a), rb = environment_rank(b);
	return ra != rb ? (ra < rb ? -1 : 1) : text_compare(a->name, b->name);
}

static void environment_read(struct rows *r, struct arena *a, struct environment *e)
{
	e->id = text_copy(a, row_text(r, "id"));
	e->name = text_copy(a, row_text(r, "name"));
	if (!environment_type_parse(row_text(r, "type"), &e->type)) e->type = ENV_OTHER;
	e->position = row_null(r, "position") ? POSITION_UNSET : row_int(r, "position");
	e->description = text_copy(a, row_text(r, "description"));
	e->extra_metadata = text_copy(a, row_text(r, "extra_metadata"));
	e->created_at = row_time(r, "created_at");
	e->updated_at = row_time(r, "updated_at");
}

static enum rc environment_one(struct rows *r, enum rc rc, struct arena *a, struct environment *ret)
{
	bool found = rc == RC_OK && rows_next(r);
	if (found) environment_read(r, a, ret);
	rc = rows_done(r);
	return rc != RC_OK || found ? rc : RC_NOT_FOUND;
}

static struct param position_param(const struct environment *e)
{
	return e->position == POSITION_UNSET ? P_NULL : P_INT(e->position);
}

enum rc environment_get(struct db *db, struct arena *a, int64_t account, struct text id, struct environment *ret)
{
	struct rows r;
	return environment_one(&r, db_select(db, &r, &get_environment, P_INT(account), P_TEXT(id)), a, ret);
}

enum rc environment_find(struct db *db, struct arena *a, int64_t account, struct text name, struct environment *ret)
{
	struct rows r;
	return environment_one(&r, db_select(db, &r, &find_environment, P_INT(account), P_TEXT(name)), a, ret);
}

#define INSERT_PARAMS(account, e) \
	P_INT(account), P_TEXT((e)->id), P_TEXT((e)->name), P_CSTR(environment_type_name((e)->type)), position_param(e), \
		P_TEXT((e)->description), P_TEXT((e)->extra_metadata), P_TIME((e)->created_at), P_TIME((e)->updated_at)

enum rc environment_insert(struct db *db, int64_t account, const struct environment *e)
{
	return db_exec(db, &insert_environment, INSERT_PARAMS(account, e));
}

enum rc environment_ensure(struct db *db, struct arena *a, int64_t account, struct environment *e)
{
	struct rows r;
	enum rc rc = db_select(db, &r, &ensure_environment, INSERT_PARAMS(account, e));
	if (rc == RC_OK && rows_next(&r)) {
		e->id = text_copy(a, row_text(&r, "id"));
		(void)environment_type_parse(row_text(&r, "type"), &e->type);
	}
	return rows_done(&r);
}

enum rc environment_update(struct db *db, int64_t account, const struct environment *e)
{
	return db_exec(db, &update_environment, P_INT(account), P_TEXT(e->id), P_TEXT(e->name),
		P_CSTR(environment_type_name(e->type)), position_param(e), P_TEXT(e->description), P_TEXT(e->extra_metadata),
		P_TIME(e->updated_at));
}

enum rc environment_hide(struct db *db, int64_t account, struct text id, time_us now)
{
	int64_t changed = 0;
	enum rc rc = db_exec_count(db, &changed, &hide_environment, P_INT(account), P_TEXT(id), P_TIME(now));
	return rc != RC_OK || changed ? rc : RC_NOT_FOUND;
}

enum rc environment_list(struct db *db, struct arena *a, int64_t account, struct text names, struct text search,
	enum environment_type type, const struct page *page, environment_each *each, void *context)
{
	struct rows r;
	struct text type_word = type == ENV_TYPE_COUNT ? TEXT_ABSENT : text_from(environment_type_name(type));
	enum rc rc = db_select(db, &r, &list_environments, P_INT(account), P_TEXT(page_before(page)), P_TEXT(names),
		P_TEXT(type_word), P_INT(page->limit + 1), P_TEXT(search_pattern(a, search)));
	while (rc == RC_OK && rows_next(&r)) {
		struct environment e;
		environment_read(&r, a, &e);
		each(context, &e);
	}
	return rows_done(&r);
}
