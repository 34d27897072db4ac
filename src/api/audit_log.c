/* Reading the audit log. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

#include "api/app.h"
#include "api/failure.h"
#include "api/handlers.h"
#include "api/query.h"
#include "store/audit.h"

static void render_subject(struct json_out *j, const struct audit_entry *e)
{
	struct text rest = text_from(e->action), type = TEXT_ABSENT;
	(void)text_split(&rest, '.', &type);
	json_put_object(j, "subject");
	json_put_text(j, "type", type);
	json_put_text(j, "id", e->subject_id);
	json_put_text(j, "name", e->subject_name);
	json_end(j);
}

static void render_entry(struct json_out *j, const struct audit_entry *e)
{
	json_put_int(j, "number", e->number);
	json_put_time(j, "at", e->at);
	json_put_text(j, "actor", e->actor);
	json_put_text(j, "credential", e->credential);
	json_put_cstr(j, "action", e->action);
	render_subject(j, e);
	json_put_raw(j, "before", e->before);
	json_put_raw(j, "after", e->after);
	json_put_text(j, "request_id", e->request_id);
	json_put_text(j, "hash", e->hash);
	json_put_text(j, "previous_hash", e->previous_hash);
}

static void item(void *context, const struct audit_entry *e)
{
	struct list *l = context;
	struct text number = text_from(arena_printf(l->request->arena, "%" PRId64, e->number)); /* the cursor behind it */
	if (!list_item(l, number)) return;
	render_entry(&l->out, e);
	json_end(&l->out);
}

void audit_log_list(struct http_request *r, struct db *db)
{
	struct query q;
	if (!query_read(r, QUERY_NUMBERED | QUERY_AUDIT | QUERY_TIMES, &q)) return;
	struct list l;
	list_begin(&l, r, &q);
	const struct audit_filter f = {
		.actors = q.actors, .actions = q.types, .subject_id = q.subject_id, .since = q.since, .until = q.until};
	enum rc rc = audit_list(db, r->arena, account_of(r), &f, q.before_number, q.page.limit, item, &l);
	if (rc != RC_OK) return failure_answer(r, rc);
	list_end(&l);
}
