/* Products: list, single, create, change, delete. */
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

#define FIELDS(name_is_required) \
	{ \
		{.name = "name", \
			.kind = BODY_TEXT, \
			.required = (name_is_required), \
			.kept = true, \
			.limit = 255, \
			.at = offsetof(struct product, name)}, \
			{.name = "description", \
				.kind = BODY_TEXT, \
				.limit = 4096, \
				.multiline = true, \
				.at = offsetof(struct product, description)}, \
			{.name = "extra_metadata", .kind = BODY_METADATA, .at = offsetof(struct product, extra_metadata)}, {0}, \
	}
static const struct body_field CREATE_FIELDS[] = FIELDS(true);
static const struct body_field CHANGE_FIELDS[] = FIELDS(false);
enum { GIVEN_DESCRIPTION = 1 << 1, GIVEN_METADATA = 1 << 2 };

struct product_body {
	struct product product;
	uint64_t given;
};

bool product_prepare(struct http_request *r)
{
	const struct json *object;
	if (!body_object(r, &object)) return false;
	struct product_body *b = arena_new_of(r->arena, struct product_body);
	struct body_errors errors;
	body_errors_init(&errors);
	bool creates = text_is(text_from(r->route->method), "POST");
	body_read(r->arena, creates ? CREATE_FIELDS : CHANGE_FIELDS, r->body, object, &b->product, &errors, &b->given);
	call_of(r)->prepared = b;
	if (errors.count) return body_errors_answer(&errors, r), false;
	body_errors_done(&errors);
	return true;
}

static void answer(struct http_request *r, int status, const struct product *p)
{
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	render_product(&j, p);
	json_end(&j);
	r->response.status = status;
}

void products_create(struct http_request *r, struct db *db)
{
	struct product p = ((struct product_body *)call_of(r)->prepared)->product;
	struct err err;
	enum rc rc = product_create(db, r->arena, &call_of(r)->actor, &p, r->received, &err);
	if (rc == RC_CONFLICT) return failure_conflict(r, "NAME_TAKEN", &err);
	if (rc != RC_OK) return failure_answer(r, rc);
	answer(r, 201, &p);
}

/* What is given is changed; null clears a description or metadata. */
void products_change(struct http_request *r, struct db *db)
{
	const struct product_body *b = call_of(r)->prepared;
	struct product p;
	struct err err;
	enum rc rc = product_get(db, r->arena, account_of(r), http_path_param(r, "id"), &p);
	if (rc != RC_OK) return failure_answer(r, rc);
	if (b->product.name.p) p.name = b->product.name;
	if (b->given & GIVEN_DESCRIPTION) p.description = b->product.description;
	if (b->given & GIVEN_METADATA) p.extra_metadata = b->product.extra_metadata;
	rc = product_change(db, r->arena, &call_of(r)->actor, &p, r->received, &err);
	if (rc == RC_CONFLICT) return failure_conflict(r, "NAME_TAKEN", &err);
	if (rc != RC_OK) return failure_answer(r, rc);
	answer(r, 200, &p);
}

void products_delete(struct http_request *r, struct db *db)
{
	enum rc rc = product_delete(db, r->arena, &call_of(r)->actor, http_path_param(r, "id"), r->received);
	if (rc != RC_OK) return failure_answer(r, rc);
	r->response.status = 204;
}

static void item(void *context, const struct product *p)
{
	struct list *l = context;
	if (!list_item(l, p->id)) return;
	render_product(&l->out, p);
	json_end(&l->out);
}

void products_list(struct http_request *r, struct db *db)
{
	struct query q;
	if (!query_read(r, QUERY_PAGE | QUERY_NAME | QUERY_SEARCH, &q)) return;
	struct list l;
	list_begin(&l, r, &q);
	enum rc rc = product_list(db, r->arena, account_of(r), q.names, q.search, &q.page, item, &l);
	if (rc != RC_OK) return failure_answer(r, rc);
	list_end(&l);
}

static void environment_cell(void *context, const struct matrix_cell *c)
{
	struct json_out *j = context;
	json_put_object(j, NULL);
	json_put_text(j, "environment_id", c->environment_id);
	json_put_text(j, "environment_name", c->environment_name);
	render_cell(j, c);
	json_end(j);
}

void products_get(struct http_request *r, struct db *db)
{
	struct product p;
	enum rc rc = product_get(db, r->arena, account_of(r), http_path_param(r, "id"), &p);
	if (rc != RC_OK) return failure_answer(r, rc);
	struct json_out j = json_out(&r->response.body);
	json_put_object(&j, NULL);
	render_product(&j, &p);
	json_put_array(&j, "environments");
	rc = matrix_of_product(db, account_of(r), p.id, environment_cell, &j);
	if (rc != RC_OK) return failure_answer(r, rc);
	json_end(&j);
	json_end(&j);
	r->response.status = 200;
}
