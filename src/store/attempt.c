/* Writing deployments and builds, and finding the attempt that an event belongs to: the hot path's statements. */
#include "store/attempt_private.h"

#include "db/db.h"

#define BUILD_COLUMNS RECORD_COLUMNS("b.")
#define DEPLOYMENT_COLUMNS RECORD_COLUMNS("d.") ", d.environment_id, d.rollout, d.deploy_url"
#define OPEN "state IN ('pending', 'started')"

/* The newest open attempt whose run key does not speak against it, or else the newest of the run; the other form is for events without a run
 * key. One statement, because each is a round trip. */
#define OF_BUILD "o.account_id = $1 AND o.version_id = $2"
#define OF_DEPLOYMENT OF_BUILD " AND o.environment_id = $3"
#define FIND_ATTEMPT(columns, table, alias, place, run, of_run) \
	"SELECT " columns " FROM " table " " alias " WHERE " alias ".account_id = $1 AND " alias \
	".id = COALESCE((SELECT MAX(o.id) FROM " table " o WHERE " place " AND o." OPEN run "), (SELECT MAX(o.id) FROM " table \
	" o WHERE " place of_run "))"
#define RUN_FITS(n) " AND COALESCE(o.run_key, " n ") = " n
#define RUN_IS(n) " AND o.run_key = " n
SQL_STATEMENT(build_find, FIND_ATTEMPT(BUILD_COLUMNS, "build", "b", OF_BUILD, "", ""));
SQL_STATEMENT(build_find_run, FIND_ATTEMPT(BUILD_COLUMNS, "build", "b", OF_BUILD, RUN_FITS("$3"), RUN_IS("$3")));
SQL_STATEMENT(deployment_find, FIND_ATTEMPT(DEPLOYMENT_COLUMNS, "deployment", "d", OF_DEPLOYMENT, "", ""));
SQL_STATEMENT(
	deployment_find_run, FIND_ATTEMPT(DEPLOYMENT_COLUMNS, "deployment", "d", OF_DEPLOYMENT, RUN_FITS("$4"), RUN_IS("$4")));

#define COMMON_NAMES \
	"state, pending_at, started_at, ended_at, updated_at, state_event_id, build_number, build_url, invoke_id, source_system, " \
	"scm_repository, scm_sha, scm_branch, actor, actor_email, actor_name, error_message, error_code, extra_metadata"
#define COMMON_SET \
	"state = $3, pending_at = $4, started_at = $5, ended_at = $6, updated_at = $7, state_event_id = $8, build_number = $9, " \
	"build_url = $10, invoke_id = $11, source_system = $12, scm_repository = $13, scm_sha = $14, scm_branch = $15, " \
	"actor = $16, actor_email = $17, actor_name = $18, error_message = $19, error_code = $20, extra_metadata = $21"
#define COMMON_VALUES "$3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21"

SQL_STATEMENT(insert_build,
	"INSERT INTO build (account_id, id, " COMMON_NAMES ", product_id, version_id, run_key, attempted_at, received_at) "
	"VALUES ($1, $2, " COMMON_VALUES ", $22, $23, $24, $25, $26)");
SQL_STATEMENT(insert_deployment,
	"INSERT INTO deployment (account_id, id, " COMMON_NAMES ", product_id, version_id, run_key, attempted_at, received_at, "
	"environment_id, rollout, deploy_url) VALUES ($1, $2, " COMMON_VALUES ", $22, $23, $24, $25, $26, $27, $28, $29)");
SQL_STATEMENT(update_build, "UPDATE build SET " COMMON_SET " WHERE account_id = $1 AND id = $2");
SQL_STATEMENT(
	update_deployment, "UPDATE deployment SET " COMMON_SET ", rollout = $22, deploy_url = $23 WHERE account_id = $1 AND id = $2");
/* Apart from the update: SQLite writes an index anew when one of its columns is set, also to the same value. */
SQL_STATEMENT(build_set_run_key, "UPDATE build SET run_key = $3 WHERE account_id = $1 AND id = $2");
SQL_STATEMENT(deployment_set_run_key, "UPDATE deployment SET run_key = $3 WHERE account_id = $1 AND id = $2");

void attempt_read(struct rows *r, struct arena *a, enum kind kind, struct record *ret)
{
	record_read(r, a, kind, ret);
	if (kind != KIND_DEPLOYMENT) return;
	ret->environment_id = text_copy(a, row_text(r, "environment_id"));
	struct text rollout = row_text(r, "rollout");
	if (rollout.p && !rollout_from_name(rollout, &ret->rollout)) ret->rollout = ROLLOUT_NONE;
	ret->details.deploy_url = text_copy(a, row_text(r, "deploy_url"));
}

enum rc attempt_one(struct rows *r, enum rc rc, struct arena *a, enum kind kind, struct record *ret)
{
	bool found = rc == RC_OK && rows_next(r);
	if (found) attempt_read(r, a, kind, ret);
	rc = rows_done(r);
	return rc != RC_OK || found ? rc : RC_NOT_FOUND;
}

enum rc attempt_find(struct db *db, struct arena *a, const struct attempt_place *at, struct text run_key, struct record *ret)
{
	struct rows r;
	enum rc rc;
	if (at->kind == KIND_BUILD) {
		struct param params[] = {P_INT(at->account), P_TEXT(at->version_id), P_TEXT(run_key)};
		rc = db_select_params(db, &r, run_key.p ? &build_find_run : &build_find, params, run_key.p ? 3 : 2);
	} else {
		struct param params[] = {P_INT(at->account), P_TEXT(at->version_id), P_TEXT(at->environment_id), P_TEXT(run_key)};
		rc = db_select_params(db, &r, run_key.p ? &deployment_find_run : &deployment_find, params, run_key.p ? 4 : 3);
	}
	return attempt_one(&r, rc, a, at->kind, ret);
}

enum { COMMON_PARAMS = 21 };

static void common_params(struct param *p, int64_t account, const struct record *r)
{
	const struct details *d = &r->details;
	const struct param common[COMMON_PARAMS] = {
		P_INT(account),
		P_TEXT(r->id),
		P_CSTR(state_name(r->attempt.state)),
		P_TIME(r->attempt.pending_at),
		P_TIME(r->attempt.started_at),
		P_TIME(r->attempt.ended_at),
		P_TIME(r->updated_at),
		P_TEXT(r->state_event_id),
		P_TEXT(d->build_number),
		P_TEXT(d->build_url),
		P_TEXT(d->invoke_id),
		P_TEXT(d->source_system),
		P_TEXT(d->scm_repository),
		P_TEXT(d->scm_sha),
		P_TEXT(d->scm_branch),
		P_TEXT(d->actor),
		P_TEXT(d->actor_email),
		P_TEXT(d->actor_name),
		P_TEXT(d->error_message),
		P_TEXT(d->error_code),
		P_TEXT(d->extra_metadata),
	};
	for (int i = 0; i < COMMON_PARAMS; i++) p[i] = common[i];
}

enum rc attempt_insert(struct db *db, int64_t account, const struct record *r)
{
	struct param p[COMMON_PARAMS + 8];
	common_params(p, account, r);
	size_t n = COMMON_PARAMS;
	p[n++] = P_TEXT(r->product_id);
	p[n++] = P_TEXT(r->version_id);
	p[n++] = P_TEXT(r->run_key);
	p[n++] = P_TIME(r->attempt.attempted_at);
	p[n++] = P_TIME(r->attempt.received_at);
	if (r->kind == KIND_BUILD) return db_exec_params(db, &insert_build, p, n, NULL);
	p[n++] = P_TEXT(r->environment_id);
	p[n++] = P_CSTR(rollout_name(r->rollout));
	p[n++] = P_TEXT(r->details.deploy_url);
	return db_exec_params(db, &insert_deployment, p, n, NULL);
}

enum rc attempt_update(struct db *db, int64_t account, const struct record *r)
{
	struct param p[COMMON_PARAMS + 2];
	common_params(p, account, r);
	size_t n = COMMON_PARAMS;
	if (r->kind == KIND_BUILD) return db_exec_params(db, &update_build, p, n, NULL);
	p[n++] = P_CSTR(rollout_name(r->rollout));
	p[n++] = P_TEXT(r->details.deploy_url);
	return db_exec_params(db, &update_deployment, p, n, NULL);
}

enum rc attempt_set_run_key(struct db *db, int64_t account, const struct record *r)
{
	struct sql *statement = r->kind == KIND_BUILD ? &build_set_run_key : &deployment_set_run_key;
	return db_exec(db, statement, P_INT(account), P_TEXT(r->id), P_TEXT(r->run_key));
}
