/* The ring of rendered events: what is kept, what is forgotten first, and filters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/limits.h"
#include "stream/feed.h"

static void render(struct buf *out, const struct logged_event *e)
{
	buf_text(out, e->payload);
}

static struct entry *entry_of(int64_t order, struct text payload)
{
	struct logged_event e = {.id = TEXT("01a20b3d-f2d3-7000-9ac5-35552323392c"),
		.kind = KIND_DEPLOYMENT,
		.state = STATE_FAILED,
		.order = order,
		.product_id = TEXT("p-id"),
		.product_name = TEXT("shop"),
		.environment_id = TEXT("e-id"),
		.environment_name = TEXT("eu, prod"),
		.payload = payload};
	return entry_new(&e, "one", render);
}

static void an_entry_is_what_goes_out(void **state)
{
	(void)state;
	struct entry *e = entry_of(7, TEXT("{\"a\":\n1,\r\n\"b\":2}"));
	char expected[] = "id: one-7-01a20b3d-f2d3-7000-9ac5-35552323392c\nevent: deployment.failed\ndata: {\"a\": 1,  \"b\":2}\n\n";
	assert_int_equal(e->bytes.n, strlen(expected));
	assert_memory_equal(e->bytes.p, expected, strlen(expected));
	assert_int_equal(e->position.order, 7);
	entry_release(e);
}

static void filters(void **state)
{
	(void)state;
	static const struct {
		struct stream_filter filter;
		bool wanted;
	} rows[] = {
		{{TEXT_ABSENT, TEXT_ABSENT, TEXT_ABSENT}, true},
		{{.types = {",deployment.failed,", 19}}, true},
		{{.types = {",deployment.completed,", 22}}, false},
		{{.types = {",build.failed,deployment.failed,", 32}}, true},
		{{.products = {",shop,", 6}}, true},
		{{.products = {",sho,", 5}}, false},
		{{.products = {",shops,", 7}}, false},
		{{.products = {",x,p-id,", 8}}, true},
		{{.products = {",", 1}}, false},
		{{.environments = {",eu, prod,", 10}}, true},
		{{.environments = {",prod,", 6}}, false},
		{{.environments = {",e-id,", 6}}, true},
		{{.types = {",deployment.failed,", 19}, .products = {",other,", 7}}, false},
	};
	struct entry *e = entry_of(1, TEXT("{}"));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (entry_wanted(e, &rows[i].filter) != rows[i].wanted) fail_msg("row %zu", i);
	e->environment_id = e->environment_name = TEXT_ABSENT; /* of a build */
	assert_false(entry_wanted(e, &(struct stream_filter){.environments = TEXT(",e-id,")}));
	entry_release(e);
}

static void the_oldest_is_forgotten_first(void **state)
{
	(void)state;
	struct event_position now = {5, ""};
	struct feed *f = feed_new(1, &now);
	static char large[KIB(100)];
	memset(large, ' ', sizeof large);
	for (int64_t i = 10; i < 40; i++) {
		feed_append(f, entry_of(i, (struct text){large, sizeof large}));
		assert_true(f->bytes <= LIMIT_STREAM_RING);
		assert_int_equal(f->tail.order, i);
		assert_int_equal(feed_entry(f, f->end - 1)->position.order, i);
		int64_t before = f->end - f->first == (uint64_t)i - 9 ? 5 : feed_entry(f, f->first)->position.order - 1;
		assert_int_equal(f->whole_from.order, before);
	}
	assert_int_equal(f->end - f->first, LIMIT_STREAM_RING / sizeof large);
	feed_free(f);
}

static void many_small_ones_and_one_that_is_too_large(void **state)
{
	(void)state;
	struct event_position now = {0, ""};
	struct feed *f = feed_new(1, &now);
	char *huge = mem_zalloc(2 * LIMIT_STREAM_RING);
	for (int64_t i = 1; i <= 3 * FEED_ENTRIES; i++) feed_append(f, entry_of(i, TEXT("{}")));
	assert_in_range(f->end - f->first, FEED_ENTRIES / 2, FEED_ENTRIES);
	feed_append(f, entry_of(99999, (struct text){huge, 2 * LIMIT_STREAM_RING}));
	assert_int_equal(f->end - f->first, 1);
	assert_int_equal(feed_entry(f, f->first)->position.order, 99999);
	free(huge);
	feed_free(f);
}

static void an_entry_that_is_held_outlives_the_ring(void **state)
{
	(void)state;
	struct event_position now = {0, ""};
	struct feed *f = feed_new(1, &now);
	struct entry *e = entry_of(1, TEXT("{\"kept\":1}"));
	feed_append(f, e);
	entry_hold(e);
	feed_free(f);
	assert_non_null(memmem(e->bytes.p, e->bytes.n, "kept", 4));
	entry_release(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_is_what_goes_out),
		cmocka_unit_test(filters),
		cmocka_unit_test(the_oldest_is_forgotten_first),
		cmocka_unit_test(many_small_ones_and_one_that_is_too_large),
		cmocka_unit_test(an_entry_that_is_held_outlives_the_ring),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
