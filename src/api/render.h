/* The product's nouns as JSON. Field names and their order are the contract's; ours come after. */
#pragma once

#include "actions/record_event.h"
#include "base/json_out.h"
#include "store/environment.h"
#include "store/event_log.h"
#include "store/product.h"
#include "store/record.h"
#include "store/version.h"

/* The members of the answer to an event, between json_put_object and json_end of the caller. */
void render_recorded(struct json_out *j, const struct recorded *r);
/* The members of a stored deployment or build. */
void render_record(struct json_out *j, const struct record *r);
void render_event(struct json_out *j, const struct logged_event *e);
void render_whole_event(struct buf *out, const struct logged_event *e); /* the same as an object */
void render_product(struct json_out *j, const struct product *p);
void render_environment(struct json_out *j, const struct environment *e);
void render_version(struct json_out *j, const struct version *v);
