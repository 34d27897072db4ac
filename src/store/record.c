/* Reading stored deployments and builds, and merging what successive events say of one. */
#include "store/record.h"

#include "base/json.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "db/db.h"

/* A stored word that this program does not know means a damaged or foreign file: it is shown as the last known word rather than
 * refused, and `versioner check` names it. */
static enum state state_read(struct text word)
{
	enum state s = STATE_ABORTED;
	(void)state_from_name(word, &s);
	return s;
}

void record_read(struct rows *r, struct arena *a, enum kind kind, struct record *ret)
{
	*ret = (struct record){.kind = kind};
	ret->id = text_copy(a, row_text(r, "id"));
	ret->product_id = text_copy(a, row_text(r, "product_id"));
	ret->version_id = text_copy(a, row_text(r, "version_id"));
	ret->attempt.state = state_read(row_text(r, "state"));
	ret->run_key = text_copy(a, row_text(r, "run_key"));
	ret->attempt.pending_at = row_time(r, "pending_at");
	ret->attempt.started_at = row_time(r, "started_at");
	ret->attempt.ended_at = row_time(r, "ended_at");
	ret->attempt.attempted_at = row_time(r, "attempted_at");
	ret->attempt.received_at = row_time(r, "received_at");
	ret->updated_at = row_time(r, "updated_at");
	ret->state_event_id = text_copy(a, row_text(r, "state_event_id"));
	struct details *d = &ret->details;
	d->build_number = text_copy(a, row_text(r, "build_number"));
	d->build_url = text_copy(a, row_text(r, "build_url"));
	d->invoke_id = text_copy(a, row_text(r, "invoke_id"));
	d->source_system = text_copy(a, row_text(r, "source_system"));
	d->scm_repository = text_copy(a, row_text(r, "scm_repository"));
	d->scm_sha = text_copy(a, row_text(r, "scm_sha"));
	d->scm_branch = text_copy(a, row_text(r, "scm_branch"));
	d->actor = text_copy(a, row_text(r, "actor"));
	d->actor_email = text_copy(a, row_text(r, "actor_email"));
	d->actor_name = text_copy(a, row_text(r, "actor_name"));
	d->error_message = text_copy(a, row_text(r, "error_message"));
	d->error_code = text_copy(a, row_text(r, "error_code"));
	d->extra_metadata = text_copy(a, row_text(r, "extra_metadata"));
}

struct details details_of_event(const struct event_fields *e)
{
	return (struct details){
		.build_number = e->build_number,
		.build_url = e->build_url,
		.deploy_url = e->deploy_url,
		.invoke_id = e->invoke_id,
		.source_system = e->source_system,
		.scm_repository = e->scm_repository,
		.scm_sha = e->scm_sha,
		.scm_branch = e->scm_branch,
		.actor = e->actor,
		.actor_email = e->actor_email,
		.actor_name = e->actor_name,
		.error_message = e->error_message,
		.error_code = e->error_code,
		.extra_metadata = e->extra_metadata,
	};
}

static void metadata_members(struct json_out *j, struct arena *a, const struct json *from, const struct json *unless_in)
{
	struct json_iter i = json_members(from);
	while (json_next(&i)) {
		const char *key = text_cstr(a, i.key);
		if (unless_in && json_member(unless_in, key)) continue;
		buf_auto value = BUF_INIT(LIMIT_METADATA_BYTES * 2);
		json_write_value(&value, i.value);
		buf_auto escaped = BUF_INIT(LIMIT_METADATA_BYTES * 6);
		json_escape(&escaped, i.key);
		json_put_raw(j, text_cstr(a, buf_view(&escaped)), buf_view(&value));
	}
}

/* Pipelines send the same metadata with each event of a run, so equal bytes are the common case and cost nothing. */
static struct text metadata_merge(struct arena *a, struct text before, struct text later)
{
	if (!later.p) return before;
	if (!before.p || text_equal(before, later)) return later;
	const struct json *old, *new;
	struct err err;
	if (json_read(a, before, &old, &err) != RC_OK || json_read(a, later, &new, &err) != RC_OK) return later;
	buf_auto merged = BUF_INIT(LIMIT_METADATA_BYTES);
	struct json_out j = json_out(&merged);
	json_put_object(&j, NULL);
	metadata_members(&j, a, old, new);
	metadata_members(&j, a, new, NULL);
	json_end(&j);
	return buf_failed(&merged) ? later : text_copy(a, buf_view(&merged));
}

void details_merge(struct arena *a, struct details *d, const struct details *later)
{
	static const size_t fields[] = {
		offsetof(struct details, build_number),
		offsetof(struct details, build_url),
		offsetof(struct details, deploy_url),
		offsetof(struct details, invoke_id),
		offsetof(struct details, source_system),
		offsetof(struct details, scm_repository),
		offsetof(struct details, scm_sha),
		offsetof(struct details, scm_branch),
		offsetof(struct details, actor),
		offsetof(struct details, actor_email),
		offsetof(struct details, actor_name),
		offsetof(struct details, error_message),
		offsetof(struct details, error_code),
	};
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		const struct text *given = (const struct text *)((const char *)later + fields[i]);
		if (given->p) *(struct text *)((char *)d + fields[i]) = *given;
	}
	d->extra_metadata = metadata_merge(a, d->extra_metadata, later->extra_metadata);
}
