/* Switching a channel off: its row, the audience's revision, the audit log, and what the admins are told. */
#include "notify/switch_off.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/uuid.h"
#include "domain/event_type.h"
#include "outgoing/outgoing.h"
#include "store/audit.h"
#include "store/channel.h"
#include "store/notice.h"
#include "store/notification.h"
#include "store/preference.h"
#include "store/signal.h"
#include "store/user.h"

#define ADMINISTRATORS TEXT("Administrators")
enum { ADMINS_TOLD = 20 };

struct switching {
	struct db *db;
	struct arena *arena;
	int64_t account;
	struct channel off;
	struct text reason;
	time_us now;
};

/* ---- the audit log ---- */

static enum rc note(struct switching *s, const char *action, const struct channel *c, struct text before, struct text after)
{
	const struct audit_entry e = {.account = s->account,
		.at = s->now,
		.actor = AUDIT_OURSELVES,
		.credential = AUDIT_OURSELVES,
		.action = action,
		.subject_id = c->id,
		.subject_name = c->name,
		.before = before,
		.after = after};
	return audit_append(s->db, &e);
}

/* Without the reason, which may quote the destination: whoever may see the channel sees it there. */
static enum rc note_off(struct switching *s)
{
	return note(s, "channel.switched_off", &s->off, TEXT("{\"enabled\":true}"), TEXT("{\"enabled\":false}"));
}

/* As when a person makes one. */
static enum rc note_made(struct switching *s, const struct channel *c)
{
	const char *after = arena_printf(s->arena,
		"{\"name\":\"%.*s\",\"channel_type\":\"%.*s\",\"enabled\":true,\"config_changed\":[\"to\"]}", TEXT_ARGS(c->name),
		TEXT_ARGS(c->type));
	return note(s, "channel.created", c, TEXT_ABSENT, text_from(after));
}

/* ---- the channel of the admins ---- */

struct address_list {
	struct json_out out;
	size_t count;
};

/* admin@localhost stands for nobody: it is what a first start writes when it is told no address. */
static void add_address(void *context, struct text email)
{
	struct address_list *l = context;
	const struct text nobody = TEXT("@localhost");
	bool is_nobody = email.n >= nobody.n && text_equal((struct text){email.p + email.n - nobody.n, nobody.n}, nobody);
	if (is_nobody || l->count == ADMINS_TOLD || !outgoing_mail_address_valid(email)) return;
	json_put_text(&l->out, NULL, email);
	l->count++;
}

static enum rc admins_channel_make(struct switching *s, struct channel *ret)
{
	buf_auto config = BUF_INIT(LIMIT_CONFIG);
	struct address_list l = {.out = json_out(&config)};
	json_put_object(&l.out, NULL);
	json_put_array(&l.out, "to");
	enum rc rc = user_emails(s->db, s->arena, s->account, TEXT("admin"), add_address, &l);
	json_end(&l.out);
	json_end(&l.out);
	if (rc != RC_OK || !l.count) return rc != RC_OK ? rc : RC_NOT_FOUND;
	*ret = (struct channel){.id = uuid_text(s->arena),
		.name = ADMINISTRATORS,
		.type = TEXT("email"),
		.config = text_copy(s->arena, buf_view(&config)),
		.enabled = true,
		.created_at = s->now,
		.updated_at = s->now};
	rc = channel_insert(s->db, s->account, ret);
	return rc == RC_OK ? note_made(s, ret) : rc;
}

/* ---- what they are told ---- */

static enum rc tell(struct switching *s, struct text channel_id)
{
	buf_auto content = BUF_INIT(LIMIT_NOTICE);
	const struct notice notice = {.kind = KIND_DEPLOYMENT,
		.state = STATE_FAILED,
		.event_id = uuid_text(s->arena),
		.subject_id = s->off.id,
		.channel_name = s->off.name,
		.environment_type = ENV_TYPE_COUNT,
		.error_message = s->reason,
		.occurred_at = s->now,
		.deployed_at = s->now,
		.started_at = TIME_NONE,
		.ended_at = TIME_NONE};
	const struct notification n = {.id = uuid_text(s->arena),
		.channel_id = channel_id,
		.event_id = notice.event_id,
		.event_type = text_from(CHANNEL_SWITCHED_OFF.name),
		.subject_id = s->off.id,
		.created_at = s->now,
		.waiting_since = s->now,
		.due_at = s->now,
		.attempted_at = TIME_NONE,
		.finished_at = TIME_NONE};
	notice_write(&content, &notice);
	enum rc rc = notice_insert(s->db, s->account, notice.event_id, buf_view(&content), TEXT_ABSENT, s->now);
	if (rc == RC_OK) rc = notification_insert(s->db, s->account, &n);
	if (rc == RC_OK) outbox_signal(s->db, s->account, channel_id);
	return rc;
}

static enum rc tell_admins(struct switching *s)
{
	struct channel admins;
	enum rc rc = channel_find(s->db, s->arena, s->account, ADMINISTRATORS, &admins);
	if (rc == RC_NOT_FOUND) rc = admins_channel_make(s, &admins);
	if (rc == RC_NOT_FOUND) return RC_OK; /* nobody to tell */
	if (rc != RC_OK) return rc;
	bool is_the_one = text_equal(admins.id, s->off.id);
	return is_the_one || !admins.enabled ? RC_OK : tell(s, admins.id);
}

static enum rc switch_off(struct switching *s, struct text channel_id, bool has_mail)
{
	enum rc rc = channel_get(s->db, s->arena, s->account, channel_id, &s->off);
	if (rc == RC_NOT_FOUND) return RC_OK; /* deleted meanwhile */
	if (rc != RC_OK || !s->off.enabled) return rc;
	s->off.enabled = false;
	s->off.disabled_reason = s->reason;
	s->off.updated_at = s->now;
	rc = channel_update(s->db, s->account, &s->off);
	if (rc == RC_OK) rc = notification_revision_raise(s->db, s->account);
	if (rc == RC_OK) rc = note_off(s);
	if (rc == RC_OK && has_mail) rc = tell_admins(s);
	return rc;
}

enum rc channel_switch_off(
	struct db *db, int64_t account, struct text channel_id, const struct notify_site *site, struct text reason, time_us now)
{
	struct switching s = {.db = db, .arena = arena_new(KIB(8), MIB(4)), .account = account, .reason = reason, .now = now};
	enum rc rc = switch_off(&s, channel_id, site->mail_server != NULL);
	arena_free(s.arena);
	return rc;
}
