/* Matches methods and paths with the rows of the route table. The rows are taken apart once, at the start. */
#include "http/http_route.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

struct pattern {
	const struct http_route *row;
	struct text method;
	struct text segments[TARGET_SEGMENTS]; /* without braces */
	unsigned count;
	unsigned params; /* one bit a segment, the first segment's the highest: the smaller, the more literal from the left */
};

struct router {
	struct pattern *patterns;
	size_t count;
};

static unsigned segment_bit(unsigned i)
{
	return 1U << (TARGET_SEGMENTS - 1 - i);
}

static enum rc pattern_read(const struct http_route *row, struct pattern *ret, struct err *err)
{
	*ret = (struct pattern){.row = row, .method = text_from(row->method)};
	struct text rest = text_from(row->path), part;
	size_t params = 0;
	while (text_split(&rest, '/', &part)) {
		if (part.n == 0) continue;
		if (ret->count == TARGET_SEGMENTS) return err_set(err, RC_INVALID, "route %s has too many segments", row->path);
		if (part.n > 2 && part.p[0] == '{' && part.p[part.n - 1] == '}') {
			part = (struct text){part.p + 1, part.n - 2};
			ret->params |= segment_bit(ret->count);
			params++;
		}
		ret->segments[ret->count++] = part;
	}
	if (params > HTTP_PATH_PARAMS) return err_set(err, RC_INVALID, "route %s has too many names", row->path);
	return RC_OK;
}

static bool pattern_same(const struct pattern *a, const struct pattern *b)
{
	if (a->count != b->count || a->params != b->params || !text_equal(a->method, b->method)) return false;
	for (unsigned i = 0; i < a->count; i++)
		if (!(a->params & segment_bit(i)) && !text_equal(a->segments[i], b->segments[i])) return false;
	return true;
}

static enum rc patterns_read(struct router *r, const struct http_route *rows, struct err *err)
{
	for (; rows[r->count].method; r->count++) {
		enum rc rc = pattern_read(&rows[r->count], &r->patterns[r->count], err);
		if (rc != RC_OK) return rc;
		for (size_t i = 0; i < r->count; i++)
			if (pattern_same(&r->patterns[i], &r->patterns[r->count]))
				return err_set(err, RC_INVALID, "two routes are %s %s", rows[r->count].method, rows[r->count].path);
	}
	return RC_OK;
}

enum rc router_new(const struct http_route *rows, struct router **ret, struct err *err)
{
	size_t n = 0;
	while (rows[n].method) n++;
	struct router *r = mem_zalloc(sizeof *r);
	r->patterns = mem_zalloc((n + 1) * sizeof *r->patterns);
	enum rc rc = patterns_read(r, rows, err);
	if (rc != RC_OK) {
		router_free(r);
		return rc;
	}
	*ret = r;
	return RC_OK;
}

void router_free(struct router *r)
{
	if (!r) return;
	free(r->patterns);
	free(r);
}

static bool path_fits(const struct pattern *p, const struct target *t)
{
	if (p->count != t->segment_count) return false;
	for (unsigned i = 0; i < p->count; i++)
		if (!(p->params & segment_bit(i)) && !text_equal(p->segments[i], t->segments[i])) return false;
	return true;
}

static size_t params_take(const struct pattern *p, const struct target *t, struct http_param params[static HTTP_PATH_PARAMS])
{
	size_t n = 0;
	for (unsigned i = 0; i < p->count; i++)
		if (p->params & segment_bit(i)) params[n++] = (struct http_param){p->segments[i], t->segments[i]};
	return n;
}

/* How literal the rows are that a path belongs to: /events/bulk is its own path, for every method, and no /events/{id}. */
static unsigned most_literal(const struct router *r, const struct target *t)
{
	unsigned params = UINT_MAX;
	for (size_t i = 0; i < r->count; i++)
		if (r->patterns[i].params < params && path_fits(&r->patterns[i], t)) params = r->patterns[i].params;
	return params;
}

const struct http_route *router_find(const struct router *r, struct text method, const struct target *t,
	struct http_param params[static HTTP_PATH_PARAMS], size_t *ret_params)
{
	if (t->asterisk) return NULL;
	if (text_is(method, "HEAD")) method = TEXT("GET");
	unsigned literal = most_literal(r, t);
	for (size_t i = 0; i < r->count; i++) {
		const struct pattern *p = &r->patterns[i];
		if (p->params != literal || !text_equal(p->method, method) || !path_fits(p, t)) continue;
		*ret_params = params_take(p, t, params);
		return p->row;
	}
	return NULL;
}

bool router_allow(const struct router *r, const struct target *t, struct buf *out)
{
	static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
	bool known = t->asterisk;
	unsigned literal = t->asterisk ? 0 : most_literal(r, t);
	size_t start = out->n;
	for (size_t m = 0; m < sizeof methods / sizeof *methods; m++) {
		const char *in_table = strcmp(methods[m], "HEAD") == 0 ? "GET" : methods[m];
		for (size_t i = 0; i < r->count; i++) {
			const struct pattern *p = &r->patterns[i];
			if (!text_is(p->method, in_table) || !(t->asterisk || (p->params == literal && path_fits(p, t)))) continue;
			buf_cstr(out, methods[m]);
			buf_cstr(out, ", ");
			known = true;
			break;
		}
	}
	if (known)
		buf_cstr(out, "OPTIONS");
	else
		out->n = start;
	return known;
}
