/* Environments: list, single, create, change, delete. */
#include <stddef.h>

#include "actions/catalog.h"
#include "api/app.h"
#include "api/body.h"
#include "api/failure.h"
#include "api/handlers.h"
#include "api/matrix_cell.h"
#include "api/query.h"
#include "api/render.h"
#include "base/json.h"

static bool choose_type(void *into, struct text word)
{
	return environment_type_parse(word, &((struct environment *)into)->type);
}

static const char *accepted_types(const void *into)
{
	(void)into;
	return "dev, test, staging, production, other";
}

#define FIELDS(name_is_required) \
	{ \
		{.name = "name", \
			.kind = BODY_TEXT, \
			.required = (name_is_required), \
			.kept = true, \
			.limit = 255, \
			.at = offsetof(struct environment, name)}, \
			{.name = "type", \
				.kind = BODY_CHOICE, \
				.kept = !(name_is_required), \
				.limit = 64, \
				.choose = choose_type, \
				.accepted = accepted_types, \
				.error_type = "value_error.choice"}, \
			{.name = "position", .kind = BODY_INT, .limit = 1000000, .at = offsetof(struct environment, position)}, \
			{.name = "description", \
				.kind = BODY_TEXT, \
				.limit = 4096, \
				.multiline = true, \
				.at = offsetof(struct environment, description)}, \
			{.name = "extra_metadata", .kind = BODY_METADATA, .at = offsetof(struct environment, extra_metadata)}, {0}, \
	}
static const struct body_field CREATE_FIELDS[] = FIELDS(true);
static const struct body_field CHANGE_FIELDS[] = FIELDS(false);
enum { GIVEN_POSITION = 1 << 2, GIVEN_DESCRIPTION = 1 << 3, GIVEN_METADATA = 1 << 4 };

struct environment_body {
	struct environment environment; /* type is ENV_TYPE_COUNT when not given */
	uint64_t given;
};

bool environment_prepare(struct http_request *r)
{
	const struct json *object;
	if (!body_object(r, &object)) return false;
	struct environment_body *b = arena_new_of(r->arena, struct environment_body);
	b->environment.type = ENV_TYPE_COUNT;
	b->environment.position = POSITION_UNSET;
	struct body_errors errors;
	body_errors_init(&errors);
	bool creates = text_is(text_from(r->route->method), "POST");
	body_read(r->arena, creates ? CREATE_FIELDS : CHANGE_FIELDS, r->body, object, &b->environment, &errors, &b->given);
	call_of(r)->prepared = b;
	if (errors.count) return body_errors_answer(&errors, r), false;
	body_errors_done(&errors);
	return true;
}

static void answer(struct http_request *r, int status, const struct environment *e)
{
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	render_environment(&j, e);
	json_end(&j);
	r->response.status = status;
}

void environments_create(struct http_request *r, struct db *db)
{
	struct environment e = ((struct environment_body *)call_of(r)->prepared)->environment;
	struct err err;
	if (e.type == ENV_TYPE_COUNT) e.type = environment_type_from_name(e.name);
	enum rc rc = environment_create(db, r->arena, &call_of(r)->actor, &e, r->received, &err);
	if (rc == RC_CONFLICT) return failure_conflict(r, "NAME_TAKEN", &err);
	if (rc != RC_OK) return failure_answer(r, rc);
	answer(r, 201, &e);
}

/* What is given is changed; null clears a description or metadata, and gives the position back to the type. */
void environments_change(struct http_request *r, struct db *db)
{
	const struct environment_body *b = call_of(r)->prepared;
	struct environment e;
	struct err err;
	enum rc rc = environment_get(db, r->arena, account_of(r), http_path_param(r, "id"), &e);
	if (rc != RC_OK) return failure_answer(r, rc);
	if (b->environment.name.p) e.name = b->environment.name;
	if (b->environment.type != ENV_TYPE_COUNT) e.type = b->environment.type;
	if (b->given & GIVEN_POSITION) e.position = b->environment.position;
	if (b->given & GIVEN_DESCRIPTION) e.description = b->environment.description;
	if (b->given & GIVEN_METADATA) e.extra_metadata = b->environment.extra_metadata;
	rc = environment_change(db, r->arena, &call_of(r)->actor, &e, r->received, &err);
	if (rc == RC_CONFLICT) return failure_conflict(r, "NAME_TAKEN", &err);
	if (rc != RC_OK) return failure_answer(r, rc);
	answer(r, 200, &e);
}

void environments_delete(struct http_request *r, struct db *db)
{
	enum rc rc = environment_delete(db, r->arena, &call_of(r)->actor, http_path_param(r, "id"), r->received);
	if (rc != RC_OK) return failure_answer(r, rc);
	r->response.status = 204;
}

static void item(void *context, const struct environment *e)
{
	struct list *l = context;
	if (!list_item(l, e->id)) return;
	render_environment(&l->out, e);
	json_end(&l->out);
}

void environments_list(struct http_request *r, struct db *db)
{
	struct query q;
	if (!query_read(r, QUERY_PAGE | QUERY_NAME | QUERY_SEARCH | QUERY_ENVIRONMENT_TYPE, &q)) return;
	struct list l;
	list_begin(&l, r, &q);
	enum rc rc = environment_list(db, r->arena, account_of(r), q.names, q.search, q.environment_type, &q.page, item, &l);
	if (rc != RC_OK) return failure_answer(r, rc);
	list_end(&l);
}

static void product_cell(void *context, const struct matrix_cell *c)
{
	struct json_out *j = context;
	json_put_object(j, NULL);
	json_put_text(j, "product_id", c->product_id);
	json_put_text(j, "product_name", c->product_name);
	render_cell(j, c);
	json_end(j);
}

void environments_get(struct http_request *r, struct db *db)
{
	struct environment e;
	enum rc rc = environment_get(db, r->arena, account_of(r), http_path_param(r, "id"), &e);
	if (rc != RC_OK) return failure_answer(r, rc);
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	render_environment(&j, &e);
	json_put_array(&j, "products");
	struct text only = text_from(arena_printf(r->arena, ",%.*s,", TEXT_ARGS(e.id)));
	rc = matrix_each(db, account_of(r), TEXT_ABSENT, only, product_cell, &j);
	if (rc != RC_OK) return failure_answer(r, rc);
	json_end(&j);
	json_end(&j);
	r->response.status = 200;
}
