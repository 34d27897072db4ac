/* Products and environments by hand. A name is looked up before it is written: a violated index would spoil the transaction. */
#include "actions/catalog.h"

#include "base/uuid.h"
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

enum rc product_create(struct db *db, struct arena *a, int64_t account, struct product *p, time_us now, struct err *err)
{
	p->id = uuid_text(a);
	p->created_at = p->updated_at = now;
	enum rc rc = product_name_free(db, a, account, p, err);
	return rc == RC_OK ? product_insert(db, account, p) : rc;
}

enum rc product_change(struct db *db, struct arena *a, int64_t account, struct product *p, time_us now, struct err *err)
{
	p->updated_at = now;
	enum rc rc = product_name_free(db, a, account, p, err);
	return rc == RC_OK ? product_update(db, account, p) : rc;
}

enum rc product_delete(struct db *db, int64_t account, struct text id, time_us now)
{
	enum rc rc = product_hide(db, account, id, now);
	return rc == RC_OK ? matrix_forget_product(db, account, id) : rc;
}

enum rc environment_create(struct db *db, struct arena *a, int64_t account, struct environment *e, time_us now, struct err *err)
{
	e->id = uuid_text(a);
	e->created_at = e->updated_at = now;
	enum rc rc = environment_name_free(db, a, account, e, err);
	return rc == RC_OK ? environment_insert(db, account, e) : rc;
}

enum rc environment_change(struct db *db, struct arena *a, int64_t account, struct environment *e, time_us now, struct err *err)
{
	e->updated_at = now;
	enum rc rc = environment_name_free(db, a, account, e, err);
	return rc == RC_OK ? environment_update(db, account, e) : rc;
}

enum rc environment_delete(struct db *db, int64_t account, struct text id, time_us now)
{
	enum rc rc = environment_hide(db, account, id, now);
	return rc == RC_OK ? matrix_forget_environment(db, account, id) : rc;
}
