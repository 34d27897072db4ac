/* The files of the dashboard that the program carries, and the handlers that give them out. */
#include "request.h"

#include <zlib.h>

#include "api/assets.h"
#include "api/handlers.h"
#include "base/secret.h"

static const struct {
	const char *ending, *type;
} types[] = {
	{".css", "text/css; charset=utf-8"},
	{".html", "text/html; charset=utf-8"},
	{".js", "text/javascript; charset=utf-8"},
	{".json", "application/json"},
	{".svg", "image/svg+xml"},
	{".txt", "text/plain; charset=utf-8"},
};

static bool ends_with(struct text t, const char *end)
{
	size_t n = strlen(end);
	return t.n >= n && memcmp(t.p + t.n - n, end, n) == 0;
}

/* The bytes without compression, and a NUL; to be freed. */
static char *unpacked(const struct http_stored *stored)
{
	char *plain = mem_zalloc(stored->plain + 2);
	z_stream z = {.next_in = (z_const Bytef *)(uintptr_t)stored->gzip.p, .avail_in = (uInt)stored->gzip.n};
	z.next_out = (Bytef *)plain;
	z.avail_out = (uInt)stored->plain + 1;
	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.total_out, stored->plain);
	inflateEnd(&z);
	return plain;
}

static void every_file_is_found_by_its_path(void **state)
{
	(void)state;
	assert_true(WEB_FILE_COUNT > 3);
	for (size_t i = 0; i < WEB_FILE_COUNT; i++) {
		assert_ptr_equal(asset_find(WEB_FILES[i].path), &WEB_FILES[i]);
		if (i) assert_true(text_compare(WEB_FILES[i - 1].path, WEB_FILES[i].path) < 0);
	}
}

static void nothing_else_is_found(void **state)
{
	(void)state;
	static const char *const paths[] = {"", "/", "/index", "/index.htm", "/index.html ", "/INDEX.HTML", "index.html", "/assets",
		"/assets/", "/assets/..", "/assets/../index.html", "\xff"};
	for (size_t i = 0; i < COUNT_OF(paths); i++) assert_null(asset_find(text_from(paths[i])));
	assert_null(asset_find(TEXT("/index.html\0")));
	struct text first = WEB_FILES[0].path;
	assert_null(asset_find((struct text){first.p, first.n - 1}));
}

static void a_file_is_what_it_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < WEB_FILE_COUNT; i++) {
		const struct asset *a = &WEB_FILES[i];
		char *plain = unpacked(&a->content), hex[65];
		sha256_hex((struct text){plain, a->content.plain}, hex);
		assert_int_equal(strlen(a->content.tag), 32);
		assert_memory_equal(a->content.tag, hex, 32);
		assert_int_equal(a->lasting, text_starts(a->path, TEXT("/assets/")));
		const char *type = NULL;
		for (size_t t = 0; t < COUNT_OF(types); t++)
			if (ends_with(a->path, types[t].ending)) type = types[t].type;
		assert_non_null(type);
		assert_string_equal(a->type, type);
		free(plain);
	}
}

/* A page names its scripts and styles; one that is not there would leave it white. */
static void what_a_page_names_is_there(void **state)
{
	(void)state;
	size_t named = 0;
	for (size_t i = 0; i < WEB_FILE_COUNT; i++) {
		if (!ends_with(WEB_FILES[i].path, ".html")) continue;
		char *page = unpacked(&WEB_FILES[i].content);
		for (char *at = page; (at = strstr(at, "\"/assets/")); at++, named++) {
			struct text path = {at + 1, strcspn(at + 1, "\"")};
			if (!asset_find(path)) fail_msg("a page names %.*s", TEXT_ARGS(path));
		}
		free(page);
	}
	assert_true(named >= 4);
}

static void a_page_is_the_same_for_every_address(void **state)
{
	(void)state;
	static const char *const paths[] = {"/", "/login", "/manage/deployments", "/settings/keys"};
	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		struct made_request *m = request_of(paths[i], NULL);
		m->r.path = text_from(paths[i]);
		page_handle(&m->r, NULL);
		assert_int_equal(m->r.response.status, 200);
		assert_ptr_equal(m->r.response.stored, &asset_find(TEXT("/index.html"))->content);
		assert_true(text_starts(
			answer_header(m, "Content-Security-Policy"), TEXT("default-src 'none'; script-src 'self'; style-src 'self';")));
		assert_true(text_is(answer_header(m, "Cache-Control"), "no-cache"));
		request_free(m);
	}
}

static void some_addresses_have_a_file_of_their_own(void **state)
{
	(void)state;
	static const struct {
		const char *path, *file;
	} cases[] = {{"/docs", "/docs.html"}, {"/redoc", "/redoc.html"}, {"/openapi.json", "/openapi.json"},
		{"/licenses.txt", "/licenses.txt"}};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct made_request *m = request_of(cases[i].path, NULL);
		m->r.path = text_from(cases[i].path);
		page_handle(&m->r, NULL);
		assert_ptr_equal(m->r.response.stored, &asset_find(text_from(cases[i].file))->content);
		request_free(m);
	}
}

static void only_what_lasts_is_an_asset(void **state)
{
	(void)state;
	static const char *const paths[] = {"/assets/nothing.js", "/index.html", "/assets/", "/"};
	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		struct made_request *m = request_of(paths[i], NULL);
		m->r.path = text_from(paths[i]);
		asset_handle(&m->r, NULL);
		assert_int_equal(m->r.response.status, 404);
		assert_null(m->r.response.stored);
		assert_null(answer_header(m, "Cache-Control").p);
		request_free(m);
	}
	struct made_request *m = request_of("/assets/x", NULL);
	m->r.path = WEB_FILES[0].path;
	asset_handle(&m->r, NULL);
	assert_int_equal(m->r.response.status, 200);
	assert_ptr_equal(m->r.response.stored, &WEB_FILES[0].content);
	assert_true(text_is(answer_header(m, "Cache-Control"), "public, max-age=31536000, immutable"));
	request_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_file_is_found_by_its_path),
		cmocka_unit_test(nothing_else_is_found),
		cmocka_unit_test(a_file_is_what_it_says),
		cmocka_unit_test(what_a_page_names_is_there),
		cmocka_unit_test(a_page_is_the_same_for_every_address),
		cmocka_unit_test(some_addresses_have_a_file_of_their_own),
		cmocka_unit_test(only_what_lasts_is_an_asset),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
