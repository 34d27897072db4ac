/* Rows of the outbox for tests: channels, notifications with their notices, and what a search gives as one line of names. */
#pragma once

#include "../fresh_store.h"
#include "base/uuid.h"
#include "store/channel.h"
#include "store/notice.h"
#include "store/notification.h"

enum { OTHER_ACCOUNT = 2 };
#define NOW ((time_us)1700000000000000) /* when everything here is created, if nothing else is said */

/* A channel, which is its id and name, of the type "webhook". */
static inline void put_channel(struct fresh_store *s, int64_t account, const char *id)
{
	struct channel c = {
		.id = text_from(id), .name = text_from(id), .type = TEXT("webhook"), .config = TEXT("{}"), .enabled = true};
	assert_ok(channel_insert(s->db, account, &c));
}

/* The id of the n-th notification: sorted by time, then by n, and ending in n. */
static inline struct text id_at(struct fresh_store *s, time_us t, int n)
{
	char id[UUID_SIZE];
	uuid_floor(t, id);
	snprintf(id + 24, sizeof id - 24, "%012d", n);
	return text_copy(s->arena, text_from(id));
}

static inline struct text id_of(struct fresh_store *s, int n)
{
	return id_at(s, NOW, n);
}

/* The n-th notification, of the subject's event of that name. */
static inline void put_of_event(
	struct fresh_store *s, int64_t account, const char *channel, const char *subject, const char *event, int n, time_us created)
{
	struct notification row = {.id = id_at(s, created, n),
		.channel_id = text_from(channel),
		.event_id = text_from(event),
		.event_type = TEXT("deployment.failed"),
		.subject_id = text_from(subject),
		.created_at = created};
	assert_ok(notification_insert(s->db, account, &row));
}

/* The n-th notification, of an event of its own with a notice. */
static inline void put(struct fresh_store *s, const char *channel, const char *subject, int n)
{
	char event[32], content[64];
	snprintf(event, sizeof event, "event-%d", n);
	snprintf(content, sizeof content, "{\"n\":%d}", n);
	assert_ok(notice_insert(s->db, ACCOUNT, text_from(event), text_from(content), TEXT("{\"extra\":1}"), NOW));
	put_of_event(s, ACCOUNT, channel, subject, event, n, NOW);
}

static inline struct attempt_outcome outcome(time_us at, int64_t status, const char *answer)
{
	return (struct attempt_outcome){.at = at, .duration = 250, .status = status, .answer = text_from(answer)};
}

static inline void put_off(struct fresh_store *s, int n, time_us due_at)
{
	struct attempt_outcome o = outcome(NOW, 503, "busy");
	assert_ok(notification_put_off(s->db, ACCOUNT, id_of(s, n), due_at, &o));
}

static inline void finish(struct fresh_store *s, int n, enum notification_state state)
{
	struct attempt_outcome o = outcome(NOW + 1, state == NOTIFICATION_DEAD ? 400 : 200, state == NOTIFICATION_DEAD ? "no" : "ok");
	assert_ok(notification_finish(s->db, ACCOUNT, id_of(s, n), state, &o));
}

static inline struct notification get(struct fresh_store *s, int n)
{
	struct notification got = {0};
	assert_ok(notification_get(s->db, s->arena, ACCOUNT, id_of(s, n), &got));
	return got;
}

/* ---- names: the numbers at the end of ids ---- */

struct names {
	char text[1000];
};

static inline void name_id(struct names *names, struct text id)
{
	size_t n = strlen(names->text);
	assert_int_equal(id.n, UUID_SIZE - 1);
	snprintf(names->text + n, sizeof names->text - n, "%s%d", n ? " " : "", atoi(id.p + 24));
}

static inline void name_due(void *context, const struct due_notification *d)
{
	name_id(context, d->n.id);
}

#define C1 TEXT("c1")

static inline void assert_due(struct fresh_store *s, time_us now, int64_t most, const char *expected)
{
	struct names names = {""};
	assert_ok(notification_each_due(s->db, s->arena, ACCOUNT, C1, now, most, name_due, &names));
	assert_string_equal(names.text, expected);
}

static inline int64_t count_due(struct fresh_store *s, int64_t most)
{
	int64_t count = -1;
	assert_ok(notification_count_due(s->db, ACCOUNT, C1, NOW, most, &count));
	return count;
}
