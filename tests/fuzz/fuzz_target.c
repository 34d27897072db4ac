/* Any bytes as a request target: refused, or clean text that is the same when it is written down and taken apart again; and its
 * query parameters are refused with an answer or are within their limits. */
#include <stdint.h>
#include <stdlib.h>

#include "api/dispatch.h"
#include "api/query.h"
#include "base/json.h"
#include "base/limits.h"
#include "http/http_route.h"
#include "http/http_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void must(bool holds)
{
	if (!holds) abort();
}

static void check_text(struct text t)
{
	must(t.p && utf8_valid(t) && !text_has_control(t, false));
}

static void write_encoded(struct buf *b, struct text t)
{
	for (size_t i = 0; i < t.n; i++) buf_printf(b, "%%%02x", (unsigned char)t.p[i]);
}

static void write_target(struct buf *b, const struct target *t)
{
	for (size_t i = 0; i < t->segment_count; i++) {
		buf_char(b, '/');
		write_encoded(b, t->segments[i]);
	}
	for (size_t i = 0; i < t->query_count; i++) {
		buf_char(b, i ? '&' : '?');
		write_encoded(b, t->query[i].name);
		buf_char(b, '=');
		write_encoded(b, t->query[i].value);
	}
}

/* What was decoded, encoded again, gives the same. */
static void check_again(struct arena *a, const struct target *t)
{
	struct target again;
	buf_auto b = BUF_INIT(LIMIT_TARGET * 4);
	write_target(&b, t);
	if (!b.n || b.n > LIMIT_TARGET) return;
	must(target_parse(a, buf_view(&b), &again) == TARGET_OK && text_equal(again.path, t->path));
	must(again.segment_count == t->segment_count && again.query_count == t->query_count);
	for (size_t i = 0; i < t->segment_count; i++) must(text_equal(again.segments[i], t->segments[i]));
	for (size_t i = 0; i < t->query_count; i++)
		must(text_equal(again.query[i].name, t->query[i].name) && text_equal(again.query[i].value, t->query[i].value));
}

static void check_target(const struct target *t)
{
	check_text(t->path);
	must(t->asterisk || t->path.p[0] == '/');
	must(t->segment_count <= TARGET_SEGMENTS && t->query_count <= TARGET_QUERY_PARAMS);
	for (size_t i = 0; i < t->segment_count; i++) {
		check_text(t->segments[i]);
		must(t->segments[i].n && !text_is(t->segments[i], ".") && !text_is(t->segments[i], ".."));
	}
	for (size_t i = 0; i < t->query_count; i++) {
		check_text(t->query[i].name);
		check_text(t->query[i].value);
		must(t->query[i].name.n > 0);
		for (size_t k = 0; k < i; k++) must(!text_equal(t->query[k].name, t->query[i].name));
	}
}

/* ",a,b," or absent. */
static void check_set(struct text t)
{
	if (!t.p) return;
	size_t commas = 0;
	for (size_t i = 0; i < t.n; i++) commas += t.p[i] == ',';
	must(t.n >= 3 && t.p[0] == ',' && t.p[t.n - 1] == ',' && commas <= LIMIT_FILTER_VALUES + 1);
}

static void check_query(struct arena *a, const struct target *t, unsigned allowed)
{
	struct http_request r = {.arena = a, .path = t->path, .query = t->query, .query_count = t->query_count};
	struct query q;
	r.response.body = BUF_INIT(KIB(64));
	if (query_read(&r, allowed, &q)) {
		must(q.page.limit >= 1 && q.page.limit <= LIMIT_PAGE && q.environment_type <= ENV_TYPE_COUNT);
		check_set(q.states);
		check_set(q.rollouts);
		check_set(q.types);
	} else {
		const struct json *v;
		must(r.response.status == 400 && json_read(a, buf_view(&r.response.body), &v, NULL) == RC_OK);
	}
	buf_done(&r.response.body);
}

static void check_route(const struct target *t)
{
	static struct router *router;
	if (!router) must(router_new(API_ROUTES, &router, NULL) == RC_OK);
	static const char *const methods[] = {"GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS"};
	buf_auto allow = BUF_INIT(256);
	bool known = router_allow(router, t, &allow);
	for (size_t m = 0; m < sizeof methods / sizeof *methods; m++) {
		struct http_param params[HTTP_PATH_PARAMS];
		size_t n = 0;
		const struct http_route *row = router_find(router, text_from(methods[m]), t, params, &n);
		must(n <= HTTP_PATH_PARAMS && (!row || known));
		for (size_t i = 0; row && i < n; i++) check_text(params[i].value);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *a = arena_new(KIB(4), MIB(4));
	struct target t;
	enum target_verdict verdict = target_parse(a, (struct text){size ? (const char *)bytes : "", size}, &t);
	if (verdict == TARGET_BAD_QUERY) must(t.wrong.p && utf8_valid(t.wrong));
	if (verdict == TARGET_OK) {
		check_target(&t);
		check_again(a, &t);
		check_route(&t);
		check_query(a, &t, ~0u);
		check_query(a, &t, ~(unsigned)QUERY_TYPE);
	}
	arena_free(a);
	return 0;
}
