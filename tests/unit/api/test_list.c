/* One page of a list: its items, its next_cursor and the Link header. */
#include "request.h"

#include "api/query.h"

/* A list of `rows` rows with a page of `limit`, on a request for `target`. */
static struct made_request *listed(const char *target, int rows, int64_t limit)
{
	struct made_request *m = request_of(target, NULL);
	struct query q = {.page.limit = limit};
	struct list l;
	buf_cstr(&m->r.response.body, "what was there before");
	list_begin(&l, &m->r, &q);
	for (int i = 0; i < rows; i++) {
		struct text id = text_from(arena_printf(m->r.arena, "id-%d", i));
		if (!list_item(&l, id)) continue;
		json_put_text(&l.out, "id", id);
		json_end(&l.out);
	}
	list_end(&l);
	assert_int_equal(m->r.response.status, 200);
	return m;
}

static void pages(void **state)
{
	(void)state;
	static const struct {
		int rows, limit;
		const char *answer, *link;
	} rows[] = {
		{0, 2, "{\"items\":[],\"next_cursor\":null}", NULL},
		{1, 2, "{\"items\":[{\"id\":\"id-0\"}],\"next_cursor\":null}", NULL},
		{2, 2, "{\"items\":[{\"id\":\"id-0\"},{\"id\":\"id-1\"}],\"next_cursor\":null}", NULL},
		{3, 2, "{\"items\":[{\"id\":\"id-0\"},{\"id\":\"id-1\"}],\"next_cursor\":\"id-1\"}",
			"</events?cursor=id-1>; rel=\"next\""},
		{3, 1, "{\"items\":[{\"id\":\"id-0\"}],\"next_cursor\":\"id-0\"}", "</events?cursor=id-0>; rel=\"next\""},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct made_request *m = listed("/events", rows[i].rows, rows[i].limit);
		assert_string_equal(answer_of(m), rows[i].answer);
		struct text link = answer_header(m, "Link");
		if (rows[i].link)
			assert_true(text_is(link, rows[i].link));
		else
			assert_null(link.p);
		request_free(m);
	}
}

static void the_next_page_is_asked_for_like_this_one(void **state)
{
	(void)state;
	static const struct {
		const char *target, *link;
	} rows[] = {
		{"/events/", "</events/?cursor=id-0>; rel=\"next\""},
		{"//events/", "<//events/?cursor=id-0>; rel=\"next\""},
		{"/events?", "</events?cursor=id-0>; rel=\"next\""},
		{"/events?limit=1", "</events?limit=1&cursor=id-0>; rel=\"next\""},
		{"/events?limit=1&product=a%20b%26c&&x", "</events?limit=1&product=a%20b%26c&x&cursor=id-0>; rel=\"next\""},
		{"/events?cursor=old&limit=1", "</events?limit=1&cursor=id-0>; rel=\"next\""},
		{"/events?limit=1&cursor=old", "</events?limit=1&cursor=id-0>; rel=\"next\""},
		{"/events?cursor=old", "</events?cursor=id-0>; rel=\"next\""},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct made_request *m = listed(rows[i].target, 2, 1);
		struct text link = answer_header(m, "Link");
		if (!text_is(link, rows[i].link)) fail_msg("%s: %.*s", rows[i].target, TEXT_ARGS(link));
		request_free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages),
		cmocka_unit_test(the_next_page_is_asked_for_like_this_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
