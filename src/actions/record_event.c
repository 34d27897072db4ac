/* Recording an event, step by step in one transaction:
 *
 *   1  where does it belong: product, version, environment by name (one statement), behind a lock on the product
 *   2  may it: another SHA for the version refuses a build, before anything is written
 *   3  which attempt: the newest open one, else the newest one, and the lifecycle's verdict; beside it, the cell of the matrix
 *   4  write: what is named for the first time, the attempt, the event, the matrix cell, the outbox
 *
 * The verdict alone decides what is written: NEW, ADVANCE and CORRECTION change the attempt and the matrix, LATE fills empty times of both,
 * DUPLICATE and IGNORED only append to the log. What changed the attempt is told to those who asked. */
#include "actions/record_event.h"

#include "actions/matrix_update.h"
#include "actions/outbox.h"
#include "base/uuid.h"
#include "db/db.h"
#include "domain/environment_type.h"
#include "domain/scm_sha.h"
#include "store/attempt.h"
#include "store/environment.h"
#include "store/event_log.h"
#include "store/place.h"
#include "store/product.h"
#include "store/signal.h"
#include "store/version.h"

/* What the steps share. */
struct recording {
	struct db *db;
	struct arena *arena;
	int64_t account;
	const struct submission *in;
	struct place place;
	struct text run_key;
	struct matrix_cell cell; /* of a deployment's place, as it was before and then as it is after */
	struct text previous_version; /* current there before */
	bool had_failed; /* the attempt, before this event */
	struct recorded out;
};

static void warn(struct recorded *out, const char *sentence)
{
	if (out->warning_count < LIMIT_WARNINGS) out->warnings[out->warning_count++] = sentence;
}

/* Behind a lock on the product, so that nobody else changes what is found. An environment is everybody's: before one is made, its name is locked
 * too, and looked up again. Two transactions that made the same ones in another order would wait for each other. */
static enum rc find_place(struct recording *w)
{
	const struct event_fields *e = &w->in->fields;
	enum rc rc = place_lock(w->db, w->arena, w->account, PLACE_PRODUCT, e->product_name);
	if (rc == RC_OK) rc = place_find(w->db, w->arena, w->account, e->product_name, e->version, e->environment_name, &w->place);
	if (rc != RC_OK || e->kind != KIND_DEPLOYMENT || w->place.environment_id.p) return rc;
	rc = place_lock(w->db, w->arena, w->account, PLACE_ENVIRONMENT, e->environment_name);
	if (rc != RC_OK) return rc;
	return place_find(w->db, w->arena, w->account, e->product_name, e->version, e->environment_name, &w->place);
}

static enum rc check_sha(struct recording *w, enum sha_relation relation, struct err *err)
{
	const struct event_fields *e = &w->in->fields;
	if (relation != SHA_DIFFERENT) return RC_OK;
	if (e->kind == KIND_BUILD)
		return err_set(err, RC_CONFLICT, "Version %.*s already exists with different SHA", TEXT_ARGS(e->version));
	warn(&w->out, arena_printf(w->arena, "Version %.*s was recorded with SHA %.*s, this event says %.*s", TEXT_ARGS(e->version),
					  TEXT_ARGS(w->place.scm_sha), TEXT_ARGS(e->scm_sha)));
	return RC_OK;
}

static enum rc create_product(struct recording *w)
{
	if (w->place.product_id.p) return RC_OK;
	w->place.product_id = uuid_text(w->arena);
	struct product p = {.id = w->place.product_id, .name = w->in->fields.product_name};
	p.created_at = p.updated_at = w->in->received;
	return product_insert(w->db, w->account, &p);
}

static enum rc create_version(struct recording *w, enum sha_relation relation)
{
	const struct event_fields *e = &w->in->fields;
	if (w->place.version_id.p) {
		if (relation != SHA_FIRST && relation != SHA_LONGER) return RC_OK;
		return version_set_source(w->db, w->account, w->place.version_id, e->scm_sha, e->scm_repository);
	}
	w->place.version_id = uuid_text(w->arena);
	struct version v = {.id = w->place.version_id,
		.product_id = w->place.product_id,
		.name = e->version,
		.scm_sha = e->scm_sha,
		.scm_repository = e->scm_repository,
		.created_at = w->in->received};
	return version_insert(w->db, w->account, &v);
}

static enum rc create_environment(struct recording *w)
{
	const struct event_fields *e = &w->in->fields;
	if (e->kind != KIND_DEPLOYMENT || w->place.environment_id.p) return RC_OK;
	struct environment env = {.id = uuid_text(w->arena),
		.name = e->environment_name,
		.type = environment_type_from_name(e->environment_name),
		.position = POSITION_UNSET};
	env.created_at = env.updated_at = w->in->received;
	enum rc rc = environment_ensure(w->db, w->arena, w->account, &env);
	w->place.environment_id = env.id;
	w->place.environment_type = env.type;
	return rc;
}

/* The attempt that decides, and the verdict. For NEW *ret is left empty. */
static enum rc find_attempt(struct recording *w, const struct occurrence *o, struct record *ret, enum verdict *ret_verdict)
{
	const struct event_fields *e = &w->in->fields;
	bool place_is_new = !w->place.version_id.p || (e->kind == KIND_DEPLOYMENT && !w->place.environment_id.p);
	*ret_verdict = VERDICT_NEW;
	if (place_is_new) return RC_OK;

	struct attempt_place at = {e->kind, w->account, w->place.version_id, w->place.environment_id};
	struct record found;
	enum rc rc = attempt_find(w->db, w->arena, &at, w->run_key, &found);
	if (rc != RC_OK) return rc == RC_NOT_FOUND ? RC_OK : rc;
	bool open = !state_is_final(found.attempt.state);
	*ret_verdict = lifecycle_decide(o, open ? &found.attempt : NULL, open ? NULL : &found.attempt);
	if (*ret_verdict != VERDICT_NEW) *ret = found;
	return RC_OK;
}

/* What is there already: the attempt, and what the matrix says of its place. */
static enum rc find_before(struct recording *w, const struct occurrence *o)
{
	bool has_cell = w->in->fields.kind == KIND_DEPLOYMENT && w->place.product_id.p && w->place.environment_id.p;
	struct rows question;
	w->cell = matrix_empty();
	if (has_cell) (void)matrix_ask(w->db, w->account, w->place.product_id, w->place.environment_id, &question);
	enum rc rc = find_attempt(w, o, &w->out.record, &w->out.verdict);
	if (!has_cell) return rc;
	enum rc answered = matrix_answer(&question, w->arena, &w->cell);
	return rc != RC_OK ? rc : answered == RC_NOT_FOUND ? RC_OK : answered;
}

static void record_begin(struct recording *w, struct record *r)
{
	*r = (struct record){.kind = w->in->fields.kind,
		.id = uuid_text(w->arena),
		.product_id = w->place.product_id,
		.version_id = w->place.version_id,
		.environment_id = w->place.environment_id,
		.run_key = w->run_key,
		.details = details_of_event(&w->in->fields)};
}

/* The matrix shows when the latest attempt began, which a late event may be the first to say. */
static bool changes_matrix(const struct recording *w)
{
	return w->in->fields.kind == KIND_DEPLOYMENT && (verdict_notifies(w->out.verdict) || w->out.verdict == VERDICT_LATE);
}

/* An attempt without a run key takes that of the event that moves it: what else the run sends then finds it, also when it has ended. */
static enum rc adopt_run_key(struct recording *w, struct record *r)
{
	r->run_key = w->run_key;
	return attempt_set_run_key(w->db, w->account, r);
}

/* Brings the attempt to what it is after the event, and writes it where the verdict says so. */
static enum rc write_attempt(struct recording *w, const struct occurrence *o)
{
	struct record *r = &w->out.record;
	enum verdict v = w->out.verdict;
	enum rc rc = RC_OK;
	if (v == VERDICT_NEW) record_begin(w, r);
	if (v == VERDICT_ADVANCE && !r->run_key.p && w->run_key.p) rc = adopt_run_key(w, r);
	if (v == VERDICT_ADVANCE || v == VERDICT_CORRECTION) {
		struct details later = details_of_event(&w->in->fields);
		details_merge(w->arena, &r->details, &later);
	}
	w->had_failed = v == VERDICT_CORRECTION && r->attempt.state == STATE_FAILED;
	lifecycle_apply(&r->attempt, v, o);
	if (v == VERDICT_DUPLICATE || v == VERDICT_IGNORED) return RC_OK;
	if (verdict_notifies(v)) r->state_event_id = w->out.event_id;
	r->updated_at = w->in->received;
	if (rc == RC_OK && changes_matrix(w)) {
		w->cell.product_id = r->product_id;
		w->cell.environment_id = r->environment_id;
		if (!text_equal(w->cell.current_deployment_id, r->id)) w->previous_version = w->cell.current_version;
		if (v != VERDICT_LATE) rc = rollout_decide(w->db, w->arena, w->account, &w->cell, r);
	}
	if (rc != RC_OK) return rc;
	return v == VERDICT_NEW ? attempt_insert(w->db, w->account, r) : attempt_update(w->db, w->account, r);
}

static enum rc append_event(struct recording *w, const struct actor *who)
{
	const struct event_fields *e = &w->in->fields;
	const struct record *r = &w->out.record;
	struct logged_event logged = {.id = w->out.event_id,
		.kind = e->kind,
		.state = e->state,
		.effect = w->out.verdict,
		.subject_id = r->id,
		.product_id = r->product_id,
		.environment_id = r->environment_id,
		.version_id = r->version_id,
		.actor = who->label,
		.occurred_at = event_time(e, w->in->received),
		.received_at = w->in->received,
		.payload = w->in->payload};
	events_signal(w->db, w->account);
	return event_append(w->db, w->account, &logged);
}

static enum rc tell(struct recording *w, const struct occurrence *o)
{
	if (!w->in->audience || !verdict_notifies(w->out.verdict)) return RC_OK;
	const struct happening h = {.audience = w->in->audience,
		.account = w->account,
		.revision = w->place.notification_revision,
		.record = &w->out.record,
		.event_id = w->out.event_id,
		.environment_type = w->place.environment_type,
		.previous_version = w->previous_version,
		.had_failed = w->had_failed,
		.occurred_at = event_time(&w->in->fields, w->in->received),
		.received_at = o->received_at};
	return outbox_tell(w->db, w->arena, &h);
}

static enum rc write_all(struct recording *w, const struct actor *who, const struct occurrence *o, enum sha_relation relation)
{
	w->out.event_id = uuid_text(w->arena);
	enum rc rc = create_product(w);
	if (rc == RC_OK) rc = create_version(w, relation);
	if (rc == RC_OK) rc = create_environment(w);
	if (rc == RC_OK) rc = write_attempt(w, o);
	if (rc == RC_OK) rc = append_event(w, who);
	w->out.record.product_name = w->in->fields.product_name;
	w->out.record.version = w->in->fields.version;
	w->out.record.environment_name = w->in->fields.environment_name;
	if (rc == RC_OK && changes_matrix(w)) rc = matrix_update(w->db, w->arena, w->account, &w->cell, &w->out.record);
	return rc == RC_OK ? tell(w, o) : rc;
}

enum rc record_event(
	struct db *db, struct arena *a, const struct actor *who, const struct submission *in, struct recorded *ret, struct err *err)
{
	struct recording w = {.db = db, .arena = a, .account = who->account, .in = in, .run_key = event_run_key(a, &in->fields)};
	w.out.event_state = in->fields.state;
	for (size_t i = 0; i < in->warning_count; i++) warn(&w.out, in->warnings[i]);

	enum rc rc = find_place(&w);
	if (rc != RC_OK) return err_set(err, rc == RC_NOT_FOUND ? RC_CORRUPT : rc, "cannot look up where the event belongs");
	enum sha_relation relation = sha_compare(w.place.scm_sha, in->fields.scm_sha);
	rc = check_sha(&w, relation, err);
	if (rc != RC_OK) return rc;

	struct occurrence o = occurrence_of(&in->fields, w.run_key.p != NULL, in->received);
	rc = find_before(&w, &o);
	if (rc == RC_OK) rc = write_all(&w, who, &o, relation);
	if (rc != RC_OK) return err_set(err, rc, "cannot store the event");
	if (w.out.verdict == VERDICT_DUPLICATE) w.out.event_id = w.out.record.state_event_id;
	*ret = w.out;
	return RC_OK;
}
