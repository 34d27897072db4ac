/* Bringing people from the store into memory (declared in people.h). */
#include "actions/people.h"
#include "base/limits.h"
#include "db/db.h"
#include "store/people_revision.h"

static void learn_user(void *context, const struct user *u)
{
	struct people_user known = {.account = u->account, .id = u->id, .email = u->email, .revision = u->revision};
	known.active = u->deactivated_at == TIME_NONE && u->deleted_at == TIME_NONE;
	known.role = ROLE_VIEWER;
	if (!role_parse(u->role, &known.role)) known.active = false; /* of a newer program: better nothing than too much */
	people_learn_user(context, &known);
}

static void learn_session(void *context, const struct session *s)
{
	people_learn_session(context, &(struct people_credential){.account = s->account,
									  .id = s->id,
									  .user_id = s->user_id,
									  .token_digest = s->token_digest,
									  .expires_at = s->expires_at,
									  .seen_at = s->seen_at,
									  .ended = s->ended_at != TIME_NONE,
									  .revision = s->revision});
}

static void learn_token(void *context, const struct personal_token *t)
{
	people_learn_token(context, &(struct people_credential){.account = t->account,
									.id = t->id,
									.user_id = t->user_id,
									.token_digest = t->token_digest,
									.expires_at = t->expires_at,
									.seen_at = TIME_NONE,
									.ended = t->revoked_at != TIME_NONE,
									.revision = t->revision});
}

enum rc people_refresh(struct db *db, struct people *p, int64_t *revision)
{
	int64_t now;
	enum rc rc = people_revision(db, &now); /* first: what comes after it is read again, and does no harm */
	if (rc != RC_OK || now == *revision) return rc;
	struct arena *a = arena_new(KIB(16), MIB(1024));
	rc = user_each_since(db, a, *revision, learn_user, p);
	if (rc == RC_OK) rc = session_each_since(db, a, *revision, learn_session, p);
	if (rc == RC_OK) rc = personal_token_each_since(db, a, *revision, learn_token, p);
	arena_free(a);
	if (rc == RC_OK) *revision = now;
	return rc;
}

void people_learn_now(struct people *p, const struct user *u, const struct session *s, const struct personal_token *t)
{
	if (u) learn_user(p, u);
	if (s) learn_session(p, s);
	if (t) learn_token(p, t);
}
