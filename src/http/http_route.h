/* Finds the row of the route table for a method and a path, compared segment by segment. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/rc.h"
#include "base/text.h"
#include "http/http.h"
#include "http/http_target.h"

struct router;

/* rows end with a row whose method is NULL, and are kept. Fails for a path that could never be matched, and for two rows of one
 * method that no path can tell apart. */
enum rc router_new(const struct http_route *rows, struct router **ret, struct err *err) must_check;
void router_free(struct router *r);

/* NULL when no row of that method has the path. HEAD finds what GET finds. Where several rows fit, literal segments win from the
 * left, and the more literal path is its own for every method. params: the {name} segments, with the values of t. */
const struct http_route *router_find(const struct router *r, struct text method, const struct target *t,
	struct http_param params[static HTTP_PATH_PARAMS], size_t *ret_params);
/* Appends the methods of the path, "GET, HEAD, POST, OPTIONS"; of all paths for "*". False, and nothing, for an unknown path. */
bool router_allow(const struct router *r, const struct target *t, struct buf *out);
