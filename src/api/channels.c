/* Notification channels: list, single, create, change, delete. */
#include <stddef.h>

#include "actions/channels.h"
#include "api/app.h"
#include "api/body.h"
#include "api/failure.h"
#include "api/handlers.h"
#include "api/history.h"
#include "api/query.h"
#include "api/render_notification.h"
#include "base/json.h"
#include "base/limits.h"
#include "db/db.h"
#include "notify/channel_type.h"

enum { MOST_WAITING = 10000, RECENT_DELIVERIES = 10, LOC_PARTS = 4 };

struct channel_body {
	struct http_request *request;
	const struct json *object; /* of a change: read in the transaction, over the stored channel */
	struct channel channel; /* as it shall be */
	const struct channel_type *type;
	const struct json *before; /* the stored config; NULL: none yet */
};

static bool choose_type(void *into, struct text word)
{
	return (((struct channel_body *)into)->type = channel_type_find(word)) != NULL;
}

static const char *accepted_types(const void *into)
{
	(void)into;
	return channel_type_names();
}

static bool choose_same_type(void *into, struct text word)
{
	return text_equal(word, ((struct channel_body *)into)->channel.type);
}

static const char *same_type(const void *into)
{
	const struct channel_body *b = into;
	return arena_printf(b->request->arena, "%.*s (the type of a channel cannot be changed)", TEXT_ARGS(b->channel.type));
}

/* "config.headers.X-A" → ["body","config","headers","X-A"] */
static void config_wrong(void *context, const char *field, const char *message, const char *error_type)
{
	struct text path[LOC_PARTS] = {TEXT("body")}, rest = text_from(field);
	size_t n = 1;
	while (n < LOC_PARTS - 1 && rest.p && text_split(&rest, '.', &path[n])) n++;
	if (rest.p) path[n++] = rest;
	body_error_at(context, path, n, message, error_type);
}

/* What a config may hold is known once the type is. */
static void read_config(void *into, const struct json *object, struct body_errors *errors)
{
	struct channel_body *b = into;
	if (!b->type) return;
	channel_config_read(
		b->request->arena, b->type, object, b->before, call_of(b->request)->app->site, &b->channel.config, config_wrong, errors);
}

#define FIELDS(is_required, choose_function, accepted_function) \
	{ \
		{.name = "name", \
			.kind = BODY_TEXT, \
			.required = (is_required), \
			.kept = true, \
			.limit = 255, \
			.at = offsetof(struct channel_body, channel.name)}, \
			{.name = "channel_type", \
				.kind = BODY_CHOICE, \
				.required = (is_required), \
				.limit = 64, \
				.choose = (choose_function), \
				.accepted = (accepted_function), \
				.error_type = "value_error.channel_type"}, \
			{.name = "config", .kind = BODY_OBJECT, .required = (is_required), .kept = true, .inside = read_config}, \
			{.name = "enabled", .kind = BODY_BOOL, .at = offsetof(struct channel_body, channel.enabled)}, {0}, \
	}
static const struct body_field CREATE_FIELDS[] = FIELDS(true, choose_type, accepted_types);
static const struct body_field CHANGE_FIELDS[] = FIELDS(false, choose_same_type, same_type);

static struct channel_body *prepare(struct http_request *r)
{
	struct channel_body *b = arena_new_of(r->arena, struct channel_body);
	call_of(r)->prepared = b;
	b->request = r;
	return body_object(r, &b->object) ? b : NULL;
}

/* False: answered. */
static bool read_fields(struct channel_body *b, const struct body_field *fields)
{
	struct body_errors errors;
	body_errors_init(&errors);
	body_read(b->request->arena, fields, b->request->body, b->object, b, &errors, NULL);
	if (errors.count) return body_errors_answer(&errors, b->request), false;
	body_errors_done(&errors);
	return true;
}

bool channel_create_prepare(struct http_request *r)
{
	struct channel_body *b = prepare(r);
	if (!b) return false;
	b->channel.enabled = true;
	if (!read_fields(b, CREATE_FIELDS)) return false;
	b->channel.type = text_from(b->type->name);
	return true;
}

bool channel_change_prepare(struct http_request *r)
{
	return prepare(r) != NULL;
}

static void answer(struct http_request *r, int status, const struct channel *c)
{
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	render_channel(&j, r->arena, c);
	json_end(&j);
	r->response.status = status;
}

void channels_create(struct http_request *r, struct db *db)
{
	struct channel c = ((const struct channel_body *)call_of(r)->prepared)->channel;
	struct err err;
	enum rc rc = channel_create(db, r->arena, &call_of(r)->actor, &c, r->received, &err);
	if (rc == RC_CONFLICT) return failure_conflict(r, "NAME_TAKEN", &err);
	if (failure_is_limit(rc, db)) return failure_conflict(r, "LIMIT_REACHED", &err);
	if (rc != RC_OK) return failure_answer(r, rc);
	answer(r, 201, &c);
}

/* What is given goes over what is stored, config included: only here can it be checked. */
void channels_change(struct http_request *r, struct db *db)
{
	struct channel_body b = *(const struct channel_body *)call_of(r)->prepared;
	struct err err;
	enum rc rc = channel_get(db, r->arena, account_of(r), http_path_param(r, "id"), &b.channel);
	if (rc != RC_OK) return failure_answer(r, rc);
	b.type = channel_type_find(b.channel.type);
	if (!b.type || json_read(r->arena, b.channel.config, &b.before, &err) != RC_OK) return failure_answer(r, RC_CORRUPT);
	if (!read_fields(&b, CHANGE_FIELDS)) return;
	rc = channel_change(db, r->arena, &call_of(r)->actor, &b.channel, r->received, &err);
	if (rc == RC_CONFLICT) return failure_conflict(r, "NAME_TAKEN", &err);
	if (rc != RC_OK) return failure_answer(r, rc);
	answer(r, 200, &b.channel);
}

void channels_delete(struct http_request *r, struct db *db)
{
	enum rc rc = channel_delete(db, r->arena, &call_of(r)->actor, http_path_param(r, "id"), r->received);
	if (rc != RC_OK) return failure_answer(r, rc);
	r->response.status = 204;
}

struct channel_items {
	struct list list;
	struct arena *reading; /* of one item at a time: a page of parsed configs may be too much for the request's own */
};

static void item(void *context, const struct channel *c)
{
	struct channel_items *l = context;
	if (!list_item(&l->list, c->id)) return;
	render_channel(&l->list.out, l->reading, c);
	json_end(&l->list.out);
	arena_reset(l->reading);
}

void channels_list(struct http_request *r, struct db *db)
{
	struct query q;
	if (!query_read(r, QUERY_PAGE | QUERY_NAME | QUERY_CHANNEL_TYPE, &q)) return;
	struct channel_items l = {.reading = arena_new(KIB(16), MIB(16))};
	list_begin(&l.list, r, &q);
	enum rc rc = channel_list(db, r->arena, account_of(r), q.names, q.types, &q.page, item, &l);
	arena_free(l.reading);
	if (rc != RC_OK) return failure_answer(r, rc);
	list_end(&l.list);
}

/* How many wait, when the next one is due, and the last ones. */
static enum rc put_deliveries(struct http_request *r, struct db *db, struct json_out *j, struct text id)
{
	int64_t waiting, account = account_of(r);
	time_us next = TIME_NONE;
	enum rc rc = notification_count_due(db, account, id, r->received, MOST_WAITING, &waiting);
	if (rc != RC_OK) return rc;
	rc = notification_next_due(db, account, id, &next);
	if (rc != RC_OK && rc != RC_NOT_FOUND) return rc;
	json_put_int(j, "waiting", waiting);
	json_put_time(j, "next_due_at", next);
	struct notification_filter of_channel = {.channel_id = id, .since = TIME_NONE, .until = TIME_NONE};
	return put_notifications(r, db, j, "deliveries", &of_channel, RECENT_DELIVERIES, true);
}

void channels_get(struct http_request *r, struct db *db)
{
	struct channel c;
	enum rc rc = channel_get(db, r->arena, account_of(r), http_path_param(r, "id"), &c);
	if (rc != RC_OK) return failure_answer(r, rc);
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	render_channel(&j, r->arena, &c);
	rc = put_deliveries(r, db, &j, c.id);
	if (rc != RC_OK) return failure_answer(r, rc);
	json_end(&j);
	r->response.status = 200;
}
