/* Products and environments by hand. A name is looked up before it is written: a violated index would spoil the transaction. */
#include "actions/catalog.h"

#include "actions/audit.h"
#include "base/uuid.h"
#include "domain/environment_type.h"
#include "store/matrix.h"

/* rc: of looking for the name. Free, or its holder is the one that is being changed. */
static enum rc name_free(enum rc rc, struct text holder, struct text id, const char *noun, struct text name, struct err *err)
{
	if (rc == RC_NOT_FOUND) return RC_OK;
	if (rc != RC_OK) return err_set(err, rc, "cannot look up the %s", noun);
	if (text_equal(holder, id)) return RC_OK;
	return err_set(err, RC_CONFLICT, "%s %.*s already exists", noun, TEXT_ARGS(name));
}

static enum rc product_name_free(struct db *db, struct arena *a, int64_t account, const struct product *p, struct err *err)
{
	struct product holder = {0};
	enum rc rc = product_find(db, a, account, p->name, &holder);
	return name_free(rc, holder.id, p->id, "Product", p->name, err);
}

static enum rc environment_name_free(
	struct db *db, struct arena *a, int64_t account, const struct environment *e, struct err *err)
{
	struct environment holder = {0};
	enum rc rc = environment_find(db, a, account, e->name, &holder);
	return name_free(rc, holder.id, e->id, "Environment", e->name, err);
}

/* ---- products ---- */

/* Such a change is none: nothing is written, and nothing noted. */
static bool product_same(const struct product *a, const struct product *b)
{
	return text_equal(a->name, b->name) && text_equal(a->description, b->description) &&
		   text_equal(a->extra_metadata, b->extra_metadata);
}

/* before: NULL for a new one; after: for one that goes. */
static enum rc product_note(struct db *db, struct arena *a, const struct actor *actor, const char *action,
	const struct product *before, const struct product *after, time_us now)
{
	const struct product none = {0}, *b = before ? before : &none, *c = after ? after : &none, *subject = after ? after : before;
	const struct audit_field fields[] = {
		{"name", AUDIT_TEXT, b->name, c->name},
		{"description", AUDIT_TEXT, b->description, c->description},
		{"extra_metadata", AUDIT_JSON, b->extra_metadata, c->extra_metadata},
	};
	return audit_note_fields(db, a, actor, action, subject->id, subject->name, fields, sizeof fields / sizeof *fields, now);
}

enum rc product_create(struct db *db, struct arena *a, const struct actor *actor, struct product *p, time_us now, struct err *err)
{
	p->id = uuid_text(a);
	p->created_at = p->updated_at = now;
	enum rc rc = product_name_free(db, a, actor->account, p, err);
	if (rc == RC_OK) rc = product_insert(db, actor->account, p);
	return rc == RC_OK ? product_note(db, a, actor, "product.created", NULL, p, now) : rc;
}

enum rc product_change(struct db *db, struct arena *a, const struct actor *actor, struct product *p, time_us now, struct err *err)
{
	struct product before;
	p->updated_at = now;
	enum rc rc = product_name_free(db, a, actor->account, p, err);
	if (rc == RC_OK) rc = product_get(db, a, actor->account, p->id, &before);
	if (rc == RC_OK && product_same(&before, p)) return *p = before, RC_OK;
	if (rc == RC_OK) rc = product_update(db, actor->account, p);
	return rc == RC_OK ? product_note(db, a, actor, "product.updated", &before, p, now) : rc;
}

enum rc product_delete(struct db *db, struct arena *a, const struct actor *actor, struct text id, time_us now)
{
	struct product before;
	enum rc rc = product_get(db, a, actor->account, id, &before);
	if (rc == RC_OK) rc = product_hide(db, actor->account, id, now);
	if (rc == RC_OK) rc = matrix_forget_product(db, actor->account, id);
	return rc == RC_OK ? product_note(db, a, actor, "product.deleted", &before, NULL, now) : rc;
}

/* ---- environments ---- */

static bool environment_same(const struct environment *a, const struct environment *b)
{
	return text_equal(a->name, b->name) && a->type == b->type && a->position == b->position &&
		   text_equal(a->description, b->description) && text_equal(a->extra_metadata, b->extra_metadata);
}

static struct text type_text(const struct environment *e)
{
	return e ? text_from(environment_type_name(e->type)) : TEXT_ABSENT;
}

static struct text position_text(struct arena *a, const struct environment *e)
{
	return e && e->position != POSITION_UNSET ? audit_number(a, e->position) : TEXT_ABSENT;
}

static enum rc environment_note(struct db *db, struct arena *a, const struct actor *actor, const char *action,
	const struct environment *before, const struct environment *after, time_us now)
{
	const struct environment none = {0}, *b = before ? before : &none, *c = after ? after : &none,
							 *subject = after ? after : before;
	const struct audit_field fields[] = {
		{"name", AUDIT_TEXT, b->name, c->name},
		{"type", AUDIT_TEXT, type_text(before), type_text(after)},
		{"position", AUDIT_NUMBER, position_text(a, before), position_text(a, after)},
		{"description", AUDIT_TEXT, b->description, c->description},
		{"extra_metadata", AUDIT_JSON, b->extra_metadata, c->extra_metadata},
	};
	return audit_note_fields(db, a, actor, action, subject->id, subject->name, fields, sizeof fields / sizeof *fields, now);
}

enum rc environment_create(
	struct db *db, struct arena *a, const struct actor *actor, struct environment *e, time_us now, struct err *err)
{
	e->id = uuid_text(a);
	e->created_at = e->updated_at = now;
	enum rc rc = environment_name_free(db, a, actor->account, e, err);
	if (rc == RC_OK) rc = environment_insert(db, actor->account, e);
	return rc == RC_OK ? environment_note(db, a, actor, "environment.created", NULL, e, now) : rc;
}

enum rc environment_change(
	struct db *db, struct arena *a, const struct actor *actor, struct environment *e, time_us now, struct err *err)
{
	struct environment before;
	e->updated_at = now;
	enum rc rc = environment_name_free(db, a, actor->account, e, err);
	if (rc == RC_OK) rc = environment_get(db, a, actor->account, e->id, &before);
	if (rc == RC_OK && environment_same(&before, e)) return *e = before, RC_OK;
	if (rc == RC_OK) rc = environment_update(db, actor->account, e);
	return rc == RC_OK ? environment_note(db, a, actor, "environment.updated", &before, e, now) : rc;
}

enum rc environment_delete(struct db *db, struct arena *a, const struct actor *actor, struct text id, time_us now)
{
	struct environment before;
	enum rc rc = environment_get(db, a, actor->account, id, &before);
	if (rc == RC_OK) rc = environment_hide(db, actor->account, id, now);
	if (rc == RC_OK) rc = matrix_forget_environment(db, actor->account, id);
	return rc == RC_OK ? environment_note(db, a, actor, "environment.deleted", &before, NULL, now) : rc;
}
