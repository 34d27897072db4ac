/* Users, made and changed. Everything is decided under the lock of the account's audit log: two who remove the last two admins at once come one
 * after the other, in this process and in others. */
#include "actions/people.h"

#include "actions/audit.h"
#include "actions/people_private.h"
#include "auth/permission.h"
#include "base/uuid.h"
#include "db/db.h"

#define ADMIN TEXT("admin")

/* before: NULL for a new one; after: for one that goes. */
static enum rc user_note(struct db *db, struct arena *a, const struct actor *actor, const char *action, const struct user *before,
	const struct user *after, time_us now)
{
	const struct user none = {0}, *b = before ? before : &none, *c = after ? after : &none, *subject = after ? after : before;
	const struct audit_field fields[] = {
		{"email", AUDIT_TEXT, b->email, c->email},
		{"name", AUDIT_TEXT, b->name, c->name},
		{"role", AUDIT_TEXT, b->role, c->role},
		{"active", AUDIT_BOOL, before ? audit_bool(b->deactivated_at == TIME_NONE) : TEXT_ABSENT,
			after ? audit_bool(c->deactivated_at == TIME_NONE) : TEXT_ABSENT},
	};
	return audit_note_fields(db, a, actor, action, subject->id, subject->email, fields, sizeof fields / sizeof *fields, now);
}

static enum rc email_free(struct db *db, struct arena *a, const struct user *u, const char **ret_code, struct err *err)
{
	struct user holder;
	enum rc rc = user_find_email(db, a, u->account, u->email, &holder);
	if (rc == RC_NOT_FOUND) return RC_OK;
	if (rc != RC_OK) return err_set(err, rc, "cannot look up the user");
	if (text_equal(holder.id, u->id)) return RC_OK;
	*ret_code = "EMAIL_TAKEN";
	return err_set(err, RC_CONFLICT, "User %.*s already exists", TEXT_ARGS(u->email));
}

/* One who was an admin and is none from now on: is there another? */
static enum rc admin_stays(struct db *db, const struct user *was, bool is_admin_then, const char **ret_code, struct err *err)
{
	int64_t admins;
	if (is_admin_then || !text_equal(was->role, ADMIN) || was->deactivated_at != TIME_NONE) return RC_OK;
	enum rc rc = user_count_active(db, was->account, ADMIN, &admins);
	if (rc != RC_OK) return err_set(err, rc, "cannot count the admins");
	if (admins > 1) return RC_OK;
	*ret_code = "LAST_ADMIN";
	return err_set(err, RC_CONFLICT, "The last admin cannot be removed");
}

static enum rc not_oneself(const struct actor *actor, struct text id, const char **ret_code, struct err *err)
{
	if (!actor->user_id.n || !text_equal(actor->user_id, id)) return RC_OK;
	*ret_code = "OWN_ROLE";
	return err_set(err, RC_CONFLICT, "Nobody changes their own role");
}

enum rc user_create(struct db *db, struct arena *a, const struct actor *actor, struct user *u, time_us now,
	char link[static LINK_TOKEN_SIZE], const char **ret_code, struct err *err)
{
	*u = (struct user){.account = actor->account,
		.id = uuid_text(a),
		.email = text_lower(a, u->email),
		.name = u->name,
		.role = u->role,
		.created_at = now,
		.updated_at = now,
		.last_login_at = TIME_NONE,
		.deactivated_at = TIME_NONE,
		.deleted_at = TIME_NONE};
	enum rc rc = audit_lock(db, actor->account);
	if (rc == RC_OK) rc = email_free(db, a, u, ret_code, err);
	if (rc == RC_OK) rc = user_insert(db, u);
	if (rc == RC_OK) rc = user_note(db, a, actor, "user.created", NULL, u, now);
	return rc == RC_OK ? link_make(db, a, actor, u, now, link) : rc;
}

/* Nothing that a user has works any more. */
static enum rc user_stop(struct db *db, const struct user *u, time_us now)
{
	enum rc rc = session_end_all(db, u->account, u->id, TEXT_ABSENT, now);
	if (rc == RC_OK) rc = personal_token_revoke_all(db, u->account, u->id, now);
	return rc == RC_OK ? password_link_drop(db, u->account, u->id) : rc;
}

enum rc user_change(struct db *db, struct arena *a, const struct actor *actor, struct user *u, time_us now, const char **ret_code,
	struct err *err)
{
	struct user was;
	enum rc rc = audit_lock(db, actor->account);
	if (rc == RC_OK) rc = user_get(db, a, actor->account, u->id, &was);
	if (rc != RC_OK) return rc;
	bool stops = u->deactivated_at != TIME_NONE && was.deactivated_at == TIME_NONE;
	bool admin_then = text_equal(u->role, ADMIN) && u->deactivated_at == TIME_NONE;
	u->account = actor->account;
	u->email = text_lower(a, u->email);
	u->password_hash = was.password_hash;
	u->deleted_at = TIME_NONE;
	u->updated_at = now;
	if (stops || !text_equal(u->role, was.role)) rc = not_oneself(actor, u->id, ret_code, err);
	if (rc == RC_OK) rc = admin_stays(db, &was, admin_then, ret_code, err);
	if (rc == RC_OK) rc = email_free(db, a, u, ret_code, err);
	if (rc == RC_OK) rc = user_update(db, u);
	if (rc == RC_OK && stops) rc = user_stop(db, u, now);
	return rc == RC_OK ? user_note(db, a, actor, "user.updated", &was, u, now) : rc;
}

enum rc user_delete(struct db *db, struct arena *a, const struct actor *actor, struct text id, time_us now, const char **ret_code,
	struct err *err)
{
	struct user was;
	enum rc rc = audit_lock(db, actor->account);
	if (rc == RC_OK) rc = user_get(db, a, actor->account, id, &was);
	if (rc == RC_OK) rc = not_oneself(actor, id, ret_code, err);
	if (rc == RC_OK) rc = admin_stays(db, &was, false, ret_code, err);
	if (rc != RC_OK) return rc;
	struct user gone = was;
	gone.password_hash = TEXT_ABSENT;
	gone.deleted_at = gone.updated_at = now;
	rc = user_update(db, &gone);
	if (rc == RC_OK) rc = user_stop(db, &gone, now);
	return rc == RC_OK ? user_note(db, a, actor, "user.deleted", &was, NULL, now) : rc;
}

enum rc user_link(struct db *db, struct arena *a, const struct actor *actor, struct text user_id, time_us now,
	char link[static LINK_TOKEN_SIZE], time_us *ret_expires)
{
	struct user u;
	enum rc rc = audit_lock(db, actor->account);
	if (rc == RC_OK) rc = user_get(db, a, actor->account, user_id, &u);
	if (rc == RC_OK) rc = link_make(db, a, actor, &u, now, link);
	if (rc == RC_OK && ret_expires) *ret_expires = now + LINK_LIFE;
	return rc;
}

/* ---- passwords ---- */

static enum rc password_store(struct db *db, struct user *u, struct text hash, struct text keep_session, time_us now)
{
	u->password_hash = hash;
	u->updated_at = now;
	enum rc rc = user_update(db, u);
	if (rc == RC_OK) rc = session_end_all(db, u->account, u->id, keep_session, now);
	return rc == RC_OK ? password_link_drop(db, u->account, u->id) : rc;
}

static enum rc password_note(
	struct db *db, struct arena *a, const struct actor *actor, const char *action, const struct user *u, time_us now)
{
	return audit_note(db, a, actor, &(struct audit_change){.action = action, .subject_id = u->id, .subject_name = u->email}, now);
}

enum rc user_change_self(struct db *db, struct arena *a, const struct actor *actor, struct user *u, struct text password_hash,
	struct text keep_session, time_us now)
{
	struct user was;
	enum rc rc = audit_lock(db, actor->account);
	if (rc == RC_OK) rc = user_get(db, a, actor->account, u->id, &was);
	if (rc != RC_OK) return rc;
	if (password_hash.p && !text_equal(was.password_hash, u->password_hash)) return RC_DENIED;
	struct user then = was;
	then.name = u->name;
	then.updated_at = now;
	rc = password_hash.p ? password_store(db, &then, password_hash, keep_session, now) : user_update(db, &then);
	if (rc == RC_OK) rc = user_note(db, a, actor, "user.updated", &was, &then, now);
	if (rc == RC_OK && password_hash.p) rc = password_note(db, a, actor, "user.password_changed", &then, now);
	if (rc == RC_OK) *u = then;
	return rc;
}

enum rc user_set_password(
	struct db *db, struct arena *a, const struct actor *actor, struct user *u, struct text password_hash, time_us now)
{
	struct user then;
	enum rc rc = audit_lock(db, actor->account);
	if (rc == RC_OK) rc = user_get(db, a, actor->account, u->id, &then);
	if (rc == RC_OK) rc = password_store(db, &then, password_hash, TEXT_ABSENT, now);
	if (rc == RC_OK) rc = password_note(db, a, actor, "user.password_changed", &then, now);
	if (rc == RC_OK) *u = then;
	return rc;
}

enum rc link_use(struct db *db, struct arena *a, struct text link, struct text password_hash, struct text request_id, time_us now,
	struct user *ret)
{
	int64_t account;
	struct user u;
	enum rc rc = link_account(db, link, &account);
	if (rc == RC_OK) rc = audit_lock(db, account);
	if (rc == RC_OK) rc = link_user(db, a, link, now, &u);
	if (rc == RC_OK) rc = password_store(db, &u, password_hash, TEXT_ABSENT, now);
	if (rc != RC_OK) return rc;
	struct actor self = {.account = account,
		.label = text_from(arena_printf(a, "user:%.*s", TEXT_ARGS(u.email))),
		.credential = TEXT("password_link"),
		.user_id = u.id,
		.request_id = request_id};
	rc = password_note(db, a, &self, "password_link.used", &u, now);
	if (rc == RC_OK) *ret = u;
	return rc;
}
