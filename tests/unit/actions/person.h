/* What the tests of users share: who acts, and each action in a transaction of its own. */
#pragma once

#include "../fresh_store.h"
#include "actions/people.h"

#define NOW INT64_C(1700000000000000)

static const struct actor ADMIN_COMMAND = {
	.account = ACCOUNT, .label = {"admin command", 13}, .credential = {"command line", 12}};

struct outcome {
	enum rc rc;
	const char *code;
	char text[ERR_TEXT_MAX];
};

static inline struct actor acting(const struct user *u)
{
	return (struct actor){.account = u->account, .label = u->email, .credential = TEXT("session:s"), .user_id = u->id};
}

/* The end of a transaction that was begun: kept when rc is RC_OK. */
static inline enum rc end_with(struct db *db, enum rc rc)
{
	if (rc != RC_OK) return db_rollback(db), rc;
	return db_commit(db);
}

static inline struct user person(struct fresh_store *s, const char *email, const char *role)
{
	struct user u = {.email = text_from(email), .role = text_from(role)};
	char link[LINK_TOKEN_SIZE];
	const char *code = "";
	struct err err = {0};
	assert_ok(db_begin(s->db));
	enum rc rc = user_create(s->db, s->arena, &ADMIN_COMMAND, &u, NOW, link, &code, &err);
	if (end_with(s->db, rc) != RC_OK) fail_msg("%s %s", code, err.text);
	return u;
}

static inline struct outcome change(struct fresh_store *s, const struct actor *actor, struct user *u)
{
	struct outcome o = {.code = ""};
	struct err err = {0};
	assert_ok(db_begin(s->db));
	o.rc = end_with(s->db, user_change(s->db, s->arena, actor, u, NOW + 1, &o.code, &err));
	snprintf(o.text, sizeof o.text, "%s", err.text);
	return o;
}

static inline struct outcome delete_user(struct db *db, struct arena *a, const struct actor *actor, struct text id)
{
	struct outcome o = {.code = ""};
	struct err err = {0};
	assert_ok(db_begin(db));
	o.rc = end_with(db, user_delete(db, a, actor, id, NOW + 2, &o.code, &err));
	snprintf(o.text, sizeof o.text, "%s", err.text);
	return o;
}
