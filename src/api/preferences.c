/* Notification preferences: list, single, create, change, delete. */
#include <stddef.h>

#include "actions/channels.h"
#include "api/app.h"
#include "api/body.h"
#include "api/failure.h"
#include "api/filters.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/render_notification.h"
#include "base/json.h"
#include "base/limits.h"
#include "domain/subscription.h"

struct preference_body {
	struct arena *arena;
	struct preference preference; /* filters: absent when not given */
	bool says_enabled; /* true or false was given */
};

static bool choose_type(void *into, struct text word)
{
	return subscription_type_parse(word, &((struct preference_body *)into)->preference.event_type);
}

static const char *accepted_types(const void *into)
{
	(void)into;
	return subscription_types();
}

static void read_filters(void *into, const struct json *object, struct body_errors *errors)
{
	struct preference_body *b = into;
	filters_read(b->arena, object, &b->preference.filters, errors);
}

#define FIELDS(is_required) \
	{ \
		{.name = "event_type", \
			.kind = BODY_CHOICE, \
			.required = (is_required), \
			.kept = true, \
			.limit = 64, \
			.choose = choose_type, \
			.accepted = accepted_types, \
			.error_type = "value_error.event_type"}, \
			{.name = "channel_id", \
				.kind = BODY_TEXT, \
				.required = (is_required), \
				.kept = true, \
				.limit = 255, \
				.at = offsetof(struct preference_body, preference.channel_id)}, \
			{.name = "filters", .kind = BODY_OBJECT, .inside = read_filters}, \
			{.name = "enabled", .kind = BODY_BOOL, .at = offsetof(struct preference_body, preference.enabled)}, {0}, \
	}
static const struct body_field CREATE_FIELDS[] = FIELDS(true);
static const struct body_field CHANGE_FIELDS[] = FIELDS(false);
enum { GIVEN_FILTERS = 1 << 2 };

bool preference_prepare(struct http_request *r)
{
	const struct json *object;
	if (!body_object(r, &object)) return false;
	struct preference_body *b = arena_new_of(r->arena, struct preference_body);
	struct body_errors errors;
	body_errors_init(&errors);
	b->arena = r->arena;
	b->preference.enabled = true;
	bool creates = text_is(text_from(r->route->method), "POST");
	uint64_t given;
	body_read(r->arena, creates ? CREATE_FIELDS : CHANGE_FIELDS, r->body, object, b, &errors, &given);
	b->says_enabled = json_kind(json_member(object, "enabled")) == JSON_IS_BOOL;
	b->preference.channel_id = text_lower(r->arena, b->preference.channel_id);
	if (errors.count) return body_errors_answer(&errors, r), false;
	body_errors_done(&errors);
	bool unfiltered = !b->preference.filters.p && (creates || (given & GIVEN_FILTERS)); /* none, or null */
	if (unfiltered) b->preference.filters = TEXT("{}");
	call_of(r)->prepared = b;
	return true;
}

static void answer(struct http_request *r, int status, const struct preference *p)
{
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	render_preference(&j, r->arena, p);
	json_end(&j);
	r->response.status = status;
}

static void refuse_channel(struct http_request *r)
{
	struct body_errors errors;
	body_errors_init(&errors);
	body_error(&errors, "body", "channel_id", "no such channel", "value_error.channel_id");
	body_errors_answer(&errors, r);
}

/* rc: of writing p. */
static void answer_written(
	struct http_request *r, struct db *db, enum rc rc, int status, const struct preference *p, const struct err *err)
{
	if (rc == RC_NOT_FOUND) return refuse_channel(r);
	if (failure_is_limit(rc, db)) return failure_conflict(r, "LIMIT_REACHED", err);
	if (rc != RC_OK) return failure_answer(r, rc);
	answer(r, status, p);
}

void preferences_create(struct http_request *r, struct db *db)
{
	struct preference p = ((const struct preference_body *)call_of(r)->prepared)->preference;
	struct err err;
	enum rc rc = preference_create(db, r->arena, &call_of(r)->actor, &p, r->received, &err);
	answer_written(r, db, rc, 201, &p, &err);
}

/* What is given is changed; null filters filter nothing. */
void preferences_change(struct http_request *r, struct db *db)
{
	const struct preference_body *b = call_of(r)->prepared;
	struct preference p;
	struct err err;
	enum rc rc = preference_get(db, r->arena, account_of(r), http_path_param(r, "id"), &p);
	if (rc != RC_OK) return failure_answer(r, rc);
	if (b->preference.event_type.p) p.event_type = b->preference.event_type;
	if (b->preference.channel_id.p) p.channel_id = b->preference.channel_id;
	if (b->preference.filters.p) p.filters = b->preference.filters;
	if (b->says_enabled) p.enabled = b->preference.enabled;
	rc = preference_change(db, r->arena, &call_of(r)->actor, &p, r->received, &err);
	answer_written(r, db, rc, 200, &p, &err);
}

void preferences_delete(struct http_request *r, struct db *db)
{
	enum rc rc = preference_remove(db, r->arena, &call_of(r)->actor, http_path_param(r, "id"), r->received);
	if (rc != RC_OK) return failure_answer(r, rc);
	r->response.status = 204;
}

struct preference_items {
	struct list list;
	struct arena *reading; /* of one item at a time: a page of parsed filters may be too much for the request's own */
};

static void item(void *context, const struct preference *p)
{
	struct preference_items *l = context;
	if (!list_item(&l->list, p->id)) return;
	render_preference(&l->list.out, l->reading, p);
	json_end(&l->list.out);
	arena_reset(l->reading);
}

void preferences_list(struct http_request *r, struct db *db)
{
	struct query q;
	if (!query_read(r, QUERY_PAGE | QUERY_ONE_CHANNEL | QUERY_SUBSCRIPTION, &q)) return;
	enum rc rc = query_resolve(r, db, &q);
	bool no_such_channel = q.channel_ids.p && !q.channel_id.p;
	struct text channel = no_such_channel ? TEXT("") : q.channel_id;
	struct preference_items l = {.reading = arena_new(KIB(16), MIB(16))};
	list_begin(&l.list, r, &q);
	if (rc == RC_OK) rc = preference_list(db, r->arena, account_of(r), channel, q.one_type, &q.page, item, &l);
	arena_free(l.reading);
	if (rc != RC_OK) return failure_answer(r, rc);
	list_end(&l.list);
}

void preferences_get(struct http_request *r, struct db *db)
{
	struct preference p;
	enum rc rc = preference_get(db, r->arena, account_of(r), http_path_param(r, "id"), &p);
	if (rc != RC_OK) return failure_answer(r, rc);
	answer(r, 200, &p);
}
