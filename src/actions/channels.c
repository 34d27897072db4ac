/* Channels and preferences by hand. What may not be is looked for before anything is written: a violated index would spoil the transaction. */
#include "actions/channels.h"

#include "actions/audit.h"
#include "actions/preference_compile.h"
#include "base/json.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "base/uuid.h"
#include "store/notification.h"
#include "store/signal.h"

static enum rc name_free(struct db *db, struct arena *a, int64_t account, const struct channel *c, struct err *err)
{
	struct channel holder;
	enum rc rc = channel_find(db, a, account, c->name, &holder);
	if (rc == RC_NOT_FOUND) return RC_OK;
	if (rc != RC_OK) return err_set(err, rc, "cannot look up the notification channel");
	if (text_equal(holder.id, c->id)) return RC_OK;
	return err_set(err, RC_CONFLICT, "Notification channel %.*s already exists", TEXT_ARGS(c->name));
}

/* rc: of counting them. */
static enum rc room_left(enum rc rc, int64_t count, int64_t limit, const char *noun, struct err *err)
{
	if (rc != RC_OK) return err_set(err, rc, "cannot count the notification %s", noun);
	if (count < limit) return RC_OK;
	return err_set(err, RC_FULL, "An account has at most %lld notification %s", (long long)limit, noun);
}

static enum rc channel_room(struct db *db, int64_t account, struct err *err)
{
	int64_t count = 0;
	enum rc rc = channel_count(db, account, &count);
	return room_left(rc, count, LIMIT_CHANNELS, "channels", err);
}

static enum rc preference_room(struct db *db, int64_t account, struct err *err)
{
	int64_t count = 0;
	enum rc rc = preference_count(db, account, &count);
	return room_left(rc, count, LIMIT_PREFERENCES, "preferences", err);
}

/* ---- channels ---- */

/* Whether that member of two configs is the same; values are compared as they would be written. */
static bool same_value(const struct json *a, const struct json *b)
{
	buf_auto left = BUF_INIT(LIMIT_CONFIG), right = BUF_INIT(LIMIT_CONFIG);
	if (!a || !b) return a == b;
	json_write_value(&left, a);
	json_write_value(&right, b);
	return !buf_failed(&left) && !buf_failed(&right) && text_equal(buf_view(&left), buf_view(&right));
}

static void put_changed(struct json_out *j, const struct json *of, const struct json *other, bool only_strange)
{
	for (struct json_iter i = json_members(of); json_next(&i);) {
		const struct json *there = json_member(other, i.key.p);
		if (only_strange ? !there : !same_value(i.value, there)) json_put_text(j, NULL, i.key);
	}
}

/* The names of the fields whose values differ, as a JSON array; absent: none does. Values are secrets, destinations at least. */
static struct text config_changed(struct arena *a, struct text before, struct text after)
{
	const struct json *was = NULL, *is = NULL;
	buf_auto names = BUF_INIT(LIMIT_CONFIG);
	struct json_out j = json_out(&names);
	if (before.p && json_read(a, before, &was, NULL) != RC_OK) was = NULL;
	if (after.p && json_read(a, after, &is, NULL) != RC_OK) is = NULL;
	json_put_array(&j, NULL);
	put_changed(&j, is, was, false);
	put_changed(&j, was, is, true);
	json_end(&j);
	return names.n > 2 ? text_copy(a, buf_view(&names)) : TEXT_ABSENT;
}

/* before: NULL for a new one; after: for one that goes. preferences: those that go with it. */
static enum rc channel_note(struct db *db, struct arena *a, const struct actor *actor, const char *action,
	const struct channel *before, const struct channel *after, struct text preferences, time_us now)
{
	const struct channel none = {0}, *b = before ? before : &none, *c = after ? after : &none, *subject = after ? after : before;
	const struct audit_field fields[] = {
		{"name", AUDIT_TEXT, b->name, c->name},
		{"channel_type", AUDIT_TEXT, b->type, c->type},
		{"enabled", AUDIT_BOOL, before ? audit_bool(b->enabled) : TEXT_ABSENT, after ? audit_bool(c->enabled) : TEXT_ABSENT},
		{"config_changed", AUDIT_CHANGED, TEXT_ABSENT, after ? config_changed(a, b->config, c->config) : TEXT_ABSENT},
		{"preferences", AUDIT_JSON, preferences, TEXT_ABSENT},
	};
	return audit_note_fields(db, a, actor, action, subject->id, subject->name, fields, sizeof fields / sizeof *fields, now);
}

enum rc channel_create(struct db *db, struct arena *a, const struct actor *actor, struct channel *c, time_us now, struct err *err)
{
	c->id = uuid_text(a);
	c->disabled_reason = TEXT_ABSENT;
	c->created_at = c->updated_at = now;
	enum rc rc = name_free(db, a, actor->account, c, err);
	if (rc == RC_OK) rc = channel_room(db, actor->account, err);
	if (rc == RC_OK) rc = channel_insert(db, actor->account, c);
	if (rc == RC_OK) rc = notification_revision_raise(db, actor->account);
	return rc == RC_OK ? channel_note(db, a, actor, "channel.created", NULL, c, TEXT_ABSENT, now) : rc;
}

enum rc channel_change(struct db *db, struct arena *a, const struct actor *actor, struct channel *c, time_us now, struct err *err)
{
	struct channel before;
	c->updated_at = now;
	if (c->enabled) c->disabled_reason = TEXT_ABSENT;
	enum rc rc = name_free(db, a, actor->account, c, err);
	if (rc == RC_OK) rc = channel_get(db, a, actor->account, c->id, &before);
	if (rc == RC_OK) rc = channel_update(db, actor->account, c);
	if (rc == RC_OK) rc = notification_revision_raise(db, actor->account);
	if (rc == RC_OK && c->enabled) outbox_signal(db, actor->account, c->id);
	return rc == RC_OK ? channel_note(db, a, actor, "channel.updated", &before, c, TEXT_ABSENT, now) : rc;
}

static void put_id(void *context, const struct preference *p)
{
	json_put_text(context, NULL, p->id);
}

/* The ids of its preferences as a JSON array; absent: it has none. */
static enum rc preferences_of(struct db *db, struct arena *a, int64_t account, struct text id, struct text *ret)
{
	buf_auto ids = BUF_INIT(MIB(1));
	struct json_out j = json_out(&ids);
	struct page all = {.limit = LIMIT_PREFERENCES};
	json_put_array(&j, NULL);
	enum rc rc = preference_list(db, a, account, id, TEXT_ABSENT, &all, put_id, &j);
	json_end(&j);
	if (rc == RC_OK) *ret = ids.n > 2 ? text_copy(a, buf_view(&ids)) : TEXT_ABSENT;
	return rc;
}

enum rc channel_delete(struct db *db, struct arena *a, const struct actor *actor, struct text id, time_us now)
{
	struct channel before;
	struct text preferences;
	enum rc rc = channel_get(db, a, actor->account, id, &before);
	if (rc == RC_OK) rc = preferences_of(db, a, actor->account, id, &preferences);
	if (rc == RC_OK) rc = channel_hide(db, actor->account, id, now);
	if (rc == RC_OK) rc = preference_delete_of_channel(db, actor->account, id);
	if (rc == RC_OK) rc = notification_revision_raise(db, actor->account);
	return rc == RC_OK ? channel_note(db, a, actor, "channel.deleted", &before, NULL, preferences, now) : rc;
}

enum rc channel_note_test(
	struct db *db, struct arena *a, const struct actor *actor, const struct channel *c, bool delivered, time_us now)
{
	const struct audit_field fields[] = {{"delivered", AUDIT_BOOL, TEXT_ABSENT, audit_bool(delivered)}};
	return audit_note_fields(db, a, actor, "channel.tested", c->id, c->name, fields, 1, now);
}

/* ---- preferences ---- */

/* Whether p may be written: its channel is there, and what it asks for can be understood when the next event comes. */
static enum rc preference_sound(struct db *db, struct arena *a, int64_t account, struct preference *p, struct err *err)
{
	struct channel c;
	struct subscription s;
	enum rc rc = channel_get(db, a, account, p->channel_id, &c);
	if (rc == RC_NOT_FOUND) return err_set(err, rc, "There is no notification channel %.*s", TEXT_ARGS(p->channel_id));
	if (rc != RC_OK) return err_set(err, rc, "cannot look up the notification channel");
	rc = preference_compile(a, p, &s, err);
	if (rc != RC_OK) return rc;
	p->event_type = s.event_type;
	p->channel_name = c.name;
	return RC_OK;
}

static enum rc preference_note(struct db *db, struct arena *a, const struct actor *actor, const char *action,
	const struct preference *before, const struct preference *after, time_us now)
{
	const struct preference none = {0}, *b = before ? before : &none, *c = after ? after : &none,
							*subject = after ? after : before;
	const struct audit_field fields[] = {
		{"event_type", AUDIT_TEXT, b->event_type, c->event_type},
		{"channel_id", AUDIT_TEXT, b->channel_id, c->channel_id},
		{"channel_name", AUDIT_TEXT, b->channel_name, c->channel_name},
		{"filters", AUDIT_JSON, b->filters, c->filters},
		{"enabled", AUDIT_BOOL, before ? audit_bool(b->enabled) : TEXT_ABSENT, after ? audit_bool(c->enabled) : TEXT_ABSENT},
	};
	return audit_note_fields(db, a, actor, action, subject->id, subject->event_type, fields, sizeof fields / sizeof *fields, now);
}

enum rc preference_create(
	struct db *db, struct arena *a, const struct actor *actor, struct preference *p, time_us now, struct err *err)
{
	p->id = uuid_text(a);
	p->created_at = p->updated_at = now;
	enum rc rc = preference_sound(db, a, actor->account, p, err);
	if (rc == RC_OK) rc = preference_room(db, actor->account, err);
	if (rc == RC_OK) rc = preference_insert(db, actor->account, p);
	if (rc == RC_OK) rc = notification_revision_raise(db, actor->account);
	return rc == RC_OK ? preference_note(db, a, actor, "preference.created", NULL, p, now) : rc;
}

enum rc preference_change(
	struct db *db, struct arena *a, const struct actor *actor, struct preference *p, time_us now, struct err *err)
{
	struct preference before;
	p->updated_at = now;
	enum rc rc = preference_sound(db, a, actor->account, p, err);
	if (rc == RC_OK) rc = preference_get(db, a, actor->account, p->id, &before);
	if (rc == RC_OK) rc = preference_update(db, actor->account, p);
	if (rc == RC_OK) rc = notification_revision_raise(db, actor->account);
	return rc == RC_OK ? preference_note(db, a, actor, "preference.updated", &before, p, now) : rc;
}

enum rc preference_remove(struct db *db, struct arena *a, const struct actor *actor, struct text id, time_us now)
{
	struct preference before;
	enum rc rc = preference_get(db, a, actor->account, id, &before);
	if (rc == RC_OK) rc = preference_delete(db, actor->account, id);
	if (rc == RC_OK) rc = notification_revision_raise(db, actor->account);
	return rc == RC_OK ? preference_note(db, a, actor, "preference.deleted", &before, NULL, now) : rc;
}

/* ---- retries ---- */

/* What waits for a channel that is gone would wait for nothing. */
static enum rc channel_there(struct db *db, struct arena *a, int64_t account, struct text id, struct err *err)
{
	struct channel c;
	enum rc rc = channel_get(db, a, account, id, &c);
	return rc == RC_NOT_FOUND ? err_set(err, RC_CONFLICT, "The notification's channel has been deleted") : rc;
}

static enum rc retry_note(struct db *db, struct arena *a, const struct actor *actor, const struct notification *n, time_us now)
{
	const struct audit_field fields[] = {{"state", AUDIT_TEXT, TEXT("dead"), TEXT("waiting")}};
	return audit_note_fields(db, a, actor, "notification.retried", n->id, n->event_type, fields, 1, now);
}

enum rc notification_retry(
	struct db *db, struct arena *a, const struct actor *actor, struct text id, time_us now, struct err *err)
{
	struct notification n;
	enum rc rc = notification_get(db, a, actor->account, id, &n);
	if (rc == RC_OK) rc = channel_there(db, a, actor->account, n.channel_id, err);
	if (rc != RC_OK) return rc;
	rc = notification_revive(db, actor->account, id, now);
	if (rc == RC_CONFLICT) return err_set(err, rc, "Only a dead notification can be sent again");
	if (rc == RC_OK) outbox_signal(db, actor->account, n.channel_id);
	return rc == RC_OK ? retry_note(db, a, actor, &n, now) : rc;
}
