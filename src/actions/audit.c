/* Entries of the audit log: which actions there are, and noting one. */
#include "actions/audit.h"

#include <stdlib.h>

#include "base/log.h"

static const char *const ACTIONS[] = {
	"product.created", "product.updated", "product.deleted", "environment.created", "environment.updated", "environment.deleted",
	"channel.created", "channel.updated", "channel.deleted", "channel.tested", "channel.switched_off", /* by the deliverer */
	"preference.created", "preference.updated", "preference.deleted", "notification.retried", "user.created", "user.updated",
	"user.deleted", "user.password_changed", "api_key.created", "api_key.revoked", "token.created", "token.revoked",
	"session.login", "session.logout", "password_link.created", "password_link.used", "audit.cut", /* by retention */
};

bool audit_action_known(struct text action)
{
	for (size_t i = 0; i < sizeof ACTIONS / sizeof *ACTIONS; i++)
		if (text_is(action, ACTIONS[i])) return true;
	return false;
}

enum rc audit_note(struct db *db, struct arena *a, const struct actor *actor, const struct audit_change *c, time_us now)
{
	(void)a;
	if (!audit_action_known(text_from(c->action))) {
		log_error("an action that the audit log does not know: a mistake in the program", LOG_STR("action", c->action));
		abort();
	}
	const struct audit_entry e = {.account = actor->account,
		.at = now,
		.actor = actor->label,
		.credential = actor->credential.p ? actor->credential : actor->label,
		.action = c->action,
		.subject_id = c->subject_id,
		.subject_name = c->subject_name,
		.before = c->before,
		.after = c->after,
		.request_id = actor->request_id};
	return audit_append(db, &e);
}

enum rc audit_note_fields(struct db *db, struct arena *a, const struct actor *actor, const char *action, struct text subject_id,
	struct text subject_name, const struct audit_field *fields, size_t count, time_us now)
{
	struct audit_change c = {.action = action, .subject_id = subject_id, .subject_name = subject_name};
	audit_difference(a, fields, count, &c.before, &c.after);
	return c.before.p || c.after.p ? audit_note(db, a, actor, &c, now) : RC_OK;
}
