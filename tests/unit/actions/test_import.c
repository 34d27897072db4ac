/* Export and import of a store: what comes out goes in again, and nothing of a file that was cut, changed or made up. */
#include <fcntl.h>

#include "../fresh_store.h"
#include "actions/dump_format.h"
#include "actions/export.h"
#include "actions/import.h"
#include "store/import_progress.h"

enum { PRODUCTS = 4500 }; /* two whole batches, and a part of one */

/* ---- files ---- */

static int new_file(void)
{
	char name[] = "import-XXXXXX";
	int fd = mkstemp(name);
	assert_true(fd >= 0);
	unlink(name);
	return fd;
}

static int file_with(struct text bytes)
{
	int fd = new_file();
	assert_int_equal(write(fd, bytes.p, bytes.n), (ssize_t)bytes.n);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static struct text content_of(struct arena *a, int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *bytes = arena_alloc(a, (size_t)size + 1);
	assert_int_equal(pread(fd, bytes, (size_t)size, 0), size);
	return (struct text){bytes, (size_t)size};
}

static void add_products(struct fresh_store *s, int count)
{
	struct param row[DUMP_COLUMNS];
	const struct dump_table *t = dump_table_find(TEXT("product"));
	assert_ok(db_begin(s->db));
	for (int i = 0; i < count; i++) {
		for (size_t k = 0; k < t->count; k++) row[k] = P_NULL;
		row[0] = P_INT(ACCOUNT);
		row[1] = P_CSTR(arena_printf(s->arena, "%06d", i));
		row[2] = P_CSTR(arena_printf(s->arena, "\"name\" %d \xe2\x80\xa8", i));
		row[5] = row[6] = P_INT(i);
		assert_ok(dump_insert(s->db, t, row));
	}
	assert_ok(db_commit(s->db));
}

static struct text exported(struct fresh_store *s)
{
	struct export e = {.count = true};
	struct err err = {0};
	int fd = new_file();
	assert_ok(db_begin(s->db));
	if (store_export(s->db, fd, 1, &e, &err) != RC_OK) fail_msg("%s", err.text);
	db_rollback(s->db);
	struct text bytes = content_of(s->arena, fd);
	assert_int_equal(e.rows, e.total);
	assert_int_equal(e.bytes, bytes.n);
	close(fd);
	return bytes;
}

/* Not inlined: gcc 12 takes the pointer on this stack for one that lives on. */
__attribute__((noinline)) static struct fresh_store *new_store(void)
{
	void *state = NULL;
	assert_int_equal(empty_store_make(&state), 0);
	return state;
}

__attribute__((noinline)) static void remove_store(struct fresh_store *s)
{
	void *state = s;
	assert_int_equal(fresh_store_remove(&state), 0);
}

/* The export of a store with products, and an empty store beside it. */
static struct text make_export(struct fresh_store **ret_empty, struct fresh_store *s)
{
	add_products(s, PRODUCTS);
	*ret_empty = new_store();
	return exported(s);
}

static enum rc import_bytes(struct fresh_store *s, struct text bytes, struct import *i, struct err *err)
{
	int fd = file_with(bytes);
	enum rc rc = store_import(s->db, fd, i, err);
	close(fd);
	return rc;
}

static int64_t products_in(struct fresh_store *s)
{
	int64_t n = -1;
	assert_ok(dump_count(s->db, dump_table_find(TEXT("product")), &n));
	return n;
}

/* ---- whole files ---- */

static void an_export_of_an_import_is_the_same_file(void **state)
{
	struct fresh_store *s = *state, *empty;
	struct text bytes = make_export(&empty, s);
	struct import i = {0};
	struct err err = {0};
	struct import_progress p;
	if (import_bytes(empty, bytes, &i, &err) != RC_OK) fail_msg("%s", err.text);
	assert_int_equal(i.rows, PRODUCTS + 1);
	assert_int_equal(i.total, i.rows);
	assert_int_equal(import_progress_get(empty->db, &p), RC_NOT_FOUND);
	assert_true(text_equal(exported(empty), bytes));
	remove_store(empty);
}

static void a_store_in_use_is_refused(void **state)
{
	struct fresh_store *s = *state;
	struct import i = {0};
	struct err err = {0};
	assert_int_equal(import_bytes(s, exported(s), &i, &err), RC_CONFLICT);
	assert_non_null(strstr(err.text, "in use"));
}

/* ---- interrupted ---- */

/* The first batch as an import from a pipe leaves it when the pipe breaks. */
static void import_a_part(struct fresh_store *s, struct text bytes)
{
	int ends[2];
	struct import i = {0};
	struct err err = {0};
	struct import_progress p;
	size_t part = bytes.n * 2 / 3;
	assert_int_equal(pipe2(ends, 0), 0);
	assert_true(fcntl(ends[1], F_SETPIPE_SZ, (int)part + 65536) >= (int)part);
	assert_int_equal(write(ends[1], bytes.p, part), (ssize_t)part);
	close(ends[1]);
	assert_int_equal(store_import(s->db, ends[0], &i, &err), RC_INVALID);
	assert_non_null(strstr(err.text, "cut off"));
	close(ends[0]);
	assert_ok(import_progress_get(s->db, &p));
	assert_int_equal(p.lines, 2001); /* the first line, and a whole batch */
	assert_int_equal(products_in(s), 1999); /* and the account */
}

static void an_interrupted_import_goes_on_with_the_same_file(void **state)
{
	struct fresh_store *s = *state, *empty;
	struct text bytes = make_export(&empty, s);
	struct import i = {0};
	struct err err = {0};
	import_a_part(empty, bytes);
	if (import_bytes(empty, bytes, &i, &err) != RC_OK) fail_msg("%s", err.text);
	assert_int_equal(i.resumed, 2000);
	assert_true(text_equal(exported(empty), bytes));
	remove_store(empty);
}

static void and_with_no_other_file(void **state)
{
	struct fresh_store *s = *state, *empty;
	struct text bytes = make_export(&empty, s);
	struct import i = {0};
	struct err err = {0};
	import_a_part(empty, bytes);
	store_script(s, "UPDATE product SET description = 'another' WHERE id = '000001'");
	assert_int_equal(import_bytes(empty, exported(s), &i, &err), RC_CONFLICT);
	assert_non_null(strstr(err.text, "another file"));
	store_script(s, "DELETE FROM product WHERE id > '000100'");
	assert_int_equal(import_bytes(empty, exported(s), &i, &err), RC_CONFLICT);
	assert_non_null(strstr(err.text, "shorter"));
	remove_store(empty);
}

static void two_at_once_do_not_mix(void **state)
{
	struct fresh_store *s = *state;
	struct import_progress p = {.lines = 10, .digest = "x"}, q = {.lines = 20, .digest = "y"};
	assert_ok(import_progress_begin(s->db, &p, 1));
	assert_ok(import_progress_move(s->db, 10, &q, 2));
	assert_int_equal(import_progress_move(s->db, 10, &q, 3), RC_CONFLICT);
	assert_ok(import_progress_end(s->db));
	assert_int_equal(import_progress_get(s->db, &p), RC_NOT_FOUND);
}

/* ---- damaged files ---- */

static void no_byte_may_change(void **state)
{
	struct fresh_store *s = *state, *other = new_store();
	add_products(s, 3);
	struct text bytes = exported(s);
	for (size_t at = 0; at < bytes.n; at++) {
		struct import i = {0};
		char *changed = arena_copy(s->arena, bytes.p, bytes.n);
		changed[at] ^= 1;
		if (import_bytes(other, (struct text){changed, bytes.n}, &i, NULL) != RC_INVALID) fail_msg("byte %zu was changed", at);
		assert_int_equal(products_in(other), 0);
	}
	remove_store(other);
}

static void no_byte_may_be_missing(void **state)
{
	struct fresh_store *s = *state, *other = new_store();
	add_products(s, 3);
	struct text bytes = exported(s);
	for (size_t n = 0; n < bytes.n; n++) {
		struct import i = {0};
		if (import_bytes(other, (struct text){bytes.p, n}, &i, NULL) != RC_INVALID) fail_msg("cut to %zu bytes", n);
	}
	assert_int_equal(products_in(other), 0);
	remove_store(other);
}

/* Lines that were not written by an export: with a right digest, as somebody who wants to do harm would make them. */
static struct text forge(struct arena *a, const char *header, const char *row, const char *counts)
{
	struct digest_run d;
	char digest[DIGEST_HEX_SIZE];
	const char *body = arena_printf(a, "%s\n%s%s", header, row, *row ? "\n" : "");
	digest_start(&d);
	digest_more(&d, text_from(body));
	digest_so_far(&d, digest);
	return text_from(arena_printf(a, "%s{\"rows\":{%s},\"digest\":\"%s\"}\n", body, counts, digest));
}

#define HEADER "{\"versioner\":\"0.1.0\",\"format\":1,\"schema\":1}"
#define ONE "\"account\":1"

static const struct {
	const char *header, *row, *counts, *sentence; /* sentence NULL: it is taken */
} FORGED[] = {
	{HEADER, "{\"t\":\"account\",\"r\":{\"id\":7,\"slug\":\"s\",\"name\":\"n\",\"created_at\":1}}", ONE,
		NULL}, /* older: a column less */
	{"{\"versioner\":\"0.1.0\",\"format\":1,\"schema\":9999}", "", "", "newer"},
	{"{\"versioner\":\"0.1.0\",\"format\":2,\"schema\":1}", "", "", "format"},
	{"{\"versioner\":\"0.1.0\",\"format\":1}", "", "", "schema"},
	{"{\"versioner\":\"0.1.0\",\"format\":1,\"schema\":1,\"tables\":[\"robot\"]}", "", "", "unknown table"},
	{"{\"format\":1,\"schema\":1}", "", "", "line 1: not the beginning"},
	{"[]", "", "", "line 1: not the beginning"},
	{HEADER, "", "", "without a row"},
	{HEADER, "{\"t\":\"robot\",\"r\":{\"id\":7}}", "", "line 2: a row of an unknown table"},
	{HEADER, "{\"t\":\"account\",\"r\":{\"id\":7,\"slug\":\"s\",\"name\":\"n\"}}", ONE, "without \"created_at\""},
	{HEADER, "{\"t\":\"account\",\"r\":{\"id\":7,\"slug\":\"s\",\"name\":\"n\",\"created_at\":1,\"spy\":1}}", ONE, "no column"},
	{HEADER, "{\"t\":\"account\",\"r\":{\"id\":7,\"id\":8,\"slug\":\"s\",\"name\":\"n\",\"created_at\":1}}", ONE, "twice"},
	{HEADER, "{\"t\":\"account\",\"r\":{\"id\":\"7\",\"slug\":\"s\",\"name\":\"n\",\"created_at\":1}}", ONE, "no integer"},
	{HEADER, "{\"t\":\"account\",\"r\":{\"id\":7,\"slug\":5,\"name\":\"n\",\"created_at\":1}}", ONE, "no text"},
	{HEADER, "{\"t\":\"account\",\"r\":{\"id\":7,\"slug\":null,\"name\":\"n\",\"created_at\":1}}", ONE, "is null"},
	{HEADER, "{\"t\":\"account\",\"r\":{\"id\":7,\"slug\":{},\"name\":\"n\",\"created_at\":1}}", ONE, "not a row"},
	{HEADER, "{\"t\":\"account\",\"r\":{\"id\":7.5,\"slug\":\"s\",\"name\":\"n\",\"created_at\":1}}", ONE, "not a row"},
	{HEADER, "{\"t\":\"account\",\"r\":{\"id\":7,\"slug\":\"\xff\",\"name\":\"n\",\"created_at\":1}}", ONE, "not UTF-8"},
	{HEADER, "{\"t\":\"account\",\"r\":{\"id\":7,\"slug\":\"\\u0000\",\"name\":\"n\",\"created_at\":1}}", ONE, "not a row"},
	{HEADER, "{\"t\":\"account\",\"r\":{\"id\":7,\"slug\":\"s\",\"name\":\"n\",\"created_at\":1}} ", "\"account\":2", "written"},
	{HEADER, "{\"t\":\"account\",\"r\":{\"id\":7,\"slug\":\"s\",\"name\":\"n\",\"created_at\":1}}}", ONE, "not a row"},
	{HEADER, "{\"t\":\"account\"}", ONE, "not a row"},
	{HEADER, "hello", "", "line 2: not a row"},
	{HEADER,
		"{\"t\":\"account\",\"r\":{\"id\":7,\"slug\":\"s\",\"name\":\"n\",\"created_at\":1}}\n"
		"{\"t\":\"account\",\"r\":{\"id\":7,\"slug\":\"z\",\"name\":\"n\",\"created_at\":1}}",
		"\"account\":2", "already"},
	{HEADER, "", "\"robot\":1", "counts no table"},
};

static void every_line_is_hostile(void **state)
{
	struct fresh_store *s = *state;
	for (size_t k = 0; k < COUNT_OF(FORGED); k++) {
		struct fresh_store *other = new_store();
		struct import i = {0};
		struct err err = {0};
		struct text bytes = forge(s->arena, FORGED[k].header, FORGED[k].row, FORGED[k].counts);
		enum rc rc = import_bytes(other, bytes, &i, &err);
		if (FORGED[k].sentence ? rc != RC_INVALID || !strstr(err.text, FORGED[k].sentence) : rc != RC_OK)
			fail_msg("%.*s: %s", TEXT_ARGS(bytes), err.text);
		int64_t accounts;
		assert_ok(account_count(other->db, &accounts));
		assert_int_equal(accounts, FORGED[k].sentence ? 0 : 1);
		remove_store(other);
	}
}

static void a_row_that_no_line_can_hold_is_not_exported(void **state)
{
	ONLY_ON_SQLITE("PostgreSQL stores no such text");
	struct fresh_store *s = *state;
	struct export e = {0};
	struct err err = {0};
	int fd = new_file();
	add_products(s, 2);
	store_script(s, "UPDATE product SET description = CAST(x'ff' AS TEXT) WHERE id = '000001'");
	assert_ok(db_begin(s->db));
	assert_int_equal(store_export(s->db, fd, 1, &e, &err), RC_CORRUPT);
	db_rollback(s->db);
	assert_non_null(strstr(err.text, "product, row 1 000001"));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_STORE(an_export_of_an_import_is_the_same_file),
		TEST_OF_STORE(a_store_in_use_is_refused),
		TEST_OF_STORE(an_interrupted_import_goes_on_with_the_same_file),
		TEST_OF_STORE(and_with_no_other_file),
		TEST_OF_STORE(two_at_once_do_not_mix),
		TEST_OF_STORE(no_byte_may_change),
		TEST_OF_STORE(no_byte_may_be_missing),
		TEST_OF_STORE(every_line_is_hostile),
		TEST_OF_STORE(a_row_that_no_line_can_hold_is_not_exported),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
