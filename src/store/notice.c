/* The table notice: snapshots as JSON, by a table of their fields. */
#include "store/notice.h"

#include "base/json.h"
#include "base/json_out.h"
#include "db/db.h"
#include "domain/event_type.h"

SQL_STATEMENT(
	insert_notice, "INSERT INTO notice (account_id, event_id, content, extra_metadata, created_at) VALUES ($1, $2, $3, $4, $5)");
SQL_STATEMENT(get_notice, "SELECT content, extra_metadata FROM notice WHERE account_id = $1 AND event_id = $2");

static const struct {
	const char *name;
	size_t at;
} TEXTS[] =
	{
		{"event_id", offsetof(struct notice, event_id)},
		{"subject_id", offsetof(struct notice, subject_id)},
		{"product_id", offsetof(struct notice, product_id)},
		{"environment_id", offsetof(struct notice, environment_id)},
		{"version_id", offsetof(struct notice, version_id)},
		{"product_name", offsetof(struct notice, product_name)},
		{"version", offsetof(struct notice, version)},
		{"environment_name", offsetof(struct notice, environment_name)},
		{"previous_version", offsetof(struct notice, previous_version)},
		{"actor", offsetof(struct notice, actor)},
		{"actor_email", offsetof(struct notice, actor_email)},
		{"actor_name", offsetof(struct notice, actor_name)},
		{"scm_repository", offsetof(struct notice, scm_repository)},
		{"scm_sha", offsetof(struct notice, scm_sha)},
		{"scm_branch", offsetof(struct notice, scm_branch)},
		{"build_number", offsetof(struct notice, build_number)},
		{"build_url", offsetof(struct notice, build_url)},
		{"deploy_url", offsetof(struct notice, deploy_url)},
		{"source_system", offsetof(struct notice, source_system)},
		{"error_message", offsetof(struct notice, error_message)},
		{"error_code", offsetof(struct notice, error_code)},
		{"channel_name", offsetof(struct notice, channel_name)},
		{"preflight_status", offsetof(struct notice, preflight_status)},
},
  TIMES[] = {
	  {"occurred_at", offsetof(struct notice, occurred_at)},
	  {"deployed_at", offsetof(struct notice, deployed_at)},
	  {"started_at", offsetof(struct notice, started_at)},
	  {"ended_at", offsetof(struct notice, ended_at)},
};
enum { TEXT_COUNT = sizeof TEXTS / sizeof TEXTS[0], TIME_COUNT = sizeof TIMES / sizeof TIMES[0] };

static struct text *text_at(struct notice *n, size_t i)
{
	return (struct text *)((char *)n + TEXTS[i].at);
}

static time_us *time_at(struct notice *n, size_t i)
{
	return (time_us *)((char *)n + TIMES[i].at);
}

/* ---- writing ---- */

/* What is absent is left out. Times are microseconds, as everywhere in the store. */
void notice_write(struct buf *b, const struct notice *given)
{
	struct notice n = *given;
	struct json_out j = json_out(b);
	json_put_object(&j, NULL);
	json_put_cstr(&j, "kind", kind_name(n.kind));
	json_put_cstr(&j, "state", state_name(n.state));
	if (n.rollout != ROLLOUT_NONE) json_put_cstr(&j, "rollout", rollout_name(n.rollout));
	if (n.transitions) json_put_int(&j, "transitions", n.transitions);
	if (n.environment_type != ENV_TYPE_COUNT) json_put_cstr(&j, "environment_type", environment_type_name(n.environment_type));
	for (size_t i = 0; i < TEXT_COUNT; i++)
		if (text_at(&n, i)->p) json_put_text(&j, TEXTS[i].name, *text_at(&n, i));
	for (size_t i = 0; i < TIME_COUNT; i++)
		if (*time_at(&n, i) != TIME_NONE) json_put_int(&j, TIMES[i].name, *time_at(&n, i));
	json_end(&j);
}

/* ---- reading ---- */

static bool texts_read(const struct json *v, struct notice *n)
{
	for (size_t i = 0; i < TEXT_COUNT; i++) {
		const struct json *member = json_member(v, TEXTS[i].name);
		if (member && json_kind(member) != JSON_IS_TEXT) return false;
		*text_at(n, i) = json_text(member);
	}
	return true;
}

static bool times_read(const struct json *v, struct notice *n)
{
	for (size_t i = 0; i < TIME_COUNT; i++) {
		const struct json *member = json_member(v, TIMES[i].name);
		if (member && json_kind(member) != JSON_IS_INT) return false;
		*time_at(n, i) = member ? json_int(member) : TIME_NONE;
	}
	return n->deployed_at != TIME_NONE;
}

static bool words_read(const struct json *v, struct notice *n)
{
	const struct json *rollout = json_member(v, "rollout"), *type = json_member(v, "environment_type");
	if (!kind_from_name(json_text(json_member(v, "kind")), &n->kind)) return false;
	if (!state_from_name(json_text(json_member(v, "state")), &n->state)) return false;
	if (!event_type_name(n->kind, n->state)) return false; /* there is no such event: who tells of it need not ask */
	if (rollout && !rollout_from_name(json_text(rollout), &n->rollout)) return false;
	return !type || environment_type_parse(json_text(type), &n->environment_type);
}

static bool transitions_read(const struct json *v, struct notice *n)
{
	const struct json *member = json_member(v, "transitions");
	int64_t given = json_int(member);
	if (member && (json_kind(member) != JSON_IS_INT || given & ~(int64_t)(TRANSITION_RECOVERED | TRANSITION_ROLLED_BACK)))
		return false;
	n->transitions = (unsigned)given;
	return true;
}

enum rc notice_read(struct arena *a, struct text content, struct text extra_metadata, struct notice *ret)
{
	const struct json *v;
	struct err err;
	struct notice n = {.rollout = ROLLOUT_NONE, .environment_type = ENV_TYPE_COUNT};
	if (!content.p || json_read(a, content, &v, &err) != RC_OK || json_kind(v) != JSON_IS_OBJECT) return RC_CORRUPT;
	if (!words_read(v, &n) || !transitions_read(v, &n) || !texts_read(v, &n) || !times_read(v, &n)) return RC_CORRUPT;
	n.extra_metadata = text_copy(a, extra_metadata);
	*ret = n;
	return RC_OK;
}

/* ---- the table ---- */

enum rc notice_insert(
	struct db *db, int64_t account, struct text event_id, struct text content, struct text extra_metadata, time_us now)
{
	return db_exec(db, &insert_notice, P_INT(account), P_TEXT(event_id), P_TEXT(content), P_TEXT(extra_metadata), P_TIME(now));
}

enum rc notice_get(struct db *db, struct arena *a, int64_t account, struct text event_id, struct notice *ret)
{
	struct rows r;
	struct notice n;
	enum rc rc = db_select(db, &r, &get_notice, P_INT(account), P_TEXT(event_id)), read = RC_NOT_FOUND;
	if (rc == RC_OK && rows_next(&r)) {
		struct text content = row_text(&r, "content");
		read = notice_read(a, content, row_text(&r, "extra_metadata"), &n);
	}
	rc = rows_done(&r);
	if (rc != RC_OK || read != RC_OK) return rc != RC_OK ? rc : read;
	*ret = n;
	return RC_OK;
}
