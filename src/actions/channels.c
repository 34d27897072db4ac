/* Channels and preferences by hand. What may not be is looked for before anything is written: a violated index would spoil the transaction. */
#include "actions/channels.h"

#include "actions/preference_compile.h"
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

enum rc channel_create(struct db *db, struct arena *a, int64_t account, struct channel *c, time_us now, struct err *err)
{
	c->id = uuid_text(a);
	c->disabled_reason = TEXT_ABSENT;
	c->created_at = c->updated_at = now;
	enum rc rc = name_free(db, a, account, c, err);
	if (rc == RC_OK) rc = channel_room(db, account, err);
	if (rc == RC_OK) rc = channel_insert(db, account, c);
	return rc == RC_OK ? notification_revision_raise(db, account) : rc;
}

enum rc channel_change(struct db *db, struct arena *a, int64_t account, struct channel *c, time_us now, struct err *err)
{
	c->updated_at = now;
	if (c->enabled) c->disabled_reason = TEXT_ABSENT;
	enum rc rc = name_free(db, a, account, c, err);
	if (rc == RC_OK) rc = channel_update(db, account, c);
	if (rc == RC_OK) rc = notification_revision_raise(db, account);
	if (rc == RC_OK && c->enabled) outbox_signal(db, account, c->id);
	return rc;
}

enum rc channel_delete(struct db *db, int64_t account, struct text id, time_us now)
{
	enum rc rc = channel_hide(db, account, id, now);
	if (rc == RC_OK) rc = preference_delete_of_channel(db, account, id);
	return rc == RC_OK ? notification_revision_raise(db, account) : rc;
}

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

enum rc preference_create(struct db *db, struct arena *a, int64_t account, struct preference *p, time_us now, struct err *err)
{
	p->id = uuid_text(a);
	p->created_at = p->updated_at = now;
	enum rc rc = preference_sound(db, a, account, p, err);
	if (rc == RC_OK) rc = preference_room(db, account, err);
	if (rc == RC_OK) rc = preference_insert(db, account, p);
	return rc == RC_OK ? notification_revision_raise(db, account) : rc;
}

enum rc preference_change(struct db *db, struct arena *a, int64_t account, struct preference *p, time_us now, struct err *err)
{
	p->updated_at = now;
	enum rc rc = preference_sound(db, a, account, p, err);
	if (rc == RC_OK) rc = preference_update(db, account, p);
	return rc == RC_OK ? notification_revision_raise(db, account) : rc;
}

enum rc preference_remove(struct db *db, int64_t account, struct text id)
{
	enum rc rc = preference_delete(db, account, id);
	return rc == RC_OK ? notification_revision_raise(db, account) : rc;
}

/* What waits for a channel that is gone would wait for nothing. */
static enum rc channel_there(struct db *db, struct arena *a, int64_t account, struct text id, struct err *err)
{
	struct channel c;
	enum rc rc = channel_get(db, a, account, id, &c);
	return rc == RC_NOT_FOUND ? err_set(err, RC_CONFLICT, "The notification's channel has been deleted") : rc;
}

enum rc notification_retry(struct db *db, struct arena *a, int64_t account, struct text id, time_us now, struct err *err)
{
	struct notification n;
	enum rc rc = notification_get(db, a, account, id, &n);
	if (rc == RC_OK) rc = channel_there(db, a, account, n.channel_id, err);
	if (rc != RC_OK) return rc;
	rc = notification_revive(db, account, id, now);
	if (rc == RC_CONFLICT) return err_set(err, rc, "Only a dead notification can be sent again");
	if (rc == RC_OK) outbox_signal(db, account, n.channel_id);
	return rc;
}
