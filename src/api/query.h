/* Query parameters by a table: each has a name, a type and a place in struct query; a route says which it takes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/json_out.h"
#include "base/text.h"
#include "domain/environment_type.h"
#include "store/page.h"

struct db;
struct http_request;

enum query_parameter {
	QUERY_PAGE = 1 << 0, /* limit, cursor */
	QUERY_PRODUCT = 1 << 1,
	QUERY_ENVIRONMENT = 1 << 2,
	QUERY_VERSION = 1 << 3,
	QUERY_STATUS = 1 << 4,
	QUERY_KIND = 1 << 5, /* initial, upgrade, redeploy, rollback */
	QUERY_DEPLOYED_BY = 1 << 6,
	QUERY_TIMES = 1 << 7, /* since, until */
	QUERY_AT = 1 << 8,
	QUERY_TYPE = 1 << 9, /* event types */
	QUERY_ENVIRONMENT_TYPE = 1 << 13,
	QUERY_NAME = 1 << 10,
	QUERY_FROM_TO = 1 << 11,
	QUERY_NOTIFY = 1 << 12,
	QUERY_SUBJECT = 1 << 14, /* deployment or build: whose events */
	QUERY_STATE = 1 << 15, /* of notifications: waiting, delivered, folded, dead */
	QUERY_CHANNEL = 1 << 16,
	QUERY_ONE_CHANNEL = 1 << 17, /* the same, just one */
	QUERY_CHANNEL_TYPE = 1 << 18,
	QUERY_TOLD_TYPE = 1 << 19, /* event types, with those that only notifications have */
	QUERY_AUDIT = 1 << 24, /* of the audit log: actor, action, subject */
	QUERY_NUMBERED = 1 << 25, /* limit, and a cursor that is a number */
	QUERY_BUILT_BY = 1 << 21,
	QUERY_SEARCH = 1 << 22, /* q: a part of a name */
	QUERY_SUBSCRIPTION = 1 << 20, /* one event type of a preference: a family, "*" or an old name too */
	QUERY_LAST_EVENT_ID = 1 << 26, /* where a stream goes on */
};

struct query {
	struct page page;
	/* As given; resolved to sets of ids by query_resolve(). */
	struct text product, environment, channel;
	struct text product_ids, environment_ids, channel_ids; /* ",id,id,"; absent: all */
	struct text product_id, environment_id, channel_id; /* when there is just one */
	struct text versions, names; /* ",word,word,": names or ids */
	struct text states, rollouts, types; /* the same, checked */
	struct text one_type; /* when there is just one */
	enum environment_type environment_type; /* ENV_TYPE_COUNT: all */
	struct text actors; /* ",name,name," */
	struct text from, to;
	struct text search; /* as it was given */
	struct text subject_id;
	struct text last_event_id;
	int64_t before_number; /* INT64_MAX: from the newest on */
	time_us since, until, at;
	bool notify;
};

/* Reads the parameters that the mask allows. False: answered with 400 that names the parameter and what is wrong. */
bool query_read(struct http_request *r, unsigned allowed, struct query *ret);
/* Names and ids of products, environments and channels → ids. A name that does not exist matches nothing. */
enum rc query_resolve(struct http_request *r, struct db *db, struct query *q) must_check;

/* ---- lists: {"items":[…],"next_cursor":…} ---- */

struct list {
	struct http_request *request;
	struct json_out out;
	int64_t limit, count;
	struct text last_id; /* of the last item shown */
	bool more;
};
void list_begin(struct list *l, struct http_request *r, const struct query *q);
/* Opens the object of the next item; false: the page is full (there is a next one) and this row is not shown. */
bool list_item(struct list *l, struct text id);
/* Ends the list, and answers 200 with it and its Link header. */
void list_end(struct list *l);
