/* Sessions and personal tokens, begun and ended (declared in people.h). */
#include "actions/audit.h"
#include "actions/people.h"
#include "base/secret.h"
#include "base/uuid.h"
#include "db/db.h"

static enum rc note(
	struct db *db, struct arena *a, const struct actor *actor, const char *action, struct text id, struct text name, time_us now)
{
	return audit_note(db, a, actor, &(struct audit_change){.action = action, .subject_id = id, .subject_name = name}, now);
}

/* As it is now, under the lock; the password is still the one that was verified. */
static enum rc still_there(struct db *db, struct arena *a, struct user *u)
{
	struct user now;
	enum rc rc = user_get(db, a, u->account, u->id, &now);
	if (rc != RC_OK) return rc;
	if (now.deactivated_at != TIME_NONE || !now.password_hash.p || !text_equal(now.password_hash, u->password_hash))
		return RC_NOT_FOUND;
	*u = now;
	return RC_OK;
}

static enum rc session_store(struct db *db, struct arena *a, struct user *u, struct text fresh_hash, struct session *s)
{
	enum rc rc = RC_OK;
	if (fresh_hash.p) {
		u->password_hash = text_copy(a, fresh_hash);
		rc = user_update(db, u);
	}
	u->last_login_at = s->created_at;
	if (rc == RC_OK) rc = session_insert(db, s);
	return rc == RC_OK ? user_logged_in(db, u->account, u->id, s->created_at) : rc;
}

enum rc session_begin(struct db *db, struct arena *a, struct user *u, struct text fresh_hash, struct text peer,
	struct text request_id, int64_t life, time_us now, char token[static SESSION_TOKEN_SIZE], struct session *ret)
{
	char hex[DIGEST_HEX_SIZE];
	struct user then = *u;
	enum rc rc = audit_lock(db, then.account);
	if (rc == RC_OK) rc = still_there(db, a, &then);
	if (rc != RC_OK) return rc;
	session_token_new(token);
	digest_hex(text_from(token), hex);
	struct session s = {.account = then.account,
		.id = uuid_text(a),
		.user_id = then.id,
		.token_digest = text_copy(a, text_from(hex)),
		.peer = peer,
		.created_at = now,
		.seen_at = now,
		.expires_at = now + life,
		.ended_at = TIME_NONE};
	const struct actor self = {.account = then.account,
		.label = text_from(arena_printf(a, "user:%.*s", TEXT_ARGS(then.email))),
		.credential = text_from(arena_printf(a, "session:%.*s", TEXT_ARGS(s.id))),
		.user_id = then.id,
		.request_id = request_id};
	rc = session_store(db, a, &then, fresh_hash, &s);
	const struct audit_field from[] = {{"peer", AUDIT_TEXT, TEXT_ABSENT, peer.p ? peer : TEXT("")}};
	if (rc == RC_OK) rc = audit_note_fields(db, a, &self, "session.login", s.id, then.email, from, 1, now);
	if (rc == RC_OK) *u = then, *ret = s;
	return rc;
}

enum rc session_logout(struct db *db, struct arena *a, const struct actor *actor, struct text session_id, time_us now)
{
	enum rc rc = audit_lock(db, actor->account);
	if (rc == RC_OK) rc = session_end(db, actor->account, session_id, now);
	return rc == RC_OK ? note(db, a, actor, "session.logout", session_id, TEXT_ABSENT, now) : rc;
}

/* ---- personal tokens ---- */

static enum rc token_note(struct db *db, struct arena *a, const struct actor *actor, const char *action,
	const struct personal_token *before, const struct personal_token *after, time_us now)
{
	const struct personal_token none = {.expires_at = TIME_NONE};
	const struct personal_token *b = before ? before : &none, *c = after ? after : &none, *subject = after ? after : before;
	const struct audit_field fields[] = {
		{"name", AUDIT_TEXT, b->name, c->name},
		{"expires_at", AUDIT_TIME, audit_time(a, b->expires_at), audit_time(a, c->expires_at)},
	};
	return audit_note_fields(db, a, actor, action, subject->id, subject->name, fields, sizeof fields / sizeof *fields, now);
}

enum rc token_create(struct db *db, struct arena *a, const struct actor *actor, struct text user_id, struct text name,
	time_us expires_at, time_us now, char token[static PERSONAL_TOKEN_SIZE], struct personal_token *ret, const char **ret_code,
	struct err *err)
{
	int64_t count;
	char hex[DIGEST_HEX_SIZE];
	enum rc rc = audit_lock(db, actor->account);
	if (rc == RC_OK) rc = personal_token_count(db, actor->account, user_id, now, &count);
	if (rc != RC_OK) return err_set(err, rc, "cannot count the tokens");
	if (count >= TOKENS_OF_A_USER) {
		*ret_code = "TOO_MANY_TOKENS";
		return err_set(err, RC_CONFLICT, "A user has at most %d personal tokens", TOKENS_OF_A_USER);
	}
	personal_token_new(token);
	digest_hex(text_from(token), hex);
	struct personal_token t = {.account = actor->account,
		.id = uuid_text(a),
		.user_id = user_id,
		.name = name,
		.token_digest = text_copy(a, text_from(hex)),
		.created_at = now,
		.expires_at = expires_at,
		.last_used_at = TIME_NONE,
		.revoked_at = TIME_NONE};
	rc = personal_token_insert(db, &t);
	if (rc == RC_OK) rc = token_note(db, a, actor, "token.created", NULL, &t, now);
	if (rc == RC_OK) *ret = t;
	return rc == RC_OK ? RC_OK : err_set(err, rc, "cannot store the token");
}

enum rc token_revoke(struct db *db, struct arena *a, const struct actor *actor, struct text user_id, struct text id, time_us now)
{
	struct personal_token t;
	enum rc rc = audit_lock(db, actor->account);
	if (rc == RC_OK) rc = personal_token_get(db, a, actor->account, user_id, id, &t);
	if (rc == RC_OK) rc = personal_token_revoke(db, actor->account, user_id, id, now);
	return rc == RC_OK ? token_note(db, a, actor, "token.revoked", &t, NULL, now) : rc;
}
