/* An event's notifications: who is told, as what, and the snapshot of which they tell. */
#include "actions/outbox.h"

#include "base/limits.h"
#include "base/uuid.h"
#include "store/attempt.h"
#include "store/notice.h"
#include "store/notification.h"
#include "store/signal.h"

struct telling {
	struct db *db;
	struct arena *arena;
	const struct happening *h;
	struct occasion occasion;
	bool noticed; /* the snapshot is written */
};

/* The first success after a failure in that place: of an earlier attempt, or of this one, which a correction makes good. */
static enum rc has_recovered(struct telling *t, bool *ret)
{
	const struct record *r = t->h->record;
	*ret = t->h->had_failed;
	return *ret ? RC_OK : deployment_follows_failure(t->db, t->h->account, r, ret);
}

static bool may_have_transitions(const struct record *r)
{
	return r->kind == KIND_DEPLOYMENT && r->attempt.state == STATE_COMPLETED;
}

static enum rc transitions_of(struct telling *t)
{
	const struct record *r = t->h->record;
	bool recovered = false;
	t->occasion.transitions = 0;
	if (!may_have_transitions(r)) return RC_OK;
	enum rc rc = has_recovered(t, &recovered);
	if (recovered) t->occasion.transitions |= TRANSITION_RECOVERED;
	if (r->rollout == ROLLOUT_ROLLBACK) t->occasion.transitions |= TRANSITION_ROLLED_BACK;
	return rc;
}

/* Before it is known what a completed deployment also was, it may have been all of it. */
static struct occasion occasion_of(const struct happening *h)
{
	const struct record *r = h->record;
	return (struct occasion){.kind = r->kind,
		.state = r->attempt.state,
		.transitions = may_have_transitions(r) ? TRANSITION_RECOVERED | TRANSITION_ROLLED_BACK : 0,
		.product = r->product_name,
		.environment = r->environment_name,
		.environment_type = h->environment_type};
}

static struct notice notice_of(const struct telling *t)
{
	const struct happening *h = t->h;
	const struct record *r = h->record;
	const struct details *d = &r->details;
	return (struct notice){.kind = r->kind,
		.state = r->attempt.state,
		.rollout = r->rollout,
		.transitions = t->occasion.transitions,
		.event_id = h->event_id,
		.subject_id = r->id,
		.product_id = r->product_id,
		.environment_id = r->environment_id,
		.version_id = r->version_id,
		.product_name = r->product_name,
		.version = r->version,
		.environment_name = r->environment_name,
		.environment_type = r->kind == KIND_DEPLOYMENT ? h->environment_type : ENV_TYPE_COUNT,
		.previous_version = h->previous_version,
		.actor = d->actor,
		.actor_email = d->actor_email,
		.actor_name = d->actor_name,
		.scm_repository = d->scm_repository,
		.scm_sha = d->scm_sha,
		.scm_branch = d->scm_branch,
		.build_number = d->build_number,
		.build_url = d->build_url,
		.deploy_url = d->deploy_url,
		.source_system = d->source_system,
		.error_message = d->error_message,
		.error_code = d->error_code,
		.occurred_at = h->occurred_at,
		.deployed_at = attempt_deployed_at(&r->attempt),
		.started_at = r->attempt.started_at,
		.ended_at = r->attempt.ended_at,
		.extra_metadata = d->extra_metadata};
}

static enum rc write_notice(struct telling *t)
{
	if (t->noticed) return RC_OK;
	t->noticed = true;
	struct notice n = notice_of(t);
	buf_auto content = BUF_INIT(LIMIT_NOTICE);
	buf_reserve(&content, KIB(2));
	notice_write(&content, &n);
	if (buf_failed(&content)) return RC_FAILED;
	return notice_insert(t->db, t->h->account, n.event_id, buf_view(&content), n.extra_metadata, t->h->received_at);
}

static enum rc tell_channel(void *context, struct text channel_id, enum interest interest)
{
	struct telling *t = context;
	const struct happening *h = t->h;
	struct notification n = {.id = uuid_text(t->arena),
		.channel_id = channel_id,
		.event_id = h->event_id,
		.event_type = text_from(interest_event_type(interest, &t->occasion)),
		.subject_id = h->record->id,
		.state = NOTIFICATION_WAITING,
		.created_at = h->received_at,
		.waiting_since = h->received_at,
		.due_at = h->received_at,
		.attempted_at = TIME_NONE,
		.finished_at = TIME_NONE};
	enum rc rc = write_notice(t);
	if (rc == RC_OK) rc = notification_insert(t->db, h->account, &n);
	if (rc == RC_OK) outbox_signal(t->db, h->account, channel_id);
	return rc;
}

enum rc outbox_tell(struct db *db, struct arena *a, const struct happening *h)
{
	struct telling t = {.db = db, .arena = a, .h = h, .occasion = occasion_of(h)};
	bool any = false;
	enum rc rc = audience_any(h->audience, db, h->account, h->revision, &t.occasion, &any);
	if (rc != RC_OK || !any) return rc; /* most events of most accounts */
	rc = transitions_of(&t);
	return rc == RC_OK ? audience_of(h->audience, db, h->account, h->revision, &t.occasion, tell_channel, &t) : rc;
}
