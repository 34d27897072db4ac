/* Sends events into a store as a front door does: from what a pipeline would say to record_event(), in a transaction. */
#pragma once

#include "../fresh_store.h"

#include "actions/check.h"
#include "actions/record_event.h"
#include "base/json_out.h"
#include "store/attempt.h"
#include "store/environment.h"
#include "store/event_log.h"
#include "store/matrix.h"
#include "store/place.h"
#include "store/product.h"
#include "store/version.h"

/* Times of events are small numbers of microseconds, which read well; 0 stands for "not given". */
struct sent {
	enum kind kind;
	enum state state;
	const char *product, *version, *environment; /* "shop", "1", "prod" unless given */
	const char *run, *attempt; /* invoke_id and the run attempt */
	const char *sha, *repository, *metadata, *by, *url;
	time_us started, completed, occurred;
	time_us received; /* 1,000,000 unless given */
};

enum { RECEIVED = 1000000 };

static inline time_us given_time(time_us t)
{
	return t ? t : TIME_NONE;
}

static inline struct text or_else(const char *given, const char *standard)
{
	return text_from(given ? given : standard);
}

static inline struct event_fields fields_of(const struct sent *e)
{
	return (struct event_fields){
		.kind = e->kind,
		.state = e->state,
		.status = text_from(state_name(e->state)),
		.product_name = or_else(e->product, "shop"),
		.version = or_else(e->version, "1"),
		.environment_name = e->kind == KIND_DEPLOYMENT ? or_else(e->environment, "prod") : TEXT_ABSENT,
		.invoke_id = text_from(e->run),
		.run_attempt = text_from(e->attempt),
		.scm_sha = text_from(e->sha),
		.scm_repository = text_from(e->repository),
		.extra_metadata = text_from(e->metadata),
		.actor = text_from(e->by),
		.build_url = text_from(e->url),
		.started_at = given_time(e->started),
		.completed_at = given_time(e->completed),
		.occurred_at = given_time(e->occurred),
	};
}

/* What replaying the log needs; a real payload has all fields. */
static inline struct text payload_of(struct arena *a, const struct event_fields *f)
{
	buf_auto b = BUF_INIT(KIB(4));
	struct json_out j = json_out(&b);
	json_put_object(&j, NULL);
	json_put_text(&j, "status", f->status);
	json_put_time(&j, "started_at", f->started_at);
	json_put_time(&j, "completed_at", f->completed_at);
	json_put_time(&j, "occurred_at", f->occurred_at);
	json_end(&j);
	return text_copy(a, buf_view(&b));
}

static inline enum rc try_send(struct fresh_store *s, struct sent e, struct recorded *ret, struct err *err)
{
	struct actor who = {.account = ACCOUNT, .label = TEXT("api_key:k1")};
	struct submission in = {.fields = fields_of(&e), .received = e.received ? e.received : RECEIVED};
	in.payload = payload_of(s->arena, &in.fields);
	bool own = !db_in_transaction(s->db);
	if (own) assert_ok(db_begin(s->db));
	enum rc rc = record_event(s->db, s->arena, &who, &in, ret, err);
	if (own && rc == RC_OK) assert_ok(db_commit(s->db));
	if (own) db_rollback(s->db);
	return rc;
}

static inline struct recorded send_event(struct fresh_store *s, struct sent e)
{
	struct recorded r = {0};
	struct err err = {0};
	if (try_send(s, e, &r, &err) != RC_OK) fail_msg("%s: %s", err.text, db_error(s->db)->text);
	return r;
}
#define SEND(s, ...) send_event((s), (struct sent){__VA_ARGS__})

static inline struct matrix_cell cell_of(struct fresh_store *s, const struct record *r)
{
	struct matrix_cell cell = {0};
	assert_ok(matrix_get(s->db, s->arena, ACCOUNT, r->product_id, r->environment_id, &cell));
	return cell;
}

static inline struct record stored(struct fresh_store *s, const struct record *r)
{
	struct record found = {0};
	assert_ok(attempt_get(s->db, s->arena, ACCOUNT, r->kind, r->id, &found));
	return found;
}

static inline void show_problem(void *context, const char *sentence)
{
	if (context) print_message("%s\n", sentence);
}

static inline struct check check_of(struct fresh_store *s, bool show)
{
	struct check c = {.problem = show_problem, .context = show ? s : NULL};
	assert_ok(db_begin(s->db));
	assert_ok(check_derived(s->db, &c));
	db_rollback(s->db);
	return c;
}

static inline void assert_sound(struct fresh_store *s)
{
	assert_int_equal(check_of(s, true).problems, 0);
}
